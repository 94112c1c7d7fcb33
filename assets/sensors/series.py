"""The course of a datastream over a window, thinned to what a plot can draw. From the roll-ups."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from django.db import connection

from assets.sensors.models import Datastream

LONGEST: Final = timedelta(days=30)
MOST_POINTS: Final = 2_000
STEPS_S: Final = (60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400, 21_600, 43_200, 86_400)
HOUR_S: Final = 3_600


@dataclass(frozen=True)
class Series:
    """Columns of equal length. times: Unix seconds of the beginning of each step that has values."""

    datastream: Datastream
    step_s: int
    times: list[int]
    lowest: list[float]
    highest: list[float]
    mean: list[float]
    last: list[float]


def step_for(window: timedelta, points: int) -> int:
    """The shortest step (seconds) by which a window has at most so many steps."""
    wanted = window.total_seconds() / points
    return next((step for step in STEPS_S if step >= wanted), STEPS_S[-1])


def series_of(datastream: Datastream, begin: datetime, end: datetime, points: int) -> Series:
    """The course from `begin` to `end` (excluded) in at most `points` steps, each with its extremes.

    A peak of one minute is in every thinning: the highest of a step is the highest of all its values.
    """
    step_s = step_for(end - begin, points)
    # Steps begin at multiples of their length, so that a plot that moves on keeps its points.
    aligned = datetime.fromtimestamp(begin.timestamp() // step_s * step_s, UTC)
    table = "observation_hour" if step_s >= HOUR_S else "observation_minute"
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT
              extract(epoch FROM date_bin(make_interval(secs => %s), r.at, 'epoch'))::bigint,
              min(r.lowest),
              max(r.highest),
              sum(r.total) / sum(r.samples),
              (array_agg(r.last_value ORDER BY r.last_at DESC))[1]
            FROM {table} AS r
            WHERE r.datastream_id = %s AND r.at >= %s AND r.at < %s
            GROUP BY 1
            ORDER BY 1
            """,  # noqa: S608  one of two tables of ours
            [step_s, datastream.pk, aligned, end],
        )
        columns = list(zip(*cursor.fetchall(), strict=True)) or [(), (), (), (), ()]
    times, lowest, highest, mean, last = (list(column) for column in columns)
    return Series(datastream, step_s, times, lowest, highest, mean, last)
