-- By log-in name the pieces of time in which anything was heard of somebody's simulated device.
SELECT u.username, array_agg(DISTINCT date_bin(make_interval(secs => %(piece_s)s), f.at, timestamptz '1970-01-01 00:00Z'))
FROM fix AS f
JOIN device AS d ON d.id = f.device_id AND d.is_simulated
JOIN user_account AS u ON u.id = f.worker_id
WHERE f.received_at >= %(since)s
  AND f.at >= %(since)s
GROUP BY u.username
