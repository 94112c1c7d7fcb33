"""Whether a value can be believed: range, rate, stuck, gap, time. Pure; every value is kept all the same."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

AHEAD_AT_MOST = timedelta(minutes=5)  # device clocks drift; further ahead the time is wrong
BEHIND_AT_MOST = timedelta(days=90)  # as long as single values are kept
GAP_FACTOR = 3.0  # so many expected intervals without a value are a gap


class Flag(StrEnum):
    """What is wrong with a value; empty when nothing is."""

    GOOD = ""
    GAP = "gap"  # good, but the values before it are missing 缺数
    STUCK = "stuck"  # has not changed for longer than is credible 卡滞
    RANGE = "range"  # outside of what the instrument can measure 越限
    RATE = "rate"  # changed faster than is credible 突变
    WILD = "wild"  # its time is impossible 时间异常


# Shown as the last value and counted in the roll-ups. The others are kept, and used for nothing.
USABLE: frozenset[Flag] = frozenset({Flag.GOOD, Flag.GAP, Flag.STUCK})
# A stuck instrument raises no alarm and ends none.
TRUSTED: frozenset[Flag] = frozenset({Flag.GOOD, Flag.GAP})


@dataclass(frozen=True)
class Limits:
    """What is credible of one datastream; None: not checked. Values in its unit, times in seconds."""

    lowest: float | None = None
    highest: float | None = None
    most_per_s: float | None = None
    stuck_s: float | None = None
    expected_s: float | None = None


@dataclass(frozen=True)
class Last:
    """The newest usable value, and since when the value has been exactly the same."""

    at: datetime
    value: float
    same_since: datetime


def is_wild(at: datetime, received_at: datetime) -> bool:
    """Whether a value cannot be of this time."""
    return not received_at - BEHIND_AT_MOST <= at <= received_at + AHEAD_AT_MOST


def flag_of(limits: Limits, last: Last | None, at: datetime, value: float, received_at: datetime) -> Flag:
    """What is wrong with a value of the moment `at`. A late one is compared with nothing.

    Rate: against the last usable value, so a real jump is believed again after as long as it would take at
    the largest credible rate. Stuck: not at the bottom of the range, where instruments rest (a dry road).
    """
    if is_wild(at, received_at):
        return Flag.WILD
    if (limits.lowest is not None and value < limits.lowest) or (
        limits.highest is not None and value > limits.highest
    ):
        return Flag.RANGE
    if last is None or at <= last.at:
        return Flag.GOOD
    passed_s = (at - last.at).total_seconds()
    if limits.most_per_s is not None and abs(value - last.value) > limits.most_per_s * passed_s:
        return Flag.RATE
    rests = limits.lowest is not None and value == limits.lowest
    if limits.stuck_s is not None and value == last.value and not rests:
        is_stuck = (at - last.same_since).total_seconds() >= limits.stuck_s
        if is_stuck:
            return Flag.STUCK
    if limits.expected_s is not None and passed_s > GAP_FACTOR * limits.expected_s:
        return Flag.GAP
    return Flag.GOOD


def followed(last: Last | None, at: datetime, value: float) -> Last:
    """The newest usable value after this one; a late one never moves it back."""
    if last is None:
        return Last(at, value, at)
    if at <= last.at:
        return last
    return Last(at, value, last.same_since if value == last.value else at)
