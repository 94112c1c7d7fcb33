"""The water at a moment of the past (回放): levels as they were, and their course up to then."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from assets.sensors.models import WaterloggingPoint
from assets.sensors.waterlogging import Water, rows_of, water_at

COURSE: Final = timedelta(hours=3)
STEPS: Final = 36


def water_then(points: Sequence[WaterloggingPoint], at: datetime) -> dict[int, Water]:
    """The water at each point by its id, as measured up to `at`, values that came late included."""
    return water_at(points, now=at, at=at)


def courses_then(points: Sequence[WaterloggingPoint], at: datetime) -> dict[int, list[float | None]]:
    """STEPS depths (cm) of the COURSE before `at`, the oldest first, by the point's id; or None."""
    courses: dict[int, list[float | None]] = {point.pk: [None] * STEPS for point in points}
    step_s = COURSE.total_seconds() / STEPS
    found = rows_of("courses_then", points=list(courses), begin=at - COURSE, end=at, step_s=step_s)
    for row in found:
        courses[row["point_id"]][row["step"]] = round(row["depth_cm"], 2)
    return courses
