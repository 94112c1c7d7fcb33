"""The walking network and how far people on it can come (十分钟到达). Pure rules on arrays.

Streets meet where they share a corner, as their source draws them: a bridge over a street does not meet it.
Lengths are metres on the ellipsoid (WGS 84). Every piece is at most 25 m long, so that nearly each lies in
one cell; of a piece that is reached in part, the metres that are reached count.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Geod

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

LONGEST_PIECE_M = 25.0
_SAME_CORNER = 1e-7  # degrees, about a centimetre: nearer corners are one
_SHORTEST_M = 1e-6
_FROM_ZERO = np.array([1_800_000_000, 900_000_000])  # 180° and 90° in steps
_ROW = 1_800_000_001  # one more than a latitude can be
_GEOD = Geod(ellps="WGS84")
# Kinds of ways on which nobody walks (OpenStreetMap's words); everything else is walked.
NOT_WALKED = frozenset(
    {
        "motorway", "motorway_link", "trunk", "trunk_link", "raceway", "construction", "proposed",
        "rail", "light_rail", "tram", "subway", "narrow_gauge", "monorail", "funicular", "disused",
        "preserved", "abandoned",
    }
)  # fmt: skip


@dataclass(frozen=True)
class Network:
    """Corners (longitude, latitude) and the pieces between them: index of both ends, and metres."""

    corners: Floats
    start: Ints
    end: Ints
    length_m: Floats

    @classmethod
    def of(cls, lines: Sequence[shapely.LineString | shapely.MultiLineString]) -> "Network":
        """Made of the centre lines of streets, in degrees. Pieces that two streets share stand there once."""
        parts = (
            shapely.get_parts(np.asarray(lines, dtype=object)) if len(lines) else np.array([], dtype=object)
        )
        places, part = shapely.get_coordinates(parts, return_index=True)
        if len(places) == 0:
            none = np.array([], dtype=np.int64)
            return cls(np.empty((0, 2)), none, none, np.array([], dtype=float))
        # Both numbers of a place in one: sorting single numbers is ten times quicker than sorting rows.
        steps = np.round(places / _SAME_CORNER).astype(np.int64) + _FROM_ZERO
        keys, corner = np.unique(steps[:, 0] * _ROW + steps[:, 1], return_inverse=True)
        corners = np.asarray(
            (np.stack([keys // _ROW, keys % _ROW], axis=1) - _FROM_ZERO) * _SAME_CORNER, dtype=np.float64
        )
        follows = part[1:] == part[:-1]
        ends = np.stack([corner[:-1][follows], corner[1:][follows]], axis=1)
        ends = np.sort(ends[ends[:, 0] != ends[:, 1]], axis=1)
        both = np.unique(ends[:, 0] * len(keys) + ends[:, 1])
        ends = np.stack([both // len(keys), both % len(keys)], axis=1)
        return cls._in_pieces(corners, ends)

    @classmethod
    def _in_pieces(cls, corners: Floats, ends: Ints) -> "Network":
        a, b = corners[ends[:, 0]], corners[ends[:, 1]]
        length_m = _metres(a, b)
        pieces = np.maximum(1, np.ceil(length_m / LONGEST_PIECE_M)).astype(np.int64)
        new = pieces - 1
        owner = np.repeat(np.arange(len(ends)), new)
        nth = np.arange(new.sum()) - np.repeat(np.cumsum(new) - new, new) + 1
        part = (nth / pieces[owner])[:, None]
        between = a[owner] + part * (b[owner] - a[owner])
        first_new = len(corners) + np.cumsum(new) - new
        of = np.repeat(np.arange(len(ends)), pieces)
        n = np.arange(pieces.sum()) - np.repeat(np.cumsum(pieces) - pieces, pieces)
        start = np.where(n == 0, ends[of, 0], first_new[of] + n - 1)
        end = np.where(n == pieces[of] - 1, ends[of, 1], first_new[of] + n)
        return cls(np.vstack([corners, between]), start, end, np.repeat(length_m / pieces, pieces))

    def __len__(self) -> int:
        return len(self.start)

    @cached_property
    def _flat(self) -> tuple[float, shapely.STRtree]:
        """Pieces in degrees whose east is as long as their north, so that the nearest is the nearest."""
        shrink = float(np.cos(np.radians(self.corners[:, 1].mean())))
        scale = np.array([shrink, 1.0])
        both = np.stack([self.corners[self.start] * scale, self.corners[self.end] * scale], axis=1)
        return shrink, shapely.STRtree(np.asarray(shapely.linestrings(both), dtype=object))

    def nearest(self, places: Floats) -> "Feet":
        """Where on the network each of some places (n x 2, degrees) is nearest to it."""
        shrink, tree = self._flat
        scale = np.array([shrink, 1.0])
        piece = np.asarray(tree.nearest(shapely.points(places * scale)), dtype=np.int64)
        a, b, here = self.corners[self.start[piece]], self.corners[self.end[piece]], places
        along = (b - a) * scale
        squared = np.maximum((along**2).sum(axis=1), 1e-30)
        part = np.clip((((here - a) * scale) * along).sum(axis=1) / squared, 0, 1)
        foot = a + part[:, None] * (b - a)
        return Feet(piece, part * self.length_m[piece], _metres(here, foot))

    def middles(self) -> Floats:
        """The middle of each piece, degrees."""
        return (self.corners[self.start] + self.corners[self.end]) / 2


@dataclass(frozen=True)
class Feet:
    """Places on pieces: which piece, metres from its start, and metres away from the place that was asked."""

    piece: Ints
    from_start_m: Floats
    away_m: Floats


@dataclass(frozen=True)
class Reach:
    """How far everything is from the nearest person, in metres on foot, up to `budget_m`."""

    network: Network
    people: Feet
    budget_m: float
    corner_m: Floats

    def metres(self) -> tuple[Floats, Floats]:
        """Of each piece the metres reached from its start, and from its end; together at most all."""
        length = self.network.length_m
        left = np.clip(self.budget_m - self.corner_m[self.network.start], 0, length)
        right = np.clip(self.budget_m - self.corner_m[self.network.end], 0, length)
        return left, np.minimum(right, length - left)

    @cached_property
    def gaps(self) -> Floats:
        """What is not reached, a row each: piece, from, to in metres from its start."""
        left, right = self.metres()
        length = self.network.length_m
        is_open = left + right < length - _SHORTEST_M
        # Who stands in the middle of a piece may reach some of it and neither of its ends.
        cut: dict[int, list[tuple[float, float]]] = {}
        feet = zip(self.people.piece, self.people.from_start_m, self.people.away_m, strict=True)
        for piece, at, away in feet:
            rest = self.budget_m - away
            if rest > 0 and is_open[piece]:
                whole = [(float(left[piece]), float(length[piece] - right[piece]))]
                cut[int(piece)] = _without(cut.get(int(piece), whole), float(at - rest), float(at + rest))
        is_open[list(cut)] = False
        pieces = np.flatnonzero(is_open)
        found = np.stack([pieces, left[pieces], length[pieces] - right[pieces]], axis=1)
        special = [(piece, a, b) for piece, open_ones in cut.items() for a, b in open_ones]
        return np.vstack([found, np.array(special, dtype=float).reshape(-1, 3)])

    def reached_m(self) -> Floats:
        """Metres of each piece that are reached."""
        gaps = self.gaps
        missing = np.bincount(gaps[:, 0].astype(np.int64), gaps[:, 2] - gaps[:, 1], len(self.network))
        return np.asarray(self.network.length_m - missing, dtype=np.float64)

    def at(self, feet: Feet) -> NDArray[np.bool_]:
        """Which places on the network are reached. How far a house lies off its street does not count."""
        network = self.network
        from_start = self.corner_m[network.start[feet.piece]] + feet.from_start_m
        from_end = self.corner_m[network.end[feet.piece]] + network.length_m[feet.piece] - feet.from_start_m
        nearest = np.minimum(from_start, from_end)
        for piece, at, away in zip(
            self.people.piece, self.people.from_start_m, self.people.away_m, strict=True
        ):
            same = feet.piece == piece
            nearest[same] = np.minimum(nearest[same], away + np.abs(feet.from_start_m[same] - at))
        return np.asarray(nearest <= self.budget_m)


def reach(network: Network, people: Floats, budget_m: float) -> Reach:
    """How far people (n x 2, degrees) come within so many metres, from the nearest point of the network.

    The way to the network counts, straight. Dijkstra from all at once: one more corner, from which an edge
    leads to both ends of each person's piece.
    """
    corner_m = np.full(len(network.corners), np.inf)
    if len(people) == 0 or len(network) == 0:
        none = np.array([], dtype=np.int64)
        return Reach(network, Feet(none, np.array([]), np.array([])), budget_m, corner_m)
    feet = network.nearest(people)
    origin = len(network.corners)
    to = np.concatenate([network.start[feet.piece], network.end[feet.piece]])
    far = np.concatenate(
        [feet.away_m + feet.from_start_m, feet.away_m + network.length_m[feet.piece] - feet.from_start_m]
    )
    # Entries of the same corner would be added up.
    nearest = np.full(origin, np.inf)
    np.minimum.at(nearest, to, far)
    used = np.flatnonzero(np.isfinite(nearest))
    rows = np.concatenate([network.start, network.end, np.full(len(used), origin)])
    columns = np.concatenate([network.end, network.start, used])
    weights = np.concatenate([network.length_m, network.length_m, nearest[used]])
    # Here: every worker of jobs loads this file, few ever come to this line, and these take 20 MB.
    from scipy.sparse import csr_matrix
    from scipy.sparse.csgraph import dijkstra

    graph = csr_matrix((np.maximum(weights, _SHORTEST_M), (rows, columns)), shape=(origin + 1, origin + 1))
    found = dijkstra(graph, directed=True, indices=origin, limit=budget_m)
    return Reach(network, feet, budget_m, found[:origin])


def _without(open_ones: list[tuple[float, float]], low: float, high: float) -> list[tuple[float, float]]:
    left = [(a, min(b, low)) for a, b in open_ones] + [(max(a, high), b) for a, b in open_ones]
    return [(a, b) for a, b in left if b - a > _SHORTEST_M]


def _metres(a: Floats, b: Floats) -> Floats:
    _, _, far = _GEOD.inv(a[:, 0], a[:, 1], b[:, 0], b[:, 1])
    return np.asarray(far, dtype=float)
