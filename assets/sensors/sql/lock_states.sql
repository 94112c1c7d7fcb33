-- In the order of the ids: two gatherings that share datastreams wait for each other, and never crosswise.
SELECT
  s.datastream_id,
  s.last_at,
  s.last_value,
  s.last_flag,
  s.same_since,
  s.passed_since,
  s.mild_since,
  s.alarm_id,
  s.alarm_level,
  s.alarm_is_falling,
  d.lowest,
  d.highest,
  d.most_per_s,
  d.stuck_s,
  d.expected_interval_s,
  d.thresholds,
  d.hysteresis,
  d.clear_s,
  d.is_worse_below
FROM datastream_state AS s
JOIN datastream AS d ON d.id = s.datastream_id
WHERE s.datastream_id = ANY (%(datastreams)s::bigint[])
ORDER BY s.datastream_id
FOR UPDATE OF s
