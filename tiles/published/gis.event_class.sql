-- Classes of events, for lists of values.
CREATE OR REPLACE VIEW gis.event_class
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
    k.icon::text AS icon,
    k.is_active
FROM public.event_class k;

COMMENT ON VIEW gis.event_class IS 'Classes of events. 事件类别';
COMMENT ON COLUMN gis.event_class.id IS 'Identity inside this database. 内部编号';
COMMENT ON COLUMN gis.event_class.scheme IS 'Scheme. 标准';
COMMENT ON COLUMN gis.event_class.version IS 'Version of the scheme. 标准版本';
COMMENT ON COLUMN gis.event_class.code IS 'Code. 代码';
COMMENT ON COLUMN gis.event_class.major_name IS 'Major class. 大类';
COMMENT ON COLUMN gis.event_class.major_name_en IS 'English name of the major class. 大类英文名称';
COMMENT ON COLUMN gis.event_class.name IS 'Name. 名称';
COMMENT ON COLUMN gis.event_class.name_en IS 'English name. 英文名称';
COMMENT ON COLUMN gis.event_class.icon IS 'Name of the icon. 图标';
COMMENT ON COLUMN gis.event_class.is_active IS 'In use. 启用';
GRANT SELECT ON gis.event_class TO geogrid_gis_reader, geogrid_app;
