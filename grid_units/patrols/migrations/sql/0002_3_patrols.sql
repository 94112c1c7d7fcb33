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
