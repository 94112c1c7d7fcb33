"""CQL2 text (OGC 21-065): what a filter says, as a tree. Knows no column and no SQL.

Read here: AND, OR, NOT; comparisons, [NOT] LIKE, BETWEEN, IN, IS NULL; CASEI; literals of text, number,
truth, TIMESTAMP, DATE, INTERVAL; the S_ and T_ functions; geometries as WKT and BBOX. No arithmetic, no
arrays, no functions of ours: what is not here is refused with its place.
"""

import math
import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, NoReturn

import shapely

from tiles.ogc.cql2_tree import (
    Among,
    Between,
    Both,
    Compare,
    Condition,
    Either,
    Folded,
    Interval,
    IsNull,
    Like,
    Name,
    Not,
    NotCQL2,
    Scalar,
    Shape,
    Spatial,
    Temporal,
)
from tiles.ogc.cql2_values import moment, number, unquoted

LONGEST: Final = 8_000  # letters of one filter
DEEPEST: Final = 40  # brackets and NOTs within each other
MOST_CORNERS: Final = 20_000

SPATIAL: Final = (
    "S_INTERSECTS",
    "S_DISJOINT",
    "S_EQUALS",
    "S_TOUCHES",
    "S_CROSSES",
    "S_WITHIN",
    "S_CONTAINS",
    "S_OVERLAPS",
)
TEMPORAL: Final = frozenset(["T_AFTER", "T_BEFORE", "T_EQUALS", "T_DISJOINT", "T_INTERSECTS", "T_DURING"])
_SHAPES: Final = frozenset(
    ["POINT", "LINESTRING", "POLYGON", "MULTIPOINT", "MULTILINESTRING", "MULTIPOLYGON", "GEOMETRYCOLLECTION"]
)
_WORDS: Final = frozenset(["AND", "OR", "NOT", "LIKE", "BETWEEN", "IN", "IS", "NULL", "TRUE", "FALSE"])


_TOKEN = re.compile(
    r"""\s*(?:
        (?P<number>[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)
      | (?P<text>'(?:[^']|'')*')
      | (?P<quoted>"(?:[^"]|"")+")
      | (?P<word>[^\W\d][\w:.]*)
      | (?P<op><>|<=|>=|=|<|>)
      | (?P<mark>[(),])
    )""",
    re.VERBOSE,
)


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    at: int
    end: int

    @property
    def word(self) -> str:
        """The word in capitals, where it is an unquoted one."""
        return self.text.upper() if self.kind == "word" else ""


def parse(text: str) -> Condition:
    """The tree of a filter.

    Raises:
        NotCQL2: with what is wrong, and where.
    """
    if len(text) > LONGEST:
        raise NotCQL2(f"A filter has at most {LONGEST} letters.")
    return _Reader(text).whole()


def _tokens(text: str) -> list[_Token]:
    found: list[_Token] = []
    at = 0
    end = len(text.rstrip())
    while at < end:
        match = _TOKEN.match(text, at)
        if match is None or match.lastgroup is None:
            rest = text[at:].lstrip()
            raise NotCQL2(f"At letter {end - len(rest.rstrip()) + 1}: '{rest[:12]}' is not understood.")
        kind = match.lastgroup
        found.append(_Token(kind, match[kind], match.start(kind), match.end(kind)))
        at = match.end()
    return found


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = _tokens(text)
        self._next = 0
        self._depth = 0

    def whole(self) -> Condition:
        said = self._either()
        if self._next < len(self._tokens):
            self._wrong("the end, AND or OR")
        return said

    # -- tokens

    def _peek(self, ahead: int = 0) -> _Token:
        where = self._next + ahead
        if where < len(self._tokens):
            return self._tokens[where]
        return _Token("end", "the end", len(self._text), len(self._text))

    def _take(self) -> _Token:
        token = self._peek()
        self._next += 1
        return token

    def _took(self, *, word: str = "", mark: str = "") -> bool:
        token = self._peek()
        if (word and token.word == word) or (mark and token.kind == "mark" and token.text == mark):
            self._next += 1
            return True
        return False

    def _must(self, *, word: str = "", mark: str = "") -> None:
        if not self._took(word=word, mark=mark):
            self._wrong(f"{word}{mark}")

    def _wrong(self, wanted: str) -> NoReturn:
        token = self._peek()
        raise NotCQL2(f"At letter {token.at + 1}: {wanted} was expected, not '{token.text[:30]}'.")

    def _deeper(self) -> None:
        self._depth += 1
        if self._depth > DEEPEST:
            raise NotCQL2(f"The filter is nested deeper than {DEEPEST}.")

    # -- logic

    def _either(self) -> Condition:
        parts = [self._both()]
        while self._took(word="OR"):
            parts.append(self._both())
        return parts[0] if len(parts) == 1 else Either(tuple(parts))

    def _both(self) -> Condition:
        parts = [self._factor()]
        while self._took(word="AND"):
            parts.append(self._factor())
        return parts[0] if len(parts) == 1 else Both(tuple(parts))

    def _factor(self) -> Condition:
        self._deeper()
        try:
            return Not(self._factor()) if self._took(word="NOT") else self._primary()
        finally:
            self._depth -= 1

    def _primary(self) -> Condition:
        if self._took(mark="("):
            inner = self._either()
            self._must(mark=")")
            return inner
        word = self._peek().word
        if self._is_call() and word in SPATIAL:
            return self._spatial()
        if self._is_call() and word in TEMPORAL:
            return self._temporal()
        if word in ("TRUE", "FALSE") and self._peek(1).kind != "op":
            self._take()
            return word == "TRUE"
        return self._predicate()

    def _is_call(self) -> bool:
        return self._peek(1).kind == "mark" and self._peek(1).text == "("

    def _predicate(self) -> Condition:
        left = self._scalar()
        if self._peek().kind == "op":
            return Compare(self._take().text, left, self._scalar())
        if self._took(word="IS"):
            is_not = self._took(word="NOT")
            self._must(word="NULL")
            if not isinstance(left, Name):
                raise NotCQL2("IS NULL is asked of a property.")
            return Not(IsNull(left)) if is_not else IsNull(left)
        is_not = self._took(word="NOT")
        said = self._listed(left)
        return Not(said) if is_not else said

    def _listed(self, left: Scalar) -> Condition:
        if self._took(word="LIKE"):
            if not isinstance(left, Name | Folded):
                raise NotCQL2("LIKE is asked of a property.")
            pattern = self._scalar()
            bare = pattern.inner if isinstance(pattern, Folded) else pattern
            if not isinstance(bare, str):
                raise NotCQL2("The pattern of LIKE is a text in single quotes.")
            return Like(left, pattern if isinstance(pattern, Folded) else bare)
        if self._took(word="BETWEEN"):
            low = self._scalar()
            self._must(word="AND")
            return Between(left, low, self._scalar())
        if not self._took(word="IN"):
            self._wrong("a comparison")
        self._must(mark="(")
        options = [self._scalar()]
        while self._took(mark=","):
            options.append(self._scalar())
        self._must(mark=")")
        return Among(left, tuple(options))

    # -- values

    def _scalar(self) -> Scalar:
        token = self._peek()
        if token.kind == "number":
            return number(self._take().text)
        if token.kind == "text":
            return unquoted(self._take().text)
        if token.kind == "quoted":
            return Name(self._take().text[1:-1].replace('""', '"'))
        if token.kind != "word":
            self._wrong("a property or a value")
        if self._is_call():
            if token.word == "CASEI":
                return self._folded()
            if token.word in ("TIMESTAMP", "DATE"):
                return self._instant()
            raise NotCQL2(f"At letter {token.at + 1}: the function {token.text[:30]} is not known here.")
        if token.word in ("TRUE", "FALSE"):
            return self._take().word == "TRUE"
        if token.word in _WORDS:
            self._wrong("a property or a value")
        return Name(self._take().text)

    def _folded(self) -> Folded:
        self._deeper()
        self._take()
        self._must(mark="(")
        inner = self._scalar()
        self._must(mark=")")
        self._depth -= 1
        bare = inner.inner if isinstance(inner, Folded) else inner
        if not isinstance(bare, Name | str):
            raise NotCQL2("CASEI takes a property or a text.")
        return Folded(bare)

    def _instant(self) -> datetime | date:
        word = self._take().word
        self._must(mark="(")
        token = self._peek()
        if token.kind != "text":
            self._wrong("a time in single quotes")
        said = moment(unquoted(self._take().text))
        self._must(mark=")")
        if isinstance(said, datetime) != (word == "TIMESTAMP"):
            example = "2026-01-31T08:00:00Z" if word == "TIMESTAMP" else "2026-01-31"
            raise NotCQL2(f"At letter {token.at + 1}: {word}('{example}') is how one is written.")
        return said

    def _time(self) -> Name | datetime | date | Interval:
        token = self._peek()
        if self._is_call() and token.word in ("TIMESTAMP", "DATE"):
            return self._instant()
        if self._is_call() and token.word == "INTERVAL":
            self._take()
            self._must(mark="(")
            ends: list[datetime | date | None] = [self._end_of_interval()]
            self._must(mark=",")
            ends.append(self._end_of_interval())
            self._must(mark=")")
            return Interval(ends[0], ends[1])
        name = self._scalar()
        if not isinstance(name, Name):
            raise NotCQL2(f"At letter {token.at + 1}: a time or a property was expected.")
        return name

    def _end_of_interval(self) -> datetime | date | None:
        if self._is_call():
            return self._instant()
        if self._peek().kind != "text":
            self._wrong("a time in single quotes, or '..'")
        said = unquoted(self._take().text)
        return None if said == ".." else moment(said)

    def _place(self) -> Name | Shape:
        token = self._peek()
        if token.word == "BBOX" and self._is_call():
            return self._box()
        if token.word in _SHAPES:
            return self._shape()
        name = self._scalar()
        if not isinstance(name, Name):
            raise NotCQL2(f"At letter {token.at + 1}: a geometry or a property was expected.")
        return name

    def _box(self) -> Shape:
        self._take()
        self._must(mark="(")
        numbers: list[float] = []
        while not numbers or self._took(mark=","):
            if self._peek().kind != "number":
                self._wrong("a number")
            numbers.append(float(number(self._take().text)))
        self._must(mark=")")
        if len(numbers) not in (4, 6):
            raise NotCQL2("BBOX takes four numbers (or six, with heights).")
        half = len(numbers) // 2
        west, south, east, north = numbers[0], numbers[1], numbers[half], numbers[half + 1]
        if south > north:
            raise NotCQL2("BBOX: the lower edge lies above the upper one.")
        if west <= east:
            return Shape(shapely.box(west, south, east, north))
        return Shape(  # over the antimeridian
            shapely.union_all([shapely.box(west, south, 180, north), shapely.box(-180, south, east, north)])
        )

    def _shape(self) -> Shape:
        first = self._take()
        open_brackets = 0
        while True:
            token = self._take()
            if token.kind == "end":
                raise NotCQL2(f"At letter {first.at + 1}: the geometry has no end.")
            if token.kind == "mark" and token.text != ",":
                open_brackets += 1 if token.text == "(" else -1
            if open_brackets > DEEPEST:
                raise NotCQL2(f"At letter {first.at + 1}: the geometry is nested too deep.")
            if open_brackets <= 0 and token.word not in ("Z", "M", "ZM"):
                break
        try:
            geometry = shapely.from_wkt(self._text[first.at : token.end])
        except shapely.errors.ShapelyError:
            raise NotCQL2(f"At letter {first.at + 1}: this is no geometry as WKT writes it.") from None
        corners = shapely.get_coordinates(geometry)
        if len(corners) > MOST_CORNERS:
            raise NotCQL2(f"A geometry in a filter has at most {MOST_CORNERS} corners.")
        if len(corners) == 0 or not all(map(math.isfinite, corners.ravel())):
            raise NotCQL2(f"At letter {first.at + 1}: the geometry has no place.")
        return Shape(shapely.force_2d(geometry))

    def _spatial(self) -> Spatial:
        op = self._take().word
        self._must(mark="(")
        left = self._place()
        self._must(mark=",")
        right = self._place()
        self._must(mark=")")
        return Spatial(op, left, right)

    def _temporal(self) -> Temporal:
        op = self._take().word
        self._must(mark="(")
        left = self._time()
        self._must(mark=",")
        right = self._time()
        self._must(mark=")")
        return Temporal(op, left, right)
