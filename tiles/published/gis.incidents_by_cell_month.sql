-- How many incidents each cell had in each month of the city.
CREATE OR REPLACE VIEW gis.incidents_by_cell_month
WITH (security_invoker = true) AS
SELECT
    c.id * 1000000 + to_char(n.month, 'YYYYMM')::bigint AS id,
    n.unit_code,
    n.month,
    n.reported,
    n.closed,
    n.found_by_patrol,
    c.geom
FROM (
    SELECT
        i.unit_code::text AS unit_code,
        date_trunc('month', i.reported_at AT TIME ZONE z.name)::date AS month,
        count(*) AS reported,
        count(*) FILTER (WHERE i.stage IN ('CLOSED', 'EVALUATED')) AS closed,
        count(*) FILTER (WHERE i.found_by_patrol) AS found_by_patrol
    FROM public.incident i
    CROSS JOIN (SELECT core.city_zone() AS name OFFSET 0) z
    GROUP BY 1, 2
) n
JOIN public.cell c ON c.code = n.unit_code;

COMMENT ON VIEW gis.incidents_by_cell_month IS 'Incidents by cell and month. 网格月度案件数';
COMMENT ON COLUMN gis.incidents_by_cell_month.id IS 'The cell and the month as one number. 内部编号';
COMMENT ON COLUMN gis.incidents_by_cell_month.unit_code IS 'Code of the cell. 网格代码';
COMMENT ON COLUMN gis.incidents_by_cell_month.month IS 'First day of the month, in the city''s time. 月份';
COMMENT ON COLUMN gis.incidents_by_cell_month.reported IS 'Reported in the month. 上报数';
COMMENT ON COLUMN gis.incidents_by_cell_month.closed IS 'Of those, closed by now. 结案数';
COMMENT ON COLUMN gis.incidents_by_cell_month.found_by_patrol IS 'Of those, found by a patrol. 巡查发现数';
COMMENT ON COLUMN gis.incidents_by_cell_month.geom IS 'Place in degrees, WGS 84 (EPSG:4326). 图形';
GRANT SELECT ON gis.incidents_by_cell_month TO geogrid_gis_reader, geogrid_app;
