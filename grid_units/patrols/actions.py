"""Devices, pairings and patrols: the writers."""

import secrets
from datetime import datetime
from typing import IO, Final

from django.db.models import Exists, OuterRef, Q

from geogrid.core.actor import acting_as
from geogrid.core.errors import Conflict, Forbidden, Invalid
from geogrid.organisations.authentication import digest_of
from geogrid.organisations.models import User
from geogrid.organisations.roles import Action
from grid_units.duties.access import EVERYWHERE, require, scopes_of, under
from grid_units.duties.models import DutyArea, Membership
from grid_units.patrols.fixes import LIMITS, Verdict
from grid_units.patrols.gpx import LARGEST_BYTES, fixes_of
from grid_units.patrols.intake import keep_of_device
from grid_units.patrols.models import Device, DeviceQuerySet, Pairing, Patrol
from grid_units.patrols.protocols import Protocol, Unreadable

RECORDER: Final = "GPX"
TOKEN_START: Final = "ggd_"  # noqa: S105 (how the token of every device begins)


def staffs(actor: User, worker: User) -> bool:
    """Whether `actor` staffs cells where `worker` has a role or a duty."""
    prefixes = scopes_of(actor).prefixes(Action.STAFF_CELLS)
    if EVERYWHERE in prefixes:
        return True
    return (
        Membership.objects.filter(under(prefixes, "unit_prefix"), user=worker)
        .exclude(unit_prefix="")
        .exists()
        or DutyArea.objects.filter(under(prefixes, "unit_code"), duty__user=worker).exists()
    )


def require_over(actor: User, worker: User) -> None:
    """Let pass who patrols themself, or staffs the other.

    Raises:
        Forbidden: in words.
    """
    if actor.pk == worker.pk:
        require(actor, Action.PATROL)
    elif not staffs(actor, worker):
        raise Forbidden("You may do this for yourself, and for people whose cells you staff.")


def devices_of(actor: User) -> DeviceQuerySet:
    """The devices that `actor` may manage: their own, those of people they staff, and those that they made
    and nobody carries; with a city-wide right to staff, all."""
    prefixes = scopes_of(actor).prefixes(Action.STAFF_CELLS)
    devices = Device.objects.all()
    if EVERYWHERE in prefixes:
        return devices
    carried = Pairing.objects.filter(device=OuterRef("pk"), valid_to=None)
    mine = Q(Exists(carried.filter(worker=actor))) | Q(made_by=actor) & ~Q(Exists(carried))
    if not prefixes:
        return devices.filter(mine)
    people = Membership.objects.filter(under(prefixes, "unit_prefix")).exclude(unit_prefix="")
    on_duty = DutyArea.objects.filter(under(prefixes, "unit_code"))
    staffed = carried.filter(
        Q(worker__in=people.values("user_id")) | Q(worker__in=on_duty.values("duty__user_id"))
    )
    return devices.filter(mine | Q(Exists(staffed)))


def make_device(
    *,
    actor: User,
    name: str,
    kind: str,
    worker: User | None,
    at: datetime,
    forwarder: Device | None = None,
    external_id: str = "",
) -> tuple[Device, str]:
    """Make a device, paired with `worker` when one is given: its row, and its token, which is kept nowhere.

    A device that another server forwards has no token (empty): it is known by its name there.

    Raises:
        Forbidden: when the actor may not do this for that person, or for the whole city (forwarders).
        Invalid: when kind, forwarder and name there do not fit together.
        IntegrityError: when the forwarder has a device of that name.
    """
    if kind == "forwarder" or forwarder is not None:
        require(actor, Action.MANAGE_CITY)
    elif worker is None:
        require(actor, Action.STAFF_CELLS)
    if worker is not None:
        require_over(actor, worker)
    if kind == "forwarder" and (worker is not None or forwarder is not None):
        raise Invalid("A forwarding server is carried by nobody.", {"kind": ["Leave out the person."]})
    if (forwarder is None) != (external_id == ""):
        raise Invalid(
            "Name the forwarder and the device's name there, or neither.", {"external_id": ["Both."]}
        )
    if forwarder is not None and (forwarder.kind != "forwarder" or forwarder.revoked_at is not None):
        raise Invalid("This is no forwarding server in use.", {"forwarder": ["Choose another."]})
    secret = "" if forwarder else TOKEN_START + secrets.token_urlsafe(24)
    with acting_as(actor):
        device = Device.objects.create(
            name=name,
            kind=kind,
            prefix=secret[:8],
            digest=digest_of(secret) if secret else None,
            forwarder=forwarder,
            external_id=external_id,
            made_by=actor,
            made_at=at,
        )
        if worker is not None:
            Pairing.objects.create(device=device, worker=worker, valid_from=at)
    return device, secret


def pair(*, actor: User, device: Device, worker: User | None, at: datetime) -> None:
    """Let somebody else carry a device from now on; nobody when `worker` is None.

    Raises:
        Forbidden: when the actor may not do this for that person.
        Conflict: when the device was revoked.
    """
    if worker is not None:
        require_over(actor, worker)
    if device.revoked_at is not None:
        raise Conflict("This device was revoked; make a new one.")
    with acting_as(actor):
        Device.objects.select_for_update().get(pk=device.pk)
        Pairing.objects.filter(device=device, valid_to=None, valid_from__lt=at).update(valid_to=at)
        if worker is not None:
            Pairing.objects.create(device=device, worker=worker, valid_from=at)


def revoke(*, actor: User, device: Device, at: datetime) -> None:
    """End a device: its token opens nothing from this moment on.

    Raises:
        Conflict: when it was revoked before.
    """
    with acting_as(actor):
        revoked = Device.objects.filter(pk=device.pk, revoked_at=None).update(revoked_at=at)
        Pairing.objects.filter(device=device, valid_to=None, valid_from__lt=at).update(valid_to=at)
    if not revoked:
        raise Conflict("This device was revoked before.")


def start_patrol(*, actor: User, worker: User, at: datetime) -> Patrol:
    """Begin a shift of `worker` by hand.

    Raises:
        Forbidden: when the actor may not do this for that person.
        Conflict: when one runs already.
    """
    require_over(actor, worker)
    with acting_as(actor):
        if Patrol.objects.running().filter(worker=worker).exists():
            raise Conflict("A patrol of this person is running; end it first.")
        return Patrol.objects.create(
            worker=worker, started_at=at, opened_by=actor.get_username(), is_by_hand=True
        )


def end_patrol(*, actor: User, patrol: Patrol, at: datetime) -> None:
    """End a running shift.

    Raises:
        Forbidden: when the actor may not do this for that person.
        Conflict: when it has ended, or had not begun then.
    """
    require_over(actor, patrol.worker)
    with acting_as(actor):
        ended = Patrol.objects.running().filter(pk=patrol.pk, started_at__lte=at)
        if not ended.update(ended_at=at, is_by_hand=True, is_track_stale=True):
            raise Conflict("This patrol has ended, or has not begun yet.")


def upload_track(*, actor: User, worker: User, file: IO[bytes], at: datetime) -> tuple[Verdict, ...]:
    """Keep a recorded track (GPX) of `worker`: what is decided of each point, in order.

    Raises:
        Forbidden: when the actor may not do this for that person.
        Invalid: when the file cannot be read as a track, with the place in it.
    """
    require_over(actor, worker)
    try:
        fixes = fixes_of(file.read(LARGEST_BYTES + 1))
    except Unreadable as error:
        raise Invalid(str(error), {"file": [error.what]}) from None
    with acting_as(actor):
        recorder = _recorder_of(worker, actor, at)
        return keep_of_device(recorder.pk, fixes, Protocol.GPX, at)


def _recorder_of(worker: User, actor: User, at: datetime) -> Device:
    """The device that stands for somebody's uploads. Nobody knows a token of it."""
    User.objects.select_for_update().get(pk=worker.pk)  # two uploads at once make one
    mine = Device.objects.usable().filter(kind="file", pairings__worker=worker)
    found = mine.first()
    if found is None:
        found = Device.objects.create(
            name=RECORDER,
            kind="file",
            digest=digest_of(secrets.token_urlsafe(32)),
            made_by=actor,
            made_at=at,
        )
        Pairing.objects.create(device=found, worker=worker, valid_from=at - LIMITS.stale)
    return found
