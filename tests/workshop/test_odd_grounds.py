"""Ground that is not a chequerboard: holes, islands, a district of two parts, a border of 12,000 corners."""

import math
from typing import Any

import pytest
import shapely
from shapely import Polygon

from grid_units.models import Cell
from tests.grid_units.conftest import EASTERN, SIDE, WEST, WESTERN, PaperGrid, drawn, rectangle
from tests.workshop.conftest import Supervisor, shape_of
from tests.workshop.test_publishing import approved

CORNERS = 12_000


def wiggly(corners: int) -> list[tuple[float, float]]:
    """A border from south to north, in sides of a cell, on the grid."""
    step = 2.0**-17  # of a side: 2^-27 degree
    found: dict[tuple[float, float], None] = {(8.0, 10.0): None}
    for at in range(1, corners - 1):
        x = 8 + 0.25 * math.sin(at / 40) + 0.05 * math.sin(at * 1.7)
        found[round(x / step) * step, round((10 + 4 * at / corners) / step) * step] = None
    return [*found, (8.0, 14.0)]


@pytest.fixture
def odd(paper: PaperGrid) -> dict[str, int]:
    """Beside the paper: a ring with a cell inside, and two cells with a wiggly border, both far away."""
    border = wiggly(CORNERS)
    hole = [(6, 1), (7, 1), (7, 2), (6, 2)]
    ring = Polygon(drawn((5, 0), (8, 0), (8, 3), (5, 3)).exterior, [drawn(*hole).exterior])
    outlines = {
        "ring": ring,
        "inside": drawn(*hole),
        "left": drawn((6, 10), *border, (6, 14)),
        "right": drawn((10, 14), *border[::-1], (10, 10)),
    }
    with paper.transaction():
        paper.run("SELECT core.permit_extent_change('islands')")
        return {name: paper.insert(shape, EASTERN)[0] for name, shape in outlines.items()}


def test_holes_islands_and_a_long_border_are_edited_and_published(
    odd: dict[str, int], paper: PaperGrid, ann: Supervisor, ben: Supervisor
) -> None:
    assert paper.faults() == []
    draft = ann.draft()
    path = f"drafts/{draft}/edits"
    ring, inside, left, right = (f"c{odd[name]}" for name in ("ring", "inside", "left", "right"))
    seen = {key: shape_of(cell) for key, cell in ann.cells().items()}
    district = paper.unit("990101")

    # The corner of the hole is moved for both; the hole's cell is split right through.
    def moved(coordinates: Any) -> Any:
        at = (WEST + 7 * SIDE, 60.125 + 1 * SIDE)
        coordinates[(coordinates == at).all(axis=1)] = (at[0] + SIDE / 4, at[1] - SIDE / 4)
        return coordinates

    ann.save(path, {key: shapely.transform(seen[key], moved) for key in (ring, inside)})
    cells = {key: shape_of(cell) for key, cell in ann.cells(f"drafts/{draft}/grid").items()}
    half, other = drawn((6, 1), (7.25, 0.75), (7, 2)), drawn((6, 1), (7, 2), (6, 2))
    ann.save(path, {inside: half, "n1": other})
    # Hundreds of corners of the long border go, and the rest stays.
    ring_of = shapely.get_coordinates(cells[left].exterior)[:-1].tolist()
    shorter = [corner for at, corner in enumerate(ring_of) if not 2_000 < at < 2_500]
    gone = {tuple(corner) for corner in ring_of[2_001:2_500]}
    beside = [c for c in shapely.get_coordinates(cells[right].exterior)[:-1].tolist() if tuple(c) not in gone]
    ann.save(path, {left: Polygon(shorter), right: Polygon(beside)})

    ben.post(approved(ann, ben, draft))

    assert paper.faults() == []
    stored: Any = {cell.pk: shapely.from_wkb(bytes(cell.geom.wkb)) for cell in Cell.objects.all()}
    assert stored[odd["inside"]].equals(half) and stored[odd["left"]].equals(Polygon(shorter))
    assert len(stored[odd["ring"]].interiors) == 1
    assert len(stored[odd["left"]].exterior.coords) > CORNERS - 1_000
    assert paper.unit("990101").equals(district) and len(shapely.get_parts(district)) == 3
    assert shapely.coverage_is_valid(list(stored.values()))


def test_an_enclave_of_another_community_and_ground_given_up(
    odd: dict[str, int], paper: PaperGrid, ann: Supervisor, ben: Supervisor, chief: Supervisor
) -> None:
    draft = chief.draft()
    path = f"drafts/{draft}/edits"
    western = next(u["id"] for u in ann.get("grid")["communities"] if u["code"] == WESTERN)
    ring, inside = f"c{odd['ring']}", f"c{odd['inside']}"
    hole = shape_of(ann.cells()[inside])

    ann.save(path, {inside: hole}, community_id=western)
    narrower = drawn((5, 0), (8, 0), (8, 2.5), (5, 2.5))
    chief.save(path, {ring: Polygon(narrower.exterior, [hole.exterior])}, expect=422)
    chief.save(path, {ring: Polygon(narrower.exterior, [hole.exterior])}, extent="the lake took it")
    ben.post(approved(ann, ben, draft))

    assert paper.faults() == []
    assert Cell.objects.get(pk=odd["inside"]).code.startswith(WESTERN)
    assert len(shapely.get_parts(paper.unit(WESTERN))) == 2
    assert paper.outline("a1").equals(rectangle(0, 0, 1, 1))
