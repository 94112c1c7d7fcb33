"""What writes cameras."""

from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

from django.contrib.gis.geos import Point
from django.db import IntegrityError

from assets.cameras.models import Camera, CameraSource, KeptSnapshot
from assets.editing import require_at
from assets.models import Asset
from geogrid.core.actor import acting_as
from geogrid.core.errors import Conflict, Invalid
from geogrid.organisations.models import User
from geogrid.organisations.roles import Action
from grid_units.duties.access import require

SOURCE_FIELDS: Final[tuple[str, ...]] = ("address", "username", "password")


def add_camera(*, asset: Asset, fields: dict[str, Any], actor: User, at: datetime) -> Camera:
    """Make an asset a camera. `fields` are validated: heading, field of view, reach; address and log-in.

    Raises:
        Forbidden: when the actor may not edit assets there, or names an address without running the city.
        Invalid: when the asset is no point, or the address none.
        Conflict: when it is a camera already.
    """
    require_at(actor, asset)
    if not isinstance(asset.geom, Point):
        raise Invalid(
            "A camera stands at a point. 摄像机须为点状部件。",
            {"asset": ["This asset is drawn as a line or an area."]},
        )
    looks, source = _divided(fields, actor)
    try:
        with acting_as(actor):
            camera = Camera.objects.create(asset=asset, updated_at=at, **looks)
            _set_source(camera, source)
    except IntegrityError as error:
        if "camera_asset_id" not in str(error):
            raise
        raise Conflict("This asset is a camera already. 该部件已登记为摄像机。") from error
    return camera


def change_camera(*, camera: Camera, fields: dict[str, Any], actor: User, at: datetime) -> None:
    """Change what is named in `fields`, and no other. An empty address takes the old one away.

    Raises:
        Forbidden, Invalid: as in `add_camera`.
    """
    require_at(actor, camera.asset)
    looks, source = _divided(fields, actor)
    with acting_as(actor):
        Camera.objects.filter(pk=camera.pk).update(updated_at=at, **looks)
        _set_source(camera, source)


def remove_camera(*, camera: Camera, actor: User) -> None:
    """The asset stays, and is no camera any more.

    Raises:
        Conflict: when pictures of it were kept as evidence.
    """
    require_at(actor, camera.asset)
    if KeptSnapshot.objects.filter(camera=camera).exists():
        raise Conflict("Pictures of this camera are kept as evidence. 该摄像机有留存证据，不能删除。")
    with acting_as(actor):
        camera.delete()


def _divided(fields: dict[str, Any], actor: User) -> tuple[dict[str, Any], dict[str, str]]:
    """What it looks at, and where its picture is fetched: that is for those who run the city, as the server
    goes there."""
    source = {name: fields[name] for name in SOURCE_FIELDS if name in fields}
    if source:
        require(actor, Action.MANAGE_CITY)
    if source.get("address"):
        _check_address(source["address"])
    return {name: value for name, value in fields.items() if name not in SOURCE_FIELDS}, source


def _check_address(said: str) -> None:
    words = (
        "An address is http:// or https:// with a host, and no user name in it. 地址须为http(s)，且不含账号。"
    )
    try:
        parts = urlsplit(said)
        is_good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_good = False
    if not is_good or "@" in parts.netloc or any(ord(letter) <= 32 or ord(letter) > 126 for letter in said):
        raise Invalid(words, {"address": [words]})


def _set_source(camera: Camera, source: dict[str, str]) -> None:
    if source.get("address") == "":
        CameraSource.objects.filter(camera=camera).delete()
    elif source:
        known = CameraSource.objects.filter(camera=camera).first()
        if known is None and "address" not in source:
            raise Invalid("Name the address too. 请填写地址。", {"address": ["There is none yet."]})
        CameraSource.objects.update_or_create(camera=camera, defaults=source)
