-- Of a place in a cell: whether a patrol has to pass within so many metres of it (where the cell has no street to
-- patrol, its ground is to be walked), who else walked near it according to coverage, and since when we listen.
WITH here AS (
  SELECT
    ST_Transform(ST_SetSRID(ST_MakePoint(%(lng)s, %(lat)s), 4326), 3857) AS point,
    1 / cos(radians(%(lat)s)) AS scale
)
SELECT
  EXISTS (
    SELECT FROM road_bit AS b WHERE b.is_due AND ST_DWithin(b.geom_3857, here.point, %(within_m)s * here.scale)
  )
  OR NOT EXISTS (
    SELECT FROM cell AS c JOIN road_bit AS b ON b.cell_id = c.id AND b.is_due WHERE c.code = %(code)s
  ),
  ARRAY(
    SELECT DISTINCT s.worker_id
    FROM road_bit AS b
    JOIN bit_seen AS s ON s.bit_id = b.id
    WHERE ST_DWithin(b.middle, here.point, 60 * here.scale)
      AND s.day BETWEEN (%(window_from)s::timestamptz AT TIME ZONE core.city_zone())::date
        AND (%(window_to)s::timestamptz AT TIME ZONE core.city_zone())::date
      AND s.first_at <= %(window_to)s
      AND s.last_at >= %(window_from)s::timestamptz - interval '2 minutes'
      AND NOT s.is_driven
    LIMIT 20
  ),
  ARRAY(
    SELECT DISTINCT c.worker_id
    FROM device_pairing AS c
    JOIN device AS d ON d.id = c.device_id AND d.kind <> 'file'
    WHERE c.worker_id = ANY (%(workers)s::bigint[])
      AND c.valid_from <= %(window_to)s
      AND (c.valid_to IS NULL OR c.valid_to > %(window_from)s)
      AND (d.revoked_at IS NULL OR d.revoked_at > %(window_from)s)
  ),
  (SELECT l.since FROM patrol_listening AS l)
FROM here
