-- The whole grid at one glance, for tests, a nightly job and `geogrid grid audit`.
--
--   bad: border segments that more than two cells share or that run the same way twice, and invalid cells;
--   parts, holes: of the outer boundary; excess_m2: area of the cells less area within the outer boundary.
-- Sound is: bad = 0, excess_m2 = 0, and as many parts and holes as the territory really has.
CREATE FUNCTION core.grid_audit()
RETURNS TABLE (cells bigint, bad bigint, parts integer, holes bigint, excess_m2 numeric)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = core, public, pg_temp
SET jit = off
AS $$
  WITH border AS (
    SELECT s.segment, sum(s.direction) AS net
    FROM cell AS c
    CROSS JOIN LATERAL core.grid_segments(c.geom) AS s
    GROUP BY s.segment
  ),
  rim AS (
    SELECT ST_BuildArea(ST_Collect(b.segment)) AS shape
    FROM border AS b
    WHERE b.net <> 0
  )
  SELECT
    (SELECT count(*) FROM cell),
    (SELECT count(*) FROM border AS b WHERE abs(b.net) > 1) + (SELECT count(*) FROM cell AS c WHERE NOT ST_IsValid(c.geom)),
    coalesce(ST_NumGeometries(rim.shape), 0),
    coalesce((SELECT sum(ST_NumInteriorRings(d.geom)) FROM ST_Dump(rim.shape) AS d), 0),
    coalesce(round((
      ((SELECT sum(ST_Area(c.geom)) FROM cell AS c) - ST_Area(rim.shape)) * 12364154000.0 * cos(radians(ST_YMin(rim.shape)))
    )::numeric, 3), 0)
  FROM rim
$$;

COMMENT ON FUNCTION core.grid_audit() IS 'Is the grid one seamless coverage? Sound: bad = 0 and excess_m2 = 0.';

-- Units whose stored outline is not the union of their cells, by border segments: exact.
CREATE FUNCTION core.unequal_outlines() RETURNS TABLE (unit_code text, segments bigint)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = core, public, pg_temp
SET jit = off
AS $$
  WITH inner_border AS (
    SELECT c.community_id, s.segment, sum(s.direction) AS net
    FROM cell AS c
    CROSS JOIN LATERAL core.grid_segments(c.geom) AS s
    GROUP BY c.community_id, s.segment
    HAVING sum(s.direction) <> 0
  ),
  of_cells AS (
    SELECT m.unit_id, b.segment, sum(b.net) AS net
    FROM inner_border AS b
    JOIN core.units_of(array(SELECT DISTINCT community_id FROM cell)) AS m ON m.community_id = b.community_id
    GROUP BY m.unit_id, b.segment
    HAVING sum(b.net) <> 0
  ),
  of_unit AS (
    SELECT u.id AS unit_id, s.segment, s.direction AS net
    FROM grid_unit AS u
    CROSS JOIN LATERAL core.grid_segments(u.geom) AS s
    WHERE u.geom IS NOT NULL
  )
  SELECT u.code::text, count(*)
  FROM of_cells AS a
  FULL JOIN of_unit AS b ON b.unit_id = a.unit_id AND b.segment = a.segment
  JOIN grid_unit AS u ON u.id = coalesce(a.unit_id, b.unit_id)
  WHERE a.net IS DISTINCT FROM b.net
  GROUP BY u.code
$$;

-- Versions that do not follow one another, or whose last does not say what the cell is now.
CREATE FUNCTION core.unsound_versions() RETURNS TABLE (cell_id bigint, fault text)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = core, public, pg_temp
AS $$
  SELECT v.cell_id, 'hole or overlap in time'
  FROM (
    SELECT o.cell_id, o.valid, lead(o.valid) OVER (PARTITION BY o.cell_id ORDER BY lower(o.valid)) AS following
    FROM cell_version AS o
  ) AS v
  WHERE v.following IS NOT NULL AND upper(v.valid) IS DISTINCT FROM lower(v.following)
  UNION ALL
  SELECT coalesce(c.id, v.cell_id), 'last version differs from the cell'
  FROM cell AS c
  FULL JOIN (
    SELECT o.cell_id, o.code, o.community_id, o.name, o.kind, o.owner_id, o.maintainer_id, o.households, o.geom
    FROM cell_version AS o
    WHERE upper_inf(o.valid)
  ) AS v ON v.cell_id = c.id
  WHERE NOT coalesce(ST_OrderingEquals(c.geom, v.geom), false)
    OR (c.code, c.community_id, c.name, c.kind, c.owner_id, c.maintainer_id, c.households)
      IS DISTINCT FROM
      (v.code, v.community_id, v.name, v.kind, v.owner_id, v.maintainer_id, v.households)
$$;

-- After a load the planner still thinks the tables are empty. The application may not ANALYZE them itself.
CREATE FUNCTION core.analyze_grid() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = core, public, pg_temp
AS $$
BEGIN
  ANALYZE cell, cell_version, grid_unit;
END
$$;
