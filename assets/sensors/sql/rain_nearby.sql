-- The nearest rain gauges and what fell there in an hour: each value is what fell since the value before.
SELECT
  d.id AS datastream_id,
  s.code AS station,
  s.name,
  s.name_en,
  d.unit_symbol AS unit,
  round(near.distance_m) AS distance_m,
  fell.amount,
  fell.last_at,
  coalesce(d.expected_interval_s, 900) * d.stale_after_intervals AS fresh_for_s
FROM (
  SELECT s.id AS station_id, ST_Distance(a.geom::geography, %(place)s::geography) AS distance_m
  FROM station AS s
  JOIN asset AS a ON a.id = s.asset_id
  WHERE EXISTS (
    SELECT
    FROM datastream AS r
    WHERE r.station_id = s.id AND r.is_active AND r.phenomenon = 'rain'
  )
  ORDER BY 2
  LIMIT %(most)s
) AS near
JOIN station AS s ON s.id = near.station_id
JOIN datastream AS d ON d.station_id = s.id AND d.is_active AND d.phenomenon = 'rain'
CROSS JOIN LATERAL (
  SELECT sum(o.value) AS amount, max(o.phenomenon_at) AS last_at
  FROM observation AS o
  WHERE o.datastream_id = d.id
    AND o.flag IN ('', 'gap', 'stuck')
    AND o.phenomenon_at <= %(at)s::timestamptz
    AND o.phenomenon_at > %(at)s::timestamptz - interval '1 hour'
) AS fell
WHERE near.distance_m <= %(within_m)s
ORDER BY near.distance_m, d.id
