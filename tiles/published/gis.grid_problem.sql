-- What is wrong with the grid, each at its place. Sound grids have none.
CREATE OR REPLACE FUNCTION gis.problems_of_the_grid()
RETURNS TABLE (kind text, detail text, unit_code text, place geometry)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = core, public, pg_temp SET jit = off
AS $$
    WITH border AS MATERIALIZED (
        SELECT s.segment, sum(s.direction) AS net
        FROM cell c
        CROSS JOIN LATERAL core.grid_segments(c.geom) s
        GROUP BY s.segment
        HAVING sum(s.direction) <> 0
    ),
    found AS (
        SELECT 'overlap' AS kind, 'A border is drawn more than once in one direction' AS detail,
            ST_LineInterpolatePoint(b.segment, 0.5) AS place
        FROM border b
        WHERE abs(b.net) > 1
        UNION ALL
        SELECT 'hole', format('No cell covers %s square metres here', round(core.grid_m2(h.ground)::numeric, 1)),
            ST_PointOnSurface(h.ground)
        FROM (
            SELECT ST_MakePolygon(ST_InteriorRingN(d.geom, n)) AS ground
            FROM (SELECT ST_BuildArea(ST_Collect(b.segment)) AS shape FROM border b) rim
            CROSS JOIN LATERAL ST_Dump(rim.shape) d
            CROSS JOIN LATERAL generate_series(1, ST_NumInteriorRings(d.geom)) n
        ) h
        UNION ALL
        SELECT 'invalid', ST_IsValidReason(c.geom), ST_PointN(ST_ExteriorRing(c.geom), 1)
        FROM cell c
        WHERE NOT ST_IsValid(c.geom)
        UNION ALL
        SELECT 'version', v.fault, ST_PointOnSurface(c.geom)
        FROM core.unsound_versions() v
        JOIN cell c ON c.id = v.cell_id
    ),
    placed AS (
        SELECT f.kind, f.detail, near.code::text AS unit_code, ST_SetSRID(f.place, 4326) AS place
        FROM found f
        CROSS JOIN LATERAL (SELECT c.code FROM cell c ORDER BY c.geom <-> f.place LIMIT 1) near
    )
    SELECT p.kind, p.detail, p.unit_code, p.place
    FROM placed p
    WHERE p.unit_code ^@ ANY (core.analyst_prefixes())
$$;
COMMENT ON FUNCTION gis.problems_of_the_grid() IS 'Problems of the grid that this login reaches. 网格问题';
REVOKE ALL ON FUNCTION gis.problems_of_the_grid() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gis.problems_of_the_grid() TO geogrid_gis_reader, geogrid_app;

CREATE OR REPLACE VIEW gis.grid_problem
WITH (security_invoker = true) AS
SELECT
    row_number() OVER (ORDER BY f.unit_code, f.kind, ST_X(f.place), ST_Y(f.place)) AS id,
    f.kind,
    f.detail,
    f.unit_code,
    f.place::geometry(Point, 4326) AS geom
FROM gis.problems_of_the_grid() f;

COMMENT ON VIEW gis.grid_problem IS 'Problems of the grid. 网格问题';
COMMENT ON COLUMN gis.grid_problem.id IS 'Number in this list. 序号';
COMMENT ON COLUMN gis.grid_problem.kind IS 'What is wrong. 问题';
COMMENT ON COLUMN gis.grid_problem.detail IS 'In the words of the database. 说明';
COMMENT ON COLUMN gis.grid_problem.unit_code IS 'Code of the cell. 网格代码';
COMMENT ON COLUMN gis.grid_problem.geom IS 'Place in degrees, WGS 84 (EPSG:4326). 图形';
GRANT SELECT ON gis.grid_problem TO geogrid_gis_reader, geogrid_app;
