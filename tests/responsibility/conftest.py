"""The city of four cells (tests/incidents), and callers of its API."""

from collections.abc import Callable

import pytest
from rest_framework.test import APIClient

from geogrid.organisations.models import Organisation, User
from incidents.models import EventClass
from tests.incidents.conftest import People, city  # noqa: F401 (a fixture)


@pytest.fixture
def api() -> Callable[[User], APIClient]:
    """A client that is logged in as somebody, and speaks JSON."""

    def for_user(user: User) -> APIClient:
        client = APIClient()
        client.force_authenticate(user)
        client.default_format = "json"
        return client

    return for_user


def unit(code: str) -> Organisation:
    return Organisation.objects.create(code=code, name=f"{code}单位", name_en=code.title())


@pytest.fixture
def water(city: People) -> Organisation:  # noqa: F811
    return unit("water")


@pytest.fixture
def roads(city: People) -> Organisation:  # noqa: F811
    return unit("roads")


@pytest.fixture
def noise(city: People) -> EventClass:  # noqa: F811
    return EventClass.objects.create(
        scheme="cn", version="1", code="0189", name="广场舞噪音", name_en="Square-dance noise", origin="ours"
    )
