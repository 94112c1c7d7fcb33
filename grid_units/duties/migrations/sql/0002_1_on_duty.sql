-- Who is on duty where.
--
-- A shift is on the wall clock of the city: its start and end are local times of a local day, so it keeps
-- its hours when the clocks change. A start or end that the clocks skip moves forward with them, one that
-- they repeat is the second.

CREATE FUNCTION core.city_zone() RETURNS text
LANGUAGE sql STABLE
AS $$
    SELECT coalesce((SELECT city.zone FROM city), 'UTC')
$$;
COMMENT ON FUNCTION core.city_zone() IS 'Time zone that decides calendar and local day of the city. 时区';

-- Who answers first when several are on duty for one unit; null for roles that never answer for a place.
CREATE FUNCTION core.answering_rank(role text) RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN array_position(ARRAY['grid_worker', 'supervisor', 'inspector', 'operator', 'dispatcher', 'commander'], role);

-- Everybody on duty for exactly this unit at a moment. "zone" is the city's, "today" the local day of the
-- moment. "until" is when this answer ends by itself: the end of the shift, of the duty, of the
-- substitution, or the start of the next one; null when no end is known.
CREATE FUNCTION core.on_duty_in(code text, at timestamptz, zone text, today date)
RETURNS TABLE (user_id bigint, duty_id bigint, role text, is_substitute boolean, until timestamptz)
LANGUAGE sql STABLE
AS $$
    SELECT
        person.id,
        duty.id,
        duty.role::text,
        standing_in.id IS NOT NULL,
        least(
            shift.ends_at,
            duty.valid_to,
            standing_in.valid_to,
            (SELECT min(later.valid_from) FROM substitution later WHERE later.duty_id = duty.id AND later.valid_from > at)
        )
    FROM duty_area area
    JOIN duty ON duty.id = area.duty_id
        AND duty.valid_from <= at
        AND (duty.valid_to IS NULL OR duty.valid_to > at)
    LEFT JOIN substitution standing_in ON standing_in.duty_id = duty.id
        AND standing_in.valid_from <= at
        AND standing_in.valid_to > at
    JOIN user_account person
        ON person.id = CASE WHEN standing_in.id IS NULL THEN duty.user_id ELSE standing_in.substitute_id END
        AND person.is_active
    CROSS JOIN LATERAL (
        SELECT count(*) AS listed, max(times.ends_at) FILTER (WHERE times.starts_at <= at AND times.ends_at > at) AS ends_at
        FROM duty_shift
        -- An overnight shift of yesterday may still run; none is longer than a day.
        LEFT JOIN (VALUES (today), (today - 1)) local (day)
            ON duty_shift.weekday = extract(isodow FROM local.day)::integer - 1
        CROSS JOIN LATERAL (
            SELECT
                (local.day + duty_shift.starts) AT TIME ZONE zone AS starts_at,
                (
                    local.day
                    + CASE WHEN duty_shift.ends <= duty_shift.starts THEN 1 ELSE 0 END
                    + duty_shift.ends
                ) AT TIME ZONE zone AS ends_at
        ) times
        WHERE duty_shift.duty_id = duty.id
    ) shift
    WHERE area.unit_code = code
        AND (shift.listed = 0 OR shift.ends_at IS NOT NULL)
$$;

CREATE FUNCTION core.on_duty_all(code text, at timestamptz)
RETURNS TABLE (
    user_id bigint,
    duty_id bigint,
    unit_code text,
    level text,
    role text,
    is_substitute boolean,
    until timestamptz
)
LANGUAGE plpgsql STABLE
AS $$
#variable_conflict use_column
DECLARE
    levels constant text[] := ARRAY['DISTRICT', 'STREET', 'COMMUNITY', 'CELL'];
    zone constant text := core.city_zone();
    codes constant text[] := core.unit_prefixes(code);
    today constant date := (at AT TIME ZONE zone)::date;
BEGIN
    FOR place IN REVERSE cardinality(codes)..1 LOOP
        RETURN QUERY
        SELECT person.user_id, person.duty_id, codes[place], levels[place], person.role, person.is_substitute, person.until
        FROM core.on_duty_in(codes[place], at, zone, today) person
        ORDER BY core.answering_rank(person.role) NULLS LAST, person.duty_id;
    END LOOP;
END
$$;

CREATE FUNCTION core.on_duty(code text, at timestamptz)
RETURNS TABLE (
    user_id bigint,
    duty_id bigint,
    unit_code text,
    level text,
    is_substitute boolean,
    until timestamptz
)
LANGUAGE plpgsql STABLE ROWS 1
AS $$
#variable_conflict use_column
DECLARE
    levels constant text[] := ARRAY['DISTRICT', 'STREET', 'COMMUNITY', 'CELL'];
    zone constant text := core.city_zone();
    codes constant text[] := core.unit_prefixes(code);
    today constant date := (at AT TIME ZONE zone)::date;
BEGIN
    FOR place IN REVERSE cardinality(codes)..1 LOOP
        RETURN QUERY
        SELECT person.user_id, person.duty_id, codes[place], levels[place], person.is_substitute, person.until
        FROM core.on_duty_in(codes[place], at, zone, today) person
        WHERE core.answering_rank(person.role) IS NOT NULL
        ORDER BY core.answering_rank(person.role), person.duty_id
        LIMIT 1;
        EXIT WHEN found;
    END LOOP;
END
$$;

COMMENT ON FUNCTION core.on_duty(text, timestamptz) IS
    'Who answers for a unit at a moment: nearest level, grid workers first, then the earliest duty; no row when nobody is on duty. 值守';
COMMENT ON FUNCTION core.on_duty_all(text, timestamptz) IS
    'Everybody on duty for a unit and the units above it at a moment, nearest first. 值班名单';
