-- What a printed map of a cell draws: the cell, its neighbours, streets and buildings around it, its own assets.
CREATE FUNCTION core.surroundings_of_cell(cell_code text)
RETURNS TABLE (kind text, ref text, name text, name_en text, sort text, geometry json, lng double precision, lat double precision)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    WITH extent AS (
        SELECT
            cell.id,
            cell.geom,
            ST_XMax(cell.geom) - ST_XMin(cell.geom) AS wide,
            ST_YMax(cell.geom) - ST_YMin(cell.geom) AS tall,
            cos(radians(ST_YMin(cell.geom))) AS squeeze
        FROM cell
        WHERE cell.code = cell_code
    ),
    middle AS (
        -- The paper is 1.55 times as wide as tall, and the cell fills 86 % of it one way.
        SELECT
            extent.id,
            extent.geom,
            ST_Expand(
                extent.geom,
                0.5 * (greatest(extent.wide, 1.55 * extent.tall / extent.squeeze) / 0.85 - extent.wide),
                0.5 * (greatest(extent.tall, extent.wide * extent.squeeze / 1.55) / 0.85 - extent.tall)
            ) AS frame
        FROM extent
    )
    SELECT
        found.kind, found.ref, found.name, found.name_en, found.sort,
        ST_AsGeoJSON(found.shape, 6)::json,
        ST_X(found.label),
        ST_Y(found.label)
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
            c.geom::geometry AS shape,
            ST_PointOnSurface(ST_Intersection(c.geom, middle.frame)) AS label
        FROM cell c
        WHERE c.geom && middle.frame
        UNION ALL
        SELECT 'building', b.id::text, '', '', '', b.geom::geometry, NULL
        FROM building b
        WHERE b.geom && middle.frame
        UNION ALL
        SELECT 'road', r.id::text, r.name::text, r.name_en::text, r.kind::text,
            ST_ClipByBox2D(r.geom, middle.frame),
            ST_PointOnSurface(ST_ClipByBox2D(r.geom, middle.frame))
        FROM road r
        WHERE r.geom && middle.frame
        UNION ALL
        SELECT 'asset', a.code::text, k.name::text, k.name_en::text, k.code::text, a.geom::geometry, NULL
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
