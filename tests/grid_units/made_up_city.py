"""A made-up city for tests and measurements: wobbly cells that share every corner, in communities."""

import math
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from shapely import Polygon

WEST, SOUTH = 24.9, 60.1
METRES_PER_DEGREE = np.array([111_320 * math.cos(math.radians(SOUTH)), 111_320.0])
COUNTY = "910101"

Corner = tuple[int, int]
Coordinates = npt.NDArray[np.float64]


@dataclass(frozen=True)
class MadeUpCell:
    """A cell of the made-up city; `outline` in degrees, on the grid."""

    code: str
    outline: Polygon

    @property
    def community(self) -> str:
        return self.code[:12]


def in_metres(shape: Any) -> Any:
    """The same shape in metres east and north of the city's corner (flat, good for drawing edits)."""
    return shapely.transform(shape, lambda c: (c - [WEST, SOUTH]) * METRES_PER_DEGREE)


def in_degrees(shape: Any) -> Any:
    """Back from `in_metres`."""
    return shapely.transform(shape, lambda c: c / METRES_PER_DEGREE + [WEST, SOUTH])


def ewkb(shape: Any) -> str:
    """Hexadecimal EWKB of a shape in degrees, as a parameter for SQL."""
    return str(shapely.to_wkb(shapely.set_srid(shape, 4326), hex=True, include_srid=True))


def snapped(exponent: int) -> Callable[[float, float], tuple[float, float]]:
    """Metres to degrees on the grid of 2^-exponent."""
    scale = 2.0**exponent

    def to_grid(east_m: float, north_m: float) -> tuple[float, float]:
        lon, lat = np.array([east_m, north_m]) / METRES_PER_DEGREE + [WEST, SOUTH]
        return round(lon * scale) / scale, round(lat * scale) / scale

    return to_grid


def made_up_city(
    columns: int, rows: int, block: int = 5, cell_m: float = 200.0, seed: int = 7, exponent: int = 27
) -> list[MadeUpCell]:
    """columns x rows cells of about cell_m a side; communities of block x block cells."""
    chance = random.Random(seed)
    to_grid = snapped(exponent)
    nodes: dict[Corner, tuple[float, float]] = {
        (i, j): (
            i * cell_m + chance.uniform(-0.2, 0.2) * cell_m,
            j * cell_m + chance.uniform(-0.2, 0.2) * cell_m,
        )
        for i in range(columns + 1)
        for j in range(rows + 1)
    }
    edges: dict[tuple[Corner, Corner], list[tuple[float, float]]] = {}

    def draw(start: Corner, end: Corner) -> None:
        (x1, y1), (x2, y2) = nodes[start], nodes[end]
        length = math.hypot(x2 - x1, y2 - y1)
        bends = chance.randint(3, 6)
        line = [(x1, y1)]
        for k in range(1, bends + 1):
            along, aside = k / (bends + 1), chance.uniform(-0.04, 0.04) * cell_m
            line.append(
                (
                    x1 + (x2 - x1) * along - (y2 - y1) / length * aside,
                    y1 + (y2 - y1) * along + (x2 - x1) / length * aside,
                )
            )
        edges[start, end] = [to_grid(*corner) for corner in [*line, (x2, y2)]]

    for i in range(columns + 1):
        for j in range(rows + 1):
            if i < columns:
                draw((i, j), (i + 1, j))
            if j < rows:
                draw((i, j), (i, j + 1))
    return list(_cells(edges, columns, rows, block))


def _cells(
    edges: dict[tuple[Corner, Corner], list[tuple[float, float]]], columns: int, rows: int, block: int
) -> Iterator[MadeUpCell]:
    numbers: dict[str, int] = {}
    for i in range(columns):
        for j in range(rows):
            south, east = edges[(i, j), (i + 1, j)], edges[(i + 1, j), (i + 1, j + 1)]
            north, west = edges[(i, j + 1), (i + 1, j + 1)], edges[(i, j), (i, j + 1)]
            ring = south[:-1] + east[:-1] + north[::-1][:-1] + west[::-1]
            community = f"{COUNTY}{i // block + 1:03d}{j // block + 1:03d}"
            numbers[community] = numbers.get(community, 0) + 1
            yield MadeUpCell(f"{community}{numbers[community]:03d}", Polygon(ring))


def fill(cursor: Any, cells: list[MadeUpCell]) -> None:
    """Units and cells into an empty database, by the named action for a first load."""
    cursor.execute("SELECT core.permit_first_load('made-up city')")
    cursor.execute(
        "INSERT INTO grid_unit (code, level, name, name_en, is_simulated)"
        " VALUES (%s, 'DISTRICT', '示例区', '', true)",
        [COUNTY],
    )
    for level, digits in (("STREET", 9), ("COMMUNITY", 12)):
        for code in sorted({cell.code[:digits] for cell in cells}):
            cursor.execute(
                "INSERT INTO grid_unit (code, level, name, name_en, is_simulated, parent_id)"
                " SELECT %s, %s, %s, '', true, id FROM grid_unit WHERE code = %s",
                [code, level, code, code[:-3]],
            )
    for start in range(0, len(cells), 500):
        some = cells[start : start + 500]
        cursor.execute(
            "INSERT INTO cell (code, community_id, geom)"
            " SELECT c.code, u.id, c.geom"
            " FROM unnest(%s::text[], %s::text[], %s::geometry[]) AS c (code, community, geom)"
            " JOIN grid_unit AS u ON u.code = c.community",
            [[c.code for c in some], [c.community for c in some], [ewkb(c.outline) for c in some]],
        )
