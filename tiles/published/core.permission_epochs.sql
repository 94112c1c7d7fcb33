-- Users from whom rights were taken: feed tokens of an earlier epoch are refused. Those who may not log in
-- any more have an epoch that no token reaches.
CREATE FUNCTION core.permission_epochs() RETURNS TABLE (user_id bigint, epoch integer)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    SELECT u.id, CASE WHEN u.is_active THEN u.permission_epoch ELSE 2147483647 END
    FROM user_account u
    WHERE u.permission_epoch > 0 OR NOT u.is_active
$$;
COMMENT ON FUNCTION core.permission_epochs() IS 'Epoch of rights by user, where it is not 0. 权限版本';
REVOKE EXECUTE ON FUNCTION core.permission_epochs() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION core.permission_epochs() TO geogrid_app;
