"""Moving points for the live feed: once a second, what moved, to those who may see it.

They are no changes: nothing is written into the change log for them. Each process reads by snapshot what
moved since its last look (a slow transaction is neither missed nor told twice) and renders it once for all
who see the same.

A record is 8 bytes, little-endian: the device's id (u32), and its place as steps east and north of an origin
(two i16). Places stand by themselves: whoever misses a message or comes late is put right by the next one.
"""

import base64
import logging
import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import psycopg2

from geogrid.changes.feed import event
from geogrid.changes.passes import Pass
from geogrid.core.sql import statement

SQL = Path(__file__).parent / "sql"
PERIOD_S = 1.0
CARRIERS_EVERY_S = 5.0
DOORS_EVERY_S = 10.0
EVENT = "positions"
RECORD = np.dtype([("id", "<u4"), ("dx", "<i2"), ("dy", "<i2")])
_REACH = 32_767
_FINEST = 2.0**-23  # 13 mm of latitude
log = logging.getLogger(__name__)
Render = Callable[[Pass, tuple[str, ...]], str]


@dataclass(frozen=True)
class Frame:
    """What the steps of records are counted in: origin in degrees, step in degrees."""

    lng: float = 0.0
    lat: float = 0.0
    step: float = 360 / 65_534

    @classmethod
    def around(cls, west: float, south: float, east: float, north: float) -> "Frame":
        """A frame in which this box fits with a tenth to spare on each side; the step is a power of two."""
        half = max(east - west, north - south) * 0.6
        step = 2.0 ** math.ceil(math.log2(max(half / _REACH, _FINEST)))
        return cls((west + east) / 2, (south + north) / 2, step)


@dataclass(frozen=True)
class Carrier:
    """Whose a device is: the person, and the units that decide who may see where it is."""

    worker_id: int | None
    units: tuple[str, ...]

    def is_seen_by(self, prefixes: tuple[str, ...], wanted: tuple[str, ...]) -> bool:
        """Whether it is seen by who sees positions under the prefixes, and wanted where they say."""
        if not any(unit.startswith(prefixes) for unit in self.units or ("",)):
            return False
        return not wanted or any(u.startswith(w) or w.startswith(u) for u in self.units for w in wanted)


class Carriers:
    """All devices with whose they are; who may see which is worked out once for all who see the same."""

    def __init__(self, by_device: dict[int, Carrier]) -> None:
        self.by_device = by_device
        self._seen_by: dict[tuple[tuple[str, ...], tuple[str, ...]], frozenset[int]] = {}

    def seen_by(self, prefixes: tuple[str, ...], wanted: tuple[str, ...]) -> frozenset[int]:
        """The devices that are seen by who sees positions under the prefixes."""
        key = (prefixes, wanted)
        if key not in self._seen_by:
            found = (d for d, carrier in self.by_device.items() if carrier.is_seen_by(prefixes, wanted))
            self._seen_by[key] = frozenset(found)
        return self._seen_by[key]

    def of_workers(self, states: dict[int, str]) -> list[tuple[int, str]]:
        """The devices of people, with their states."""
        return [
            (device_id, states[carrier.worker_id])
            for device_id, carrier in self.by_device.items()
            if carrier.worker_id in states
        ]


@dataclass
class Tick:
    """What has happened within a second: places of devices, and states of people."""

    at: str
    frame: Frame
    carriers: Carriers
    ids: list[int] = field(default_factory=list)
    places: list[tuple[float, float]] = field(default_factory=list)
    states: list[tuple[int, str]] = field(default_factory=list)  # of devices

    def __bool__(self) -> bool:
        return bool(self.ids or self.states)

    def as_event(self, seen_by: Pass, wanted: tuple[str, ...]) -> str:
        """The event for the holders of a pass; empty when there is nothing for them."""
        if not seen_by.positions:
            return ""
        mine = self.carriers.seen_by(seen_by.positions, wanted)
        moved = [n for n, device_id in enumerate(self.ids) if device_id in mine]
        states = [[device_id, state] for device_id, state in self.states if device_id in mine]
        if not moved and not states:
            return ""
        points, far = packed([self.ids[n] for n in moved], [self.places[n] for n in moved], self.frame)
        told = {
            "at": self.at,
            "origin": [self.frame.lng, self.frame.lat],
            "step": self.frame.step,
            "points": points,
            "far": far,
            "states": states,
        }
        return event(EVENT, told)


def packed(ids: list[int], places: list[tuple[float, float]], frame: Frame) -> tuple[str, list[list[float]]]:
    """Records in base64, and [id, longitude, latitude] of those that lie outside of the frame."""
    steps = np.rint((np.array(places).reshape(-1, 2) - (frame.lng, frame.lat)) / frame.step)
    inside = (np.abs(steps) <= _REACH).all(axis=1)
    records = np.zeros(int(inside.sum()), RECORD)
    records["id"] = np.array(ids, dtype=np.uint32)[inside]
    records["dx"], records["dy"] = steps[inside].T
    far = [[ids[n], *places[n]] for n in np.flatnonzero(~inside)]
    return base64.b64encode(records.tobytes()).decode(), far


class Ticker:
    """Called after each poll of the change log with its cursor, in its thread; looks once a second.

    tell: gets a function from (pass, wanted units) to text, and sends the text to each group of listeners.
    """

    def __init__(self, tell: Callable[[Render], None], clock: Callable[[], float] = time.monotonic) -> None:
        self._tell = tell
        self._clock = clock
        self._seen = ""
        self._at = self._carriers_at = self._doors_at = float("-inf")
        self._carriers = Carriers({})
        self._frame = Frame()

    def forget(self) -> None:
        """Another database, or a gap in the log: clients are told to ask for everything; begin anew."""
        self._seen = ""
        self._carriers_at = float("-inf")

    def __call__(self, cursor: Any, batch: object) -> None:
        now = self._clock()
        if now - self._at < PERIOD_S:
            return
        self._at = now
        try:
            self._look(cursor, now)
        except psycopg2.Error as error:
            if cursor.connection.closed:
                raise
            log.warning("positions could not be told: %s", str(error).strip())

    def _look(self, cursor: Any, now: float) -> None:
        if now - self._doors_at >= DOORS_EVERY_S:
            cursor.execute(statement(SQL, "doors_are_open"))
            self._doors_at = now
        if now - self._carriers_at >= CARRIERS_EVERY_S:
            self._know_carriers(cursor)
            self._carriers_at = now
        if not self._seen:
            cursor.execute("SELECT pg_current_snapshot()::text")
            [self._seen] = cursor.fetchone()
            return
        cursor.execute(statement(SQL, "moved_since"), {"seen": self._seen})
        rows = cursor.fetchall()
        self._seen = rows[0][0]
        if now > self._carriers_at and any(row[1] not in self._carriers.by_device for row in rows if row[1]):
            self._know_carriers(cursor)  # somebody has just begun
            self._carriers_at = now
        tick = Tick(datetime.now(UTC).isoformat(timespec="milliseconds"), self._frame, self._carriers)
        states: dict[int, str] = {}
        for _, device_id, lng, lat, worker_id, state in rows:
            if device_id is not None:
                tick.ids.append(device_id)
                tick.places.append((lng, lat))
            elif worker_id is not None:
                states[worker_id] = state
        if states:
            tick.states += self._carriers.of_workers(states)
        if tick:
            self._tell(tick.as_event)

    def _know_carriers(self, cursor: Any) -> None:
        cursor.execute("SELECT device_id, worker_id, unit_codes FROM core.carriers()")
        self._carriers = Carriers(
            {device_id: Carrier(worker, tuple(units)) for device_id, worker, units in cursor.fetchall()}
        )
        cursor.execute(
            "SELECT ST_XMin(box), ST_YMin(box), ST_XMax(box), ST_YMax(box)"
            " FROM (SELECT ST_Extent(geom) AS box FROM grid_unit WHERE level = 'DISTRICT') AS city"
        )
        west, south, east, north = cursor.fetchone()
        self._frame = Frame() if west is None else Frame.around(west, south, east, north)
