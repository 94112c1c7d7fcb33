"""A draft meets what others published first: put together where it can be, told where it cannot.

Two people who moved different borders of one cell do not disturb each other: what a draft did is a set of
border segments taken away and added, laid over the cell as it is now. The same stretch moved by both is a
conflict, and with it everything that hangs together with it in the draft.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any

from geogrid.core.actor import acting_as
from geogrid.core.errors import Conflict
from geogrid.organisations.models import User
from geogrid.organisations.roles import Action
from grid_units.duties.access import require
from grid_units.models import CellVersion
from grid_units.workshop.changes import Change, changes_between, same, same_outline
from grid_units.workshop.drafts import lay, locked, note_edit
from grid_units.workshop.grid import (
    Grid,
    GridCell,
    at_moment,
    draft_cells,
    edition_in_force,
    ids_of,
    in_force,
)
from grid_units.workshop.models import Draft, Stage
from grid_units.workshop.rings import clusters, difference, in_degrees, is_hair, merged


@dataclass(frozen=True)
class Rebased:
    """A draft over the grid in force. `changes` are those without conflict, against what is in force now."""

    now: Grid
    changes: list[Change]
    conflicting: frozenset[str]  # keys of the draft that cannot be laid over it
    overtaken: frozenset[str]  # keys of the draft that others changed too


def pending(draft: Draft) -> list[Change]:
    """What the draft changes in its base edition."""
    cells = draft_cells(draft)
    return changes_between(at_moment(draft.base.opened_at, ids_of(cells)), cells)


def rebased(draft: Draft) -> Rebased:
    """The draft laid over what is in force now; nothing is written."""
    changes = pending(draft)
    now = in_force(ids_of(change.key for change in changes))
    if draft.base_id == edition_in_force().pk:
        return Rebased(now, changes, frozenset(), frozenset())
    overtaken = frozenset(
        c.key
        for c in changes
        if c.before is not None and (c.key not in now or not same(c.before, now[c.key]))
    )
    laid = {c.key: _merged(c, now.get(c.key)) for c in changes}
    together = clusters({c.key: (_steps(c.before), _steps(c.after)) for c in changes})
    clashing: set[str] = set()
    for keys in together:
        if any(laid[key] is None for key in keys) or not _is_seamless(keys, laid, now, changes):
            clashing |= keys
    after = {c.key: cell for c in changes if c.key not in clashing and (cell := laid[c.key]) is not None}
    return Rebased(now, changes_between(now, after), frozenset(clashing), overtaken)


def conflicts_of(draft: Draft) -> list[dict[str, Any]]:
    """Cells of the draft that others changed since: `[{key, code, by, at, is_conflict}]`."""
    if draft.stage in {Stage.PUBLISHED, Stage.DISCARDED}:
        return []
    found = rebased(draft)
    told = []
    for key in sorted(found.overtaken | found.conflicting):
        last = CellVersion.objects.filter(cell_id=int(key[1:])) if key.startswith("c") else None
        version = last.select_related("edition").order_by("-id").first() if last is not None else None
        is_gone = version is not None and version.valid.upper is not None
        told.append(
            {
                "key": key,
                "code": version.code if version else "",
                "by": "" if version is None or is_gone else version.actor,
                "at": None if version is None else began_or_ended(version.valid),
                "is_gone": is_gone,
                "is_conflict": key in found.conflicting,
            }
        )
    return told


def rebase(*, draft: Draft, actor: User, drop: Collection[str] = ()) -> list[str]:
    """Base a draft on the edition in force. Conflicting changes go only when they are named in `drop`.

    Returns:
        The keys whose changes were given up.

    Raises:
        Conflict: changes clash with what was published and were not named; `conflicts` lists them.
    """
    with acting_as(actor):
        draft = locked(draft, Stage.DRAFT, Stage.IN_REVIEW, Stage.APPROVED)
        require(actor, Action.EDIT_GRID, draft.unit_code)
        edition = edition_in_force()
        if draft.base_id == edition.pk:
            return []
        found = rebased(draft)
        unnamed = found.conflicting - set(drop)
        if unnamed:
            raise Clash(draft)
        mine = draft_cells(draft)
        after = {change.key: change.after for change in found.changes}
        cells = []
        for key, cell in mine.items():
            now = found.now.get(key) or (in_force([cell.cell_id]).get(key) if cell.cell_id else None)
            wanted = after.get(key, now)
            if wanted is None:
                wanted = replace(now or cell, shape=None)
            if not same(wanted, cell):
                cells.append(replace(wanted, version=cell.version + 1, comes_from=cell.comes_from))
        draft.base = edition
        if found.conflicting:
            # It is no longer what was looked at.
            draft.stage, draft.approved_by, draft.approved_at = Stage.DRAFT, None, None
            draft.publish_at = draft.publish_by = None
        draft.save()
        versions = lay(draft, cells, actor)
        if draft.stage == Stage.DRAFT:
            note_edit(draft, actor, f"rebased on {edition.name}"[:200], versions)
    return sorted(found.conflicting)


def began_or_ended(valid: Any) -> str:
    """When a version of a cell ended, else when it began."""
    return str((valid.upper or valid.lower).isoformat())


class Clash(Conflict):
    """Others published what the draft changes too."""

    def __init__(self, draft: Draft) -> None:
        conflicts = [told for told in conflicts_of(draft) if told["is_conflict"]]
        names = ", ".join(told["code"] or told["key"] for told in conflicts[:5])
        super().__init__(
            f"Others changed the same borders since the draft began: {names}. Rebase the draft first."
        )
        self.extra = {"conflicts": conflicts}


def _steps(cell: GridCell | None) -> Any:
    return None if cell is None else cell.steps


def _merged(change: Change, now: GridCell | None) -> GridCell | None:
    """The cell as the draft and the grid in force have it together; None: they clash."""
    base, mine = change.before, change.after
    if base is None:
        return mine
    if now is None:
        return None
    if mine is None:
        return replace(base, shape=None) if same_outline(base.shape, now.shape) else None  # type: ignore[arg-type]
    community_id = mine.community_id if mine.community_id != base.community_id else now.community_id
    if mine.community_id != base.community_id and base.community_id != now.community_id != mine.community_id:
        return None
    shape = mine.shape
    if mine.shape is not None and base.shape is not None and now.shape is not None:
        if same_outline(mine.shape, base.shape):
            shape = now.shape
        elif not same_outline(now.shape, base.shape):
            joined = merged(base.steps, now.steps, mine.steps)
            if joined is None:
                return None
            shape = in_degrees(joined)
    return replace(
        mine,
        shape=shape,
        community_id=community_id,
        name=mine.name if mine.name != base.name else now.name,
        kind=mine.kind if mine.kind != base.kind else now.kind,
        households=mine.households if mine.households != base.households else now.households,
    )


def _is_seamless(keys: set[str], laid: dict[str, GridCell | None], now: Grid, changes: list[Change]) -> bool:
    """Whether a group of changes still covers what it covered, less and more the same as in the draft."""
    ours = [change for change in changes if change.key in keys]
    drawn = difference(
        [c.before.steps for c in ours if c.before is not None],
        [c.after.steps for c in ours if c.after is not None],
    )
    after = [cell.steps for key in keys if (cell := laid[key]) is not None and cell.shape is not None]
    net = difference([now[key].steps for key in keys if key in now], after)
    return net == drawn or is_hair(net) if net else True
