-- What devices have said before around the times of late fixes: every device time (but those ahead of our clock),
-- and where it was when the fix was used. Receipt is never long before device time, so older partitions are left out.
SELECT asked.d, known.at, ST_X(known.point), ST_Y(known.point), known.accuracy_m, known.unused_because = ''
FROM json_to_recordset(%s) AS asked (d bigint, since timestamptz, until timestamptz)
CROSS JOIN LATERAL (
  SELECT f.at, f.point, f.accuracy_m, f.unused_because
  FROM fix AS f
  WHERE f.device_id = asked.d
    AND f.at >= asked.since
    AND f.at <= asked.until
    AND f.received_at >= asked.since - interval '10 minutes'
    AND f.unused_because <> 'future'
) AS known
