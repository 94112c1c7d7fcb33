"""What writes the responsibility table and the managed areas, and the search for gaps."""

from collections.abc import Iterable
from datetime import datetime, time
from typing import Any

from django.contrib.gis.geos import GEOSException, Polygon
from django.db import connection, transaction

from assets.models import AssetClass
from geogrid.core.actor import Actor, name_actor
from geogrid.core.errors import Conflict, Invalid
from geogrid.core.geo import STORAGE_SRID
from geogrid.organisations.models import Organisation, User
from geogrid.organisations.roles import Action
from grid_units.duties.access import require
from grid_units.models import Cell, GridUnit, Level
from incidents.clocks.calendar import Calendar
from incidents.models import EventClass
from incidents.responsibility.deciding import Gap, Rule, gaps, moments_of_week
from incidents.responsibility.linting import Idle, idle_rules
from incidents.responsibility.models import (
    LEVELS,
    ManagedArea,
    ResponsibilityEdition,
    ResponsibilityRule,
)
from incidents.responsibility.ordering import place_before
from incidents.responsibility.telling import forget_areas

# All that a line says besides its units to send.
SAID = (
    "name", "priority", "kind", "scheme", "code", "level", "place_code", "asset_unit", "weekdays", "starts",
    "ends", "office", "next_unit_ids",
)  # fmt: skip
_LOCK = (72101, 74)  # editions are made one after the other


def _begin_edition(*, actor: Actor, at: datetime, note: str) -> ResponsibilityEdition:
    name_actor(actor)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", _LOCK)
    return ResponsibilityEdition.objects.create(made_at=at, actor=actor.get_username(), note=note[:300])


@transaction.atomic
def add_rule(
    *, actor: Actor, at: datetime, lead: Organisation, co_handlers: Iterable[Organisation] = (), **said: Any
) -> ResponsibilityRule:
    """Add a line to the table, in a new edition.

    Raises:
        IntegrityError: in the database's words, when the name is taken or a column makes no sense.
    """
    edition = _begin_edition(actor=actor, at=at, note=f"新增规则 Rule added: {said.get('name', '')}")
    return _write(edition, lead, co_handlers, said)


@transaction.atomic
def begin_with(*, lines: Iterable[dict[str, Any]], actor: Actor, at: datetime, note: str) -> None:
    """Add many lines in one edition; each as `add_rule` takes it."""
    edition = _begin_edition(actor=actor, at=at, note=note)
    for line in lines:
        said = dict(line)
        lead, co_handlers = said.pop("lead"), said.pop("co_handlers", ())
        _write(edition, lead, co_handlers, said)


@transaction.atomic
def replace_rule(
    *,
    rule: ResponsibilityRule,
    actor: Actor,
    at: datetime,
    lead: Organisation,
    co_handlers: Iterable[Organisation] = (),
    **said: Any,
) -> ResponsibilityRule:
    """Put another line in the place of one, in a new edition. The old one stays for what it fired for.

    Raises:
        Conflict: when it has ended meanwhile.
        IntegrityError: as `add_rule`.
    """
    edition = _begin_edition(actor=actor, at=at, note=f"修改规则 Rule changed: {rule.name}")
    _end([rule], edition)
    return _write(edition, lead, co_handlers, said)


def _end(rules: list[ResponsibilityRule], edition: ResponsibilityEdition) -> None:
    ids = [rule.pk for rule in rules]
    ended = ResponsibilityRule.objects.filter(pk__in=ids, edition_to=None).update(edition_to=edition)
    if ended != len(ids):
        raise Conflict("规则已被停用，请重新查看。A rule has ended meanwhile: look again.")


def _write(
    edition: ResponsibilityEdition,
    lead: Organisation,
    co_handlers: Iterable[Organisation],
    said: dict[str, Any],
) -> ResponsibilityRule:
    row = ResponsibilityRule.objects.create(edition_from=edition, lead=lead, **said)
    row.co_handlers.add(*(unit for unit in co_handlers if unit != lead))
    return row


@transaction.atomic
def move_rule(
    *, rule: ResponsibilityRule, before: ResponsibilityRule | None, actor: Actor, at: datetime
) -> list[str]:
    """Have a rule asked just before another (None: last); the names of the rules whose priority that changed.

    Each of them is a new line in one new edition; none, when the rule stands there already.

    Raises:
        Conflict: when one of the two has ended meanwhile.
        Invalid: when priorities have no room left.
    """
    name_actor(actor)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", _LOCK)
    rows = {row.name: row for row in ResponsibilityRule.objects.current().prefetch_related("co_handlers")}
    asked_for = [rule, *([before] if before else [])]
    if any(one.name not in rows or rows[one.name].pk != one.pk for one in asked_for):
        raise Conflict("规则已被停用，请重新查看。A rule has ended meanwhile: look again.")
    if before is not None and before.pk == rule.pk:
        return []  # it stands just there
    table = [row.as_rule() for row in rows.values()]
    try:
        priorities = place_before(table, rule.name, before.name if before else None)
    except ValueError as error:
        raise Invalid("优先级已无余地。Priorities have no room left.") from error
    if not priorities:
        return []
    edition = _begin_edition(actor=actor, at=at, note=f"调整顺序 Order changed: {rule.name}")
    changed = [rows[name] for name in priorities]
    _end(changed, edition)
    for row in changed:
        helpers = list(row.co_handlers.all())
        said = {name: getattr(row, name) for name in SAID} | {"priority": priorities[row.name]}
        _write(edition, row.lead, helpers, said)
    return list(priorities)


@transaction.atomic
def end_rules(*, rules: Iterable[ResponsibilityRule], actor: Actor, at: datetime) -> None:
    """The lines fire no more from now on; what they fired for keeps them.

    Raises:
        Conflict: when one of them has ended meanwhile.
    """
    wanted = list(rules)
    names = ", ".join(rule.name for rule in wanted)
    edition = _begin_edition(actor=actor, at=at, note=f"停用规则 Rules ended: {names}")
    _end(wanted, edition)


@transaction.atomic
def draw_area(*, actor: User, unit_code: str, ring: list[list[float]], **said: Any) -> ManagedArea:
    """Keep a managed area (ring: longitude and latitude in degrees, WGS 84, closed), inside one's own unit.

    Raises:
        Forbidden: outside the units in which the person may keep areas.
        Invalid: when the outline is no polygon or lies outside the unit.
    """
    require(actor, Action.KEEP_AREAS, unit_code)
    try:
        outline = Polygon(ring, srid=STORAGE_SRID)
    except (GEOSException, TypeError, ValueError) as error:
        raise Invalid(
            "区域边界不是闭合的多边形。The outline is no closed polygon.", {"ring": [str(error)]}
        ) from error
    unit = GridUnit.objects.filter(code=unit_code).first()
    if unit is None or unit.geom is None:
        raise Invalid("没有这个网格。There is no such unit.", {"unit_code": ["There is no such unit."]})
    if not outline.valid:
        raise Invalid(
            f"区域边界自相交：{outline.valid_reason}。The outline crosses itself: {outline.valid_reason}.",
            {"ring": [outline.valid_reason]},
        )
    if not unit.geom.covers(outline):
        raise Invalid(
            f"区域须完全位于 {unit.name} 内。The whole area must lie inside {unit.name_en or unit.name}.",
            {"ring": ["Outside the unit."]},
        )
    name_actor(actor)
    transaction.on_commit(forget_areas)
    forget_areas()
    return ManagedArea.objects.create(unit_code=unit_code, geom=outline, made_by=actor.get_username(), **said)


@transaction.atomic
def end_area(*, area: ManagedArea, actor: User, at: datetime) -> None:
    """An area holds no more from now on. One that has not begun is taken away.

    Raises:
        Forbidden: outside the units in which the person may keep areas.
        Conflict: when it has ended already.
    """
    require(actor, Action.KEEP_AREAS, area.unit_code)
    name_actor(actor)
    if area.valid_from >= at:
        area.delete()
        return
    if not ManagedArea.objects.at(at).filter(pk=area.pk).update(valid_to=at):
        raise Conflict("该区域已失效。The area has ended already.")


def find_gaps(rules: list[Rule], calendar: Calendar, at: datetime) -> list[Gap]:
    """Classes in use, communities and hours of a plain week that no line of the table answers.

    The place still has a unit there, as long as a unit above names one: `answer` falls back to it.
    """
    week = moments_of_week(rules, _office_cuts(calendar, at))
    return gaps(rules, _classes(), _communities(), LEVELS, week)


def find_idle(rules: list[Rule], calendar: Calendar, at: datetime) -> list[Idle]:
    """Lines of the table that never fire in a plain week, and why."""
    units, cells = (model.objects.values_list("code", flat=True) for model in (GridUnit, Cell))
    codes = sorted([*units, *cells])
    week = moments_of_week(rules, _office_cuts(calendar, at))
    return idle_rules(rules, _classes(), _communities(), codes, LEVELS, week)


def _classes() -> list[tuple[str, str, str]]:
    """Kind, scheme and code of every class in use."""
    return [
        ("asset", *row)
        for row in AssetClass.objects.filter(is_active=True).values_list("scheme", "code").order_by("code")
    ] + [
        ("event", *row)
        for row in EventClass.objects.filter(is_active=True).values_list("scheme", "code").order_by("code")
    ]


def _communities() -> list[str]:
    return list(
        GridUnit.objects.filter(level=Level.COMMUNITY).values_list("code", flat=True).order_by("code")
    )


def _office_cuts(calendar: Calendar, at: datetime) -> dict[tuple[int, time], bool]:
    """When offices open (True) and close (False) in a plain week."""
    today = at.astimezone(calendar.zone).date()
    found: dict[tuple[int, time], bool] = {}
    for window in sorted(calendar.windows, key=lambda one: (one.weekday, one.opens)):
        if window.holds_on(today):
            if window.closes is not None:
                found[window.weekday, window.closes] = False
            found[window.weekday, window.opens] = True
    return found
