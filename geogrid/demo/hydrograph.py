"""A real flood for the demonstration: the stage of a stream over two days, five minutes apart.

Made from the full series by `python -m geogrid.demo.hydrograph SOURCE data/sensors/dead_run_flood.csv`.
"""

import csv
import sys
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Final

FILE: Final = Path(__file__).resolve().parents[2] / "data" / "sensors" / "dead_run_flood.csv"
METRES_PER_FOOT: Final = 0.3048  # the international foot, exactly
HALF: Final = timedelta(days=1)
COLUMNS: Final = ("time_utc", "stage_ft", "stage_m")


@dataclass(frozen=True)
class Stage:
    """The stage (height of the water above the gauge's own zero) at one moment."""

    after_peak: timedelta
    stage_m: float
    above_lowest_cm: float


@cache
def flood() -> tuple[Stage, ...]:
    """The two days around the peak, in order; times count from the peak, negative before it."""
    with FILE.open(encoding="utf-8", newline="") as file:
        rows = [(datetime.fromisoformat(r["time_utc"]), float(r["stage_m"])) for r in csv.DictReader(file)]
    lowest = min(stage for _, stage in rows)
    peak_at, _ = max(rows, key=lambda row: row[1])
    return tuple(Stage(at - peak_at, stage, round((stage - lowest) * 100, 2)) for at, stage in rows)


def cut(source: Path, target: Path) -> int:
    """Write the two days around the highest stage of a series of the USGS; how many rows that are.

    source: CSV with time_utc, param and value, where `gage_height_ft` is the stage in feet.
    """
    with source.open(encoding="utf-8", newline="") as file:
        stages = [
            (datetime.fromisoformat(row["time_utc"]), row["value"])
            for row in csv.DictReader(file)
            if row["param"] == "gage_height_ft"
        ]
    peak_at, _ = max(stages, key=lambda stage: float(stage[1]))
    with target.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(COLUMNS)
        kept = [stage for stage in stages if peak_at - HALF <= stage[0] < peak_at + HALF]
        for at, feet in kept:
            text = at.isoformat().replace("+00:00", "Z")
            out.writerow([text, feet, f"{float(feet) * METRES_PER_FOOT:.4f}"])
    return len(kept)


if __name__ == "__main__":
    print(cut(Path(sys.argv[1]), Path(sys.argv[2])), "rows")
