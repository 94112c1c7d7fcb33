WITH stale AS (
  SELECT p.id, p.worker_id, p.started_at, p.ended_at
  FROM patrol AS p
  WHERE p.is_track_stale AND p.ended_at IS NOT NULL
  ORDER BY p.id
  LIMIT %(most)s
  FOR UPDATE SKIP LOCKED
)
UPDATE patrol AS p
SET
  track = drawn.track,
  length_m = drawn.length_m,
  driven_m = drawn.driven_m,
  fixes = drawn.fixes,
  is_track_stale = false
FROM stale AS s
CROSS JOIN LATERAL core.track_of(s.worker_id, s.started_at, s.ended_at) AS drawn
WHERE p.id = s.id
