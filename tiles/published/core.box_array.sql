-- West, south, east, north of a geometry.
CREATE FUNCTION core.box_array(shape geometry) RETURNS double precision[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT SET search_path = public, pg_temp
AS $$
    SELECT ARRAY[ST_XMin(shape), ST_YMin(shape), ST_XMax(shape), ST_YMax(shape)]
$$;
COMMENT ON FUNCTION core.box_array(geometry) IS 'West, south, east, north of a geometry. 外接矩形';
REVOKE EXECUTE ON FUNCTION core.box_array(geometry) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION core.box_array(geometry) TO geogrid_app, geogrid_tile_reader;
