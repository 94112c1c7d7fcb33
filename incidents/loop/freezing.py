"""What is in force when an incident is filed is frozen with it (立案时冻结)."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from geogrid.core.errors import Invalid
from incidents.clocks.limits import Limit
from incidents.duty_list.conditions import UnitRule
from incidents.duty_list.models import FilingCondition
from incidents.loop import timing
from incidents.loop.models import Filing, limit_columns
from incidents.models import Incident
from incidents.responsibility.answering import AREA, ASSET, Place, answer
from incidents.responsibility.deciding import Rule


@dataclass(frozen=True)
class Terms:
    """On what terms an incident is filed: condition, limit, basis, evidence, units and the rule that
    named them.
    """

    condition_id: int | None = None
    condition: str = ""
    condition_en: str = ""
    limit: Limit | None = None
    legal_basis: str = ""
    closing_condition: str = ""
    photo_roles: tuple[str, ...] = ("after",)
    is_self_governed: bool = False
    unit_ids: tuple[int, ...] = ()
    next_unit_ids: tuple[int, ...] = ()
    rule: str = ""
    why: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Known:
    """What is the same for all that is filed at one moment, read once: the responsibility table, calendar and
    policy.
    """

    rules: list[Rule]
    timing: timing.Rules


def terms_for(
    incident: Incident, condition_id: int | None, words: str, at: datetime, known_now: Known | None = None
) -> Terms:
    """The terms of a condition of the duty list, for this incident, and the units that the rules name.

    Without an id the only condition of its class is taken; where there is none or a choice, the words given.

    Raises:
        Invalid: when the condition is not in force, or is another class's.
    """
    known = incident.asset_class or incident.event_class
    fired = answer(
        of_class=known,
        place=_place_of(incident),
        asset=incident.asset,
        at=at,
        level=incident.level,
        rules=known_now.rules if known_now else None,
        calendar=known_now.timing.calendar if known_now else None,
    )
    units = () if fired.lead is None else (fired.lead, *fired.co_handlers)
    by_rule: dict[str, Any] = {
        "unit_ids": units,
        "next_unit_ids": fired.next_units,
        "rule": f"{fired.source} {fired.rule}".strip()[:300],
        "why": fired.frozen(),
    }
    chosen = _condition(incident, condition_id)
    if chosen is None:
        return Terms(condition=words, **by_rule)
    # A unit that stands in the list comes after the asset's own and after a managed area's.
    if chosen.unit_rule == UnitRule.NAMED and chosen.handling_unit_id and fired.source not in {AREA, ASSET}:
        by_rule["unit_ids"] = (chosen.handling_unit_id,)
        by_rule["rule"] = f"filing_condition {chosen.pk}"
    return Terms(
        condition_id=chosen.pk,
        condition=chosen.text,
        condition_en=chosen.text_en,
        limit=chosen.limit,
        legal_basis=chosen.legal_basis,
        closing_condition=chosen.closing,
        photo_roles=tuple(chosen.result_photos),
        is_self_governed=chosen.is_self_governed,
        **by_rule,
    )


def _condition(incident: Incident, condition_id: int | None) -> FilingCondition | None:
    known = incident.asset_class or incident.event_class
    current = FilingCondition.objects.current()
    current = current.of_class(known) if known else current.none()
    if condition_id is None:
        rows = list(current[:2])
        return rows[0] if len(rows) == 1 else None
    chosen = current.filter(pk=condition_id).first()
    if chosen is None:
        raise Invalid(
            "This class has no such filing condition in force. 该类别没有此现行立案条件。",
            {"condition": ["Id of a filing condition of the incident's class."]},
        )
    return chosen


def _place_of(incident: Incident) -> Place:
    if incident.point is None:
        return Place(incident.place_code())
    return Place(incident.place_code(), incident.point.x, incident.point.y)


def freeze(incident: Incident, terms: Terms, at: datetime) -> Filing:
    """Write down the class as it is now and the terms. Later changes of the lists do not touch it."""
    filing = filing_of(incident, terms, at)
    filing.save(force_insert=True)
    return filing


def filing_of(incident: Incident, terms: Terms, at: datetime) -> Filing:
    """What is to be written down, not yet written."""
    return Filing(incident=incident, filed_at=at, **_columns(incident, terms))


def freeze_anew(incident: Incident, terms: Terms) -> Filing:
    """Put other terms in the place of those of the filing. The database wants a step that re-classifies."""
    Filing.objects.filter(incident=incident).update(**_columns(incident, terms))
    return Filing.objects.get(incident=incident)


def _columns(incident: Incident, terms: Terms) -> dict[str, Any]:
    known = incident.asset_class or incident.event_class
    return dict(
        class_scheme=known.scheme if known else "",
        class_version=known.version if known else "",
        class_code=known.code if known else "",
        class_name=known.name if known else "",
        class_name_en=known.name_en if known else "",
        condition_id=terms.condition_id,
        condition=terms.condition,
        condition_en=terms.condition_en,
        **limit_columns(terms.limit),
        legal_basis=terms.legal_basis,
        closing_condition=terms.closing_condition,
        photo_roles=list(terms.photo_roles),
        is_self_governed=terms.is_self_governed,
        unit_ids=list(terms.unit_ids),
        next_unit_ids=list(terms.next_unit_ids),
        rule=terms.rule,
        why=terms.why,
    )
