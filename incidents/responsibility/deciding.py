"""The decision table (责任判定表): class x level x place x asset's units x time > lead and co-handlers. Pure.

Of the rules that match, the one of the highest priority fires; among equals the more particular one: it names
the asset's unit, more of the class, more of the place, the level, the hours. What is then still equal is told
apart by the rules' names, never by the order in which they were written down.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import time
from typing import Final

ALL_DAYS: Final = frozenset(range(7))
MIDNIGHT: Final = time(0)


@dataclass(frozen=True)
class Moment:
    """A moment as rules see it: weekday (Monday is 0) and clock time; whether offices are open."""

    weekday: int
    clock: time
    is_open: bool


@dataclass(frozen=True)
class Band:
    """Hours in which a rule holds. `ends` not later than `starts`: over midnight, of the day it starts.

    office: True only in office hours, False only outside them, None in both.
    """

    weekdays: frozenset[int] = ALL_DAYS
    starts: time = MIDNIGHT
    ends: time = MIDNIGHT
    office: bool | None = None

    def holds(self, at: Moment) -> bool:
        if self.office is not None and self.office != at.is_open:
            return False
        if self.starts < self.ends:
            return at.weekday in self.weekdays and self.starts <= at.clock < self.ends
        begun_today = at.weekday in self.weekdays and at.clock >= self.starts
        begun_yesterday = (at.weekday - 1) % 7 in self.weekdays and at.clock < self.ends
        return begun_today or begun_yesterday

    @property
    def is_always(self) -> bool:
        return self == ALWAYS


ALWAYS: Final = Band()


@dataclass(frozen=True)
class Rule:
    """One line of the table. What is empty or None holds for all.

    kind: asset, event or empty; code: a class, or the beginning of its code; place: the beginning of a unit's
    code; asset_unit: id of a unit that the asset must have as maintainer, owner or competent authority.
    next_units: ids of the units asked one after the other while it stays unsolved (二次派遣).
    """

    name: str
    lead: int
    co_handlers: tuple[int, ...] = ()
    priority: int = 0
    kind: str = ""
    scheme: str = ""
    code: str = ""
    level: str = ""
    place: str = ""
    asset_unit: int | None = None
    band: Band = ALWAYS
    next_units: tuple[int, ...] = ()
    pk: int = 0

    def matches(self, case: "Case") -> bool:
        return not any(self.misses(case))

    def misses(self, case: "Case") -> Iterator[str]:
        """Names of the columns that do not hold for the case."""
        if (
            (self.kind and self.kind != case.kind)
            or (self.scheme and self.scheme != case.scheme)
            or not case.code.startswith(self.code)
        ):
            yield "class"
        if self.level and self.level != case.level:
            yield "level"
        if not case.place.startswith(self.place):
            yield "place"
        if self.asset_unit is not None and self.asset_unit not in case.asset_units:
            yield "asset_unit"
        if not self.band.holds(case.at):
            yield "hours"

    @property
    def rank(self) -> tuple[object, ...]:
        """The smaller, the earlier the rule is asked."""
        return (
            -self.priority,
            self.asset_unit is None,
            -len(self.code),
            not self.scheme,
            not self.kind,
            -len(self.place),
            not self.level,
            self.band.is_always,
            self.name,
        )


@dataclass(frozen=True)
class Case:
    """What is asked: a class, the level that has it, the code of the place, the asset's units, the moment."""

    kind: str
    scheme: str
    code: str
    level: str
    place: str
    at: Moment
    asset_units: tuple[int, ...] = ()


def firing(rules: Iterable[Rule], case: Case) -> Rule | None:
    """The one rule that fires, or None: a gap."""
    return min((rule for rule in rules if rule.matches(case)), key=lambda rule: rule.rank, default=None)


@dataclass(frozen=True)
class Gap:
    """A class for which no rule answers at some places and hours."""

    kind: str
    scheme: str
    code: str
    places: tuple[str, ...]
    hours: tuple[str, ...]  # such as "5 18:00-24:00": weekday and clock times


def moments_of_week(rules: Iterable[Rule], is_open: dict[tuple[int, time], bool]) -> list[tuple[Moment, str]]:
    """One moment inside each span of the week in which the same rules hold, with the span in words.

    is_open: by weekday and clock time the beginning of each office window (True) or pause (False).
    """
    cuts: set[time] = {MIDNIGHT} | {clock for _, clock in is_open}
    for rule in rules:
        cuts |= {rule.band.starts, rule.band.ends}
    ordered = sorted(cuts)
    found = []
    for weekday in range(7):
        opened = False
        for place, clock in enumerate(ordered):
            opened = is_open.get((weekday, clock), opened)
            until = f"{ordered[place + 1]:%H:%M}" if place + 1 < len(ordered) else "24:00"
            found.append((Moment(weekday, clock, opened), f"{weekday} {clock:%H:%M}-{until}"))
    return found


def gaps(
    rules: list[Rule],
    classes: Iterable[tuple[str, str, str]],
    places: list[str],
    levels: Iterable[str],
    week: list[tuple[Moment, str]],
) -> list[Gap]:
    """Classes (kind, scheme, code), places and hours that no rule answers at one of the levels."""
    found = []
    asked_levels = list(levels)
    # The same rules leave the same hours open: asked once, however many classes and places they are about.
    known: dict[tuple[Rule, ...], tuple[str, ...]] = {}
    for kind, scheme, code in classes:
        of_class = [
            rule
            for rule in rules
            if code.startswith(rule.code)
            and rule.kind in ("", kind)
            and rule.scheme in ("", scheme)
            and rule.asset_unit is None
        ]
        by_hours: dict[tuple[str, ...], list[str]] = {}
        for place in places:
            here = tuple(rule for rule in of_class if place.startswith(rule.place))
            if here not in known:
                known[here] = tuple(
                    words
                    for moment, words in week
                    if not all(
                        any(rule.level in ("", level) and rule.band.holds(moment) for rule in here)
                        for level in asked_levels
                    )
                )
            if known[here]:
                by_hours.setdefault(known[here], []).append(place)
        found += [Gap(kind, scheme, code, tuple(where), hours) for hours, where in by_hours.items()]
    return found
