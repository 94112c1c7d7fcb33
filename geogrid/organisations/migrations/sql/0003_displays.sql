-- A display that is revoked lets nobody in, whoever revoked it and however: its account is closed with it.
CREATE FUNCTION core.display_row() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
    IF OLD.revoked_at IS NOT NULL AND NEW.revoked_at IS DISTINCT FROM OLD.revoked_at THEN
        RAISE EXCEPTION USING
            errcode = '23514',
            message = format('Display %s was revoked and stays so', OLD.name),
            hint = 'Pair the screen again: it shows a new code.';
    END IF;
    IF NEW.revoked_at IS NOT NULL THEN
        UPDATE user_account SET is_active = false WHERE id = NEW.user_id AND is_active;
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER display_revoked_stays_so
BEFORE UPDATE OF revoked_at ON display
FOR EACH ROW EXECUTE FUNCTION core.display_row();

-- A wall hears what the desk wishes of it; that it was seen again is no news.
CREATE FUNCTION core.tell_displays() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    told text[] := ARRAY(
        SELECT n.id::text
        FROM new_rows n
        JOIN old_rows o ON o.id = n.id
        WHERE (n.name, n.wishes, n.hides_people, n.revoked_at) IS DISTINCT FROM (o.name, o.wishes, o.hides_people, o.revoked_at)
    );
BEGIN
    IF cardinality(told) > 0 THEN
        PERFORM core.record_change('display', tg_op, told, '{}', '{}');
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER tell_of_update
AFTER UPDATE ON display
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION core.tell_displays();
