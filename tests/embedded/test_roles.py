"""What each role of the database may do, and what the two functions that make and revoke analysts refuse."""

from datetime import UTC, datetime, timedelta

import psycopg2
import pytest
from psycopg2 import errors

from geogrid.embedded.binaries import find_installation
from geogrid.embedded.bootstrap import BOOTSTRAP, bootstrap_script
from geogrid.embedded.logins import Login, run_sql
from geogrid.embedded.scram import scram_verifier
from tests.conftest import connect

pytestmark = pytest.mark.db

PASSWORD = "a-long-password-of-an-analyst"
MAKE = "SELECT core.make_analyst_role(%s, %s, %s, %s, %s)"
NEXT_MONTH = datetime.now(UTC) + timedelta(days=30)


@pytest.fixture
def app(test_database):
    connection = connect(test_database.app)
    connection.autocommit = True
    yield connection
    connection.close()


@pytest.fixture
def analyst_name(app, superuser):
    """A name of this session's own: roles are shared by all databases. The role is gone after the test."""
    name = f"analyst_ana_{superuser.info.dbname.rsplit('_', 1)[1]}"
    yield name
    with superuser.cursor() as cursor:
        cursor.execute("SELECT FROM pg_roles WHERE rolname = %s", [name])
        if cursor.fetchone() is not None:
            cursor.execute(f"DROP OWNED BY {name}; DROP ROLE {name}")


def _make(app, name, *, kind="reader", verifier=None, until=NEXT_MONTH, connections=2):
    with app.cursor() as cursor:
        cursor.execute(MAKE, [name, kind, verifier or scram_verifier(PASSWORD), until, connections])


def _as_analyst(test_database, name):
    app = test_database.app
    return connect(Login(name, PASSWORD, app.host, app.port, app.database))


@pytest.mark.parametrize(
    "forbidden",
    [
        "CREATE TABLE public.own (id int)",
        "CREATE TABLE core.own (id int)",
        "CREATE SCHEMA own",
        "CREATE FUNCTION core.own() RETURNS int LANGUAGE sql RETURN 1",
        "CREATE EXTENSION dblink",
        "CREATE ROLE own",
        "ALTER ROLE geogrid_app SUPERUSER",
        "ALTER ROLE geogrid_app CREATEROLE",
        "GRANT pg_execute_server_program TO geogrid_app",
        "SET ROLE geogrid_owner",
        "SET ROLE geogrid_role_maker",
        "COPY (SELECT 1) TO PROGRAM 'cat'",
        "COPY django_session FROM PROGRAM 'true'",
        "COPY django_session TO '/tmp/geogrid-out'",
        "TRUNCATE django_session",
        "DROP TABLE django_session",
        "ALTER TABLE django_session ADD COLUMN own int",
        "SELECT rolpassword FROM pg_authid",
        "SET session_replication_role = replica",
    ],
)
def test_the_app_may_not(app, forbidden):
    with pytest.raises(errors.InsufficientPrivilege), app.cursor() as cursor:
        cursor.execute(forbidden)


def test_the_app_reads_and_writes_rows_and_makes_temporary_tables(app, django_db_setup):
    with app.cursor() as cursor:
        cursor.execute("INSERT INTO django_session VALUES ('of-the-app', '', now())")
        cursor.execute("UPDATE django_session SET session_data = 'x' WHERE session_key = 'of-the-app'")
        cursor.execute("DELETE FROM django_session WHERE session_key = 'of-the-app'")
        cursor.execute("CREATE TEMPORARY TABLE rows_of_an_import (id int)")

        assert cursor.rowcount == -1


@pytest.mark.parametrize(
    "forbidden",
    [
        "CREATE ROLE own",
        "COPY (SELECT 1) TO PROGRAM 'cat'",
        "SET ROLE geogrid_role_maker",
        "CREATE DATABASE own",
    ],
)
def test_the_owner_may_not(owner, forbidden):
    with pytest.raises(errors.InsufficientPrivilege), owner.cursor() as cursor:
        cursor.execute(forbidden)


def test_the_tile_reader_writes_nothing(test_database, django_db_setup):
    reader = connect(test_database.tile_reader)

    with (
        pytest.raises((errors.InsufficientPrivilege, errors.ReadOnlySqlTransaction)),
        reader.cursor() as cursor,
    ):
        cursor.execute("SET default_transaction_read_only = off")
        cursor.execute("DELETE FROM django_session")
    reader.close()


def test_a_function_of_the_owner_is_closed_to_strangers_and_open_to_the_app(owner, superuser):
    with owner.cursor() as cursor:
        cursor.execute("CREATE FUNCTION core.one() RETURNS int LANGUAGE sql RETURN 1")
        cursor.execute(
            "SELECT has_function_privilege(role, 'core.one()', 'EXECUTE')"
            " FROM unnest(ARRAY['geogrid_app', 'geogrid_gis_editor']) role"
        )
        allowed = [row[0] for row in cursor.fetchall()]
        cursor.execute("DROP FUNCTION core.one()")

    assert allowed == [True, False]


def test_bootstrapping_again_changes_nothing(test_database, superuser, django_db_setup):
    before = _rights(superuser)

    script = bootstrap_script({"geogrid_app": test_database.app.password})
    run_sql(find_installation().program("psql"), test_database.superuser, script)

    assert _rights(superuser) == before
    connect(test_database.app).close()


def _rights(superuser):
    with superuser.cursor() as cursor:
        cursor.execute(
            """
            SELECT 'role', rolname || rolcanlogin || rolcreaterole || rolsuper, rolconfig::text
            FROM pg_roles WHERE rolname LIKE 'geogrid%'
            UNION ALL
            SELECT 'schema', nspname, nspacl::text
            FROM pg_namespace WHERE nspname IN ('public', 'core')
            UNION ALL
            SELECT 'default', defaclobjtype::text, defaclacl::text FROM pg_default_acl
            UNION ALL
            SELECT 'function', proname, proacl::text FROM pg_proc WHERE proname LIKE '%analyst_role'
            UNION ALL
            SELECT 'database', datname, datacl::text
            FROM pg_database WHERE datname = current_database()
            UNION ALL
            SELECT 'member', roleid::regrole::text, member::regrole::text
            FROM pg_auth_members WHERE member::regrole::text LIKE 'geogrid%'
            ORDER BY 1, 2, 3
            """
        )
        return cursor.fetchall()


def test_the_spatial_index_works_under_row_policies(superuser):
    with superuser.cursor() as cursor:
        cursor.execute(
            "SELECT proleakproof FROM pg_proc"
            " WHERE oid = 'geometry_overlaps(geometry, geometry)'::regprocedure"
        )

        assert cursor.fetchall() == [(True,)]


def test_the_bootstrap_holds_no_password():
    assert "PASSWORD '" not in BOOTSTRAP
    assert "secret" not in bootstrap_script({"geogrid_app": "secret"})


def test_an_analyst_logs_in_with_rights_of_the_group_only(app, analyst_name, test_database):
    _make(app, analyst_name)

    analyst = _as_analyst(test_database, analyst_name)
    with analyst.cursor() as cursor:
        cursor.execute(
            "SELECT rolname FROM pg_roles WHERE pg_has_role(session_user, oid, 'MEMBER') ORDER BY 1"
        )
        member_of = [row[0] for row in cursor.fetchall()]
        cursor.execute("SHOW lock_timeout")
        lock_timeout = cursor.fetchone()
    analyst.close()

    assert member_of == [analyst_name, "geogrid_gis_reader"]
    assert lock_timeout == ("5s",)


def test_an_analyst_has_no_more_connections_than_were_given(app, analyst_name, test_database):
    _make(app, analyst_name, connections=1)

    first = _as_analyst(test_database, analyst_name)
    with pytest.raises(psycopg2.OperationalError, match="too many connections"):
        _as_analyst(test_database, analyst_name)
    first.close()


def test_revoking_ends_the_analysts_sessions_and_removes_the_role(
    app, analyst_name, test_database, superuser
):
    _make(app, analyst_name, kind="editor")
    analyst = _as_analyst(test_database, analyst_name)

    with app.cursor() as cursor:
        cursor.execute("SELECT core.revoke_analyst_role(%s)", [analyst_name])

    with pytest.raises(psycopg2.OperationalError), analyst.cursor() as cursor:
        cursor.execute("SELECT 1")
    with superuser.cursor() as cursor:
        cursor.execute("SELECT FROM pg_roles WHERE rolname = %s", [analyst_name])
        assert cursor.rowcount == 0


@pytest.mark.parametrize(
    "name",
    [
        "postgres", "geogrid_owner", "geogrid_app", "analyst_", "analyst_x", "Analyst_ana", "analyst_Ana",
        "analyst_ana; DROP ROLE geogrid_app", 'analyst_ana" SUPERUSER', "analyst_ana\n", "analyst_安娜",
        "analyst_" + "a" * 60, "pg_execute_server_program", "", None,
    ],
)  # fmt: skip
def test_a_name_that_is_no_analysts_is_refused(app, name):
    with pytest.raises(errors.InvalidParameterValue):
        _make(app, name)
    with pytest.raises(errors.InvalidParameterValue), app.cursor() as cursor:
        cursor.execute("SELECT core.revoke_analyst_role(%s)", [name])


@pytest.mark.parametrize(
    "kind", ["owner", "role_maker", "geogrid_gis_editor", "editor, geogrid_owner", "", None]
)
def test_a_kind_beyond_reader_and_editor_is_refused(app, analyst_name, kind):
    with pytest.raises(errors.InvalidParameterValue):
        _make(app, analyst_name, kind=kind)


@pytest.mark.parametrize(
    "verifier", ["in clear", "' SUPERUSER PASSWORD 'x", "md5" + "0" * 32, "SCRAM-SHA-256$4096:x$y:z"]
)
def test_a_password_that_is_no_scram_verifier_is_refused(app, analyst_name, verifier):
    with pytest.raises(errors.InvalidParameterValue):
        _make(app, analyst_name, verifier=verifier)


@pytest.mark.parametrize("days", [-1, 0, 800])
def test_an_end_in_the_past_or_far_away_is_refused(app, analyst_name, days):
    with pytest.raises(errors.InvalidParameterValue):
        _make(app, analyst_name, until=datetime.now(UTC) + timedelta(days=days))


@pytest.mark.parametrize("connections", [-1, 0, 21, None])
def test_a_limit_of_connections_out_of_reason_is_refused(app, analyst_name, connections):
    with pytest.raises(errors.InvalidParameterValue):
        _make(app, analyst_name, connections=connections)


def test_an_existing_role_is_never_taken_over(app, analyst_name):
    _make(app, analyst_name)

    with pytest.raises(errors.DuplicateObject):
        _make(app, analyst_name, kind="editor")


def test_a_role_somebody_else_made_is_never_revoked(app, analyst_name, superuser):
    with superuser.cursor() as cursor:
        cursor.execute(f"CREATE ROLE {analyst_name}")

    with pytest.raises(errors.UndefinedObject), app.cursor() as cursor:
        cursor.execute("SELECT core.revoke_analyst_role(%s)", [analyst_name])


def test_an_analyst_makes_no_analyst_and_no_table(app, analyst_name, test_database):
    _make(app, analyst_name, kind="editor")
    analyst = _as_analyst(test_database, analyst_name)
    analyst.autocommit = True

    for forbidden in (
        "SELECT core.revoke_analyst_role('analyst_ana')",
        "CREATE TABLE public.own (id int)",
        "CREATE TEMPORARY TABLE own (id int)",
        "SELECT session_data FROM django_session",
        "COPY (SELECT 1) TO PROGRAM 'cat'",
    ):
        with pytest.raises(errors.InsufficientPrivilege), analyst.cursor() as cursor:
            cursor.execute(forbidden)
    analyst.close()
