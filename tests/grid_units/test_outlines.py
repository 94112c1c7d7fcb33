"""Communities, streets and districts are the exact union of their cells, in the same transaction."""

import psycopg2
import pytest

from tests.grid_units.conftest import (
    DISTRICT,
    EASTERN,
    STREET,
    WESTERN,
    PaperGrid,
    drawn,
    rectangle,
    square,
)
from tests.grid_units.made_up_city import ewkb

MARKS = "SELECT code, xmin::text FROM grid_unit ORDER BY code"


def test_every_level_is_the_union_of_its_cells(paper: PaperGrid) -> None:
    assert paper.unit(WESTERN).equals(rectangle(0, 0, 2, 2))
    assert paper.unit(EASTERN).equals(rectangle(2, 0, 4, 2))
    assert paper.unit(STREET).equals(rectangle(0, 0, 4, 2))
    assert paper.unit(DISTRICT).equals(rectangle(0, 0, 4, 2))
    assert paper.faults() == []


def test_an_edit_inside_a_community_touches_no_unit(paper: PaperGrid) -> None:
    before = paper.rows(MARKS)

    paper.draw("a1", drawn((0, 0), (1, 0), (1.25, 0.5), (1, 1), (0, 1)))

    assert paper.rows(MARKS) == before


def test_an_edit_between_two_communities_touches_these_two_only(paper: PaperGrid) -> None:
    before = dict(paper.rows(MARKS))

    paper.draw("b1", drawn((1, 0), (2, 0), (2.25, 0.5), (2, 1), (1, 1)))

    touched = {code for code, mark in paper.rows(MARKS) if before[code] != mark}
    assert touched == {WESTERN, EASTERN}
    assert paper.unit(WESTERN).equals(rectangle(0, 0, 2, 2).union(drawn((2, 0), (2.25, 0.5), (2, 1))))
    assert paper.faults() == []


def test_a_cell_moved_to_another_community_moves_both_outlines(paper: PaperGrid) -> None:
    paper.run(
        "UPDATE cell SET community_id = (SELECT id FROM grid_unit WHERE code = %s) WHERE id = %s",
        EASTERN,
        paper.ids["b1"],
    )

    assert paper.unit(WESTERN).equals(rectangle(0, 0, 2, 2).difference(square("b1")))
    assert paper.unit(EASTERN).equals(rectangle(2, 0, 4, 2).union(square("b1")))
    assert paper.faults() == []


def test_a_community_in_two_pieces_that_touch_in_a_corner_is_right(paper: PaperGrid) -> None:
    paper.run(
        "UPDATE cell SET community_id = (SELECT id FROM grid_unit WHERE code = %s) WHERE id = ANY (%s)",
        EASTERN,
        [paper.ids["a1"], paper.ids["b2"]],
    )

    assert paper.unit(WESTERN).equals(square("a2").union(square("b1")))
    assert paper.faults() == []


def test_a_community_that_loses_its_last_cell_has_no_outline(paper: PaperGrid) -> None:
    paper.run(
        "UPDATE cell SET community_id = (SELECT id FROM grid_unit WHERE code = %s) WHERE code LIKE %s",
        EASTERN,
        WESTERN + "%",
    )

    assert paper.unit(WESTERN) is None
    assert paper.unit(EASTERN).equals(rectangle(0, 0, 4, 2))
    assert paper.faults() == []


def test_an_enclave_is_a_hole_in_the_community_round_it(paper: PaperGrid) -> None:
    paper.insert(rectangle(0.25, 0.25, 0.75, 0.75), community=EASTERN)

    western = paper.unit(WESTERN)
    assert len(western.geoms[0].interiors) == 1
    assert len(paper.unit(EASTERN).geoms) == 2
    assert paper.faults() == []


def test_the_outlines_of_a_rolled_back_edit_are_rolled_back(paper: PaperGrid) -> None:
    paper.connection.autocommit = False
    paper.draw("b1", rectangle(1, 0, 2.5, 1))
    changed = paper.unit(WESTERN)
    paper.connection.rollback()

    assert not changed.equals(rectangle(0, 0, 2, 2))
    assert paper.unit(WESTERN).equals(rectangle(0, 0, 2, 2))


def test_the_stored_copy_for_tiles_follows(paper: PaperGrid) -> None:
    paper.draw("b1", rectangle(1, 0, 2.5, 1))

    wrong = "SELECT count(*) FROM grid_unit WHERE NOT ST_OrderingEquals(geom_3857, ST_Transform(geom, 3857))"
    assert paper.value(wrong) == 0


@pytest.mark.parametrize("column", ["geom", "geom_3857"])
def test_the_outline_of_a_unit_cannot_be_drawn(paper: PaperGrid, qgis: PaperGrid, column: str) -> None:
    for connection in (paper, qgis):
        with pytest.raises(psycopg2.Error, match=f"The outline of unit {WESTERN} cannot be drawn"):
            connection.run(f"UPDATE grid_unit SET {column} = NULL WHERE code = %s", WESTERN)


def test_a_new_unit_cannot_bring_an_outline(paper: PaperGrid) -> None:
    with pytest.raises(psycopg2.Error, match="cannot be drawn"):
        paper.run(
            "INSERT INTO grid_unit (code, level, name, name_en, is_simulated, parent_id, geom)"
            " SELECT '990101001003', 'COMMUNITY', 'x', '', true, id, ST_Multi(%s) FROM grid_unit"
            " WHERE code = %s",
            ewkb(square("a1")),
            STREET,
        )


def test_the_name_of_a_unit_can_be_changed(paper: PaperGrid) -> None:
    assert paper.run("UPDATE grid_unit SET name = '西社区' WHERE code = %s", WESTERN) == 1


def test_outlines_stay_right_over_cells_that_were_loaded_with_unequal_corners(
    paper: PaperGrid,
) -> None:
    with paper.transaction():
        paper.run("SELECT core.permit_extent_change('again')")
        paper.run("DELETE FROM cell")
    with paper.transaction():
        paper.run("SELECT core.permit_first_load('T-junction between b1, b2 and c')")
        paper.insert(rectangle(0, 0, 2, 1))
        paper.insert(rectangle(0, 1, 2, 2))
        tall, _ = paper.insert(rectangle(2, 0, 4, 2), community=EASTERN)

    paper.run("UPDATE cell SET geom = %s WHERE id = %s", ewkb(rectangle(1.5, 0, 4, 2)), tall)

    assert paper.unit(WESTERN).equals(rectangle(0, 0, 1.5, 2))
    assert paper.unit(STREET).equals(rectangle(0, 0, 4, 2))
    assert paper.faults() == []
