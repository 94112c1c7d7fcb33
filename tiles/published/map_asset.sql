-- Assets as the map draws them: the allow-list of columns; the card has the rest.
CREATE OR REPLACE VIEW public.map_asset AS
SELECT
    a.id,
    a.code,
    k.code AS cls,
    k.icon,
    a.state,
    a.geom_3857
FROM public.asset a
JOIN public.asset_class k ON k.id = a.asset_class_id
WHERE a.state <> 'removed';

COMMENT ON VIEW public.map_asset IS 'Public objects on the map, those removed left out. 地图上的管理部件';
COMMENT ON COLUMN public.map_asset.id IS 'Identity inside this database. 内部编号';
COMMENT ON COLUMN public.map_asset.code IS '16-digit code. 部件标识码';
COMMENT ON COLUMN public.map_asset.cls IS 'Code of the class in its scheme. 部件分类代码';
COMMENT ON COLUMN public.map_asset.icon IS 'Name of the icon. 图标';
COMMENT ON COLUMN public.map_asset.state IS 'intact, damaged, missing or abandoned. 状态';
COMMENT ON COLUMN public.map_asset.geom_3857 IS 'Place in Web Mercator metres (EPSG:3857). 位置';
GRANT SELECT ON public.map_asset TO geogrid_tile_reader, geogrid_app;
