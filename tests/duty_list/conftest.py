"""The city of four cells (tests/incidents), and callers of its API."""

from collections.abc import Callable

import pytest
from rest_framework.test import APIClient

from geogrid.organisations.models import User
from tests.incidents.conftest import city  # noqa: F401 (a fixture)


@pytest.fixture
def api() -> Callable[[User], APIClient]:
    """A client that is logged in as somebody, and speaks JSON."""

    def for_user(user: User) -> APIClient:
        client = APIClient()
        client.force_authenticate(user)
        client.default_format = "json"
        return client

    return for_user
