"""Codes of cells and units: unique, under their parent, and never used twice."""

from typing import Any

import psycopg2
import pytest

from tests.grid_units.conftest import DISTRICT, EASTERN, STREET, WESTERN, PaperGrid, rectangle
from tests.grid_units.made_up_city import ewkb


def move_to_east(paper: PaperGrid, name: str) -> str:
    paper.run(
        "UPDATE cell SET community_id = (SELECT id FROM grid_unit WHERE code = %s) WHERE id = %s",
        EASTERN,
        paper.ids[name],
    )
    return str(paper.value("SELECT code FROM cell WHERE id = %s", paper.ids[name]))


def test_first_cells_are_numbered_in_the_order_they_come(paper: PaperGrid) -> None:
    assert paper.codes["a1"] == WESTERN + "001"
    assert paper.codes["b2"] == WESTERN + "004"
    assert paper.codes["c1"] == EASTERN + "001"


def test_the_copy_of_a_split_gets_the_next_number(paper: PaperGrid) -> None:
    _, code = paper.insert(rectangle(0.5, 0, 1, 1), code=paper.codes["a1"])

    assert code == WESTERN + "005"


def test_a_retired_number_is_never_given_again(paper: PaperGrid) -> None:
    paper.delete("b2")

    _, by_itself = paper.insert(rectangle(0.5, 0, 1, 1))
    _, asked_for = paper.insert(rectangle(0.25, 0, 0.5, 1), code=paper.codes["b2"])

    assert (by_itself, asked_for) == (WESTERN + "005", WESTERN + "006")


def test_several_cells_in_one_statement_get_numbers_of_their_own(paper: PaperGrid) -> None:
    paper.run(
        "INSERT INTO cell (code, community_id, geom) SELECT code, community_id,"
        " ST_Translate(ST_Scale(geom, 'POINT(0.25 0.25)'::geometry, ST_Centroid(geom)), 0, 0) FROM cell"
        " WHERE code LIKE %s",
        WESTERN + "%",
    )

    codes = [
        code
        for (code,) in paper.rows("SELECT code FROM cell WHERE code LIKE %s ORDER BY code", WESTERN + "%")
    ]
    assert codes == [f"{WESTERN}{number:03d}" for number in range(1, 9)]


def test_a_cell_drawn_without_a_community_gets_that_of_its_ground(paper: PaperGrid) -> None:
    code = paper.value("INSERT INTO cell (geom) VALUES (%s) RETURNING code", ewkb(rectangle(3.5, 0, 4, 1)))

    assert code == EASTERN + "005"


def test_a_cell_moved_to_another_community_gets_a_code_there_and_a_line_in_the_concordance(
    paper: PaperGrid,
) -> None:
    code = move_to_east(paper, "b1")

    assert code == EASTERN + "005"
    lines = paper.rows("SELECT cell_id, old_code, new_code, actor FROM concordance")
    assert lines == [(paper.ids["b1"], paper.codes["b1"], code, "geogrid_app")]
    assert paper.faults() == []


def test_a_code_of_another_community_is_refused(paper: PaperGrid) -> None:
    refusal = paper.refuses(lambda: paper.insert(rectangle(0.5, 0, 1, 1), code=EASTERN + "009"))

    assert f"Cell code {EASTERN}009 does not fit its community {WESTERN}" in str(refusal)


def test_a_code_is_not_changed_by_hand(paper: PaperGrid) -> None:
    refusal = paper.refuses(
        lambda: paper.run("UPDATE cell SET code = %s WHERE id = %s", WESTERN + "099", paper.ids["a1"])
    )

    assert f"The code of cell {paper.codes['a1']} cannot be changed" in str(refusal)
    assert "renumber" in str(refusal.diag.message_hint)


def test_when_the_last_number_is_used_the_gaps_are_filled_and_then_it_is_full(
    paper: PaperGrid, owner: Any
) -> None:
    with paper.transaction():
        paper.run("SELECT core.permit_renumbering('fill up')")
        paper.run("UPDATE cell SET code = %s WHERE id = %s", WESTERN + "999", paper.ids["a1"])

    _, code = paper.insert(rectangle(0.5, 0, 1, 1))
    _use_up(owner)
    refusal = paper.refuses(lambda: paper.insert(rectangle(0.25, 0, 0.5, 1)))

    assert code == WESTERN + "005", "001 was used before"
    assert f"Community {WESTERN} has used all its cell numbers" in str(refusal)


def _use_up(owner: Any) -> None:
    """Every number of the western community stands in the past."""
    with owner.cursor() as cursor:
        cursor.execute(
            "INSERT INTO cell_version (cell_id, code, community_id, kind, geom, valid, actor)"
            " SELECT 100000 + n, %s || lpad(n::text, 3, '0'), v.community_id, 'GENERAL', v.geom,"
            " tstzrange('2020-01-01', '2020-01-02'), 'test'"
            " FROM generate_series(1, 999) AS n, (SELECT community_id, geom FROM cell_version LIMIT 1) AS v",
            [WESTERN],
        )


def test_other_segment_lengths_are_configuration(paper: PaperGrid) -> None:
    paper.run(
        "INSERT INTO city"
        " (id, name, name_en, county_code, code_segments, zone, is_demo, attribution, created_at)"
        " VALUES (1, 'x', '', '990101', '{6,4,3,2}', 'UTC', false, '', now())"
    )

    assert paper.value("SELECT core.unit_prefixes('990101000100101')") == [
        "990101",
        "9901010001",
        "9901010001001",
        "990101000100101",
    ]


@pytest.mark.parametrize(
    ("code", "prefixes"),
    [
        (WESTERN + "001", [DISTRICT, STREET, WESTERN, WESTERN + "001"]),
        (STREET, [DISTRICT, STREET]),
        ("9901", []),
    ],
)
def test_the_units_of_a_code(paper: PaperGrid, code: str, prefixes: list[str]) -> None:
    assert paper.value("SELECT core.unit_prefixes(%s)", code) == prefixes


@pytest.mark.parametrize(
    ("code", "level", "parent", "words"),
    [
        ("990101001", "COMMUNITY", STREET, "must have 12 digits"),
        ("990101002001", "COMMUNITY", STREET, "cannot stand under unit"),
        ("990101001009", "COMMUNITY", DISTRICT, "cannot stand under unit"),
    ],
)
def test_a_unit_stands_under_the_unit_whose_code_it_carries(
    paper: PaperGrid, code: str, level: str, parent: str, words: str
) -> None:
    with pytest.raises(psycopg2.Error, match=words):
        paper.run(
            "INSERT INTO grid_unit (code, level, name, name_en, is_simulated, parent_id)"
            " SELECT %s, %s, 'x', '', true, id FROM grid_unit WHERE code = %s",
            code,
            level,
            parent,
        )


def test_the_code_of_a_unit_with_cells_stays(paper: PaperGrid) -> None:
    with pytest.raises(psycopg2.Error, match="its code and parent stay"):
        paper.run("UPDATE grid_unit SET code = '990101001007' WHERE code = %s", WESTERN)


def test_a_cell_stands_in_a_community_only(paper: PaperGrid) -> None:
    refusal = paper.refuses(lambda: paper.insert(rectangle(0.5, 0, 1, 1), community=STREET))

    assert "needs a community" in str(refusal)
