-- What a printed map of a cell draws: the cell, its neighbours, streets and buildings around it, its own assets.
CREATE FUNCTION core.surroundings_of_cell(cell_code text)
RETURNS TABLE (kind text, ref text, name text, name_en text, sort text, geometry json)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    WITH middle AS (
        SELECT
            cell.id,
            cell.geom,
            ST_Expand(
                cell.geom,
                greatest(0.12 * (ST_XMax(cell.geom) - ST_XMin(cell.geom)), 0.0004),
                greatest(0.12 * (ST_YMax(cell.geom) - ST_YMin(cell.geom)), 0.0002)
            ) AS frame
        FROM cell
        WHERE cell.code = cell_code
    )
    SELECT found.kind, found.ref, found.name, found.name_en, found.sort, ST_AsGeoJSON(found.shape, 6)::json
    FROM middle
    CROSS JOIN LATERAL (
        SELECT
            CASE
                WHEN c.id = middle.id THEN 'cell'
                WHEN ST_Intersects(c.geom, middle.geom) THEN 'neighbour'
                ELSE 'other'
            END AS kind,
            c.code::text AS ref,
            c.name::text AS name,
            c.name_en::text AS name_en,
            c.kind::text AS sort,
            c.geom::geometry AS shape
        FROM cell c
        WHERE c.geom && middle.frame
        UNION ALL
        SELECT 'building', b.id::text, '', '', '', b.geom::geometry
        FROM building b
        WHERE b.geom && middle.frame
        UNION ALL
        SELECT 'road', r.id::text, r.name::text, r.name_en::text, r.kind::text, ST_ClipByBox2D(r.geom, middle.frame)
        FROM road r
        WHERE r.geom && middle.frame
        UNION ALL
        SELECT 'asset', a.code::text, k.name::text, k.name_en::text, k.code::text, a.geom::geometry
        FROM asset a
        JOIN asset_class k ON k.id = a.asset_class_id
        WHERE a.cell_id = middle.id AND a.state <> 'removed'
    ) found
    WHERE NOT ST_IsEmpty(found.shape)
    ORDER BY found.kind, found.ref
$$;
COMMENT ON FUNCTION core.surroundings_of_cell(text) IS
    'What a printed map of a cell draws: cells, buildings, streets around it and its own assets. 网格图纸';
REVOKE EXECUTE ON FUNCTION core.surroundings_of_cell(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION core.surroundings_of_cell(text) TO geogrid_app;
