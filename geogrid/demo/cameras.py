"""Simulated cameras of the demonstration city: one looks at each low place, as yet without a picture."""

from typing import Any, Final

from django.contrib.gis.geos import Point
from django.utils import timezone
from pyproj import Geod

from assets import catalogue
from assets.cameras.models import Camera
from assets.models import Asset, AssetClass
from geogrid.core.actor import System, acting_as
from geogrid.core.geo import STORAGE_SRID
from geogrid.demo.roster import units_of_class
from geogrid.demo.terrain import low_places
from geogrid.organisations.models import Organisation

DEMO: Final = System("demo")
SOURCE: Final = "simulated"
CLASS: Final = "0150"  # 监控电子眼
STANDS_M: Final = 20.0  # from what it looks at
LOOKS_DEG: Final = 30.0
SEES_DEG: Final = 75.0
REACH_M: Final = 60.0
# All that is said of them is invented.
INVENTED: Final = ["geom", "name", "location_text", "state", "competent_authority", "owner", "maintainer"]
_GEOD: Final = Geod(ellps="WGS84")


def bring_cameras() -> int:
    """Set a simulated camera at each low place that has none; how many were set."""
    kind = AssetClass.objects.get(scheme=catalogue.SCHEME, version=catalogue.VERSION, code=CLASS)
    units = _units()
    known = set(Asset.objects.filter(source=SOURCE, asset_class=kind).values_list("source_id", flat=True))
    missing = [place for place in low_places() if place.street not in known]
    with acting_as(DEMO):
        for place in missing:
            lng, lat, _ = _GEOD.fwd(place.lng, place.lat, LOOKS_DEG + 180, STANDS_M)
            asset = Asset.objects.create(
                asset_class=kind,
                geom=Point(lng, lat, srid=STORAGE_SRID),
                name=f"模拟摄像机 Simulated camera, {place.street}",
                location_text=place.street,
                source=SOURCE,
                source_id=place.street,
                simulated_fields=INVENTED,
                **units,
            )
            Camera.objects.create(
                asset=asset,
                heading_deg=LOOKS_DEG,
                field_of_view_deg=SEES_DEG,
                reach_m=REACH_M,
                updated_at=timezone.now(),
            )
    return len(missing)


def _units() -> dict[str, Any]:
    """Whose they are: invented units, as of all assets of the demonstration."""
    roles = ("competent_authority", "owner", "maintainer")
    return {
        role: Organisation.objects.filter(code=code).first()
        for role, code in zip(roles, units_of_class(CLASS), strict=True)
    }
