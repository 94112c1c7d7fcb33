SELECT
  d.id,
  d.name,
  d.kind,
  c.worker_id,
  coalesce(nullif(u.display_name, ''), u.username, '') AS worker_name,
  coalesce(w.state, '') AS state,
  w.since,
  l.at,
  l.heard_at,
  ST_X(l.point) AS lng,
  ST_Y(l.point) AS lat,
  l.accuracy_m,
  l.speed_mps,
  l.heading_deg,
  l.battery_pct,
  l.is_driven,
  d.is_simulated
FROM core.carriers() AS c
JOIN device AS d ON d.id = c.device_id
JOIN last_position AS l ON l.device_id = c.device_id
LEFT JOIN user_account AS u ON u.id = c.worker_id
LEFT JOIN patrol_watch AS w ON w.worker_id = c.worker_id
WHERE l.point IS NOT NULL
  AND (
    c.worker_id = %(viewer)s
    OR EXISTS (
      SELECT
      FROM unnest(CASE WHEN cardinality(c.unit_codes) = 0 THEN ARRAY[''] ELSE c.unit_codes END) AS unit (code)
      JOIN unnest(%(prefixes)s::text[]) AS seen (prefix) ON starts_with(unit.code, seen.prefix)
    )
  )
ORDER BY d.id
