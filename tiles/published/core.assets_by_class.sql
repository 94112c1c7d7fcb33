-- Assets that stand in a unit (any level, by its code), counted by class.
CREATE FUNCTION core.assets_by_class(unit_code text) RETURNS TABLE (code text, name text, name_en text, icon text, amount bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    SELECT kind.code::text, kind.name::text, kind.name_en::text, kind.icon::text, counted.amount
    FROM (
        SELECT asset.asset_class_id, count(*) AS amount
        FROM cell
        JOIN asset ON asset.cell_id = cell.id
        WHERE cell.code LIKE unit_code || '%' AND asset.state <> 'removed'
        GROUP BY asset.asset_class_id
    ) counted
    JOIN asset_class kind ON kind.id = counted.asset_class_id
    ORDER BY counted.amount DESC, kind.code
$$;
COMMENT ON FUNCTION core.assets_by_class(text) IS 'Number of assets in a unit by class, removed ones apart. 单元内部件数量';
REVOKE EXECUTE ON FUNCTION core.assets_by_class(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION core.assets_by_class(text) TO geogrid_app;
