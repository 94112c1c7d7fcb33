-- West, south, east, north of the grid in degrees; null while there is none.
CREATE FUNCTION core.city_bounds() RETURNS double precision[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    SELECT CASE WHEN box IS NOT NULL THEN ARRAY[ST_XMin(box), ST_YMin(box), ST_XMax(box), ST_YMax(box)] END
    FROM (SELECT ST_Extent(geom) AS box FROM cell) reach
$$;
COMMENT ON FUNCTION core.city_bounds() IS 'West, south, east, north of the city in degrees. 城市范围';
REVOKE EXECUTE ON FUNCTION core.city_bounds() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION core.city_bounds() TO geogrid_app, geogrid_tile_reader;
