"""Another class after the report or the filing (改类): the limit is derived anew from the filing time."""

from datetime import datetime
from typing import Any

from django.db import transaction

from assets.models import AssetClass
from geogrid.core.errors import Invalid
from geogrid.organisations.models import User
from grid_units.duties.access import require
from incidents.duty_list.models import FilingCondition
from incidents.loop import timing
from incidents.loop.freezing import freeze_anew, terms_for
from incidents.loop.handling import need_words
from incidents.loop.models import Filing
from incidents.models import EventClass, Incident
from incidents.taking import held_still, take
from incidents.workflow import BY, Move, Stage


@transaction.atomic
def reclassify(
    *,
    incident: Incident,
    of_class: AssetClass | EventClass | None,
    condition_id: int | None,
    actor: User,
    at: datetime,
    note: str,
    seen_step: int | None = None,
) -> None:
    """Give an incident another class, or another filing condition of its class, with a reason.

    Filed already: condition, limit, legal basis, units and rule are frozen anew; the step says what they
    were. Total clock and work orders under the filing's limit keep their start, so that the limit counts from
    the filing. Units at work stay; whom the rule names now is offered for the next dispatch.

    Raises:
        Invalid: without class or reason, when nothing differs, when the class has no such condition or a
            choice of them, or when the asset is of another class.
    """
    require(actor, BY[Move.RECLASSIFY], incident.place_code())
    need_words(note)
    if of_class is None:
        raise Invalid("Choose a class. 请选择类别。", {"class": ["This is needed. 必填。"]})
    held_still(incident, actor, seen_step)
    filing = Filing.objects.filter(incident=incident).first()
    was = incident.asset_class or incident.event_class
    kept = filing.condition_id if filing else None
    if was == of_class and (filing is None or condition_id in (None, kept)):
        raise Invalid("It has this class already. 已是该类别。", {"class": ["Nothing differs. 没有变化。"]})
    asset_class = of_class if isinstance(of_class, AssetClass) else None
    event_class = of_class if isinstance(of_class, EventClass) else None
    if asset_class and incident.asset is not None and incident.asset.asset_class_id != asset_class.pk:
        raise Invalid(
            f"The incident is about asset {incident.asset.code}, which is of another class. "
            f"本案件关联部件 {incident.asset.code}，其类别不同。",
            {"class": ["The asset is of another class. 部件类别不同。"]},
        )
    incident.asset_class, incident.event_class = asset_class, event_class
    changes: dict[str, Any] = {
        "asset_class_id": asset_class.pk if asset_class else None,
        "event_class_id": event_class.pk if event_class else None,
    }
    details: dict[str, Any] = {"from_class": _said(was), "to_class": _said(of_class)}
    if filing is None or incident.stage == Stage.REPORTED:
        take(incident, Move.RECLASSIFY, actor, at, note=note, details=details, seen_step=seen_step, **changes)
        return
    terms = terms_for(incident, condition_id, "", at)
    if terms.condition_id is None and FilingCondition.objects.current().of_class(of_class).exists():
        raise Invalid(
            "Choose a filing condition of the class. 请选择该类别的立案条件。",
            {"condition": ["This is needed. 必填。"]},
        )
    details |= {"from": _frozen(filing), "to_condition": terms.condition, "to_rule": terms.rule}
    details["to_limit"] = str(terms.limit) if terms.limit else ""
    if incident.stage == Stage.FILED and not incident.work_orders.filter(is_accountable=True).exists():
        changes["responsible_unit_id"] = terms.unit_ids[0] if terms.unit_ids else incident.responsible_unit_id
    step = take(
        incident, Move.RECLASSIFY, actor, at, note=note, details=details, seen_step=seen_step, **changes
    )
    anew = freeze_anew(incident, terms)
    timing.derive_anew(incident, filing, anew, step.taken_at)


def _said(known: AssetClass | EventClass | None) -> dict[str, str] | None:
    if known is None:
        return None
    named = {name: getattr(known, name) for name in ("scheme", "version", "code", "name")}
    return named | {"kind": "asset" if isinstance(known, AssetClass) else "event"}


def _frozen(filing: Filing) -> dict[str, Any]:
    """All that was frozen before, as the step keeps it."""
    said = ("condition_id", "condition", "legal_basis", "closing_condition", "photo_roles")
    more = ("is_self_governed", "unit_ids", "next_unit_ids", "rule", "why")
    kept = {name: getattr(filing, name) for name in (*said, *more)}
    return kept | {"limit": str(filing.limit) if filing.limit else ""}
