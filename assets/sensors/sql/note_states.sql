UPDATE datastream_state AS s
SET
  last_at = n.last_at,
  last_value = n.last_value,
  last_flag = n.last_flag,
  same_since = n.same_since,
  heard_at = greatest(s.heard_at, %(received_at)s),
  silent_since = NULL,
  passed_since = n.passed_since,
  mild_since = n.mild_since,
  alarm_id = n.alarm_id,
  alarm_level = n.alarm_level,
  alarm_is_falling = n.alarm_is_falling
FROM jsonb_to_recordset(%(states)s::jsonb) AS n (
  datastream_id bigint,
  last_at timestamptz,
  last_value double precision,
  last_flag text,
  same_since timestamptz,
  passed_since jsonb,
  mild_since timestamptz,
  alarm_id bigint,
  alarm_level text,
  alarm_is_falling boolean
)
WHERE s.datastream_id = n.datastream_id
