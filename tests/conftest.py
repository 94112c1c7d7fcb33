"""Plumbing of the tests: a real PostGIS for everyone, and the suite each test belongs to.

The default connection logs in as geogrid_app, so every test also proves the grants. `owner` and `superuser`
are connections of their own: they see what has been committed, so use them with `transactional_db`.
"""

import os
from collections.abc import Iterator
from typing import Any

import psycopg2
import pytest
from django.db import connections
from django.test import TransactionTestCase
from hypothesis import settings

from geogrid.embedded.logins import Login
from geogrid.embedded.testing import TestDatabase, fresh_database
from tests.row_keeper import RowKeeper

# Playwright's synchronous interface keeps an event loop in the main thread, which Django would take for ours.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")

# How long one example takes says only what else the machine does; benchmarks measure time.
settings.register_profile("geogrid", deadline=None)
settings.load_profile("geogrid")

SUITES = ("fast", "slow", "db", "browser", "bench")
_DATABASE_FIXTURES = {
    "db",
    "transactional_db",
    "django_db_setup",
    "test_database",
    "owner",
    "superuser",
    "live_server",
    "city",
}
_BROWSER_FIXTURES = {"page", "browser", "context", "new_context"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put each test that names no suite into the one its fixtures ask for."""
    for item in items:
        if any(item.get_closest_marker(suite) for suite in SUITES):
            continue
        fixtures = set(getattr(item, "fixturenames", ()))
        if fixtures & _BROWSER_FIXTURES:
            item.add_marker("browser")
        elif fixtures & _DATABASE_FIXTURES or item.get_closest_marker("django_db"):
            item.add_marker("db")
        else:
            item.add_marker("fast")


@pytest.fixture(scope="session")
def test_database() -> Iterator[TestDatabase]:
    """This session's own migrated database; processes that tests start find it in the environment."""
    with fresh_database() as database, pytest.MonkeyPatch.context() as patch:
        for name, value in database.environment().items():
            patch.setenv(name, value)
        yield database


@pytest.fixture(scope="session")
def row_keeper(test_database: TestDatabase) -> Iterator[RowKeeper]:
    connection = connect(test_database.superuser)
    yield RowKeeper(connection)
    connection.close()


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None, django_db_blocker: Any, test_database: TestDatabase, row_keeper: RowKeeper
) -> Iterator[None]:
    """In place of pytest-django's: the database is there, and the app's role could not make one."""
    settings = connections["default"].settings_dict
    app = test_database.app
    settings |= {"NAME": app.database, "USER": app.user, "PASSWORD": app.password}
    settings |= {"HOST": app.host, "PORT": str(app.port)}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda case: row_keeper.restore())
        yield
    with django_db_blocker.unblock():
        connections.close_all()


def connect(login: Login) -> Any:
    """A psycopg2 connection. Typed Any: its `with` means a transaction, which stubs cannot say."""
    return psycopg2.connect(login.url(), application_name="geogrid tests")


@pytest.fixture
def owner(test_database: TestDatabase, django_db_setup: None) -> Iterator[Any]:
    """A psycopg2 connection as geogrid_owner, each statement committed at once."""
    connection = connect(test_database.owner)
    connection.autocommit = True
    yield connection
    connection.close()


@pytest.fixture
def superuser(test_database: TestDatabase, django_db_setup: None) -> Iterator[Any]:
    """A psycopg2 connection as the cluster's superuser, each statement committed at once."""
    connection = connect(test_database.superuser)
    connection.autocommit = True
    yield connection
    connection.close()
