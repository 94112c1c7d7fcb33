CREATE TABLE change (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    kind text NOT NULL,
    op text NOT NULL,
    refs text[] NOT NULL,
    units_before text[] NOT NULL,
    units_after text[] NOT NULL,
    extent geometry(Geometry, 3857),
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT change_op_is_insert_update_or_delete CHECK (op IN ('insert', 'update', 'delete'))
);
CREATE INDEX change_by_transaction ON change (xid);
CREATE INDEX change_by_time ON change USING brin (at);
COMMENT ON TABLE change IS 'One row per statement that changed published rows; written by triggers, kept one day. 变更日志';

CREATE TABLE row_history (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    table_name text NOT NULL,
    row_id bigint NOT NULL,
    op text NOT NULL,
    before jsonb NOT NULL,
    after jsonb,
    actor text NOT NULL DEFAULT core.actor(),
    xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT history_op_is_update_or_delete CHECK (op IN ('update', 'delete'))
);
CREATE INDEX row_history_of_row ON row_history (table_name, row_id, id);
COMMENT ON TABLE row_history IS 'What a row said before it was changed or deleted; written by triggers, never edited. 历史';

REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON change, row_history FROM geogrid_app;

-- Distinct unit codes; past 60 of them their parents, so that one bulk write stays one small row.
CREATE FUNCTION core.coarse_units(codes text[]) RETURNS text[]
LANGUAGE plpgsql IMMUTABLE
AS $$
DECLARE
    coarse text[] := ARRAY(SELECT DISTINCT code FROM unnest(codes) code WHERE code IS NOT NULL AND code <> '');
    digits int;
BEGIN
    FOREACH digits IN ARRAY ARRAY[12, 9, 6] LOOP
        EXIT WHEN cardinality(coarse) <= 60;
        coarse := ARRAY(SELECT DISTINCT left(code, digits) FROM unnest(coarse) code);
    END LOOP;
    RETURN coarse;
END
$$;

-- Called by the statement triggers of the published tables. No lock and no NOTIFY: a writing transaction
-- must not wait for another because of its change row.
CREATE FUNCTION core.record_change(
    kind text, op text, refs text[], units_before text[], units_after text[], extent geometry DEFAULT NULL
) RETURNS void
-- PL/pgSQL keeps the plan; as a plain SQL function it would be planned anew for every statement of the city.
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
    IF cardinality(record_change.refs) > 0 THEN
        INSERT INTO change (kind, op, refs, units_before, units_after, extent)
        VALUES (
            record_change.kind,
            lower(record_change.op),
            CASE WHEN cardinality(record_change.refs) > 200 THEN '{}' ELSE record_change.refs END,
            core.coarse_units(record_change.units_before),
            core.coarse_units(record_change.units_after),
            CASE WHEN NOT ST_IsEmpty(record_change.extent) THEN ST_Envelope(record_change.extent) END
        );
    END IF;
END
$$;
REVOKE EXECUTE ON FUNCTION core.record_change FROM PUBLIC;

-- Statement trigger for any table with an `id`: AFTER UPDATE REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows,
-- AFTER DELETE REFERENCING OLD TABLE AS old_rows. Inserts need no row: the table itself says what was inserted.
CREATE FUNCTION core.keep_history() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET jit = off
AS $$
BEGIN
    IF tg_op = 'DELETE' THEN
        INSERT INTO row_history (table_name, row_id, op, before)
        SELECT tg_table_name, (said ->> 'id')::bigint, 'delete', said - 'geom_3857'
        FROM (SELECT to_jsonb(o) AS said FROM old_rows o) r;
    ELSE
        INSERT INTO row_history (table_name, row_id, op, before, after)
        SELECT tg_table_name, (o.said ->> 'id')::bigint, 'update', differs.before, differs.after
        -- OFFSET 0: else the row is turned into JSON again for each of its columns.
        FROM (SELECT to_jsonb(r) AS said FROM old_rows r OFFSET 0) o
        JOIN (SELECT to_jsonb(r) AS said FROM new_rows r OFFSET 0) n ON n.said -> 'id' = o.said -> 'id'
        CROSS JOIN LATERAL (
            SELECT jsonb_object_agg(key, value) AS before, jsonb_object_agg(key, n.said -> key) AS after
            FROM jsonb_each(o.said)
            WHERE value IS DISTINCT FROM n.said -> key AND key NOT IN ('geom_3857', 'updated_at')
        ) differs
        WHERE differs.before IS NOT NULL;
    END IF;
    RETURN NULL;
END
$$;

-- For tables that are only ever added to.
CREATE FUNCTION core.refuse_change() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    RAISE EXCEPTION USING
        errcode = '23514',
        message = format('Rows of %s are kept as they were written', tg_table_name),
        hint = 'Add a new row that says what is true now.';
END
$$;

-- Retention, called by the clock. Readers further back than this reload.
CREATE FUNCTION core.trim_changes(older_than interval) RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    WITH gone AS (DELETE FROM change WHERE at < now() - greatest(older_than, interval '10 minutes') RETURNING 1)
    SELECT count(*) FROM gone
$$;
