"""Reading grids: what is in force, what was, and what a draft makes of it, in whole steps of 2^-27 degree."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import numpy as np
import shapely
from django.db import connection
from shapely import Polygon

from geogrid.core.errors import NotFound
from grid_units.models import Cell, Edition, GridUnit
from grid_units.workshop.models import Draft, DraftCell
from grid_units.workshop.rings import GRID, STEPS, in_steps

_COLUMNS = "cell_id, code, community_id, name, kind, households, version, ST_AsBinary(geom)"
# In force: the version of a cell is when it was last written, in microseconds.
_IN_FORCE = f"""
SELECT {_COLUMNS}
FROM (
  SELECT
    id AS cell_id, code, community_id, name, kind, households, geom,
    (extract(epoch FROM updated_at) * 1000000)::bigint AS version
  FROM cell
) AS c
WHERE %(ids)s::bigint[] IS NULL OR cell_id = ANY (%(ids)s::bigint[])
ORDER BY cell_id
"""  # noqa: S608 (constants of ours)
_AT = f"""
SELECT {_COLUMNS}
FROM (
  SELECT cell_id, code, community_id, name, kind, households, geom, 0::bigint AS version
  FROM core.cells_at(%(at)s)
) AS c
WHERE %(ids)s::bigint[] IS NULL OR cell_id = ANY (%(ids)s::bigint[])
ORDER BY cell_id
"""  # noqa: S608


@dataclass(frozen=True)
class GridCell:
    """A cell of a grid that is looked at. `shape` in degrees, on the grid; None: removed by the draft."""

    key: str
    cell_id: int | None
    code: str
    community_id: int
    name: str
    kind: str
    households: int | None
    version: int
    shape: Polygon | None
    comes_from: tuple[int, ...] = ()
    extent_reason: str = ""

    @property
    def steps(self) -> Polygon:
        """The outline in whole steps."""
        if self.shape is None:
            raise ValueError(f"Cell {self.key} is removed.")
        shape = in_steps(self.shape)
        assert isinstance(shape, Polygon)  # noqa: S101 (a transform keeps the type)
        return shape

    @property
    def community_code(self) -> str:
        """What the code begins with; empty while the cell has none."""
        return self.code[:-3]

    def same_words(self, other: "GridCell") -> bool:
        """Whether everything but the outline is the same."""
        mine = (self.community_id, self.name, self.kind, self.households)
        return mine == (other.community_id, other.name, other.kind, other.households)


Grid = dict[str, GridCell]


def in_force(cell_ids: Iterable[int] | None = None) -> Grid:
    """The cells in force, all or some, by key."""
    return _read(_IN_FORCE, {"ids": None if cell_ids is None else list(cell_ids)})


def at_moment(moment: datetime, cell_ids: Iterable[int] | None = None) -> Grid:
    """The cells as they were, corner by corner."""
    return _read(_AT, {"at": moment, "ids": None if cell_ids is None else list(cell_ids)})


def edition_in_force() -> Edition:
    """The edition that the grid stands in.

    Raises:
        NotFound: no cell was ever loaded.
    """
    edition = Edition.objects.filter(stage="in_force").order_by("-id").first()
    if edition is None:
        raise NotFound("There is no grid yet: import the cells first.")
    return edition


def draft_cells(draft: Draft, keys: Iterable[str] | None = None) -> Grid:
    """What a draft changes, by key; removed cells have no shape."""
    rows = DraftCell.objects.filter(draft=draft)
    if keys is not None:
        rows = rows.filter(key__in=list(keys))
    return {row.key: _of_draft(row) for row in rows}


def draft_grid(draft: Draft, keys: Iterable[str] | None = None) -> Grid:
    """The grid of a draft: the cells of its base with its own laid over; all cells, or some by key."""
    asked = None if keys is None else set(keys)
    ids = None if asked is None else ids_of(asked)
    grid = at_moment(draft.base.opened_at, ids)
    for key, cell in draft_cells(draft, asked).items():
        code = grid[key].code if key in grid else ""
        grid[key] = replace(cell, code=code)
    return grid


def ids_of(keys: Iterable[str]) -> list[int]:
    """Ids of the cells that keys of cells in force name."""
    return [int(key[1:]) for key in keys if key.startswith("c")]


def ids_at(moment: datetime, bounds: tuple[float, float, float, float]) -> list[int]:
    """Ids of the cells of a moment whose boxes meet a box in degrees."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT cell_id FROM cell_version"
            " WHERE valid @> %s AND geom && ST_MakeEnvelope(%s, %s, %s, %s, 4326)",
            [moment, *bounds],
        )
        return [cell_id for (cell_id,) in cursor.fetchall()]


def ids_within(bounds: tuple[float, float, float, float]) -> list[int]:
    """Ids of the cells in force whose boxes meet a box in degrees."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM cell WHERE geom && ST_MakeEnvelope(%s, %s, %s, %s, 4326)", list(bounds)
        )
        return [cell_id for (cell_id,) in cursor.fetchall()]


def as_json(grid: Mapping[str, GridCell], edition: Edition) -> dict[str, Any]:
    """A grid as the editor reads it: rings of whole steps without the closing corner, outer one first."""
    cells = [cell for cell in grid.values() if cell.shape is not None]
    in_english = names_en()
    return {
        "edition": {"id": edition.pk, "name": edition.name, "opened_at": edition.opened_at.isoformat()},
        "grid": GRID,
        "cells": [
            {
                "id": cell.cell_id,
                "key": cell.key,
                "code": cell.code,
                "name": cell.name,
                "name_en": in_english.get(cell.cell_id, ""),
                "kind": cell.kind,
                "households": cell.households,
                "community_id": cell.community_id,
                "version": cell.version,
                "from": cell.comes_from,
                "rings": rings,
            }
            for cell, rings in zip(cells, _rings([cell.shape for cell in cells]), strict=True)
        ],
        "communities": communities(),
    }


def names_en() -> dict[int | None, str]:
    """English names of the cells in force that have one, by id; they are not versioned."""
    return dict(Cell.objects.exclude(name_en="").values_list("id", "name_en"))


def communities() -> list[dict[str, Any]]:
    """Every community with its street, by code."""
    rows = GridUnit.objects.filter(level="COMMUNITY").order_by("code")
    return [
        {
            "id": row["id"],
            "code": row["code"],
            "name": row["name"],
            "name_en": row["name_en"],
            "street_id": row["parent_id"],
            "street_code": row["parent__code"],
            "street_name": row["parent__name"],
        }
        for row in rows.values("id", "code", "name", "name_en", "parent_id", "parent__code", "parent__name")
    ]


def _rings(shapes: list[Any]) -> list[list[list[list[int]]]]:
    """Rings of many outlines at once: one pass of numpy over all corners."""
    rings, owners = shapely.get_rings(shapely.orient_polygons(shapes), return_index=True)
    corners, starts = shapely.get_coordinates(rings), np.cumsum([0, *shapely.get_num_coordinates(rings)])
    steps = np.rint(corners * STEPS).astype(np.int64).tolist()
    found: list[list[list[list[int]]]] = [[] for _ in shapes]
    for at, owner in enumerate(owners):
        found[owner].append(steps[starts[at] : starts[at + 1] - 1])
    return found


def _read(query: str, given: dict[str, Any]) -> Grid:
    with connection.cursor() as cursor:
        cursor.execute(query, given)
        rows = cursor.fetchall()
    shapes: Any = shapely.from_wkb([bytes(row[7]) for row in rows])
    found: Grid = {}
    for (cell_id, code, community_id, name, kind, households, version, _), shape in zip(
        rows, shapes, strict=True
    ):
        key = f"c{cell_id}"
        found[key] = GridCell(key, cell_id, code, community_id, name, kind, households, version, shape)
    return found


def _of_draft(row: DraftCell) -> GridCell:
    shape: Any = None if row.is_removed or row.geom is None else shapely.from_wkb(bytes(row.geom.wkb))
    return GridCell(
        key=row.key,
        cell_id=row.cell_id,
        code="",
        community_id=row.community_id,
        name=row.name,
        kind=row.kind,
        households=row.households,
        version=row.version,
        shape=shape,
        comes_from=tuple(row.comes_from),
        extent_reason=row.extent_reason,
    )
