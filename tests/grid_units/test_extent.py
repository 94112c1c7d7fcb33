"""The outer boundary moves by the named action only, and nobody can pretend to be that action."""

from io import StringIO
from typing import Any

import psycopg2
import pytest

from tests.grid_units.conftest import PaperGrid, drawn, rectangle, square
from tests.grid_units.made_up_city import ewkb

PERMIT = "SELECT core.permit_extent_change('the harbour was filled in')"


def test_an_edit_beyond_the_city_is_refused(paper: PaperGrid) -> None:
    refusal = paper.refuses(lambda: paper.draw("a1", rectangle(-0.5, 0, 1, 1)))

    assert f"The edit of cell {paper.codes['a1']} would reach " in str(refusal)
    assert "m2 outside the city grid near 24.93" in str(refusal)
    assert "change extent" in str(refusal.diag.message_hint)


def test_a_cell_that_leaves_the_rim_gives_the_ground_to_a_neighbour(paper: PaperGrid) -> None:
    paper.draw("a1", rectangle(0.5, 0, 1, 1))

    assert paper.outline("a2").equals(square("a2").union(rectangle(0, 0, 0.5, 1)))
    assert paper.faults() == []


def test_ground_on_the_rim_that_no_neighbour_can_take_stays(paper: PaperGrid) -> None:
    refusal = paper.refuses(lambda: paper.draw("a1", drawn((0, 0), (0.5, 0.25), (1, 0), (1, 1), (0, 1))))

    assert "leaves" in str(refusal) and "without a cell near" in str(refusal)


def test_with_a_permit_the_city_grows_and_shrinks(paper: PaperGrid) -> None:
    with paper.transaction():
        paper.run(PERMIT)
        paper.draw("a1", rectangle(-0.5, 0, 1, 1))
        paper.delete("d2")

    assert paper.outline("a1").equals(rectangle(-0.5, 0, 1, 1))
    assert paper.outline("d1").equals(square("d1"))
    assert paper.faults() == []


def test_a_detached_cell_needs_a_permit(paper: PaperGrid) -> None:
    island = rectangle(6, 0, 7, 1)
    refusal = paper.refuses(lambda: paper.insert(island))

    with paper.transaction():
        paper.run(PERMIT)
        paper.insert(island)

    assert "outside the city grid" in str(refusal)
    assert paper.rows("SELECT parts, bad FROM core.grid_audit()") == [(2, 0)]


def test_the_ground_of_an_inner_cell_is_kept_even_with_a_permit(paper: PaperGrid) -> None:
    inner, _ = paper.insert(rectangle(0.5, 0.5, 1.5, 1.5))

    with paper.transaction():
        paper.run(PERMIT)
        paper.run("DELETE FROM cell WHERE id = %s", inner)

    assert paper.rows("SELECT holes, parts FROM core.grid_audit()") == [(0, 1)]
    assert paper.faults() == []


def test_a_permit_ends_with_its_transaction(paper: PaperGrid) -> None:
    paper.run(PERMIT)

    refusal = paper.refuses(lambda: paper.draw("a1", rectangle(-0.5, 0, 1, 1)))

    assert "outside the city grid" in str(refusal)


def test_an_old_permit_does_not_fit_a_transaction_that_happens_to_have_its_number(
    paper: PaperGrid, superuser: Any
) -> None:
    """As after a restore into a new cluster, where transactions are numbered anew."""
    with superuser.cursor() as cursor:
        cursor.execute(
            "INSERT INTO core.grid_transaction (xid, started_at, extent_reason)"
            " SELECT (n + pg_current_xact_id()::text::bigint)::text::xid8, now() - interval '1 day', 'old'"
            " FROM generate_series(1, 50) AS n"
        )

    refusal = paper.refuses(lambda: paper.draw("a1", rectangle(-0.5, 0, 1, 1)))

    assert "outside the city grid" in str(refusal)


@pytest.mark.parametrize(
    "call", ["core.permit_extent_change('x')", "core.permit_first_load('x')", "core.permit_renumbering('x')"]
)
def test_an_analyst_cannot_permit_himself(qgis: PaperGrid, call: str) -> None:
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        qgis.run(f"SELECT {call}")


def test_an_analyst_with_execute_by_mistake_still_cannot(qgis: PaperGrid, owner: Any) -> None:
    with owner.cursor() as cursor:
        cursor.execute("GRANT EXECUTE ON FUNCTION core.permit_extent_change(text) TO geogrid_gis_editor")
    try:
        with pytest.raises(psycopg2.errors.InsufficientPrivilege, match="it is a named action of GeoGrid"):
            qgis.run(PERMIT)
    finally:
        with owner.cursor() as cursor:
            cursor.execute(
                "REVOKE EXECUTE ON FUNCTION core.permit_extent_change(text) FROM geogrid_gis_editor"
            )


def test_nobody_can_forge_the_mark_of_the_guard(qgis: PaperGrid, paper: PaperGrid) -> None:
    forgeries = [
        "INSERT INTO core.grid_transaction (xid, started_at) VALUES (pg_current_xact_id(), now())",
        "UPDATE core.grid_transaction SET is_writing = true",
        "ALTER TABLE cell DISABLE TRIGGER ALL",
        "SET session_replication_role = replica",
        "CREATE OR REPLACE FUNCTION core.grid_is_writing() RETURNS boolean LANGUAGE sql AS 'SELECT true'",
    ]

    for forgery in forgeries:
        for connection in (qgis, paper):
            with pytest.raises(psycopg2.errors.InsufficientPrivilege):
                connection.run(forgery)


def test_a_forged_search_path_does_not_reach_the_guard(qgis: PaperGrid, paper: PaperGrid) -> None:
    qgis.run("SET search_path = pg_temp, public")

    refusal = paper.refuses(lambda: qgis.draw("a1", rectangle(-0.5, 0, 1, 1)))

    assert "outside the city grid" in str(refusal)


def test_the_application_permits_in_the_name_of_its_user_only_inside_one_transaction(
    paper: PaperGrid,
) -> None:
    with paper.transaction():
        paper.run("SELECT set_config('geogrid.actor', 'li_wei', true)")
        paper.run(PERMIT)
        paper.draw("a1", rectangle(-0.5, 0, 1, 1))

    latest = "SELECT author, name FROM edition ORDER BY id DESC LIMIT 1"
    assert paper.rows(latest) == [("li_wei", "li_wei")]


def test_a_first_load_is_for_an_empty_grid(paper: PaperGrid) -> None:
    with pytest.raises(psycopg2.Error, match="only into an empty grid"):
        paper.run("SELECT core.permit_first_load('again')")


def test_a_first_load_takes_gaps_and_overlaps_as_they_are_and_the_audit_sees_them(
    paper: PaperGrid, owner: Any
) -> None:
    _empty(owner)

    with paper.transaction():
        paper.run("SELECT core.permit_first_load('a poor file')")
        paper.run(
            "INSERT INTO cell (community_id, geom) SELECT u.id, c.geom FROM grid_unit AS u,"
            " unnest(ARRAY[%s, %s]::geometry[]) AS c (geom) WHERE u.code = '990101001001'",
            ewkb(rectangle(0, 0, 1, 1)),
            ewkb(rectangle(0.75, 0, 2, 1)),
        )

    cells, excess = paper.rows("SELECT cells, excess_m2 FROM core.grid_audit()")[0]
    assert cells == 2
    assert excess > 1000
    assert paper.unit("990101001001").equals(rectangle(0, 0, 2, 1))


def test_emptying_the_grid_by_permit_ends_all_versions_and_outlines(paper: PaperGrid, owner: Any) -> None:
    _empty(owner)

    assert paper.value("SELECT count(*) FROM cell_version WHERE upper_inf(valid)") == 0
    assert paper.value("SELECT count(*) FROM grid_unit WHERE geom IS NOT NULL") == 0


def _empty(owner: Any) -> None:
    with owner.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute("SELECT core.permit_extent_change('start again')")
        cursor.execute("DELETE FROM cell")
        cursor.execute("COMMIT")


def test_a_first_load_may_come_by_copy(paper: PaperGrid, owner: Any) -> None:
    _empty(owner)
    community = paper.value("SELECT id FROM grid_unit WHERE code = '990101001001'")
    lines = "".join(
        f"990101001001{number:03d}\t{community}\t{ewkb(square(name))}\n"
        for number, name in enumerate(("a1", "a2", "b1", "b2"), start=1)
    )

    with paper.transaction():
        paper.run("SELECT core.permit_first_load('copy')")
        with paper.connection.cursor() as cursor:
            cursor.copy_expert("COPY cell (code, community_id, geom) FROM STDIN", StringIO(lines))

    assert paper.value("SELECT count(*) FROM cell_version WHERE upper_inf(valid)") == 4
    assert paper.unit("990101001001").equals(rectangle(0, 0, 2, 2))
