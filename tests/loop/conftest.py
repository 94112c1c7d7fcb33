"""The city of four cells with its whole loop: three units with handlers, dispatchers at three levels,
inspectors.
"""

import io
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone
from PIL import Image

from assets.photos.models import Photo
from geogrid.organisations.models import Organisation, User
from grid_units.duties.models import Membership
from incidents import actions
from incidents.clocks.limits import Limit
from incidents.intake import Report, report
from incidents.loop.freezing import Terms
from incidents.loop.orders import CO, LEAD, Sending
from incidents.models import Incident, IncidentPhoto
from tests.incidents.conftest import (
    COUNTY,
    LONG_AGO,
    MIDDLE,
    A,
    People,
    draw_city,
    on_duty,
    person,
    staff_city,
)

# A Wednesday morning in the city, in office hours, after the first policy of clocks came into force.
NOON = datetime(2026, 1, 14, 8, 0, tzinfo=timezone.get_fixed_timezone(0))
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@dataclass(frozen=True)
class Loop:
    """Who works in the loop."""

    people: People
    roads: Organisation
    lights: Organisation
    water: Organisation
    rod: User  # handler of roads
    lou: User  # handler of lights
    wat: User  # handler of water
    street: User  # dispatcher of the street
    district: User  # dispatcher of the district
    chief: User  # commander
    ines: User  # inspector of the district
    ivo: User  # inspector of the district


def handler(name: str, unit: Organisation) -> User:
    user = User.objects.create(username=name, display_name=name.title(), organisation=unit)
    Membership.objects.create(user=user, role="handler", organisation=unit, valid_from=LONG_AGO)
    return user


def make_loop() -> Loop:
    draw_city()
    people = staff_city()
    roads, lights, water = (
        Organisation.objects.create(code=code, name=name, kinds=["handling_unit"])
        for code, name in (("R", "道路所"), ("L", "路灯所"), ("W", "水务所"))
    )
    loop = Loop(
        people, roads, lights, water,
        rod=handler("rod", roads), lou=handler("lou", lights), wat=handler("wat", water),
        street=person("street", "dispatcher", "910101001"),
        district=person("district", "dispatcher", COUNTY),
        chief=person("chief", "commander", ""),
        ines=person("ines", "inspector", COUNTY),
        ivo=person("ivo", "inspector", COUNTY),
    )  # fmt: skip
    on_duty(loop.street, "910101001", role="dispatcher")
    on_duty(loop.district, COUNTY, role="dispatcher")
    return loop


@pytest.fixture
def loop(db: None, settings: Any, tmp_path: Any) -> Loop:
    settings.MEDIA_ROOT = tmp_path
    settings.STORAGES["default"]["OPTIONS"]["location"] = tmp_path
    return make_loop()


@pytest.fixture
def lasting_loop(transactional_db: None) -> Loop:
    return make_loop()


def reported(by: User, at: datetime = NOON, cell: str = A) -> Incident:
    answer = report(said=Report("web", "积水", *MIDDLE[cell]), actor=by, at=at).answer
    return Incident.objects.get(number=answer["number"])


def terms(loop: Loop, **more: Any) -> Terms:
    return Terms(
        **{
            "condition": "积水超过 15 cm",
            "limit": Limit(Decimal(4), Limit.hours(1).kind),
            "unit_ids": (loop.roads.pk,),
            "next_unit_ids": (loop.water.pk,),
            **more,
        }
    )


def filed(loop: Loop, at: datetime = NOON, **more: Any) -> Incident:
    incident = reported(loop.people.oona, at)
    actions.file(incident=incident, actor=loop.people.oona, at=at, terms=terms(loop, **more))
    return incident


def lead(unit: Organisation, **more: Any) -> Sending:
    return Sending(unit, LEAD, **more)


def co(unit: Organisation, **more: Any) -> Sending:
    return Sending(unit, CO, **more)


_drawn = iter(range(10**9))


def photographed(incident: Incident, by: User, at: datetime, role: str = "after") -> None:
    """A photo row of `by`; what a picture is was tested elsewhere."""
    photo = Photo.objects.create(
        sha256=f"{next(_drawn):064x}", media_type="image/jpeg", bytes=1, width=1, height=1, role=role,
        uploaded_by=by, uploaded_at=at,
    )  # fmt: skip
    IncidentPhoto.objects.create(incident=incident, photo=photo)


def picture() -> io.BytesIO:
    file = io.BytesIO()
    number = next(_drawn)
    Image.new("RGB", (64, 48), (number % 256, number // 256 % 256, 7)).save(file, "JPEG")
    file.seek(0)
    file.name = "p.jpg"
    return file
