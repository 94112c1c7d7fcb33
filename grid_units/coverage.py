"""Cells as a seamless coverage, in plain Shapely: check a file's outlines, heal small faults, generalise.

Outlines are in degrees (WGS 84). Widths are metres, tolerances too: healing works on a flat local copy.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from shapely import Polygon

GRID_STEP_DEG = 2.0**-27  # the same as geogrid.core.geo.GRID_STEP_DEG and core.grid_step() in the database
METRES_PER_DEGREE = 111_320.0
SMALLEST_CELL_M2 = 1.0

Outlines = npt.NDArray[np.object_]


class FaultKind(StrEnum):
    """What can be wrong between or with outlines."""

    INVALID = "invalid"
    GAP = "gap"
    OVERLAP = "overlap"
    CORNERS = "corners"  # a border whose two sides do not have the same corners


@dataclass(frozen=True)
class Fault:
    """One thing wrong, with the names of the outlines concerned and the place as an outline in degrees."""

    kind: FaultKind
    names: tuple[str, ...]
    outline: Any
    area_m2: float
    width_m: float

    def __str__(self) -> str:
        place = self.outline.representative_point()
        size = f"{self.area_m2:.1f} m2, {self.width_m:.2f} m wide" if self.area_m2 else "no area"
        return f"{self.kind} at {' and '.join(self.names)}: {size}, near {place.x:.6f} {place.y:.6f}"


@dataclass(frozen=True)
class Healed:
    """A coverage put right. `moved` names the outlines that changed; `faults` are too large to heal."""

    outlines: dict[str, Polygon]
    moved: tuple[str, ...]
    faults: tuple[Fault, ...]


class Flat:
    """Degrees to local metres and back, about one place. Good to a millimetre over a city."""

    def __init__(self, outlines: Sequence[Any] | Outlines) -> None:
        west, south, east, north = shapely.total_bounds(np.asarray(outlines, dtype=object))
        self._origin = np.array([(west + east) / 2, (south + north) / 2])
        self._scale = METRES_PER_DEGREE * np.array([math.cos(math.radians(self._origin[1])), 1.0])

    def metres(self, shape: Any) -> Any:
        return shapely.transform(shape, lambda c: (c - self._origin) * self._scale)

    def degrees(self, shape: Any) -> Any:
        return shapely.transform(shape, lambda c: c / self._scale + self._origin)


def on_grid(shape: Any) -> Any:
    """The shape with every corner moved to the nearest point of the grid."""
    return shapely.transform(shape, lambda c: np.round(c / GRID_STEP_DEG) * GRID_STEP_DEG)


def check(outlines: Mapping[str, Polygon], *, holes_are_meant: bool = False) -> list[Fault]:
    """Everything wrong with a set of outlines; empty when they are one seamless coverage.

    Ground without a cell that cells enclose is a gap, unless `holes_are_meant` (a lake, another city).
    """
    if not outlines:
        return []
    names, shapes = list(outlines), np.array(list(outlines.values()), dtype=object)
    flat = Flat(shapes)
    faults = _invalid(names, shapes, flat)
    if faults:
        return faults  # nothing else can be said about outlines that cross themselves
    faults = _overlaps(names, shapes, flat)
    if not holes_are_meant:
        faults += _gaps(names, shapes, flat)
    if not faults:
        faults = _unequal_corners(names, shapes)
    return faults


def heal(
    outlines: Mapping[str, Polygon], *, tolerance_m: float = 0.5, holes_are_meant: bool = False
) -> Healed:
    """Close gaps and overlaps up to `tolerance_m` wide, give both sides of every border the same corners.

    Outlines that are seamless on the grid come back as they are. Wider faults are not touched but listed:
    the caller refuses the file.
    """
    if not outlines:
        return Healed({}, (), ())
    names = list(outlines)
    given = np.array([on_grid(shape) for shape in outlines.values()], dtype=object)
    flat = Flat(given)
    faults = _invalid(names, given, flat)
    if faults:
        return Healed(dict(outlines), (), tuple(faults))
    wide = _overlaps(names, given, flat, wider_than_m=tolerance_m)
    if not holes_are_meant:
        wide += _gaps(names, given, flat, wider_than_m=tolerance_m)
    if wide:
        return Healed(dict(outlines), (), tuple(wide))

    shapes = given
    thin = any(_is_thin(flat.metres(hole), tolerance_m) for hole in _holes(shapes))
    if not _is_seamless(shapes) or thin or _has_slit(flat.metres(shapes), tolerance_m):
        shapes = _cleaned(shapes, flat, tolerance_m)
    healed = dict(zip(names, shapes, strict=True))
    left = _invalid(names, shapes, flat) or (
        [] if _is_seamless(shapes) else check(healed, holes_are_meant=True)
    )
    moved = tuple(
        name
        for name, before, after in zip(names, given, shapes, strict=True)
        if before.normalize() != after.normalize()
    )
    return Healed(healed, moved, tuple(left))


def bands(outlines: Mapping[str, Polygon], tolerances_m: Sequence[float]) -> dict[float, dict[str, Any]]:
    """Generalised copies that stay seamless, one set per tolerance in metres, for small scales."""
    names, shapes = list(outlines), np.array(list(outlines.values()), dtype=object)
    flat = Flat(shapes)
    metres = flat.metres(shapes)
    simpler: dict[float, dict[str, Any]] = {}
    for tolerance in tolerances_m:
        drawn = flat.degrees(shapely.coverage_simplify(metres, tolerance))
        simpler[tolerance] = dict(zip(names, drawn, strict=True))
    return simpler


def _is_seamless(shapes: Outlines) -> bool:
    return bool(shapely.is_valid(shapes).all()) and bool(shapely.coverage_is_valid(shapes))


def _cleaned(shapes: Outlines, flat: Flat, tolerance_m: float) -> Outlines:
    """Cleaned and back on the grid. Rounding can fold a thin corner again, so it is looked at once more."""
    for snap_m in (tolerance_m, tolerance_m / 4, 0.01, 0.005):
        snap = min(snap_m, tolerance_m)
        cleaned = shapely.coverage_clean(  # type: ignore[attr-defined]  # newer than the stubs
            flat.metres(shapes), gap_width=tolerance_m, snapping_distance=snap
        )
        rounded = on_grid(flat.degrees(cleaned))
        if _is_seamless(rounded) and all(isinstance(shape, Polygon) for shape in rounded):
            return np.asarray(rounded, dtype=object)
    return np.asarray(rounded, dtype=object)


def _width_m(shape: Any) -> float:
    """Diameter of the largest disc inside, in metres; the shape is in metres."""
    if shape.is_empty or shape.area == 0:
        return 0.0
    precision = max(0.01, math.sqrt(shape.area) / 1000)
    return float(2 * shapely.maximum_inscribed_circle(shape, tolerance=precision).length)


def _invalid(names: Sequence[str], shapes: Outlines, flat: Flat) -> list[Fault]:
    faults = []
    for name, shape in zip(names, shapes, strict=True):
        if not isinstance(shape, Polygon) or not shape.is_valid or flat.metres(shape).area < SMALLEST_CELL_M2:
            faults.append(Fault(FaultKind.INVALID, (name,), shape, float(flat.metres(shape).area), 0.0))
    return faults


def _polygons(shape: Any) -> list[Polygon]:
    return [part for part in shapely.get_parts(shape) if isinstance(part, Polygon) and part.area > 0]


def _is_thin(metres: Any, width_m: float) -> bool:
    """Whether no disc of this diameter fits inside. Cheaper than the width itself."""
    return width_m > 0 and bool(metres.buffer(-width_m / 2).is_empty)


def _overlaps(
    names: Sequence[str], shapes: Outlines, flat: Flat, *, wider_than_m: float = 0.0
) -> list[Fault]:
    first, second = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    pairs = [(a, b) for a, b in zip(first.tolist(), second.tolist(), strict=True) if a < b]
    return [
        _fault(FaultKind.OVERLAP, (names[a], names[b]), part, flat)
        for a, b in pairs
        for part in _polygons(shapely.intersection(shapes[a], shapes[b]))
        if not _is_thin(flat.metres(part), wider_than_m)
    ]


def _has_slit(metres: Outlines, tolerance_m: float) -> bool:
    """Whether two outlines run beside each other up to `tolerance_m` apart, the gap being open at an end."""
    if tolerance_m <= 0:
        return False
    union = shapely.union_all(metres)
    closed = union.buffer(tolerance_m / 2, join_style="mitre").buffer(-tolerance_m / 2, join_style="mitre")
    # The closing also fills the tips of sharp corners: they are shorter.
    return any(part.length > 20 * tolerance_m for part in _polygons(shapely.difference(closed, union)))


def _holes(shapes: Outlines) -> list[Polygon]:
    """Ground without an outline that outlines enclose."""
    return [Polygon(ring) for part in _polygons(shapely.union_all(shapes)) for ring in part.interiors]


def _gaps(names: Sequence[str], shapes: Outlines, flat: Flat, *, wider_than_m: float = 0.0) -> list[Fault]:
    tree = shapely.STRtree(shapes)
    faults = []
    for hole in _holes(shapes):
        if not _is_thin(flat.metres(hole), wider_than_m):
            beside = sorted(names[i] for i in tree.query(hole, predicate="intersects").tolist())
            faults.append(_fault(FaultKind.GAP, tuple(beside), hole, flat))
    return faults


def _fault(kind: FaultKind, names: tuple[str, ...], outline: Polygon, flat: Flat) -> Fault:
    metres = flat.metres(outline)
    return Fault(kind, names, outline, float(metres.area), _width_m(metres))


def _unequal_corners(names: Sequence[str], shapes: Outlines) -> list[Fault]:
    edges = shapely.coverage_invalid_edges(shapes)
    return [
        Fault(FaultKind.CORNERS, (name,), edge, 0.0, 0.0)
        for name, edge in zip(names, edges, strict=True)
        if not edge.is_empty
    ]
