"""B6: a real terrain model, brought in as anybody would, against another library; how quick, how large.

Every depression is held against a fill by morphological reconstruction (scikit-image), which shares neither
method nor code with ours. The same ground, mirrored to four million pixels, is made ready in a process of its
own, whose peak counts whole: Python, Django and all.
"""

import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from rasterio.warp import transform
from skimage.measure import label, regionprops
from skimage.morphology import reconstruction

from geogrid.embedded.testing import fresh_database
from tests.terrain.ground import PLANE, corner_of_town, with_bowl

LEVEL_M, AREA, QUICK_MS, PEAK_BYTES = 0.001, 0.01, 100.0, 2**30
PLACES = 40
# Makes ready what lies at argv[1]; prints what it found, and this process's peak.
MAKE_READY = """
import json, resource, sys, time
import django
django.setup()
from django.utils import timezone
from assets.terrain import actions
from assets.terrain.models import Terrain
from geogrid.core.actor import System
began = time.monotonic()
with open(sys.argv[1], "rb") as file:
    made = actions.register(
        file=file, name="b6", vertical_unit="metre", actor=System("b6"), at=timezone.now()
    )
actions.make_ready(made, at=timezone.now())
rows = made.depressions.values_list("deepest", "area_m2", "spill_level_m", "deepest_level_m", "at_edge")
print(json.dumps({
    "id": made.pk,
    "state": Terrain.objects.get().state,
    "seconds": time.monotonic() - began,
    "peak_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    "depressions": [[*point.coords, *rest] for point, *rest in rows],
}))
"""
# Asks for floods at the places of argv[1]; prints how long each took in milliseconds.
FLOOD = """
import json, sys, time
import django
django.setup()
from assets.terrain.inundation import inundation_at
cases = json.loads(sys.argv[1])
took, areas = [], []
inundation_at(lng=cases[0][0], lat=cases[0][1], level_m=cases[0][2])  # the first pays for imports
for lng, lat, level in cases:
    began = time.perf_counter()
    found = inundation_at(lng=lng, lat=lat, level_m=level, window_m=1000)
    geometry = found.geometry()
    took.append((time.perf_counter() - began) * 1000)
    areas.append(found.area_m2)
print(json.dumps([took, areas]))
"""


def ground(small: bool, folder: Path) -> Path | None:
    """The real terrain model, or for the small run a piece of it, else made-up ground; None without data."""
    data = os.environ.get("GEOGRID_TEST_DATA")
    real = Path(data) / "johnson_vt" / "dem.tif" if data else None
    if real is not None and real.is_file() and not small:
        return real
    if not small:
        return None
    out = folder / "small.tif"
    heights = with_bowl() + np.random.default_rng(1).normal(0, 0.05, (120, 120)).astype(np.float32)
    west, north = corner_of_town()
    _write(out, heights, {"crs": PLANE, "transform": rasterio.Affine(2, 0, west, 0, -2, north)})
    return out


def mirrored(path: Path, side: int, out: Path) -> None:
    """The same ground, mirrored at its edges to `side` by `side` pixels."""
    with rasterio.open(path) as file:
        heights, profile = file.read(1), file.profile
    down, across = side - heights.shape[0], side - heights.shape[1]
    _write(out, np.pad(heights, ((0, down), (0, across)), "symmetric"), profile)


def _write(out: Path, heights: Any, profile: dict[str, Any]) -> None:
    kept = {name: profile[name] for name in ("crs", "transform")} | {"nodata": profile.get("nodata")}
    shape = {"width": heights.shape[1], "height": heights.shape[0], "count": 1, "dtype": "float32"}
    with rasterio.open(out, "w", driver="GTiff", **shape, **kept) as file:
        file.write(heights.astype(np.float32), 1)


def run(program: str, argument: str, environment: dict[str, str]) -> Any:
    done = subprocess.run(
        [sys.executable, "-c", program, argument],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "geogrid.settings", **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=1200,
    )
    if done.returncode != 0:
        raise RuntimeError(done.stderr[-2000:])
    return json.loads(done.stdout)


class Independent:
    """Depressions of a file as another library finds them."""

    def __init__(self, path: Path) -> None:
        with rasterio.open(path) as file:
            heights, self._transform, self._crs = file.read(1), file.transform, file.crs
            if file.nodata is not None and (heights == file.nodata).any():
                raise RuntimeError("this benchmark wants ground without holes")
        seed = np.full_like(heights, heights.max())
        seed[[0, -1]], seed[:, [0, -1]] = heights[[0, -1]], heights[:, [0, -1]]
        full = reconstruction(seed, heights, method="erosion", footprint=np.ones((3, 3)))
        self.heights, self.full = heights, full
        self.labels = label(full > heights, connectivity=2)
        pixel_m2 = abs(self._transform.a * self._transform.e)
        self.areas = {region.label: region.area * pixel_m2 for region in regionprops(self.labels)}
        depth = full - heights
        self.deepest = {
            region.label: float(depth[region.slice][region.image].max())
            for region in regionprops(self.labels)
        }

    def at(self, lng: float, lat: float) -> tuple[int, float, float]:
        """Label, spill level and ground at a place in degrees."""
        [x], [y] = transform("EPSG:4326", self._crs, [lng], [lat])
        column, row = ~self._transform @ (x, y)
        pixel = int(row), int(column)
        return int(self.labels[pixel]), float(self.full[pixel]), float(self.heights[pixel])


def compare(found: list[list[float]], other: Independent) -> tuple[float, float, int]:
    """Greatest difference of a level in metres, of an area as a part, and how many either misses."""
    level_m = area = 0.0
    met: list[int] = []
    for lng, lat, area_m2, spill_m, deepest_m, _ in found:
        number, spill, ground_m = other.at(lng, lat)
        if number == 0:
            continue
        met.append(number)
        level_m = max(level_m, abs(spill - spill_m), abs(ground_m - deepest_m))
        area = max(area, abs(other.areas[number] / area_m2 - 1))
    worth = {
        number for number, area_m2 in other.areas.items() if other.deepest[number] > 0.0501 and area_m2 > 10.1
    }
    missed = (len(found) - len(met)) + (len(met) - len(set(met))) + len(worth - set(met))
    return level_m, area, missed


def main(small: bool) -> int:
    """Prints the figures; 0 when every bound holds."""
    with tempfile.TemporaryDirectory() as named, fresh_database() as database:
        folder = Path(named)
        path = ground(small, folder)
        if path is None:
            print("B6 short: data missing (GEOGRID_TEST_DATA) depressions, flood, memory short")
            return 1
        here = database.environment() | {"GEOGRID_TERRAIN": str(folder / "terrain")}
        made = run(MAKE_READY, str(path), here)
        level_m, area, missed = compare(made["depressions"], Independent(path))
        print(
            f"{len(made['depressions'])} depressions in {made['seconds']:.1f} s; greatest difference: level "
            f"{level_m * 1000:.3f} mm, area {area:.3%}; {missed} missed by either",
            flush=True,
        )
        took, areas = run(FLOOD, json.dumps(cases(made["depressions"], small)), here)
        p95 = statistics.quantiles(took, n=20)[-1]
        print(
            f"{len(took)} floods in windows of 1 km, up to {max(areas):,.0f} m2: "
            f"p50 {statistics.median(took):.1f} ms, p95 {p95:.1f} ms, longest {max(took):.1f} ms",
            flush=True,
        )
        peak = peak_of_four_million(path, small)
    sound = level_m <= LEVEL_M and area <= AREA and missed == 0 and made["state"] == "ready"
    in_bounds = small or (p95 <= QUICK_MS and peak <= PEAK_BYTES)
    verdict = "ok" if sound and in_bounds else "short"
    print(
        f"B6 level {level_m * 1000:.3f} mm, area {area:.3%}, {missed} missed; flood p95 {p95:.0f} ms; "
        f"4 M pixels peak {peak / 2**20:.0f} MiB "
        f"<={LEVEL_M * 1000:.0f} mm, <={AREA:.0%}, 0; <={QUICK_MS:.0f} ms; <=1024 MiB {verdict}"
    )
    return 0 if verdict == "ok" else 1


def cases(found: list[list[float]], small: bool) -> list[tuple[float, float, float]]:
    """Places and levels: under, at and far over the lip of depressions large and small."""
    chance = random.Random(6)
    by_area = sorted(found, key=lambda one: -one[2])
    some = by_area[: PLACES // 2] + chance.sample(by_area, min(len(by_area), 4 if small else PLACES // 2))
    return [
        (lng, lat, level)
        for lng, lat, _, spill, deepest, _ in some
        for level in (deepest + 0.6 * (spill - deepest), spill, spill + 0.5, spill + 3.0)
    ]


def peak_of_four_million(real: Path, small: bool) -> int:
    """Peak of the process that makes four million pixels ready, in bytes; the small run makes fewer."""
    with tempfile.TemporaryDirectory() as named, fresh_database() as database:
        folder = Path(named)
        copy, side = folder / "copy.tif", 200 if small else 2000
        mirrored(real, side, copy)
        here = database.environment() | {"GEOGRID_TERRAIN": str(folder / "terrain")}
        made = run(MAKE_READY, str(copy), here)
    print(
        f"{side * side:,} pixels: {len(made['depressions'])} depressions in {made['seconds']:.1f} s, "
        f"peak {made['peak_bytes'] / 2**20:.0f} MiB",
        flush=True,
    )
    return int(made["peak_bytes"])
