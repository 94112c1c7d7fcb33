"""Questions that other rooms ask of the grid by SQL."""

import pytest
from pyproj import Geod
from shapely import LineString, Point
from shapely.ops import nearest_points

from tests.grid_units.conftest import SIDE, SOUTH, WEST, PaperGrid
from tests.grid_units.made_up_city import ewkb

CELL_AT = "SELECT core.cell_at(%s)"
WITHIN = "SELECT cell_id, code, distance_m FROM core.cells_within(%s, %s)"


def place(x: float, y: float) -> str:
    return ewkb(Point(WEST + x * SIDE, SOUTH + y * SIDE))


@pytest.mark.parametrize(("x", "y", "name"), [(0.5, 0.5, "a1"), (2.2, 1.7, "c2"), (3.999, 0.001, "d1")])
def test_the_cell_of_a_point(paper: PaperGrid, x: float, y: float, name: str) -> None:
    assert paper.value(CELL_AT, place(x, y)) == paper.ids[name]


def test_on_a_border_and_on_a_corner_always_the_same_cell_answers(paper: PaperGrid) -> None:
    assert paper.value(CELL_AT, place(1, 0.5)) == paper.ids["a1"]
    assert paper.value(CELL_AT, place(1, 1)) == paper.ids["a1"]


def test_outside_the_grid_no_cell_answers(paper: PaperGrid) -> None:
    assert paper.value(CELL_AT, place(-0.1, 0.5)) is None


def test_cells_near_a_border_come_with_metres_on_the_ellipsoid_nearest_first(paper: PaperGrid) -> None:
    point = Point(WEST + 0.96 * SIDE, SOUTH + 0.5 * SIDE)
    _, on_border = nearest_points(point, LineString([(WEST + SIDE, SOUTH), (WEST + SIDE, SOUTH + SIDE)]))
    _, _, metres = Geod(ellps="WGS84").inv(point.x, point.y, on_border.x, on_border.y)

    rows = paper.rows(WITHIN, ewkb(point), 5.0)

    assert [(cell_id, code) for cell_id, code, _ in rows] == [
        (paper.ids["a1"], paper.codes["a1"]),
        (paper.ids["b1"], paper.codes["b1"]),
    ]
    assert rows[0][2] == 0
    assert rows[1][2] == pytest.approx(metres, abs=0.001)


def test_a_cell_just_beyond_the_distance_is_not_listed(paper: PaperGrid) -> None:
    point = place(0.5, 0.5)
    [(_, _, nearest), *_] = [row for row in paper.rows(WITHIN, point, 60.0) if row[2] > 0]

    assert len(paper.rows(WITHIN, point, nearest - 0.01)) == 1
    assert len(paper.rows(WITHIN, point, nearest + 0.01)) > 1


def test_a_cell_across_the_corner_is_measured_by_the_diagonal(paper: PaperGrid) -> None:
    """4 m from both borders at a corner: 5.7 m from the cell across, though inside a box of 5 m."""
    metres_x, metres_y = 4 / 55_500, 4 / 111_400
    point = ewkb(Point(WEST + SIDE - metres_x, SOUTH + SIDE - metres_y))

    assert {row[0] for row in paper.rows(WITHIN, point, 5.0)} == {paper.ids[n] for n in ("a1", "a2", "b1")}
    assert {row[0] for row in paper.rows(WITHIN, point, 6.0)} == {
        paper.ids[n] for n in ("a1", "a2", "b1", "b2")
    }
