-- Cells for analysts. What is written here goes through the guard, as every edit of the grid.
CREATE OR REPLACE VIEW gis.cell
WITH (security_invoker = true) AS
SELECT
    c.id,
    c.code::text AS code,
    c.community_id,
    c.name::text AS name,
    c.name_en::text AS name_en,
    c.kind::text AS kind,
    c.use::text AS use,
    c.owner_id,
    c.maintainer_id,
    c.households,
    c.area_m2,
    c.is_derived,
    c.updated_at,
    c.geom
FROM public.cell c;

COMMENT ON VIEW gis.cell IS 'Cells. 单元网格';
COMMENT ON COLUMN gis.cell.id IS 'Identity inside this database. 内部编号';
COMMENT ON COLUMN gis.cell.code IS 'Code of the cell, given by the database. 单元网格代码';
COMMENT ON COLUMN gis.cell.community_id IS 'Community. 社区';
COMMENT ON COLUMN gis.cell.name IS 'Name. 名称';
COMMENT ON COLUMN gis.cell.name_en IS 'English name. 英文名称';
COMMENT ON COLUMN gis.cell.kind IS 'Kind. 类型';
COMMENT ON COLUMN gis.cell.use IS 'What an exclusive grid is. 用途';
COMMENT ON COLUMN gis.cell.owner_id IS 'Owner. 权属单位';
COMMENT ON COLUMN gis.cell.maintainer_id IS 'Maintainer. 养护单位';
COMMENT ON COLUMN gis.cell.households IS 'Households. 户数';
COMMENT ON COLUMN gis.cell.area_m2 IS 'Area in square metres. 面积(平方米)';
COMMENT ON COLUMN gis.cell.is_derived IS 'Computed, not surveyed. 推算';
COMMENT ON COLUMN gis.cell.updated_at IS 'Last changed. 最近修改';
COMMENT ON COLUMN gis.cell.geom IS 'Place in degrees, WGS 84 (EPSG:4326). 图形';
ALTER VIEW gis.cell
    ALTER COLUMN name SET DEFAULT '',
    ALTER COLUMN name_en SET DEFAULT '',
    ALTER COLUMN kind SET DEFAULT 'GENERAL',
    ALTER COLUMN use SET DEFAULT '';
CREATE OR REPLACE TRIGGER edit
INSTEAD OF INSERT OR UPDATE OR DELETE ON gis.cell
FOR EACH ROW EXECUTE FUNCTION core.edit_cell();
GRANT SELECT ON gis.cell TO geogrid_gis_reader, geogrid_app;
GRANT INSERT, UPDATE, DELETE ON gis.cell TO geogrid_gis_editor, geogrid_app;
