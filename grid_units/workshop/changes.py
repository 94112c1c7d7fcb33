"""What a draft changes: cell by cell, where each cell comes from, and what that does to duties.

Compare shows it and publish does it, out of the same functions.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import shapely
from django.db.models import Q
from django.utils import timezone
from shapely import Polygon

from grid_units.codes import reading_order
from grid_units.duties.models import DutyArea
from grid_units.workshop.grid import Grid, GridCell
from grid_units.workshop.rings import difference

TELLING = 0.02  # a smaller part of a cell that changes hands with a split or merge is a moved border


@dataclass(frozen=True)
class Change:
    """One cell before and after; None where there was or will be none."""

    key: str
    before: GridCell | None
    after: GridCell | None

    @property
    def cell(self) -> GridCell:
        """Whichever there is, the later first."""
        found = self.after or self.before
        if found is None:
            raise ValueError(f"{self.key} never was.")
        return found


@dataclass(frozen=True)
class Descent:
    """Ground that came to one cell from another: `kind` merged when the other vanished, else split."""

    kind: str
    from_key: str
    to_key: str


@dataclass(frozen=True)
class DutyMove:
    """A duty that names a cell which was split or vanished answers for the new cell as well."""

    duty_id: int
    kind: str
    from_key: str
    to_key: str


def same_outline(one: Polygon, other: Polygon) -> bool:
    """Whether two outlines are the same corner by corner, wherever their rings begin."""
    return bool(shapely.equals_exact(one, other, normalize=True))


def same(one: GridCell, other: GridCell) -> bool:
    """Whether nothing differs."""
    if one.shape is None or other.shape is None:
        return one.shape is other.shape
    return one.same_words(other) and same_outline(one.shape, other.shape)


def changes_between(before: Grid, after: Grid) -> list[Change]:
    """What differs; new cells last, in the order of first numbering (rows from the north, west to east)."""
    found = []
    for key, cell in after.items():
        was = before.get(key)
        if was is None and cell.shape is None:
            continue
        if was is None or not same(was, cell):
            found.append(Change(key, was, cell if cell.shape is not None else None))
    new = {change.key: change.after.shape for change in found if change.before is None and change.after}
    points = {key: shape.point_on_surface() for key, shape in new.items() if shape is not None}
    heights = [shape.bounds[3] - shape.bounds[1] for shape in new.values() if shape is not None]
    order = reading_order({key: (point.x, point.y) for key, point in points.items()}, heights)
    place = {key: at for at, key in enumerate(order, start=1)}
    return sorted(found, key=lambda change: (place.get(change.key, 0), change.cell.cell_id or 0))


def descents(changes: Sequence[Change]) -> list[Descent]:
    """Where new cells come from, and where vanished cells went, by the ground they share."""
    old = {c.key: c.before.steps for c in changes if c.before is not None}
    kept = {c.key: c.after.steps for c in changes if c.after is not None}
    new = [c.key for c in changes if c.before is None]
    gone = [c.key for c in changes if c.after is None]
    found = {}
    for to_key in new:
        for from_key, part in _parts(kept[to_key], old):
            if part > TELLING * kept[to_key].area:
                kind = "merged" if from_key in gone else "split"
                found[from_key, to_key] = Descent(kind, from_key, to_key)
    for from_key in gone:
        parts = list(_parts(old[from_key], kept))
        most = max((part for _, part in parts), default=0.0)
        for to_key, part in parts:
            if part > TELLING * old[from_key].area or part == most:
                found[from_key, to_key] = Descent("merged", from_key, to_key)
    return [found[pair] for pair in sorted(found)]


def duty_moves(origins: Iterable[Descent], codes: Mapping[str, str]) -> list[DutyMove]:
    """Duties, now or to come, that name a cell with descendants. `codes` of the cells before, by key."""
    by_code: dict[str, list[Descent]] = {}
    for origin in origins:
        by_code.setdefault(codes[origin.from_key], []).append(origin)
    if not by_code:
        return []
    now = timezone.now()
    areas = DutyArea.objects.filter(Q(duty__valid_to=None) | Q(duty__valid_to__gt=now), unit_code__in=by_code)
    return [
        DutyMove(duty_id, origin.kind, origin.from_key, origin.to_key)
        for duty_id, code in areas.order_by("duty_id", "unit_code").values_list("duty_id", "unit_code")
        for origin in by_code[code]
    ]


def fits(changes: Sequence[Change]) -> bool:
    """Whether the changed cells cover the same ground before and after, corner by corner."""
    before = [c.before.steps for c in changes if c.before is not None]
    return not difference(before, [c.after.steps for c in changes if c.after is not None])


def _parts(shape: Polygon, others: Mapping[str, Polygon]) -> Iterable[tuple[str, float]]:
    """(key, area shared) of the others that share ground with a shape."""
    for key, other in others.items():
        if (
            shape.bounds[0] < other.bounds[2]
            and other.bounds[0] < shape.bounds[2]
            and shape.intersects(other)
        ):
            part = shape.intersection(other).area
            if part > 0:
                yield key, part
