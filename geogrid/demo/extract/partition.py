"""Cutting a graph of neighbours into contiguous parts of about equal weight with cheap borders."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from random import Random
from typing import TypeAlias

import networkx as nx

NeighbourGraph: TypeAlias = "nx.Graph[int]"
"""Numbered areas that border on each other; edges carry `cost`, the price of a border there."""

MISSING_WEIGHT_COST = 50.0
"""Metres of border that one unit of weight below the lower bound, or above the upper one, is worth."""
WORST_IMBALANCE = 0.6
ROUNDS_OF_MOVES = 20


@dataclass(frozen=True)
class Wish:
    """How the parts should be."""

    parts: int
    least: float = 0.0
    most: float = float("inf")
    evenness: float = 900.0
    """Metres of border that a part twice as heavy as the mean is worth."""
    trials: int = 80
    """Random spanning trees tried for each cut."""


def partition(graph: NeighbourGraph, weights: dict[int, float], wish: Wish, rng: Random) -> dict[int, int]:
    """Number of the part of every node. `graph` is connected; its edges carry `cost`, the price of a border
    there.

    Cuts in two, again and again, each time along the best edge of some random spanning trees; then single
    nodes change sides while that helps. Equal arguments and seed give equal parts.
    """
    parts = list(_cut(graph, weights, sorted(graph.nodes), wish.parts, wish, rng))
    return _improve(graph, weights, parts, wish)


def _cut(
    graph: NeighbourGraph, weights: dict[int, float], nodes: list[int], count: int, wish: Wish, rng: Random
) -> Iterator[set[int]]:
    best = _best_cut(graph, weights, nodes, count, wish, rng) if count > 1 else None
    if best is None:
        yield set(nodes)
        return
    part, count_of_part = best
    yield from _cut(graph, weights, part, count_of_part, wish, rng)
    yield from _cut(graph, weights, sorted(set(nodes) - set(part)), count - count_of_part, wish, rng)


def _best_cut(
    graph: NeighbourGraph, weights: dict[int, float], nodes: list[int], count: int, wish: Wish, rng: Random
) -> tuple[list[int], int] | None:
    """The nodes of one side and how many parts it is to become; None when no cut is even enough."""
    inside = graph.subgraph(nodes)
    total = sum(weights[node] for node in nodes)
    best: tuple[float, list[int], int] | None = None
    for _ in range(wish.trials):
        for part in _branches(inside, min(nodes), rng):
            weight = sum(weights[node] for node in part)
            for share in {count // 2, count - count // 2}:
                off = _imbalance(weight, share, total, count)
                if off >= WORST_IMBALANCE:
                    continue
                border = sum(graph.edges[a, b]["cost"] for a in part for b in inside[a] if b not in part)
                missing = max(0.0, share * wish.least - weight)
                missing += max(0.0, (count - share) * wish.least - (total - weight))
                price = border + wish.evenness * off * count / 2 + MISSING_WEIGHT_COST * missing
                if best is None or (price, sorted(part)) < (best[0], best[1]):
                    best = (price, sorted(part), share)
    return best and (best[1], best[2])


def _branches(graph: NeighbourGraph, root: int, rng: Random) -> Iterator[set[int]]:
    """Every branch of one random spanning tree. Cheap borders are likelier to be left out of the tree."""
    for a, b in graph.edges:
        graph.edges[a, b]["draw"] = rng.random() - 0.3 * min(1.0, graph.edges[a, b]["cost"] / 300)
    tree = nx.minimum_spanning_tree(graph, "draw")
    below = {node: {node} for node in graph}
    order = list(nx.dfs_edges(tree, root))
    for parent, child in reversed(order):
        below[parent] |= below[child]
    for _, child in order:
        yield below[child]


def _imbalance(weight: float, share: int, total: float, count: int) -> float:
    """How far the two sides are from their fair shares, as a fraction; total 0 is in balance."""
    if total == 0:
        return 0.0
    return max(
        abs(weight * count / (share * total) - 1),
        abs((total - weight) * count / ((count - share) * total) - 1),
    )


def _improve(
    graph: NeighbourGraph, weights: dict[int, float], parts: list[set[int]], wish: Wish
) -> dict[int, int]:
    """Move single nodes to a neighbouring part where border and balance gain by it."""
    part_of = {node: number for number, part in enumerate(parts) for node in part}
    heavy = [sum(weights[node] for node in part) for part in parts]
    mean = sum(heavy) / len(heavy)

    def pain(weight: float) -> float:
        outside = max(0.0, wish.least - weight) + max(0.0, weight - wish.most)
        uneven = (weight / mean - 1) ** 2 if mean else 0.0
        return wish.evenness * uneven + MISSING_WEIGHT_COST * outside

    def gain(node: int, old: int, new: int) -> float:
        border: float = sum(
            graph.edges[node, other]["cost"] * ((part_of[other] == new) - (part_of[other] == old))
            for other in graph[node]
        )
        before = pain(heavy[old]) + pain(heavy[new])
        return border + before - pain(heavy[old] - weights[node]) - pain(heavy[new] + weights[node])

    for _ in range(ROUNDS_OF_MOVES):
        moved = False
        for node in sorted(graph.nodes):
            for new in _neighbouring_parts(part_of, graph[node], part_of[node]):
                old = part_of[node]
                if new == old or len(parts[old]) == 1 or gain(node, old, new) <= 1e-3:
                    continue
                if not nx.is_connected(graph.subgraph(parts[old] - {node})):
                    continue
                parts[old].remove(node)
                parts[new].add(node)
                heavy[old] -= weights[node]
                heavy[new] += weights[node]
                part_of[node] = new
                moved = True
        if not moved:
            break
    return part_of


def _neighbouring_parts(part_of: dict[int, int], neighbours: Iterable[int], own: int) -> list[int]:
    return sorted({part_of[other] for other in neighbours} - {own})
