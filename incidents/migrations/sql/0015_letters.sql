-- Reminder letters (提醒函) and supervision notices (督办) are steps: noted beside the work, the stage stays.
INSERT INTO incident_transition (move, from_stage, to_stage)
VALUES
  ('remind', 'DISPATCHED', 'DISPATCHED'),
  ('remind', 'HANDLING', 'HANDLING'),
  ('supervise', 'DISPATCHED', 'DISPATCHED'),
  ('supervise', 'HANDLING', 'HANDLING');
