"""An analyst of one street against another: each statement is refused, or shows and changes nothing there.

What lies in the second street has `secret` in every text, and lies in cell C. A result or an error that holds
either is a leak; so is a row there that differs afterwards.
"""

from collections.abc import Iterator
from contextlib import closing
from io import StringIO
from typing import Any

import psycopg2
import pytest

from tests.assets.town import MIDDLE, A, C
from tests.gis.city import FAR, NEAR, Analyst, analyst, furnish
from tests.gis.conftest import drop_roles
from tiles.gis.layers import GIS_LAYERS

HERE, THERE = (f"'SRID=4326;POINT({lng} {lat})'::geometry" for lng, lat in (MIDDLE[A], MIDDLE[C]))
LEAKS = ("secret", C, FAR, str(MIDDLE[C][0]))
SECRETS = """
SELECT md5(string_agg(t.said, '|' ORDER BY t.said))
FROM (
    SELECT a::text AS said FROM asset a UNION ALL SELECT b::text FROM building b
    UNION ALL SELECT c::text FROM cell c
    UNION ALL SELECT i::text FROM incident i UNION ALL SELECT s::text FROM step_taken s
    UNION ALL SELECT r::text FROM road r UNION ALL SELECT w::text FROM waterlogging_point w
    UNION ALL SELECT d::text FROM datastream d UNION ALL SELECT p::text FROM patrol p
    UNION ALL SELECT l::text FROM analyst_role l UNION ALL SELECT u::text FROM user_account u
    UNION ALL SELECT g::text FROM grid_unit g UNION ALL SELECT h::text FROM row_history h
    UNION ALL SELECT k.rolname || k.rolsuper || k.rolcreaterole || k.rolcanlogin || k.rolvaliduntil
        || ARRAY(SELECT m.roleid::regrole::text FROM pg_auth_members m WHERE m.member = k.oid)::text
    FROM pg_roles k
    WHERE k.rolname IN (SELECT role_name FROM analyst_role) OR k.rolname = 'mine'
) t
"""

# What reads: views, tables, functions, the catalogue, statistics.
READS = [
    "SELECT * FROM gis.incident",
    "SELECT * FROM gis.incident WHERE unit_code LIKE '910101002%'",
    f"SELECT * FROM gis.incident WHERE geom && {THERE}",
    "SELECT * FROM gis.asset_public_facility ORDER BY name DESC",
    "SELECT * FROM gis.asset_other",
    "SELECT * FROM gis.building",
    "SELECT * FROM gis.cell",
    "SELECT * FROM gis.cell_version",
    "SELECT * FROM gis.community",
    "SELECT id, code, name FROM gis.street",
    "SELECT * FROM gis.station",
    "SELECT * FROM gis.waterlogging_point",
    "SELECT * FROM gis.road",
    "SELECT * FROM gis.inundation",
    "SELECT * FROM gis.track",
    "SELECT * FROM gis.coverage",
    "SELECT * FROM gis.coverage_of_today()",
    "SELECT * FROM gis.problems_of_the_grid()",
    "SELECT * FROM gis.incidents_by_cell_month",
    "SELECT number FROM incident",
    "SELECT id, code FROM cell",
    "SELECT code FROM asset",
    "SELECT name FROM building",
    "SELECT name FROM road",
    "SELECT name FROM station",
    "SELECT last_value FROM datastream_state WHERE last_value IS NOT NULL",
    "SELECT description FROM incident",
    "SELECT location_text FROM incident",
    "SELECT * FROM incident_contact",
    "SELECT phone FROM incident_contact",
    "SELECT * FROM user_account",
    "SELECT phone FROM organisation",
    "SELECT * FROM analyst_role",
    "SELECT * FROM row_history",
    "SELECT * FROM change",
    "SELECT * FROM step_taken",
    "SELECT * FROM map_incident",
    "SELECT * FROM map_asset",
    "SELECT * FROM map_cell",
    "SELECT * FROM fix",
    "SELECT * FROM last_position",
    "SELECT worker_id FROM patrol",
    "SELECT * FROM core.published_object",
    "SELECT * FROM core.asset_intake",
    "SELECT * FROM core.search('secret', 'zh', 0, '{}', '{}', true, true)",
    "SELECT core.cells_within('SRID=4326;POINT(24.9573 60.1289)'::geometry, 5000)",
    f"SELECT code FROM cell WHERE id = core.cell_at({THERE})",
    f"SELECT * FROM core.place_of({THERE})",
    "SELECT * FROM core.cell_worker('910101002001001', now())",
    "SELECT * FROM core.on_duty('910101002001001', now())",
    "SELECT * FROM core.grid_audit()",
    "SELECT * FROM core.unsound_versions()",
    "SELECT * FROM core.people_on_duty(now())",
    "SELECT * FROM core.carriers()",
    "SELECT core.duty_unit(id) FROM generate_series(1, 9999) AS id",
    "SELECT ST_AsText(core.analyst_ground())",
    "SELECT * FROM pg_stats WHERE schemaname IN ('public', 'core', 'gis')",
    "SELECT * FROM pg_statistic",
    "SELECT query FROM pg_stat_activity WHERE usename <> current_user",
    "SELECT rolpassword FROM pg_authid",
    "SELECT passwd FROM pg_shadow WHERE passwd <> '********'",
    "EXPLAIN ANALYZE SELECT * FROM gis.incident WHERE number = 'N-secret'",
    "TABLE gis.asset_landscaping",
    "DECLARE thief CURSOR WITH HOLD FOR SELECT * FROM gis.building; FETCH ALL FROM thief",
    "COPY incident TO STDOUT",
    "COPY (SELECT name FROM building) TO STDOUT",
    "SELECT * FROM gis.building WHERE name ~ 'sec'",
    "SELECT count(*) FROM gis.building WHERE 1 / (CASE WHEN name LIKE 'secret%' THEN 0 ELSE 1 END) = 0",
    "SELECT query_to_xml('SELECT * FROM gis.asset_other', true, false, '')",
    "SELECT database_to_xml(true, false, '')",
    "SELECT table_to_xml('public.incident', true, false, '')",
    "SELECT ST_AsMVT(a, 'x') FROM gis.asset_other a",
    "SELECT ST_EstimatedExtent('public', 'asset', 'geom')",
    "SELECT pg_export_snapshot(); TABLE gis.road",
]

# What would write: there, or beyond the own area, or under another's name.
WRITES = [
    "UPDATE gis.incident SET geom = geom WHERE number = 'N-secret' RETURNING *",
    "UPDATE gis.building SET name = 'mine' WHERE name LIKE 'secret%' RETURNING *",
    "DELETE FROM gis.building WHERE name LIKE 'secret%' RETURNING *",
    f"DELETE FROM gis.cell WHERE code = '{C}' RETURNING *",
    f"UPDATE gis.cell SET name = 'mine' WHERE code = '{C}' RETURNING *",
    f"UPDATE gis.building SET geom = ST_Multi(ST_Buffer({THERE}, 0.0001)) WHERE name = 'near house'",
    f"UPDATE gis.incident SET geom = {THERE} WHERE number = 'N-near'",
    f"UPDATE gis.waterlogging_point SET geom = {THERE} WHERE code = 'WL-near'",
    f"UPDATE gis.asset_public_facility SET geom = {THERE} WHERE name = 'near lamp'",
    f"INSERT INTO gis.building (name, geom) VALUES ('x', ST_Multi(ST_Buffer({THERE}, 0.0001)))",
    "INSERT INTO gis.asset_public_facility (asset_class_id, geom)"
    f" SELECT id, {THERE} FROM gis.asset_class WHERE code = '0137'",
    "INSERT INTO gis.cell (community_id, geom)"
    f" SELECT id, ST_Buffer({THERE}, 0.0001) FROM gis.community LIMIT 1",
    "INSERT INTO gis.incident (number) VALUES ('N-secret')",
    "DELETE FROM gis.incident",
    "INSERT INTO asset (code) VALUES ('9101010137000002')",
    "UPDATE asset SET name = 'mine'",
    "DELETE FROM cell",
    "TRUNCATE cell",
    "UPDATE incident SET stage = 'CLOSED'",
    "INSERT INTO step_taken (move) VALUES ('close')",
    "LOCK TABLE incident IN ACCESS EXCLUSIVE MODE",
    "UPDATE analyst_role SET prefixes = '{\"\"}'",
    "INSERT INTO analyst_role (role_name, prefixes) VALUES (session_user, '{\"\"}')",
    "UPDATE core.published_object SET digest = ''",
    "SELECT core.permit_extent_change('mine')",
    "SELECT core.permit_first_load('mine')",
    "SELECT core.trim_changes('1 hour')",
    "SELECT core.hand_over_open(now())",
    "SELECT core.record_change('cell', 'update', '{x}', '{}', '{}')",
    "SELECT core.edit_cell()",
    "SELECT core.take_asset_numbers('9101010137', 1000)",
    "SELECT setval('cell_id_seq', 1)",
    "SELECT nextval('incident_id_seq')",
    "SELECT set_config('geogrid.actor', 'fay', false); UPDATE gis.building SET name = '' WHERE name ~ '^sec'",
]

# What would become somebody else, or more.
ESCALATIONS = [
    "SET ROLE geogrid_owner",
    "SET ROLE geogrid_app",
    "SET ROLE geogrid_role_maker",
    "SET ROLE postgres",
    "SET ROLE geogrid_gis_editor; SELECT * FROM gis.incident",
    "SET SESSION AUTHORIZATION geogrid_owner",
    "SET SESSION AUTHORIZATION postgres",
    "SET row_security = off; SELECT * FROM gis.incident",
    "SET session_replication_role = replica",
    "SELECT core.make_analyst_role('analyst_mine', 'editor', 'x', now() + interval '1 day')",
    "SELECT core.revoke_analyst_role('{far}')",
    "ALTER ROLE {far} PASSWORD 'x'",
    "ALTER ROLE {near} SUPERUSER",
    "ALTER ROLE {near} CREATEROLE",
    "ALTER ROLE {near} VALID UNTIL 'infinity'",
    "GRANT geogrid_owner TO {near}",
    "GRANT pg_execute_server_program TO {near}",
    "GRANT {far} TO {near}",
    "CREATE ROLE mine SUPERUSER LOGIN",
    "DROP ROLE {far}",
    "CREATE TABLE public.mine (id int)",
    "CREATE TABLE core.mine (id int)",
    "CREATE TABLE gis.mine (id int)",
    "CREATE SCHEMA mine",
    "CREATE TEMP TABLE cell (id int)",
    "CREATE TEMP VIEW incident AS SELECT 1",
    "CREATE FUNCTION pg_temp.analyst_prefixes() RETURNS text[] LANGUAGE sql AS $$ SELECT ARRAY[''] $$",
    "CREATE OR REPLACE FUNCTION core.analyst_prefixes() RETURNS text[] LANGUAGE sql"
    " AS $$ SELECT ARRAY[''] $$",
    "CREATE FUNCTION gis.leak(text) RETURNS boolean LANGUAGE plpgsql COST 0.0001 AS"
    " $$ BEGIN RAISE NOTICE '%', $1; RETURN true; END $$",
    "SET search_path = pg_temp, gis, public; SELECT * FROM incident",
    "CREATE OPERATOR gis.= (LEFTARG = text, RIGHTARG = text, FUNCTION = texteq)",
    "CREATE EXTENSION dblink",
    "CREATE EXTENSION file_fdw",
    "CREATE LANGUAGE plpython3u",
    "CREATE SERVER mine FOREIGN DATA WRAPPER postgres_fdw",
    "SELECT dblink('dbname=geogrid', 'SELECT 1')",
    "CREATE RULE mine AS ON SELECT TO gis.cell DO INSTEAD SELECT 1",
    "CREATE TRIGGER mine AFTER INSERT ON asset FOR EACH ROW EXECUTE FUNCTION core.edit_cell()",
    "ALTER VIEW gis.incident SET (security_invoker = false)",
    "ALTER TABLE incident DISABLE ROW LEVEL SECURITY",
    "DROP POLICY own_area ON incident",
    "CREATE POLICY mine ON incident USING (true)",
    "DROP VIEW gis.cell",
    "ALTER TABLE cell DISABLE TRIGGER ALL",
    "DO $$ BEGIN EXECUTE 'SELECT * FROM incident_contact'; END $$",
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{far}'",
    "CREATE DATABASE mine",
    "ALTER DATABASE {database} OWNER TO {near}",
    "ALTER SYSTEM SET log_statement = 'all'",
    "SELECT pg_reload_conf()",
    "CREATE PUBLICATION mine FOR ALL TABLES",
    "SELECT pg_create_logical_replication_slot('mine', 'test_decoding')",
]

# What would reach the operating system, or leave something behind on it.
SYSTEM = [
    "COPY (SELECT 'x') TO PROGRAM 'touch {mark}'",
    "COPY gis.road FROM PROGRAM 'touch {mark}'",
    "COPY (SELECT 'x') TO '{mark}'",
    "COPY gis.road FROM '/etc/passwd'",
    "SELECT pg_read_file('/etc/passwd')",
    "SELECT pg_read_binary_file('/etc/passwd')",
    "SELECT pg_ls_dir('/')",
    "SELECT * FROM pg_ls_logdir()",
    "SELECT pg_stat_file('/etc/passwd')",
    "SELECT * FROM pg_hba_file_rules",
    "SELECT sourcefile FROM pg_settings WHERE sourcefile IS NOT NULL",
    "SHOW data_directory",
    "SHOW hba_file",
    "SELECT lo_import('/etc/passwd')",
    "SELECT lo_export(1, '{mark}')",
    "SELECT lo_create(0)",
    "SELECT lo_from_bytea(0, 'x')",
    "SELECT pg_rotate_logfile()",
    "LOAD '/tmp/mine.so'",
    "CREATE FUNCTION gis.system(cstring) RETURNS int LANGUAGE C STRICT AS '/lib/libc.so.6', 'system'",
    "CREATE TABLESPACE mine LOCATION '/tmp'",
    "SELECT pg_logical_emit_message(true, 'mine', 'x')",
    "SELECT ST_FromGDALRaster('x')",
    "SELECT xpath('/a', '<!DOCTYPE a [<!ENTITY e SYSTEM \"file:///etc/passwd\">]><a>&e;</a>')",
]

# Answered to everybody: without a file, and without what an entity names.
HARMLESS = {SYSTEM[-1], "SELECT sourcefile FROM pg_settings WHERE sourcefile IS NOT NULL"}


class Scene:
    """Two analysts, and a way for the owner to see whether anything is not as it was."""

    def __init__(self, near: Analyst, far: Analyst, database: Any) -> None:
        self.near, self.far, self.server = near, far, database.app
        self._superuser = database.superuser

    def state(self) -> str:
        with closing(psycopg2.connect(self._superuser.url())) as opened, opened.cursor() as cursor:
            cursor.execute(SECRETS)
            return str(cursor.fetchall())


@pytest.fixture(scope="module")
def scene(
    django_db_setup: None, django_db_blocker: Any, row_keeper: Any, test_database: Any
) -> Iterator[Scene]:
    with django_db_blocker.unblock():
        try:
            furnish()
            yield Scene(analyst("ann", NEAR), analyst("fay", FAR), test_database)
        finally:
            drop_roles()
            row_keeper.restore()


@pytest.fixture(scope="module")
def before(scene: Scene) -> str:
    return scene.state()


def tried(scene: Scene, statement: str) -> tuple[str, bool]:
    """All that the analyst is shown by a statement (or told by its refusal), and whether it was refused."""
    shown: list[str] = []
    with closing(scene.near.connect(scene.server)) as opened, opened.cursor() as cursor:
        try:
            if statement.startswith("COPY") and "STDOUT" in statement:
                out = StringIO()
                cursor.copy_expert(statement, out)
                shown.append(out.getvalue())
            else:
                cursor.execute(statement)
                shown += [str(row) for row in cursor.fetchall()] if cursor.description else []
        except psycopg2.Error as error:
            diag = error.diag
            parts = (diag.message_primary, diag.message_detail, diag.message_hint, diag.context)
            return "\n".join(part for part in parts if part), True
        finally:
            shown += opened.notices
    return "\n".join(shown), False


def words(statement: str, scene: Scene, mark: str = "/nowhere") -> str:
    named = {
        "{near}": scene.near.name,
        "{far}": scene.far.name,
        "{mark}": mark,
        "{database}": scene.server.database,
    }
    for name, value in named.items():
        statement = statement.replace(name, value)
    return statement


def leaks(shown: str, statement: str) -> list[str]:
    """What of the other street is in `shown`; what the statement itself said does not count."""
    return [leak for leak in LEAKS if leak in shown and leak not in statement]


@pytest.mark.parametrize("statement", READS)
def test_what_reads_shows_nothing_of_the_other_street(scene: Scene, statement: str):
    shown, _ = tried(scene, statement)

    assert leaks(shown, statement) == []
    if (
        "EXPLAIN" not in statement
        and "SELECT" in statement
        and FAR not in statement
        and "secret" not in statement
    ):
        assert MIDDLE_OF_C not in shown


MIDDLE_OF_C = f"{MIDDLE[C][0]:.6f}"


@pytest.mark.parametrize("statement", WRITES)
def test_what_writes_changes_nothing(scene: Scene, before: str, statement: str):
    shown, was_refused = tried(scene, statement)

    assert was_refused or shown == ""
    assert leaks(shown, statement) == []
    assert scene.state() == before


@pytest.mark.parametrize("statement", ESCALATIONS)
def test_nobody_becomes_more_than_an_analyst_of_the_own_street(scene: Scene, before: str, statement: str):
    said = words(statement, scene)

    shown, was_refused = tried(scene, said)

    assert leaks(shown, said) == []
    assert scene.state() == before
    if not statement.startswith(("SET ROLE geogrid_gis_editor", "SET search_path", "SELECT pg_terminate")):
        assert was_refused


@pytest.mark.parametrize("statement", SYSTEM)
def test_nothing_reaches_the_operating_system(scene: Scene, before: str, statement: str, tmp_path):
    tmp_path.chmod(0o777)
    mark = tmp_path / "mark"

    shown, was_refused = tried(scene, words(statement, scene, str(mark)))

    assert was_refused or statement in HARMLESS
    assert not mark.exists()
    assert "root:x" not in shown
    assert scene.state() == before


@pytest.mark.parametrize(
    "layer", [layer for layer in GIS_LAYERS.values() if layer.geometry], ids=lambda x: x.id
)
def test_both_see_their_own_and_the_counts_are_theirs(scene: Scene, layer):
    def count(who: Analyst) -> int:
        with closing(who.connect(scene.server)) as opened, opened.cursor() as cursor:
            cursor.execute(f"SELECT count(*) FROM gis.{layer.id}")
            return int(cursor.fetchone()[0])

    own = {"cell": (2, 1), "cell_version": (2, 1), "coverage": (2, 1)}
    none = {"asset_road_traffic", "asset_environment", "asset_line", "asset_area", "grid_problem"}
    wanted = (0, 0) if layer.id in none else own.get(layer.id, (1, 1))
    assert (count(scene.near), count(scene.far)) == wanted


def test_a_code_of_the_other_street_is_not_told_by_a_refusal(scene: Scene, before: str):
    """Whether a code is taken is not said: codes are given, never typed in."""
    code = "9101010137000002"  # the lamp of the other street
    shown, was_refused = tried(
        scene,
        "INSERT INTO gis.asset_public_facility (code, asset_class_id, geom) SELECT '"
        + code
        + f"', id, {HERE} FROM gis.asset_class WHERE code = '0137' RETURNING code",
    )
    tried(scene, "DELETE FROM gis.asset_public_facility WHERE name = ''")

    assert not was_refused
    assert code not in shown


def test_an_ended_role_comes_in_no_more(scene: Scene, test_database: Any):
    with closing(psycopg2.connect(test_database.app.url())) as app, app, app.cursor() as cursor:
        cursor.execute("UPDATE analyst_role SET valid_until = now() WHERE role_name = %s", [scene.near.name])
        shown, _ = tried(scene, "SELECT count(*) FROM gis.cell")
        app.commit()
        ended, _ = tried(scene, "SELECT count(*) FROM gis.cell")
        cursor.execute(
            "UPDATE analyst_role SET valid_until = now() + interval '1 day' WHERE role_name = %s",
            [scene.near.name],
        )

    assert (shown, ended) == ("(2,)", "(0,)")
