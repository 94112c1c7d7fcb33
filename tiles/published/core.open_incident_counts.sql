-- Unfinished incidents on the map by stage, of those the caller may see.
CREATE FUNCTION core.open_incident_counts(
    prefixes text[], organisations bigint[], user_id bigint, everywhere boolean
) RETURNS TABLE (stage text, amount bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    SELECT i.stage::text, count(*)
    FROM incident i
    WHERE i.stage IN ('REPORTED', 'FILED', 'DISPATCHED', 'HANDLING', 'HANDLED', 'VERIFIED')
        AND (
            everywhere
            OR user_id IN (i.reported_by_id, i.cell_worker_id, i.holder_id)
            OR i.responsible_unit_id = ANY (organisations)
            OR (i.handling_unit_ids && organisations AND i.handling_unit_ids <> '{}')
            OR (i.unit_code <> '' AND i.unit_code ^@ ANY (prefixes))
            OR EXISTS (SELECT FROM unnest(i.border_unit_codes) near (code) WHERE near.code ^@ ANY (prefixes))
        )
    GROUP BY i.stage
$$;
COMMENT ON FUNCTION core.open_incident_counts(text[], bigint[], bigint, boolean) IS
    'Unfinished incidents by stage, of those the caller may see. 未结案件数';
REVOKE EXECUTE ON FUNCTION core.open_incident_counts(text[], bigint[], bigint, boolean) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION core.open_incident_counts(text[], bigint[], bigint, boolean) TO geogrid_app;
