-- Classes of assets, for lists of values.
CREATE OR REPLACE VIEW gis.asset_class
WITH (security_invoker = true) AS
SELECT
    k.id,
    k.scheme::text AS scheme,
    k.version::text AS version,
    k.code::text AS code,
    k.major_name::text AS major_name,
    k.major_name_en::text AS major_name_en,
    k.name::text AS name,
    k.name_en::text AS name_en,
    k.geometry_kind::text AS geometry_kind,
    CASE left(k.code, 2)
        WHEN '01' THEN 'asset_public_facility'
        WHEN '02' THEN 'asset_road_traffic'
        WHEN '03' THEN 'asset_environment'
        WHEN '04' THEN 'asset_landscaping'
        ELSE 'asset_other'
    END AS layer,
    k.icon::text AS icon,
    k.is_active
FROM public.asset_class k;

COMMENT ON VIEW gis.asset_class IS 'Classes of assets. 部件类别';
COMMENT ON COLUMN gis.asset_class.id IS 'Identity inside this database. 内部编号';
COMMENT ON COLUMN gis.asset_class.scheme IS 'Scheme. 标准';
COMMENT ON COLUMN gis.asset_class.version IS 'Version of the scheme. 标准版本';
COMMENT ON COLUMN gis.asset_class.code IS 'Code. 代码';
COMMENT ON COLUMN gis.asset_class.major_name IS 'Major class. 大类';
COMMENT ON COLUMN gis.asset_class.major_name_en IS 'English name of the major class. 大类英文名称';
COMMENT ON COLUMN gis.asset_class.name IS 'Name. 名称';
COMMENT ON COLUMN gis.asset_class.name_en IS 'English name. 英文名称';
COMMENT ON COLUMN gis.asset_class.geometry_kind IS 'Drawn as. 图形';
COMMENT ON COLUMN gis.asset_class.layer IS 'The layer its points are in. 图层';
COMMENT ON COLUMN gis.asset_class.icon IS 'Name of the icon. 图标';
COMMENT ON COLUMN gis.asset_class.is_active IS 'In use. 启用';
GRANT SELECT ON gis.asset_class TO geogrid_gis_reader, geogrid_app;
