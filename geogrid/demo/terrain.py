"""The simulated ground of the demonstration city (模拟地形): no survey was at hand.

It rises from the real shore, with soft hills, and runs off everywhere but at named places on real streets,
where an underpass or a low stretch of street is dug into it. The same streets give the same ground, always.
"""

import csv
import io
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import geopandas
import numpy as np
import rasterio
import shapely
from django.conf import settings
from django.utils import timezone
from numpy.typing import NDArray
from rasterio import features
from rasterio.transform import Affine, from_origin
from scipy import ndimage

from assets.terrain import actions, tasks
from assets.terrain.depressions import depressions_of, filled
from assets.terrain.grids import Grid, Piece
from assets.terrain.models import Terrain
from geogrid.core.actor import System

SHAPES: Final = Path(settings.BASE_DIR) / "data" / "shapefiles"
PLACES: Final = Path(__file__).with_name("low_places.csv")
DEMO: Final = System("demo")
NAME: Final = "模拟地形 Simulated terrain"
SOURCE: Final = (
    "Simulated from OpenStreetMap streets and shore for a demonstration: no survey. 模拟数据，非实测"
)
PLANE: Final = "EPSG:3879"  # metres, as Helsinki maps itself
PIXEL_M: Final = 2.0
MARGIN_M: Final = 60.0
UNKNOWN: Final = -9999.0  # the sea: its level is no ground
SHORE_M: Final = 1.2
RISE: Final = 0.015  # metres a metre inland
HILLS: Final = 0.6  # of the rise: less than one, so that hills dam nothing up
HILL_SIZE_M: Final = 140.0
SEED: Final = 990101
Heights = NDArray[np.float32]


@dataclass(frozen=True)
class Dug:
    """Where to dig: a street, a place on it in degrees, how deep, and how long a stretch in metres."""

    street: str
    lng: float
    lat: float
    kind: str
    depth_m: float
    length_m: float


WIDTH_M: Final = 44.0  # from front to front, and a little into the houses
UNDERPASS, LOW_STREET = "underpass", "low_street"  # 下穿通道, 低洼路段
DIGS: Final = (
    Dug("Alvar Aallon katu", 24.938261, 60.176119, UNDERPASS, 2.4, 80),
    Dug("Siltavuorenpenger", 24.950950, 60.175530, UNDERPASS, 2.2, 80),
    Dug("Kaivokatu", 24.941349, 60.170309, LOW_STREET, 1.5, 110),
    Dug("Unioninkatu", 24.950663, 60.171912, LOW_STREET, 1.4, 100),
    Dug("Kaisaniemenkatu", 24.949438, 60.173333, LOW_STREET, 1.6, 110),
    Dug("Simonkatu", 24.937196, 60.169365, LOW_STREET, 1.5, 100),
    Dug("Kalevankatu", 24.936427, 60.166775, LOW_STREET, 1.7, 110),
    Dug("Bulevardi", 24.940267, 60.165457, LOW_STREET, 1.4, 100),
    Dug("Aleksanterinkatu", 24.952150, 60.169045, LOW_STREET, 1.3, 90),
    Dug("Vilhonkatu", 24.946346, 60.172062, LOW_STREET, 1.5, 100),
    Dug("Paasivuorenkatu", 24.948465, 60.178503, LOW_STREET, 1.3, 80),
    Dug("Fabianinkatu", 24.949480, 60.167529, LOW_STREET, 1.6, 110),
)


@dataclass(frozen=True)
class LowPlace:
    """A place where water gathers. Levels in metres of the simulated terrain; the place is its deepest."""

    street: str
    kind: str
    lng: float
    lat: float
    deepest_level_m: float
    spill_level_m: float
    depth_m: float


@cache
def low_places() -> tuple[LowPlace, ...]:
    """The places of the simulated terrain where water gathers, each on a real street; simulated all of them.

    They are known without the terrain being ready: `write_low_places` has written them down,
    and a test holds them against it.
    """
    with PLACES.open(encoding="utf-8", newline="") as file:
        return tuple(
            LowPlace(row["street"], row["kind"], *(float(row[name]) for name in _NUMBERS))
            for row in csv.DictReader(file)
        )


_NUMBERS: Final = ("lng", "lat", "deepest_level_m", "spill_level_m", "depth_m")


def make_heights() -> tuple[Heights, Grid]:
    """The simulated ground in metres, NaN for the sea, and its grid."""
    roads = geopandas.read_file(SHAPES / "roads.shp").to_crs(PLANE)
    sea = geopandas.read_file(SHAPES / "sea.shp").to_crs(PLANE)
    west, south, east, north = roads.total_bounds
    west, north = _down(west - MARGIN_M), _down(north + MARGIN_M) + PIXEL_M
    width = round((_down(east + MARGIN_M) - west) / PIXEL_M) + 1
    height = round((north - _down(south - MARGIN_M)) / PIXEL_M)
    grid = Grid(PLANE, from_origin(west, north, PIXEL_M, PIXEL_M), width, height)
    wet = _burnt(sea.geometry, grid) > 0
    ground = SHORE_M + RISE * ndimage.distance_transform_edt(~wet, sampling=PIXEL_M)
    ground += _hills((height, width))
    for dug in DIGS:
        ground -= _hollow(dug, roads, grid)
    ground[wet] = np.nan
    return np.round(ground, 3).astype(np.float32), grid


def _down(metres: float) -> float:
    return float(np.floor(metres / PIXEL_M) * PIXEL_M)


def _burnt(shapes: Any, grid: Grid) -> NDArray[np.uint8]:
    burnt: NDArray[np.uint8] = features.rasterize(
        ((shape, 1) for shape in shapes),
        out_shape=(grid.height, grid.width),
        transform=grid.transform,
        all_touched=True,
        dtype="uint8",
    )
    return burnt


def _hills(shape: tuple[int, int]) -> NDArray[np.float64]:
    """Soft hills, nowhere as steep as the ground rises from the shore."""
    noise = np.random.default_rng(SEED).standard_normal(shape)
    hills: NDArray[np.float64] = ndimage.gaussian_filter(noise, HILL_SIZE_M / PIXEL_M, mode="reflect")
    steepest = max(float(np.abs(slope).max()) for slope in np.gradient(hills, PIXEL_M)) * np.sqrt(2)
    lower: NDArray[np.float64] = hills * (HILLS * RISE / steepest)
    return lower


def _hollow(dug: Dug, roads: Any, grid: Grid) -> NDArray[np.float64]:
    """How much to take away for one place: deepest in the middle of its street, nothing at the rim."""
    x, y = grid.plane(dug.lng, dug.lat)
    rows, columns = np.indices((grid.height, grid.width))
    turn: Affine = grid.transform
    away = np.hypot(turn.c + (columns + 0.5) * turn.a - x, turn.f + (rows + 0.5) * turn.e - y)
    street = _burnt(roads[roads.name == dug.street].geometry, grid) > 0
    beside = ndimage.distance_transform_edt(~street, sampling=PIXEL_M)
    along = np.clip(1 - (away / (dug.length_m / 2)) ** 2, 0, None)
    across = np.clip(1 - (beside / (WIDTH_M / 2)) ** 2, 0, None)
    hollow: NDArray[np.float64] = dug.depth_m * along * across
    return hollow


def find_low_places(heights: Heights, grid: Grid) -> list[LowPlace]:
    """The depressions at the places that were dug, in their order.

    Raises:
        LookupError: when a place holds no water.
    """
    full = filled(heights)
    found = depressions_of(heights, full, grid, Piece(0, grid.whole, grid.whole))
    places = []
    for dug in DIGS:
        pixel = grid.pixel_at(dug.lng, dug.lat)
        here = [one for one in found if pixel and one.shape.covers(shapely.Point(grid.middle_of(*pixel)))]
        if len(here) != 1:
            raise LookupError(f"{dug.street} holds no water of its own")
        [one] = here
        levels = (one.deepest_level_m, one.spill_level_m, one.depth_m)
        lng, lat = (round(degrees, 7) for degrees in one.deepest)
        places.append(LowPlace(dug.street, dug.kind, lng, lat, *(round(level, 3) for level in levels)))
    return places


def as_geotiff(heights: Heights, grid: Grid) -> io.BytesIO:
    """The ground as a file that can be brought in."""
    with rasterio.MemoryFile() as memory:
        with memory.open(
            driver="GTiff",
            width=grid.width,
            height=grid.height,
            count=1,
            dtype="float32",
            crs=grid.crs,
            transform=grid.transform,
            nodata=UNKNOWN,
            compress="deflate",
            predictor=3,
            tiled=True,
        ) as file:
            file.write(np.where(np.isnan(heights), np.float32(UNKNOWN), heights), 1)
            file.update_tags(note=SOURCE)
        return io.BytesIO(bytes(memory.getbuffer()))


def bring_terrain() -> bool:
    """Bring the simulated ground in and line up the job that makes it ready; whether it had to be done."""
    if Terrain.objects.filter(is_simulated=True).exists():
        return False
    made = actions.register(
        file=as_geotiff(*make_heights()),
        name=NAME,
        vertical_unit="metre",
        actor=DEMO,
        at=timezone.now(),
        source=SOURCE,
        is_simulated=True,
    )
    tasks.line_up(made)
    return True


def write_low_places() -> None:
    """Write the file that `low_places` reads."""
    with PLACES.open("w", encoding="utf-8", newline="") as file:
        out = csv.DictWriter(file, ["street", "kind", *_NUMBERS], lineterminator="\n")
        out.writeheader()
        out.writerows(asdict(place) for place in find_low_places(*make_heights()))
