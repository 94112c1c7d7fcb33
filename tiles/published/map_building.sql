-- Buildings as the map draws them, with the height that 3-D needs.
CREATE OR REPLACE VIEW public.map_building AS
SELECT
    b.id,
    b.name,
    b.kind,
    b.levels,
    round(coalesce(b.height_m, b.levels * 3.2, 6)::numeric, 1)::float8 AS height_m,
    b.geom_3857
FROM public.building b;

COMMENT ON VIEW public.map_building IS 'Buildings on the map. 地图上的建筑物';
COMMENT ON COLUMN public.map_building.id IS 'Identity inside this database. 内部编号';
COMMENT ON COLUMN public.map_building.name IS 'Name as its source writes it. 名称';
COMMENT ON COLUMN public.map_building.kind IS 'Kind as its source writes it. 类型';
COMMENT ON COLUMN public.map_building.levels IS 'Storeys above ground; null when not known. 层数';
COMMENT ON COLUMN public.map_building.height_m IS
    'Height in metres; where not known 3.2 m a storey, else 6 m, for drawing only. 高度(米)';
COMMENT ON COLUMN public.map_building.geom_3857 IS 'Outline in Web Mercator metres (EPSG:3857). 轮廓';
GRANT SELECT ON public.map_building TO geogrid_tile_reader, geogrid_app;
