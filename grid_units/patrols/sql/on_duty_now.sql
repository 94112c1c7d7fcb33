-- Everybody on duty who carries a device, one row for each duty, with what is remembered of them and their newest
-- position. How far it lies outside of the duty's units is measured only when it is new.
SELECT
  person.user_id,
  person.duty_id,
  person.unit_codes,
  person.began,
  person.until,
  place.at,
  ST_X(place.point),
  ST_Y(place.point),
  place.accuracy_m,
  outside.metres,
  watch.state,
  watch.since,
  watch.anchor,
  watch.is_outside,
  watch.turning_at,
  watch.in_area_at,
  watch.looked_at
FROM core.people_on_duty(%(at)s) AS person
CROSS JOIN LATERAL (
  SELECT l.at, l.point, l.accuracy_m
  FROM device_pairing AS c
  JOIN device AS d ON d.id = c.device_id AND d.revoked_at IS NULL AND d.kind <> 'file'
  JOIN last_position AS l ON l.device_id = d.id
  WHERE c.worker_id = person.user_id
    AND c.valid_from <= %(at)s
    AND (c.valid_to IS NULL OR c.valid_to > %(at)s)
  ORDER BY l.at DESC NULLS LAST
  LIMIT 1
) AS place
LEFT JOIN patrol_watch AS watch ON watch.worker_id = person.user_id
LEFT JOIN LATERAL (
  SELECT min(CASE
    WHEN ST_Intersects(ground.geom, place.point) THEN 0
    ELSE ST_Distance(ground.geom::geography, place.point::geography)
  END) AS metres
  FROM (
    SELECT c.geom
    FROM cell AS c
    WHERE place.at IS DISTINCT FROM watch.looked_at AND c.code = ANY (person.unit_codes)
    UNION ALL
    SELECT u.geom
    FROM grid_unit AS u
    WHERE place.at IS DISTINCT FROM watch.looked_at AND u.code = ANY (person.unit_codes)
  ) AS ground
) AS outside ON true
