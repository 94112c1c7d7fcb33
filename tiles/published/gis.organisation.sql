-- Units, for lists of values.
CREATE OR REPLACE VIEW gis.organisation
WITH (security_invoker = true) AS
SELECT
    o.id,
    o.code::text AS code,
    o.name::text AS name,
    o.name_en::text AS name_en,
    o.is_active
FROM public.organisation o;

COMMENT ON VIEW gis.organisation IS 'Units (organisations). 单位';
COMMENT ON COLUMN gis.organisation.id IS 'Identity inside this database. 内部编号';
COMMENT ON COLUMN gis.organisation.code IS 'Code. 代码';
COMMENT ON COLUMN gis.organisation.name IS 'Name. 名称';
COMMENT ON COLUMN gis.organisation.name_en IS 'English name. 英文名称';
COMMENT ON COLUMN gis.organisation.is_active IS 'In use. 启用';
GRANT SELECT ON gis.organisation TO geogrid_gis_reader, geogrid_app;
