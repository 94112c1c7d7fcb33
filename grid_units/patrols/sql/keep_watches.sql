INSERT INTO patrol_watch AS kept (
  worker_id, state, since, anchor, is_outside, turning_at, in_area_at, looked_at, written_in
)
SELECT
  w.worker_id, w.state, w.since, w.anchor, w.is_outside, w.turning_at, w.in_area_at, w.looked_at,
  pg_current_xact_id()::text::bigint
FROM json_to_recordset(%s) AS w (
  worker_id bigint, state text, since timestamptz, anchor jsonb, is_outside boolean, turning_at timestamptz,
  in_area_at timestamptz, looked_at timestamptz
)
ON CONFLICT (worker_id) DO UPDATE
SET
  written_in = CASE WHEN kept.state = excluded.state THEN kept.written_in ELSE excluded.written_in END,
  state = excluded.state,
  since = excluded.since,
  anchor = excluded.anchor,
  is_outside = excluded.is_outside,
  turning_at = excluded.turning_at,
  in_area_at = excluded.in_area_at,
  looked_at = excluded.looked_at
