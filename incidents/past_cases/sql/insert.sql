-- Past cases as incidents, each with the step that reports it. What is known by source and number stays as it is.
INSERT INTO incident (
  public_id, number, stage, point, location_text, asset_class_id, event_class_id, description, channel, source_number,
  found_by_patrol, level, round, responsible_unit_id, reported_at, is_simulated, client, idempotency_key, request_hash
)
SELECT
  gen_random_uuid(), core.new_incident_number(c.reported_at), 'REPORTED',
  CASE WHEN c.lng IS NOT NULL THEN ST_SetSRID(ST_MakePoint(c.lng, c.lat), 4326) END,
  c.location_text, c.asset_class_id, c.event_class_id, c.description, c.channel, c.number, false, 'COMMUNITY', 1, c.unit_id,
  c.reported_at, false, %(client)s, c.number, ''
FROM jsonb_to_recordset(%(cases)s::jsonb) AS c (
  number text, reported_at timestamptz, lng float8, lat float8, location_text text, asset_class_id bigint,
  event_class_id bigint, description text, channel text, unit_id bigint
)
ON CONFLICT ON CONSTRAINT incident_is_sent_once DO NOTHING
RETURNING id, idempotency_key
