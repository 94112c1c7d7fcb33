-- Streets, paths and rails as the map draws them.
CREATE OR REPLACE VIEW public.map_road AS
SELECT
    r.id,
    r.name,
    r.kind,
    CASE
        WHEN r.kind IN ('motorway', 'trunk', 'primary', 'motorway_link', 'trunk_link', 'primary_link') THEN 1
        WHEN r.kind IN ('secondary', 'secondary_link', 'tertiary', 'tertiary_link') THEN 2
        WHEN r.kind IN ('residential', 'unclassified', 'living_street', 'pedestrian', 'rail', 'tram', 'light_rail') THEN 3
        ELSE 4
    END AS rank,
    r.geom_3857
FROM public.road r;

COMMENT ON VIEW public.map_road IS 'Streets, paths and rails on the map. 地图上的道路';
COMMENT ON COLUMN public.map_road.id IS 'Identity inside this database. 内部编号';
COMMENT ON COLUMN public.map_road.name IS 'Name as its source writes it. 名称';
COMMENT ON COLUMN public.map_road.kind IS 'Kind as its source writes it. 类型';
COMMENT ON COLUMN public.map_road.rank IS 'From 1, a main road, to 4, a path: small zooms draw the low ones. 等级';
COMMENT ON COLUMN public.map_road.geom_3857 IS 'Line in Web Mercator metres (EPSG:3857). 中心线';
GRANT SELECT ON public.map_road TO geogrid_tile_reader, geogrid_app;
