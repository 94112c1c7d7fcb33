-- Measured series with their last value, at the place of their station.
CREATE OR REPLACE VIEW gis.station
WITH (security_invoker = true) AS
SELECT
    d.id,
    s.code::text AS station_code,
    s.name::text AS name,
    s.name_en::text AS name_en,
    d.phenomenon::text AS phenomenon,
    d.unit_symbol::text AS unit_symbol,
    v.last_value,
    v.last_at,
    coalesce(v.alarm_level, '')::text AS alarm_level,
    v.silent_since IS NOT NULL AS is_silent,
    s.is_simulated,
    c.code::text AS unit_code,
    a.geom
FROM public.datastream d
JOIN public.station s ON s.id = d.station_id
JOIN public.asset a ON a.id = s.asset_id
LEFT JOIN public.cell c ON c.id = a.cell_id
LEFT JOIN public.datastream_state v ON v.datastream_id = d.id
WHERE d.is_active;

COMMENT ON VIEW gis.station IS 'Stations and their last values. 监测点';
COMMENT ON COLUMN gis.station.id IS 'The measured series, inside this database. 内部编号';
COMMENT ON COLUMN gis.station.station_code IS 'Code of the station. 监测点代码';
COMMENT ON COLUMN gis.station.name IS 'Name. 名称';
COMMENT ON COLUMN gis.station.name_en IS 'English name. 英文名称';
COMMENT ON COLUMN gis.station.phenomenon IS 'What is measured. 监测项';
COMMENT ON COLUMN gis.station.unit_symbol IS 'Unit of measure. 单位';
COMMENT ON COLUMN gis.station.last_value IS 'Last value. 最新值';
COMMENT ON COLUMN gis.station.last_at IS 'Time of the last value. 最新值时间';
COMMENT ON COLUMN gis.station.alarm_level IS 'Level of its open alarm. 报警级别';
COMMENT ON COLUMN gis.station.is_silent IS 'Nothing was heard for too long. 离线';
COMMENT ON COLUMN gis.station.is_simulated IS 'Made up for a demonstration. 模拟';
COMMENT ON COLUMN gis.station.unit_code IS 'Code of the cell. 网格代码';
COMMENT ON COLUMN gis.station.geom IS 'Place in degrees, WGS 84 (EPSG:4326). 图形';
GRANT SELECT ON gis.station TO geogrid_gis_reader, geogrid_app;
