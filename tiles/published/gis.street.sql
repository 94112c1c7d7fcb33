-- Outlines of units for analysts: the union of their cells, kept by the database.
CREATE OR REPLACE VIEW gis.street
WITH (security_invoker = true) AS
SELECT
    u.id,
    u.code::text AS code,
    u.name::text AS name,
    u.name_en::text AS name_en,
    u.parent_id AS district_id,
    u.organisation_id,
    u.geom
FROM public.grid_unit u
WHERE u.level = 'STREET';

COMMENT ON VIEW gis.street IS 'Streets (units). 街道';
COMMENT ON COLUMN gis.street.id IS 'Identity inside this database. 内部编号';
COMMENT ON COLUMN gis.street.code IS 'Code. 代码';
COMMENT ON COLUMN gis.street.name IS 'Name. 名称';
COMMENT ON COLUMN gis.street.name_en IS 'English name. 英文名称';
COMMENT ON COLUMN gis.street.district_id IS 'District. 区县';
COMMENT ON COLUMN gis.street.organisation_id IS 'Unit. 单位';
COMMENT ON COLUMN gis.street.geom IS 'Place in degrees, WGS 84 (EPSG:4326). 图形';
GRANT SELECT ON gis.street TO geogrid_gis_reader, geogrid_app;
