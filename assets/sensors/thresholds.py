"""Bands and alarms of a measured value: levels as data, hysteresis, dwell. Pure: time is the values' own.

A value passes thresholds; how long each has been passed without a break is remembered (`passed`). The alarm
is decided at the newest value only (`decide`): what was superseded when it came says how long a threshold had
been passed, but raises nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any


class Level(StrEnum):
    """How bad it is (级别), the mildest first."""

    NOTICE = "notice"  # 提示
    WATCH = "watch"  # 关注
    SERIOUS = "serious"  # 较重
    CRITICAL = "critical"  # 严重


SEVERITY: dict[Level, int] = {level: rank for rank, level in enumerate(Level)}


@dataclass(frozen=True)
class Threshold:
    """`level` begins at `start` (unit of the value) and counts after `dwell_s` seconds without a break."""

    level: Level
    start: float
    dwell_s: float = 0.0


@dataclass(frozen=True)
class AlarmRules:
    """The thresholds of one datastream, the mildest first.

    hysteresis: a threshold is left only so far on its mild side, in the unit of the value. clear_s: an alarm
    ends when the values have been mild for so long. is_worse_below: low values are the bad ones (pressure).
    """

    thresholds: tuple[Threshold, ...]
    hysteresis: float = 0.0
    clear_s: float = 600.0
    is_worse_below: bool = False


@dataclass(frozen=True)
class Standing:
    """What is known up to the newest value: since when each level is passed, since when none is, the alarm.

    alarm_level: the highest level of the open alarm; None without one. is_falling: it has been told that
    the values have fallen below all thresholds.
    """

    since: Mapping[Level, datetime] = field(default_factory=dict)
    mild_since: datetime | None = None
    alarm_level: Level | None = None
    is_falling: bool = False


class Turn(StrEnum):
    """What can happen to an alarm."""

    OPENED = "opened"
    RAISED = "raised"
    FALLING = "falling"  # below all thresholds: whoever handles it is offered to close
    RISING = "rising"  # it passes a threshold again before it was closed
    CLOSED = "closed"


def thresholds_of(said: Sequence[Mapping[str, Any]]) -> tuple[Threshold, ...]:
    """Thresholds as the database keeps them: `[{"level", "from", "dwell_s"}, ...]`, the mildest first."""
    return tuple(
        Threshold(Level(one["level"]), float(one["from"]), float(one.get("dwell_s", 0))) for one in said
    )


def band(thresholds: Sequence[Threshold], value: float, *, is_worse_below: bool = False) -> Level | None:
    """The worst level that `value` reaches at once, without dwell; None below the mildest."""
    sign = -1.0 if is_worse_below else 1.0
    reached = [one.level for one in thresholds if sign * value >= sign * one.start]
    return reached[-1] if reached else None


def passed(standing: Standing, rules: AlarmRules, at: datetime, value: float) -> Standing:
    """`standing` after a value that is newer than all before."""
    sign = -1.0 if rules.is_worse_below else 1.0
    since: dict[Level, datetime] = {}
    for one in rules.thresholds:
        beyond = sign * value - sign * one.start
        if beyond >= 0:
            since[one.level] = standing.since.get(one.level, at)
        elif one.level in standing.since and beyond >= -rules.hysteresis:
            since[one.level] = standing.since[one.level]
    mild_since = None if since else (standing.mild_since or at)
    return replace(standing, since=since, mild_since=mild_since)


def established(standing: Standing, rules: AlarmRules, at: datetime) -> Level | None:
    """The worst level that has been passed for its dwell."""
    found = [
        one.level
        for one in rules.thresholds
        if one.level in standing.since and at - standing.since[one.level] >= timedelta(seconds=one.dwell_s)
    ]
    return found[-1] if found else None


def decide(standing: Standing, rules: AlarmRules, at: datetime) -> tuple[Standing, tuple[Turn, ...]]:
    """What the newest value, of the moment `at`, makes of the alarm."""
    level = established(standing, rules, at)
    if standing.alarm_level is None:
        if level is None:
            return standing, ()
        return replace(standing, alarm_level=level, is_falling=False), (Turn.OPENED,)
    if standing.mild_since is None:
        turns: list[Turn] = [Turn.RISING] if standing.is_falling else []
        if level is not None and SEVERITY[level] > SEVERITY[standing.alarm_level]:
            standing = replace(standing, alarm_level=level)
            turns.append(Turn.RAISED)
        return replace(standing, is_falling=False), tuple(turns)
    turns = [] if standing.is_falling else [Turn.FALLING]
    if at - standing.mild_since >= timedelta(seconds=rules.clear_s):
        return replace(standing, alarm_level=None, is_falling=False), (*turns, Turn.CLOSED)
    return replace(standing, is_falling=True), tuple(turns)


def seconds_to_next(
    thresholds: Sequence[Threshold], value: float, per_second: float, *, at_most_s: float = 6 * 3600
) -> tuple[Level, float] | None:
    """The next worse band and the seconds to it, if the value goes on as it does.

    None when it does not rise, is in the worst band already, or would take longer than `at_most_s`.
    """
    following = next((one for one in thresholds if one.start > value), None)
    if following is None or per_second <= 0:
        return None
    seconds = (following.start - value) / per_second
    return (following.level, seconds) if seconds <= at_most_s else None


def problem_of(said: Any, *, is_worse_below: bool = False) -> str | None:
    """What is wrong with thresholds as somebody typed them, in words; None when nothing is.

    The database asks the same (`core.are_thresholds`), in fewer words.
    """
    if not isinstance(said, list):
        return 'Thresholds are a list: [{"level": "watch", "from": 15}, ...].'
    before: Threshold | None = None
    for one in said:
        numbers = [one.get("from"), one.get("dwell_s", 0)] if isinstance(one, dict) else [None]
        if not all(isinstance(n, int | float) and not isinstance(n, bool) for n in numbers):
            return "Each threshold has a level, the number it begins from, and perhaps dwell_s in seconds."
        if one.get("level") not in list(Level):
            return f"A level is one of {', '.join(Level)}."
        here = Threshold(Level(one["level"]), one["from"], one.get("dwell_s", 0))
        if here.dwell_s < 0:
            return "dwell_s is not negative."
        sign = -1 if is_worse_below else 1
        if before and (
            SEVERITY[here.level] <= SEVERITY[before.level] or sign * (here.start - before.start) <= 0
        ):
            return "Thresholds run from the mildest to the worst, and so do the values they begin from."
        before = here
    return None
