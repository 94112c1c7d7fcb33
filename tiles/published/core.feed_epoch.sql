-- Names this very database: snapshots of another one, or of one that was restored, mean nothing here.
CREATE FUNCTION core.feed_epoch() RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    SELECT substr(md5(format('%s.%s', s.system_identifier, d.oid)), 1, 10)
    FROM pg_control_system() s
    CROSS JOIN pg_database d
    WHERE d.datname = current_database()
$$;
COMMENT ON FUNCTION core.feed_epoch() IS 'Name of this very database in ids of the live feed. 数据库标识';
REVOKE EXECUTE ON FUNCTION core.feed_epoch() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION core.feed_epoch() TO geogrid_app;
