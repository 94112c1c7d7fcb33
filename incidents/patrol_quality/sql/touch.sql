-- Late data has come: judgements that are open and that it may change are to be made again.
WITH come AS (
  DELETE FROM late_passed RETURNING worker_id, from_at, to_at, west, south, east, north
)
UPDATE patrol_judgement AS j
SET is_stale = true
FROM come AS l
WHERE NOT j.is_settled
  AND NOT j.is_stale
  AND j.window_from <= l.to_at + interval '5 minutes'
  AND j.window_to >= l.from_at - interval '5 minutes'
  AND (
    j.because IN ('silent', 'not_listened', 'elsewhere')
    OR j.worker_id = l.worker_id
    OR (ST_X(j.place) BETWEEN l.west - 0.005 AND l.east + 0.005
      AND ST_Y(j.place) BETWEEN l.south - 0.003 AND l.north + 0.003)
  )
