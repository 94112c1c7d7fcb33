"""One page of a queue: filtered, searched in Chinese and English, paged by keyset, with its lights."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Q
from django.db.models.functions import Coalesce

from assets.models import Asset, AssetClass
from geogrid.core.errors import Invalid
from geogrid.organisations.models import Organisation
from grid_units.duties.access import scopes_of
from incidents import cards
from incidents.claims.models import Claim
from incidents.desk.queues import Desk
from incidents.desk.rules import Order, Queue, has_case, light_of
from incidents.loop.models import IncidentClock, WorkOrder
from incidents.models import EventClass, Incident, IncidentQuerySet


@dataclass(frozen=True)
class Wanted:
    """What a list is asked for. Empty texts and None narrow nothing; `unit` and `area` are codes."""

    queue: Queue
    order: Order = Order.NEWEST
    q: str = ""
    level: str = ""
    unit: str = ""
    area: str = ""
    class_code: str = ""
    channel: str = ""
    after: str = ""
    limit: int = 50


def page(desk: Desk, wanted: Wanted) -> tuple[list[Incident], str]:
    """(incidents with what a row shows, cursor of the next page or '').

    Each carries `light`, `due_at` (the nearest) and `order_count`.

    Raises:
        Invalid: when `after` is no cursor of this list.
    """
    rows = narrowed(desk, wanted)
    rows = _after(rows, wanted)
    # Ids first: what a row shows is then joined for one page, not for all that is sorted or searched.
    ids = list(rows.values_list("pk", flat=True)[: wanted.limit + 1])
    more, ids = len(ids) > wanted.limit, ids[: wanted.limit]
    shown = cards.for_rows(Incident.objects.filter(pk__in=ids)).select_related(
        "asset_class", "event_class", "cell_version", "cell_worker", "holder", "responsible_unit"
    )
    by_id = {incident.pk: incident for incident in shown}
    found = [by_id[pk] for pk in ids]
    _light(desk, found)
    return found, _cursor(found[-1], wanted.order) if more else ""


def narrowed(desk: Desk, wanted: Wanted) -> IncidentQuerySet:
    """All incidents of the list, in no order."""
    rows = desk.open().filter(desk.holds(wanted.queue))
    if wanted.level:
        rows = rows.filter(level=wanted.level)
    if wanted.area:
        rows = rows.filter(unit_code__startswith=wanted.area)
    if wanted.channel:
        rows = rows.filter(channel=wanted.channel)
    if wanted.class_code:
        rows = rows.filter(_of_class(Q(code=wanted.class_code)))
    if wanted.unit:
        ids = list(Organisation.objects.filter(code=wanted.unit).values_list("id", flat=True))
        rows = rows.filter(Q(responsible_unit_id__in=ids) | Q(handling_unit_ids__overlap=ids))
    for word in wanted.q.split():
        rows = rows.filter(_says(desk, word))
    return rows


def _of_class(which: Q) -> Q:
    # The few classes first, as with assets below: a join would be made for every open incident.
    events = list(EventClass.objects.filter(which).values_list("id", flat=True))
    assets = list(AssetClass.objects.filter(which).values_list("id", flat=True))
    return Q(event_class_id__in=events) | Q(asset_class_id__in=assets)


def _says(desk: Desk, word: str) -> Q:
    """Whose number, asset, class or words hold this word. Words without capitals need no folding."""
    how = "icontains" if has_case(word) else "contains"
    assets = list(Asset.objects.filter(code=word).values_list("id", flat=True))
    found = Q(number__startswith=word) | Q(asset_id__in=assets) | Q(source_number=word)
    found |= _of_class(Q(name__icontains=word) | Q(name_en__icontains=word))
    if scopes_of(desk.user).reads_words:  # else one could guess at them
        found |= Q(**{f"description__{how}": word}) | Q(**{f"location_text__{how}": word})
    return found


def _after(rows: IncidentQuerySet, wanted: Wanted) -> IncidentQuerySet:
    is_newest = wanted.order == Order.NEWEST
    if is_newest:
        rows = rows.order_by("-reported_at", "-id")
    else:
        rows = rows.annotate(wanted_at=Coalesce("deadline_at", "reported_at")).order_by("wanted_at", "id")
    if not wanted.after:
        return rows
    at, pk = _read(wanted.after)
    key, beyond = ("reported_at", "lt") if is_newest else ("wanted_at", "gt")
    same = Q(**{key: at, f"id__{beyond}": pk})
    return rows.filter(Q(**{f"{key}__{beyond}e": at}), Q(**{f"{key}__{beyond}": at}) | same)


def _cursor(last: Incident, order: Order) -> str:
    at = last.reported_at if order == Order.NEWEST or last.deadline_at is None else last.deadline_at
    return f"{at.isoformat()}~{last.pk}"


def _read(cursor: str) -> tuple[datetime, int]:
    said, _, number = cursor.partition("~")
    try:
        at, pk = datetime.fromisoformat(said), int(number)
        if at.tzinfo is None or not 0 <= pk < 2**63:
            raise ValueError
    except ValueError:
        words = "Take it from `next` of the page before. 请使用上一页返回的 next。"
        raise Invalid(words, {"after": [words]}) from None
    return at, pk


def _light(desk: Desk, found: list[Incident]) -> None:
    """Give each its light, its nearest limit who has it in work and the number of its work orders: three
    queries for a page."""
    clocks: dict[int, list[tuple[datetime | None, datetime | None]]] = {}
    for pk, warn_at, due_at in (
        IncidentClock.objects.running()
        .filter(incident__in=found)
        .values_list("incident_id", "warn_at", "due_at")
    ):
        clocks.setdefault(pk, []).append((warn_at, due_at))
    counted = WorkOrder.objects.filter(incident__in=found).values("incident_id").annotate(n=Count("id"))
    orders: dict[int, int] = {row["incident_id"]: row["n"] for row in counted}
    held = Claim.objects.filter(incident__in=found, until__gt=desk.at).select_related("user")
    claimers = {claim.incident_id: claim.user for claim in held}
    for incident in found:
        limits = clocks.get(incident.pk, []) + desk.limits_without_clock(incident)
        shown: dict[str, Any] = {
            "light": light_of(limits, desk.at).value,
            "due_at": min((due for _, due in limits if due is not None), default=None),
            "order_count": orders.get(incident.pk, 0),
            "claimer": claimers.get(incident.pk),
        }
        for name, value in shown.items():
            setattr(incident, name, value)
