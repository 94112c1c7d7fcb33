"""The truth over time: no hole, no overlap, and at every moment the whole city once."""

from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg2
import pytest
import shapely

from geogrid.core.geo import GRID_STEP_DEG
from tests.grid_units.conftest import SIDE, PaperGrid, drawn, rectangle, square


def versions(paper: PaperGrid, name: str) -> list[bool]:
    """For each version of a cell, the oldest first: is it still open?"""
    return [is_open for _, is_open, _ in paper.versions(paper.ids[name])]


def test_every_cell_of_a_load_has_one_open_version(paper: PaperGrid) -> None:
    assert all(versions(paper, name) == [True] for name in paper.ids)


def test_an_edit_closes_and_opens_versions_of_all_cells_it_changed(paper: PaperGrid) -> None:
    paper.draw("a1", drawn((0, 0), (1, 0), (1.25, 0.5), (1, 1), (0, 1)))

    assert versions(paper, "a1") == [False, True]
    assert versions(paper, "b1") == [False, True]
    assert versions(paper, "a2") == [True]
    assert paper.faults() == []


def test_a_neighbour_that_only_got_a_corner_keeps_its_version(paper: PaperGrid) -> None:
    paper.draw("a1", drawn((0, 0), (1, 0), (1, 0.5), (1, 1), (0, 1)))

    assert versions(paper, "b1") == [True]
    assert paper.faults() == [], "the version has the corner too"


def test_two_edits_in_one_transaction_are_one_version(paper: PaperGrid) -> None:
    with paper.transaction():
        paper.draw("a1", rectangle(0, 0, 0.5, 1))
        paper.draw("a1", rectangle(0, 0, 0.75, 1))

    assert versions(paper, "a1") == [False, True]
    assert paper.faults() == []


def test_neighbours_that_a_split_lent_ground_to_keep_their_versions(paper: PaperGrid) -> None:
    with paper.transaction():
        paper.draw("a1", rectangle(0, 0, 0.5, 1))
        half, _ = paper.insert(rectangle(0.5, 0, 1, 1), code=paper.codes["a1"])

    assert versions(paper, "a1") == [False, True]
    assert [row[1] for row in paper.versions(half)] == [True]
    assert all(versions(paper, name) == [True] for name in ("a2", "b1", "b2"))
    assert paper.faults() == []


def test_an_edit_undone_in_its_transaction_leaves_no_version(paper: PaperGrid) -> None:
    with paper.transaction():
        paper.draw("a1", rectangle(0, 0, 0.5, 1))
        paper.draw("a1", square("a1"))

    assert all(versions(paper, name) == [True] for name in paper.ids)
    assert paper.faults() == []


def test_a_deleted_cell_has_a_last_version_that_ended(paper: PaperGrid) -> None:
    paper.delete("a1")

    assert versions(paper, "a1") == [False]


def test_a_cell_made_and_deleted_in_one_transaction_never_was(paper: PaperGrid) -> None:
    with paper.transaction():
        island, _ = paper.insert(rectangle(0.25, 0.25, 0.75, 0.75))
        paper.run("DELETE FROM cell WHERE id = %s", island)

    assert paper.versions(island) == []
    assert versions(paper, "a1") == [True]


@pytest.mark.parametrize(
    "change", ["name = '北港'", "kind = 'EXCLUSIVE'", "households = 312", "owner_id = NULL, households = 1"]
)
def test_an_attribute_makes_a_version_too(paper: PaperGrid, change: str) -> None:
    paper.run(f"UPDATE cell SET {change} WHERE id = %s", paper.ids["a1"])

    assert versions(paper, "a1") == [False, True]
    assert paper.faults() == []


def test_saving_the_same_again_makes_no_version_and_no_edition(paper: PaperGrid) -> None:
    editions = paper.value("SELECT count(*) FROM edition")

    paper.run("UPDATE cell SET name = name, geom = geom")

    assert all(versions(paper, name) == [True] for name in paper.ids)
    assert paper.value("SELECT count(*) FROM edition") == editions


def test_an_edit_outside_the_workshop_opens_one_edition_named_after_its_author(
    qgis: PaperGrid, paper: PaperGrid
) -> None:
    author = qgis.value("SELECT session_user::text")

    with qgis.transaction():
        qgis.draw("a1", rectangle(0, 0, 0.5, 1))
        qgis.draw("d1", rectangle(3.5, 0, 4, 1))

    newest = "SELECT name, author, is_automatic, stage FROM edition ORDER BY id DESC LIMIT 1"
    assert paper.rows(newest) == [(author, author, True, "in_force")]
    assert paper.value("SELECT count(*) FROM edition WHERE author = %s", author) == 1
    assert paper.value("SELECT count(*) FROM edition WHERE stage = 'in_force'") == 1
    assert paper.value("SELECT count(DISTINCT actor) FROM cell_version WHERE actor = %s", author) == 1


def test_an_edition_opened_by_name_holds_what_its_transaction_changes(paper: PaperGrid) -> None:
    with paper.transaction():
        opened = paper.value("SELECT core.open_edition('spring 2027')")
        paper.draw("a1", rectangle(0, 0, 0.5, 1))

    assert paper.versions(paper.ids["a1"])[-1][2] == opened
    assert paper.rows("SELECT name, is_automatic FROM edition WHERE id = %s", opened) == [
        ("spring 2027", False)
    ]


def test_the_versions_of_every_moment_cover_the_city_once(paper: PaperGrid) -> None:
    paper.draw("a1", rectangle(0, 0, 0.5, 1))
    with paper.transaction():
        paper.draw("b1", drawn((0.5, 0), (2, 0), (2.25, 0.5), (2, 1), (0.5, 1)))
        paper.delete("d2")

    moments = [at for (at,) in paper.rows("SELECT DISTINCT lower(valid) FROM cell_version ORDER BY 1")]
    assert len(moments) == 3
    for moment in moments:
        rows = paper.rows("SELECT geom FROM cell_version WHERE valid @> %s::timestamptz", moment)
        outlines = shapely.from_wkb([geom for (geom,) in rows])
        assert shapely.union_all(outlines, grid_size=GRID_STEP_DEG).equals(rectangle(0, 0, 4, 2))
        assert shapely.area(outlines).sum() == pytest.approx(8 * SIDE**2, rel=1e-9)


def test_time_goes_on_when_the_clock_was_set_back(paper: PaperGrid, superuser: Any) -> None:
    ahead = datetime.now(UTC) + timedelta(hours=1)
    with superuser.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("UPDATE cell_version SET valid = tstzrange(%s, NULL)", [ahead])

    paper.draw("a1", rectangle(0, 0, 0.5, 1))

    newest = paper.value("SELECT max(lower(valid)) FROM cell_version")
    assert newest == ahead + timedelta(microseconds=1)
    assert paper.faults() == []


@pytest.mark.parametrize("statement", ["DELETE FROM cell_version", "UPDATE cell_version SET code = '1'"])
def test_nobody_edits_the_past(paper: PaperGrid, qgis: PaperGrid, statement: str) -> None:
    for connection in (paper, qgis):
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            connection.run(statement)


def test_the_database_itself_refuses_two_versions_at_a_time(paper: PaperGrid, owner: Any) -> None:
    with (
        pytest.raises(psycopg2.errors.ExclusionViolation, match="cell_has_one_version_at_a_time"),
        owner.cursor() as cursor,
    ):
        cursor.execute(
            "INSERT INTO cell_version (cell_id, code, community_id, kind, geom, valid, actor)"
            " SELECT cell_id, code, community_id, kind, geom, tstzrange(now() + interval '1 day', NULL), 'x'"
            " FROM cell_version LIMIT 1"
        )
