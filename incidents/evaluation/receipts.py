"""The receipt of a figure: formula, scheme and version, the incidents above and below the line, those left
out, and a hash over the lists, so that anybody may check it again.

The hash of a list is SHA-256 over its numbers in order, one a line, each with a line feed at its end: what
`curl .../receipt/numbers?... | sha256sum` says. The hash of the receipt is over its head and these hashes.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection

from incidents.evaluation.asking import KEYS, Asked, By, View
from incidents.evaluation.figures import facts_where
from incidents.evaluation.indicators import Indicator, Scheme
from incidents.evaluation.measures import LEFT_OUT, MEASURES

Params = dict[str, Any]
PAGE = 50
AT_ONCE = 10_000


@dataclass(frozen=True)
class Part:
    """One list of a receipt. `name`: numerator, denominator, or the measure of what was left out."""

    name: str
    measure: str
    count: int
    hash: str


@dataclass(frozen=True)
class Receipt:
    """A figure with what it is made of."""

    scheme: Scheme
    indicator: Indicator
    asked: Asked
    key: str
    parts: tuple[Part, ...]

    @property
    def head(self) -> dict[str, Any]:
        """What was asked, as it is hashed."""
        asked = self.asked
        return {
            "scheme": self.scheme.name,
            "version": self.scheme.version,
            "indicator": self.indicator.key,
            "formula": self.indicator.formula_en,
            "by": str(asked.by),
            "key": self.key,
            "start": asked.start.isoformat(),
            "end": asked.end.isoformat(),
            "view": str(asked.view),
            "under": asked.under,
            "narrowed": {str(by): key for by, key in asked.narrowed.items()},
        }

    @property
    def hash(self) -> str:
        """SHA-256 over head and lists, as JSON with sorted keys and no blanks."""
        whole = self.head | {"lists": {part.name: part.hash for part in self.parts}}
        text = json.dumps(whole, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()


def lists_of(indicator: Indicator) -> dict[str, str]:
    """The lists of an indicator and the measure of each: above, below, and what was left out."""
    left_out = LEFT_OUT.get(MEASURES[indicator.denominator].basis, ())
    return {
        "numerator": indicator.numerator,
        "denominator": indicator.denominator,
        **{name: name for name in left_out},
    }


def receipt(scheme: Scheme, indicator: Indicator, asked: Asked, key: str) -> Receipt:
    """The receipt of one figure; `key` empty: of the total."""
    parts = []
    for name, measure in lists_of(indicator).items():
        params: Params = {}
        sql = (
            "SELECT count(*), encode(sha256(convert_to(coalesce("
            "string_agg(i.number || chr(10), '' ORDER BY i.number), ''), 'UTF8')), 'hex') "
            f"FROM {_found(asked, key, measure, params)}"
        )
        with connection.cursor() as cursor:
            cursor.execute(sql, params)
            count, of_list = cursor.fetchone()
        parts.append(Part(name, measure, count, of_list))
    return Receipt(scheme, indicator, asked, key, tuple(parts))


def cases(asked: Asked, key: str, measure: str, page: int) -> list[int]:
    """Ids of the incidents of a list, fifty a page, by number."""
    params: Params = {"most": PAGE, "passed": (page - 1) * PAGE}
    sql = (
        f"SELECT i.id FROM {_found(asked, key, measure, params)} "
        "ORDER BY i.number LIMIT %(most)s OFFSET %(passed)s"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return [row[0] for row in cursor.fetchall()]


def numbers(asked: Asked, key: str, measure: str) -> Iterator[str]:
    """The numbers of a list, each with a line feed, in pieces."""
    after = ""
    while True:
        params: Params = {"most": AT_ONCE, "passed_number": after}
        found = _found(asked, key, measure, params)
        sql = (
            f"SELECT i.number FROM {found} AND i.number > %(passed_number)s ORDER BY i.number LIMIT %(most)s"
        )
        with connection.cursor() as cursor:
            cursor.execute(sql, params)
            rows = [row[0] for row in cursor.fetchall()]
        if not rows:
            return
        yield "".join(f"{number}\n" for number in rows)
        after = rows[-1]


def _found(asked: Asked, key: str, measure: str, params: Params) -> str:
    """FROM and WHERE of the facts `f`, with their incidents `i`, that a measure counts for a key."""
    one = MEASURES[measure]
    params |= {"start": asked.start, "after": asked.after}
    where = facts_where(asked, params)
    if key:
        where += f" AND {_of_key(asked, key, params, str(one.basis))}"
    filed = "" if one.basis in {"reported_day", "rated_day"} else " AND f.is_filed"
    return (
        "evaluation_fact AS f JOIN incident AS i ON i.id = f.incident_id "
        f"WHERE f.{one.basis} >= %(start)s AND f.{one.basis} < %(after)s{filed} AND {one.holds} AND {where}"
    )


# The communities of a unit of any level, by today's tree.
_COMMUNITIES = (
    "SELECT c.code FROM grid_unit AS c LEFT JOIN grid_unit AS p ON p.id = c.parent_id "
    "LEFT JOIN grid_unit AS g ON g.id = p.parent_id WHERE %(of_key)s IN (c.code, p.code, g.code)"
)
_DUTY = {
    View.WAS: "d.valid_from < (f.{day} + 1) AND (d.valid_to IS NULL OR d.valid_to > f.{day})",
    View.IS: "d.valid_from <= now() AND (d.valid_to IS NULL OR d.valid_to > now())",
}


def _of_key(asked: Asked, key: str, params: Params, day: str) -> str:
    params["of_key"] = key
    if asked.by in KEYS:
        return f"f.{KEYS[asked.by]}_key = %(of_key)s"
    if asked.by == By.CELL:
        return f"f.place_{asked.view} = %(of_key)s"
    if asked.by == By.DUTY:
        return (
            "EXISTS (SELECT FROM duty AS d JOIN duty_area AS a ON a.duty_id = d.id "
            f"WHERE d.id::text = %(of_key)s AND f.place_{asked.view} LIKE a.unit_code || '%%' "
            f"AND {_DUTY[asked.view].format(day=day)})"
        )
    return f"f.community_{asked.view} IN ({_COMMUNITIES})"
