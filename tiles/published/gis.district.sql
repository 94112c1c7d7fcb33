-- Outlines of units for analysts: the union of their cells, kept by the database.
CREATE OR REPLACE VIEW gis.district
WITH (security_invoker = true) AS
SELECT
    u.id,
    u.code::text AS code,
    u.name::text AS name,
    u.name_en::text AS name_en,
    u.organisation_id,
    u.geom
FROM public.grid_unit u
WHERE u.level = 'DISTRICT';

COMMENT ON VIEW gis.district IS 'Districts. 区县';
COMMENT ON COLUMN gis.district.id IS 'Identity inside this database. 内部编号';
COMMENT ON COLUMN gis.district.code IS 'Code. 代码';
COMMENT ON COLUMN gis.district.name IS 'Name. 名称';
COMMENT ON COLUMN gis.district.name_en IS 'English name. 英文名称';
COMMENT ON COLUMN gis.district.organisation_id IS 'Unit. 单位';
COMMENT ON COLUMN gis.district.geom IS 'Place in degrees, WGS 84 (EPSG:4326). 图形';
GRANT SELECT ON gis.district TO geogrid_gis_reader, geogrid_app;
