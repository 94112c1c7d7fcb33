-- The importer checks the references of a whole batch as a set: one look at each class, cell and unit that the batch
-- names, in place of one for every row and column (25 microseconds a row). The constraints stay as they are, and hold
-- row by row for everyone else.

-- Keep the row triggers of this session quiet, the checks of foreign keys among them, and say whether that may be
-- done: it takes the right GRANT SET ON PARAMETER session_replication_role TO geogrid_owner. Without it the
-- importer works all the same, row by row. Whoever calls this does what the triggers would have done, and then
-- calls wake_row_triggers.
CREATE FUNCTION core.quiet_row_triggers() RETURNS boolean
LANGUAGE plpgsql SET search_path = core, pg_temp
AS $$
BEGIN
    PERFORM set_config('session_replication_role', 'replica', true);
    RETURN true;
EXCEPTION WHEN insufficient_privilege THEN
    RETURN false;
END
$$;

CREATE FUNCTION core.wake_row_triggers() RETURNS void
LANGUAGE sql SET search_path = core, pg_temp
AS $$
    SELECT set_config('session_replication_role', 'origin', true)
$$;

-- What a foreign key does, for all rows of a batch at once: every id is there, and stays until this transaction
-- ends. Called after the rows are written: whoever deletes a parent now waits and then sees them, and whoever has
-- deleted one before is seen here.
CREATE FUNCTION core.hold_references(parent regclass, ids bigint[]) RETURNS void
LANGUAGE plpgsql SET search_path = public, pg_temp
AS $$
DECLARE
    held bigint[];
    lost bigint;
BEGIN
    -- In the order of the ids, so that two batches cannot wait for each other.
    EXECUTE format(
        'SELECT array_agg(id) FROM (SELECT id FROM %s WHERE id = ANY ($1) ORDER BY id FOR KEY SHARE) kept', parent)
    INTO held
    USING ids;
    SELECT min(id)
    INTO lost
    FROM (SELECT unnest(ids) EXCEPT SELECT unnest(held)) gone (id);
    IF lost IS NOT NULL THEN
        RAISE EXCEPTION USING
            errcode = 'foreign_key_violation',
            message = format('There is no %s %s (any more)', parent, lost),
            hint = 'It was deleted while the batch was written. Import the file again: it goes on from here.';
    END IF;
END
$$;

REVOKE EXECUTE ON FUNCTION core.quiet_row_triggers, core.wake_row_triggers, core.hold_references
FROM PUBLIC, geogrid_app;
