"""Levels and rain: calm days, and a storm that follows a real flood. Pure; lengths of water in cm and mm."""

import math
import random
from bisect import bisect_right
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Final

from geogrid.demo.hydrograph import flood
from geogrid.simulate.plan import SEED, Gauge

BEGINS: Final = timedelta(hours=-6)  # of the storm, before its peak: the water is low here, and rises soon
ENDS: Final = timedelta(hours=23)
LASTS: Final = ENDS - BEGINS
RUN_OFF: Final = timedelta(minutes=40)  # rain falls so long before it stands in the streets
SHOWER_AGO: Final = timedelta(hours=31)  # a shower of the days before, mild everywhere
SHOWER_LASTS: Final = timedelta(hours=5)
SHOWER_CM: Final = 9.0


@dataclass(frozen=True)
class _Curve:
    hours: tuple[float, ...]
    share: tuple[float, ...]

    def at(self, hours: float) -> float:
        """The share of the peak (0 to 1) so many hours after it, straight between values of the series."""
        if hours <= self.hours[0] or hours >= self.hours[-1]:
            return 0.0
        nr = bisect_right(self.hours, hours)
        before, after = self.hours[nr - 1], self.hours[nr]
        part = (hours - before) / (after - before)
        return self.share[nr - 1] + (self.share[nr] - self.share[nr - 1]) * part


@cache
def _real_flood() -> _Curve:
    stages = [stage for stage in flood() if BEGINS <= stage.after_peak <= ENDS]
    highest = max(stage.above_lowest_cm for stage in stages)
    return _Curve(
        tuple(stage.after_peak / timedelta(hours=1) for stage in stages),
        tuple(stage.above_lowest_cm / highest for stage in stages),
    )


def storm_level_cm(gauge: Gauge, since_begin: timedelta) -> float:
    """The depth at a gauge so long (of the storm's own time) after it began."""
    hours = (BEGINS + since_begin - timedelta(seconds=gauge.lag_s)) / timedelta(hours=1)
    return round(gauge.peak * _real_flood().at(hours), 1)


def storm_rain_mm_h(gauge: Gauge, since_begin: timedelta) -> float:
    """How hard it rains: as the water rises RUN_OFF later. `peak` of the gauge is the hardest, in mm/h."""
    hours = (BEGINS + since_begin + RUN_OFF) / timedelta(hours=1)
    step = 0.25
    rise = (_real_flood().at(hours) - _real_flood().at(hours - step)) / step
    return round(gauge.peak * min(1.0, max(0.0, rise) / _steepest(step)), 2)


@cache
def _steepest(step: float) -> float:
    """The largest rise of the flood, as a share of its peak an hour."""
    curve = _real_flood()
    return max((curve.at(hours) - curve.at(hours - step)) / step for hours in curve.hours)


def calm(gauge: Gauge, moment: datetime, *, made_at: datetime, seed: int = SEED) -> float:
    """What a gauge says without a storm: a street that is dry or nearly so; a mild shower two days ago.

    made_at: the moment from which the shower is counted back.
    """
    chance = random.Random(f"{seed}:{gauge.station}:{gauge.datastream}:{moment.timestamp():.0f}")
    since_shower = moment - (made_at - SHOWER_AGO)
    part = since_shower / SHOWER_LASTS
    wet = math.sin(math.pi * part) ** 2 if 0 < part < 1 else 0.0
    if gauge.phenomenon == "rain":
        return round(wet * (4 + chance.random()), 2)  # mm/h
    return round(max(0.0, chance.gauss(0.6, 0.3)) + wet * SHOWER_CM * min(1.0, gauge.peak / 60), 1)
