-- Put in line whose steps are new since the last look, and remember this look. One row: how many new ones.
WITH looked AS (
  SELECT m.seen, m.low_step, m.last_step, pg_current_snapshot() AS now_seen, q.last_value AS now_last
  FROM evaluation_mark AS m
  CROSS JOIN (SELECT last_value FROM step_taken_id_seq) AS q
),
found AS (
  INSERT INTO evaluation_pending (incident_id)
  SELECT DISTINCT s.incident_id
  FROM looked AS l
  JOIN step_taken AS s ON s.id > l.low_step AND NOT pg_visible_in_snapshot(s.xid, l.seen::pg_snapshot)
  ON CONFLICT DO NOTHING
  RETURNING incident_id
),
marked AS (
  UPDATE evaluation_mark AS m
  SET
    seen = l.now_seen::text,
    last_step = l.now_last,
    -- Whoever was writing at the last look has ended: what had an id then has been seen. An id is given out a
    -- moment before its transaction has a number, hence the margin.
    low_step = CASE
      WHEN pg_snapshot_xmin(l.now_seen) >= pg_snapshot_xmax(l.seen::pg_snapshot) THEN greatest(l.low_step, l.last_step - 10000)
      ELSE l.low_step
    END
  FROM looked AS l
  WHERE m.id = 1
)
SELECT count(*) FROM found
