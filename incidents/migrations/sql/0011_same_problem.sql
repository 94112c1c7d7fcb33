-- Moves of the intake: a report gets its class, somebody follows, two incidents turn out to be one and back.

INSERT INTO incident_transition (move, from_stage, to_stage)
SELECT m.move, s.stage, s.stage
FROM unnest(ARRAY['follow', 'merge', 'split_off']) AS m (move)
CROSS JOIN unnest(ARRAY['REPORTED', 'FILED', 'DISPATCHED', 'HANDLING', 'HANDLED', 'VERIFIED']) AS s (stage);

INSERT INTO incident_transition (move, from_stage, to_stage)
SELECT 'split_off', s.stage, s.stage
FROM unnest(ARRAY['CLOSED', 'EVALUATED', 'REJECTED', 'VOID']) AS s (stage);

INSERT INTO incident_transition (move, from_stage, to_stage)
VALUES
  ('classify', 'REPORTED', 'REPORTED'),
  ('split', 'CLOSED', 'FILED'),
  ('split', 'EVALUATED', 'FILED'),
  ('split_report', 'REJECTED', 'REPORTED');

INSERT INTO incident_move_axis (axis, move)
VALUES
  ('holder', 'split'),
  ('holder', 'split_report');
