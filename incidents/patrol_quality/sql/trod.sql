-- The used fixes of people around a window, of the devices that they carried then.
SELECT c.worker_id, f.device_id, f.at, ST_X(f.point), ST_Y(f.point), f.is_driven
FROM device_pairing AS c
JOIN fix AS f
  ON f.device_id = c.device_id
  AND f.at >= greatest(c.valid_from, %(window_from)s::timestamptz - interval '5 minutes')
  AND f.at <= least(c.valid_to, %(window_to)s::timestamptz + interval '5 minutes')
  -- A device's clock is at most some minutes ahead of ours: older partitions need no look.
  AND f.received_at >= %(window_from)s::timestamptz - interval '20 minutes'
  AND f.unused_because = ''
WHERE c.worker_id = ANY (%(workers)s::bigint[])
