-- Who is on duty where: one query over the unit's own code and those of the units above it.
--
-- A shift is on the wall clock of the city: its start and end are local times of a local day, so it keeps
-- its hours when the clocks change. A start or end that the clocks skip moves forward with them, one that
-- they repeat is the second.
CREATE FUNCTION core.city_zone() RETURNS text
LANGUAGE sql STABLE
AS $$
    SELECT coalesce((SELECT zone FROM city), 'UTC')
$$;

-- Everybody on duty for a unit (any level) at a moment, nearest level first, then those who answer for the
-- place before the others, then the earliest duty. "until" is when this answer ends by itself: the end of
-- the shift, of the duty, of the substitution, or the start of the next one. Null: no end is known.
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
LANGUAGE sql STABLE
AS $$
    SELECT
        person.id,
        duty.id,
        area.unit_code::text,
        above.level,
        duty.role::text,
        standing_in.id IS NOT NULL,
        least(shift.ends_at, duty.valid_to, standing_in.valid_to, next_one.valid_from)
    FROM (
        SELECT left(code, s.digits::int) AS code, s.place, (ARRAY['DISTRICT', 'STREET', 'COMMUNITY', 'CELL'])[s.place] AS level
        FROM (
            SELECT sum(digits) OVER (ORDER BY place) AS digits, place
            FROM unnest(coalesce((SELECT code_segments FROM city), '{6,3,3,3}')) WITH ORDINALITY AS u (digits, place)
        ) s
        WHERE s.digits <= length(code)
    ) above
    JOIN duty_area area ON area.unit_code = above.code
    JOIN duty ON duty.id = area.duty_id
        AND duty.valid_from <= at
        AND (duty.valid_to IS NULL OR duty.valid_to > at)
    LEFT JOIN substitution standing_in ON standing_in.duty_id = duty.id
        AND standing_in.valid_from <= at
        AND standing_in.valid_to > at
    LEFT JOIN LATERAL (
        SELECT min(later.valid_from) AS valid_from
        FROM substitution later
        WHERE later.duty_id = duty.id AND later.valid_from > at
    ) next_one ON true
    JOIN user_account person
        ON person.id = CASE WHEN standing_in.id IS NULL THEN duty.user_id ELSE standing_in.substitute_id END
        AND person.is_active
    JOIN LATERAL (
        SELECT NULL::timestamptz AS ends_at
        WHERE NOT EXISTS (SELECT FROM duty_shift any_shift WHERE any_shift.duty_id = duty.id)
        UNION ALL
        SELECT max(times.ends_at)
        FROM (SELECT core.city_zone() AS zone) city
        -- An overnight shift of yesterday may still run; none is longer than a day.
        CROSS JOIN LATERAL (
            SELECT (at AT TIME ZONE city.zone)::date - back AS day
            FROM generate_series(0, 1) back
        ) local
        JOIN duty_shift ON duty_shift.duty_id = duty.id
            AND duty_shift.weekday = extract(isodow FROM local.day)::int - 1
        CROSS JOIN LATERAL (
            SELECT
                (local.day + duty_shift.starts) AT TIME ZONE city.zone AS starts_at,
                (
                    local.day
                    + CASE WHEN duty_shift.ends <= duty_shift.starts THEN 1 ELSE 0 END
                    + duty_shift.ends
                ) AT TIME ZONE city.zone AS ends_at
        ) times
        WHERE times.starts_at <= at AND times.ends_at > at
        HAVING count(*) > 0
    ) shift ON true
    ORDER BY
        above.place DESC,
        coalesce(array_position(ARRAY['grid_worker', 'supervisor', 'inspector', 'operator', 'dispatcher', 'commander'], duty.role::text), 9),
        duty.id
$$;

-- The one who answers for a unit at a moment: nearest level, grid workers before those who oversee them,
-- then the earliest duty. No row when nobody at all is on duty. Volunteers, handlers, superintendents and
-- analysts never answer for a place.
CREATE FUNCTION core.on_duty(code text, at timestamptz)
RETURNS TABLE (
    user_id bigint,
    duty_id bigint,
    unit_code text,
    level text,
    is_substitute boolean,
    until timestamptz
)
LANGUAGE sql STABLE
AS $$
    SELECT everybody.user_id, everybody.duty_id, everybody.unit_code, everybody.level, everybody.is_substitute, everybody.until
    FROM core.on_duty_all(code, at) everybody
    WHERE everybody.role IN ('grid_worker', 'supervisor', 'inspector', 'operator', 'dispatcher', 'commander')
    ORDER BY
        length(everybody.unit_code) DESC,
        array_position(ARRAY['grid_worker', 'supervisor', 'inspector', 'operator', 'dispatcher', 'commander'], everybody.role),
        everybody.duty_id
    LIMIT 1
$$;

COMMENT ON FUNCTION core.on_duty(text, timestamptz) IS
    'Who answers for a unit at a moment; climbs cell, community, street, district when nobody is on duty. 值守';
COMMENT ON FUNCTION core.on_duty_all(text, timestamptz) IS
    'Everybody on duty for a unit and the units above it at a moment, nearest first. 值班名单';
