"""Changed cells go into the grid in force: cells, versions and outlines, lineage, duties.

For an edition that is published or comes back, and for a correction alike.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from grid_units.duties.models import DutyArea
from grid_units.models import CellVersion, Edition
from grid_units.workshop.changes import Change, DutyMove, descents, duty_moves
from grid_units.workshop.grid import edition_in_force
from grid_units.workshop.models import DutyNotice, Lineage


@dataclass(frozen=True)
class Written:
    """A cell as the database stored it: None for one that vanished."""

    cell_id: int
    code: str | None
    version: int | None


def write(
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


def lock_grid() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT core.lock_grid()")


def call(permit: str, words: str) -> int:
    """Call one of the grid's named functions; `permit` is one of ours, never input."""
    with connection.cursor() as cursor:
        cursor.callproc(f"core.{permit}", [words])
        row = cursor.fetchone()
    return int(row[0]) if row and row[0] not in (None, "") else 0
