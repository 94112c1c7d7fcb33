"""What people do with drafts: make them, edit them together, and hear of each other's edits."""

from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from typing import Any
from uuid import uuid4

from django.contrib.gis.geos import GEOSGeometry
from django.db.models import Q
from django.utils import timezone
from shapely import Polygon

from geogrid.core.actor import acting_as
from geogrid.core.errors import Conflict, Invalid
from geogrid.core.geo import STORAGE_SRID
from geogrid.organisations.models import User
from geogrid.organisations.roles import Action
from grid_units.duties.access import require, scopes_of
from grid_units.workshop.edits import (
    Bounds,
    Edit,
    changed,
    check_rights,
    check_seamless,
    check_versions,
)
from grid_units.workshop.grid import Grid, GridCell, draft_grid, edition_in_force, ids_at
from grid_units.workshop.models import Draft, DraftCell, DraftEdit, Stage

_KEPT = [
    "version", "is_removed", "community", "name", "kind", "households", "comes_from", "geom", "extent_reason",
    "changed_by", "changed_at",
]  # fmt: skip


def make_draft(*, actor: User, name: str, note: str = "", unit_code: str = "") -> Draft:
    """A new draft over the edition in force, about the ground of `unit_code` (else the actor's own).

    Raises:
        Forbidden: the actor does not edit the grid there.
        Invalid: without a name.
    """
    require(actor, Action.EDIT_GRID, unit_code)
    if not name.strip():
        raise Invalid("A draft needs a name.", {"name": ["Name it."]})
    ground = unit_code or min(scopes_of(actor).prefixes(Action.EDIT_GRID), key=len)
    with acting_as(actor):
        return Draft.objects.create(
            name=name.strip(), note=note, unit_code=ground, base=edition_in_force(), made_by=actor
        )


def locked(draft: Draft, *stages: Stage) -> Draft:
    """The draft, kept for this transaction.

    Raises:
        Conflict: it is in none of these stages.
    """
    kept = Draft.objects.select_for_update(of=("self",)).select_related("base").get(pk=draft.pk)
    if kept.stage not in stages:
        raise Conflict(f"Draft {kept.name} is {kept.stage.lower().replace('_', ' ')} by now.")
    return kept


def save_edit(*, draft: Draft, edit: Edit, actor: User) -> dict[str, Any]:
    """Lay an edit into a draft. The same request sent again gets the same answer and changes nothing.

    Returns:
        `{"number", "versions": {key: version}}`.

    Raises:
        Forbidden: outside the actor's ground.
        Overtaken: another person saved a touched cell since.
        Unseamless: it would leave a gap or an overlap; with the place.
        Conflict: the draft is no longer open, or the idempotency key was used for something else.
    """
    with acting_as(actor):
        draft = locked(draft, *Stage)
        before = DraftEdit.objects.filter(author=actor, idempotency_key=edit.idempotency_key).first()
        if before is not None:
            if before.digest != edit.digest or before.draft_id != draft.pk:
                raise Conflict("This idempotency key was used for another edit.")
            return dict(before.answer)
        draft = locked(draft, Stage.DRAFT)
        now = draft_grid(draft, edit.keys)
        check_versions(edit, now, lambda: _who(draft, edit.keys))
        check_rights(edit, now, actor, Action.EDIT_GRID)
        check_seamless(edit, now, partial(_around, draft))
        versions = lay(draft, _after(edit, now), actor)
        return note_edit(draft, actor, edit.title, versions, edit)


def note_edit(
    draft: Draft, actor: User, title: str, versions: dict[str, int], edit: Edit | None = None
) -> dict[str, Any]:
    """Add a saved edit to the draft's list. Without `edit`: done by us in the actor's name (a rebase)."""
    draft.edits_made += 1
    draft.save(update_fields=["edits_made"])
    answer = {"number": draft.edits_made, "versions": versions}
    DraftEdit.objects.create(
        draft=draft,
        number=draft.edits_made,
        idempotency_key=edit.idempotency_key if edit else f"{draft.pk}/{draft.edits_made}/{uuid4()}",
        digest=edit.digest if edit else "",
        title=title,
        author=actor,
        keys=edit.keys if edit else sorted(versions),
        sent=dict(edit.sent) if edit else {},
        answer=answer,
    )
    return answer


def lay(draft: Draft, cells: Iterable[GridCell], actor: User) -> dict[str, int]:
    """Store cells as the draft shall have them. Returns the version of each."""
    at = timezone.now()
    rows = [
        DraftCell(
            draft=draft,
            key=cell.key,
            cell_id=cell.cell_id,
            version=cell.version,
            is_removed=cell.shape is None,
            community_id=cell.community_id,
            name=cell.name,
            kind=cell.kind,
            households=cell.households,
            comes_from=list(cell.comes_from),
            geom=None if cell.shape is None else _stored(cell.shape),
            extent_reason=cell.extent_reason,
            changed_by=actor,
            changed_at=at,
        )
        for cell in cells
    ]
    DraftCell.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["draft", "key"], update_fields=_KEPT
    )
    return {row.key: row.version for row in rows}


def people_of(draft: Draft) -> list[User]:
    """Who made it and who saved an edit in it."""
    authors = DraftEdit.objects.filter(draft=draft).values("author")
    return list(User.objects.filter(Q(pk__in=authors) | Q(pk=draft.made_by_id)).order_by("id"))


def _stored(shape: Polygon) -> Any:
    return GEOSGeometry(memoryview(shape.wkb), srid=STORAGE_SRID)


def edits_since(draft: Draft, number: int) -> list[dict[str, Any]]:
    """Saved edits after a number, the oldest first: who changed which cells when."""
    rows = (
        DraftEdit.objects.filter(draft=draft, number__gt=number).select_related("author").order_by("number")
    )
    return [
        {
            "number": row.number,
            "title": row.title,
            "by": row.author.display_name or row.author.username,
            "username": row.author.username,
            "at": row.at.isoformat(),
            "keys": row.keys,
            "versions": row.answer["versions"],
        }
        for row in rows[:500]
    ]


def _after(edit: Edit, now: Grid) -> list[GridCell]:
    cells = []
    for put in edit.puts:
        was = now.get(put.key)
        cell = changed(put, was.version + 1 if was else 1)
        # Ground that came once with a reason stays the draft's, whatever is drawn there later.
        cells.append(replace(cell, extent_reason=cell.extent_reason or (was.extent_reason if was else "")))
    for key, _ in edit.removes:
        cell = now[key]
        cells.append(
            GridCell(
                key, cell.cell_id, "", cell.community_id, cell.name, cell.kind, cell.households,
                cell.version + 1, None, cell.comes_from, cell.extent_reason or edit.extent_reason,
            )
        )  # fmt: skip
    return cells


def _around(draft: Draft, touched: list[str], bounds: Bounds) -> list[Polygon]:
    """Outlines of the draft's cells, but for the touched ones, that may meet a box."""
    near = {f"c{cell_id}" for cell_id in ids_at(draft.base.opened_at, bounds)}
    near |= set(DraftCell.objects.filter(draft=draft).values_list("key", flat=True))
    grid = draft_grid(draft, near - set(touched))
    return [cell.steps for cell in grid.values() if cell.shape is not None]


def _who(draft: Draft, keys: list[str]) -> dict[str, tuple[str, str]]:
    rows = DraftCell.objects.filter(draft=draft, key__in=keys).select_related("changed_by")
    return {
        row.key: (row.changed_by.display_name or row.changed_by.username, row.changed_at.isoformat())
        for row in rows
    }
