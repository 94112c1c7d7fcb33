"""An approved draft becomes an edition, a small correction goes straight in, an earlier edition comes back.

One transaction: cells, versions and outlines together (core.publish_cells, which proves them seamless), the
whole grid looked at once more by Shapely, lineage, duties. What stands on the ground follows in batches
(core.regrid_assets, core.regrid_incidents), so that nobody waits for a million rows.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import shapely
from django.db import IntegrityError, connection

from geogrid.core.actor import Actor, acting_as
from geogrid.core.errors import Conflict, GeoGridError, Invalid
from geogrid.organisations.models import User
from geogrid.organisations.roles import Action
from grid_units.duties.access import require
from grid_units.duties.models import DutyArea
from grid_units.models import CellVersion, Edition
from grid_units.workshop.changes import Change, DutyMove, changes_between, descents, duty_moves
from grid_units.workshop.drafts import locked
from grid_units.workshop.edits import Bounds, Edit, changed, check_rights, check_seamless, check_versions
from grid_units.workshop.grid import Grid, at_moment, edition_in_force, ids_of, ids_within, in_force
from grid_units.workshop.models import DirectEdit, Draft, DutyNotice, Lineage, Restoration, Stage
from grid_units.workshop.rebasing import Clash, began_or_ended, rebased


@dataclass(frozen=True)
class Written:
    """A cell as the database stored it: None for one that vanished."""

    cell_id: int
    code: str | None
    version: int | None


def publish(*, draft: Draft, actor: Actor, reason: str = "") -> Edition:
    """Put an approved draft in force, now. It is laid over what others published meanwhile.

    Raises:
        Forbidden: the actor may not publish there.
        Conflict: the draft is not approved; Clash: others changed the same borders.
        IntegrityError: the database found that the cells do not fit together.
    """
    with acting_as(actor):
        _lock_grid()
        draft = locked(draft, Stage.APPROVED)
        if isinstance(actor, User):
            require(actor, Action.APPROVE_GRID, draft.unit_code)
        found = rebased(draft)
        if found.conflicting:
            raise Clash(draft)
        extent = next((c.after.extent_reason for c in found.changes if c.after and c.after.extent_reason), "")
        if extent:
            _call("permit_extent_change", extent)
        edition = Edition.objects.get(id=_call("open_edition", draft.name))
        _write(found.changes, edition, defers=True)
        _check_whole()
        draft.stage = Stage.PUBLISHED
        draft.published = edition
        draft.publish_reason = reason or draft.publish_reason
        draft.save(update_fields=["stage", "published", "publish_reason"])
    return edition


def publish_due(at: datetime) -> int:
    """Put drafts in force whose time has come, each in the name of who set the time.

    One that cannot be published any more goes back to its people with the reason; nothing is half done.
    """
    done = 0
    due = Draft.objects.filter(stage=Stage.APPROVED, publish_at__lte=at).select_related("publish_by")
    for draft in due.order_by("publish_at", "id"):
        try:
            publish(draft=draft, actor=draft.publish_by or draft.approved_by)  # type: ignore[arg-type]
            done += 1
        except (GeoGridError, IntegrityError) as refusal:
            Draft.objects.filter(pk=draft.pk, stage=Stage.APPROVED).update(
                publish_at=None, refused=str(refusal)
            )
    return done


def restore(*, edition: Edition, actor: User, reason: str) -> Edition:
    """Bring the grid back to what it was in an earlier edition, bit for bit, under a new edition.

    Raises:
        Forbidden: the actor may not publish everywhere in the city.
        Invalid: without a reason. Conflict: that edition is in force already.
    """
    require(actor, Action.APPROVE_GRID, "")
    if not reason.strip():
        raise Invalid("Say why the edition comes back.", {"reason": ["Say why."]})
    with acting_as(actor):
        _lock_grid()
        now, then = in_force(), at_moment(edition.opened_at)
        gone = {key: replace(cell, shape=None) for key, cell in now.items() if key not in then}
        changes = changes_between(now, then | gone)
        if not changes:
            raise Conflict("The grid is already what it was in that edition.")
        for code in sorted({_community_code(change) for change in changes}):
            require(actor, Action.APPROVE_GRID, code)
        _call("permit_extent_change", reason)
        opened = Edition.objects.get(id=_call("open_edition", f"{edition.name} ({reason})"[:200]))
        Restoration.objects.create(edition=opened, restores=edition)
        _write(changes, opened, defers=True, comes_back=True)
        _check_whole()
    return opened


def correct(*, edit: Edit, actor: User) -> dict[str, Any]:
    """A small correction of the grid in force, under an automatic edition of its author.

    Returns:
        `{"edition", "cells": {key: {"id", "code", "version"}}}`; both null for a vanished cell.

    Raises:
        as drafts.save_edit.
    """
    with acting_as(actor):
        _lock_grid()
        before = DirectEdit.objects.filter(author=actor, idempotency_key=edit.idempotency_key).first()
        if before is not None:
            if before.digest != edit.digest:
                raise Conflict("This idempotency key was used for another edit.")
            return dict(before.answer)
        now = in_force(ids_of(edit.keys))
        check_versions(edit, now, _who(edit.keys))
        check_rights(edit, now, actor, Action.CORRECT_GRID)
        check_seamless(edit, now, _around)
        after: Grid = {put.key: changed(put, 0) for put in edit.puts}
        after |= {key: replace(now[key], shape=None) for key, _ in edit.removes}
        changes = changes_between(now, after)
        if edit.extent_reason:
            _call("permit_extent_change", edit.extent_reason)
        written = _write(changes, None, defers=False) if changes else {}
        edition = edition_in_force()
        answer = {"edition": edition.pk, "cells": _as_saved(edit, now, written)}
        DirectEdit.objects.create(
            idempotency_key=edit.idempotency_key,
            digest=edit.digest,
            title=edit.title,
            author=actor,
            edition=edition if changes else None,
            answer=answer,
        )
    return answer


def _write(
    changes: Sequence[Change], edition: Edition | None, *, defers: bool, comes_back: bool = False
) -> dict[str, Written]:
    """Write the cells, note where they come from and move duties. Without an edition: an automatic one."""
    origins = descents(changes)
    like: dict[str, str] = {}
    for origin in origins:
        like.setdefault(origin.to_key, origin.from_key)
    moves = duty_moves(origins, {c.key: c.before.code for c in changes if c.before is not None})
    rows = [_row(change, like.get(change.key), comes_back) for change in changes]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT key, cell_id, code, version FROM core.publish_cells(%s::jsonb, %s)",
            [json.dumps(rows), defers],
        )
        written = {row[0]: Written(*row[1:]) for row in cursor.fetchall()}
    if not origins:
        return written
    edition = edition or edition_in_force()
    before = {c.key: c.before for c in changes if c.before is not None}
    # Corrections of one author share an edition, in which a cell may give to another twice: told once.
    Lineage.objects.bulk_create(
        [
            Lineage(
                edition=edition,
                kind=origin.kind,
                from_cell_id=before[origin.from_key].cell_id or 0,
                from_code=before[origin.from_key].code,
                to_cell_id=written[origin.to_key].cell_id,
                to_code=written[origin.to_key].code or "",
            )
            for origin in origins
        ],
        ignore_conflicts=True,
    )
    _move_duties(moves, edition, {key: cell.code for key, cell in before.items()}, written)
    return written


def _move_duties(
    moves: Sequence[DutyMove], edition: Edition, codes: dict[str, str], written: dict[str, Written]
) -> None:
    """Duties of split cells name the new ones too, those of vanished cells their heirs; each is noted."""
    to = {move: written[move.to_key].code or "" for move in moves}
    DutyArea.objects.bulk_create(
        [DutyArea(duty_id=move.duty_id, unit_code=to[move]) for move in moves], ignore_conflicts=True
    )
    gone = {codes[move.from_key] for move in moves if written[move.from_key].code is None}
    DutyArea.objects.filter(duty_id__in={move.duty_id for move in moves}, unit_code__in=gone).delete()
    DutyNotice.objects.bulk_create(
        [
            DutyNotice(
                edition=edition,
                duty_id=move.duty_id,
                kind=move.kind,
                from_code=codes[move.from_key],
                to_code=to[move],
            )
            for move in moves
        ],
        ignore_conflicts=True,
    )


def _row(change: Change, like: str | None, comes_back: bool) -> dict[str, Any]:
    cell = change.cell
    row: dict[str, Any] = {
        "key": change.key,
        "id": cell.cell_id,
        "community_id": cell.community_id,
        "name": cell.name,
        "kind": cell.kind,
        "households": cell.households,
        "outline": change.after.shape.wkb_hex if change.after is not None and change.after.shape else None,
        "like": int(like[1:]) if like and like.startswith("c") else None,
        "code": None,
    }
    if comes_back and change.after is not None and cell.cell_id is not None:
        last = CellVersion.objects.filter(cell_id=cell.cell_id).order_by("-id").first()
        row["code"] = cell.code
        row["owner_id"] = last.owner_id if last else None
        row["maintainer_id"] = last.maintainer_id if last else None
    return row


def _check_whole() -> None:
    """The whole grid as it is stored now, judged by Shapely: borders match corner by corner, no overlap."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT code, ST_AsBinary(geom) FROM cell ORDER BY id")
        rows = cursor.fetchall()
    shapes = shapely.from_wkb([bytes(row[1]) for row in rows])
    if shapely.coverage_is_valid(shapes):
        return
    edges = shapely.coverage_invalid_edges(shapes)
    bad = [code for (code, _), edge in zip(rows, edges, strict=True) if not edge.is_empty]
    raise Invalid(f"The grid would not be seamless at {', '.join(bad[:5])}. Nothing was published.")


def _as_saved(edit: Edit, now: Grid, written: dict[str, Written]) -> dict[str, Any]:
    told = {}
    for key in edit.keys:
        if key in written:
            told[key] = {
                "id": written[key].cell_id,
                "code": written[key].code,
                "version": written[key].version,
            }
        else:
            told[key] = {"id": now[key].cell_id, "code": now[key].code, "version": now[key].version}
    return told


def _around(touched: list[str], bounds: Bounds) -> list[Any]:
    near = set(ids_within(bounds)) - set(ids_of(touched))
    return [cell.steps for cell in in_force(near).values()]


def _who(keys: list[str]) -> dict[str, tuple[str, str]]:
    versions = CellVersion.objects.filter(cell_id__in=ids_of(keys)).order_by("id")
    return {
        f"c{cell_id}": (actor, began_or_ended(valid))
        for cell_id, actor, valid in versions.values_list("cell_id", "actor", "valid")
    }


def _community_code(change: Change) -> str:
    return change.cell.code[: max(0, len(change.cell.code) - 3)]


def _lock_grid() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT core.lock_grid()")


def _call(permit: str, words: str) -> int:
    """Call one of the grid's named functions; `permit` is one of ours, never input."""
    with connection.cursor() as cursor:
        cursor.callproc(f"core.{permit}", [words])
        row = cursor.fetchone()
    return int(row[0]) if row and row[0] not in (None, "") else 0
