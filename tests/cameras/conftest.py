"""A town with a camera asset in cell A, and a little HTTP server that is the camera."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.gis.geos import Point

from assets.cameras import actions
from assets.cameras.models import Camera
from assets.cameras.snapshots import Snapshots
from assets.models import Asset, AssetClass
from geogrid.organisations.models import User
from tests.assets.conftest import as_user, media, town  # noqa: F401  fixtures of the assets' tests
from tests.assets.town import MIDDLE, NOON, A, person
from tests.cameras.little_camera import LittleCamera, little_camera


@pytest.fixture
def served() -> Iterator[LittleCamera]:
    with little_camera() as camera:
        yield camera


@pytest.fixture(autouse=True)
def nothing_seen_before(monkeypatch: Any) -> None:
    fresh = Snapshots()
    for room in ("assets.cameras.api", "incidents.evidence"):
        monkeypatch.setattr(f"{room}.snapshots", fresh)


@pytest.fixture
def pole(town: Any) -> Asset:  # noqa: F811
    kind = AssetClass.objects.create(
        scheme="test",
        version="9",
        code="0150",
        major_name="公用设施",
        major_name_en="Public utilities",
        name="监控电子眼",
        name_en="Surveillance camera",
        geometry_kind="point",
        origin="standard",
    )
    made = Asset.objects.create(asset_class=kind, geom=Point(*MIDDLE[A], srid=4326))
    return Asset.objects.select_related("cell").get(pk=made.pk)


@pytest.fixture
def administrator(town: Any) -> User:  # noqa: F811
    return person("root", "administrator")


@pytest.fixture
def operator(town: Any) -> User:  # noqa: F811
    """Looks through the cameras of the first street (cells A and B)."""
    return person("ola", "operator", "910101001")


@pytest.fixture
def camera(pole: Asset, administrator: User, served: LittleCamera, settings: Any) -> Camera:
    settings.CAMERA_HOSTS = [f"127.0.0.1:{served.port}"]
    fields = {"heading_deg": 90.0, "field_of_view_deg": 60.0, "reach_m": 50.0, "address": served.address()}
    return actions.add_camera(asset=pole, fields=fields, actor=administrator, at=NOON)
