"""Two streets of made-up cells, two classes of assets, and people who may or may not edit them."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.contrib.gis.geos import LineString, Point
from PIL import Image
from rest_framework.test import APIClient

from assets.models import Asset, AssetClass
from geogrid.core.models import City
from geogrid.organisations.models import Organisation, User
from tests.assets.town import MIDDLE, A, draw_town, person


@pytest.fixture
def town(db: None) -> City:
    """Cells A and B of one street, C of another: see tests/assets/town.py."""
    return draw_town()


@pytest.fixture
def lamp_class(db: None) -> AssetClass:
    schema = {
        "type": "object",
        "properties": {"power_w": {"type": "number", "minimum": 0}, "ref": {"type": "string"}},
    }
    return AssetClass.objects.create(
        scheme="test",
        version="9",
        code="0137",
        major_name="公用设施",
        major_name_en="Public utilities",
        name="路灯",
        name_en="Street lamp",
        geometry_kind="point",
        attributes_schema=schema,
        icon="street_lamp",
        origin="standard",
    )


@pytest.fixture
def fence_class(db: None) -> AssetClass:
    return AssetClass.objects.create(
        scheme="test",
        version="9",
        code="0231",
        major_name="道路交通",
        major_name_en="Roads and traffic",
        name="护栏",
        name_en="Railing",
        geometry_kind="line",
        origin="standard",
    )


@pytest.fixture
def lighting(db: None) -> Organisation:
    return Organisation.objects.create(code="LIGHT", name="路灯所", name_en="Street lighting", phone="12319")


@pytest.fixture
def lamp(town: City, lamp_class: AssetClass, lighting: Organisation) -> Asset:
    """A lamp in the middle of cell A."""
    made = Asset.objects.create(
        asset_class=lamp_class,
        geom=Point(*MIDDLE[A], srid=4326),
        name="一号灯",
        location_text="花园路 1 号",
        owner=lighting,
        source="survey",
        source_id="L1",
        attributes={"power_w": 60, "ref": "1"},
        simulated_fields=["owner", "state"],
    )
    return Asset.objects.select_related("cell", "asset_class").get(pk=made.pk)


@pytest.fixture
def fence(town: City, fence_class: AssetClass) -> Asset:
    east, north = MIDDLE[A]
    shape = LineString((east, north), (east + 0.0001, north), srid=4326)
    made = Asset.objects.create(asset_class=fence_class, geom=shape)
    return Asset.objects.get(pk=made.pk)


@pytest.fixture
def supervisor(town: City) -> User:
    """May edit assets in the first street (cells A and B)."""
    return person("sun", "supervisor", "910101001")


@pytest.fixture
def worker(town: City) -> User:
    """May see people of cell A, and edit nothing."""
    return person("ann", "grid_worker", "910101001001001")


@pytest.fixture
def visitor(town: City) -> User:
    """May log in, has no role."""
    return person("visitor")


@pytest.fixture
def as_user() -> Callable[[User], APIClient]:
    """A logged-in client of a person."""

    def log_in(user: User) -> APIClient:
        client = APIClient()
        client.force_login(user, "django.contrib.auth.backends.ModelBackend")
        return client

    return log_in


@pytest.fixture
def media(settings: Any, tmp_path: Path) -> Path:
    """An empty folder for photos."""
    where = {"location": tmp_path / "media", "file_permissions_mode": 0o640}
    settings.STORAGES = settings.STORAGES | {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": where}
    }
    return tmp_path / "media"


@pytest.fixture
def snapshot() -> Callable[..., bytes]:
    """Makes the bytes of a picture: red on the left, blue on the right."""

    def make(kind: str = "JPEG", size: tuple[int, int] = (800, 600), **how: Any) -> bytes:
        image = Image.new("RGB", size, "red")
        image.paste("blue", (size[0] // 2, 0, size[0], size[1]))
        out = io.BytesIO()
        image.save(out, kind, **how)
        return out.getvalue()

    return make
