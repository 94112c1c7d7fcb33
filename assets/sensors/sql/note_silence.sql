-- Offline (离线): nothing heard for so many intervals, by our clock. The next value ends it.
UPDATE datastream_state AS s
SET silent_since = s.heard_at
FROM datastream AS d
WHERE d.id = s.datastream_id
  AND d.is_active
  AND s.silent_since IS NULL
  AND s.heard_at < %(at)s - make_interval(secs => d.expected_interval_s * d.stale_after_intervals)
