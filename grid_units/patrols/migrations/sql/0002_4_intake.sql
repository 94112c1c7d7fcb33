-- Keep what was judged: all fixes, and the newest of each device. One call for a gathering, in the transaction that
-- has locked the rows of last_position (grid_units/patrols/sql/devices_asked.sql).
CREATE FUNCTION core.keep_fixes(moment timestamptz, fixes json, devices json) RETURNS void
LANGUAGE plpgsql
SET search_path = public, pg_temp
SET plan_cache_mode = force_generic_plan
AS $$
BEGIN
  INSERT INTO fix (
    device_id, worker_id, at, received_at, point, accuracy_m, speed_mps, heading_deg, altitude_m, battery_pct,
    protocol, unused_because, is_late, is_driven
  )
  SELECT
    f.d, carried.worker_id, f.at, moment, ST_SetSRID(ST_MakePoint(f.x, f.y), 4326), f.a, f.s, f.h, f.z, f.b,
    f.p, coalesce(f.u, ''), coalesce(f.l, false), coalesce(f.w, false)
  FROM json_to_recordset(fixes) AS f (
    d bigint, at timestamptz, x double precision, y double precision, a real, s real, h real, z real, b real,
    p text, u text, l boolean, w boolean
  )
  -- Whoever carried it then, not now.
  LEFT JOIN LATERAL (
    SELECT c.worker_id
    FROM device_pairing AS c
    WHERE c.device_id = f.d AND c.valid_from <= f.at AND (c.valid_to IS NULL OR c.valid_to > f.at)
  ) AS carried ON true;

  UPDATE last_position AS l
  SET
    heard_at = greatest(l.heard_at, moment),
    doubt = d.doubt,
    worker_id = CASE WHEN d.at IS NULL THEN l.worker_id ELSE carried.worker_id END,
    at = coalesce(d.at, l.at),
    received_at = CASE WHEN d.at IS NULL THEN l.received_at ELSE moment END,
    point = CASE WHEN d.at IS NULL THEN l.point ELSE ST_SetSRID(ST_MakePoint(d.x, d.y), 4326) END,
    accuracy_m = CASE WHEN d.at IS NULL THEN l.accuracy_m ELSE d.a END,
    speed_mps = CASE WHEN d.at IS NULL THEN l.speed_mps ELSE d.s END,
    heading_deg = CASE WHEN d.at IS NULL THEN l.heading_deg ELSE d.h END,
    altitude_m = CASE WHEN d.at IS NULL THEN l.altitude_m ELSE d.z END,
    battery_pct = CASE WHEN d.at IS NULL THEN l.battery_pct ELSE coalesce(d.b, l.battery_pct) END,
    is_driven = CASE WHEN d.at IS NULL THEN l.is_driven ELSE coalesce(d.w, false) END,
    written_in = CASE WHEN d.at IS NULL THEN l.written_in ELSE pg_current_xact_id()::text::bigint END
  FROM json_to_recordset(devices) AS d (
    d bigint, at timestamptz, x double precision, y double precision, a real, s real, h real, z real, b real,
    w boolean, doubt jsonb
  )
  LEFT JOIN LATERAL (
    SELECT c.worker_id
    FROM device_pairing AS c
    WHERE c.device_id = d.d AND c.valid_from <= d.at AND (c.valid_to IS NULL OR c.valid_to > d.at)
  ) AS carried ON true
  WHERE l.device_id = d.d;
END
$$;
COMMENT ON FUNCTION core.keep_fixes(timestamptz, json, json) IS 'Keep a gathering of fixes and where each device is now. 定位入库';

-- What late fixes amend: the tracks of the patrols they belong to are drawn again.
CREATE FUNCTION core.amend_patrols(late json) RETURNS void
LANGUAGE plpgsql
SET search_path = public, pg_temp
AS $$
BEGIN
  UPDATE patrol AS p
  SET is_track_stale = true
  FROM json_to_recordset(late) AS f (d bigint, at timestamptz)
  JOIN device_pairing AS c ON c.device_id = f.d AND c.valid_from <= f.at AND (c.valid_to IS NULL OR c.valid_to > f.at)
  WHERE p.worker_id = c.worker_id
    AND NOT p.is_track_stale
    AND p.started_at <= f.at
    AND (p.ended_at IS NULL OR p.ended_at >= f.at);
END
$$;

COMMENT ON FUNCTION core.amend_patrols(json) IS 'Have the tracks drawn again that late fixes belong to. 补传修正';

-- The app and nobody else keeps partitions, by the function only.
DO $$
BEGIN
  IF to_regrole('geogrid_app') IS NOT NULL THEN
    GRANT EXECUTE ON FUNCTION core.keep_fix_partitions(timestamptz, integer, integer) TO geogrid_app;
    REVOKE DELETE, TRUNCATE ON device, last_position FROM geogrid_app;
  END IF;
END
$$;
SELECT core.keep_fix_partitions(now(), 3, 400);
