"""A town for OGC clients: the four cells of tests/incidents/conftest.py with assets, houses and incidents.

`python -m tests.ogc.town` fills the database of its environment; tests copy that one.
"""

from datetime import UTC, datetime, timedelta
from typing import Final

import django

ASSETS: Final = 1_234  # manhole covers, more than one page of the usual size
LAMPS: Final = 40
HOUSES: Final = 12
INCIDENTS: Final = {"A": 7, "B": 5, "C": 3}
NOON: Final = datetime(2026, 1, 14, 10, 0, tzinfo=UTC)
# Secrets of this town only: who holds them is whom they name.
TOKENS: Final = {
    name: f"ggt_{name}_of_the_ogc_town" for name in ("eve", "dan", "ann", "stranger", "volunteer", "oona")
}


def fill() -> None:
    """Draw, staff and furnish the town."""
    from django.contrib.gis.geos import MultiPolygon, Point, Polygon

    from assets.models import Asset, AssetClass, Building
    from assets.sensors.models import WaterloggingPoint
    from geogrid.core.geo import STORAGE_SRID
    from geogrid.organisations.authentication import digest_of
    from geogrid.organisations.models import ApiToken, Organisation, User
    from incidents.intake import Report, report
    from incidents.models import EventClass
    from tests.incidents.conftest import MIDDLE, SIDE, SOUTH, WEST, A, B, C, draw_city, staff_city

    draw_city()
    people = staff_city()
    for name, secret in TOKENS.items():
        ApiToken.objects.create(
            user=User.objects.get(username=name),
            name="ogc",
            prefix=secret[:8],
            digest=digest_of(secret),
            scopes=["all"],
            created_at=NOON,
        )
    owner = Organisation.objects.create(code="W01", name="供水公司", name_en="Water company")
    words = {"scheme": "test", "version": "9", "origin": "standard", "geometry_kind": "point"}
    cover = AssetClass.objects.create(
        code="0103",
        name="污水井盖",
        name_en="Sewer cover",
        major_name="公用设施",
        major_name_en="Utilities",
        **words,
    )
    lamp = AssetClass.objects.create(
        code="0599", name="监测点", name_en="Station", major_name="其他", major_name_en="Other", **words
    )
    states = ("intact", "damaged", "missing", "intact", "intact")
    Asset.objects.bulk_create(
        Asset(
            asset_class=cover,
            name=f"井盖 {n}" if n % 3 else 'It\'s 100% "odd"_\\ name',
            owner=owner if n % 2 else None,
            state=states[n % len(states)],
            first_date=NOON.date() + timedelta(days=n % 50),
            geom=Point(
                WEST + SIDE * (0.02 + 1.96 * (n % 41) / 41),
                SOUTH + SIDE * (0.02 + 1.96 * (n % 37) / 37),
                srid=STORAGE_SRID,
            ),
        )
        for n in range(ASSETS)
    )
    Asset.objects.bulk_create(
        Asset(asset_class=lamp, geom=Point(WEST + SIDE * n / LAMPS, SOUTH + SIDE / 3, srid=STORAGE_SRID))
        for n in range(1, LAMPS + 1)
    )
    for n in range(HOUSES):
        west, south = WEST + SIDE * (0.1 + n * 0.15), SOUTH + SIDE * 0.2
        ring = ((west, south), (west + 4e-4, south), (west + 4e-4, south + 3e-4), (west, south))
        Building.objects.create(
            source="town",
            source_id=str(n),
            name=f"{n}号楼",
            levels=n,
            households=n * 3,
            geom=MultiPolygon(Polygon(ring), srid=STORAGE_SRID),
        )
    noise = EventClass.objects.create(
        scheme="test", version="9", code="0506", major_name="突发事件", major_name_en="Emergencies",
        name="道路积水", name_en="Waterlogged road", origin="standard",
    )  # fmt: skip
    for cell, place in ((A, "A"), (B, "B"), (C, "C")):
        for n in range(INCIDENTS[place]):
            lng, lat = MIDDLE[cell]
            said = Report("desk", "水", lng=lng + n * 1e-5, lat=lat, event_class_id=noise.pk)
            report(said=said, actor=people.oona, at=NOON + timedelta(hours=n))
    WaterloggingPoint.objects.create(code="W1", name="下穿桥", place=Point(*MIDDLE[A], srid=STORAGE_SRID))


if __name__ == "__main__":
    django.setup()
    fill()
