-- Default styles as QGIS looks for them: in public, by the name of the database. A view, so that a restored or
-- renamed database has them too.
CREATE OR REPLACE VIEW public.layer_styles AS
SELECT
    (row_number() OVER (ORDER BY s.layer, s.language))::integer AS id,
    current_database()::varchar(256) AS f_table_catalog,
    'gis'::varchar(256) AS f_table_schema,
    s.layer::varchar(256) AS f_table_name,
    CASE WHEN s.has_geometry THEN 'geom' ELSE '' END::varchar(256) AS f_geometry_column,
    CASE s.language WHEN 'zh' THEN 'GeoGrid 中文' ELSE 'GeoGrid English' END::text AS stylename,
    s.qml AS styleqml,
    NULL::xml AS stylesld,
    s.language = 'zh' AS useasdefault,
    CASE s.language WHEN 'zh' THEN 'GeoGrid 的默认样式' ELSE 'GeoGrid''s own look' END::text AS description,
    'geogrid_owner'::varchar(63) AS owner,
    NULL::xml AS ui,
    s.updated_at::timestamp AS update_time,
    NULL::varchar AS type
FROM qgis.default_style s;

COMMENT ON VIEW public.layer_styles IS 'Default styles of the layers in schema gis, as QGIS looks for them. QGIS 默认样式';
COMMENT ON COLUMN public.layer_styles.id IS 'Number in this list. 序号';
COMMENT ON COLUMN public.layer_styles.f_table_catalog IS 'This database. 数据库';
COMMENT ON COLUMN public.layer_styles.f_table_schema IS 'Schema of the layer. 模式';
COMMENT ON COLUMN public.layer_styles.f_table_name IS 'View of the layer. 图层';
COMMENT ON COLUMN public.layer_styles.f_geometry_column IS 'Its geometry; empty when it has none. 图形列';
COMMENT ON COLUMN public.layer_styles.stylename IS 'Name of the style. 样式名称';
COMMENT ON COLUMN public.layer_styles.styleqml IS 'The style in QGIS''s own language. 样式';
COMMENT ON COLUMN public.layer_styles.stylesld IS 'Not given. 未提供';
COMMENT ON COLUMN public.layer_styles.useasdefault IS 'Whether QGIS takes it by itself. 是否默认';
COMMENT ON COLUMN public.layer_styles.description IS 'In words. 说明';
COMMENT ON COLUMN public.layer_styles.owner IS 'Whose style it is. 所有者';
COMMENT ON COLUMN public.layer_styles.ui IS 'Not given. 未提供';
COMMENT ON COLUMN public.layer_styles.update_time IS 'When it was made. 更新时间';
COMMENT ON COLUMN public.layer_styles.type IS 'Not given: any geometry. 未提供';
GRANT SELECT ON public.layer_styles TO geogrid_gis_reader, geogrid_app;
