-- Streets, paths and rails for analysts.
CREATE OR REPLACE VIEW gis.road
WITH (security_invoker = true) AS
SELECT
    r.id,
    r.name::text AS name,
    r.name_en::text AS name_en,
    r.kind::text AS kind,
    CASE
        WHEN r.kind IN ('motorway', 'trunk', 'primary', 'motorway_link', 'trunk_link', 'primary_link') THEN 1
        WHEN r.kind IN ('secondary', 'secondary_link', 'tertiary', 'tertiary_link') THEN 2
        WHEN r.kind IN ('residential', 'unclassified', 'living_street', 'pedestrian', 'rail', 'tram', 'light_rail') THEN 3
        ELSE 4
    END AS rank,
    r.geom
FROM public.road r;

COMMENT ON VIEW gis.road IS 'Roads. 道路';
COMMENT ON COLUMN gis.road.id IS 'Identity inside this database. 内部编号';
COMMENT ON COLUMN gis.road.name IS 'Name. 名称';
COMMENT ON COLUMN gis.road.name_en IS 'English name. 英文名称';
COMMENT ON COLUMN gis.road.kind IS 'Kind as its source writes it. 类型';
COMMENT ON COLUMN gis.road.rank IS 'From 1, a main road, to 4, a path. 等级';
COMMENT ON COLUMN gis.road.geom IS 'Place in degrees, WGS 84 (EPSG:4326). 图形';
GRANT SELECT ON gis.road TO geogrid_gis_reader, geogrid_app;
