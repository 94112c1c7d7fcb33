-- Is a source as an import has left it? Then the same file again can change nothing, and need not be read row by row.

CREATE TABLE core.source_left (
    run_id bigint PRIMARY KEY REFERENCES import_run ON DELETE CASCADE,
    state text NOT NULL
);
COMMENT ON TABLE core.source_left IS 'What stood of its source when a run of an import ended. 导入结束时的数据来源状态';
REVOKE ALL ON core.source_left FROM PUBLIC;
GRANT SELECT, INSERT ON core.source_left TO geogrid_app;

-- How many rows, and two digests of all their ids and digests; the order of the rows does not matter, and no two
-- rows of a source have the same id, so none can cancel another out.
CREATE FUNCTION core.source_state(of_table regclass, source_name text) RETURNS text
LANGUAGE plpgsql STABLE SET search_path = public, pg_temp
AS $$
DECLARE
    state text;
BEGIN
    EXECUTE format(
        'SELECT concat_ws('':'', count(*),
            bit_xor(uuid_hash_extended(source_digest, hashtextextended(source_id, 0))),
            bit_xor(uuid_hash_extended(source_digest, hashtextextended(source_id, 1))))
        FROM %s
        WHERE source = $1', of_table)
    INTO state
    USING source_name;
    RETURN state;
END
$$;
COMMENT ON FUNCTION core.source_state(regclass, text) IS
    'A digest of what stands of a data source: which ids, and how each was last imported. 数据来源状态摘要';
