"""The only writers of the grid from Python. What every edit must obey, the database obeys by itself (guard).

The named actions open a door in the database for one transaction, after the role has been checked here:
moving the outer boundary, filling the empty grid, renumbering, opening an edition.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from shapely import Polygon

from geogrid.core.actor import Actor, acting_as
from geogrid.core.errors import Conflict, Invalid
from geogrid.core.models import the_city
from geogrid.core.sql import statement
from geogrid.organisations.models import User
from geogrid.organisations.roles import Action
from grid_units.codes import CodePlan, reading_order
from grid_units.duties.access import require
from grid_units.models import Cell, Edition, GridUnit

SQL = Path(__file__).parent / "sql"


@dataclass(frozen=True)
class CellRow:
    """A cell as a file gives it. `outline` in degrees (WGS 84); without a code it gets the next one."""

    community: str
    outline: Polygon
    code: str = ""
    name: str = ""
    name_en: str = ""
    kind: str = "GENERAL"
    use: str = ""
    households: int | None = None
    source: str = ""
    is_derived: bool = False


@dataclass(frozen=True)
class Loaded:
    """Codes of the cells that were added, changed and left as they were, and those the file does not hold."""

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    vanished: tuple[str, ...] = ()


def plan_of_the_city() -> CodePlan:
    """How codes are made up here."""
    city = the_city()
    if city is None:
        return CodePlan()
    county, street, community, sequence = city.code_segments
    return CodePlan((county, street, community, sequence))


def change_outline(*, cell: Cell, outline: Polygon, actor: Actor, edition: str = "") -> None:
    """Draw a cell anew inside the city; the database fits the neighbours.

    Raises:
        Forbidden: the actor may not edit the grid there.
        IntegrityError: the guard refused, with the cells and the place in its message.
    """
    _require(actor, Action.EDIT_GRID, cell.code)
    with acting_as(actor):
        if edition:
            _call("open_edition", edition)
        _redraw(cell, outline)


def change_extent(*, cell: Cell, outline: Polygon, actor: Actor, reason: str) -> None:
    """Draw a cell anew, also beyond or inside the city's outer boundary (the named action).

    Raises:
        Forbidden: only those who may change the extent of the whole city.
        Invalid: without a reason.
    """
    with extent_change(actor=actor, reason=reason):
        _redraw(cell, outline)


@contextmanager
def extent_change(*, actor: Actor, reason: str) -> Iterator[None]:
    """One transaction in which the outer boundary may move; an edition named after the reason keeps it.

    Raises:
        Forbidden: only those who may change the extent of the whole city.
        Invalid: without a reason.
    """
    _require(actor, Action.CHANGE_EXTENT)
    if not reason.strip():
        raise Invalid("A change of the city's extent needs a reason.", {"reason": ["Say why."]})
    with acting_as(actor):
        _call("permit_extent_change", reason)
        _call("open_edition", reason)
        yield


def open_edition(*, name: str, actor: Actor) -> Edition:
    """Put a new edition of the grid in force; what the surrounding transaction changes belongs to it.

    Raises:
        Forbidden: the actor may not edit the grid.
        TransactionManagementError: outside a transaction, where it would hold nothing.
    """
    _require(actor, Action.EDIT_GRID)
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("open_edition needs the transaction of the edits")
    with acting_as(actor):
        return Edition.objects.get(id=_call("open_edition", name))


def renumber(*, community: GridUnit, actor: Actor, reason: str) -> dict[str, str]:
    """Give the cells of a community new numbers, rows from north to south and west to east.

    A number that was ever used is never used again, so the new ones follow the highest. Every pair of old
    and new code is written to the concordance.

    Returns:
        New codes by old code.

    Raises:
        Forbidden: the actor may not edit the grid there.
        Invalid: without a reason, or when the community has too few numbers left.
    """
    _require(actor, Action.EDIT_GRID, community.code)
    if not reason.strip():
        raise Invalid("Renumbering needs a reason.", {"reason": ["Say why."]})
    plan = plan_of_the_city()
    with acting_as(actor):
        _call("permit_renumbering", reason)
        cells = {cell.code: cell for cell in Cell.objects.filter(community=community)}
        points = {code: cell.geom.point_on_surface for code, cell in cells.items()}
        places = {code: (point.x, point.y) for code, point in points.items()}
        heights = [cell.geom.extent[3] - cell.geom.extent[1] for cell in cells.values()]
        used = _ever_used(community.code)
        new_codes: dict[str, str] = {}
        for old in reading_order(places, heights):
            try:
                new = plan.next_code(community.code, used)
            except ValueError as full:
                raise Invalid(str(full)) from full
            used.add(new)
            new_codes[old] = new
        with connection.cursor() as cursor:
            cursor.execute(statement(SQL, "renumber"), [list(new_codes), list(new_codes.values())])
    return new_codes


def load_cells(*, rows: Sequence[CellRow], actor: Actor, reason: str) -> Loaded:
    """Take the cells of a file: into an empty grid as they are, else those that differ, through the guard.

    Cells are known again by their code. What the file lacks is not deleted but listed as vanished. Rows
    without a code are numbered by the rule of first numbering. Units must be there already.

    Raises:
        Forbidden: the actor may not import.
        Invalid: a community is unknown, or a code does not fit; nothing was written.
        Conflict: the database refused, in its own words by IntegrityError, or stored another outline.
    """
    _require(actor, Action.IMPORT)
    rows = _numbered(rows)
    with acting_as(actor):
        empty = not Cell.objects.exists()
        _call("permit_first_load" if empty else "permit_extent_change", reason)
        _call("open_edition", reason)
        given = json.dumps([_as_json(row) for row in rows])
        with connection.cursor() as cursor:
            # Changed cells first: what they leave goes to neighbours, from whom new cells take it again.
            changed = [] if empty else _codes(cursor, "update_cells", given)
            added = _codes(cursor, "insert_cells", given)
            if empty:
                cursor.execute("SELECT core.analyze_grid()")
            moved = [] if empty else _codes(cursor, "cells_stored_otherwise", given)
        if moved:
            raise Conflict(
                f"The guard could not store the outline of {', '.join(moved[:5])} as it is in the file."
            )
        touched = {*changed, *added}
        codes = {row.code for row in rows}
        known = set(Cell.objects.values_list("code", flat=True))
    return Loaded(
        added=tuple(added),
        changed=tuple(changed),
        unchanged=tuple(sorted(codes - touched)),
        vanished=tuple(sorted(known - codes)),
    )


def _numbered(rows: Sequence[CellRow]) -> list[CellRow]:
    """The rows with a code each, checked against the units."""
    plan = plan_of_the_city()
    wanted = {row.community for row in rows}
    known = set(GridUnit.objects.filter(level="COMMUNITY", code__in=wanted).values_list("code", flat=True))
    if unknown := sorted(wanted - known):
        raise Invalid(f"There is no community {', '.join(unknown[:5])}; make the units first.")
    coded: list[CellRow] = []
    for community in sorted(wanted):
        of_it = [row for row in rows if row.community == community]
        used = _ever_used(community) | {row.code for row in of_it if row.code}
        for row in of_it:
            if row.code and (fault := plan.fault(row.code, community)):
                raise Invalid(fault)
        bare = {index: row for index, row in enumerate(of_it) if not row.code}
        places = {index: _inner_point(row.outline) for index, row in bare.items()}
        heights = [row.outline.bounds[3] - row.outline.bounds[1] for row in bare.values()]
        coded += [row for row in of_it if row.code]
        for index in reading_order(places, heights):
            code = plan.next_code(community, used)
            used.add(code)
            coded.append(replace(bare[index], code=code))
    counts = Counter(row.code for row in coded)
    if twice := [code for code, count in counts.items() if count > 1]:
        raise Invalid(f"Two cells of the file have the code {', '.join(twice[:5])}.")
    return coded


def _inner_point(outline: Polygon) -> tuple[float, float]:
    point = outline.representative_point()
    return point.x, point.y


def _as_json(row: CellRow) -> Mapping[str, object]:
    return {**vars(row), "outline": row.outline.wkb_hex}


def _redraw(cell: Cell, outline: Polygon) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement(SQL, "redraw_cell"), [outline.wkb_hex, cell.id])
        if not cursor.rowcount:
            raise Conflict(f"Cell {cell.code} is no longer there.")


def _ever_used(community_code: str) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(statement(SQL, "codes_ever_used"), [community_code, community_code])
        return {code for (code,) in cursor.fetchall()}


def _codes(cursor: Any, name: str, given: str) -> list[str]:
    cursor.execute(statement(SQL, name), [given])
    return [code for (code,) in cursor.fetchall()]


def _require(actor: Actor, action: Action, unit_code: str = "") -> None:
    """People need the role; jobs of the system (import, demo, clock) were started by somebody who had it."""
    if isinstance(actor, User):
        require(actor, action, unit_code)


def _call(permit: str, words: str) -> int:
    """Call one of the grid's named functions; `permit` is one of ours, never input."""
    with connection.cursor() as cursor:
        cursor.callproc(f"core.{permit}", [words])
        row = cursor.fetchone()
    return int(row[0]) if row and row[0] not in (None, "") else 0
