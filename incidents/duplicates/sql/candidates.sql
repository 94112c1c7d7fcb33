-- Incidents that could be the same problem: those of the same asset and class, and those of the class near by.
-- Of the class: open and reported within the hours, or closed within the days (recurrence).
WITH here AS MATERIALIZED (
  SELECT
    p.point,
    ST_Transform(p.point, 3857) AS centre,
    -- Web Mercator metres are longer than metres on the ground by the cosine of the latitude.
    %(radius_m)s / cos(radians(%(lat)s::double precision)) AS reach,
    core.cell_at(p.point) AS cell_id
  FROM (SELECT ST_SetSRID(ST_MakePoint(%(lng)s, %(lat)s), 4326) AS point) AS p
),
around AS MATERIALIZED (
  SELECT n.code
  FROM here AS h
  JOIN cell AS c ON c.id = h.cell_id
  JOIN cell AS n ON n.geom && ST_Expand(c.geom, 0.00001) AND ST_DWithin(n.geom, c.geom, 0.00001)
),
found AS (
  SELECT i.id, true AS same_asset
  FROM incident AS i
  WHERE i.asset_id = %(asset_id)s
    AND i.asset_class_id IS NOT DISTINCT FROM %(asset_class_id)s::bigint
    AND i.event_class_id IS NOT DISTINCT FROM %(event_class_id)s::bigint
    AND (
      i.stage IN ('REPORTED', 'FILED', 'DISPATCHED', 'HANDLING', 'HANDLED', 'VERIFIED')
      OR (i.stage IN ('CLOSED', 'EVALUATED') AND i.closed_at > %(closed_since)s)
    )
  UNION ALL
  SELECT i.id, false AS same_asset
  FROM here AS h
  JOIN incident AS i ON ST_DWithin(i.geom_3857, h.centre, h.reach)
  WHERE i.asset_class_id IS NOT DISTINCT FROM %(asset_class_id)s::bigint
    AND i.event_class_id IS NOT DISTINCT FROM %(event_class_id)s::bigint
    AND (
      (
        i.stage IN ('REPORTED', 'FILED', 'DISPATCHED', 'HANDLING', 'HANDLED', 'VERIFIED')
        AND i.reported_at > %(reported_since)s
      )
      OR (i.stage IN ('CLOSED', 'EVALUATED') AND i.closed_at > %(closed_since)s)
    )
    AND (h.cell_id IS NULL OR i.unit_code = '' OR i.unit_code IN (SELECT a.code FROM around AS a))
),
each AS (
  SELECT f.id, bool_or(f.same_asset) AS same_asset
  FROM found AS f
  GROUP BY f.id
)
SELECT
  e.id,
  e.same_asset,
  ST_Distance(i.point::geography, h.point::geography) AS distance_m
FROM each AS e
JOIN incident AS i ON i.id = e.id
CROSS JOIN here AS h
WHERE e.id IS DISTINCT FROM %(besides)s::bigint
  AND NOT EXISTS (
    SELECT
    FROM incident_merge AS m
    WHERE m.duplicate_id = e.id
      AND m.ended_at IS NULL
  )
ORDER BY i.stage IN ('CLOSED', 'EVALUATED'), NOT e.same_asset, distance_m, e.id
LIMIT %(most)s
