"""Figures from the roll-ups: measures by place, duty, unit, person, class or channel, of any period.

Whole months come from the monthly sums, the days at both ends from the daily ones. What the roll-ups do not
hold (two keys at once, a cell and a key, the business of a unit) comes from the facts, by the same formulas.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import connection

from incidents.evaluation.asking import KEYS, Asked, By, View, scope_sql
from incidents.evaluation.counting import counted
from incidents.evaluation.measures import MEASURES, Basis

Params = dict[str, Any]
_SUMS = ", ".join(f"sum(s.{name})::bigint AS {name}" for name in MEASURES)
_NAMES = ", ".join(f"c.{name}" for name in MEASURES)
_LONG = timedelta(days=190)
_MIDDLE = timedelta(days=35)


@dataclass(frozen=True)
class Figures:
    """The measures of one place, duty, unit, person, class or channel."""

    key: str
    counts: dict[str, int]


def figures(asked: Asked) -> list[Figures]:
    """One for each key that has anything in the period."""
    params: Params = {}
    source = _source(asked, params)
    key, joined = _grouped(asked)
    sql = f"WITH source AS ({source}) SELECT {key} AS of_key, {_SUMS} FROM {joined} GROUP BY 1"
    return [Figures(row[0], dict(zip(MEASURES, row[1:], strict=True))) for row in _rows(sql, params)]


def total(asked: Asked) -> dict[str, int]:
    """The measures of all that is asked for and seen, each incident once."""
    params: Params = {}
    sql = f"WITH source AS ({_source(asked, params)}) SELECT {_SUMS} FROM source AS s"
    [row] = _rows(sql, params)
    return {name: value or 0 for name, value in zip(MEASURES, row, strict=True)}


def series(
    asked: Asked, measures: Sequence[str], keys: Sequence[str]
) -> dict[str, list[tuple[date, list[int]]]]:
    """By key, the sums of some measures for each day, week or month of the period (by its length)."""
    params: Params = {"keys": list(keys), "grain": grain_of(asked)}
    key, joined = _grouped(asked)
    sums = ", ".join(f"sum(s.{name})::bigint" for name in measures if name in MEASURES)
    sql = (
        f"WITH source AS ({_source(asked, params, by_day=True)}) "
        f"SELECT {key} AS of_key, date_trunc(%(grain)s, s.day)::date, {sums} FROM {joined} "
        f"WHERE {key} = ANY (%(keys)s) GROUP BY 1, 2 ORDER BY 1, 2"
    )
    found: dict[str, list[tuple[date, list[int]]]] = {}
    for of_key, day, *counts in _rows(sql, params):
        found.setdefault(of_key, []).append((day, counts))
    return found


def grain_of(asked: Asked) -> str:
    """day, week or month: so that a line has a readable number of points."""
    length = asked.end - asked.start
    return "month" if length > _LONG else "week" if length > _MIDDLE else "day"


def _rows(sql: str, params: Params) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return list(cursor.fetchall())


def _source(asked: Asked, params: Params, *, by_day: bool = False) -> str:
    """Rows (day, place, key, measures) of what is asked for and seen."""
    params |= {"start": asked.start, "after": asked.after}
    kind = asked.roll_up()
    if kind is None:
        return _from_facts(asked, params)
    place = f"c.place_{asked.view}"
    where = scope_sql(asked, params, was="c.place_was", place=place, unit="c.key")
    where = f"c.by = %(kind)s AND {where}"
    params["kind"] = kind
    for by, key in asked.narrowed.items():
        params[f"only_{KEYS[by]}"] = key
        where += f" AND c.key = %(only_{KEYS[by]})s"
    columns = f"c.day, {place} AS place, c.key, {_NAMES}"
    days_only = asked.by == By.DUTY and asked.view == View.WAS
    first, last = _months(asked)
    if days_only or first >= last or (by_day and grain_of(asked) != "month"):
        return (
            f"SELECT {columns} FROM evaluation_day AS c "
            f"WHERE c.day >= %(start)s AND c.day < %(after)s AND {where}"
        )
    params |= {"first": first, "last": last}
    return (
        f"SELECT {columns} FROM evaluation_month AS c "
        f"WHERE c.day >= %(first)s AND c.day < %(last)s AND {where} UNION ALL "
        f"SELECT {columns} FROM evaluation_day AS c WHERE (c.day >= %(start)s AND c.day < %(first)s "
        f"OR c.day >= %(last)s AND c.day < %(after)s) AND {where}"
    )


def _months(asked: Asked) -> tuple[date, date]:
    """The whole months inside the period: first day of the first, and of the one after the last."""
    first = asked.start if asked.start.day == 1 else _next_month(asked.start)
    return first, asked.after.replace(day=1)


def _next_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def _from_facts(asked: Asked, params: Params) -> str:
    place = f"f.place_{asked.view}"
    # Communities are known of the facts: the tree above them is today's.
    shown = place if asked.by in {By.CELL, By.DUTY} else f"f.community_{asked.view}"
    key = f"f.{KEYS[asked.by]}_key" if asked.by in KEYS else "''"
    days = " OR ".join(f"(f.{basis} >= %(start)s AND f.{basis} < %(after)s)" for basis in Basis)
    bases = ", ".join(f"('{basis}', f.{basis})" for basis in Basis)
    return (
        f"SELECT b.day, {shown} AS place, {key} AS key, "
        f"{', '.join(f'{counted(name)} AS {name}' for name in MEASURES)} "
        f"FROM evaluation_fact AS f CROSS JOIN LATERAL (VALUES {bases}) AS b (basis, day) "
        f"WHERE ({days}) AND b.day >= %(start)s AND b.day < %(after)s AND {facts_where(asked, params)} "
        f"AND (f.is_filed OR b.basis IN ('{Basis.REPORTED}', '{Basis.RATED}')) GROUP BY 1, 2, 3"
    )


def facts_where(asked: Asked, params: Params) -> str:
    """The condition on facts `f` that keeps to what is asked for and seen, but for the days."""
    where = scope_sql(asked, params, was="f.place_was", place=f"f.place_{asked.view}", unit="f.unit_key")
    for by, key in asked.narrowed.items():
        params[f"only_{KEYS[by]}"] = key
        where += f" AND f.{KEYS[by]}_key = %(only_{KEYS[by]})s"
    return where


def _grouped(asked: Asked) -> tuple[str, str]:
    """(expression of the key, what is joined to the source) of a question."""
    if asked.by in KEYS:
        return "s.key", "source AS s"
    if asked.by == By.CELL:
        return "s.place", "source AS s"
    if asked.by == By.DUTY:
        return (
            "d.id::text",
            f"source AS s JOIN ({_DUTIES}) AS d ON d.place = s.place AND {_IN_FORCE[asked.view]}",
        )
    up = {By.COMMUNITY: "c.code", By.STREET: "p.code", By.DISTRICT: "g.code"}[asked.by]
    tree = (
        "source AS s LEFT JOIN grid_unit AS c ON c.code = s.place "
        "LEFT JOIN grid_unit AS p ON p.id = c.parent_id LEFT JOIN grid_unit AS g ON g.id = p.parent_id"
    )
    return f"coalesce({up}, '')", tree


# The cells of the duties of grid workers, by the prefixes of their areas.
_DUTIES = (
    "SELECT DISTINCT d.id, d.valid_from, d.valid_to, places.place "
    "FROM (SELECT DISTINCT place FROM source WHERE place <> '') AS places "
    "JOIN duty_area AS a ON a.unit_code = ANY (core.unit_prefixes(places.place)) "
    "JOIN duty AS d ON d.id = a.duty_id AND d.role = 'grid_worker'"
)
# As-was: the duties of each day. As-is: those in force today.
_IN_FORCE = {
    View.WAS: "d.valid_from < (s.day + 1) AND (d.valid_to IS NULL OR d.valid_to > s.day)",
    View.IS: "d.valid_from <= now() AND (d.valid_to IS NULL OR d.valid_to > now())",
}
