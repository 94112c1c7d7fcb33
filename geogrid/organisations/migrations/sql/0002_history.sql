-- History and change rows of units and people. The hash of a password is no history.
CREATE TRIGGER history_of_update
AFTER UPDATE ON organisation
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION core.keep_history();
CREATE TRIGGER history_of_delete
AFTER DELETE ON organisation
REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION core.keep_history();

CREATE FUNCTION core.tell_organisations() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
    IF tg_op = 'DELETE' THEN
        PERFORM core.record_change('organisation', tg_op, ARRAY(SELECT o.code FROM old_rows o), '{}', '{}');
    ELSE
        PERFORM core.record_change('organisation', tg_op, ARRAY(SELECT n.code FROM new_rows n), '{}', '{}');
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER tell_of_insert
AFTER INSERT ON organisation
REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION core.tell_organisations();
CREATE TRIGGER tell_of_update
AFTER UPDATE ON organisation
REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION core.tell_organisations();
CREATE TRIGGER tell_of_delete
AFTER DELETE ON organisation
REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION core.tell_organisations();

-- A unit is not above itself, however long the chain.
CREATE FUNCTION core.organisation_row() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
    IF EXISTS (
        WITH RECURSIVE above AS (
            SELECT o.id, o.parent_id FROM organisation o WHERE o.id = NEW.parent_id
            UNION
            SELECT o.id, o.parent_id FROM above JOIN organisation o ON o.id = above.parent_id
        )
        SELECT FROM above WHERE above.id = NEW.id
    ) THEN
        RAISE EXCEPTION USING
            errcode = '23514',
            message = format('Unit %s cannot stand under itself', NEW.code),
            hint = 'Name a parent that does not stand under this unit.';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER organisation_is_a_tree
BEFORE UPDATE OF parent_id ON organisation
FOR EACH ROW WHEN (NEW.parent_id IS NOT NULL) EXECUTE FUNCTION core.organisation_row();

-- Rights that end, end: see core.end_rights of the duties. Here: the account itself. An older copy of the
-- row, saved late, never lowers the epoch.
CREATE FUNCTION core.account_row() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp
AS $$
BEGIN
    NEW.permission_epoch := greatest(NEW.permission_epoch, OLD.permission_epoch);
    IF (OLD.is_active AND NOT NEW.is_active)
        OR (OLD.is_superuser AND NOT NEW.is_superuser)
        OR OLD.password <> NEW.password
    THEN
        NEW.permission_epoch := greatest(NEW.permission_epoch, OLD.permission_epoch + 1);
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER account_rights_end
BEFORE UPDATE ON user_account
FOR EACH ROW EXECUTE FUNCTION core.account_row();

CREATE FUNCTION core.keep_account_history() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
    IF tg_op = 'DELETE' THEN
        INSERT INTO row_history (table_name, row_id, op, before)
        SELECT tg_table_name, o.id, 'delete', to_jsonb(o) - 'password'
        FROM old_rows o;
    ELSE
        INSERT INTO row_history (table_name, row_id, op, before, after)
        SELECT tg_table_name, o.id, 'update', differs.before, differs.after
        FROM old_rows o
        JOIN new_rows n ON n.id = o.id
        CROSS JOIN LATERAL (
            SELECT jsonb_object_agg(was.key, was.value) AS before, jsonb_object_agg(was.key, is_now.value) AS after
            FROM jsonb_each(
                to_jsonb(o) - ARRAY['password', 'last_login'] || jsonb_build_object('password_changed', false)
            ) was
            JOIN jsonb_each(
                to_jsonb(n) - ARRAY['password', 'last_login']
                || jsonb_build_object('password_changed', n.password <> o.password)
            ) is_now ON is_now.key = was.key AND is_now.value <> was.value
        ) differs
        WHERE differs.before IS NOT NULL;
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER history_of_update
AFTER UPDATE ON user_account
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION core.keep_account_history();
CREATE TRIGGER history_of_delete
AFTER DELETE ON user_account
REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION core.keep_account_history();
