-- Outlines of units for analysts: the union of their cells, kept by the database.
CREATE OR REPLACE VIEW gis.community
WITH (security_invoker = true) AS
SELECT
    u.id,
    u.code::text AS code,
    u.name::text AS name,
    u.name_en::text AS name_en,
    u.parent_id AS street_id,
    u.organisation_id,
    u.geom
FROM public.grid_unit u
WHERE u.level = 'COMMUNITY';

COMMENT ON VIEW gis.community IS 'Communities. 社区';
COMMENT ON COLUMN gis.community.id IS 'Identity inside this database. 内部编号';
COMMENT ON COLUMN gis.community.code IS 'Code. 代码';
COMMENT ON COLUMN gis.community.name IS 'Name. 名称';
COMMENT ON COLUMN gis.community.name_en IS 'English name. 英文名称';
COMMENT ON COLUMN gis.community.street_id IS 'Street. 街道';
COMMENT ON COLUMN gis.community.organisation_id IS 'Unit. 单位';
COMMENT ON COLUMN gis.community.geom IS 'Place in degrees, WGS 84 (EPSG:4326). 图形';
GRANT SELECT ON gis.community TO geogrid_gis_reader, geogrid_app;
