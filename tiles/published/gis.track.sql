-- Ways of patrols that have ended. Whose they are does not travel.
CREATE OR REPLACE VIEW gis.track
WITH (security_invoker = true) AS
SELECT
    p.id,
    p.started_at,
    p.ended_at,
    p.length_m,
    p.driven_m,
    core.duty_unit(p.duty_id) AS unit_code,
    p.track AS geom
FROM public.patrol p
WHERE p.ended_at IS NOT NULL AND p.track IS NOT NULL;

COMMENT ON VIEW gis.track IS 'Tracks of ended patrols. 巡查轨迹';
COMMENT ON COLUMN gis.track.id IS 'The patrol, inside this database; no name travels. 内部编号';
COMMENT ON COLUMN gis.track.started_at IS 'Started at. 开始时间';
COMMENT ON COLUMN gis.track.ended_at IS 'Ended at. 结束时间';
COMMENT ON COLUMN gis.track.length_m IS 'Length in metres. 长度(米)';
COMMENT ON COLUMN gis.track.driven_m IS 'Metres of it driven. 车行长度(米)';
COMMENT ON COLUMN gis.track.unit_code IS 'Code of the cell. 网格代码';
COMMENT ON COLUMN gis.track.geom IS 'Place in degrees, WGS 84 (EPSG:4326). 图形';
GRANT SELECT ON gis.track TO geogrid_gis_reader, geogrid_app;
