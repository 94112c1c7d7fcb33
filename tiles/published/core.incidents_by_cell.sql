-- Incidents reported in a period, by cell: as-was, in the cell and version they happened in, or as-is, in the
-- cells of today. As-was never changes any more, whatever editions come.
CREATE FUNCTION core.incidents_by_cell(since timestamptz, until timestamptz, as_is boolean)
RETURNS TABLE (code text, received bigint, filed bigint, closed bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp SET jit = off
AS $$
    SELECT
        coalesce(placed.code, ''), count(*), count(*) FILTER (WHERE placed.filed_at IS NOT NULL),
        count(*) FILTER (WHERE placed.closed_at IS NOT NULL)
    FROM (
        SELECT
            CASE WHEN as_is THEN c.code ELSE v.code END AS code, i.filed_at, i.closed_at
        FROM incident i
        LEFT JOIN cell c ON as_is AND c.id = core.cell_at(i.point)
        LEFT JOIN cell_version v ON NOT as_is AND v.id = core.version_as_was(i.id, i.cell_version_id)
        WHERE i.reported_at >= since AND i.reported_at < until
    ) placed
    GROUP BY placed.code
    ORDER BY placed.code
$$;
COMMENT ON FUNCTION core.incidents_by_cell(timestamptz, timestamptz, boolean)
    IS 'Incidents of a period by cell: as-was (in the edition of then) or as-is (in the cells of today). 按时网格或按现网格统计';
REVOKE EXECUTE ON FUNCTION core.incidents_by_cell(timestamptz, timestamptz, boolean) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION core.incidents_by_cell(timestamptz, timestamptz, boolean) TO geogrid_app;
