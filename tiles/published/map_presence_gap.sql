-- Streets that nobody on duty reaches on foot in ten minutes, as they were counted last.
CREATE OR REPLACE VIEW public.map_presence_gap AS
SELECT
    p.cell_id AS id,
    p.unit_code,
    p.gaps AS geom_3857
FROM public.presence_of_cell p
WHERE p.gaps IS NOT NULL;

COMMENT ON VIEW public.map_presence_gap IS 'Streets that nobody on duty reaches in ten minutes. 十分钟到达不了的道路';
COMMENT ON COLUMN public.map_presence_gap.id IS 'The cell, inside this database. 网格';
COMMENT ON COLUMN public.map_presence_gap.unit_code IS 'Code of the cell. 单元网格代码';
COMMENT ON COLUMN public.map_presence_gap.geom_3857 IS 'Lines in Web Mercator metres (EPSG:3857). 线';
GRANT SELECT ON public.map_presence_gap TO geogrid_tile_reader, geogrid_app;
