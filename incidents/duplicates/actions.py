"""Following, merging, splitting. Both numbers are kept, and every one of it is a step in the timeline."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.gis.geos import Point
from django.db import transaction
from django.db.models import Max

from geogrid.core.actor import name_actor
from geogrid.core.errors import Conflict, Forbidden, Invalid
from geogrid.core.geo import STORAGE_SRID
from geogrid.organisations.models import User
from geogrid.organisations.roles import Action
from grid_units.duties.access import may, require
from incidents.duplicates.candidates import merged_into
from incidents.duplicates.linking import link
from incidents.duplicates.models import Follower, FollowerContact, Merge
from incidents.loop import people, two_persons
from incidents.loop.models import Application, IncidentClock
from incidents.models import UNFINISHED_VALUES, ContactRead, Incident
from incidents.taking import held_still, last_step, take
from incidents.workflow import BY, ClosingCode, Move, Stage


@dataclass(frozen=True)
class Told:
    """What somebody says of a problem that is known already, and how to reach them.

    lng, lat: degrees, WGS 84, both or neither.
    """

    channel: str = "web"
    words: str = ""
    lng: float | None = None
    lat: float | None = None
    name: str = ""
    phone: str = ""
    email: str = ""


@transaction.atomic
def follow(
    *, incident: Incident, told: Told, actor: User, at: datetime, is_for_self: bool = False
) -> Follower:
    """Somebody else tells of the same problem (同一问题): a follower and evidence, no new incident.

    is_for_self: whether the actor follows, and is told of the outcome; else the actor wrote down a caller.

    Raises:
        Conflict: when the incident is over, or the actor follows it already.
    """
    require(actor, BY[Move.FOLLOW], incident.place_code())
    held = Incident.objects.select_for_update(no_key=True).get(pk=incident.pk)
    if held.stage not in UNFINISHED_VALUES:
        raise Conflict(
            f"Incident {held.number} is over by now; report it anew. 案件 {held.number} 已办结，请重新上报。"
        )
    if is_for_self and Follower.objects.filter(incident=held, user=actor).exists():
        raise Conflict("You follow this incident already. 您已跟进该案件。")
    last = Follower.objects.filter(incident=held).aggregate(last=Max("nth"))["last"] or 0
    has_place = told.lng is not None and told.lat is not None
    name_actor(actor)
    follower = Follower.objects.create(
        incident=held,
        nth=last + 1,
        user=actor if is_for_self else None,
        added_by=actor,
        added_at=at,
        channel=told.channel,
        words=told.words,
        point=Point(told.lng, told.lat, srid=STORAGE_SRID) if has_place else None,
    )
    if told.name or told.phone or told.email:
        FollowerContact.objects.create(follower=follower, name=told.name, phone=told.phone, email=told.email)
    details: dict[str, Any] = {"follower": follower.nth, "channel": told.channel}
    if has_place:
        details["place"] = {"lng": told.lng, "lat": told.lat}
    take(held, Move.FOLLOW, actor, at, note=told.words, details=details)
    return follower


def read_follower_contacts(
    *, incident: Incident, reader: User, at: datetime, reason: str
) -> list[FollowerContact]:
    """How to reach those who follow. Who read it and why is kept, also when there is nothing to read."""
    require(reader, Action.READ_CONTACT, incident.place_code())
    with transaction.atomic():
        name_actor(reader)
        ContactRead.objects.create(incident=incident, reader=reader, read_at=at, reason=reason)
        found = FollowerContact.objects.filter(follower__incident=incident).select_related("follower")
        return list(found.order_by("follower__nth"))


def later_of(one: Incident, other: Incident) -> tuple[Incident, Incident]:
    """(the later, the earlier) of two: the later one is the duplicate."""
    later, earlier = sorted([one, other], key=lambda each: (each.reported_at, each.pk), reverse=True)
    return later, earlier


def may_merge(incident: Incident, user: User) -> bool:
    """Operators of the place, and who dispatches on its level."""
    by_operator = may(user, BY[Move.MERGE], incident.place_code())
    return by_operator or may(user, Action.DISPATCH, people.code_of_level(incident))


def may_split(incident: Incident, user: User) -> bool:
    """Who would have merged it: the operator what was only reported, else the dispatcher of the level."""
    if incident.stage in {Stage.REJECTED, Stage.REPORTED}:
        return may(user, BY[Move.SPLIT_REPORT], incident.place_code())
    return may(user, BY[Move.SPLIT], people.code_of_level(incident))


@transaction.atomic
def merge(*, one: Incident, other: Incident, actor: User, at: datetime, note: str) -> Merge | Application:
    """Say that two incidents are the same problem. The later one is rejected as a duplicate while it is only
    reported; once it is filed it is closed with the code `duplicate`, which a second person approves.

    Returns the merge, or the application that waits for the second person.

    Raises:
        Forbidden: who may not. Conflict: the later one is past filing, or one of them is over.
        Invalid: the same incident twice.
    """
    if not may_merge(one, actor):
        raise Forbidden("Your role does not merge incidents. 您的角色不能并案。")
    if one.pk == other.pk:
        raise Invalid("These are one incident already. 两个编号是同一案件。", {"into": ["Another incident."]})
    duplicate, into = later_of(one, other)
    # Always in the same order, so that two who merge at once do not wait for each other for ever.
    list(Incident.objects.select_for_update(no_key=True).filter(pk__in=[one.pk, other.pk]).order_by("pk"))
    duplicate.refresh_from_db()
    into.refresh_from_db()
    onward = merged_into(into)
    if onward is not None:
        raise Conflict(
            f"Incident {into.number} is itself a duplicate of {onward.into.number}: merge into that one. "
            f"案件 {into.number} 已并入 {onward.into.number}，请并入后者。"
        )
    if into.stage not in UNFINISHED_VALUES:
        raise Conflict(
            f"Incident {into.number} is over: this is a recurrence. 案件 {into.number} 已办结，属复发。"
        )
    note = note.strip() or f"与 {into.number} 为同一问题。The same problem as {into.number}."
    if duplicate.stage == Stage.REPORTED:
        require(actor, BY[Move.MERGE], duplicate.place_code())
        details = {"code": ClosingCode.DUPLICATE.value, "into": into.number}
        take(duplicate, Move.REJECT, actor, at, note=note, details=details)
        return link(duplicate=duplicate, into=into, actor=actor, at=at, note=note)
    if duplicate.stage == Stage.FILED:
        return two_persons.apply(
            incident=duplicate,
            move=Move.CLOSE_WITH_CODE,
            actor=actor,
            at=at,
            note=note,
            code=ClosingCode.DUPLICATE,
            into=into,
        )
    raise Conflict(
        f"Incident {duplicate.number} is {duplicate.stage}: only what is not dispatched yet is merged. "
        f"案件 {duplicate.number} 处于 {duplicate.stage}，派遣后不能并案。"
    )


@transaction.atomic
def split(*, incident: Incident, actor: User, at: datetime, note: str) -> None:
    """Undo a wrong merge (拆分): the duplicate goes on where it was, under its own number and its own clocks,
    as if it had never ended: it was open all the time.

    Raises:
        Conflict: when it is no duplicate. Invalid: without a reason. Forbidden: who may not.
    """
    if not may_split(incident, actor):
        raise Forbidden("Your role does not split incidents. 您的角色不能拆分案件。")
    if not note.strip():
        raise Invalid("Please say why. 请填写拆分理由。", {"note": ["A reason is needed."]})
    found = Merge.objects.standing().filter(duplicate=incident).select_for_update().first()
    if found is None:
        raise Conflict(f"Incident {incident.number} is merged into none. 案件 {incident.number} 未并案。")
    into = Incident.objects.get(pk=found.into_id)
    list(Incident.objects.select_for_update(no_key=True).filter(pk__in=[incident.pk, into.pk]).order_by("pk"))
    held_still(incident, actor)
    was_filed = incident.stage != Stage.REJECTED
    move = Move.SPLIT if was_filed else Move.SPLIT_REPORT
    changes: dict[str, Any] = {"holder_id": incident.cell_worker_id}
    if was_filed:
        changes = {
            "holder_id": people.dispatcher_for(incident, at),
            "closed_at": None,
            "filed_at": incident.filed_at,
        }
    take(incident, move, actor, at, note=note, details={"from": into.number, "merge": found.pk}, **changes)
    _clocks_go_on(incident, found.merged_at)
    take(
        into, Move.SPLIT_OFF, actor, at, note=note, details={"duplicate": incident.number, "merge": found.pk}
    )
    ended_at = max(at, last_step(into).taken_at, found.merged_at)
    found.ended_at, found.ended_by, found.why_ended = ended_at, actor, note
    found.save()


def _clocks_go_on(incident: Incident, since: datetime) -> None:
    """The clocks that the merge ended run again, to the deadlines that they had."""
    ended = IncidentClock.objects.filter(incident=incident, round=incident.round, ended_at__gte=since)
    ended.filter(work_order=None).update(ended_at=None)
