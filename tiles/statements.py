"""The SQL of tiles: one statement per layer, literal envelopes (prepared plans were slower).

Names of views and columns come from tiles/layers.py, never from a request; values are parameters.
"""

from typing import Any

from geogrid.changes.passes import Pass
from tiles.layer import BUFFER, EXTENT, Layer, Scope
from tiles.squares import Square

Statement = tuple[str, dict[str, Any]]

_BOUNDS = "ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, 3857)"
_REACH = "ST_MakeEnvelope(%(reach_west)s, %(reach_south)s, %(reach_east)s, %(reach_north)s, 3857)"
_CUT = (
    "ST_Dimension(v.geom_3857) > 0"  # a point that was found in reach needs no cutting: a quarter less work
)
_COUNTED_PER_EDGE = 48

# The worst of several, for a mark that stands for all of them.
_WORST = """(
    ARRAY['critical', 'serious', 'watch', 'notice', 'done', 'idle']
)[min(array_position(ARRAY['critical', 'serious', 'watch', 'notice', 'done', 'idle'], v.status))]"""

_MAY_SEE = """(
    %(user_id)s = ANY(v.seen_by)
    OR v.unit_code ^@ ANY(%(prefixes)s)
    OR v.responsible_unit_id = ANY(%(organisations)s)
    OR v.handling_unit_ids && %(organisations)s::bigint[]
    OR EXISTS (SELECT FROM unnest(v.border_unit_codes) AS near (code) WHERE near.code ^@ ANY(%(prefixes)s))
)"""


def _where(layer: Layer, square: Square, asked_by: Pass) -> str:
    wanted = [f"v.geom_3857 && {_REACH}"]
    if layer.scope == Scope.INCIDENTS and not asked_by.everywhere:
        wanted.append(_MAY_SEE)
    if layer.scope == Scope.POSITIONS:
        wanted.append("v.unit_code ^@ ANY(%(positions)s)")
    if layer.id == "roads" and square.z < 14:
        wanted.append(f"v.rank <= {1 if square.z < 11 else 2 if square.z < 13 else 3}")
    return "\n        AND ".join(wanted)


def _values(square: Square, asked_by: Pass) -> dict[str, Any]:
    west, south, east, north = square.bounds
    reach_west, reach_south, reach_east, reach_north = square.buffered
    return {
        "west": west,
        "south": south,
        "east": east,
        "north": north,
        "reach_west": reach_west,
        "reach_south": reach_south,
        "reach_east": reach_east,
        "reach_north": reach_north,
        "layer_pitch": square.width / _COUNTED_PER_EDGE,
        "prefixes": list(asked_by.prefixes),
        "organisations": list(asked_by.organisations),
        "positions": list(asked_by.positions),
        "user_id": asked_by.user_id,
    }


def single_statement(layer: Layer, square: Square, asked_by: Pass) -> Statement:
    """Every feature of the layer in the tile by itself."""
    columns = ", ".join(f"v.{column.name}" for column in layer.columns if column.name != "count")
    sql = f"""
SELECT ST_AsMVT(feature.*, '{layer.id}', {EXTENT}, 'geom', 'id')
FROM (
    SELECT {columns}, ST_AsMVTGeom(v.geom_3857, {_BOUNDS}, {EXTENT}, {BUFFER}, {_CUT}) AS geom
    FROM {layer.view} v
    WHERE {_where(layer, square, asked_by)}
) feature
WHERE feature.geom IS NOT NULL
"""  # noqa: S608 - names from our own list
    return sql, _values(square, asked_by)


def counted_statement(layer: Layer, square: Square, asked_by: Pass) -> Statement:
    """Incidents gathered by a raster of 48 x 48: one mark with `count` and the worst status of its square."""
    sql = f"""
SELECT ST_AsMVT(feature.*, '{layer.id}', {EXTENT}, 'geom')
FROM (
    SELECT
        count(*)::integer AS count,
        CASE WHEN count(*) = 1 THEN min(v.number) END AS number,
        CASE WHEN count(*) = 1 THEN min(v.stage) END AS stage,
        CASE WHEN count(*) = 1 THEN min(v.cls) END AS cls,
        {_WORST} AS status,
        max(v.age) AS age,
        ST_AsMVTGeom(
            ST_SetSRID(ST_MakePoint(avg(ST_X(v.geom_3857)), avg(ST_Y(v.geom_3857))), 3857),
            {_BOUNDS}, {EXTENT}, {BUFFER}
        ) AS geom
    FROM {layer.view} v
    WHERE {_where(layer, square, asked_by)}
    GROUP BY floor(ST_X(v.geom_3857) / %(layer_pitch)s), floor(ST_Y(v.geom_3857) / %(layer_pitch)s)
) feature
WHERE feature.geom IS NOT NULL
"""  # noqa: S608 - names from our own list
    return sql, _values(square, asked_by)


def runs_statement(layer: Layer, square: Square, asked_by: Pass) -> Statement:
    """Bits of streets; those that follow each other on one street in one state are one line."""
    sql = f"""
SELECT ST_AsMVT(feature.*, '{layer.id}', {EXTENT}, 'geom')
FROM (
    SELECT run.state, ST_AsMVTGeom(run.line, {_BOUNDS}, {EXTENT}, {BUFFER}) AS geom
    FROM (
        SELECT n.state, ST_LineMerge(ST_Collect(n.geom_3857 ORDER BY n.nr)) AS line
        FROM (
            SELECT
                v.road_id, v.nr, v.state, v.geom_3857,
                v.nr - row_number() OVER (PARTITION BY v.road_id, v.state ORDER BY v.nr) AS island
            FROM {layer.view} v
            WHERE {_where(layer, square, asked_by)}
        ) n
        GROUP BY n.road_id, n.state, n.island
    ) run
) feature
WHERE feature.geom IS NOT NULL
"""  # noqa: S608 - names from our own list
    return sql, _values(square, asked_by)
