"""Street blocks: atoms joined until none is a sliver between two carriageways or an island in a junction."""

import math
from dataclasses import dataclass

import networkx as nx
import shapely
from shapely.geometry.base import BaseGeometry

from geogrid.demo.extract.atoms import Atoms, Segment
from geogrid.demo.extract.linework import EXCLUSIVE_M2, Line
from geogrid.demo.extract.partition import NeighbourGraph

SLIVER_M2 = 2_500
SLIVER_WIDTH_M = 20

COST_PER_M = {
    Line.MAIN: 1.0,
    Line.LOCAL: 1.2,
    Line.PATH: 1.8,
    Line.COAST: 1.0,
    Line.RAIL: 1.2,
    Line.PARK: 1.5,
    Line.NONE: 4.0,
    Line.OUTLINE: 0.0,
}
"""Price of a metre of border: cheap along a main street, dear across a block."""


@dataclass(frozen=True)
class Blocks:
    """Street blocks by number, the number of the first of their atoms."""

    of_atom: dict[int, int]
    graph: NeighbourGraph
    """Neighbours; edges carry `length_m` and `cost` of the common border."""
    areas: dict[int, BaseGeometry]
    """EPSG:3067."""
    wet: frozenset[int]
    """Blocks of open water."""


def neighbours(atoms: Atoms, label: dict[int, int]) -> NeighbourGraph:
    """Graph of the labels: edges carry `length_m` and `cost` of the common border. Atoms without label are
    out."""
    graph: NeighbourGraph = nx.Graph()
    graph.add_nodes_from(sorted(set(label.values())))
    for (a, b), sides in atoms.owners.items():
        labels = sorted({label[atom] for atom in sides if atom in label})
        if len(labels) != 2:
            continue
        pair = labels[0], labels[1]
        length_m = math.dist(a, b)
        edge = graph.edges[pair] if graph.has_edge(*pair) else {"length_m": 0.0, "cost": 0.0}
        cost = length_m * COST_PER_M[atoms.along[_key(a, b)]]
        graph.add_edge(*pair, length_m=edge["length_m"] + length_m, cost=edge["cost"] + cost)
    return graph


def make_blocks(atoms: Atoms) -> Blocks:
    """Join each sliver, the smallest first, to the neighbour that it shares the most border with."""
    label = {atom: atom for atom in range(len(atoms.metres))}
    areas: dict[int, BaseGeometry] = dict(enumerate(atoms.metres))
    while True:
        graph = neighbours(atoms, label)
        wet = frozenset(label[atom] for atom in atoms.sea)
        slivers = {
            block for block in graph if block not in wet and _is_sliver(areas[block], graph.degree(block))
        }
        if not slivers:
            return Blocks(label, graph, areas, wet)
        sliver = min(slivers, key=lambda block: (areas[block].area, block))
        into = _best_neighbour(graph, sliver, slivers, wet)
        label = {atom: into if block == sliver else block for atom, block in label.items()}
        areas[into] = shapely.union_all([areas[into], areas.pop(sliver)])


def _is_sliver(area: BaseGeometry, neighbour_count: int) -> bool:
    """Small, thin, or enclosed by one other block; a block without neighbours has nowhere to go."""
    if neighbour_count == 0:
        return False
    enclosed = neighbour_count == 1 and area.area < 1.5 * EXCLUSIVE_M2
    return area.area < SLIVER_M2 or 2 * area.area / area.length < SLIVER_WIDTH_M or enclosed


def _best_neighbour(graph: NeighbourGraph, sliver: int, slivers: set[int], wet: frozenset[int]) -> int:
    """Land before water, whole blocks before other slivers, then the longest and dearest border."""

    def merit(block: int) -> tuple[bool, bool, float]:
        border = graph.edges[sliver, block]
        return block not in wet, block not in slivers, border["length_m"] + 0.2 * border["cost"]

    best: int = max(sorted(graph[sliver]), key=merit)
    return best


def _key(a: tuple[float, float], b: tuple[float, float]) -> Segment:
    return min(a, b), max(a, b)
