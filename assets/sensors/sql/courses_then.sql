-- The course of the depth at waterlogging points before a moment, in cm: for each step of so many seconds the mean of
-- the deepest gauge. From the roll-ups by minute, by their primary key.
SELECT
  ps.waterloggingpoint_id AS point_id,
  floor(extract(epoch FROM m.at - %(begin)s::timestamptz) / %(step_s)s)::integer AS step,
  max(m.total / m.samples * u.cm) AS depth_cm
FROM waterlogging_point_station AS ps
JOIN datastream AS d ON d.station_id = ps.station_id AND d.is_active AND d.phenomenon = 'level'
JOIN (VALUES ('mm', 0.1), ('cm', 1), ('m', 100)) AS u (symbol, cm) ON u.symbol = d.unit_symbol
JOIN observation_minute AS m
  ON m.datastream_id = d.id
  AND m.at >= %(begin)s::timestamptz
  AND m.at < %(end)s::timestamptz
WHERE ps.waterloggingpoint_id = ANY (%(points)s::bigint[])
GROUP BY 1, 2
