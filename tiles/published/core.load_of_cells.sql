-- What the cells of a unit (any level, by its code) ask of who answers for them.
CREATE FUNCTION core.load_of_cells(unit_code text, since timestamptz)
RETURNS TABLE (code text, households integer, incidents bigint, street_m double precision)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    SELECT cell.code::text, cell.households, coalesce(reported.amount, 0), coalesce(streets.length_m, 0)
    FROM cell
    LEFT JOIN (
        SELECT incident.unit_code, count(*) AS amount
        FROM incident
        WHERE incident.unit_code LIKE load_of_cells.unit_code || '%' AND incident.reported_at >= since
        GROUP BY incident.unit_code
    ) reported ON reported.unit_code = cell.code
    LEFT JOIN (
        SELECT road_bit.cell_id, sum(road_bit.length_m) AS length_m
        FROM road_bit
        JOIN cell inside ON inside.id = road_bit.cell_id AND inside.code LIKE load_of_cells.unit_code || '%'
        WHERE road_bit.is_due
        GROUP BY road_bit.cell_id
    ) streets ON streets.cell_id = cell.id
    WHERE cell.code LIKE load_of_cells.unit_code || '%'
$$;
COMMENT ON FUNCTION core.load_of_cells(text, timestamptz) IS
    'Households, incidents reported since, and metres of streets to be patrolled, by cell. 网格工作量';
REVOKE EXECUTE ON FUNCTION core.load_of_cells(text, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION core.load_of_cells(text, timestamptz) TO geogrid_app;
