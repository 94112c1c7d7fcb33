"""Places of the demonstration city that edits are tried on, and what the database says afterwards."""

from dataclasses import dataclass
from typing import Any

# Where two cells of one community meet and nobody else, a metre aside: the corner and its new place.
_CORNER = """
SELECT a.id, b.id, ST_X(p.geom), ST_Y(p.geom),
    ST_X(p.geom) + (ST_X(m.mid) - ST_X(p.geom)) * t.part, ST_Y(p.geom) + (ST_Y(m.mid) - ST_Y(p.geom)) * t.part
FROM cell a
CROSS JOIN LATERAL (SELECT ST_PointOnSurface(a.geom) AS mid) m
CROSS JOIN LATERAL ST_DumpPoints(a.geom) p
CROSS JOIN LATERAL (SELECT 1 / ST_Distance(p.geom::geography, m.mid::geography) AS part) t
JOIN cell b ON b.id <> a.id AND b.community_id = a.community_id AND ST_Intersects(b.geom, p.geom)
JOIN grid_unit c ON c.id = a.community_id
WHERE ST_Distance(ST_Boundary(c.geom), p.geom) > 0.0001
    AND (SELECT count(*) FROM cell n WHERE ST_Intersects(n.geom, p.geom)) = 2
ORDER BY a.id, p.path
LIMIT 1
"""
# The cell with the plainest outline, and a line from south to north through its middle.
_PLAIN = """
SELECT c.id, ST_X(m.mid), ST_YMin(c.geom) - 0.0005, ST_YMax(c.geom) + 0.0005
FROM cell c
CROSS JOIN LATERAL (SELECT ST_PointOnSurface(c.geom) AS mid) m
ORDER BY ST_Area(c.geom) / ST_Area(ST_ConvexHull(c.geom)) DESC, c.id
LIMIT 1
"""
# Two cells of one community with a long common border.
_PAIR = """
SELECT a.id, b.id
FROM cell a
JOIN cell b ON b.id > a.id AND b.community_id = a.community_id
WHERE ST_Length(ST_Intersection(a.geom, b.geom)) > 0.0002
ORDER BY a.id, b.id
LIMIT 1
"""


@dataclass(frozen=True)
class Ground:
    """The city's database, asked by somebody who sees all of it."""

    connection: Any

    def rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        with self.connection.cursor() as cursor:
            cursor.execute(sql, values)
            return cursor.fetchall() if cursor.description else []

    def one(self, sql: str, *values: object) -> Any:
        [[value]] = self.rows(sql, *values)
        return value

    def corner(self) -> tuple[Any, ...]:
        """(cell, its neighbour, x, y, new x, new y)"""
        return self.rows(_CORNER)[0]

    def plain_cell(self) -> tuple[Any, ...]:
        """(cell, x of its middle, south, north)"""
        return self.rows(_PLAIN)[0]

    def pair(self) -> tuple[int, int]:
        """Two cells to merge."""
        [(kept, taken)] = self.rows(_PAIR)
        return kept, taken

    def audit(self) -> tuple[Any, ...]:
        """(broken things in the coverage, square metres too many or too few)"""
        return self.rows("SELECT bad, excess_m2 FROM core.grid_audit()")[0]

    def last_actor(self, table: str, row_id: int) -> str | None:
        """Who changed or deleted a row last."""
        found = self.rows(
            "SELECT actor FROM row_history WHERE table_name = %s AND row_id = %s ORDER BY id DESC LIMIT 1",
            table,
            row_id,
        )
        return found[0][0] if found else None

    def last_author(self) -> str:
        """Who made the newest version of a cell."""
        return str(self.one("SELECT actor FROM cell_version ORDER BY id DESC LIMIT 1"))

    def outline(self, cell: int) -> str:
        return str(self.one("SELECT ST_AsText(geom, 12) FROM cell WHERE id = %s", cell))
