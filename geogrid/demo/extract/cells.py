"""Cells of the demo city from street blocks: homes balanced by households, the rest exclusive by their
use."""

from collections import defaultdict
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from random import Random

import geopandas as gpd
import networkx as nx
import pandas as pd
import shapely

from geogrid.demo.extract import households, shapefiles
from geogrid.demo.extract.atoms import Atoms
from geogrid.demo.extract.blocks import Blocks, make_blocks, neighbours
from geogrid.demo.extract.households import METRES
from geogrid.demo.extract.linework import EXCLUSIVE_M2, Linework
from geogrid.demo.extract.numbering import number_cells
from geogrid.demo.extract.osm import CRS
from geogrid.demo.extract.partition import Wish, partition

SEED = 7
LEAST_HOUSEHOLDS, MOST_HOUSEHOLDS, HOUSEHOLDS_WANTED = 100, 600, 190
WORK_M2 = 50_000
"""Ground of one cell of work places."""
WORK_HOUSEHOLDS_PER_HA = 20
"""A block with fewer households to the hectare is a place of work."""


class Use(StrEnum):
    """What a cell is for. All but HOMES are exclusive cells (专属网格), cut in this order."""

    HOMES = "homes"  # 居住
    WORK = "work"  # 办公商业
    WATER = "water"  # 水域
    PARK = "park"  # 公园
    RAIL = "rail"  # 铁路


@dataclass(frozen=True)
class Ground:
    """What the cells are cut from."""

    atoms: Atoms
    blocks: Blocks
    by_atom: pd.DataFrame
    """`floor_m2` and `househ` of each atom."""
    households: dict[int, float]
    """Of each block."""

    def groups(self, use: dict[int, Use | None], wanted: Use) -> list[list[int]]:
        """Contiguous blocks of one use."""
        graph = self.blocks.graph.subgraph([block for block in self.blocks.graph if use[block] == wanted])
        return sorted(sorted(group) for group in nx.connected_components(graph))

    def area_m2(self, group: list[int]) -> float:
        """Ground of some blocks."""
        return float(sum(self.blocks.areas[block].area for block in group))

    def households_in(self, group: list[int]) -> float:
        """Households of some blocks."""
        return sum(self.households[block] for block in group)


def make_cells(folder: Path, linework: Linework, atoms: Atoms) -> gpd.GeoDataFrame:
    """Cells out of atoms, with the households of the shapefiles in `folder`, in the order of their codes.

    Columns: `code` (15 digits), `use`, `households`, `floor_m2`, `area_m2`, `geometry` (EPSG:4326 polygons,
    every coordinate a multiple of the grid step: a coverage without gap or overlap). Equal input gives equal
    cells.
    """
    rng = Random(SEED)
    buildings, landuse = shapefiles.read(folder, "buildings"), shapefiles.read(folder, "landuse")
    by_atom = households.by_area(households.estimate(buildings, landuse), atoms.metres)
    blocks = make_blocks(atoms)
    of_block = dict.fromkeys(blocks.graph, 0.0)
    for atom, block in blocks.of_atom.items():
        of_block[block] += float(by_atom["househ"][atom])
    ground = Ground(atoms, blocks, by_atom, of_block)

    use = _uses(ground, linework)
    cell_of_atom, use_of_cell = _cut(ground, use, rng)
    cells = _as_areas(ground, cell_of_atom)
    cells["use"] = [use_of_cell[cell].value for cell in cells.index]
    cells["code"] = number_cells(cells, neighbours(atoms, cell_of_atom), rng)
    columns = ["code", "use", "households", "floor_m2", "area_m2", "geometry"]
    return cells[columns].sort_values("code", ignore_index=True)


def _uses(ground: Ground, linework: Linework) -> dict[int, Use | None]:
    """Use of each block; None is open sea cut off by the extract, in no cell."""
    use = {block: _use_of_block(ground, block, linework) for block in ground.blocks.graph}
    for small in (Use.WATER, Use.PARK, Use.RAIL, Use.WORK):
        for group in ground.groups(use, small):
            if ground.area_m2(group) < EXCLUSIVE_M2:
                use |= dict.fromkeys(group, None if small == Use.WATER else Use.HOMES)
    for group in ground.groups(use, Use.HOMES):
        if ground.households_in(group) < LEAST_HOUSEHOLDS:
            use |= dict.fromkeys(group, Use.WORK)
    return use


def _use_of_block(ground: Ground, block: int, linework: Linework) -> Use | None:
    area = ground.blocks.areas[block]
    if block in ground.blocks.wet:
        return Use.WATER
    if area.intersection(linework.yard).area > 0.5 * area.area:
        return Use.RAIL
    if area.intersection(linework.parks).area > 0.5 * area.area:
        return Use.PARK
    per_ha = ground.households[block] / area.area * 10_000
    return Use.WORK if per_ha < WORK_HOUSEHOLDS_PER_HA else Use.HOMES


def _cut(ground: Ground, use: dict[int, Use | None], rng: Random) -> tuple[dict[int, int], dict[int, Use]]:
    """Cut each contiguous group of one use into cells: number of the cell of each atom, use of each cell."""
    key_of_block: dict[int, tuple[Use, int, int]] = {}
    for kind in Use:
        for group in ground.groups(use, kind):
            graph = ground.blocks.graph.subgraph(group)
            if kind == Use.HOMES:
                weights = {block: ground.households[block] for block in group}
                count = max(1, round(ground.households_in(group) / HOUSEHOLDS_WANTED))
                wish = Wish(count, least=LEAST_HOUSEHOLDS, most=MOST_HOUSEHOLDS)
            else:
                weights = {block: ground.area_m2([block]) for block in group}
                count = max(1, round(ground.area_m2(group) / WORK_M2)) if kind == Use.WORK else 1
                wish = Wish(count)
            for block, part in partition(graph, weights, wish, rng).items():
                key_of_block[block] = kind, group[0], part
    numbers = {key: number for number, key in enumerate(sorted(set(key_of_block.values())))}
    cell_of_atom = {
        atom: numbers[key_of_block[block]]
        for atom, block in ground.blocks.of_atom.items()
        if block in key_of_block
    }
    return cell_of_atom, {number: key[0] for key, number in numbers.items()}


def _as_areas(ground: Ground, cell_of_atom: dict[int, int]) -> gpd.GeoDataFrame:
    atoms_of: dict[int, list[int]] = defaultdict(list)
    for atom, cell in cell_of_atom.items():
        atoms_of[cell].append(atom)
    order = sorted(atoms_of)
    polygons = [
        shapely.coverage_union_all([ground.atoms.degrees[atom] for atom in atoms_of[cell]]) for cell in order
    ]
    sums = [ground.by_atom.loc[atoms_of[cell]].sum() for cell in order]
    cells = gpd.GeoDataFrame(
        {"households": [round(s["househ"]) for s in sums], "floor_m2": [round(s["floor_m2"]) for s in sums]},
        geometry=polygons,
        index=order,
        crs=CRS,
    )
    cells["area_m2"] = cells.to_crs(METRES).area.round().astype(int)
    return cells
