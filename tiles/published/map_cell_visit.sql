-- Cells by how long ago somebody on foot was in them. Who it was does not travel.
CREATE OR REPLACE VIEW public.map_cell_visit AS
SELECT
    c.id,
    c.code AS unit_code,
    CASE
        WHEN v.last_at IS NULL THEN 'never'
        WHEN v.last_at > now() - interval '1 hour' THEN 'h1'
        WHEN v.last_at > now() - interval '4 hours' THEN 'h4'
        WHEN v.last_at > now() - interval '8 hours' THEN 'h8'
        WHEN v.last_at > now() - interval '24 hours' THEN 'h24'
        ELSE 'older'
    END AS visited,
    c.geom_3857
FROM public.cell c
LEFT JOIN public.cell_visit v ON v.cell_id = c.id;

COMMENT ON VIEW public.map_cell_visit IS 'Cells by the time since the last visit on foot. 网格最近到访';
COMMENT ON COLUMN public.map_cell_visit.id IS 'Identity inside this database. 内部编号';
COMMENT ON COLUMN public.map_cell_visit.unit_code IS 'Code of the cell. 单元网格代码';
COMMENT ON COLUMN public.map_cell_visit.visited IS 'h1, h4, h8, h24: within so many hours; older; never. 到访时段';
COMMENT ON COLUMN public.map_cell_visit.geom_3857 IS 'Outline in Web Mercator metres (EPSG:3857). 轮廓';
GRANT SELECT ON public.map_cell_visit TO geogrid_tile_reader, geogrid_app;
