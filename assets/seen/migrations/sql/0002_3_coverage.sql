-- How much of each cell was passed on a local day. A cell with streets to patrol is measured in metres of them, each
-- once however often and by however many it was passed; one without is measured in squares of its ground.
CREATE FUNCTION core.coverage_of(on_day date, prefixes text[], of_patrol bigint DEFAULT NULL)
RETURNS TABLE (
  cell_id bigint, unit_code text, measure text,
  due double precision, walked double precision, driven double precision, last_visit_at timestamptz
)
LANGUAGE plpgsql STABLE SET search_path = public, pg_temp SET jit = off
AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY
  WITH asked AS (
    SELECT c.id, c.code::text AS code, c.geom
    FROM cell AS c
    WHERE EXISTS (SELECT FROM unnest(prefixes) AS p (prefix) WHERE starts_with(c.code, p.prefix))
  ),
  passed AS (
    SELECT s.bit_id, bool_and(s.is_driven) AS is_driven
    FROM bit_seen AS s
    WHERE s.day = on_day AND (of_patrol IS NULL OR s.patrol_id = of_patrol)
    GROUP BY s.bit_id
  ),
  streets AS (
    SELECT
      b.cell_id,
      sum(b.length_m) AS due,
      coalesce(sum(b.length_m) FILTER (WHERE NOT p.is_driven), 0) AS walked,
      coalesce(sum(b.length_m) FILTER (WHERE p.is_driven), 0) AS driven,
      max(l.walked_at) AS last_visit_at
    FROM road_bit AS b
    LEFT JOIN passed AS p ON p.bit_id = b.id
    LEFT JOIN road_bit_last AS l ON l.bit_id = b.id
    WHERE b.is_due
    GROUP BY b.cell_id
  ),
  ground AS (
    SELECT
      s.cell_id,
      count(*) FILTER (WHERE s.day = on_day) * 400.0 AS walked,
      max(s.last_at) AS last_visit_at
    FROM square_seen AS s
    GROUP BY s.cell_id
  )
  SELECT
    a.id,
    a.code,
    CASE WHEN s.cell_id IS NULL THEN 'ground' ELSE 'streets' END,
    coalesce(s.due, area.m2),
    coalesce(s.walked, least(g.walked, area.m2), 0),
    coalesce(s.driven, 0),
    CASE WHEN s.cell_id IS NULL THEN g.last_visit_at ELSE s.last_visit_at END
  FROM asked AS a
  LEFT JOIN streets AS s ON s.cell_id = a.id
  LEFT JOIN ground AS g ON g.cell_id = a.id
  CROSS JOIN LATERAL (SELECT CASE WHEN s.cell_id IS NULL THEN ST_Area(a.geom::geography) END AS m2) AS area;
END
$$;
COMMENT ON FUNCTION core.coverage_of(date, text[], bigint) IS
  'Street metres (or square metres of ground) to patrol, walked and only driven along, by cell. 巡查覆盖率';

DO $$
BEGIN
  IF to_regrole('geogrid_app') IS NOT NULL THEN
    GRANT SELECT, INSERT, UPDATE, DELETE ON bit_seen, square_seen, road_bit_recell TO geogrid_app;
  END IF;
END
$$;
