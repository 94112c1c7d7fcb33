"""What managed areas say of a report: it is permitted there now, or known already (许可, 告知).

A notice tells and does not file, a permit allows: whoever files nevertheless says why, and no automaton does.
"""

import time
from datetime import datetime
from typing import Any

from django.contrib.gis.geos import Point

from geogrid.core.errors import Invalid
from geogrid.core.geo import STORAGE_SRID
from incidents.clocks.actions import city_calendar
from incidents.models import Incident
from incidents.responsibility.answering import moment_of
from incidents.responsibility.models import ManagedArea

TELLING = ["permit", "notice"]
KEEP_S = 5.0


class _Areas:
    """Whether any area tells anything, known for a few seconds."""

    def __init__(self) -> None:
        self._until = 0.0
        self._tell = False

    def tell(self) -> bool:
        if time.monotonic() >= self._until:
            self._tell = ManagedArea.objects.filter(effect__in=TELLING).exists()
            self._until = time.monotonic() + KEEP_S
        return self._tell

    def forget(self) -> None:
        self._until = 0.0


_areas = _Areas()


def forget_areas() -> None:
    """One was drawn: this process asks anew. Others hear of it within five seconds."""
    _areas.forget()


def told_at(*, kind: str, code: str, lng: float, lat: float, at: datetime) -> list[ManagedArea]:
    """Permits and notices for a class (kind asset or event, and its code) at a point then, youngest first.

    lng, lat: degrees, WGS 84.
    """
    point = Point(lng, lat, srid=STORAGE_SRID)
    valid = ManagedArea.objects.at(at).filter(effect__in=TELLING, geom__covers=point)
    found = [area for area in valid.order_by("-valid_from", "name") if area.is_about(kind, code)]
    if not found:
        return []
    moment = moment_of(at, city_calendar())
    return [area for area in found if area.band.holds(moment)]


def told_of(incident: Incident) -> list[ManagedArea]:
    """The permits and notices that held where and when it was reported."""
    known = incident.asset_class or incident.event_class
    if known is None or incident.point is None:
        return []
    kind = "asset" if incident.asset_class_id else "event"
    place = incident.point
    return told_at(kind=kind, code=known.code, lng=place.x, lat=place.y, at=incident.reported_at)


def told_of_number(number: str) -> list[ManagedArea]:
    """As `told_of`, for a receipt. A busy intake of a city without such areas pays nothing for it."""
    if not _areas.tell():
        return []
    incident = Incident.objects.select_related("asset_class", "event_class").filter(number=number).first()
    return told_of(incident) if incident is not None else []


def area_told(area: ManagedArea) -> dict[str, Any]:
    """As `ToldOut` shows it."""
    return {
        "effect": area.effect,
        "name_zh": area.name,
        "name_en": area.name_en,
        "text_zh": area.text,
        "text_en": area.text_en,
        "most_db": area.most_db,
    }


def require_reason(incident: Incident, note: str) -> None:
    """Refuse to file without a word what a managed area permits, or tells of as known.

    Raises:
        Invalid: with the name of the area.
    """
    if note.strip():
        return
    for area in told_of(incident):
        is_permit = area.effect == "permit"
        raise Invalid(
            f"“{area.name}”{'许可此事' if is_permit else '已告知此事'}：如仍要立案，请说明理由。"
            f"The managed area {area.name_en or area.name} {'permits' if is_permit else 'tells of'} this: "
            "say why, to file it nevertheless.",
            {"note": ["A reason is needed. 须说明理由。"]},
        )
