-- Cells as the map draws them.
CREATE OR REPLACE VIEW public.map_cell AS
SELECT
    c.id,
    c.code,
    c.name,
    c.name_en,
    c.kind,
    c.households,
    u.code AS community,
    c.geom_3857
FROM public.cell c
JOIN public.grid_unit u ON u.id = c.community_id;

COMMENT ON VIEW public.map_cell IS 'Cells on the map. 地图上的单元网格';
COMMENT ON COLUMN public.map_cell.id IS 'Identity inside this database. 内部编号';
COMMENT ON COLUMN public.map_cell.code IS 'Code. 单元网格代码';
COMMENT ON COLUMN public.map_cell.name IS 'Name. 名称';
COMMENT ON COLUMN public.map_cell.name_en IS 'English name. 英文名称';
COMMENT ON COLUMN public.map_cell.kind IS 'GENERAL or EXCLUSIVE. 综合网格或专属网格';
COMMENT ON COLUMN public.map_cell.households IS 'Households; null when not known. 户数';
COMMENT ON COLUMN public.map_cell.community IS 'Code of its community. 社区代码';
COMMENT ON COLUMN public.map_cell.geom_3857 IS 'Outline in Web Mercator metres (EPSG:3857). 轮廓';
GRANT SELECT ON public.map_cell TO geogrid_tile_reader, geogrid_app;
