-- What an area holds, as one JSON object: buildings that it touches with their dwellings and households, assets
-- that stand in it by class, and metres of road in it on the ellipsoid, walkways apart from carriageways.
CREATE FUNCTION core.inside_area(area geometry) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    WITH piece AS MATERIALIZED (
        -- Small pieces: each asks the index for a small box, and is cut quickly.
        SELECT p AS shape, ST_Transform(p, 3857) AS shape_3857
        FROM ST_Subdivide(ST_MakeValid(area), 128) AS p
        WHERE ST_Dimension(p) = 2
    ),
    wet_building AS (
        SELECT DISTINCT b.id
        FROM piece
        JOIN building b ON b.geom_3857 && piece.shape_3857 AND ST_Intersects(b.geom_3857, piece.shape_3857)
    ),
    of_buildings AS (
        SELECT
            count(*) AS buildings,
            coalesce(sum(b.dwellings), 0) AS dwellings,
            coalesce(sum(b.households), 0) AS households,
            count(*) FILTER (WHERE b.households IS NULL) AS uncounted,
            coalesce(bool_or(b.households_derived), false) AS derived
        FROM wet_building
        JOIN building b USING (id)
    ),
    wet_asset AS (
        SELECT DISTINCT a.id, a.asset_class_id
        FROM piece
        JOIN asset a ON a.geom_3857 && piece.shape_3857 AND ST_Intersects(a.geom_3857, piece.shape_3857)
        WHERE a.state <> 'removed'
    ),
    of_assets AS (
        SELECT
            coalesce(sum(n.amount), 0) AS assets,
            coalesce(jsonb_agg(
                jsonb_build_object('code', k.code, 'name_zh', k.name, 'name_en', k.name_en, 'count', n.amount)
                ORDER BY n.amount DESC, k.code
            ), '[]') AS by_class
        FROM (SELECT asset_class_id, count(*) AS amount FROM wet_asset GROUP BY asset_class_id) n
        JOIN asset_class k ON k.id = n.asset_class_id
    ),
    of_roads AS (
        SELECT
            coalesce(sum(cut.m), 0) AS road_m,
            coalesce(sum(cut.m) FILTER (
                WHERE r.kind IN ('footway', 'path', 'steps', 'pedestrian', 'cycleway', 'corridor', 'platform', 'trail', 'elevator')
            ), 0) AS walkway_m
        FROM piece
        JOIN road r ON r.geom_3857 && piece.shape_3857 AND ST_Intersects(r.geom_3857, piece.shape_3857)
        CROSS JOIN LATERAL (SELECT ST_Length(ST_Intersection(r.geom, piece.shape)::geography) AS m) cut
    )
    SELECT jsonb_build_object(
        'buildings', of_buildings.buildings,
        'dwellings', of_buildings.dwellings,
        'households', of_buildings.households,
        'buildings_without_households', of_buildings.uncounted,
        'households_derived', of_buildings.derived,
        'assets', of_assets.assets,
        'assets_by_class', of_assets.by_class,
        'road_m', round(of_roads.road_m::numeric, 1),
        'walkway_m', round(of_roads.walkway_m::numeric, 1)
    )
    FROM of_buildings, of_assets, of_roads
$$;
COMMENT ON FUNCTION core.inside_area(geometry) IS
    'Buildings, dwellings, households, assets by class and metres of road in an area (WGS 84). 范围内的建筑、住户、部件、道路';
REVOKE EXECUTE ON FUNCTION core.inside_area(geometry) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION core.inside_area(geometry) TO geogrid_app;
