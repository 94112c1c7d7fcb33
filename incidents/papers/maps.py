"""A small map round a place as SVG: cells, streets, buildings, the mark. From the database, offline."""

import math

from django.db import connection

RADIUS_M = 220.0
SIZE = 1000.0  # of the drawing, in its own units
_METRES_PER_DEGREE = 111_320.0
_GROUND = """
WITH ground AS (SELECT ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, 4326) AS box),
-- The drawing's own plane: x to the east, y to the south, so many units from edge to edge.
drawn AS (
  SELECT 1 AS place, 'building' AS kind, b.geom FROM building AS b, ground AS g WHERE b.geom && g.box
  UNION ALL
  SELECT 2, 'road', r.geom FROM road AS r, ground AS g WHERE r.geom && g.box
  UNION ALL
  SELECT 3, 'cell', c.geom FROM cell AS c, ground AS g WHERE c.geom && g.box
)
SELECT d.kind, ST_AsSVG(
  ST_Scale(ST_Translate(ST_Intersection(d.geom, g.box), -%(west)s, -%(north)s), %(x)s, %(y)s), 0, 1
)
FROM drawn AS d, ground AS g
WHERE ST_Intersects(d.geom, g.box)
ORDER BY d.place
LIMIT 4000
"""
_NAMES = """
SELECT DISTINCT ON (r.name)
  r.name, (ST_X(p) - %(west)s) * %(x)s, (%(north)s - ST_Y(p)) * %(y)s
FROM road AS r
CROSS JOIN ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, 4326) AS box
CROSS JOIN LATERAL ST_Intersection(r.geom, box) AS cut
CROSS JOIN LATERAL ST_PointOnSurface(cut) AS p
WHERE r.name <> '' AND r.geom && box AND NOT ST_IsEmpty(cut)
ORDER BY r.name, ST_Length(cut) DESC
"""
_LOOKS = {
    "building": 'fill="#e3e0da" stroke="#c9c5bc" stroke-width="1"',
    "road": 'fill="none" stroke="#b7bec9" stroke-width="9" stroke-linecap="round"',
    "cell": 'fill="none" stroke="#8a5a00" stroke-width="3" stroke-dasharray="14 9"',
}


def map_round(lng: float, lat: float) -> str:
    """The SVG of the ground within RADIUS_M of a place (degrees, WGS 84), north up, mark in the middle."""
    across = RADIUS_M / (_METRES_PER_DEGREE * math.cos(math.radians(lat)))
    along = RADIUS_M / _METRES_PER_DEGREE
    frame = {
        "west": lng - across,
        "east": lng + across,
        "south": lat - along,
        "north": lat + along,
        "x": SIZE / (2 * across),
        "y": SIZE / (2 * along),
    }
    with connection.cursor() as cursor:
        cursor.execute(_GROUND, frame)
        shapes = [f'<path d="{path}" {_LOOKS[kind]}/>' for kind, path in cursor.fetchall() if path]
        cursor.execute(_NAMES, frame)
        names = [
            f'<text x="{x:.0f}" y="{y:.0f}" font-size="22" text-anchor="middle">{_escaped(name)}</text>'
            for name, x, y in cursor.fetchall()[:14]
        ]
    bar = 100 / (2 * RADIUS_M) * SIZE
    middle = SIZE / 2
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIZE:.0f} {SIZE:.0f}"'
        ' width="100%" height="100%">'
        f'<rect width="{SIZE:.0f}" height="{SIZE:.0f}" fill="#f7f6f2"/>{"".join(shapes)}{"".join(names)}'
        f'<circle cx="{middle}" cy="{middle}" r="26" fill="none" stroke="#b3261e" stroke-width="7"/>'
        f'<circle cx="{middle}" cy="{middle}" r="7" fill="#b3261e"/>'
        f'<path d="M30 960h{bar:.0f}" stroke="#111" stroke-width="5"/>'
        f'<text x="30" y="945" font-size="24" fill="#111">100 m</text>'
        f'<text x="950" y="55" font-size="34" fill="#111" text-anchor="middle">N</text>'
        f'<path d="M950 65l-12 30h24z" fill="#111"/></svg>'
    )


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
