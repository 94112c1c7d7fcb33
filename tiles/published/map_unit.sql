-- Communities, streets and districts as the map names them; their outlines are drawn from the cells.
CREATE OR REPLACE VIEW public.map_unit AS
SELECT
    u.id,
    u.code,
    u.level,
    u.name,
    u.name_en,
    p.code AS parent
FROM public.grid_unit u
LEFT JOIN public.grid_unit p ON p.id = u.parent_id;

COMMENT ON VIEW public.map_unit IS 'Communities, streets and districts. 社区、街道、区县';
COMMENT ON COLUMN public.map_unit.id IS 'Identity inside this database. 内部编号';
COMMENT ON COLUMN public.map_unit.code IS 'Code. 代码';
COMMENT ON COLUMN public.map_unit.level IS 'DISTRICT, STREET or COMMUNITY. 级别';
COMMENT ON COLUMN public.map_unit.name IS 'Name. 名称';
COMMENT ON COLUMN public.map_unit.name_en IS 'English name. 英文名称';
COMMENT ON COLUMN public.map_unit.parent IS 'Code of the unit above; null for a district. 上级代码';
GRANT SELECT ON public.map_unit TO geogrid_tile_reader, geogrid_app;
