"""Changes of a staffing that is in force: a duty that goes on otherwise, and somebody's leave.

A duty is never edited into something else: it ends, and another one begins, so that who was on duty at any
moment of the past stays true.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from geogrid.core.actor import acting_as
from geogrid.core.errors import Conflict, Invalid
from geogrid.organisations.models import User
from geogrid.organisations.roles import Action
from grid_units.duties.access import may
from grid_units.duties.actions import person_named, require_for_all, substitute
from grid_units.duties.models import Duty, DutyArea, DutyShift, Substitution, unknown_units


def change_duty(
    *,
    actor: User,
    duty: Duty,
    at: datetime,
    now: datetime,
    leaves: Sequence[str] = (),
    takes: Sequence[str] = (),
    username: str | None = None,
    shifts: Sequence[Mapping[str, Any]] | None = None,
) -> Duty | None:
    """From `at` on a duty goes on otherwise: for other units, by somebody else, at other hours.

    leaves, takes: codes of the units that it loses and gets. A duty that is left without a unit ends.
    Returns the duty that is in force from `at` on, None when there is none.

    Raises:
        Forbidden: when the actor does not staff one of the units, those of before and after.
        Invalid: when a unit or the person does not exist, or `at` is past: what was, stays.
        Conflict: when the duty has ended by then, or no longer names a unit that it is to leave.
    """
    require_for_all(actor, takes)
    missing = unknown_units(takes)
    if missing:
        raise Invalid(f"There is no unit {missing[0]}.", {"takes": [f"Unknown: {missing[0]}"]})
    if at < now:
        raise Invalid("A change is from now on or later: what was, stays.", {"at": ["Must not be past."]})
    person = person_named(username) if username else None
    with acting_as(actor):
        held = Duty.objects.select_for_update().filter(pk=duty.pk).first()
        if held is None:
            raise Conflict("Somebody else has taken this duty away meanwhile; look at the board again.")
        duty = held
        before = set(duty.areas.values_list("unit_code", flat=True))
        require_for_all(actor, sorted(before))
        if duty.valid_to is not None and duty.valid_to <= at:
            raise Conflict("This duty ends before that moment; look at the board again.")
        if gone := sorted(set(leaves) - before):
            raise Conflict(f"This duty does not name {gone[0]} any more; look at the board again.")
        after = (before - set(leaves)) | set(takes)
        new = _successor(duty, person, at, after, shifts) if after else None
        _move_stand_ins(duty, new, max(at, duty.valid_from), keep=person is None)
        if duty.valid_from < at:
            Duty.objects.filter(pk=duty.pk).update(valid_to=at)
        else:
            duty.delete()  # it has not begun: there is nothing to be kept but its history
    return new


def _successor(
    duty: Duty, person: User | None, at: datetime, units: set[str], shifts: Sequence[Mapping[str, Any]] | None
) -> Duty:
    new = Duty.objects.create(
        user=person or duty.user,
        role=duty.role,
        valid_from=max(at, duty.valid_from),
        valid_to=duty.valid_to,
        note=duty.note,
    )
    DutyArea.objects.bulk_create(DutyArea(duty=new, unit_code=code) for code in sorted(units))
    hours = duty.shifts.values("weekday", "starts", "ends") if shifts is None else shifts
    DutyShift.objects.bulk_create(DutyShift(duty=new, **shift) for shift in hours)
    return new


def _move_stand_ins(duty: Duty, new: Duty | None, at: datetime, *, keep: bool) -> None:
    """What of the substitutions lies after `at` goes over to the new duty; with `keep` off it is given up."""
    for one in duty.substitutions.select_for_update().filter(valid_to__gt=at).order_by("valid_from"):
        rest = Substitution(
            duty=new or duty,
            substitute_id=one.substitute_id,
            valid_from=max(at, one.valid_from),
            valid_to=one.valid_to,
            reason=one.reason,
        )
        if one.valid_from < at:
            Substitution.objects.filter(pk=one.pk).update(valid_to=at)
        else:
            one.delete()
        if new is not None and keep:
            rest.save()


def take_leave(
    *,
    actor: User,
    person: User,
    valid_from: datetime,
    valid_to: datetime,
    username: str | None,
    reason: str,
) -> tuple[list[Substitution], int]:
    """Somebody is away from all their duties for a time; `username` stands in, or nobody.

    Returns what was noted, and how many duties of the person stay as they are: the actor does not staff them.

    Raises:
        Invalid: when the substitute does not exist, the time ends before it starts, or there is no duty then.
        IntegrityError: when another substitution of one of the duties overlaps.
    """
    duties = Duty.objects.filter(user=person, valid_from__lt=valid_to).exclude(valid_to__lte=valid_from)
    made, others = [], 0
    with acting_as(actor):
        for duty in duties.prefetch_related("areas").order_by("id"):
            codes = [area.unit_code for area in duty.areas.all()]
            if not codes:
                continue
            if not all(may(actor, Action.STAFF_CELLS, code) for code in codes):
                others += 1
                continue
            made.append(
                substitute(
                    actor=actor,
                    duty=duty,
                    username=username,
                    valid_from=valid_from,
                    valid_to=valid_to,
                    reason=reason,
                )
            )
    if not made:
        raise Invalid(
            "This person has no duty then that you staff.", {"person": ["Nothing to be away from."]}
        )
    return made, others
