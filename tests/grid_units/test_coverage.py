"""Checking and healing the outlines of a grid file, in plain Shapely."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Polygon

from geogrid.core.geo import GRID_STEP_DEG as STORED_STEP_DEG
from grid_units.coverage import GRID_STEP_DEG, FaultKind, Flat, bands, check, heal, on_grid
from tests.grid_units.conftest import SIDE, drawn, rectangle, square
from tests.grid_units.made_up_city import made_up_city

FOUR = {name: square(name) for name in ("a1", "a2", "b1", "b2")}
METRE = SIDE / 54  # a side is 108 m high and 54 m wide; in sides west to east


def seamless(outlines: dict[str, Polygon]) -> bool:
    return bool(shapely.coverage_is_valid(np.array(list(outlines.values()), dtype=object)))


def test_the_grid_step_is_the_same_everywhere() -> None:
    assert GRID_STEP_DEG == STORED_STEP_DEG


def test_a_seamless_file_has_no_fault_and_comes_back_as_it_is() -> None:
    healed = heal(FOUR)

    assert check(FOUR) == []
    assert (healed.moved, healed.faults) == ((), ())
    assert healed.outlines == FOUR


def test_a_t_junction_gets_its_corner() -> None:
    wide = {"a1": rectangle(0, 0, 2, 1), "a2": square("a2"), "b2": square("b2")}

    healed = heal(wide)

    assert [fault.kind for fault in check(wide)] == [FaultKind.CORNERS] * 3
    assert healed.moved == ("a1",)
    assert healed.outlines["a1"].equals(wide["a1"])
    assert seamless(healed.outlines)


@pytest.mark.parametrize("metres", [0.3, -0.3])
def test_a_sliver_within_the_tolerance_is_healed(metres: float) -> None:
    moved = FOUR | {"a1": rectangle(0, 0, 1 - metres / 54, 1)}

    healed = heal(moved, tolerance_m=0.5)

    assert healed.faults == ()
    assert seamless(healed.outlines)
    assert check(healed.outlines) == []


def test_a_wider_gap_is_refused_with_its_outline_and_neighbours() -> None:
    nine = {
        f"{column}{row}": rectangle(column, row, column + 1, row + 1)
        for column in range(3)
        for row in range(3)
    }
    hole = nine.pop("11")

    healed = heal(nine, tolerance_m=0.5)

    [gap] = healed.faults
    assert gap.kind == FaultKind.GAP
    assert gap.outline.equals(hole)
    assert {"01", "10", "12", "21"} <= set(gap.names)
    assert gap.width_m == pytest.approx(54.2, abs=0.5)
    assert healed.moved == ()
    assert heal(nine, holes_are_meant=True).faults == ()


def test_a_wider_overlap_is_refused_and_names_both() -> None:
    overlapping = FOUR | {"a1": rectangle(0, 0, 1.1, 1)}

    [overlap] = heal(overlapping, tolerance_m=0.5).faults

    assert overlap.kind == FaultKind.OVERLAP
    assert overlap.names == ("a1", "b1")
    assert overlap.outline.equals(on_grid(rectangle(1, 0, 1.1, 1)))
    assert overlap.area_m2 == pytest.approx(5.4 * 108.7, rel=0.02)
    assert "overlap at a1 and b1" in str(overlap)


def test_an_outline_that_crosses_itself_is_refused() -> None:
    [fault] = heal(FOUR | {"a1": drawn((0, 0), (1, 1), (1, 0), (0, 1))}).faults

    assert (fault.kind, fault.names) == (FaultKind.INVALID, ("a1",))


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_a_file_blurred_within_the_tolerance_is_healed_seamless_and_on_the_grid(seed: int) -> None:
    chance = np.random.default_rng(seed)
    clean = {cell.code: cell.outline for cell in made_up_city(4, 4, seed=seed % 97)}
    blurred = {name: _blurred(outline, chance) for name, outline in clean.items()}

    healed = heal(blurred, tolerance_m=0.5)

    assert healed.faults == ()
    assert seamless(healed.outlines)
    flat = Flat(list(clean.values()))
    for name, outline in healed.outlines.items():
        assert outline.equals_exact(on_grid(outline), 0)
        assert flat.metres(outline).hausdorff_distance(flat.metres(clean[name])) < 0.6


def _blurred(outline: Polygon, chance: np.random.Generator) -> Polygon:
    corners = shapely.get_coordinates(outline)[:-1]
    return Polygon(corners + chance.uniform(-1e-6, 1e-6, corners.shape))


def test_generalised_copies_stay_seamless() -> None:
    city = {cell.code: cell.outline for cell in made_up_city(6, 6)}

    simpler = bands(city, [5.0, 20.0])

    assert all(seamless(outlines) for outlines in simpler.values())
    corners = [
        int(shapely.get_num_coordinates(list(outlines.values())).sum()) for outlines in simpler.values()
    ]
    assert corners[1] < corners[0] < int(shapely.get_num_coordinates(list(city.values())).sum())


def test_nothing_is_seamless_too() -> None:
    assert check({}) == []
    assert heal({}).outlines == {}
