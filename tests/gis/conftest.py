"""The furnished town, made once for a file of tests that change nothing, or anew for each test that does."""

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from django.db import connection

from geogrid.embedded.logins import Login
from geogrid.embedded.testing import TestDatabase
from tests.gis.city import FAR, NEAR, Analyst, analyst, furnish
from tiles.gis.models import AnalystRole


def drop_roles() -> None:
    """Roles belong to the cluster, so emptying the tables leaves them."""
    with connection.cursor() as cursor:
        for name in AnalystRole.objects.standing().values_list("role_name", flat=True):
            cursor.execute("SELECT core.revoke_analyst_role(%s)", [name])


@pytest.fixture
def server(test_database: TestDatabase) -> Login:
    return test_database.app


@pytest.fixture
def town(transactional_db: None) -> Iterator[None]:
    furnish()
    yield
    drop_roles()


@pytest.fixture
def near(town: None) -> Analyst:
    """An analyst who edits in the first street."""
    return analyst("ann", NEAR)


@pytest.fixture
def far(town: None) -> Analyst:
    """An analyst who edits in the second street."""
    return analyst("fay", FAR)


@pytest.fixture
def qgis(near: Analyst, server: Login) -> Iterator[Any]:
    """The analyst of the first street, connected."""
    with closing(near.connect(server)) as opened:
        yield opened


@pytest.fixture
def whole_city(town: None, server: Login) -> Iterator[Any]:
    """An analyst of the whole city, connected."""
    with closing(analyst("wim", "").connect(server)) as opened:
        yield opened
