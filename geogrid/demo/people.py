"""Puts the invented units and people of the roster into the database, marked as simulated."""

from collections.abc import Iterable
from datetime import UTC, datetime

from geogrid.demo import roster
from geogrid.organisations.models import Organisation, User
from grid_units.duties.models import Duty, DutyArea, DutyShift, Membership
from grid_units.models import Cell, GridUnit, Level

# Before every simulated incident, so that each finds somebody on duty.
SINCE = datetime(2020, 1, 1, tzinfo=UTC)


def make_units() -> dict[str, Organisation]:
    """The invented organisations by code; those of the communities need the grid units to be there."""
    communities = GridUnit.objects.filter(level=Level.COMMUNITY).order_by("code")
    own = [roster.community_unit(unit.code, unit.name, unit.name_en) for unit in communities]
    made: dict[str, Organisation] = {}
    for unit in (*roster.UNITS, *own):
        made[unit.code] = Organisation.objects.create(
            code=unit.code,
            name=unit.name,
            name_en=unit.name_en,
            kinds=list(unit.kinds),
            parent=made[unit.parent] if unit.parent else None,
            is_simulated=True,
        )
    for community in communities:
        GridUnit.objects.filter(pk=community.pk).update(organisation=made[f"DEMO-{community.code}"])
    return made


def give_cells_units(units: dict[str, Organisation]) -> None:
    """Owner and maintainer of every cell, by what the cell is used for."""
    for use, (owner, maintainer) in roster.GRID_UNITS_BY_USE.items():
        Cell.objects.filter(use=use).update(
            owner=units[owner] if owner else None, maintainer=units[maintainer] if maintainer else None
        )


def make_people(units: dict[str, Organisation]) -> None:
    """Everyone with log-in (no password: one click, loopback only), membership, duty and weekly shifts."""
    codes = {
        level: list(GridUnit.objects.filter(level=level).order_by("code").values_list("code", flat=True))
        for level in (Level.DISTRICT, Level.STREET, Level.COMMUNITY)
    }
    cells = list(Cell.objects.order_by("code").values_list("code", flat=True))
    people = list(roster.people(cells, codes[Level.COMMUNITY], codes[Level.STREET], codes[Level.DISTRICT][0]))
    users = _log_ins(people, units)
    Membership.objects.bulk_create(
        Membership(
            user=users[person.username],
            role=person.role,
            unit_prefix=person.unit_prefix,
            organisation=units[person.organisation],
            valid_from=SINCE,
        )
        for person in people
    )
    on_duty = [person for person in people if person.duty_units]
    duties = Duty.objects.bulk_create(
        Duty(user=users[person.username], role=person.role, valid_from=SINCE) for person in on_duty
    )
    DutyArea.objects.bulk_create(
        DutyArea(duty=duty, unit_code=code)
        for duty, person in zip(duties, on_duty, strict=True)
        for code in person.duty_units
    )
    DutyShift.objects.bulk_create(
        DutyShift(duty=duty, weekday=weekday, starts=person.shift[0], ends=person.shift[1])
        for duty, person in zip(duties, on_duty, strict=True)
        if person.shift
        for weekday in person.weekdays
    )


def _log_ins(people: Iterable[roster.Person], units: dict[str, Organisation]) -> dict[str, User]:
    users = [
        User(
            username=person.username,
            display_name=person.display_name,
            organisation=units[person.organisation],
            is_simulated=True,
            is_staff=person.role == "administrator",
            is_superuser=person.role == "administrator",
        )
        for person in people
    ]
    for user in users:
        user.set_unusable_password()
    return {user.username: user for user in User.objects.bulk_create(users)}
