"""The grid on paper (tests/grid_units/conftest.py), with supervisors who draw in the workshop."""

import secrets
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import shapely
from django.test import Client
from shapely import Polygon

from geogrid.core.models import City
from geogrid.organisations.models import User
from geogrid.organisations.roles import Role
from grid_units.duties.models import Membership
from grid_units.workshop.rings import in_steps, rings_of
from tests.grid_units.conftest import DISTRICT, PaperGrid, drawn, paper, qgis, rectangle

__all__ = ["drawn", "paper", "qgis", "rectangle"]

BACKEND = "django.contrib.auth.backends.ModelBackend"
MakeUser = Callable[..., User]


class Supervisor:
    """Somebody who draws, through the API only."""

    def __init__(self, user: User) -> None:
        self.user = user
        self.client = Client()
        self.client.force_login(user, BACKEND)

    def get(self, path: str) -> Any:
        answer = self.client.get(f"/api/workshop/{path}")
        assert answer.status_code == 200, answer.content
        return answer.json()

    def post(self, path: str, body: Any = None, expect: int = 200) -> Any:
        answer = self.client.post(f"/api/workshop/{path}", body or {}, content_type="application/json")
        assert answer.status_code == expect, (answer.status_code, answer.content)
        return answer.json() if answer.content else None

    def draft(self, name: str = "spring") -> int:
        return int(self.post("drafts", {"name": name}, 201)["id"])

    def cells(self, path: str = "grid") -> dict[str, dict[str, Any]]:
        """Cells of a grid by key."""
        return {cell["key"]: cell for cell in self.get(path)["cells"]}

    def save(
        self,
        path: str,
        puts: dict[str, Polygon],
        removes: tuple[str, ...] = (),
        expect: int = 200,
        **words: Any,
    ) -> Any:
        """Save outlines (degrees) by key, of the versions now seen. New cells get the community of `like`."""
        return self.post(path, self.edit(path, puts, removes, **words), expect)

    def edit(
        self, path: str, puts: dict[str, Polygon], removes: tuple[str, ...] = (), **words: Any
    ) -> dict[str, Any]:
        seen = self.cells(path.replace("edits", "grid"))
        like = words.pop("like", None) or next(key for key in [*puts, *removes] if key in seen)
        extent = words.pop("extent", None)
        leave = {"extent": {"reason": extent}} if extent else {}
        said = []
        for key, outline in puts.items():
            cell = seen.get(key) or seen[like] | {"version": 0, "from": [seen[like]["id"]], "name": ""}
            put = {
                name: cell[name] for name in ("version", "community_id", "kind", "name", "households", "from")
            }
            put |= {"key": key, "rings": rings_of(outline), **words}
            said.append(put | leave)
        return {
            "idempotency_key": secrets.token_hex(8),
            "title": "drawn",
            "puts": said,
            "removes": [{"key": key, "version": seen[key]["version"]} | leave for key in removes],
        }


@pytest.fixture
def city(paper: PaperGrid) -> City:
    return City.objects.create(name="纸城", name_en="Paper", county_code=DISTRICT, zone="UTC")


@pytest.fixture
def make_supervisor(city: City) -> MakeUser:
    def make(name: str, role: Role = Role.SUPERVISOR, prefix: str = DISTRICT) -> Supervisor:
        user = User.objects.create_user(username=name, display_name=name.title())
        Membership.objects.create(user=user, role=role.value, unit_prefix=prefix)
        return Supervisor(user)

    return make  # type: ignore[return-value]


@pytest.fixture
def ann(make_supervisor: Any) -> Supervisor:
    drawer: Supervisor = make_supervisor("ann")
    return drawer


@pytest.fixture
def ben(make_supervisor: Any) -> Supervisor:
    drawer: Supervisor = make_supervisor("ben")
    return drawer


@pytest.fixture
def chief(make_supervisor: Any) -> Iterator[Supervisor]:
    """An administrator, who may also change the extent."""
    yield make_supervisor("chief", Role.ADMINISTRATOR, "")


def shape_of(cell: dict[str, Any]) -> Polygon:
    """The outline of a cell of the API, in degrees."""
    outer, *holes = cell["rings"]
    shape = shapely.transform(Polygon(outer, holes), lambda corners: corners / 2.0**27)
    assert in_steps(shape).equals(Polygon(outer, holes))
    return shape
