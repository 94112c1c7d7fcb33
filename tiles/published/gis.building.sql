-- Buildings for analysts.
CREATE OR REPLACE VIEW gis.building
WITH (security_invoker = true) AS
SELECT
    b.id,
    b.name::text AS name,
    b.address::text AS address,
    b.kind::text AS kind,
    b.levels,
    b.height_m,
    b.dwellings,
    b.households,
    b.households_derived,
    b.source::text AS source,
    b.cell_id,
    b.updated_at,
    b.geom
FROM public.building b;

COMMENT ON VIEW gis.building IS 'Buildings. 建筑物';
COMMENT ON COLUMN gis.building.id IS 'Identity inside this database. 内部编号';
COMMENT ON COLUMN gis.building.name IS 'Name. 名称';
COMMENT ON COLUMN gis.building.address IS 'Address. 地址';
COMMENT ON COLUMN gis.building.kind IS 'Kind as its source writes it. 类型';
COMMENT ON COLUMN gis.building.levels IS 'Storeys above ground. 层数';
COMMENT ON COLUMN gis.building.height_m IS 'Height in metres. 高度(米)';
COMMENT ON COLUMN gis.building.dwellings IS 'Dwellings. 住房套数';
COMMENT ON COLUMN gis.building.households IS 'Households. 户数';
COMMENT ON COLUMN gis.building.households_derived IS 'Households were computed. 户数为推算';
COMMENT ON COLUMN gis.building.source IS 'Data source. 数据来源';
COMMENT ON COLUMN gis.building.cell_id IS 'The cell it lies in. 所在网格';
COMMENT ON COLUMN gis.building.updated_at IS 'Last changed. 最近修改';
COMMENT ON COLUMN gis.building.geom IS 'Place in degrees, WGS 84 (EPSG:4326). 图形';
ALTER VIEW gis.building
    ALTER COLUMN name SET DEFAULT '',
    ALTER COLUMN address SET DEFAULT '',
    ALTER COLUMN kind SET DEFAULT '';
CREATE OR REPLACE TRIGGER edit
INSTEAD OF INSERT OR UPDATE OR DELETE ON gis.building
FOR EACH ROW EXECUTE FUNCTION core.edit_building();
GRANT SELECT ON gis.building TO geogrid_gis_reader, geogrid_app;
GRANT INSERT, UPDATE, DELETE ON gis.building TO geogrid_gis_editor, geogrid_app;
