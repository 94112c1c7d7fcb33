"""Communities and streets from cells, and all codes: 6 county + 3 street + 3 community + 3 sequence."""

from random import Random

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geogrid.demo.extract.households import METRES
from geogrid.demo.extract.partition import NeighbourGraph, Wish, partition

COUNTY = "990101"
"""A fictitious county: no Chinese code begins with 99."""
STREETS, COMMUNITIES_PER_STREET = 3, 3


def number_cells(cells: gpd.GeoDataFrame, graph: NeighbourGraph, rng: Random) -> pd.Series:
    """15-digit code of each cell.

    Streets, then communities, are contiguous groups of cells that balance households and number of cells,
    with borders along main streets. On each level numbers run from north to south, and from west to east in
    each row. `cells` needs `households` and `geometry`; `graph` holds the neighbours by the same index, with
    `cost`.
    """
    total = max(1, cells["households"].sum())
    weights = {cell: count / total + 1 / len(cells) for cell, count in cells["households"].items()}

    def groups(part: gpd.GeoDataFrame, count: int) -> pd.Series:
        wish = Wish(count, evenness=8000, trials=150)
        return pd.Series(partition(graph.subgraph(part.index), weights, wish, rng)).reindex(part.index)

    table = cells[["geometry"]].copy()
    table["street"] = groups(cells, STREETS)
    table["community"] = -1
    for _, part in table.groupby("street"):
        table.loc[part.index, "community"] = groups(part, COMMUNITIES_PER_STREET)
    table["cell"] = table.index

    code = pd.Series(COUNTY, index=cells.index)
    for level in ("street", "community", "cell"):
        numbers = pd.Series(0, index=cells.index)
        for _, siblings in table.groupby(code):
            outlines = siblings.groupby(level).geometry.apply(lambda areas: shapely.union_all(list(areas)))
            numbers.loc[siblings.index] = siblings[level].map(_in_reading_order(outlines))
        code = code + numbers.map("{:03d}".format)
    return code


def _in_reading_order(areas: pd.Series) -> dict[int, int]:
    """Number from 1 of each area: rows from north to south, from west to east in each row."""
    centres = shapely.get_coordinates(gpd.GeoSeries(list(areas), crs="EPSG:4326").to_crs(METRES).centroid)
    rows = max(1, round(len(centres) ** 0.5))
    height = np.ptp(centres[:, 1]) + 1e-9
    row = np.minimum((centres[:, 1].max() - centres[:, 1]) / height * rows, rows - 1e-6).astype(int)
    order = np.lexsort((centres[:, 0], row))
    return {int(areas.index[position]): number + 1 for number, position in enumerate(order)}
