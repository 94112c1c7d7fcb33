-- What each cell was, from when to when. Filter by date with valid_from and valid_to.
CREATE OR REPLACE VIEW gis.cell_version
WITH (security_invoker = true) AS
SELECT
    v.id,
    v.cell_id,
    v.code::text AS code,
    v.name::text AS name,
    v.kind::text AS kind,
    v.community_id,
    v.owner_id,
    v.households,
    lower(v.valid) AS valid_from,
    upper(v.valid) AS valid_to,
    v.edition_id,
    v.geom
FROM public.cell_version v;

COMMENT ON VIEW gis.cell_version IS 'Versions of cells. 网格历史版本';
COMMENT ON COLUMN gis.cell_version.id IS 'Identity inside this database. 内部编号';
COMMENT ON COLUMN gis.cell_version.cell_id IS 'The cell, inside this database. 网格内部编号';
COMMENT ON COLUMN gis.cell_version.code IS 'Code. 代码';
COMMENT ON COLUMN gis.cell_version.name IS 'Name. 名称';
COMMENT ON COLUMN gis.cell_version.kind IS 'Kind. 类型';
COMMENT ON COLUMN gis.cell_version.community_id IS 'Community. 社区';
COMMENT ON COLUMN gis.cell_version.owner_id IS 'Owner. 权属单位';
COMMENT ON COLUMN gis.cell_version.households IS 'Households. 户数';
COMMENT ON COLUMN gis.cell_version.valid_from IS 'In force from. 生效时间';
COMMENT ON COLUMN gis.cell_version.valid_to IS 'In force until; empty: still. 失效时间';
COMMENT ON COLUMN gis.cell_version.edition_id IS 'Edition of the grid it came with. 版本';
COMMENT ON COLUMN gis.cell_version.geom IS 'Place in degrees, WGS 84 (EPSG:4326). 图形';
GRANT SELECT ON gis.cell_version TO geogrid_gis_reader, geogrid_app;
