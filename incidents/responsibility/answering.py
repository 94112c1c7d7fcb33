"""Who handles this, here, now: one answer with its reason, or a named gap. Incidents freeze what it says."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.gis.geos import Point

from assets.models import Asset, AssetClass
from geogrid.core.geo import STORAGE_SRID
from geogrid.organisations.models import Organisation
from grid_units.models import Cell, GridUnit
from incidents.clocks.actions import city_calendar
from incidents.clocks.calendar import Calendar
from incidents.models import EventClass
from incidents.responsibility.deciding import Case, Moment, Rule, firing
from incidents.responsibility.models import ManagedArea, ResponsibilityEdition, ResponsibilityRule

AREA, ASSET, TABLE, PLACE, GAP = "area", "asset", "table", "place", "gap"


@dataclass(frozen=True)
class Place:
    """Where something is: code of the cell or of a unit above it, and the point where it is known."""

    unit_code: str
    lng: float | None = None
    lat: float | None = None


@dataclass(frozen=True)
class Fired:
    """The answer. `source` is what decided: area, asset, table, place or gap; `rule` its name there.

    lead: id of the unit, None only in a gap. edition: of the table, 0 before the first. next_units: asked one
    after the other while it stays unsolved (二次派遣).
    """

    source: str
    rule: str
    lead: int | None
    co_handlers: tuple[int, ...]
    why_zh: str
    why_en: str
    edition: int
    next_units: tuple[int, ...] = ()

    def frozen(self) -> dict[str, Any]:
        """As it is kept with an incident."""
        return {
            "source": self.source,
            "rule": self.rule,
            "lead": self.lead,
            "co_handlers": list(self.co_handlers),
            "why": {"zh": self.why_zh, "en": self.why_en},
            "edition": self.edition,
            "next_units": list(self.next_units),
        }


def current_rules() -> list[Rule]:
    """The table in force."""
    rows = ResponsibilityRule.objects.current().prefetch_related("co_handlers")
    return [row.as_rule() for row in rows]


def newest_edition() -> int:
    """Number of the edition in force, 0 before the first."""
    return ResponsibilityEdition.objects.order_by("-number").values_list("number", flat=True).first() or 0


def moment_of(at: datetime, calendar: Calendar) -> Moment:
    """A moment by the city's clock."""
    local = at.astimezone(calendar.zone)
    return Moment(local.weekday(), local.time(), calendar.is_open(at))


def case_for(
    *,
    of_class: AssetClass | EventClass | None,
    place: Place,
    asset: Asset | None,
    at: datetime,
    level: str,
    calendar: Calendar,
) -> Case:
    kind = "" if of_class is None else "asset" if isinstance(of_class, AssetClass) else "event"
    return Case(
        kind=kind,
        scheme=of_class.scheme if of_class else "",
        code=of_class.code if of_class else "",
        level=level,
        place=place.unit_code,
        at=moment_of(at, calendar),
        asset_units=_units_of(asset),
    )


def answer(
    *,
    of_class: AssetClass | EventClass | None,
    place: Place,
    asset: Asset | None,
    at: datetime,
    level: str,
    rules: list[Rule] | None = None,
    calendar: Calendar | None = None,
) -> Fired:
    """Who handles it: by a managed area that names another unit; by a rule about the asset's own unit; by
    the asset's units; by the table; by the place. `rules` and `calendar` where they are known already.
    """
    edition = newest_edition()
    case = case_for(
        of_class=of_class,
        place=place,
        asset=asset,
        at=at,
        level=level,
        calendar=calendar or city_calendar(),
    )
    table = current_rules() if rules is None else rules
    for area in areas_at(place, case, at):
        if area.effect == "override":
            return Fired(
                AREA,
                f"{area.pk} {area.name}",
                area.unit_id,
                (),
                f"位于管理区域“{area.name}”，由 {area.unit} 处置。",
                f"In the managed area {area.name_en or area.name} {_en(area.unit)} handles it.",
                edition,
            )
    rule = firing(table, case)
    if rule is not None and (rule.asset_unit is not None or not case.asset_units):
        return _by_rule(rule, edition)
    if asset is not None and case.asset_units:
        return _by_asset(asset, rule, edition)
    return _by_place(place.unit_code, edition)


def areas_at(place: Place, case: Case, at: datetime) -> list[ManagedArea]:
    """The managed areas that hold for this case, the youngest first; none while the point is not known."""
    if place.lng is None or place.lat is None:
        return []
    point = Point(place.lng, place.lat, srid=STORAGE_SRID)
    found = ManagedArea.objects.at(at).filter(geom__covers=point).select_related("unit")
    return [
        area
        for area in found.order_by("-valid_from", "name")
        if area.is_about(case.kind, case.code) and area.band.holds(case.at)
    ]


def _units_of(asset: Asset | None) -> tuple[int, ...]:
    """Maintainer, owner, competent authority: whoever is named first is asked first."""
    if asset is None:
        return ()
    named = (asset.maintainer_id, asset.owner_id, asset.competent_authority_id)
    return tuple(pk for pk in dict.fromkeys(named) if pk is not None)


def _by_rule(rule: Rule, edition: int) -> Fired:
    lead = Organisation.objects.get(pk=rule.lead)
    return Fired(
        TABLE,
        rule.name,
        rule.lead,
        rule.co_handlers,
        f"判定规则“{rule.name}”：主办 {lead.name}{_with_zh(rule.co_handlers)}。",
        f"Rule {rule.name} of the responsibility table: {_en(lead)} leads{_with_en(rule.co_handlers)}.",
        edition,
        rule.next_units,
    )


def _by_asset(asset: Asset, rule: Rule | None, edition: int) -> Fired:
    """The asset's unit leads; whom the table names besides, helps.

    Unsolved, it goes to whom the table asks next, or else to the unit that leads by the table.
    """
    roles = (
        (asset.maintainer, "养护单位", "maintains"),
        (asset.owner, "权属单位", "owns"),
        (asset.competent_authority, "主管单位", "is the competent authority of"),
    )
    unit, zh, en = next(role for role in roles if role[0] is not None)
    if unit is None:
        raise ValueError("the asset has no unit")  # the caller has looked
    helps = tuple(pk for pk in rule.co_handlers if pk != unit.pk) if rule else ()
    afterwards = (rule.next_units or (rule.lead,)) if rule else ()
    return Fired(
        ASSET,
        rule.name if rule and helps else "",
        unit.pk,
        helps,
        f"部件 {asset.code} 的{zh}是 {unit.name}{_with_zh(helps)}。",
        f"{_en(unit)} {en} asset {asset.code}{_with_en(helps)}.",
        edition,
        tuple(pk for pk in afterwards if pk != unit.pk),
    )


def _by_place(code: str, edition: int) -> Fired:
    cell = Cell.objects.select_related("maintainer", "owner").filter(code=code).first()
    unit = (cell.maintainer or cell.owner) if cell is not None else None
    if cell is not None and unit is not None:
        return Fired(
            PLACE,
            cell.code,
            unit.pk,
            (),
            f"没有匹配的判定规则；单元网格 {cell.code} 归 {unit.name}。",
            f"No rule matches; cell {cell.code} belongs to {_en(unit)}.",
            edition,
        )
    prefixes = [code[:digits] for digits in range(1, len(code) + 1)]
    above = (
        GridUnit.objects.filter(code__in=prefixes, organisation__isnull=False)
        .select_related("organisation")
        .order_by("-code")
        .first()
    )
    if above is None or above.organisation is None:
        return Fired(
            GAP,
            "",
            None,
            (),
            "没有任何规则、部件单位或属地单位负责：请补充判定规则。",
            "No rule, no unit of an asset and no unit of the place answers: add a rule.",
            edition,
        )
    return Fired(
        PLACE,
        above.code,
        above.organisation_id,
        (),
        f"没有匹配的判定规则；属地 {above.name} 的单位是 {above.organisation.name}。",
        f"No rule matches; the unit of {above.name_en or above.name} is {_en(above.organisation)}.",
        edition,
    )


def _en(unit: Organisation | None) -> str:
    return (unit.name_en or unit.name) if unit else ""


def _with_zh(ids: Iterable[int]) -> str:
    names = [unit.name for unit in _named(ids)]
    return f"，协办 {'、'.join(names)}" if names else ""


def _with_en(ids: Iterable[int]) -> str:
    names = [_en(unit) for unit in _named(ids)]
    return f", with {', '.join(names)}" if names else ""


def _named(ids: Iterable[int]) -> list[Organisation]:
    found = Organisation.objects.in_bulk(list(ids))
    return [found[pk] for pk in ids if pk in found]
