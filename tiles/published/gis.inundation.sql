-- Depressions of the terrain: water stands in them up to the spill level.
CREATE OR REPLACE VIEW gis.inundation
WITH (security_invoker = true) AS
SELECT
    d.id,
    t.name::text AS terrain,
    d.depth_m,
    d.area_m2,
    d.volume_m3,
    d.deepest_level_m,
    d.spill_level_m,
    d.at_edge,
    d.geom
FROM public.depression d
JOIN public.terrain t ON t.id = d.terrain_id
WHERE t.state = 'ready';

COMMENT ON VIEW gis.inundation IS 'Depressions that flood. 易涝洼地';
COMMENT ON COLUMN gis.inundation.id IS 'Identity inside this database. 内部编号';
COMMENT ON COLUMN gis.inundation.terrain IS 'Terrain model it was found in. 地形模型';
COMMENT ON COLUMN gis.inundation.depth_m IS 'Depth when full, in metres. 最大水深(米)';
COMMENT ON COLUMN gis.inundation.area_m2 IS 'Area when full, in square metres. 面积(平方米)';
COMMENT ON COLUMN gis.inundation.volume_m3 IS 'Volume when full, in cubic metres. 容积(立方米)';
COMMENT ON COLUMN gis.inundation.deepest_level_m IS 'Height of the deepest place, in metres. 最低高程(米)';
COMMENT ON COLUMN gis.inundation.spill_level_m IS 'Height at which it runs over, in metres. 溢流高程(米)';
COMMENT ON COLUMN gis.inundation.at_edge IS 'At the edge of what is known. 位于边缘';
COMMENT ON COLUMN gis.inundation.geom IS 'Place in degrees, WGS 84 (EPSG:4326). 图形';
GRANT SELECT ON gis.inundation TO geogrid_gis_reader, geogrid_app;
