"""How deep the water stands: depth, rise, band and time to the next one, rain nearby, for any moment."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import connection

from assets.sensors.models import WaterloggingPoint
from assets.sensors.thresholds import band, seconds_to_next, thresholds_of
from geogrid.core.sql import statement

SQL = Path(__file__).parent / "sql"
RAIN_WITHIN_M = 5_000
MOST_RAIN_GAUGES = 3


@dataclass(frozen=True)
class Water:
    """The water at one point. Depth in cm; `is_stale`: nothing newer than some expected intervals."""

    depth_cm: float | None = None
    band: str = ""
    measured_at: datetime | None = None
    is_stale: bool = True
    flag: str = ""
    cm_per_10min: float | None = None
    next_band: str = ""
    next_band_at: datetime | None = None
    station: str = ""
    datastream: int | None = None


def water_at(points: Sequence[WaterloggingPoint], *, now: datetime, at: datetime | None) -> dict[int, Water]:
    """The water at each point by its id: as it stands (`at` None), or as it was.

    Of several gauges the deepest fresh one counts: missing a flood is worse than crying once too often.
    """
    by_point: dict[int, list[dict[str, Any]]] = {point.pk: [] for point in points}
    for row in rows_of("water_levels", points=list(by_point), at=at):
        by_point[row["point_id"]].append(row)
    return {point.pk: _water(point, by_point[point.pk], at or now) for point in points}


def _water(point: WaterloggingPoint, gauges: list[dict[str, Any]], moment: datetime) -> Water:
    told = [gauge for gauge in gauges if gauge["at"] is not None]
    if not told:
        return Water()
    chosen = max(told, key=lambda one: (_is_fresh(one, moment), one["depth_cm"], one["at"]))
    if not _is_fresh(chosen, moment):
        chosen = max(told, key=lambda one: one["at"])
    bands = thresholds_of(point.bands)
    depth = float(chosen["depth_cm"])
    is_stale = not _is_fresh(chosen, moment)
    per_second = chosen["rise_cm"] / chosen["rise_s"] if chosen["rise_s"] else None
    following = seconds_to_next(bands, depth, per_second) if per_second is not None and not is_stale else None
    return Water(
        depth_cm=round(depth, 2),
        band=band(bands, depth) or "",
        measured_at=chosen["at"],
        is_stale=is_stale,
        flag=chosen["flag"],
        cm_per_10min=None if per_second is None else round(per_second * 600, 2),
        next_band=following[0] if following else "",
        next_band_at=chosen["at"] + timedelta(seconds=following[1]) if following else None,
        station=chosen["station"],
        datastream=chosen["datastream_id"],
    )


def _is_fresh(gauge: dict[str, Any], moment: datetime) -> bool:
    return bool(gauge["at"] >= moment - timedelta(seconds=gauge["fresh_for_s"]))


def cells_of(points: Iterable[WaterloggingPoint]) -> dict[int, str]:
    """Code of the cell that holds each point, by the point's id; empty outside the grid."""
    rows = rows_of("point_cells", points=[point.pk for point in points])
    return {row["id"]: row["code"] or "" for row in rows}


def rain_near(point: WaterloggingPoint, at: datetime) -> list[dict[str, Any]]:
    """What fell in the hour before `at` at the nearest rain gauges, the nearest first."""
    place = point.place.hexewkb.decode()
    rows = rows_of("rain_nearby", place=place, at=at, most=MOST_RAIN_GAUGES, within_m=RAIN_WITHIN_M)
    for row in rows:
        fresh_for = timedelta(seconds=row.pop("fresh_for_s"))
        row["is_stale"] = row["last_at"] is None or row["last_at"] < at - fresh_for
        row["last_hour"] = None if row["amount"] is None else round(row.pop("amount"), 2)
    return rows


def rows_of(name: str, **values: Any) -> list[dict[str, Any]]:
    """The rows of a statement of this room, by column."""
    with connection.cursor() as cursor:
        cursor.execute(statement(SQL, name), values)
        columns = [column[0] for column in cursor.description]
        return [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]
