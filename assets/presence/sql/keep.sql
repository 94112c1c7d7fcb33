-- Keep what was counted, touching only the cells of which something has changed; cells that are gone go.
WITH said AS (
  SELECT
    s.cell_id, s.unit_code, s.street_m, s.reached_m, s.households, s.reached_households,
    CASE WHEN s.gaps IS NOT NULL THEN ST_Transform(ST_GeomFromWKB(decode(s.gaps, 'hex'), 4326), 3857) END AS gaps
  FROM jsonb_to_recordset(%(cells)s::jsonb) AS s (
    cell_id bigint, unit_code text, street_m double precision, reached_m double precision,
    households integer, reached_households integer, gaps text
  )
),
gone AS (
  DELETE FROM presence_of_cell AS p WHERE NOT EXISTS (SELECT FROM said AS s WHERE s.cell_id = p.cell_id)
)
INSERT INTO presence_of_cell AS p (cell_id, unit_code, street_m, reached_m, households, reached_households, gaps)
SELECT s.cell_id, s.unit_code, s.street_m, s.reached_m, s.households, s.reached_households, s.gaps
FROM said AS s
ORDER BY s.cell_id
ON CONFLICT (cell_id) DO UPDATE
SET
  unit_code = excluded.unit_code, street_m = excluded.street_m, reached_m = excluded.reached_m,
  households = excluded.households, reached_households = excluded.reached_households, gaps = excluded.gaps
WHERE (p.unit_code, p.street_m, p.reached_m, p.households, p.reached_households)
  IS DISTINCT FROM
  (excluded.unit_code, excluded.street_m, excluded.reached_m, excluded.households, excluded.reached_households)
  OR p.gaps::bytea IS DISTINCT FROM excluded.gaps::bytea
