-- What was passed: a bit counts for whoever came within 15 m of its middle, an asset within 10 m.

CREATE TABLE bit_seen (
  day date NOT NULL,
  bit_id bigint NOT NULL REFERENCES road_bit (id) ON DELETE CASCADE,
  -- 0: walked outside of a patrol.
  patrol_id bigint NOT NULL,
  worker_id bigint NOT NULL,
  first_at timestamptz NOT NULL,
  last_at timestamptz NOT NULL,
  is_driven boolean NOT NULL,
  PRIMARY KEY (day, bit_id, patrol_id, worker_id),
  CONSTRAINT bit_is_seen_last_after_first CHECK (last_at >= first_at)
);
CREATE INDEX bit_seen_of_bit ON bit_seen (bit_id);
CREATE INDEX bit_seen_of_patrol ON bit_seen (patrol_id) WHERE patrol_id <> 0;
COMMENT ON TABLE bit_seen IS 'Bits of streets that somebody passed on a local day; is_driven: never slower than 15 km/h. 已巡路段';

-- Where a cell has no street to patrol, its ground counts in squares of 20 m.
CREATE TABLE square_seen (
  day date NOT NULL,
  cell_id bigint NOT NULL,
  gx integer NOT NULL,
  gy integer NOT NULL,
  last_at timestamptz NOT NULL,
  PRIMARY KEY (day, cell_id, gx, gy)
);
COMMENT ON TABLE square_seen IS 'Squares of 20 m that somebody walked on, in cells without streets. 已巡地块';

-- The side of such a square in Web Mercator, whose metres are longer by the cosine of the latitude. Within half a
-- degree one cosine is used, so that squares do not move with the place that asks.
CREATE FUNCTION core.square_side_3857(latitude double precision) RETURNS double precision
LANGUAGE sql IMMUTABLE
AS $$
  SELECT 20 / cos(radians(round(latitude * 2) / 2))
$$;

-- Fixes that were read once each: [{"d": device, "w": worker, "t": time, "x": degrees, "y": degrees, "v": driven}].
-- Each is joined to the fix before it, and a late one to the fix after it, where no more than five minutes and
-- 150 m lie between: over more nobody knows the way. Written twice, the same comes out.
CREATE FUNCTION core.see(fixes jsonb) RETURNS integer
LANGUAGE plpgsql SET search_path = public, pg_temp SET jit = off
SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
  zone constant text := core.city_zone();
  seen integer;
BEGIN
  WITH seen_way (day, patrol_id, worker_id, at, is_driven, line, scale) AS MATERIALIZED (
  SELECT
    (way.at AT TIME ZONE zone)::date,
    coalesce(walked.id, 0),
    way.worker_id,
    way.at,
    way.is_driven,
    ST_Transform(way.line, 3857),
    1 / cos(radians(way.latitude))
  FROM (
    SELECT
      f.w AS worker_id,
      f.t AS at,
      coalesce(f.v, false) AS is_driven,
      f.y AS latitude,
      CASE
        WHEN before.point IS NULL THEN here.point
        ELSE ST_MakeLine(before.point, here.point)
      END AS line
    FROM jsonb_to_recordset(fixes) AS f (
      d bigint, w bigint, t timestamptz, x double precision, y double precision, v boolean
    )
    CROSS JOIN LATERAL (SELECT ST_SetSRID(ST_MakePoint(f.x, f.y), 4326) AS point) AS here
    LEFT JOIN LATERAL (
      SELECT n.point
      FROM (
        SELECT x.point
        FROM fix AS x
        WHERE x.device_id = f.d
          AND x.at < f.t
          AND x.at >= f.t - interval '5 minutes'
          -- A device's clock is at most some minutes ahead of ours: older partitions need no look.
          AND x.received_at >= f.t - interval '15 minutes'
          AND x.unused_because = ''
        ORDER BY x.at DESC
        LIMIT 1
      ) AS n
      WHERE ST_DistanceSphere(n.point, here.point) <= 150
    ) AS before ON true
    UNION ALL
    -- Whoever came after a late fix had been joined to the one before it: the way between is known better now.
    SELECT f.w, f.t, coalesce(f.v, false), f.y, ST_MakeLine(here.point, after.point)
    FROM jsonb_to_recordset(fixes) AS f (
      d bigint, w bigint, t timestamptz, x double precision, y double precision, v boolean
    )
    CROSS JOIN LATERAL (SELECT ST_SetSRID(ST_MakePoint(f.x, f.y), 4326) AS point) AS here
    CROSS JOIN LATERAL (
      SELECT n.point
      FROM (
        SELECT x.point
        FROM fix AS x
        WHERE x.device_id = f.d
          AND x.at > f.t
          AND x.at <= f.t + interval '5 minutes'
          AND x.received_at >= f.t - interval '15 minutes'
          AND x.unused_because = ''
        ORDER BY x.at
        LIMIT 1
      ) AS n
      WHERE ST_DistanceSphere(n.point, here.point) <= 150
    ) AS after
  ) AS way
  LEFT JOIN LATERAL (
    SELECT p.id
    FROM patrol AS p
    WHERE p.worker_id = way.worker_id
      AND p.started_at <= way.at
      AND (p.ended_at IS NULL OR p.ended_at >= way.at)
    ORDER BY p.started_at DESC
    LIMIT 1
  ) AS walked ON true
  ),
  passed AS (
    SELECT
      w.day, b.id AS bit_id, w.patrol_id, w.worker_id,
      min(w.at) AS first_at, max(w.at) AS last_at, bool_and(w.is_driven) AS is_driven,
      max(w.at) FILTER (WHERE NOT w.is_driven) AS walked_at,
      max(w.at) FILTER (WHERE w.is_driven) AS driven_at
    FROM seen_way AS w
    JOIN road_bit AS b ON ST_DWithin(b.middle, w.line, 15 * w.scale)
    GROUP BY w.day, b.id, w.patrol_id, w.worker_id
  ),
  kept AS (
    INSERT INTO bit_seen AS s (day, bit_id, patrol_id, worker_id, first_at, last_at, is_driven)
    SELECT p.day, p.bit_id, p.patrol_id, p.worker_id, p.first_at, p.last_at, p.is_driven
    FROM passed AS p
    ORDER BY p.day, p.bit_id, p.patrol_id, p.worker_id
    ON CONFLICT (day, bit_id, patrol_id, worker_id) DO UPDATE
    SET
      first_at = least(s.first_at, excluded.first_at),
      last_at = greatest(s.last_at, excluded.last_at),
      is_driven = s.is_driven AND excluded.is_driven
    -- Somebody who stands still would write the same bits every few seconds.
    WHERE s.first_at > excluded.first_at
      OR s.last_at < excluded.last_at - interval '1 minute'
      OR (s.is_driven AND NOT excluded.is_driven)
    RETURNING 1
  ),
  newest AS (
    INSERT INTO road_bit_last AS l (bit_id, walked_at, driven_at)
    SELECT p.bit_id, max(p.walked_at), max(p.driven_at) FROM passed AS p GROUP BY p.bit_id ORDER BY p.bit_id
    ON CONFLICT (bit_id) DO UPDATE
    SET walked_at = greatest(l.walked_at, excluded.walked_at), driven_at = greatest(l.driven_at, excluded.driven_at)
    WHERE coalesce(l.walked_at, '-infinity') < excluded.walked_at - interval '1 minute'
      OR coalesce(l.driven_at, '-infinity') < excluded.driven_at - interval '1 minute'
  ),
  assets_passed AS (
    INSERT INTO asset_last_seen AS l (asset_id, at, worker_id)
    SELECT DISTINCT ON (a.id) a.id, w.at, w.worker_id
    FROM seen_way AS w
    JOIN asset AS a ON ST_DWithin(a.geom_3857, w.line, 10 * w.scale)
    WHERE NOT w.is_driven
    ORDER BY a.id, w.at DESC
    ON CONFLICT (asset_id) DO UPDATE
    SET at = excluded.at, worker_id = excluded.worker_id
    WHERE l.at < excluded.at - interval '1 minute'
  ),
  ground AS (
    INSERT INTO square_seen AS s (day, cell_id, gx, gy, last_at)
    SELECT w.day, c.id, square.gx, square.gy, max(w.at)
    FROM seen_way AS w
    CROSS JOIN LATERAL (SELECT ST_Transform(ST_EndPoint(ST_Force2D(w.line)), 4326) AS line_end) AS ended
    CROSS JOIN LATERAL (
      SELECT coalesce(ended.line_end, ST_Transform(w.line, 4326)) AS point
    ) AS stood
    JOIN cell AS c ON ST_Intersects(c.geom, stood.point)
    CROSS JOIN LATERAL (
      SELECT
        floor(ST_X(ST_Transform(stood.point, 3857)) / core.square_side_3857(ST_Y(stood.point)))::integer AS gx,
        floor(ST_Y(ST_Transform(stood.point, 3857)) / core.square_side_3857(ST_Y(stood.point)))::integer AS gy
    ) AS square
    WHERE NOT w.is_driven AND NOT EXISTS (SELECT FROM road_bit AS b WHERE b.cell_id = c.id AND b.is_due)
    GROUP BY w.day, c.id, square.gx, square.gy
    ORDER BY 1, 2, 3, 4
    ON CONFLICT (day, cell_id, gx, gy) DO UPDATE
    SET last_at = greatest(s.last_at, excluded.last_at)
    WHERE s.last_at < excluded.last_at
  )
  SELECT count(*) INTO seen FROM kept;
  RETURN seen;
END
$$;
COMMENT ON FUNCTION core.see(jsonb) IS 'Note what was passed by fixes that have just been read. 巡查覆盖';
