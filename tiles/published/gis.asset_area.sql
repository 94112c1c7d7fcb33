-- Assets drawn as areas. To be seen only.
CREATE OR REPLACE VIEW gis.asset_area
WITH (security_invoker = true) AS
SELECT
    a.id,
    a.code::text AS code,
    a.asset_class_id,
    a.name::text AS name,
    a.state::text AS state,
    a.competent_authority_id,
    a.owner_id,
    a.maintainer_id,
    a.placement::text AS placement,
    a.shape::text AS shape,
    a.material::text AS material,
    a.first_date,
    a.change_date,
    a.location_text::text AS location_text,
    a.note,
    a.source::text AS source,
    a.cell_id,
    a.updated_at,
    ST_Multi(a.geom)::geometry(MultiPolygon, 4326) AS geom
FROM public.asset a
WHERE ST_Dimension(a.geom) = 2;

COMMENT ON VIEW gis.asset_area IS 'Assets drawn as areas. 部件：面';
COMMENT ON COLUMN gis.asset_area.id IS 'Identity inside this database. 内部编号';
COMMENT ON COLUMN gis.asset_area.code IS '16-digit code, given by the database. 部件标识码';
COMMENT ON COLUMN gis.asset_area.asset_class_id IS 'Class. 部件类别';
COMMENT ON COLUMN gis.asset_area.name IS 'Name. 名称';
COMMENT ON COLUMN gis.asset_area.state IS 'State. 状态';
COMMENT ON COLUMN gis.asset_area.competent_authority_id IS 'Competent authority. 主管单位';
COMMENT ON COLUMN gis.asset_area.owner_id IS 'Owner. 权属单位';
COMMENT ON COLUMN gis.asset_area.maintainer_id IS 'Maintainer. 养护单位';
COMMENT ON COLUMN gis.asset_area.placement IS 'Where on the street. 放置位置';
COMMENT ON COLUMN gis.asset_area.shape IS 'Shape. 形状';
COMMENT ON COLUMN gis.asset_area.material IS 'Material. 材质';
COMMENT ON COLUMN gis.asset_area.first_date IS 'First date. 初始日期';
COMMENT ON COLUMN gis.asset_area.change_date IS 'Date of the last change of the object. 变更日期';
COMMENT ON COLUMN gis.asset_area.location_text IS 'Place in words. 位置描述';
COMMENT ON COLUMN gis.asset_area.note IS 'Note. 备注';
COMMENT ON COLUMN gis.asset_area.source IS 'Data source. 数据来源';
COMMENT ON COLUMN gis.asset_area.cell_id IS 'The cell it lies in. 所在网格';
COMMENT ON COLUMN gis.asset_area.updated_at IS 'Last changed. 最近修改';
COMMENT ON COLUMN gis.asset_area.geom IS 'Place in degrees, WGS 84 (EPSG:4326). 图形';
GRANT SELECT ON gis.asset_area TO geogrid_gis_reader, geogrid_app;
