"""One edit as an editor sends it, and the judgement whether it leaves the grid seamless.

The same for a draft and for a direct correction of what is in force.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import shapely
from shapely import LineString, Polygon
from shapely.geometry.base import BaseGeometry

from geogrid.core.errors import Conflict, Invalid
from geogrid.organisations.models import User
from geogrid.organisations.roles import Action
from grid_units.duties.access import require
from grid_units.models import GridUnit
from grid_units.workshop.grid import Grid, GridCell
from grid_units.workshop.rings import (
    STEPS,
    Crooked,
    Fault,
    difference,
    fault_of,
    in_degrees,
    is_hair,
    polygon_of,
    shared,
)

MOST_CELLS = 500  # of one edit
MOST_CORNERS = 200_000
MOST_MEASURED = 50
_WIDEST = 180 * 2**27
Bounds = tuple[float, float, float, float]


class Overtaken(Conflict):
    """Somebody else saved a touched cell since: `conflicts` says which, and who."""

    def __init__(self, conflicts: list[dict[str, Any]]) -> None:
        keys = ", ".join(conflict["key"] for conflict in conflicts[:5])
        super().__init__(f"Somebody else changed {keys} since you loaded it. Load it anew, then draw again.")
        self.extra = {"conflicts": conflicts}


class Unseamless(Invalid):
    """The edit would leave a gap or an overlap. `place` is [x, y] in steps."""

    def __init__(self, message: str, place: tuple[int, int] | None, kind: str) -> None:
        super().__init__(message)
        self.extra = {"place": list(place) if place else None, "kind": kind}


@dataclass(frozen=True)
class Put:
    """A cell as it shall be. `shape` in whole steps; `extent_reason` when the outer border may move."""

    key: str
    version: int
    community_id: int
    kind: str
    name: str
    households: int | None
    comes_from: tuple[int, ...]
    shape: Polygon
    extent_reason: str = ""


@dataclass(frozen=True)
class Edit:
    """What one stroke of the editor changes: cells put, and cells removed (key and the version seen).

    extent_reason: why the outer border may move; empty when it may not.
    """

    idempotency_key: str
    title: str
    puts: tuple[Put, ...]
    removes: tuple[tuple[str, int], ...]
    digest: str
    sent: Mapping[str, Any]
    extent_reason: str = ""

    @property
    def keys(self) -> list[str]:
        """Every touched cell."""
        return [put.key for put in self.puts] + [key for key, _ in self.removes]


def edit_of(data: Mapping[str, Any]) -> Edit:
    """The edit that a validated body holds.

    Raises:
        Invalid: an outline is none, a key stands twice, or nothing is changed.
    """
    puts = tuple(_put(said) for said in data["puts"])
    removes = tuple((said["key"], said["version"]) for said in data["removes"])
    keys = [put.key for put in puts] + [key for key, _ in removes]
    if not keys:
        raise Invalid("The edit changes nothing.", {"puts": ["Put or remove at least one cell."]})
    if len(keys) > MOST_CELLS:
        raise Invalid(f"One edit changes at most {MOST_CELLS} cells.", {"puts": ["Too many."]})
    if len(set(keys)) != len(keys):
        raise Invalid("A cell stands in the edit twice.", {"puts": ["Each key once."]})
    sent = {"title": data["title"], "puts": data["puts"], "removes": data["removes"]}
    digest = hashlib.sha256(json.dumps(sent, sort_keys=True).encode()).hexdigest()
    reasons = (_reason(said) for said in [*data["puts"], *data["removes"]])
    extent = next((reason for reason in reasons if reason), "")
    return Edit(data["idempotency_key"], data["title"], puts, removes, digest, sent, extent)


def check_versions(edit: Edit, now: Grid, who: Callable[[], Mapping[str, tuple[str, str]]]) -> None:
    """Refuse an edit of cells that are not as its author saw them.

    who: asked only then, gives name and time of the last change by key.

    Raises:
        Overtaken: with the list of them.
    """
    seen = {put.key: put.version for put in edit.puts} | dict(edit.removes)
    conflicts: list[dict[str, Any]] = []
    for key, yours in seen.items():
        cell = now.get(key)
        theirs = cell.version if cell else 0
        gone = cell is None and (key.startswith("c") or yours != 0)
        if gone or theirs != yours:
            conflicts.append({"key": key, "yours": yours, "theirs": theirs})
    if conflicts:
        last = who()
        for conflict in conflicts:
            by, at = last.get(str(conflict["key"]), ("", ""))
            conflict |= {"by": by, "at": at or None}
        raise Overtaken(conflicts)


def check_rights(
    edit: Edit, now: Grid, actor: User, action: Action, known: Mapping[int, str] | None = None
) -> None:
    """Refuse an edit outside the actor's ground.

    known: codes of communities by id, where the caller knows them already.

    Raises:
        Forbidden: the actor may not edit in a touched community, or not move the outer border.
        Invalid: a community is none.
    """
    touched = {put.community_id for put in edit.puts}
    touched |= {now[key].community_id for key in edit.keys if key in now}
    codes = {unit_id: code for unit_id, code in (known or {}).items() if unit_id in touched}
    if others := touched - codes.keys():
        codes |= dict(GridUnit.objects.filter(id__in=others, level="COMMUNITY").values_list("id", "code"))
    if unknown := touched - codes.keys():
        raise Invalid(f"There is no community with id {min(unknown)}.", {"community_id": ["Unknown."]})
    for code in sorted(set(codes.values())):
        require(actor, action, code)
    if edit.extent_reason:
        require(actor, Action.CHANGE_EXTENT)


def check_seamless(edit: Edit, now: Grid, around: Callable[[list[str], Bounds], Iterable[Polygon]]) -> None:
    """Refuse an edit that leaves a gap, an overlap, or a corner on one side of a border only.

    around: gives the outlines (steps) of the cells that are not touched and meet a box; asked only where the
    edit reaches the outer border.

    Raises:
        Unseamless: with the place.
    """
    before = [now[key].steps for key in edit.keys if key in now and now[key].shape is not None]
    after = [put.shape for put in edit.puts]
    net = difference(before, after)
    if not net:
        return
    if not edit.extent_reason:
        if not is_hair(net):
            raise _unseamless(fault_of(before, after, net))
        corner = shared(net, around(edit.keys, bounds_of(LineString(segment) for segment in net)))
        if corner is not None:
            raise _unseamless(Fault("corner", 0.0, corner))
        return
    everybody = [*after, *around(edit.keys, bounds_of([*before, *after]))]
    if not shapely.coverage_is_valid(everybody):
        fault = fault_of(everybody, everybody, net)
        raise _unseamless(fault if fault.kind == "overlap" else Fault("corner", 0.0, fault.place))


def bounds_of(shapes: Iterable[BaseGeometry]) -> Bounds:
    """West, south, east, north in degrees of shapes in steps."""
    west, south, east, north = (float(at) / STEPS for at in shapely.total_bounds(list(shapes)))
    return west, south, east, north


def changed(put: Put, version: int) -> GridCell:
    """The put as a cell of a grid."""
    return GridCell(
        key=put.key,
        cell_id=int(put.key[1:]) if put.key.startswith("c") else None,
        code="",
        community_id=put.community_id,
        name=put.name,
        kind=put.kind,
        households=put.households,
        version=version,
        shape=in_degrees(put.shape),
        comes_from=put.comes_from,
        extent_reason=put.extent_reason,
    )


def drawn_cells(said: Iterable[Mapping[str, Any]]) -> list[GridCell]:
    """Outlines that somebody is just drawing, as cells without words.

    Raises:
        Invalid: too many at once. Unseamless: an outline is none.
    """
    outlines = list(said)
    if len(outlines) > MOST_MEASURED:
        raise Invalid(f"At most {MOST_MEASURED} outlines at once.", {"cells": ["Too many."]})
    return [
        GridCell(
            key=one["key"],
            cell_id=int(one["key"][1:]) if one["key"].startswith("c") else None,
            code="",
            community_id=0,
            name="",
            kind="",
            households=None,
            version=0,
            shape=in_degrees(_shape_of(one)),
        )
        for one in outlines
    ]


def _put(said: Mapping[str, Any]) -> Put:
    return Put(
        key=said["key"],
        version=said["version"],
        community_id=said["community_id"],
        kind=said["kind"],
        name=said["name"],
        households=said["households"],
        comes_from=tuple(said["from"]),
        shape=_shape_of(said),
        extent_reason=_reason(said),
    )


def _reason(said: Mapping[str, Any]) -> str:
    return str((said.get("extent") or {}).get("reason", "")).strip()


def _shape_of(said: Mapping[str, Any]) -> Polygon:
    rings = said["rings"]
    corners = [corner for ring in rings for corner in ring]
    if len(corners) > MOST_CORNERS:
        raise Invalid(f"Cell {said['key']} has more than {MOST_CORNERS} corners.", {"rings": ["Too many."]})
    if any(abs(x) > _WIDEST or abs(y) > _WIDEST for x, y in corners):
        raise Invalid(f"Cell {said['key']} lies beyond the earth.", {"rings": ["Steps of 2^-27 degree."]})
    try:
        return polygon_of(rings)
    except Crooked as crooked:
        raise Unseamless(f"Cell {said['key']}: {crooked}", crooked.place, "crooked") from crooked


def _unseamless(fault: Fault) -> Unseamless:
    area = f"{fault.area_m2:,.1f} m2"
    words = {
        "gap": f"The edit would leave {area} without a cell.",
        "overlap": f"Two cells of the edit would cover the same {area}.",
        "outside": f"The edit would cover {area} of a cell that it does not change, or outside the city.",
        "corner": "A corner would stand on one side of a border only: change both cells.",
    }
    return Unseamless(words[fault.kind], fault.place, fault.kind)
