"""Filters: CQL2 text means what the standard says, compiles to parameters only, and breaks nothing."""

import contextlib
from typing import Any

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.ogc.conftest import Town
from tiles.gis.layers import GIS_LAYERS
from tiles.ogc import cql2
from tiles.ogc.cql2_tree import Both, Compare, Either, Name, Not, NotCQL2
from tiles.ogc.filtering import Where, add_filter
from tiles.ogc.reading import count
from tiles.ogc.refusing import BadQuery

COVERS = "asset_public_facility"


def test_and_binds_tighter_than_or_and_not_tighter_than_both():
    a, b, c = (Compare("=", Name(name), 1) for name in "abc")

    assert cql2.parse("a=1 OR b=1 AND c=1") == Either((a, Both((b, c))))
    assert cql2.parse("NOT a=1 AND b=1") == Both((Not(a), b))
    assert cql2.parse("(a=1 OR b=1) AND\n\tnot c=1") == Both((Either((a, b)), Not(c)))


@pytest.mark.parametrize(
    "text",
    [
        "", "a", "a =", "= 1", "a = 1 AND", "a = 1)", "(a = 1", "a = 'x", "a = 1; DROP TABLE asset",
        "pg_sleep(5) = 1", "a = pg_sleep(5)", "a IN ()", "a LIKE 1", "a BETWEEN 1", "a IS NOT 1",
        "T_AFTER(a, TIMESTAMP('x'))", "a = DATE('2026-02-30')", "S_INTERSECTS(geom, POINT(1))",
        "S_INTERSECTS(geom, POLYGON((0 0, 1 1)))", "S_INTERSECTS(geom, POINT EMPTY)",
        "S_INTERSECTS(geom, BBOX(1,2,3))", "S_INTERSECTS(geom)", "a = 1e999", "a = --1",
        "(" * 50 + "a=1" + ")" * 50, "NOT " * 100 + "a=1", "a" * 9000,
    ],
)  # fmt: skip
def test_what_is_no_filter_is_refused_in_words(text: str):
    with pytest.raises(NotCQL2) as refused:
        cql2.parse(text)

    assert len(str(refused.value)) > 10


@given(st.text(max_size=80))
def test_any_text_is_a_filter_or_refused(text: str):
    with contextlib.suppress(NotCQL2):
        cql2.parse(text)


_WORDS = st.sampled_from(
    [
        "AND", "OR", "NOT", "(", ")", ",", "=", "<>", "<", ">=", "LIKE", "BETWEEN", "IN", "IS", "NULL",
        "CASEI(", "state", "name", "id", "first_date", "geom", "owner_id", "updated_at", "'x'", "'%'", "1",
        "-2.5", "1e9", "TRUE", "%s", "{}", ":x", "T_AFTER(", "T_DURING(", "S_INTERSECTS(", "S_WITHIN(", "é",
        "'''; DROP TABLE asset;--'", "'\\'", '"state"', '"no;such"', "DATE('2026-01-01')", "\x00", "井盖",
        "TIMESTAMP('2026-01-01T00:00:00Z')", "INTERVAL('..','2026-01-01')", "POINT(24.94 60.13)",
        "BBOX(24,60,25,61)", "POLYGON((24 60,25 60,25 61,24 60))",
    ]
)  # fmt: skip
# Sentences that are often right, so that much of what is tried reaches the database.
_SAID = st.one_of(
    st.builds("{} {} {}".format, st.sampled_from(["state", "name"]), st.sampled_from(["=", "<>", "<"]),
              st.text(max_size=12).map(lambda t: "'" + t.replace("'", "''") + "'")),
    st.builds("{} {} {}".format, st.sampled_from(["id", "owner_id"]), st.sampled_from(["=", ">", "<="]),
              st.one_of(st.integers(), st.floats(allow_nan=False, allow_infinity=False)).map(str)),
    st.builds("CASEI(name) LIKE CASEI('{}')".format, st.text("%_\\aZ井", max_size=6)),
    st.sampled_from(["first_date IS NULL", "T_AFTER(updated_at, DATE('2026-01-01'))", "owner_id IN (1, 2, 3)",
                     "S_INTERSECTS(geom, BBOX(24.93,60.12,24.95,60.14))", "name = state",
                     "first_date BETWEEN DATE('2026-01-01') AND '2026-02-01'"]),
)  # fmt: skip
_SENTENCES = st.recursive(
    _SAID,
    lambda inner: st.one_of(
        st.builds("({} AND {})".format, inner, inner),
        st.builds("({} OR {})".format, inner, inner),
        st.builds("NOT ({})".format, inner),
    ),
    max_leaves=5,
)


@pytest.mark.django_db
@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.one_of(_SENTENCES, st.lists(_WORDS, max_size=14).map(" ".join)))
def test_the_database_runs_what_was_understood_and_nothing_that_was_sent(text: str):
    where = Where()
    try:
        add_filter(where, GIS_LAYERS[COVERS], text)
    except BadQuery:
        return

    for part in where.parts:
        for value in where.values:
            if isinstance(value, str) and len(value) > 3 and value not in ("text", "date"):
                assert value not in part.replace(f'"{value}"', "")
        assert part.count("%s") == part.count("%") and part.count("'") == 0
    assert count(GIS_LAYERS[COVERS], where) == 0  # the test's database is empty: it ran
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('public.asset') IS NOT NULL")
        assert cursor.fetchone()[0]


# Each filter beside the condition in SQL that it must mean.
MEANINGS: list[tuple[str, str, str]] = [
    (COVERS, "state = 'damaged'", "state = 'damaged'"),
    (COVERS, "state='damaged' OR state='missing' AND owner_id IS NULL",
     "state='damaged' OR (state='missing' AND owner_id IS NULL)"),
    (COVERS, "NOT state IN ('damaged', 'missing')", "state NOT IN ('damaged', 'missing')"),
    (COVERS, "name = 'It''s 100% \"odd\"_\\ name'", "name LIKE 'It%%'"),
    (COVERS, "name LIKE '%100\\%%'", "name LIKE 'It%%'"),
    (COVERS, "CASEI(name) LIKE casei('it_s%')", "name LIKE 'It%%'"),
    (COVERS, "first_date BETWEEN DATE('2026-01-20') AND DATE('2026-01-25')",
     "first_date BETWEEN '2026-01-20' AND '2026-01-25'"),
    (COVERS, "T_BEFORE(first_date, DATE('2026-01-20'))", "first_date < '2026-01-20'"),
    (COVERS, "S_WITHIN(geom, BBOX(24.9375,60.125,24.9453125,60.1328125)) AND state <> 'intact'",
     "ST_Within(geom, ST_MakeEnvelope(24.9375,60.125,24.9453125,60.1328125,4326)) AND state <> 'intact'"),
    (COVERS, "S_INTERSECTS(POLYGON((24.94 60.12,24.95 60.12,24.95 60.14,24.94 60.12)), geom)",
     "ST_Intersects(geom, 'SRID=4326;POLYGON((24.94 60.12,24.95 60.12,24.95 60.14,24.94 60.12))')"),
    ("incident", "T_DURING(reported_at, INTERVAL('2026-01-14T10:30:00Z', '2026-01-14T13:30:00Z'))",
     "reported_at > '2026-01-14T10:30Z' AND reported_at < '2026-01-14T13:30Z'"),
    ("incident", "T_AFTER(reported_at, TIMESTAMP('2026-01-14T12:00:00+01:00'))",
     "reported_at > '2026-01-14T11:00Z'"),
    ("incident", "found_by_patrol = FALSE AND stage = 'REPORTED'", "NOT found_by_patrol"),
    ("building", "households >= 9 AND levels < 9.5", "households >= 9 AND levels < 9.5"),
    ("building", "levels < households", "levels < households"),
]  # fmt: skip


@pytest.mark.db
@pytest.mark.parametrize(("layer", "text", "sql"), MEANINGS, ids=[text for _, text, _ in MEANINGS])
def test_a_filter_finds_what_sql_finds(town: Town, layer: str, text: str, sql: str):
    found = town.items(layer, filter=text, limit=10_000)

    wanted = {key for [key] in town.sql(f"SELECT id FROM gis.{layer} WHERE " + sql)}
    everything = {key for [key] in town.sql(f"SELECT id FROM gis.{layer}")}
    assert {one["id"] for one in found["features"]} == wanted
    assert found["numberMatched"] == len(wanted) and wanted
    assert wanted < everything or layer == "incident"


@pytest.mark.db
def test_a_filter_pages_like_everything_else(town: Town):
    seen: list[int] = []
    query: dict[str, Any] = {"filter": "state <> 'intact'", "limit": "100"}
    while True:
        page = town.items(COVERS, **query)
        seen += [one["id"] for one in page["features"]]
        if len(page["features"]) < 100:
            break
        query["after"] = seen[-1]

    wanted = {key for [key] in town.sql(f"SELECT id FROM gis.{COVERS} WHERE state <> 'intact'")}
    assert len(seen) == len(wanted) and set(seen) == wanted


@pytest.mark.db
@pytest.mark.parametrize(
    "query",
    [
        "filter=nothing%20%3D%201", "filter=state%20%3D%201", "filter=geom%20%3D%201", "state=%00",
        "filter=id%20LIKE%20%27x%27", "filter=S_INTERSECTS(state,POINT(1%201))",
        "filter=state%3D%27x%27&filter-lang=cql2-json",
        "filter=source_digest%20IS%20NULL", "filter=1%3D1", "filter=name%20LIKE%20%27x%5C%27", "id=1%27",
        "filter-crs=EPSG:1&filter=state%3D%27x%27", "after=x",
    ],
)  # fmt: skip
def test_what_cannot_be_asked_is_refused_with_400_and_a_sentence(town: Town, query: str):
    answer = town.ask("GET", f"collections/{COVERS}/items?{query}")

    assert answer.status == 400
    assert b'"detail"' in answer.body and b"Traceback" not in answer.body
