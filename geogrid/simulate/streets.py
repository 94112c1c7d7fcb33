"""Ways through real streets: a round through somebody's cells, and a way out of them. Pure."""

import heapq
import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any, Final

import shapely

from geogrid.simulate.plan import Line
from geogrid.simulate.walking import metres

LONGEST_ROUND_M: Final = 5_000.0
ROUNDS: Final = 1.7  # a round is so much longer than the streets in it: corners are passed twice
OUT_M: Final = 120.0  # so far beyond the cells somebody strays
Node = tuple[float, float]


class Streets:
    """The streets of a city as a graph: their corners are nodes, in degrees to seven places."""

    def __init__(self, lines: Iterable[Sequence[tuple[float, float]]]) -> None:
        self._beside: dict[Node, dict[Node, float]] = defaultdict(dict)
        for line in lines:
            nodes = [(round(place[0], 7), round(place[1], 7)) for place in line]
            for one, other in pairwise(nodes):
                if one != other:
                    self._beside[one][other] = self._beside[other][one] = metres(one, other)
        self._nodes = list(self._beside)
        self._points: Any = shapely.points(self._nodes) if self._nodes else []

    def round_in(self, ground: shapely.Geometry, chance: random.Random) -> Line:
        """A round through the largest net of streets on `ground`, each new street before one walked already.

        Empty when there is no street.
        """
        inside = self._net_inside(ground)
        if not inside:
            return ()
        here = min(inside)
        wanted_m = min(LONGEST_ROUND_M, ROUNDS * sum(sum(inside[node].values()) for node in inside) / 2)
        way, walked_m = [here], 0.0
        visits: dict[tuple[Node, Node], int] = defaultdict(int)
        before: Node | None = None
        while walked_m < wanted_m:
            choices = sorted(inside[here])
            following = min(
                choices,
                key=lambda to: (visits[min(here, to), max(here, to)], to == before, chance.random()),
            )
            visits[min(here, following), max(here, following)] += 1
            walked_m += inside[here][following]
            way.append(following)
            before, here = here, following
        return tuple(way)

    def way_out(self, start: Node, ground: shapely.Geometry) -> Line:
        """The shortest way from a node to one that lies OUT_M beyond `ground`; empty when there is none."""
        near = shapely.buffer(ground, OUT_M / 80_000)  # degrees, roughly: how far does not matter much
        return self._shortest(start, self._on(near))

    def _on(self, ground: shapely.Geometry) -> set[Node]:
        shapely.prepare(ground)
        covered = shapely.covers(ground, self._points)
        return {node for node, is_on in zip(self._nodes, covered, strict=True) if is_on}

    def _net_inside(self, ground: shapely.Geometry) -> dict[Node, dict[Node, float]]:
        """The connected part with most streets, of those with both ends on the ground."""
        left = self._on(ground)
        largest: set[Node] = set()
        while left:
            found: set[Node] = set()
            waiting = [min(left)]
            while waiting:
                node = waiting.pop()
                if node not in found:
                    found.add(node)
                    waiting += [to for to in self._beside[node] if to in left and to not in found]
            left -= found
            largest = max(largest, found, key=len)
        if len(largest) < 2:
            return {}
        return {
            node: {to: length for to, length in self._beside[node].items() if to in largest}
            for node in largest
        }

    def _shortest(self, start: Node, near: set[Node]) -> Line:
        """Dijkstra to the nearest node that is none of these."""
        reached: dict[Node, Node | None] = {}
        waiting: list[tuple[float, Node, Node | None]] = [(0.0, start, None)]
        while waiting:
            so_far, node, came_from = heapq.heappop(waiting)
            if node in reached:
                continue
            reached[node] = came_from
            if node not in near:
                way: list[Node] = []
                step: Node | None = node
                while step is not None:
                    way.append(step)
                    step = reached[step]
                return tuple(reversed(way))
            for to, length in self._beside.get(node, {}).items():
                if to not in reached:
                    heapq.heappush(waiting, (so_far + length, to, node))
        return ()
