"""The city of four cells, and a device in somebody's hand."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest
from django.db import connection

from geogrid.organisations.authentication import digest_of
from geogrid.organisations.models import User
from geogrid.organisations.roles import Role
from grid_units.duties.models import Membership
from grid_units.patrols.models import Device, Pairing
from tests.asgi.running import CITY, Server, serving
from tests.incidents.conftest import LONG_AGO, city, lasting_city  # noqa: F401 (the two are fixtures)


@dataclass(frozen=True)
class Carried:
    """A device with its token."""

    device: Device
    token: str

    @property
    def digest(self) -> str:
        return digest_of(self.token)

    def bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}", "Content_Type": "application/json"}


def carried_by(
    worker: User | None, name: str = "phone", since: datetime = LONG_AGO, **fields: Any
) -> Carried:
    """A device, paired since long ago."""
    maker = worker or User.objects.earliest("id")
    token = f"ggd_{name}"
    device = Device.objects.create(
        name=name, digest=digest_of(token), prefix=token[:8], made_by=maker, **fields
    )
    if worker is not None:
        Pairing.objects.create(device=device, worker=worker, valid_from=since)
    return Carried(device, token)


def rows(sql: str, *values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())


def kept(device: Device) -> list[tuple[Any, ...]]:
    """(at, unused_because, is_late, is_driven) of all fixes of a device, by their own time."""
    return rows(
        "SELECT at, unused_because, is_late, is_driven FROM fix WHERE device_id = %s ORDER BY at, id",
        device.pk,
    )


@pytest.fixture
def give_role() -> Callable[..., User]:
    """Makes a person with a role in a part of the city."""

    def make(username: str, role: Role, prefix: str = "") -> User:
        user = User.objects.create(username=username, display_name=username.title())
        Membership.objects.create(user=user, role=role, unit_prefix=prefix, valid_from=LONG_AGO)
        return user

    return make


@pytest.fixture(scope="module")
def server(test_database: object, django_db_setup: None) -> Iterator[Server]:
    with serving(CITY) as running:
        yield running
