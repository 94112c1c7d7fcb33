"""The tests' own database: who logs in, and that a test which commits leaves nothing behind."""

import pytest
from django.db import connection

pytestmark = pytest.mark.db


def _fetch(cursor_of, sql):
    with cursor_of.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall()


@pytest.mark.django_db
def test_tests_log_in_as_the_app():
    assert _fetch(connection, "SELECT session_user") == [("geogrid_app",)]


@pytest.mark.django_db
def test_every_table_belongs_to_the_owner(superuser):
    strangers = _fetch(
        superuser,
        """
        SELECT relname
        FROM pg_class
        WHERE relnamespace IN ('public'::regnamespace, 'core'::regnamespace)
            AND relkind IN ('r', 'v', 'm', 'S')
            AND relowner <> 'geogrid_owner'::regrole
            AND relname NOT IN ('spatial_ref_sys', 'geometry_columns', 'geography_columns')
        """,
    )

    assert strangers == []


@pytest.mark.parametrize("turn", [1, 2])
@pytest.mark.django_db(transaction=True)
def test_what_a_test_commits_is_gone_in_the_next(turn, superuser):
    seeds = _fetch(superuser, "SELECT count(*) FROM django_content_type")

    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO django_content_type (app_label, model) VALUES ('left', 'behind')")
        cursor.execute("INSERT INTO django_session VALUES ('left-behind', '', now())")

    assert _fetch(superuser, "SELECT count(*) FROM django_content_type") == [(seeds[0][0] + 1,)]
    assert _fetch(superuser, "SELECT count(*) FROM django_session") == [(1,)]
