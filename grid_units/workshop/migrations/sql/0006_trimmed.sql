-- Ground that changed hands is looked at once; the list of what got another cell is what stays.
CREATE FUNCTION core.trim_regrid_ground(older_than interval) RETURNS bigint
LANGUAGE sql SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
  WITH gone AS (
    DELETE FROM regrid_ground
    WHERE greatest(assets_done_at, incidents_done_at) < now() - older_than
      AND assets_done_at IS NOT NULL
      AND incidents_done_at IS NOT NULL
    RETURNING 1
  )
  SELECT count(*) FROM gone
$$;
COMMENT ON FUNCTION core.trim_regrid_ground(interval) IS 'Forget ground whose assets and incidents have their cells since so long.';
REVOKE EXECUTE ON FUNCTION core.trim_regrid_ground(interval) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION core.trim_regrid_ground(interval) TO geogrid_app;
