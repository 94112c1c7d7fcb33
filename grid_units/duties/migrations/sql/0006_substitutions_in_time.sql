-- A substitution says who answers while a duty is in force. Outside its time it would say nothing, and whoever
-- entered it would believe that somebody comes.
CREATE FUNCTION core.substitution_in_time() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    held duty;
BEGIN
    SELECT * INTO held FROM duty WHERE duty.id = NEW.duty_id;
    IF FOUND AND NOT tstzrange(held.valid_from, held.valid_to) && tstzrange(NEW.valid_from, NEW.valid_to) THEN
        RAISE EXCEPTION USING
            errcode = '23514',
            message = 'The duty is not in force at any time of this substitution',
            hint = 'Choose a time between the start and the end of the duty, or another duty.';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER substitution_touches_its_duty
BEFORE INSERT OR UPDATE OF duty_id, valid_from, valid_to ON substitution
FOR EACH ROW EXECUTE FUNCTION core.substitution_in_time();
