-- Assets of a major class that are drawn as points. The geometry has no type modifier: a cast would keep
-- a row policy from the spatial index.
CREATE OR REPLACE VIEW gis.asset_environment
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
    a.geom
FROM public.asset a
JOIN public.asset_class k ON k.id = a.asset_class_id
WHERE ST_Dimension(a.geom) = 0 AND k.code LIKE '03%';

COMMENT ON VIEW gis.asset_environment IS 'Assets: Environment. 部件：市容环境设施';
COMMENT ON COLUMN gis.asset_environment.id IS 'Identity inside this database. 内部编号';
COMMENT ON COLUMN gis.asset_environment.code IS '16-digit code, given by the database. 部件标识码';
COMMENT ON COLUMN gis.asset_environment.asset_class_id IS 'Class. 部件类别';
COMMENT ON COLUMN gis.asset_environment.name IS 'Name. 名称';
COMMENT ON COLUMN gis.asset_environment.state IS 'State. 状态';
COMMENT ON COLUMN gis.asset_environment.competent_authority_id IS 'Competent authority. 主管单位';
COMMENT ON COLUMN gis.asset_environment.owner_id IS 'Owner. 权属单位';
COMMENT ON COLUMN gis.asset_environment.maintainer_id IS 'Maintainer. 养护单位';
COMMENT ON COLUMN gis.asset_environment.placement IS 'Where on the street. 放置位置';
COMMENT ON COLUMN gis.asset_environment.shape IS 'Shape. 形状';
COMMENT ON COLUMN gis.asset_environment.material IS 'Material. 材质';
COMMENT ON COLUMN gis.asset_environment.first_date IS 'First date. 初始日期';
COMMENT ON COLUMN gis.asset_environment.change_date IS 'Date of the last change of the object. 变更日期';
COMMENT ON COLUMN gis.asset_environment.location_text IS 'Place in words. 位置描述';
COMMENT ON COLUMN gis.asset_environment.note IS 'Note. 备注';
COMMENT ON COLUMN gis.asset_environment.source IS 'Data source. 数据来源';
COMMENT ON COLUMN gis.asset_environment.cell_id IS 'The cell it lies in. 所在网格';
COMMENT ON COLUMN gis.asset_environment.updated_at IS 'Last changed. 最近修改';
COMMENT ON COLUMN gis.asset_environment.geom IS 'Place in degrees, WGS 84 (EPSG:4326). 图形';
ALTER VIEW gis.asset_environment
    ALTER COLUMN name SET DEFAULT '',
    ALTER COLUMN state SET DEFAULT 'intact',
    ALTER COLUMN placement SET DEFAULT '',
    ALTER COLUMN shape SET DEFAULT '',
    ALTER COLUMN material SET DEFAULT '',
    ALTER COLUMN location_text SET DEFAULT '',
    ALTER COLUMN note SET DEFAULT '';
CREATE OR REPLACE TRIGGER edit
INSTEAD OF INSERT OR UPDATE OR DELETE ON gis.asset_environment
FOR EACH ROW EXECUTE FUNCTION core.edit_asset();
GRANT SELECT ON gis.asset_environment TO geogrid_gis_reader, geogrid_app;
GRANT INSERT, UPDATE, DELETE ON gis.asset_environment TO geogrid_gis_editor, geogrid_app;
