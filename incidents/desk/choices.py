"""What a form of the desk offers for one incident: filing conditions, and units, the fired rule's first."""

from typing import Any

from geogrid.organisations.models import Organisation
from incidents.duty_list.models import FilingCondition
from incidents.loop.models import Filing
from incidents.models import Incident
from incidents.routing import responsible_unit_id

HANDLES = "handling_unit"


def conditions_of(incident: Incident) -> list[FilingCondition]:
    """The filing conditions in force of its class, in the order of the duty list."""
    known = incident.asset_class or incident.event_class
    if known is None:
        return []
    return list(FilingCondition.objects.current().of_class(known).order_by("place_in_class", "id"))


def units_for(incident: Incident) -> list[dict[str, Any]]:
    """Units that could be sent: lead and co-handlers that the fired rule named, then what asset and place
    name, those to be asked next, then all others that handle, by name. `why` says which."""
    filing = Filing.objects.filter(incident=incident).first()
    by_rule = filing.unit_ids if filing else []
    afterwards = filing.next_unit_ids if filing else []
    by_place = [one] if (one := responsible_unit_id(incident)) is not None else []
    why = (
        dict.fromkeys(by_place, "place") | dict.fromkeys(afterwards, "next") | dict.fromkeys(by_rule, "rule")
    )
    active = Organisation.objects.filter(is_active=True)
    named = active.in_bulk(list(why))
    others = active.filter(kinds__contains=[HANDLES]).exclude(pk__in=named).order_by("name", "id")
    ordered = [
        *(named[pk] for pk in dict.fromkeys([*by_rule, *by_place, *afterwards]) if pk in named),
        *others,
    ]
    return [
        {"code": unit.code, "name": unit.name, "name_en": unit.name_en, "why": why.get(unit.pk, "")}
        for unit in ordered
    ]
