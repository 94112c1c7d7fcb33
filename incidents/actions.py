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
from incidents.loop import people
from incidents.loop.freezing import Terms, freeze, terms_for
from incidents.models import (
    UNFINISHED_VALUES,
    ContactRead,
    EventClass,
    Incident,
    IncidentContact,
    IncidentPhoto,
)
from incidents.responsibility.telling import require_reason
from incidents.routing import responsible_unit_id
from incidents.taking import held_still, take
from incidents.workflow import BY, Move, Stage

BY_HAND = "BY_HAND"  # level of a worker who was chosen by a person, not by the duty list


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


@transaction.atomic
def file(
    *,
    incident: Incident,
    actor: Actor,
    at: datetime,
    note: str = "",
    filing_condition: str = "",
    condition_id: int | None = None,
    terms: Terms | None = None,
    seen_step: int | None = None,
) -> None:
    """File a report (立案): from now on it counts, its clocks run, and a unit is responsible for it.

    terms: what is frozen with it; without them those of the condition with this id in the duty list. What a
    managed area permits or tells of is filed only with a reason as `note`.
    """
    if isinstance(actor, User):
        require(actor, BY[Move.FILE], incident.place_code())
    terms = terms or terms_for(incident, condition_id, filing_condition, at)
    held_still(incident, actor, seen_step)
    if incident.stage == Stage.REPORTED:
        require_reason(incident, note)
        freeze(incident, terms, at)
    take(
        incident,
        Move.FILE,
        actor,
        at,
        note=note,
        details={"filing_condition": terms.condition} if terms.condition else {},
        seen_step=seen_step,
        responsible_unit_id=terms.unit_ids[0] if terms.unit_ids else responsible_unit_id(incident),
        holder_id=people.dispatcher_for(incident, at),
    )


def reject(
    *,
    incident: Incident,
    actor: User,
    at: datetime,
    note: str,
    response: str = "",
    seen_step: int | None = None,
) -> None:
    """Do not file a report (不予立案), with words that the reporter can read.

    response: code of a text for reporters, which is sent with the message in both languages.
    """
    require(actor, BY[Move.REJECT], incident.place_code())
    _need_words(note)
    details = {"response": response} if response else {}
    take(incident, Move.REJECT, actor, at, note=note, details=details, seen_step=seen_step)


@transaction.atomic
def handle_on_spot(
    *, incident: Incident, actor: User, at: datetime, note: str = "", seen_step: int | None = None
) -> None:
    """Found and solved by the worker (自行处置). Photos from before and after must be there.

    Somebody else is drawn to verify it.
    """
    require(actor, BY[Move.HANDLE_ON_SPOT], incident.place_code())
    missing = missing_photos(incident)
    if missing:
        raise Invalid(
            f"A photo from {' and '.join(missing)} is needed.",
            {"photos": [f"There is no photo with the role {role}." for role in missing]},
        )
    held_still(incident, actor, seen_step)
    verifier_id = None
    if incident.stage == Stage.REPORTED:
        verifier_id = people.draw_verifier(incident, at, besides=actor.pk)
    holder_id = verifier_id or incident.holder_id
    take(incident, Move.HANDLE_ON_SPOT, actor, at, note=note, seen_step=seen_step, holder_id=holder_id)


def missing_photos(incident: Incident) -> list[str]:
    """Which of the photos that solving on the spot needs are not there yet."""
    present = set(incident.photo_links.values_list("photo__role", flat=True))
    return [role.value for role in (PhotoRole.BEFORE, PhotoRole.AFTER) if role.value not in present]


@transaction.atomic
def move_place(*, incident: Incident, lng: float, lat: float, actor: User, at: datetime, note: str) -> None:
    """Correct the place (degrees, WGS 84). Cell, units and worker follow; the step says old and new.

    Within the same cell the worker stays, so a hand-over by hand is kept.
    """
    require(actor, BY[Move.MOVE_PLACE], incident.place_code())
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
    take(incident, Move.MOVE_PLACE, actor, at, note=note, details=details, **changes)


def hand_over(
    *, incident: Incident, to: User, actor: User, at: datetime, note: str, seen_step: int | None = None
) -> None:
    """Give an incident to another person (交接). It stays there until the duty list names somebody new."""
    require(actor, BY[Move.HAND_OVER], incident.place_code())
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
    take(
        incident,
        Move.HAND_OVER,
        actor,
        at,
        note=note,
        seen_step=seen_step,
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
    handles = incident.work_orders.at_work().filter(unit_id__in=people.units_of(actor)).exists()
    if actor.pk not in own and not handles:
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
