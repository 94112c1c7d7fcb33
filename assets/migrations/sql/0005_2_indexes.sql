-- As before, without a lock on a table that has rows.

CREATE OR REPLACE FUNCTION core.set_asset_indexes_aside() RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    one record;
BEGIN
    -- Looked at first without the lock: in a living city nobody shall wait for a question.
    IF EXISTS (SELECT FROM asset) THEN
        RETURN false;
    END IF;
    -- Nobody may come between the second look and the drop.
    LOCK TABLE asset IN ACCESS EXCLUSIVE MODE;
    IF EXISTS (SELECT FROM asset) THEN
        RETURN false;
    END IF;
    FOR one IN
        SELECT c.relname AS name, pg_get_indexdef(c.oid) AS definition
        FROM pg_index i
        JOIN pg_class c ON c.oid = i.indexrelid
        WHERE i.indrelid = 'asset'::regclass AND NOT i.indisunique
    LOOP
        INSERT INTO core.index_set_aside (name, definition) VALUES (one.name, one.definition);
        EXECUTE format('DROP INDEX %I', one.name);
    END LOOP;
    RETURN true;
END
$$;
