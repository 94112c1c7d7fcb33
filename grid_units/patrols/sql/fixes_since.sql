-- An hour of grace: a fix is written within seconds of its receipt, and no transaction of ours lives so long.
-- Transactions beyond the snapshot of this very look are those of another cluster, from which a backup was restored:
-- they are read with the beginning.
SELECT
  now.until::text, f.written_in, f.id, f.device_id, f.worker_id, f.at, f.received_at, ST_X(f.point), ST_Y(f.point),
  f.accuracy_m, f.unused_because, f.is_late, f.is_driven
FROM (SELECT coalesce(%(until)s::pg_snapshot, pg_current_snapshot()) AS until) AS now
LEFT JOIN LATERAL (
  SELECT x.*
  FROM fix AS x
  WHERE x.received_at >= %(received_from)s::timestamptz - interval '1 hour'
    AND x.written_in >= pg_snapshot_xmin(%(seen)s::pg_snapshot)::text::bigint
    AND x.written_in > %(after)s
    AND CASE
      WHEN x.written_in >= pg_snapshot_xmax(pg_current_snapshot())::text::bigint THEN %(seen)s = %(beginning)s
      ELSE
        pg_visible_in_snapshot(x.written_in::text::xid8, now.until)
        AND NOT pg_visible_in_snapshot(x.written_in::text::xid8, %(seen)s::pg_snapshot)
    END
  ORDER BY x.written_in
  FETCH FIRST %(most)s ROWS WITH TIES
) AS f ON true
ORDER BY f.written_in, f.id
