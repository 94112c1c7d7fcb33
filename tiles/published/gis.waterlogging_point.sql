-- Places that flood, with the depth that the API shows: the deepest fresh gauge counts.
CREATE OR REPLACE VIEW gis.waterlogging_point
WITH (security_invoker = true) AS
SELECT
    p.id,
    p.code::text AS code,
    p.name::text AS name,
    p.name_en::text AS name_en,
    p.note,
    p.is_active,
    w.depth_cm,
    w.last_at AS depth_at,
    coalesce(
        (
            SELECT b.band ->> 'level'
            FROM jsonb_array_elements(p.bands) b (band)
            WHERE (b.band ->> 'from')::double precision <= w.depth_cm
            ORDER BY (b.band ->> 'from')::double precision DESC
            LIMIT 1
        ),
        ''
    ) AS level,
    p.is_simulated,
    p.place AS geom
FROM public.waterlogging_point p
LEFT JOIN LATERAL (
    SELECT round((v.last_value * u.cm)::numeric, 2)::double precision AS depth_cm, v.last_at
    FROM public.waterlogging_point_station ps
    JOIN public.datastream d ON d.station_id = ps.station_id AND d.is_active AND d.phenomenon = 'level'
    JOIN (VALUES ('mm', 0.1), ('cm', 1), ('m', 100)) u (symbol, cm) ON u.symbol = d.unit_symbol
    JOIN public.datastream_state v ON v.datastream_id = d.id AND v.last_at IS NOT NULL
    CROSS JOIN LATERAL (
        SELECT v.last_at >= now() - make_interval(secs => coalesce(d.expected_interval_s, 900) * d.stale_after_intervals)
    ) f (is_fresh)
    WHERE ps.waterloggingpoint_id = p.id
    ORDER BY f.is_fresh DESC, CASE WHEN f.is_fresh THEN v.last_value * u.cm END DESC, v.last_at DESC
    LIMIT 1
) w ON true;

COMMENT ON VIEW gis.waterlogging_point IS 'Waterlogging points. 内涝点';
COMMENT ON COLUMN gis.waterlogging_point.id IS 'Identity inside this database. 内部编号';
COMMENT ON COLUMN gis.waterlogging_point.code IS 'Code. 代码';
COMMENT ON COLUMN gis.waterlogging_point.name IS 'Name. 名称';
COMMENT ON COLUMN gis.waterlogging_point.name_en IS 'English name. 英文名称';
COMMENT ON COLUMN gis.waterlogging_point.note IS 'Note. 备注';
COMMENT ON COLUMN gis.waterlogging_point.is_active IS 'Watched. 启用';
COMMENT ON COLUMN gis.waterlogging_point.depth_cm IS 'Deepest last value of its stations, in cm. 水深(厘米)';
COMMENT ON COLUMN gis.waterlogging_point.depth_at IS 'Time of that value. 水深时间';
COMMENT ON COLUMN gis.waterlogging_point.level IS 'Band of the depth. 级别';
COMMENT ON COLUMN gis.waterlogging_point.is_simulated IS 'Made up for a demonstration. 模拟';
COMMENT ON COLUMN gis.waterlogging_point.geom IS 'Place in degrees, WGS 84 (EPSG:4326). 图形';
CREATE OR REPLACE TRIGGER edit
INSTEAD OF UPDATE ON gis.waterlogging_point
FOR EACH ROW EXECUTE FUNCTION core.edit_waterlogging_point();
GRANT SELECT ON gis.waterlogging_point TO geogrid_gis_reader, geogrid_app;
GRANT UPDATE ON gis.waterlogging_point TO geogrid_gis_editor, geogrid_app;
