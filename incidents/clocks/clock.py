"""One clock of an incident (计时): when it started, what stopped it, what lengthened it, when it ended.

A clock is a value. What happens to it (`suspend`, `resume`, `extend`, `finish`, `exempted`) gives another
clock or refuses in words; when it is due and how far it is gone is computed from what it holds and the
calendar, so nothing can be counted twice and nothing is ever negative.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Self

from incidents.clocks.calendar import NOTHING, Calendar, aware
from incidents.clocks.limits import Limit, LimitKind

WARN_AT: Final = 0.8
MOST_EXTENSIONS: Final = 2
LONGEST_SUSPENSION: Final = timedelta(days=366)


class ClockError(ValueError):
    """What was asked of a clock is not allowed. The message is in both languages."""


class Light(StrEnum):
    """How a clock stands: green to 80 %, yellow to 100 %, red beyond."""

    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"


@dataclass(frozen=True)
class Stop:
    """An approved suspension (挂账): the clock stands still from `since` to `until`, the end excluded."""

    since: datetime
    until: datetime

    def __post_init__(self) -> None:
        if not NOTHING < aware(self.until) - aware(self.since) <= LONGEST_SUSPENSION:
            raise ClockError(
                "挂账须晚于现在且最长一年。A suspension ends later than it begins, and after a year at most."
            )


@dataclass(frozen=True)
class Clock:
    """Time that runs from `start` against `limit`; without a limit it is only measured.

    stops: at most one. extensions: when each was granted, at most two; each adds the original limit.
    ended_at: when what it waits for was done. is_exempt: an approved appeal took the overrun out of the
    figures; the overrun itself stays a fact.
    """

    start: datetime
    limit: Limit | None
    stops: tuple[Stop, ...] = ()
    extensions: tuple[datetime, ...] = ()
    ended_at: datetime | None = None
    is_exempt: bool = False

    def __post_init__(self) -> None:
        aware(self.start)
        if len(self.stops) > 1:
            raise ClockError("只能挂账一次。A clock is suspended once at most.")
        if len(self.extensions) > MOST_EXTENSIONS:
            raise ClockError("最多延期两次。A limit is extended twice at most.")
        if self.ended_at is not None and aware(self.ended_at) < aware(self.start):
            raise ClockError("结束不能早于开始。A clock cannot end before it starts.")
        if any(aware(stop.since) < aware(self.start) for stop in self.stops):
            raise ClockError("挂账不能早于开始。A clock cannot be suspended before it starts.")

    @property
    def kind(self) -> LimitKind:
        return self.limit.kind if self.limit else LimitKind.CONTINUOUS_HOUR

    @property
    def allowed(self) -> timedelta:
        """Time that counts until the limit has passed: the original limit, and once more per extension."""
        return self.limit.span * (1 + len(self.extensions)) if self.limit else NOTHING

    # -- when ------------------------------------------------------------------------------------------

    def due_at(self, calendar: Calendar) -> datetime | None:
        """When the limit has passed (UTC); None without a limit."""
        return self._moment_of(self.allowed, calendar) if self.limit else None

    def warn_at(self, calendar: Calendar, share: float = WARN_AT) -> datetime | None:
        """When so much of the limit has passed that people are warned (UTC); None without a limit."""
        return self._moment_of(self.allowed * share, calendar) if self.limit else None

    def _moment_of(self, span: timedelta, calendar: Calendar) -> datetime:
        """The first moment at which `span` has been spent."""
        left, begun = span, self.start
        for stop in self.stops:
            spent = calendar.elapsed(begun, stop.since, self.kind)
            if spent >= left:
                break
            left, begun = left - spent, stop.until
        return calendar.after(begun, left, self.kind)

    # -- how far ---------------------------------------------------------------------------------------

    def spent(self, calendar: Calendar, now: datetime) -> timedelta:
        """Time that counted until `now`, or until the end. Never negative, and never falling with time."""
        end = self._counted_to(now)
        spent = calendar.elapsed(self.start, end, self.kind)
        for stop in self.stops:
            spent -= calendar.elapsed(stop.since, min(end, aware(stop.until)), self.kind)
        return spent

    def share(self, calendar: Calendar, now: datetime) -> float:
        """Which part of the allowed time is spent: 0 at the start, 1 at the limit; 0 without a limit."""
        return self.spent(calendar, now) / self.allowed if self.limit else 0.0

    def left(self, calendar: Calendar, now: datetime) -> timedelta:
        """Time that counts and is still there; nothing once the limit has passed."""
        return max(NOTHING, self.allowed - self.spent(calendar, now))

    def overrun(self, calendar: Calendar, now: datetime) -> timedelta:
        """Time that counts and was spent beyond the limit; nothing before that."""
        return max(NOTHING, self.spent(calendar, now) - self.allowed) if self.limit else NOTHING

    def is_overdue(self, calendar: Calendar, now: datetime) -> bool:
        """Whether the limit passed before the end, or before `now` while it runs."""
        due_at = self.due_at(calendar)
        return due_at is not None and self._counted_to(now) > due_at

    def light(self, calendar: Calendar, now: datetime, warn_share: float = WARN_AT) -> Light:
        """Green, yellow from the warning on, red once the limit has passed. Judged by the moments that are
        stored, so that a list by deadline and the lights agree."""
        if self.is_overdue(calendar, now):
            return Light.RED
        warn_at = self.warn_at(calendar, warn_share)
        return Light.YELLOW if warn_at is not None and self._counted_to(now) >= warn_at else Light.GREEN

    def counts_as_late(self, calendar: Calendar, now: datetime) -> bool:
        """Whether figures count it as late: overdue, and not exempted by an appeal."""
        return self.is_overdue(calendar, now) and not self.is_exempt

    def is_suspended(self, now: datetime) -> bool:
        """Whether it stands still at that moment."""
        return any(aware(stop.since) <= aware(now) < aware(stop.until) for stop in self.stops)

    def _counted_to(self, now: datetime) -> datetime:
        return aware(now) if self.ended_at is None else min(aware(now), aware(self.ended_at))

    # -- what happens to it ----------------------------------------------------------------------------

    def suspend(self, at: datetime, until: datetime) -> Self:
        """Stand still until a date, at most a year away; it resumes by itself.

        Raises:
            ClockError: when it has been suspended before, has ended, or the date does not fit.
        """
        self._must_run(at)
        if self.stops:
            raise ClockError("已挂账过一次，不能再挂账。It was suspended once already, and that is the most.")
        return replace(self, stops=(Stop(at, until),))

    def resume(self, at: datetime) -> Self:
        """Run again before the date of the suspension.

        Raises:
            ClockError: when it does not stand still at that moment.
        """
        if not self.is_suspended(at):
            raise ClockError("当前没有挂账。It is not suspended at that moment.")
        (stop,) = self.stops
        return replace(self, stops=(Stop(stop.since, at),) if aware(at) > aware(stop.since) else ())

    def extend(self, at: datetime, calendar: Calendar) -> Self:
        """Add the original limit once more, before the limit now in force has passed.

        Raises:
            ClockError: for a third time, after the limit, after the end, or without a limit.
        """
        self._must_run(at)
        due_at = self.due_at(calendar)
        if due_at is None:
            raise ClockError("没有时限，无从延期。There is no limit to extend.")
        if aware(at) > due_at:
            raise ClockError("时限已过，不能延期。The limit has passed: it cannot be extended any more.")
        if len(self.extensions) >= MOST_EXTENSIONS:
            raise ClockError("已延期两次，不能再延。It was extended twice already, and that is the most.")
        return replace(self, extensions=(*self.extensions, at))

    def finish(self, at: datetime) -> Self:
        """End for good. A clock that has ended keeps its first end."""
        if self.ended_at is not None:
            return self
        if aware(at) < aware(self.start):
            at = self.start
        return replace(self, ended_at=at)

    def exempted(self) -> Self:
        """Take an overrun out of the figures after an approved appeal, once.

        Raises:
            ClockError: when that was done before.
        """
        if self.is_exempt:
            raise ClockError("已免责过一次。It was exempted once already.")
        return replace(self, is_exempt=True)

    def under(self, limit: Limit | None) -> Self:
        """The same clock under another limit, from the same start: what re-classifying does."""
        return replace(self, limit=limit)

    def _must_run(self, at: datetime) -> None:
        if self.ended_at is not None:
            raise ClockError("计时已结束。The clock has ended.")
        if aware(at) < aware(self.start):
            raise ClockError("不能早于开始。That is before the clock started.")
