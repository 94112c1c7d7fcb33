-- A large first load of an empty table sets the indexes for readers aside and builds them at its end: that costs a
-- quarter of keeping them up to date row by row. Those that keep a rule (keys, codes, ids of a source) stay.

-- What is missing, until restore_asset_index has built it again: it outlives a killed import.
CREATE TABLE core.index_set_aside (
    name text PRIMARY KEY,
    definition text NOT NULL
);
COMMENT ON TABLE core.index_set_aside IS 'Indexes of assets that a first load has yet to build again. 待重建的索引';
REVOKE ALL ON core.index_set_aside FROM PUBLIC, geogrid_app;
GRANT SELECT ON core.index_set_aside TO geogrid_app;

CREATE FUNCTION core.set_asset_indexes_aside() RETURNS boolean
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
COMMENT ON FUNCTION core.set_asset_indexes_aside() IS
    'Drop the indexes of assets that keep no rule, while there are no assets; whether it was done.';

-- One at a call, so that several connections can build beside each other: which, nobody has to say.
CREATE FUNCTION core.restore_asset_index() RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    one record;
BEGIN
    DELETE FROM core.index_set_aside
    WHERE name = (
        SELECT name
        FROM core.index_set_aside
        -- Those of shapes and words take longest, and the longest first keeps the connections busy to the end.
        ORDER BY definition LIKE '%USING btree%', name
        LIMIT 1
        FOR UPDATE SKIP LOCKED
    )
    RETURNING name, definition
    INTO one;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    EXECUTE one.definition;
    RETURN true;
END
$$;
COMMENT ON FUNCTION core.restore_asset_index() IS
    'Build one index that a first load has set aside; false when none is left that nobody else is building.';

REVOKE EXECUTE ON FUNCTION core.set_asset_indexes_aside, core.restore_asset_index FROM PUBLIC;
GRANT EXECUTE ON FUNCTION core.set_asset_indexes_aside, core.restore_asset_index TO geogrid_app;
