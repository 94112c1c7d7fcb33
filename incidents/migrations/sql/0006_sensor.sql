-- What a sensor says of an incident is a step that leaves the stage as it is.
INSERT INTO incident_transition (move, from_stage, to_stage)
SELECT 'sensor', stage, stage
FROM unnest(ARRAY['REPORTED', 'FILED', 'DISPATCHED', 'HANDLING', 'HANDLED', 'VERIFIED']) AS stage;

-- An alarm opened one incident, or belongs to one, for good.
REVOKE UPDATE, DELETE, TRUNCATE ON incident_alarm FROM geogrid_app;
COMMENT ON TABLE incident_alarm IS 'Which alarm of a sensor belongs to which incident. 报警与案件';
