-- Codes of assets: county (6 digits), class (4), number (6). Newer drafts have classes of 5 digits and numbers of 5.

-- What stands before the number. Null when the city has no county code yet.
CREATE FUNCTION core.asset_code_prefix(class_code text) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    SELECT left(rpad(county_code, 6, '0'), 6) || class_code
    FROM city
$$;
COMMENT ON FUNCTION core.asset_code_prefix(text) IS
    'First digits of the codes of a class of assets in this city. 部件标识码前段';

-- Take `wanted` numbers at once; returns the last number taken before. The row lock is held to the end of the
-- transaction, so a number that was rolled back is given to the next one and no code is given twice.
CREATE FUNCTION core.take_asset_numbers(code_prefix text, wanted integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    taken integer;
    room CONSTANT integer := 10 ^ (16 - length(code_prefix)) - 1;
BEGIN
    INSERT INTO asset_code_counter AS counter (prefix, last_number)
    VALUES (code_prefix, wanted)
    ON CONFLICT (prefix) DO UPDATE SET last_number = counter.last_number + excluded.last_number
    RETURNING last_number
    INTO taken;
    IF taken > room THEN
        RAISE EXCEPTION USING
            errcode = 'check_violation',
            message = format('Class %s has used all its %s asset numbers', right(code_prefix, -6), room),
            hint = 'Give codes of your own, or divide the class.';
    END IF;
    RETURN taken - wanted;
END
$$;

-- Codes that came with the data move the counter past them, so that the next number given is free.
CREATE FUNCTION core.note_asset_codes(codes text[], class_digits integer[]) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    INSERT INTO asset_code_counter AS counter (prefix, last_number)
    SELECT left(code, 6 + digits), max(substr(code, 7 + digits)::integer)
    FROM unnest(codes, class_digits) AS given (code, digits)
    GROUP BY 1
    ORDER BY 1
    ON CONFLICT (prefix) DO UPDATE SET last_number = excluded.last_number
    WHERE counter.last_number < excluded.last_number
$$;

REVOKE EXECUTE ON FUNCTION core.take_asset_numbers, core.note_asset_codes FROM PUBLIC, geogrid_app;
REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON asset_code_counter FROM geogrid_app;
