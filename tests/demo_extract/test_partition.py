"""Cutting a graph into contiguous parts."""

from random import Random

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geogrid.demo.extract.partition import Wish, partition

pytestmark = pytest.mark.fast


def board(width: int, height: int, cost: float = 10.0) -> "nx.Graph[int]":
    """Squares of a board, numbered by rows; every border between two costs the same."""
    graph: nx.Graph[int] = nx.Graph()
    for square in range(width * height):
        if square % width:
            graph.add_edge(square - 1, square, cost=cost)
        if square >= width:
            graph.add_edge(square - width, square, cost=cost)
    return graph


@given(
    width=st.integers(2, 5),
    height=st.integers(2, 5),
    parts=st.integers(1, 4),
    weights=st.lists(st.integers(0, 9), min_size=25, max_size=25),
)
def test_every_node_is_in_a_contiguous_part(width, height, parts, weights):
    graph = board(width, height)

    part_of = partition(
        graph, dict(zip(graph, map(float, weights), strict=False)), Wish(parts, trials=3), Random(1)
    )

    assert set(part_of) == set(graph)
    assert 1 <= len(set(part_of.values())) <= parts
    for part in set(part_of.values()):
        assert nx.is_connected(graph.subgraph([node for node in graph if part_of[node] == part]))


def test_a_board_is_halved_where_the_border_is_cheap():
    graph = board(4, 2)
    for a, b in ((1, 2), (5, 6)):
        graph.edges[a, b]["cost"] = 1.0

    part_of = partition(graph, dict.fromkeys(graph, 1.0), Wish(2), Random(1))

    assert {part_of[node] for node in (0, 1, 4, 5)} != {part_of[node] for node in (2, 3, 6, 7)}
    assert len({part_of[node] for node in (0, 1, 4, 5)}) == 1


def test_the_same_seed_gives_the_same_parts():
    graph = board(5, 5)
    weights = {node: float(node % 3 + 1) for node in graph}

    first, second = (partition(graph, weights, Wish(4), Random(7)) for _ in range(2))

    assert first == second


def test_a_graph_smaller_than_the_parts_wanted_is_cut_as_far_as_it_goes():
    graph = board(2, 1)

    part_of = partition(graph, {0: 1.0, 1: 1.0}, Wish(2), Random(1))

    assert len(set(part_of.values())) == 2
