-- Where everybody was who was on duty at a moment and whom the viewer may see: by the clock of the device, late fixes
-- included, the newest used fix of the devices that they carried at that moment. Whoever had not said anything for a day is not
-- told. `received_from` leaves the partitions of earlier days out of the plan.
WITH on_duty AS (
  SELECT d.user_id FROM core.people_on_duty(%(at)s) AS d
  UNION
  SELECT p.worker_id
  FROM patrol AS p
  WHERE p.started_at <= %(at)s AND (p.ended_at IS NULL OR p.ended_at >= %(at)s)
),
seen AS (
  SELECT o.user_id
  FROM on_duty AS o
  LEFT JOIN core.units_of_people() AS u ON u.worker_id = o.user_id
  WHERE o.user_id = %(viewer)s
    OR EXISTS (
      SELECT
      FROM unnest(coalesce(u.unit_codes, ARRAY[''])) AS unit (code)
      JOIN unnest(%(prefixes)s::text[]) AS allowed (prefix) ON starts_with(unit.code, allowed.prefix)
    )
)
SELECT DISTINCT ON (c.worker_id)
  c.worker_id,
  coalesce(nullif(a.display_name, ''), a.username) AS worker_name,
  last.at,
  ST_X(last.point) AS lng,
  ST_Y(last.point) AS lat,
  last.is_driven,
  d.is_simulated
FROM seen AS s
JOIN user_account AS a ON a.id = s.user_id
JOIN device_pairing AS c
  ON c.worker_id = s.user_id
  AND c.valid_from <= %(at)s
  AND (c.valid_to IS NULL OR c.valid_to > %(at)s)
JOIN device AS d ON d.id = c.device_id AND d.kind <> 'file'
CROSS JOIN LATERAL (
  SELECT f.at, f.point, f.is_driven
  FROM fix AS f
  WHERE f.device_id = c.device_id
    AND f.at >= greatest(c.valid_from, %(since)s)
    AND f.at <= %(at)s
    AND f.received_at >= %(received_from)s
    AND f.unused_because = ''
  ORDER BY f.at DESC
  LIMIT 1
) AS last
ORDER BY c.worker_id, last.at DESC
