"""The storm follows the real flood; calm days stay below every threshold."""

from datetime import UTC, datetime, timedelta

from geogrid.demo.hydrograph import flood
from geogrid.demo.terrain import low_places
from geogrid.simulate import water
from geogrid.simulate.plan import Gauge

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
TO_PEAK = -water.BEGINS


def gauge(peak: float = 80, lag_s: float = 0, phenomenon: str = "level") -> Gauge:
    return Gauge("SIM-W01", phenomenon, phenomenon, "Kaivokatu", 24.94, 60.17, peak, lag_s)


def test_the_level_is_the_real_stage_scaled_to_the_place():
    highest = max(stage.above_lowest_cm for stage in flood())

    for stage in flood()[240:400]:
        level = water.storm_level_cm(gauge(), TO_PEAK + stage.after_peak)
        assert abs(level - 80 * stage.above_lowest_cm / highest) < 0.06


def test_it_begins_and_ends_low_and_comes_later_where_it_lags():
    assert water.storm_level_cm(gauge(), timedelta()) < 5
    assert water.storm_level_cm(gauge(), water.LASTS) < 5
    assert water.storm_level_cm(gauge(), TO_PEAK) == 80
    assert water.storm_level_cm(gauge(lag_s=1800), TO_PEAK + timedelta(minutes=30)) == 80


def test_rain_comes_before_the_water_and_never_falls_upwards():
    rain = gauge(peak=28, phenomenon="rain")
    moments = [timedelta(minutes=10 * nr) for nr in range(174)]
    falls = [water.storm_rain_mm_h(rain, since) for since in moments]
    levels = [water.storm_level_cm(gauge(), since) for since in moments]

    assert min(falls) == 0 and 20 < max(falls) <= 28
    assert falls.index(max(falls)) < levels.index(max(levels))


def test_calm_days_stay_below_the_first_threshold_and_are_always_the_same():
    days = [NOON - timedelta(minutes=5 * back) for back in range(3 * 288)]
    levels = [water.calm(gauge(), at, made_at=NOON) for at in days]

    assert levels == [water.calm(gauge(), at, made_at=NOON) for at in days]
    assert min(levels) >= 0 and 5 < max(levels) < 13
    assert max(levels[:288]) < 3, "the shower was the day before"


def test_six_places_and_more_flood_over_the_first_threshold():
    from geogrid.simulate.preparing import PEAKS_CM

    peaks = [min(peak, 90 * place.depth_m) for peak, place in zip(PEAKS_CM, low_places(), strict=True)]

    assert sum(peak >= 15 for peak in peaks) >= 6 < len(peaks)
    assert sum(peak >= 50 for peak in peaks) >= 3
    assert min(peaks) < 15, "one place stays below, so that not all looks alike"
    assert all(peak < 100 * place.depth_m for peak, place in zip(peaks, low_places(), strict=True))
