"""The moves of an incident. Each is one transaction: compare-and-set on the row, and its step."""

from datetime import datetime
from typing import IO, Any

from django.contrib.gis.geos import Point
from django.db import connection, transaction

from assets import catalogue
from assets.photos import actions as photos
from assets.photos.models import PhotoRole
from geogrid.core.actor import Actor, name_actor
from geogrid.core.errors import Conflict, Invalid
from geogrid.core.geo import STORAGE_SRID
from geogrid.organisations.models import User
from geogrid.organisations.roles import Action
from grid_units.duties.access import require, scopes_of
from incidents.answers import answering_at
from incidents.models import (
    UNFINISHED_VALUES,
    ContactRead,
    EventClass,
    Incident,
    IncidentContact,
    IncidentPhoto,
    StepTaken,
)
from incidents.routing import responsible_unit_id
from incidents.workflow import OFFERED, Move, Stage, stage_after

BY_HAND = "BY_HAND"  # level of a worker who was chosen by a person, not by the duty list
MARKS_TIME: dict[Stage, str] = {
    Stage.FILED: "filed_at",
    Stage.HANDLED: "handled_at",
    Stage.CLOSED: "closed_at",
}


def load_event_classes() -> int:
    """Add the kinds of problems of the catalogue that are not there yet; how many were added.

    One that is there keeps what the city made of it.
    """
    edition = {"scheme": catalogue.SCHEME, "version": catalogue.VERSION}
    known = set(EventClass.objects.filter(**edition).values_list("code", flat=True))
    return len(
        EventClass.objects.bulk_create(
            EventClass(
                **edition,
                code=row.code,
                major_name=row.major_name,
                major_name_en=row.major_name_en,
                name=row.name,
                name_en=row.name_en,
                icon=row.icon,
                origin=row.origin,
            )
            for row in catalogue.event_classes()
            if row.code not in known
        )
    )


def file(
    *,
    incident: Incident,
    actor: User,
    at: datetime,
    note: str = "",
    filing_condition: str = "",
    deadline_at: datetime | None = None,
) -> None:
    """File a report (立案): from now on it counts, and a unit is responsible for it."""
    require(actor, OFFERED[Move.FILE], incident.place_code())
    details = {"filing_condition": filing_condition} if filing_condition else {}
    _take(
        incident,
        Move.FILE,
        actor,
        at,
        note=note,
        details=details,
        responsible_unit_id=responsible_unit_id(incident),
        deadline_at=deadline_at,
    )


def reject(*, incident: Incident, actor: User, at: datetime, note: str) -> None:
    """Do not file a report (不予立案), with words that the reporter can read."""
    require(actor, OFFERED[Move.REJECT], incident.place_code())
    _need_words(note)
    _take(incident, Move.REJECT, actor, at, note=note)


def handle_on_spot(*, incident: Incident, actor: User, at: datetime, note: str = "") -> None:
    """Found and solved by the worker (自行处置). Photos from before and after must be there."""
    require(actor, OFFERED[Move.HANDLE_ON_SPOT], incident.place_code())
    missing = missing_photos(incident)
    if missing:
        raise Invalid(
            f"A photo from {' and '.join(missing)} is needed.",
            {"photos": [f"There is no photo with the role {role}." for role in missing]},
        )
    _take(incident, Move.HANDLE_ON_SPOT, actor, at, note=note)


def missing_photos(incident: Incident) -> list[str]:
    """Which of the photos that solving on the spot needs are not there yet."""
    present = set(incident.photo_links.values_list("photo__role", flat=True))
    return [role.value for role in (PhotoRole.BEFORE, PhotoRole.AFTER) if role.value not in present]


@transaction.atomic
def move_place(*, incident: Incident, lng: float, lat: float, actor: User, at: datetime, note: str) -> None:
    """Correct the place (degrees, WGS 84). Cell, units and worker follow; the step says old and new.

    Within the same cell the worker stays, so a hand-over by hand is kept.
    """
    require(actor, OFFERED[Move.MOVE_PLACE], incident.place_code())
    _need_words(note)
    locked = Incident.objects.select_for_update().get(pk=incident.pk)
    if locked.point != incident.point:
        raise Conflict(f"Somebody else has just moved incident {incident.number}.")
    there = answering_at(lng=lng, lat=lat, at=at)
    changes: dict[str, Any] = {"point": Point(lng, lat, srid=STORAGE_SRID)}
    if (there.unit_code or "") != locked.unit_code or locked.point is None:
        changes |= {
            "cell_worker_id": there.user_id,
            "rostered_id": there.user_id,
            "worker_level": there.level,
            "worker_is_substitute": there.is_substitute,
            "holder_id": there.user_id if locked.holder_id == locked.cell_worker_id else locked.holder_id,
        }
    details = {
        "from": _place_said(locked.point, locked.unit_code),
        "to": {"lng": lng, "lat": lat, "cell": there.unit_code or ""},
        "from_worker": {"id": locked.cell_worker_id, "level": locked.worker_level},
        "to_worker": {
            "id": changes.get("cell_worker_id", locked.cell_worker_id),
            "level": changes.get("worker_level", locked.worker_level),
        },
    }
    _take(incident, Move.MOVE_PLACE, actor, at, note=note, details=details, **changes)


def hand_over(*, incident: Incident, to: User, actor: User, at: datetime, note: str) -> None:
    """Give an incident to another person (交接). It stays there until the duty list names somebody new."""
    require(actor, OFFERED[Move.HAND_OVER], incident.place_code())
    _need_words(note)
    if not scopes_of(to, at).sees_incidents_of(incident.place_code()):
        raise Invalid(
            f"{to} may not see incidents there.",
            {"to": ["This person has no role in that part of the city."]},
        )
    if to.pk == incident.cell_worker_id:
        raise Invalid(f"{to} has it already.", {"to": ["This person has it already."]})
    with connection.cursor() as cursor:
        cursor.execute("SELECT user_id FROM core.cell_worker(%s, %s)", [incident.unit_code, at])
        (rostered_id,) = cursor.fetchone()
    _take(
        incident,
        Move.HAND_OVER,
        actor,
        at,
        note=note,
        details={
            "reason": "by_hand",
            "from_worker": {"id": incident.cell_worker_id, "level": incident.worker_level},
            "to_worker": {"id": to.pk, "level": BY_HAND},
        },
        cell_worker_id=to.pk,
        rostered_id=rostered_id,
        worker_level=BY_HAND,
        worker_is_substitute=False,
        holder_id=to.pk if incident.holder_id == incident.cell_worker_id else incident.holder_id,
    )


def add_photo(*, incident: Incident, file: IO[bytes], role: str, actor: User, at: datetime) -> IncidentPhoto:
    """Keep a photo of an incident. The reporter, the cell worker and who may report there add photos.

    Raises:
        Forbidden: for others.
        Conflict: when the incident is over.
        Invalid: when the file is no photo.
    """
    require_may_add_photos(incident=incident, actor=actor)
    with transaction.atomic():
        photo = photos.add_photo(file=file, role=role, uploaded_by=actor, at=at)
        return IncidentPhoto.objects.create(incident=incident, photo=photo)


def require_may_add_photos(*, incident: Incident, actor: User) -> None:
    """Let pass who may add photos to an incident that is not over.

    Raises:
        Forbidden: for others.
        Conflict: when the incident is over.
    """
    own = {incident.reported_by_id, incident.cell_worker_id, incident.holder_id}
    if actor.pk not in own:
        require(actor, Action.REPORT, incident.place_code())
    if incident.stage not in UNFINISHED_VALUES:
        raise Conflict(f"Incident {incident.number} is over; photos are kept as they are.")


def read_contact(*, incident: Incident, reader: User, at: datetime, reason: str) -> IncidentContact | None:
    """How to reach the reporter. Who read it and why is kept, also when there is nothing to read."""
    require(reader, Action.READ_CONTACT, incident.place_code())
    with transaction.atomic():
        name_actor(reader)
        ContactRead.objects.create(incident=incident, reader=reader, read_at=at, reason=reason)
        return IncidentContact.objects.filter(incident=incident).first()


def _need_words(note: str) -> None:
    if not note.strip():
        raise Invalid("Please say why.", {"note": ["A reason is needed."]})


def _place_said(point: Point | None, unit_code: str) -> dict[str, Any] | None:
    return {"lng": point.x, "lat": point.y, "cell": unit_code} if point is not None else None


@transaction.atomic
def _take(
    incident: Incident,
    move: Move,
    actor: Actor,
    at: datetime,
    *,
    note: str = "",
    details: dict[str, Any] | None = None,
    **changes: Any,
) -> None:
    """Move `incident` and write the step. `incident` is brought up to date.

    The UPDATE names the stage and the worker it expects, so of two people who press at once one moves the
    incident and the other is told Conflict.
    """
    before = Stage(incident.stage)
    try:
        after = stage_after(move, before)
    except ValueError as error:
        raise Conflict(
            f"Incident {incident.number} is {before} now; this cannot be done any more."
        ) from error
    if after != before and after in MARKS_TIME:
        changes.setdefault(MARKS_TIME[after], at)
    name_actor(actor)
    moved = Incident.objects.filter(
        pk=incident.pk, stage=before.value, cell_worker_id=incident.cell_worker_id
    ).update(stage=after.value, **changes)
    if not moved:
        raise Conflict(f"Somebody else has just changed incident {incident.number}. Look again.")
    StepTaken.objects.create(
        incident=incident,
        move=move.value,
        from_stage=before.value,
        to_stage=after.value,
        level=incident.level,
        actor_user=actor if isinstance(actor, User) else None,
        taken_at=at,
        note=note,
        details=details or {},
    )
    if "point" in changes:
        incident.refresh_from_db()
    else:
        for name, value in {"stage": after.value, **changes}.items():
            setattr(incident, name, value)
