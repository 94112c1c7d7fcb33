"""The plan of one simulated day: what is reported, when, by whom, and what becomes of it. Pure and seeded.

The same seed, date and city always give the same plan. Times are local minutes of the day and waits in
minutes, so that the plan can be made before anything of it has happened.
"""

import random
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TypeVar

Picked = TypeVar("Picked")

SEED = 30428
FEWEST, MOST = 20, 30
ELSEWHERE_MINUTES = 200


class Course(StrEnum):
    """What becomes of a report."""

    REJECTED = "rejected"
    ON_THE_SPOT = "on_the_spot"
    WHOLE_LOOP = "whole_loop"
    STUCK = "stuck"  # dispatched, and nobody takes it up


class Channel(StrEnum):
    """How a report came in."""

    PATROL = "patrol"
    HOTLINE = "hotline"
    WEB = "web"
    QR = "qr"


# Weights: seven of ten are found by patrols; one in eleven is not filed; a handful in 90 days are left lying.
CHANNELS = {Channel.PATROL: 70, Channel.HOTLINE: 14, Channel.WEB: 10, Channel.QR: 6}
COURSES = {Course.WHOLE_LOOP: 814, Course.ON_THE_SPOT: 91, Course.REJECTED: 91, Course.STUCK: 4}

# Kinds of problems (code: weight, hours until the deadline).
EVENTS: dict[str, tuple[int, int]] = {
    "0110": (10, 8),
    "0112": (9, 8),
    "0111": (7, 24),
    "0113": (6, 72),
    "0117": (5, 24),
    "0128": (6, 24),
    "0136": (7, 24),
    "0192": (8, 8),
    "0201": (6, 24),
    "0302": (4, 48),
    "0304": (4, 24),
    "0405": (4, 12),
    "0406": (4, 12),
    "0410": (7, 12),
    "0493": (9, 12),
    "0496": (3, 4),
    "0499": (7, 12),
    "0503": (2, 12),
    "0506": (4, 6),
    "0507": (2, 12),
}
# Hours until the deadline of what is wrong with an object, by the first digits of its class.
ASSET_HOURS = {
    "0101": 4,
    "0102": 4,
    "0103": 4,
    "0104": 24,
    "0137": 48,
    "01": 72,
    "02": 72,
    "03": 24,
    "04": 120,
}


@dataclass(frozen=True)
class Waits:
    """Minutes between the steps of the whole loop; handling is a part of what the time limit leaves.

    `rework_part` adds a second round of handling.
    """

    file: int
    dispatch: int
    accept: int
    arrive: int
    handle_part: float
    verify: int
    close: int
    evaluate: int
    rework_part: float | None


@dataclass(frozen=True)
class PlannedReport:
    """One report to come. `event_code` is empty for what is wrong with an object (`pick` chooses which)."""

    minute: int
    channel: Channel
    course: Course
    event_code: str
    pick: float
    spread: tuple[float, float]
    words: float
    waits: Waits
    limit_hours: int


def hours_for_asset(class_code: str) -> int:
    """Hours until the deadline, by the longest prefix listed."""
    for length in range(len(class_code), 1, -1):
        if class_code[:length] in ASSET_HOURS:
            return ASSET_HOURS[class_code[:length]]
    return 72


def plan_of(day: date) -> list[PlannedReport]:
    """The reports of a local day, the earliest first: fewer at the weekend, most in daylight."""
    chance = random.Random(f"{SEED}-{day.isoformat()}")
    count = chance.randint(FEWEST, MOST - 4) if day.weekday() >= 5 else chance.randint(FEWEST + 3, MOST)
    return sorted((_one(chance) for _ in range(count)), key=lambda report: report.minute)


def _one(chance: random.Random) -> PlannedReport:
    channel = _weighted(chance, CHANNELS)
    course = _weighted(chance, COURSES)
    if course == Course.ON_THE_SPOT:
        channel = Channel.PATROL
    events = {code: weight for code, (weight, _) in EVENTS.items()}
    event_code = _weighted(chance, events) if chance.random() < 0.55 else ""
    limit = EVENTS[event_code][1] if event_code else 0
    return PlannedReport(
        minute=min(1439, max(0, round(chance.triangular(330, 1380, 620)))),
        channel=channel,
        course=course,
        event_code=event_code,
        pick=chance.random(),
        spread=(chance.uniform(-1, 1), chance.uniform(-1, 1)),
        words=chance.random(),
        waits=_waits(chance),
        limit_hours=limit,
    )


def _weighted(chance: random.Random, weights: dict[Picked, int]) -> Picked:
    return chance.choices(list(weights), weights=list(weights.values()))[0]


def _waits(chance: random.Random) -> Waits:
    """Most are quick and about one in eight takes far longer than it should."""
    slow = chance.random() < 0.12
    return Waits(
        file=max(1, round(chance.expovariate(1 / 2.5))),
        dispatch=max(2, round(chance.expovariate(1 / 11))),
        accept=max(2, round(chance.expovariate(1 / 20))),
        arrive=max(5, round(chance.expovariate(1 / 35))),
        handle_part=chance.uniform(1.1, 2.5) if slow else chance.triangular(0.05, 0.95, 0.3),
        verify=max(10, round(chance.expovariate(1 / 90))),
        close=max(3, round(chance.expovariate(1 / 45))),
        evaluate=round(chance.uniform(600, 4000)),
        rework_part=chance.uniform(0.05, 0.4) if chance.random() < 0.06 else None,
    )


def handling_minutes(part: float, limit_hours: int) -> int:
    """Minutes of handling: a part of the limit less the minutes that the other steps usually take."""
    return max(10, round(part * max(60, limit_hours * 60 - ELSEWHERE_MINUTES)))
