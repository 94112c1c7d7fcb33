-- How many things each published layer has, by the value its legend tells apart (empty: no legend).
CREATE FUNCTION core.layer_counts() RETURNS TABLE (layer text, value text, amount bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    SELECT 'cells', c.kind::text, count(*) FROM cell c GROUP BY c.kind
    UNION ALL
    SELECT
        CASE u.level WHEN 'COMMUNITY' THEN 'communities' WHEN 'STREET' THEN 'streets' ELSE 'districts' END, '', count(*)
    FROM grid_unit u
    GROUP BY u.level
    UNION ALL
    SELECT 'assets', k.code::text, sum(a.amount)::bigint
    FROM (SELECT asset_class_id, count(*) AS amount FROM asset GROUP BY asset_class_id) a
    JOIN asset_class k ON k.id = a.asset_class_id
    GROUP BY k.code
    UNION ALL
    SELECT 'buildings', '', count(*) FROM building
    UNION ALL
    SELECT 'roads', '', count(*) FROM road
$$;
COMMENT ON FUNCTION core.layer_counts() IS 'Number of things by layer and legend value, incidents apart. 各图层数量';
REVOKE EXECUTE ON FUNCTION core.layer_counts() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION core.layer_counts() TO geogrid_app;
