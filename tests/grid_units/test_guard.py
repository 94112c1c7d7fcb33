"""The guard: whatever is done to cells by SQL, they stay one seamless coverage."""

import psycopg2
import pytest
from shapely import Polygon, box

from tests.grid_units.conftest import EASTERN, SIDE, SOUTH, WEST, WESTERN, PaperGrid, drawn, rectangle, square
from tests.grid_units.made_up_city import ewkb


def sides(shape: Polygon) -> float:
    """Area in squared sides of a cell."""
    return round(shape.area / SIDE**2, 9)


def test_a_corner_moved_in_one_cell_moves_the_neighbours(paper: PaperGrid) -> None:
    paper.draw("a1", drawn((0, 0), (1, 0), (1.25, 0.5), (1, 1), (0, 1)))

    assert paper.outline("b1").equals(square("b1").difference(drawn((1, 0), (1.25, 0.5), (1, 1))))
    assert paper.faults() == []


def test_ground_that_is_left_goes_to_the_longest_border_in_the_same_community(paper: PaperGrid) -> None:
    paper.draw("b1", rectangle(1, 0, 1.5, 1))

    assert sides(paper.outline("c1")) == 1.0, (
        "the eastern community has the longer border, but is another one"
    )
    assert sides(paper.outline("b2")) == 1.5
    assert paper.faults() == []


def test_a_corner_added_on_one_side_is_added_on_the_other(paper: PaperGrid) -> None:
    paper.draw("a1", drawn((0, 0), (1, 0), (1, 0.5), (1, 1), (0, 1)))

    assert (WEST + SIDE, SOUTH + 0.5 * SIDE) in paper.outline("b1").exterior.coords
    assert paper.faults() == []


def test_a_split_saved_as_update_and_insert_keeps_what_was_drawn(paper: PaperGrid) -> None:
    with paper.transaction():
        paper.draw("a1", rectangle(0, 0, 0.5, 1))
        half, _ = paper.insert(rectangle(0.5, 0, 1, 1), code=paper.codes["a1"])

    assert paper.outline("a1").equals(rectangle(0, 0, 0.5, 1))
    assert paper.outline_of(half).equals(rectangle(0.5, 0, 1, 1))
    assert all(paper.outline(name).equals(square(name)) for name in ("a2", "b1", "b2"))
    assert paper.faults() == []


def test_a_split_in_one_insert_takes_the_ground_from_the_old_cell(paper: PaperGrid) -> None:
    paper.insert(rectangle(0.5, 0, 1, 1))

    assert paper.outline("a1").equals(rectangle(0, 0, 0.5, 1))
    assert paper.faults() == []


def test_a_deleted_cell_leaves_its_ground_to_a_neighbour_of_its_community(paper: PaperGrid) -> None:
    paper.delete("b1")

    assert sides(paper.outline("a1")) + sides(paper.outline("b2")) == 3.0
    assert sides(paper.outline("c1")) == 1.0
    assert paper.faults() == []


def test_several_cells_deleted_at_once_leave_no_gap(paper: PaperGrid) -> None:
    assert paper.delete("a1", "b1", "c1") == 3

    assert paper.names() == ["a2", "b2", "c2", "d1", "d2"]
    assert paper.faults() == []


def test_all_cells_shrunk_at_once_stay_seamless(paper: PaperGrid) -> None:
    paper.run("UPDATE cell SET geom = ST_Buffer(geom::geography, -0.02)::geometry")

    assert paper.faults() == []


def test_coordinates_rounded_by_a_client_do_not_open_gaps(paper: PaperGrid) -> None:
    paper.run("UPDATE cell SET geom = ST_SnapToGrid(geom, 1e-7) WHERE id = %s", paper.ids["b2"])

    assert paper.faults() == []


def test_a_cell_drawn_over_its_neighbour_absorbs_it(paper: PaperGrid) -> None:
    paper.draw("a1", rectangle(0, 0, 2, 1))

    assert "b1" not in paper.names()
    assert paper.faults() == []


def test_an_island_is_cut_out_and_filled_again(paper: PaperGrid) -> None:
    island, _ = paper.insert(rectangle(0.25, 0.25, 0.75, 0.75))
    with_hole = paper.outline("a1")

    paper.run("DELETE FROM cell WHERE id = %s", island)

    assert len(with_hole.interiors) == 1
    assert paper.outline("a1").equals(square("a1"))
    assert paper.faults() == []


def test_two_cells_can_swap_their_ground_in_one_statement(paper: PaperGrid) -> None:
    paper.run(
        "UPDATE cell AS c SET geom = o.geom FROM cell AS o WHERE (c.id, o.id) IN ((%s, %s), (%s, %s))",
        *(paper.ids[name] for name in ("a1", "b1", "b1", "a1")),
    )

    assert paper.outline("a1").equals(square("b1"))
    assert paper.outline("b1").equals(square("a1"))
    assert paper.faults() == []


def test_an_attribute_alone_leaves_every_outline(paper: PaperGrid) -> None:
    before = paper.rows("SELECT id, geom FROM cell ORDER BY id")

    paper.run("UPDATE cell SET households = 300 WHERE id = %s", paper.ids["a1"])

    assert paper.rows("SELECT id, geom FROM cell ORDER BY id") == before


def test_the_stored_copy_and_the_area_follow_the_outline(paper: PaperGrid) -> None:
    paper.draw("a1", rectangle(0, 0, 0.5, 1))

    wrong = "SELECT count(*) FROM cell WHERE NOT ST_OrderingEquals(geom_3857, ST_Transform(geom, 3857))"
    assert paper.value(wrong + " OR abs(area_m2 - ST_Area(geom::geography)) > 0.001") == 0
    assert 2900 < paper.value("SELECT area_m2 FROM cell WHERE id = %s", paper.ids["a1"]) < 3000


def test_a_hole_drawn_into_a_cell_is_refused_with_the_place(paper: PaperGrid) -> None:
    ring = square("a1").difference(rectangle(0.25, 0.25, 0.75, 0.75))

    refusal = paper.refuses(lambda: paper.draw("a1", ring))

    assert f"The edit of cell {paper.codes['a1']} leaves 1" in str(refusal)
    assert "m2 without a cell near 24.9379" in str(refusal)
    assert refusal.diag.message_hint


def test_cutting_a_neighbour_in_two_is_refused_and_says_what_to_do(paper: PaperGrid) -> None:
    cross = square("a1").union(rectangle(0.9, 0.4, 2.1, 0.6))

    refusal = paper.refuses(lambda: paper.draw("a1", cross))

    assert f"would cut cell {paper.codes['b1']} in two near " in str(refusal)
    assert refusal.diag.message_hint == f"Split cell {paper.codes['b1']} first."


@pytest.mark.parametrize(
    ("outline", "words"),
    [
        ("SRID=4326;POLYGON EMPTY", "has no outline"),
        (None, "has no outline"),
        (ewkb(drawn((0, 0), (1, 1), (1, 0), (0, 1))), "is not a valid outline: Self-intersection"),
        (ewkb(rectangle(0, 0, 1e-6, 1e-6)), "smaller than 1 m2"),
    ],
)
def test_what_is_no_outline_is_refused(paper: PaperGrid, outline: str | None, words: str) -> None:
    refusal = paper.refuses(
        lambda: paper.run("UPDATE cell SET geom = %s WHERE id = %s", outline, paper.ids["a1"])
    )

    assert f"Cell {paper.codes['a1']}" in str(refusal)
    assert words in str(refusal)


def test_a_spike_folded_by_rounding_is_forgiven(paper: PaperGrid) -> None:
    folded = drawn((0, 0), (1, 0), (1, 0.5), (1.0001, 0.5), (1, 0.5), (1, 1), (0, 1))

    paper.draw("a1", folded)

    assert paper.outline("a1").equals(square("a1"))
    assert paper.faults() == []


def test_the_id_of_a_cell_stays(paper: PaperGrid) -> None:
    refusal = paper.refuses(lambda: paper.run("UPDATE cell SET id = 999999 WHERE id = %s", paper.ids["a1"]))

    assert "cannot be changed" in str(refusal)


def test_one_statement_that_inserts_and_updates_the_same_ground_is_refused(paper: PaperGrid) -> None:
    merge = """
        MERGE INTO cell AS c
        USING (VALUES (%s::bigint, %s::geometry), (0, %s::geometry)) AS n (id, geom) ON c.id = n.id
        WHEN MATCHED THEN UPDATE SET geom = n.geom
        WHEN NOT MATCHED THEN INSERT (community_id, geom)
            VALUES ((SELECT id FROM grid_unit WHERE code = %s), n.geom)
    """
    values = (paper.ids["a1"], ewkb(rectangle(0, 0, 0.5, 1)), ewkb(rectangle(0.5, 0, 1, 1)), WESTERN)

    refusal = paper.refuses(lambda: paper.run(merge, *values))

    assert "Two commands changed the same ground" in str(refusal)
    assert "one after the other" in str(refusal.diag.message_hint)


def test_the_grid_cannot_be_truncated(paper: PaperGrid, owner: object) -> None:
    with pytest.raises(psycopg2.Error, match="The grid cannot be emptied"):
        PaperGrid(owner).run("TRUNCATE cell CASCADE")


def test_repeatable_read_is_refused_because_it_would_see_old_neighbours(paper: PaperGrid) -> None:
    paper.connection.set_session(isolation_level="REPEATABLE READ")

    refusal = paper.refuses(lambda: paper.draw("a1", rectangle(0, 0, 0.5, 1)))

    assert "READ COMMITTED" in str(refusal)


def test_serializable_edits_are_taken(paper: PaperGrid) -> None:
    paper.connection.set_session(isolation_level="SERIALIZABLE")

    paper.draw("a1", rectangle(0, 0, 0.5, 1))

    assert paper.faults() == []


def test_a_savepoint_rolled_back_leaves_no_trace(paper: PaperGrid) -> None:
    with paper.transaction():
        paper.run("SAVEPOINT before_the_edit")
        paper.draw("a1", rectangle(0, 0, 0.5, 1))
        paper.run("ROLLBACK TO SAVEPOINT before_the_edit")
        paper.draw("d1", rectangle(3.5, 0, 4, 1))

    assert paper.outline("a1").equals(square("a1"))
    assert paper.outline("d1").equals(rectangle(3.5, 0, 4, 1))
    assert paper.faults() == []


def test_an_analyst_edits_under_the_same_guard(qgis: PaperGrid, paper: PaperGrid) -> None:
    qgis.draw("b1", rectangle(1, 0, 2.25, 1))

    assert paper.outline("c1").equals(rectangle(2.25, 0, 3, 1))
    assert paper.faults() == []


def test_a_cell_of_one_community_may_take_ground_of_another(paper: PaperGrid) -> None:
    paper.draw("b1", rectangle(1, 0, 2.5, 1))

    assert paper.unit(WESTERN).equals(
        box(WEST, SOUTH, WEST + 2 * SIDE, SOUTH + 2 * SIDE).union(rectangle(2, 0, 2.5, 1))
    )
    assert sides(paper.unit(EASTERN)) == 3.5
    assert paper.faults() == []


def test_a_cell_drawn_away_is_refused_with_the_place_it_had(paper: PaperGrid) -> None:
    refusal = paper.refuses(
        lambda: paper.run("UPDATE cell SET geom = 'SRID=4326;POLYGON EMPTY' WHERE id = %s", paper.ids["a1"])
    )

    assert f"Cell {paper.codes['a1']} has no outline; it had one near 24.93" in str(refusal)
