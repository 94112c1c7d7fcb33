"""Incidents that could be the same problem as a place and a class (查重)."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import connection

from assets.models import AssetClass
from geogrid.core.sql import statement
from geogrid.organisations.models import User
from incidents import cards
from incidents.duplicates.likeness import Reach, reach_for, score
from incidents.duplicates.models import DuplicateReach, Merge
from incidents.models import UNFINISHED_VALUES, EventClass, Incident, IncidentPhoto

SQL = Path(__file__).parent / "sql"
MOST_LOOKED_AT = 60
MOST_SHOWN = 20
MOST_PHOTOS = 3


@dataclass(frozen=True)
class Like:
    """An incident that could be the same. `is_open` False: closed a short while ago, so this is a recurrence.

    distance_m: None where a place is not known. told_by: how many others told of it already.
    """

    incident: Incident
    same_asset: bool
    distance_m: float | None
    score: float
    is_open: bool
    told_by: int
    photos: list[IncidentPhoto]


def reach_of(of_class: AssetClass | EventClass) -> Reach:
    """How far and how long is looked for this class."""
    kind = "asset" if isinstance(of_class, AssetClass) else "event"
    return reach_for(kind, of_class.code, [row.as_reach() for row in DuplicateReach.objects.all()])


def candidates(
    *,
    viewer: User,
    of_class: AssetClass | EventClass,
    lng: float,
    lat: float,
    at: datetime,
    asset_id: int | None = None,
    besides: Incident | None = None,
) -> list[Like]:
    """What `viewer` may see of it: the open ones first, by likeness; at most twenty.

    lng, lat: degrees, WGS 84. besides: the incident that is compared, which is not its own duplicate.
    """
    reach = reach_of(of_class)
    values = {
        "lng": lng,
        "lat": lat,
        "radius_m": reach.radius_m,
        "asset_id": asset_id,
        "asset_class_id": of_class.pk if isinstance(of_class, AssetClass) else None,
        "event_class_id": of_class.pk if isinstance(of_class, EventClass) else None,
        "reported_since": at - reach.within,
        "closed_since": at - reach.recurs_within,
        "besides": besides.pk if besides else None,
        "most": MOST_LOOKED_AT,
    }
    with connection.cursor() as cursor:
        cursor.execute(statement(SQL, "candidates"), values)
        found: dict[int, tuple[bool, float | None]] = {pk: (same, m) for pk, same, m in cursor.fetchall()}
    if not found:
        return []
    seen = cards.for_rows(Incident.objects.visible_to(viewer).filter(pk__in=list(found)))
    listed = list(seen.select_related("asset"))
    others, photos = told_by([one.pk for one in listed]), _photos_of([one.pk for one in listed])
    likes = [
        Like(
            incident=one,
            same_asset=found[one.pk][0],
            distance_m=found[one.pk][1],
            score=score(
                same_asset=found[one.pk][0],
                distance_m=found[one.pk][1],
                age=at - one.reported_at,
                reach=reach,
            ),
            is_open=one.stage in UNFINISHED_VALUES,
            told_by=others.get(one.pk, 0),
            photos=photos.get(one.pk, []),
        )
        for one in listed
    ]
    likes.sort(key=lambda like: (not like.is_open, -like.score, like.incident.pk))
    return likes[:MOST_SHOWN]


def told_by(ids: list[int]) -> dict[int, int]:
    """How many people told of each incident besides its first reporter."""
    if not ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(statement(SQL, "told_by"), {"ids": ids})
        return {int(pk): int(count) for pk, count in cursor.fetchall()}


def _photos_of(ids: list[int]) -> dict[int, list[IncidentPhoto]]:
    photos: dict[int, list[IncidentPhoto]] = {}
    links = IncidentPhoto.objects.filter(incident_id__in=ids).select_related("photo").order_by("id")
    for link in links:
        some = photos.setdefault(link.incident_id, [])
        if len(some) < MOST_PHOTOS:
            some.append(link)
    return photos


def merged_into(incident: Incident) -> Merge | None:
    """The merge that makes `incident` a duplicate now, if there is one."""
    return Merge.objects.standing().filter(duplicate=incident).select_related("into").first()


def merged_here(incident: Incident) -> Any:
    """The merges by which others became duplicates of `incident`, the first first."""
    return Merge.objects.standing().filter(into=incident).select_related("duplicate").order_by("id")
