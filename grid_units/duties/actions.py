"""Staffing: who answers for which units, when, and who stands in."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from geogrid.core.actor import acting_as
from geogrid.core.errors import Conflict, Invalid
from geogrid.organisations.models import User
from geogrid.organisations.roles import Action, Role
from grid_units.duties.access import require
from grid_units.duties.models import Duty, DutyArea, DutyShift, Substitution, unknown_units


def person_named(username: str) -> User:
    found = User.objects.filter(username=username, is_active=True).first()
    if found is None:
        raise Invalid(f"There is nobody named {username} who can log in.", {"username": ["Unknown."]})
    return found


def require_for_all(actor: User, codes: Iterable[str]) -> None:
    for code in codes:
        require(actor, Action.STAFF_CELLS, code)


def make_duty(
    *,
    actor: User,
    username: str,
    role: str,
    units: Sequence[str],
    shifts: Sequence[Mapping[str, Any]],
    valid_from: datetime,
    valid_to: datetime | None,
    note: str = "",
) -> Duty:
    """Make somebody answer for some units; without shifts, day and night.

    Raises:
        Forbidden: when the actor does not staff one of the units.
        Invalid: when the person or a unit does not exist, or the duty ends before it starts.
    """
    require_for_all(actor, units)
    person = person_named(username)
    missing = unknown_units(units)
    if missing:
        raise Invalid(f"There is no unit {', '.join(missing[:5])}.", {"units": [f"Unknown: {missing[0]}"]})
    if valid_to is not None and valid_to <= valid_from:
        raise Invalid("A duty ends after it starts.", {"valid_to": ["Must be later than valid_from."]})
    with acting_as(actor):
        duty = Duty.objects.create(
            user=person, role=Role(role), valid_from=valid_from, valid_to=valid_to, note=note
        )
        DutyArea.objects.bulk_create(DutyArea(duty=duty, unit_code=code) for code in sorted(set(units)))
        DutyShift.objects.bulk_create(DutyShift(duty=duty, **shift) for shift in shifts)
    return duty


def end_duty(*, actor: User, duty: Duty, valid_to: datetime) -> None:
    """Let a duty end. One that has ended stays as it was.

    Raises:
        Forbidden: when the actor does not staff one of its units.
        Invalid: when the end lies before the start.
        Conflict: when it has ended before.
    """
    require_for_all(actor, duty.areas.values_list("unit_code", flat=True))
    if valid_to <= duty.valid_from:
        raise Invalid("A duty ends after it starts.", {"valid_to": ["Must be later than valid_from."]})
    with acting_as(actor):
        ended = Duty.objects.filter(pk=duty.pk, valid_to=duty.valid_to).update(valid_to=valid_to)
    if not ended:
        raise Conflict("Somebody else has changed the end of this duty meanwhile.")


def substitute(
    *,
    actor: User,
    duty: Duty,
    username: str | None,
    valid_from: datetime,
    valid_to: datetime,
    reason: str = "",
    instead_of: Sequence[int] = (),
) -> Substitution:
    """Let somebody stand in for the person of a duty, or note a leave without anybody.

    instead_of: substitutions of the duty that give way for this time; what they say of other times stays.

    Raises:
        Forbidden: when the actor does not staff one of its units.
        Invalid: when the person does not exist or the time ends before it starts.
        Conflict: when one of `instead_of` is there no more.
        IntegrityError: when another substitution overlaps, the person is the duty's own, or the duty is not
            in force at any time of it.
    """
    require_for_all(actor, duty.areas.values_list("unit_code", flat=True))
    if valid_to <= valid_from:
        raise Invalid(
            "A substitution ends after it starts.", {"valid_to": ["Must be later than valid_from."]}
        )
    person = person_named(username) if username else None
    with acting_as(actor):
        _give_way(duty, instead_of, valid_from, valid_to)
        return Substitution.objects.create(
            duty=duty, substitute=person, valid_from=valid_from, valid_to=valid_to, reason=reason
        )


def _give_way(duty: Duty, ids: Sequence[int], starts: datetime, ends: datetime) -> None:
    """Take a span out of the substitutions of these ids."""
    there = list(Substitution.objects.select_for_update().filter(duty=duty, pk__in=ids).order_by("pk"))
    if len(there) != len(set(ids)):
        raise Conflict("Somebody else has changed who stands in meanwhile; look at it again.")
    for one in there:
        after = Substitution(
            duty=duty,
            substitute_id=one.substitute_id,
            valid_from=ends,
            valid_to=one.valid_to,
            reason=one.reason,
        )
        if one.valid_from < starts:
            if one.valid_to > starts:
                Substitution.objects.filter(pk=one.pk).update(valid_to=starts)
        elif one.valid_from < ends:
            one.delete()
        if one.valid_from < ends < after.valid_to:
            after.save()


def cancel_substitution(*, actor: User, substitution: Substitution) -> None:
    """Take a substitution back; history keeps that it was there.

    Raises:
        Forbidden: when the actor does not staff one of the duty's units.
    """
    require_for_all(actor, substitution.duty.areas.values_list("unit_code", flat=True))
    with acting_as(actor):
        substitution.delete()
