"""Query options of SensorThings that are understood here, read from the query string. Pure.

$top, $skip, $count, $orderby, $select, $expand (one level), and $filter: comparisons of times and ids joined
by `and`, `or`, `not` and parentheses. What is not understood is refused, never left out.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

LARGEST_PAGE: Final = 1_000
PAGE: Final = 100
MOST_SKIPPED: Final = 1_000_000
LONGEST_FILTER: Final = 60  # words
OPERATORS: Final = ("eq", "ne", "gt", "ge", "lt", "le")
_WORD = re.compile(r"\s*(\(|\)|'[^']*'|[^\s()]+)")


class NotUnderstood(ValueError):
    """A query option that is wrong, or that this server does not offer."""


@dataclass(frozen=True)
class Compared:
    """`name operator value`, such as phenomenonTime gt 2026-01-01T00:00:00Z."""

    name: str
    operator: str
    value: int | datetime


@dataclass(frozen=True)
class Joined:
    """Conditions joined by `and` or `or`; `not` has one."""

    by: str
    parts: tuple["Condition", ...]


Condition = Compared | Joined


@dataclass(frozen=True)
class Options:
    """What a request asks for. `orderby`: (name, descending)."""

    top: int = PAGE
    skip: int = 0
    count: bool = False
    orderby: tuple[tuple[str, bool], ...] = ()
    select: tuple[str, ...] = ()
    expand: tuple[str, ...] = ()
    condition: Condition | None = None


@dataclass
class Known:
    """Names that a kind of entity knows: `times` and `ids` to compare and sort by, `related` to expand."""

    times: frozenset[str] = field(default_factory=frozenset)
    ids: frozenset[str] = field(default_factory=frozenset)
    related: frozenset[str] = field(default_factory=frozenset)
    properties: frozenset[str] = field(default_factory=frozenset)


def read_options(query: Mapping[str, str], known: Known) -> Options:
    """The options of a query string.

    Raises:
        NotUnderstood: with the option and what would be understood.
    """
    offered = {"$top", "$skip", "$count", "$orderby", "$select", "$expand", "$filter"}
    if unknown := sorted(name for name in query if name not in offered):
        raise NotUnderstood(
            f"{unknown[0][:60]} is not offered here; these are: {', '.join(sorted(offered))}."
        )
    return Options(
        top=min(_number(query, "$top", PAGE, 10**9), LARGEST_PAGE),
        skip=_number(query, "$skip", 0, MOST_SKIPPED),
        count=_flag(query, "$count"),
        orderby=_order(query.get("$orderby", ""), known),
        select=_names(query.get("$select", ""), known.properties | known.related, "$select"),
        expand=_names(query.get("$expand", ""), known.related, "$expand"),
        condition=read_filter(query["$filter"], known) if query.get("$filter") else None,
    )


def _number(query: Mapping[str, str], name: str, otherwise: int, most: int) -> int:
    said = query.get(name, str(otherwise))
    if not said.isascii() or not said.isdecimal() or len(said) > 10 or int(said) > most:
        raise NotUnderstood(f"{name} is a whole number from 0 to {most}.")
    return int(said)


def _flag(query: Mapping[str, str], name: str) -> bool:
    said = query.get(name, "false").lower()
    if said not in ("true", "false"):
        raise NotUnderstood(f"{name} is true or false.")
    return said == "true"


def _names(said: str, known: frozenset[str], option: str) -> tuple[str, ...]:
    names = tuple(name.strip() for name in said.split(",") if name.strip())
    for name in names:
        if name not in known:
            raise NotUnderstood(
                f"{option} takes here: {', '.join(sorted(known))} (one level, no options of its own)."
            )
    return names


def _order(said: str, known: Known) -> tuple[tuple[str, bool], ...]:
    found = []
    for part in filter(None, (part.strip() for part in said.split(","))):
        name, _, direction = part.partition(" ")
        name = _plain_id(name)
        if name not in known.times | known.ids or direction.strip().lower() not in ("", "asc", "desc"):
            raise NotUnderstood(
                f"$orderby takes here: {', '.join(sorted(known.times | known.ids))}, asc or desc."
            )
        found.append((name, direction.strip().lower() == "desc"))
    return tuple(found)


def _plain_id(name: str) -> str:
    """`@iot.id` is written by some clients for `id`."""
    return name.replace("@iot.id", "id")


def read_filter(said: str, known: Known) -> Condition:
    """The condition of a $filter.

    Raises:
        NotUnderstood: with what was expected where.
    """
    words, end = [], 0
    for found in _WORD.finditer(said):
        words.append(found[1])
        end = found.end()
    if said[end:].strip() or not words or len(words) > LONGEST_FILTER:
        raise NotUnderstood(f"$filter has 1 to {LONGEST_FILTER} words.")
    reader = _FilterReader(words, known)
    condition = reader.either()
    if reader.peek():
        raise NotUnderstood(f"$filter: `and` or `or` was expected before {reader.peek()[:60]}.")
    return condition


class _FilterReader:
    """Reads words from left to right; `or` binds weakest, `not` strongest."""

    def __init__(self, words: list[str], known: Known) -> None:
        self._words: Iterator[str] = iter([*words, ""])
        self._next = next(self._words)
        self._known = known

    def peek(self) -> str:
        return self._next

    def _take(self) -> str:
        taken, self._next = self._next, next(self._words, "")
        return taken

    def either(self) -> Condition:
        parts = [self._all()]
        while self._next == "or":
            self._take()
            parts.append(self._all())
        return parts[0] if len(parts) == 1 else Joined("or", tuple(parts))

    def _all(self) -> Condition:
        parts = [self._one()]
        while self._next == "and":
            self._take()
            parts.append(self._one())
        return parts[0] if len(parts) == 1 else Joined("and", tuple(parts))

    def _one(self) -> Condition:
        if self._next == "not":
            self._take()
            return Joined("not", (self._one(),))
        if self._next == "(":
            self._take()
            inside = self.either()
            if self._take() != ")":
                raise NotUnderstood("$filter: a parenthesis is not closed.")
            return inside
        name, operator, value = _plain_id(self._take()), self._take(), self._take()
        if name not in self._known.times | self._known.ids:
            names = ", ".join(sorted(self._known.times | self._known.ids))
            raise NotUnderstood(f"$filter compares here: {names}; not {name[:60] or 'nothing'}.")
        if operator not in OPERATORS:
            raise NotUnderstood(f"$filter: one of {', '.join(OPERATORS)} was expected after {name}.")
        return Compared(name, operator, _time(value) if name in self._known.times else _id(value))


def _time(word: str) -> datetime:
    try:
        at = datetime.fromisoformat(word.strip("'"))
        if at.tzinfo is None:
            raise ValueError
        return at.astimezone(UTC)
    except (ValueError, OverflowError):
        raise NotUnderstood(
            f"$filter: {word[:60] or 'nothing'} is no time such as 2026-06-01T12:00:00Z."
        ) from None


def _id(word: str) -> int:
    if not word.isascii() or not word.isdecimal() or len(word) > 18:
        raise NotUnderstood(f"$filter: {word[:60] or 'nothing'} is no id; ids here are whole numbers.")
    return int(word)
