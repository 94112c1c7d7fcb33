"""The city's calendar (日历): office windows, public holidays, make-up working days, and time counted by it.

Every moment is an instant with a zone; office windows are clock times of the city's own zone, so they keep
their place on the day when summer time begins or ends. A continuous day is 24 hours that really pass.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from incidents.clocks.limits import HOURS, Limit, LimitKind

NOTHING: Final = timedelta(0)
DAY: Final = timedelta(days=1)
# Longer without one hour of office time, and no limit in working hours can be kept.
LONGEST_CLOSURE: Final = timedelta(days=400)


class CalendarError(ValueError):
    """The calendar cannot answer. The message is in both languages."""


@dataclass(frozen=True)
class Window:
    """Office hours of one weekday (Monday is 0), in clock time; `closes` None means midnight.

    valid_from, valid_to: the days on which it holds, the end excluded; None means always.
    """

    weekday: int
    opens: time
    closes: time | None
    valid_from: date | None = None
    valid_to: date | None = None

    def holds_on(self, day: date) -> bool:
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_to is None or day < self.valid_to
        )


def usual_windows() -> tuple[Window, ...]:
    """Monday to Friday, 08-12 and 14-18: the default, ours."""
    return tuple(
        Window(weekday, opens, closes)
        for weekday in range(5)
        for opens, closes in ((time(8), time(12)), (time(14), time(18)))
    )


def aware(moment: datetime) -> datetime:
    """The same instant in UTC.

    Raises:
        CalendarError: for a moment without a zone.
    """
    if moment.tzinfo is None:
        raise CalendarError(f"时间 {moment} 缺少时区。The moment {moment} has no time zone.")
    return moment.astimezone(UTC)


@dataclass(frozen=True)
class Calendar:
    """When the offices of a city work.

    closed: public holidays. extra: make-up working days (调休) and the weekday whose windows they keep.
    covered_years: the years whose holidays are known; in others only weekends are, and `uncovered` says so.
    """

    zone: ZoneInfo
    windows: tuple[Window, ...] = field(default_factory=usual_windows)
    closed: frozenset[date] = frozenset()
    extra: Mapping[date, int] = field(default_factory=dict)
    covered_years: frozenset[int] = frozenset()

    def __post_init__(self) -> None:
        # Days asked once are asked again: a list of 100,000 deadlines falls on a few hundred of them.
        object.__setattr__(self, "_known_days", {})

    def is_working_day(self, day: date) -> bool:
        """Whether offices open on that day at all."""
        return bool(self._clock_times(day))

    def is_open(self, at: datetime) -> bool:
        """Whether offices are open at that moment."""
        moment = aware(at)
        day = moment.astimezone(self.zone).date()
        return any(opens <= moment < closes for opens, closes in self.office_hours(day))

    def office_hours(self, day: date) -> tuple[tuple[datetime, datetime], ...]:
        """Instants (UTC) between which offices are open on that local day, in order, not overlapping."""
        known: dict[date, tuple[tuple[datetime, datetime], ...]] = self._known_days  # type: ignore[attr-defined]
        if day not in known:
            if len(known) > 20_000:
                known.clear()
            known[day] = self._open_between(day)
        return known[day]

    def _clock_times(self, day: date) -> list[Window]:
        if day in self.extra:
            weekday = self.extra[day]
        elif day in self.closed:
            return []
        else:
            weekday = day.weekday()
        held = (window for window in self.windows if window.weekday == weekday and window.holds_on(day))
        return sorted(held, key=lambda window: window.opens)

    def _open_between(self, day: date) -> tuple[tuple[datetime, datetime], ...]:
        spans: list[tuple[datetime, datetime]] = []
        for window in self._clock_times(day):
            opens = self._instant(day, window.opens)
            closes = self._instant(day, window.closes) if window.closes else self._instant(day + DAY, time(0))
            if spans:
                opens = max(opens, spans[-1][1])  # windows that overlap count once
            if closes > opens:
                spans.append((opens, closes))
        return tuple(spans)

    def _instant(self, day: date, clock: time) -> datetime:
        """A clock time of the zone as an instant. One that summer time skips comes as much later as
        the clocks are put on; of one that comes twice it is the first."""
        return datetime.combine(day, clock, self.zone).astimezone(UTC)

    def _open_from(self, start: datetime) -> Iterator[tuple[datetime, datetime]]:
        """What is left of the office hours from `start` (UTC) on, without end.

        Raises:
            CalendarError: when offices never open.
        """
        day = start.astimezone(self.zone).date() - DAY
        last = day
        while True:
            for opens, closes in self.office_hours(day):
                if closes > start:
                    last = day
                    yield max(opens, start), closes
            day += DAY
            if day - last > LONGEST_CLOSURE:
                raise CalendarError(
                    f"{last} 之后 400 天内没有办公时间，请先设置办公时段。"
                    f"There are no office hours in the 400 days after {last}: set the office windows first."
                )

    def after(self, start: datetime, span: timedelta, kind: LimitKind) -> datetime:
        """The first moment (UTC) not before `start` at which `span` of the time that counts has passed.

        Raises:
            CalendarError: when offices never open, or `start` has no zone.
        """
        begun = aware(start)
        if span <= NOTHING or not kind.is_working:
            return begun + max(span, NOTHING)
        left = span
        for opens, closes in self._open_from(begun):
            if closes - opens >= left:
                return opens + left
            left -= closes - opens
        raise AssertionError("unreachable: office hours are without end")

    def deadline(self, start: datetime, limit: Limit) -> datetime:
        """When a limit that runs from `start` has passed (UTC). As `after`."""
        return self.after(start, limit.span, limit.kind)

    def elapsed(self, start: datetime, end: datetime, kind: LimitKind) -> timedelta:
        """How much of the time that counts lies between two moments; nothing when `end` is not later."""
        begun, ended = aware(start), aware(end)
        if ended <= begun:
            return NOTHING
        if not kind.is_working:
            return ended - begun
        passed = NOTHING
        day = begun.astimezone(self.zone).date() - DAY
        last = ended.astimezone(self.zone).date() + DAY
        while day <= last:
            for opens, closes in self.office_hours(day):
                passed += max(NOTHING, min(closes, ended) - max(opens, begun))
            day += DAY
        return passed

    def elapsed_amount(self, start: datetime, end: datetime, kind: LimitKind) -> float:
        """`elapsed` in the unit of the kind: hours, or days of 24 hours, or of 8 working hours."""
        return self.elapsed(start, end, kind) / timedelta(hours=HOURS[kind])

    def uncovered(self, start: datetime, end: datetime) -> list[int]:
        """Years between two moments of which no holidays are known, so that only weekends were left out."""
        first, last = (aware(moment).astimezone(self.zone).year for moment in (start, end))
        return [year for year in range(first, last + 1) if year not in self.covered_years]
