-- How much of each cell was patrolled today, on the city's calendar.
CREATE OR REPLACE FUNCTION gis.coverage_of_today()
RETURNS TABLE (
    cell_id bigint, unit_code text, measure text,
    due double precision, walked double precision, driven double precision, last_visit_at timestamptz
)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    SELECT c.cell_id, c.unit_code, c.measure, c.due, c.walked, c.driven, c.last_visit_at
    FROM core.coverage_of((now() AT TIME ZONE core.city_zone())::date, core.analyst_prefixes()) c
$$;
COMMENT ON FUNCTION gis.coverage_of_today() IS 'Coverage of the cells that this login reaches. 今日巡查覆盖';
REVOKE ALL ON FUNCTION gis.coverage_of_today() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gis.coverage_of_today() TO geogrid_gis_reader, geogrid_app;

CREATE OR REPLACE VIEW gis.coverage
WITH (security_invoker = true) AS
SELECT
    v.cell_id AS id,
    v.unit_code,
    v.measure,
    v.due,
    v.walked,
    v.driven,
    CASE WHEN v.due > 0 THEN v.walked / v.due END AS share,
    v.last_visit_at,
    c.geom
FROM gis.coverage_of_today() v
JOIN public.cell c ON c.id = v.cell_id;

COMMENT ON VIEW gis.coverage IS 'Coverage of today. 今日巡查覆盖';
COMMENT ON COLUMN gis.coverage.id IS 'The cell, inside this database. 网格内部编号';
COMMENT ON COLUMN gis.coverage.unit_code IS 'Code of the cell. 网格代码';
COMMENT ON COLUMN gis.coverage.measure IS 'Measured in. 计量';
COMMENT ON COLUMN gis.coverage.due IS 'To be patrolled, in metres or square metres. 应巡';
COMMENT ON COLUMN gis.coverage.walked IS 'Of it walked today. 步巡';
COMMENT ON COLUMN gis.coverage.driven IS 'Of it only driven along today. 车巡';
COMMENT ON COLUMN gis.coverage.share IS 'Walked part of what is due, 0 to 1. 覆盖率';
COMMENT ON COLUMN gis.coverage.last_visit_at IS 'Last walked at. 最近到访';
COMMENT ON COLUMN gis.coverage.geom IS 'Place in degrees, WGS 84 (EPSG:4326). 图形';
GRANT SELECT ON gis.coverage TO geogrid_gis_reader, geogrid_app;
