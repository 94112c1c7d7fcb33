"""Outlines in whole grid steps, and the exact test that a set of changed cells stays seamless.

A corner is a pair of whole numbers of 2^-27 degree, so nothing here rounds. An outline is a list of rings
without the closing corner, the outer one first. The test is the guard's own (0002_3_guard.sql): the directed
border segments of the changed cells, summed up, are the same before and after. Then the ground they cover is
the same, nothing of it twice, and every corner stands on both sides of a border.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import shapely
from shapely import MultiLineString, Polygon
from shapely.geometry.base import BaseGeometry

GRID = 27
STEPS = 2.0**GRID
METRES_PER_STEP = 111_320 / STEPS  # along a meridian: for words and thresholds only
LEAST_M2 = 1.0

Corner = tuple[int, int]
Rings = Sequence[Sequence[Corner]]
Segment = tuple[Corner, Corner]
Net = dict[Segment, int]


class Crooked(ValueError):
    """An outline that is none. `place` is a corner near the fault, in steps."""

    def __init__(self, message: str, place: Corner | None = None) -> None:
        super().__init__(message)
        self.place = place


@dataclass(frozen=True)
class Fault:
    """Where changed cells would not be seamless: how, how much, and a point inside, in steps."""

    kind: str  # gap, overlap, outside, corner
    area_m2: float
    place: Corner


def polygon_of(rings: Rings) -> Polygon:
    """The outline in steps, outer ring counter-clockwise.

    Raises:
        Crooked: fewer than three corners, a border that crosses itself, or less than one square metre.
    """
    if not rings or any(len(ring) < 3 for ring in rings):
        raise Crooked("An outline has at least three corners.", rings[0][0] if rings and rings[0] else None)
    shape = shapely.orient_polygons(Polygon(rings[0], list(rings[1:])))
    if not shape.is_valid:
        raise Crooked(f"The border is not right: {shapely.is_valid_reason(shape)}", tuple(rings[0][0]))  # type: ignore[arg-type]
    if area_m2(shape) < LEAST_M2:
        raise Crooked("The cell would be smaller than 1 m2.", tuple(rings[0][0]))  # type: ignore[arg-type]
    return shape


def area_m2(shape: BaseGeometry) -> float:
    """Square metres of a shape in steps, on a sphere: for thresholds and words only."""
    if shape.is_empty:
        return 0.0
    return float(shape.area * METRES_PER_STEP**2 * np.cos(np.radians(shape.bounds[1] / STEPS)))


def in_degrees(shape: BaseGeometry) -> Any:
    """The same shape in degrees: the same bits everywhere, since the step is a power of two."""
    return shapely.transform(shape, lambda corners: corners / STEPS)


def in_steps(shape: BaseGeometry) -> Any:
    """A stored outline (degrees, on the grid) in steps."""
    return shapely.transform(shape, lambda corners: np.rint(corners * STEPS))


def rings_of(shape: Polygon) -> list[list[list[int]]]:
    """Rings of an outline in degrees as whole steps, without the closing corner, the outer one first."""
    oriented = shapely.orient_polygons(shape)
    return [
        np.rint(shapely.get_coordinates(ring)[:-1] * STEPS).astype(np.int64).tolist()
        for ring in (oriented.exterior, *oriented.interiors)
    ]


def add_net(net: Net, shape: Polygon, sign: int) -> None:
    """Add the directed border segments of a shape in steps to a sum; those that cancel disappear."""
    oriented = shapely.orient_polygons(shape)
    for ring in (oriented.exterior, *oriented.interiors):
        corners = [(int(x), int(y)) for x, y in ring.coords]
        for start, end in pairwise(corners):
            segment, direction = ((start, end), sign) if start < end else ((end, start), -sign)
            total = net.get(segment, 0) + direction
            if total:
                net[segment] = total
            else:
                del net[segment]


def difference(before: Iterable[Polygon], after: Iterable[Polygon]) -> Net:
    """Net segments after less those before: empty when the changed cells cover the same ground seamlessly."""
    net: Net = {}
    for shape in before:
        add_net(net, shape, -1)
    for shape in after:
        add_net(net, shape, 1)
    return net


def fault_of(before: Sequence[Polygon], after: Sequence[Polygon], net: Net) -> Fault:
    """The largest fault of changed cells whose nets differ."""
    covered, covers = shapely.union_all(before), shapely.union_all(after)
    twice = _twice(after)
    found = [
        Fault(kind, area_m2(part), _inside(part))
        for kind, shape in (("overlap", twice), ("gap", covered - covers), ("outside", covers - covered))
        for part in shapely.get_parts(shape)
        if part.geom_type == "Polygon" and part.area > 0
    ]
    if found:
        return max(found, key=lambda fault: fault.area_m2)
    return Fault("corner", 0.0, next(iter(net))[0])


def is_hair(net: Net) -> bool:
    """Whether what lies between the borders before and after is thinner than two steps (under 2 mm).

    So it is where a corner was set on the outer border: rounded to the grid it bends the border by a hair.
    """
    lines = shapely.unary_union(MultiLineString(list(net)), grid_size=1)
    faces = shapely.get_parts(shapely.polygonize([lines]))
    return all(face.area / face.length < 2 for face in faces)


def shared(net: Net, others: Iterable[Polygon]) -> Corner | None:
    """A corner of a changed segment that one of the other cells has too; None when none has."""
    theirs: Net = {}
    for shape in others:
        add_net(theirs, shape, 1)
    return next((segment[0] for segment in net if segment in theirs), None)


def merged(base: Polygon, theirs: Polygon, mine: Polygon) -> Polygon | None:
    """What two people made of one outline, put together; None when both moved the same stretch of border.

    Border segments that I took away or added are taken from or added to theirs.
    """
    net: Net = {}
    for shape, sign in ((theirs, 1), (mine, 1), (base, -1)):
        add_net(net, shape, sign)
    if not net or any(abs(total) != 1 for total in net.values()):
        return None
    joined = shapely.build_area(MultiLineString(list(net)))
    if not isinstance(joined, Polygon) or not joined.is_valid:
        return None
    return joined if difference([], [joined]) == net else None


def clusters(changes: Mapping[str, tuple[Polygon | None, Polygon | None]]) -> list[set[str]]:
    """Changes (outline before and after, by key) in the smallest groups that are seamless by themselves.

    Two changed cells belong together when they changed the same segment.
    """
    touched: dict[Segment, list[str]] = defaultdict(list)
    for key, (before, after) in changes.items():
        net: Net = {}
        if before is not None:
            add_net(net, before, -1)
        if after is not None:
            add_net(net, after, 1)
        for segment in net:
            touched[segment].append(key)
    group = {key: {key} for key in changes}
    for keys in touched.values():
        for other in keys[1:]:
            if group[other] is not group[keys[0]]:
                joined = group[keys[0]] | group[other]
                for key in joined:
                    group[key] = joined
    return list({id(keys): keys for keys in group.values()}.values())


def _twice(shapes: Sequence[Polygon]) -> BaseGeometry:
    if not shapes:
        return Polygon()
    tree = shapely.STRtree(list(shapes))
    left, right = tree.query(list(shapes), predicate="intersects")
    pairs = [(a, b) for a, b in zip(left, right, strict=True) if a < b]
    if not pairs:
        return Polygon()
    shared = [shapely.intersection(shapes[a], shapes[b]) for a, b in pairs]
    return shapely.union_all([part for shape in shared for part in shapely.get_parts(shape) if part.area > 0])


def _inside(shape: Polygon) -> Corner:
    point = shape.representative_point()
    return round(point.x), round(point.y)
