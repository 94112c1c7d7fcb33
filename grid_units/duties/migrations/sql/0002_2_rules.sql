-- One stand-in at a time for one duty; the exclusion's index also finds the substitutions of a duty.
ALTER TABLE substitution
    ADD CONSTRAINT substitution_is_one_at_a_time
    EXCLUDE USING gist (duty_id WITH =, tstzrange(valid_from, valid_to) WITH &&);

-- A duty names units that exist. Codes are kept instead of ids because a duty outlives the redrawing of a
-- cell, and because every level can be named.
CREATE FUNCTION core.duty_area_row() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM cell WHERE cell.code = NEW.unit_code)
        AND NOT EXISTS (SELECT FROM grid_unit WHERE grid_unit.code = NEW.unit_code)
    THEN
        RAISE EXCEPTION USING
            errcode = '23514',
            message = format('There is no cell, community, street or district with the code %s', NEW.unit_code),
            hint = 'Look the code up on the map; codes of retired cells are never used again.';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER duty_area_names_a_unit
BEFORE INSERT OR UPDATE OF unit_code ON duty_area
FOR EACH ROW EXECUTE FUNCTION core.duty_area_row();

-- A person stands in for somebody else, not for themself.
CREATE FUNCTION core.substitution_row() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
    IF NEW.substitute_id = (SELECT duty.user_id FROM duty WHERE duty.id = NEW.duty_id) THEN
        RAISE EXCEPTION USING
            errcode = '23514',
            message = 'Nobody can stand in for themself',
            hint = 'Leave the substitute empty for a leave without one, or name somebody else.';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER substitution_names_another
BEFORE INSERT OR UPDATE ON substitution
FOR EACH ROW EXECUTE FUNCTION core.substitution_row();

CREATE INDEX membership_of_user_in_force ON membership (user_id, valid_from, valid_to);
