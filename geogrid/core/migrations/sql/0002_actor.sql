CREATE SCHEMA IF NOT EXISTS core;

-- Who is acting. The setting is trusted only from the app, which sets it for the user it has authenticated;
-- everyone else is who they logged in as, so nobody can sign as somebody else.
CREATE OR REPLACE FUNCTION core.actor() RETURNS text
LANGUAGE sql STABLE
AS $$
    SELECT CASE
        WHEN session_user = 'geogrid_app' THEN coalesce(nullif(current_setting('geogrid.actor', true), ''), 'geogrid_app')
        ELSE session_user::text
    END
$$;
COMMENT ON FUNCTION core.actor() IS 'Who is acting: the user of the app, or the database login. 操作人';
