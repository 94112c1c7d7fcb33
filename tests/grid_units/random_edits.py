"""What people do to cells by SQL and in QGIS, at random: one-sided, careless, and sometimes impossible."""

import math
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from shapely import LineString, Point, Polygon
from shapely.ops import split

from tests.grid_units.made_up_city import METRES_PER_DEGREE, Coordinates, ewkb, in_degrees, in_metres

Statement = tuple[str, list[Any]]

RESHAPE = "UPDATE cell SET geom = %s WHERE id = %s"
COPY_OF_CELL = "INSERT INTO cell (code, community_id, geom) SELECT %s, %s::bigint, %s"
REMOVE = "DELETE FROM cell WHERE id = %s"
NEIGHBOURS = "SELECT id, geom FROM cell WHERE id <> %s AND ST_DWithin(geom, %s, 1e-7)"


@dataclass(frozen=True)
class Target:
    """The cell that somebody is about to edit; `outline` in metres."""

    cell_id: int
    code: str
    community_id: int
    outline: Polygon

    @property
    def corners(self) -> list[tuple[float, float]]:
        return [(x, y) for x, y in self.outline.exterior.coords[:-1]]

    def drawn(self, outline: Polygon) -> Statement:
        return RESHAPE, [ewkb(in_degrees(outline)), self.cell_id]

    def inserted(self, outline: Polygon, code: str | None = None) -> Statement:
        return COPY_OF_CELL, [code or self.code, self.community_id, ewkb(in_degrees(outline))]


def target(cursor: Any, chance: random.Random) -> Target:
    """Any cell of the grid."""
    cursor.execute("SELECT max(id) FROM cell")
    wanted = chance.randint(1, cursor.fetchone()[0])
    cursor.execute(
        "SELECT id, code, community_id, geom FROM cell WHERE id >= %s ORDER BY id LIMIT 1", [wanted]
    )
    cell_id, code, community_id, geom = cursor.fetchone()
    return Target(cell_id, code, community_id, in_metres(shapely.from_wkb(geom)))


def neighbours(cursor: Any, cell: Target) -> list[tuple[int, Polygon]]:
    """Id and outline (in metres) of the cells that touch this one."""
    cursor.execute(NEIGHBOURS, [cell.cell_id, ewkb(in_degrees(cell.outline))])
    return [(cell_id, in_metres(shapely.from_wkb(geom))) for cell_id, geom in cursor.fetchall()]


def with_corner(cell: Target, at: int, moved_m: tuple[float, float]) -> Polygon:
    corners = cell.corners
    x, y = corners[at]
    corners[at] = (x + moved_m[0], y + moved_m[1])
    return Polygon(corners, list(cell.outline.interiors))


def move_corner(cell: Target, chance: random.Random, cursor: Any) -> list[list[Statement]] | None:
    moved = with_corner(
        cell, chance.randrange(len(cell.corners)), (chance.uniform(-9, 9), chance.uniform(-9, 9))
    )
    return [[cell.drawn(moved)]]


def move_corner_by_a_hair(cell: Target, chance: random.Random, cursor: Any) -> list[list[Statement]] | None:
    hair = (chance.uniform(-0.001, 0.001), chance.uniform(-0.001, 0.001))
    return [[cell.drawn(with_corner(cell, chance.randrange(len(cell.corners)), hair))]]


def round_to_seven_digits(cell: Target, chance: random.Random, cursor: Any) -> list[list[Statement]] | None:
    rounded = shapely.transform(in_degrees(cell.outline), lambda c: c.round(7))
    return [[(RESHAPE, [ewkb(rounded), cell.cell_id])]]


def add_corner_on_one_side(cell: Target, chance: random.Random, cursor: Any) -> list[list[Statement]] | None:
    corners = cell.corners
    at = chance.randrange(len(corners))
    (x1, y1), (x2, y2) = corners[at], corners[(at + 1) % len(corners)]
    along = chance.random()
    corners.insert(at + 1, (x1 + (x2 - x1) * along, y1 + (y2 - y1) * along))
    return [[cell.drawn(Polygon(corners, list(cell.outline.interiors)))]]


def bite(cell: Target, chance: random.Random, cursor: Any) -> list[list[Statement]] | None:
    return _round_a_corner(cell, chance, cell.outline.difference)


def bulge(cell: Target, chance: random.Random, cursor: Any) -> list[list[Statement]] | None:
    return _round_a_corner(cell, chance, cell.outline.union)


def _round_a_corner(
    cell: Target, chance: random.Random, join: Callable[[Any], Any]
) -> list[list[Statement]] | None:
    disc = Point(chance.choice(cell.corners)).buffer(
        chance.uniform(5, 60), quad_segs=chance.choice([2, 4, 8])
    )
    shape = join(disc)
    return [[cell.drawn(shape)]] if isinstance(shape, Polygon) else None


def buffer(cell: Target, chance: random.Random, cursor: Any) -> list[list[Statement]] | None:
    shape = cell.outline.buffer(chance.choice([-1, 1]), join_style="mitre")
    return [[cell.drawn(shape)]] if isinstance(shape, Polygon) else None


def split_in_two_statements(cell: Target, chance: random.Random, cursor: Any) -> list[list[Statement]] | None:
    """As QGIS saves it: the first half updated, the second inserted with every attribute copied."""
    halves = _halves(cell, chance)
    return [[cell.drawn(halves[0]), cell.inserted(halves[1])]] if halves else None


def split_in_two_transactions(
    cell: Target, chance: random.Random, cursor: Any
) -> list[list[Statement]] | None:
    halves = _halves(cell, chance)
    return [[cell.drawn(halves[0])], [cell.inserted(halves[1])]] if halves else None


def _halves(cell: Target, chance: random.Random) -> list[Polygon] | None:
    angle = chance.uniform(0, math.pi)
    middle = cell.outline.representative_point()
    far = np.array([math.cos(angle), math.sin(angle)]) * 900
    cut = LineString(
        [
            (middle.x - far[0], middle.y - far[1]),
            (middle.x + chance.uniform(-9, 9), middle.y),
            (middle.x + far[0], middle.y + far[1]),
        ]
    )
    halves = [half for half in split(cell.outline, cut).geoms if isinstance(half, Polygon)]
    return halves if len(halves) == 2 else None


def delete(cell: Target, chance: random.Random, cursor: Any) -> list[list[Statement]] | None:
    return [[(REMOVE, [cell.cell_id])]]


def insert_on_top(cell: Target, chance: random.Random, cursor: Any) -> list[list[Statement]] | None:
    place = chance.choice([Point(chance.choice(cell.corners)), cell.outline.representative_point()])
    return [[cell.inserted(place.buffer(chance.uniform(10, 120), quad_segs=4))]]


def move_corner_of_all(cell: Target, chance: random.Random, cursor: Any) -> list[list[Statement]] | None:
    """Topological editing: the shared corner in every cell that has it, one UPDATE each, one transaction."""
    return [_corner_of_all(cell, chance, cursor)]


def move_corner_of_all_singly(
    cell: Target, chance: random.Random, cursor: Any
) -> list[list[Statement]] | None:
    """The same with a commit after each, so that all but the first are stale."""
    return [[statement] for statement in _corner_of_all(cell, chance, cursor)]


def _corner_of_all(cell: Target, chance: random.Random, cursor: Any) -> list[Statement]:
    corner = np.array(chance.choice(cell.corners))
    aim = corner + np.array([chance.uniform(-6, 6), chance.uniform(-6, 6)])

    def is_it(coordinates: Coordinates) -> Any:
        return np.abs(coordinates - corner).max(axis=1) < 1e-4

    statements = [cell.drawn(shapely.transform(cell.outline, lambda c: np.where(is_it(c)[:, None], aim, c)))]
    for cell_id, outline in neighbours(cursor, cell):
        if is_it(shapely.get_coordinates(outline)).any():
            moved = shapely.transform(outline, lambda c: np.where(is_it(c)[:, None], aim, c))
            statements.append((RESHAPE, [ewkb(in_degrees(moved)), cell_id]))
    return statements


def shift_several(cell: Target, chance: random.Random, cursor: Any) -> list[list[Statement]] | None:
    ids = [cell.cell_id, *(cell_id for cell_id, _ in neighbours(cursor, cell)[:2])]
    by = np.array([chance.uniform(-3, 3), chance.uniform(-3, 3)]) / METRES_PER_DEGREE
    return [[("UPDATE cell SET geom = ST_Translate(geom, %s, %s) WHERE id = ANY (%s)", [*by.tolist(), ids])]]


Edit = Callable[[Target, random.Random, Any], list[list[Statement]] | None]
EDITS: dict[str, Edit] = {
    edit.__name__: edit
    for edit in (
        move_corner,
        move_corner_by_a_hair,
        round_to_seven_digits,
        add_corner_on_one_side,
        bite,
        bulge,
        buffer,
        split_in_two_statements,
        split_in_two_transactions,
        delete,
        insert_on_top,
        move_corner_of_all,
        move_corner_of_all_singly,
        shift_several,
    )
}
