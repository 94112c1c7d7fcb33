-- The line that was walked. M is the time in Unix seconds.
ALTER TABLE patrol ADD COLUMN track geometry(MultiLineStringM, 4326);
COMMENT ON TABLE patrol IS 'A shift walked by a person, with its track. 巡查班次';
COMMENT ON COLUMN patrol.track IS 'Simplified to about 2 m; a new part begins after five minutes without a fix; M: Unix seconds';
COMMENT ON TABLE patrol_watch IS 'What each person on duty is doing, as the clock saw it last. 巡查状态';
COMMENT ON TABLE absence IS 'Should be there and is not: alarms of the clock. 应到未到';

-- Alarms are told to the live feed, and there only to those who may see positions in these units.
CREATE FUNCTION core.tell_absences() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
  PERFORM core.record_change(
    'absence', tg_op, array_agg(n.id::text), '{}',
    ARRAY(SELECT DISTINCT jsonb_array_elements_text(m.unit_codes) FROM new_rows AS m))
  FROM new_rows AS n
  HAVING count(*) > 0;
  RETURN NULL;
END
$$;
CREATE TRIGGER tell_of_insert AFTER INSERT ON absence
REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION core.tell_absences();
CREATE TRIGGER tell_of_update AFTER UPDATE ON absence
REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION core.tell_absences();

-- Everybody whose duty with shifts or without runs at a moment: the inverse of core.on_duty_in. `began` is null for
-- duties without shifts, which never begin.
CREATE FUNCTION core.people_on_duty(moment timestamptz)
RETURNS TABLE (user_id bigint, duty_id bigint, unit_codes text[], began timestamptz, until timestamptz)
LANGUAGE plpgsql STABLE
AS $$
#variable_conflict use_column
DECLARE
  zone constant text := core.city_zone();
  today constant date := (moment AT TIME ZONE zone)::date;
BEGIN
  RETURN QUERY
  SELECT
    person.id,
    duty.id,
    ARRAY(SELECT area.unit_code::text FROM public.duty_area AS area WHERE area.duty_id = duty.id ORDER BY 1),
    CASE WHEN shift.listed > 0 THEN greatest(shift.starts_at, duty.valid_from, standing_in.valid_from) END,
    least(shift.ends_at, duty.valid_to, standing_in.valid_to)
  FROM public.duty AS duty
  LEFT JOIN public.substitution AS standing_in ON standing_in.duty_id = duty.id
    AND standing_in.valid_from <= moment
    AND standing_in.valid_to > moment
  JOIN public.user_account AS person
    ON person.id = CASE WHEN standing_in.id IS NULL THEN duty.user_id ELSE standing_in.substitute_id END
    AND person.is_active
  CROSS JOIN LATERAL (
    SELECT
      count(*) AS listed,
      min(times.starts_at) FILTER (WHERE times.starts_at <= moment AND times.ends_at > moment) AS starts_at,
      max(times.ends_at) FILTER (WHERE times.starts_at <= moment AND times.ends_at > moment) AS ends_at
    FROM public.duty_shift
    LEFT JOIN (VALUES (today), (today - 1)) AS local (day)
      ON duty_shift.weekday = extract(isodow FROM local.day)::integer - 1
    CROSS JOIN LATERAL (
      SELECT
        (local.day + duty_shift.starts) AT TIME ZONE zone AS starts_at,
        (local.day + CASE WHEN duty_shift.ends <= duty_shift.starts THEN 1 ELSE 0 END + duty_shift.ends) AT TIME ZONE zone AS ends_at
    ) AS times
    WHERE duty_shift.duty_id = duty.id
  ) AS shift
  WHERE duty.valid_from <= moment
    AND (duty.valid_to IS NULL OR duty.valid_to > moment)
    AND (shift.listed = 0 OR shift.ends_at IS NOT NULL);
END
$$;
COMMENT ON FUNCTION core.people_on_duty(timestamptz) IS
  'Everybody on duty at a moment with the units of the duty, when the shift began and until when. 当前值班人员';

-- The units that people belong to: those of their duties (also as a substitute), else of their roles. Whoever may
-- see positions in one of these units sees where the person is, wherever that is.
CREATE FUNCTION core.units_of_people()
RETURNS TABLE (worker_id bigint, unit_codes text[])
LANGUAGE plpgsql STABLE
AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY
  WITH duties AS (
    SELECT duty.user_id AS worker_id, area.unit_code::text AS code
    FROM public.duty AS duty
    JOIN public.duty_area AS area ON area.duty_id = duty.id
    WHERE duty.valid_from <= now() AND (duty.valid_to IS NULL OR duty.valid_to > now())
    UNION
    SELECT s.substitute_id, area.unit_code::text
    FROM public.substitution AS s
    JOIN public.duty_area AS area ON area.duty_id = s.duty_id
    WHERE s.valid_from <= now() AND s.valid_to > now()
  ),
  homes AS (
    SELECT d.worker_id, d.code FROM duties AS d
    UNION
    SELECT m.user_id, m.unit_prefix::text
    FROM public.membership AS m
    WHERE m.unit_prefix <> ''
      AND m.valid_from <= now()
      AND (m.valid_to IS NULL OR m.valid_to > now())
      AND NOT EXISTS (SELECT FROM duties AS d WHERE d.worker_id = m.user_id)
  )
  SELECT h.worker_id, array_agg(h.code ORDER BY h.code) FROM homes AS h GROUP BY h.worker_id;
END
$$;
COMMENT ON FUNCTION core.units_of_people() IS 'The units that decide who may see where somebody is. 所属单元';

-- Who carries which device now. One that belongs to no unit is seen by those who see the whole city.
CREATE FUNCTION core.carriers()
RETURNS TABLE (device_id bigint, worker_id bigint, unit_codes text[])
LANGUAGE plpgsql STABLE
AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY
  SELECT d.id, c.worker_id, coalesce(u.unit_codes, '{}')
  FROM public.device AS d
  LEFT JOIN public.device_pairing AS c
    ON c.device_id = d.id AND c.valid_from <= now() AND (c.valid_to IS NULL OR c.valid_to > now())
  LEFT JOIN core.units_of_people() AS u ON u.worker_id = c.worker_id
  WHERE d.revoked_at IS NULL AND d.kind NOT IN ('forwarder', 'file');
END
$$;
COMMENT ON FUNCTION core.carriers() IS 'Who carries each device now, and the units that decide who may see where. 持有人';

-- The way of a person between two moments, from the fixes of the device that said most: a part for each stretch
-- without a gap of five minutes, M is Unix seconds. Lengths are metres on the ellipsoid of the line as it came; the
-- line is then simplified to 2 m (in degrees of latitude, so it is finer from east to west).
CREATE FUNCTION core.track_of(
  person bigint, since timestamptz, until timestamptz,
  OUT track geometry, OUT length_m double precision, OUT driven_m double precision, OUT fixes integer
)
LANGUAGE plpgsql STABLE
SET search_path = public, pg_temp
AS $$
BEGIN
  WITH said AS (
    SELECT f.device_id, f.at, f.point, f.is_driven, f.id
    FROM device_pairing AS c
    JOIN fix AS f
      ON f.device_id = c.device_id
      AND f.at >= greatest(c.valid_from, track_of.since)
      AND f.at <= least(c.valid_to, track_of.until)
      AND f.received_at >= track_of.since - interval '10 minutes'
      AND f.unused_because = ''
    WHERE c.worker_id = person
  ),
  counted AS (
    SELECT s.*, count(*) OVER (PARTITION BY s.device_id) AS said_by FROM said AS s
  ),
  best AS (
    SELECT c.* FROM counted AS c
    WHERE c.device_id = (SELECT b.device_id FROM counted AS b ORDER BY b.said_by DESC, b.device_id LIMIT 1)
  ),
  stepped AS (
    SELECT
      b.*,
      lag(b.point) OVER w AS before,
      coalesce(b.at - lag(b.at) OVER w > interval '5 minutes', true) AS is_new
    FROM best AS b
    WINDOW w AS (ORDER BY b.at, b.id)
  ),
  parted AS (
    SELECT s.*, count(*) FILTER (WHERE s.is_new) OVER (ORDER BY s.at, s.id) AS part FROM stepped AS s
  ),
  lines AS (
    SELECT
      ST_MakeLine(
        ST_SetSRID(ST_MakePointM(ST_X(p.point), ST_Y(p.point), extract(epoch FROM p.at)::double precision), 4326)
        ORDER BY p.at, p.id
      ) AS line
    FROM parted AS p
    GROUP BY p.part
    HAVING count(*) > 1
  )
  SELECT
    (SELECT ST_Multi(ST_Collect(coalesce(ST_Simplify(l.line, 2 / 111320.0, true), l.line))) FROM lines AS l),
    (SELECT coalesce(sum(ST_Length(ST_Force2D(l.line)::geography)), 0) FROM lines AS l),
    (
      SELECT coalesce(sum(ST_Distance(p.before::geography, p.point::geography)), 0)
      FROM parted AS p
      WHERE p.is_driven AND NOT p.is_new
    ),
    (SELECT count(*)::integer FROM best)
  INTO track_of.track, track_of.length_m, track_of.driven_m, track_of.fixes;
END
$$;
COMMENT ON FUNCTION core.track_of(bigint, timestamptz, timestamptz) IS 'The way a person went between two moments. 轨迹';
