-- Depth at each gauge of waterlogging points, in cm, at a moment or (null) now, and what it was ten minutes before.
SELECT
  ps.waterloggingpoint_id AS point_id,
  d.id AS datastream_id,
  s.code AS station,
  d.code AS datastream,
  last.at,
  last.value * u.cm AS depth_cm,
  last.flag,
  state.silent_since,
  coalesce(d.expected_interval_s, 900) * d.stale_after_intervals AS fresh_for_s,
  (last.value - before.value) * u.cm AS rise_cm,
  extract(epoch FROM last.at - before.phenomenon_at)::double precision AS rise_s
FROM waterlogging_point_station AS ps
JOIN station AS s ON s.id = ps.station_id
JOIN datastream AS d ON d.station_id = s.id AND d.is_active AND d.phenomenon = 'level'
JOIN (VALUES ('mm', 0.1), ('cm', 1), ('m', 100)) AS u (symbol, cm) ON u.symbol = d.unit_symbol
JOIN datastream_state AS state ON state.datastream_id = d.id
LEFT JOIN LATERAL (
  SELECT o.phenomenon_at, o.value, o.flag
  FROM observation AS o
  WHERE %(at)s::timestamptz IS NOT NULL
    AND o.datastream_id = d.id
    AND o.flag IN ('', 'gap', 'stuck')
    AND o.phenomenon_at <= %(at)s::timestamptz
    AND o.phenomenon_at > %(at)s::timestamptz - interval '1 day'
  ORDER BY o.phenomenon_at DESC
  LIMIT 1
) AS was ON true
CROSS JOIN LATERAL (
  SELECT
    CASE WHEN %(at)s::timestamptz IS NULL THEN state.last_at ELSE was.phenomenon_at END AS at,
    CASE WHEN %(at)s::timestamptz IS NULL THEN state.last_value ELSE was.value END AS value,
    CASE WHEN %(at)s::timestamptz IS NULL THEN state.last_flag ELSE was.flag END AS flag
) AS last
LEFT JOIN LATERAL (
  SELECT o.phenomenon_at, o.value
  FROM observation AS o
  WHERE o.datastream_id = d.id
    AND o.flag IN ('', 'gap', 'stuck')
    AND o.phenomenon_at <= last.at - interval '10 minutes'
    AND o.phenomenon_at >= last.at - interval '30 minutes'
  ORDER BY o.phenomenon_at DESC
  LIMIT 1
) AS before ON true
WHERE ps.waterloggingpoint_id = ANY (%(points)s::bigint[])
ORDER BY 1, 2
