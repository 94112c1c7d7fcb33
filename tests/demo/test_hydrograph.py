"""The real flood that the demonstration follows: whole, in order, in metres."""

from datetime import timedelta
from pathlib import Path

import pytest

from geogrid.demo.hydrograph import FILE, cut, flood

AROUND_THE_PEAK = Path(__file__).parents[1] / "data" / "usgs_deadrun_around_the_peak.csv"


def test_two_days_around_the_peak_without_a_hole():
    stages = flood()

    assert len(stages) == 576
    assert [stage.after_peak for stage in stages] == [timedelta(minutes=5 * nr) for nr in range(-288, 288)]
    peak = stages[288]
    assert peak.stage_m == max(stage.stage_m for stage in stages) == pytest.approx(6.17 * 0.3048, abs=5e-5)
    assert min(stage.above_lowest_cm for stage in stages) == 0


def test_feet_became_metres():
    for line in FILE.read_text(encoding="utf-8").splitlines()[1:]:
        _, feet, metres = line.split(",")
        assert abs(float(feet) * 0.3048 - float(metres)) <= 5.1e-5


def test_the_cut_is_made_again_byte_for_byte(tmp_path: Path):
    cut(AROUND_THE_PEAK, tmp_path / "again.csv")

    assert (tmp_path / "again.csv").read_bytes() == FILE.read_bytes()
