"""The city's walking network with its cells and buildings, kept until something of it changes."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import shapely
from django.db import connection

from assets.presence.network import NOT_WALKED, Feet, Floats, Ints, Network
from geogrid.core.sql import statement

SQL = Path(__file__).parent / "sql"


@dataclass(frozen=True)
class Ground:
    """The network, the cell of each piece (an index into `cells`, -1: outside), and where households live."""

    network: Network
    cells: list[tuple[int, str]]
    cell_of_piece: Ints
    homes: Feet
    cell_of_home: Ints
    households: Ints


class Grounds:
    """The ground as it is now. One per process: only the clock counts."""

    def __init__(self) -> None:
        self._mark: object = None
        self._ground: Ground | None = None

    def now(self) -> Ground:
        """Read anew when streets, buildings or cells have changed."""
        with connection.cursor() as cursor:
            cursor.execute(statement(SQL, "ground_marks"))
            mark = cursor.fetchone()
        if self._ground is None or mark != self._mark:
            self._ground, self._mark = read_ground(), mark
        return self._ground


def read_ground() -> Ground:
    """The network of all streets on which people walk, from the tables."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT ST_AsBinary(r.geom) FROM road AS r WHERE r.kind <> ALL (%s) ORDER BY r.id",
            [sorted(NOT_WALKED)],
        )
        lines = shapely.from_wkb([bytes(row[0]) for row in cursor.fetchall()])
        cursor.execute("SELECT c.id, c.code, ST_AsBinary(c.geom) FROM cell AS c ORDER BY c.id")
        rows = cursor.fetchall()
        cells = [(int(pk), str(code)) for pk, code, _ in rows]
        shapes = shapely.from_wkb([bytes(row[2]) for row in rows])
        cursor.execute(
            "SELECT ST_X(m.point), ST_Y(m.point), b.cell_id, b.households"
            " FROM building AS b CROSS JOIN LATERAL (SELECT ST_Centroid(b.geom) AS point) AS m"
            " WHERE b.households > 0 AND b.cell_id IS NOT NULL ORDER BY b.id"
        )
        homes = np.array(cursor.fetchall(), dtype=float).reshape(-1, 4)
    network = Network.of(list(lines))
    index_of = {pk: index for index, (pk, _) in enumerate(cells)}
    cell_of_home = np.array([index_of.get(int(pk), -1) for pk in homes[:, 2]], dtype=np.int64)
    if len(network) == 0:
        homes, cell_of_home = homes[:0], cell_of_home[:0]  # nobody lives on a street
    none = np.array([], dtype=np.float64)
    feet = network.nearest(homes[:, :2]) if len(homes) else Feet(none.astype(np.int64), none, none)
    return Ground(
        network, cells, _cell_of(network.middles(), shapes), feet, cell_of_home, homes[:, 3].astype(np.int64)
    )


def _cell_of(places: Floats, shapes: object) -> Ints:
    """The cell in which each place lies, the first of two on their border; -1 for none."""
    found = np.full(len(places), -1, dtype=np.int64)
    if len(places) == 0:
        return found
    tree = shapely.STRtree(np.asarray(shapes, dtype=object))
    place, cell = tree.query(shapely.points(places), predicate="intersects")
    found[place[::-1]] = cell[::-1]
    return found
