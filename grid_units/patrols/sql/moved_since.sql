-- What moved and who changed state since a snapshot, and the snapshot of this look; at least one row. A few thousand
-- rows without an index on what changes every second: reading all of them is the cheapest. Transactions beyond the
-- snapshot of this very look are those of another cluster, from which a backup was restored: nothing moved.
SELECT pg_current_snapshot()::text, l.device_id, ST_X(l.point), ST_Y(l.point), NULL::bigint, NULL::text
FROM (SELECT 1) AS one
LEFT JOIN last_position AS l
  ON l.point IS NOT NULL
  AND l.written_in >= pg_snapshot_xmin(%(seen)s::pg_snapshot)::text::bigint
  AND l.written_in < pg_snapshot_xmax(pg_current_snapshot())::text::bigint
  AND NOT pg_visible_in_snapshot(l.written_in::text::xid8, %(seen)s::pg_snapshot)
UNION ALL
SELECT pg_current_snapshot()::text, NULL, NULL, NULL, w.worker_id, w.state
FROM patrol_watch AS w
WHERE w.written_in >= pg_snapshot_xmin(%(seen)s::pg_snapshot)::text::bigint
  AND w.written_in < pg_snapshot_xmax(pg_current_snapshot())::text::bigint
  AND NOT pg_visible_in_snapshot(w.written_in::text::xid8, %(seen)s::pg_snapshot)
