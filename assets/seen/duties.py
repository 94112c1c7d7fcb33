"""Which streets are to be patrolled (巡查义务): who decides of one, and what was decided before."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Sum

from assets.models import Road
from assets.seen.models import KindDuty, RoadBit, RoadDuty
from geogrid.changes.models import RowHistory
from geogrid.core.errors import NotFound
from geogrid.organisations.models import User
from geogrid.organisations.roles import Action
from grid_units.duties.access import may, require, scopes_of
from grid_units.models import Cell

MOST_TOLD = 50


@dataclass
class Decision:
    """What was decided of one street, and by whom; the name is empty for who may not see people there."""

    is_due: bool | None
    reason: str
    decided_by: str
    decided_at: datetime | None


@dataclass
class StreetDuty:
    """One street with its patrol duty. `decision` None: its kind decides."""

    road: Road
    length_m: float
    cells: list[Cell]
    is_due: bool
    kind_is_due: bool
    decision: Decision | None
    may_decide: bool
    history: list[Decision] = field(default_factory=list)


def road_of(road_id: int) -> Road:
    """A street by its id. Raises NotFound when there is none."""
    found = Road.objects.filter(pk=road_id).first()
    if found is None:
        raise NotFound("There is no such street. 没有这条道路。")
    return found


def duty_of(road: Road, viewer: User) -> StreetDuty:
    """The patrol duty of a street as this viewer may read it. Streets are public; names of people are not."""
    cells = cells_of(road)
    scopes = scopes_of(viewer)
    named = any(scopes.sees_people_of(cell.code) for cell in cells) or scopes.everywhere
    kept = RoadDuty.objects.select_related("decided_by").filter(road=road).first()
    kind_is_due = _kind_is_due(road)
    decision = None
    if kept is not None:
        name = str(kept.decided_by) if named or kept.decided_by_id == viewer.pk else ""
        decision = Decision(kept.is_due, kept.reason, name, kept.decided_at)
    length = RoadBit.objects.filter(road=road).aggregate(sum=Sum("length_m"))["sum"]
    return StreetDuty(
        road=road,
        length_m=float(length or 0),
        cells=cells,
        is_due=kept.is_due if kept is not None else kind_is_due,
        kind_is_due=kind_is_due,
        decision=decision,
        may_decide=_may_decide(viewer, cells),
        history=_history(road, viewer, named=named),
    )


def cells_of(road: Road) -> list[Cell]:
    """The cells in which bits of the street lie, by code."""
    ids = RoadBit.objects.filter(road=road, cell_id__isnull=False).values("cell_id")
    return list(Cell.objects.filter(pk__in=ids).only("code", "name", "name_en").order_by("code"))


@transaction.atomic
def decide(*, road: Road, is_due: bool, reason: str, actor: User, at: datetime) -> RoadDuty:
    """Say of one street whether it is to be patrolled, whatever its kind. Its bits change at once.

    Raises:
        Forbidden: when the actor does not staff every cell in which the street lies.
    """
    _require(actor, road)
    kept, _ = RoadDuty.objects.update_or_create(
        road=road, defaults={"is_due": is_due, "reason": reason, "decided_by": actor, "decided_at": at}
    )
    return kept


@transaction.atomic
def leave_to_kind(*, road: Road, actor: User) -> None:
    """Take back what was decided of a street: its kind decides again. The history keeps it.

    Raises:
        Forbidden: as `decide`.
    """
    _require(actor, road)
    RoadDuty.objects.filter(road=road).delete()


def _require(actor: User, road: Road) -> None:
    cells = cells_of(road)
    if not cells:
        require(actor, Action.MANAGE_CITY)
    for cell in cells:
        require(actor, Action.STAFF_CELLS, cell.code)


def _may_decide(viewer: User, cells: list[Cell]) -> bool:
    if not cells:
        return may(viewer, Action.MANAGE_CITY)
    return all(may(viewer, Action.STAFF_CELLS, cell.code) for cell in cells)


def _kind_is_due(road: Road) -> bool:
    """As core.road_is_due says it for a street of which nothing was decided."""
    sort = f"{road.kind}/{road.attributes.get('service')}" if isinstance(road.attributes, dict) else ""
    listed = dict(KindDuty.objects.filter(kind__in=[road.kind, sort]).values_list("kind", "is_due"))
    return bool(listed.get(sort, listed.get(road.kind, True)))


def _history(road: Road, viewer: User, *, named: bool) -> list[Decision]:
    """What was decided before, the last first; a deletion shows as a decision of nothing."""
    rows = RowHistory.objects.filter(table_name="patrol_duty_of_road", row_id=road.pk).order_by("-id")
    told: list[Decision] = []
    for row in rows[:MOST_TOLD]:
        if row.op == "delete":
            told.append(Decision(None, "", "", row.at))
        told.append(_said_before(row.before))
    if told:
        names = {str(user.pk): str(user) for user in User.objects.filter(pk__in=_ids(told))}
        for one in told:
            seen = named or one.decided_by == str(viewer.pk)
            one.decided_by = names.get(one.decided_by, "") if seen else ""
    return told


def _said_before(before: dict[str, Any]) -> Decision:
    return Decision(
        is_due=bool(before.get("is_due")),
        reason=str(before.get("reason", "")),
        decided_by=str(before.get("decided_by_id", "")),
        decided_at=datetime.fromisoformat(str(before["decided_at"])),
    )


def _ids(told: list[Decision]) -> set[int]:
    return {int(one.decided_by) for one in told if one.decided_by.isdigit()}
