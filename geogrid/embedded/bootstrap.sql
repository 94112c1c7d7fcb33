-- Extensions, roles and rights of a GeoGrid database. A psql script for a superuser, run in the database itself.
-- It may be run any number of times. Passwords arrive as SCRAM verifiers in the variables
-- owner_verifier, app_verifier and tile_reader_verifier; a role whose variable is not set keeps the password it has.
BEGIN;
SET LOCAL client_min_messages = warning;
SET LOCAL log_min_duration_statement = -1;
SET LOCAL search_path = public;

CREATE EXTENSION IF NOT EXISTS postgis WITH SCHEMA public;
CREATE EXTENSION IF NOT EXISTS btree_gist WITH SCHEMA public;
CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA public;
ALTER EXTENSION postgis UPDATE;

-- Without this mark a row policy keeps the planner from the spatial index: the function sees only boxes, and leaks nothing.
ALTER FUNCTION public.geometry_overlaps(public.geometry, public.geometry) LEAKPROOF;

-- What PostgreSQL and PostGIS let everybody do, and an analyst of one street must not: extents from the statistics of
-- a whole table, objects and messages that fill the disk.
DO $rights$
DECLARE
    one regprocedure;
BEGIN
    FOR one IN
        SELECT p.oid::regprocedure
        FROM pg_proc p
        WHERE p.pronamespace = 'public'::regnamespace
            AND p.proname IN (
                'st_estimatedextent', 'st_findextent', 'find_extent', '_postgis_stats', '_postgis_selectivity',
                '_postgis_join_selectivity', '_postgis_index_extent'
            )
            OR p.pronamespace = 'pg_catalog'::regnamespace
            AND p.proname IN ('lo_creat', 'lo_create', 'lo_from_bytea', 'pg_logical_emit_message')
    LOOP
        EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', one);
    END LOOP;
END
$rights$;

-- The roles. Only role_maker may create roles, nobody can log in as it, and it owns nothing but two functions.
DO $roles$
DECLARE
    wanted text;
BEGIN
    FOREACH wanted IN ARRAY ARRAY[
        'geogrid_owner', 'geogrid_app', 'geogrid_tile_reader',
        'geogrid_gis_reader', 'geogrid_gis_editor', 'geogrid_role_maker'
    ] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted) THEN
            EXECUTE format('CREATE ROLE %I', wanted);
        END IF;
    END LOOP;
END
$roles$;

ALTER ROLE geogrid_owner LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;
-- Row policies are for analysts. The application asks for what its user may see, and COPY knows no policies.
ALTER ROLE geogrid_app LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION BYPASSRLS;
ALTER ROLE geogrid_tile_reader LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;
ALTER ROLE geogrid_gis_reader NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;
ALTER ROLE geogrid_gis_editor NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;
ALTER ROLE geogrid_role_maker NOLOGIN NOSUPERUSER NOCREATEDB CREATEROLE NOREPLICATION NOBYPASSRLS;
COMMENT ON ROLE geogrid_owner IS 'Owns every object of GeoGrid and runs its migrations';
COMMENT ON ROLE geogrid_app IS 'GeoGrid''s web server and workers: reads and writes rows, changes no table';
COMMENT ON ROLE geogrid_tile_reader IS 'Reads what map tiles draw';
COMMENT ON ROLE geogrid_gis_reader IS 'Group of the analysts who read';
COMMENT ON ROLE geogrid_gis_editor IS 'Group of the analysts who edit';
COMMENT ON ROLE geogrid_role_maker IS 'Owner of the two functions that make and revoke analysts'' roles';

\if :{?owner_verifier}
ALTER ROLE geogrid_owner PASSWORD :'owner_verifier';
\endif
\if :{?app_verifier}
ALTER ROLE geogrid_app PASSWORD :'app_verifier';
\endif
\if :{?tile_reader_verifier}
ALTER ROLE geogrid_tile_reader PASSWORD :'tile_reader_verifier';
\endif

GRANT geogrid_gis_reader TO geogrid_gis_editor;
GRANT geogrid_gis_reader, geogrid_gis_editor TO geogrid_role_maker WITH ADMIN OPTION;

-- Nobody waits for a lock, or holds one, longer than the others can bear.
ALTER ROLE geogrid_owner SET lock_timeout = '30s';
ALTER ROLE geogrid_owner SET idle_in_transaction_session_timeout = '10min';
ALTER ROLE geogrid_app SET lock_timeout = '10s';
ALTER ROLE geogrid_app SET idle_in_transaction_session_timeout = '2min';
ALTER ROLE geogrid_tile_reader SET statement_timeout = '20s';
ALTER ROLE geogrid_tile_reader SET default_transaction_read_only = on;

-- A bulk import checks references once for a batch instead of once for a row (core.load_assets). The owner could
-- take its own constraints away anyhow; the application gets nothing by this.
GRANT SET ON PARAMETER session_replication_role TO geogrid_owner;

-- Who may come in. A template does not hand these on, so they are set in each database.
SELECT format('ALTER DATABASE %I OWNER TO geogrid_owner', current_database()) \gexec
SELECT format('ALTER DATABASE %I SET jit = off', current_database()) \gexec
SELECT format('ALTER DATABASE %I SET timezone = ''UTC''', current_database()) \gexec
SELECT format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database()) \gexec
SELECT format('GRANT CONNECT, TEMPORARY ON DATABASE %I TO geogrid_app', current_database()) \gexec
SELECT format(
    'GRANT CONNECT ON DATABASE %I TO geogrid_tile_reader, geogrid_gis_reader, geogrid_gis_editor', current_database()
) \gexec

-- Tables stand in public, functions in core; only the owner creates anything in either.
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE, CREATE ON SCHEMA public TO geogrid_owner;
CREATE SCHEMA IF NOT EXISTS core AUTHORIZATION geogrid_owner;
ALTER SCHEMA core OWNER TO geogrid_owner;
GRANT USAGE ON SCHEMA core TO geogrid_app, geogrid_tile_reader, geogrid_gis_reader, geogrid_gis_editor;

-- Analysts' personal roles. The functions run as role_maker, so every argument is checked before it is used:
-- a role that may create roles can, on PostgreSQL 15, give itself the right to run programs on the server.
CREATE OR REPLACE FUNCTION core.make_analyst_role(
    role_name text, kind text, verifier text, valid_until timestamptz, connections integer DEFAULT 4
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
BEGIN
    IF role_name IS NULL OR role_name !~ '^analyst_[a-z][a-z0-9_]{1,40}$' THEN
        RAISE EXCEPTION 'An analyst''s role is named analyst_ and 2 to 41 small letters, digits or underscores'
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF kind IS NULL OR kind NOT IN ('reader', 'editor') THEN
        RAISE EXCEPTION 'An analyst is a reader or an editor' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF verifier IS NULL
        OR verifier !~ '^SCRAM-SHA-256\$[0-9]{4,6}:[A-Za-z0-9+/]{22,64}={0,2}\$[A-Za-z0-9+/]{43}=:[A-Za-z0-9+/]{43}=$'
    THEN
        RAISE EXCEPTION 'The password must be given as a SCRAM-SHA-256 verifier' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF valid_until IS NULL OR valid_until <= now() OR valid_until > now() + interval '2 years' THEN
        RAISE EXCEPTION 'An analyst''s role ends at a time in the next two years' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF connections IS NULL OR connections NOT BETWEEN 1 AND 20 THEN
        RAISE EXCEPTION 'An analyst has 1 to 20 connections' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = role_name) THEN
        RAISE EXCEPTION 'The role % exists already', role_name USING ERRCODE = 'duplicate_object';
    END IF;

    EXECUTE format(
        'CREATE ROLE %I LOGIN INHERIT NOCREATEDB NOCREATEROLE CONNECTION LIMIT %s PASSWORD %L VALID UNTIL %L',
        role_name, connections, verifier, valid_until
    );
    EXECUTE format('GRANT %I TO %I', 'geogrid_gis_' || kind, role_name);
    EXECUTE format('ALTER ROLE %I SET lock_timeout = ''5s''', role_name);
    EXECUTE format('ALTER ROLE %I SET idle_in_transaction_session_timeout = ''15min''', role_name);
    EXECUTE format('ALTER ROLE %I SET jit = off', role_name);
END
$function$;

CREATE OR REPLACE FUNCTION core.revoke_analyst_role(role_name text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
BEGIN
    IF role_name IS NULL OR role_name !~ '^analyst_[a-z][a-z0-9_]{1,40}$' THEN
        RAISE EXCEPTION 'An analyst''s role is named analyst_ and 2 to 41 small letters, digits or underscores'
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF NOT EXISTS (
        SELECT
        FROM pg_auth_members membership
        JOIN pg_roles analyst ON analyst.oid = membership.member
        JOIN pg_roles team ON team.oid = membership.roleid
        WHERE analyst.rolname = role_name
            AND team.rolname IN ('geogrid_gis_reader', 'geogrid_gis_editor')
    ) THEN
        RAISE EXCEPTION 'There is no analyst''s role %', role_name USING ERRCODE = 'undefined_object';
    END IF;

    EXECUTE format('ALTER ROLE %I NOLOGIN', role_name);
    EXECUTE format('GRANT %I TO geogrid_role_maker', role_name);
    PERFORM pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = role_name;
    EXECUTE format('DROP OWNED BY %I', role_name);
    BEGIN
        EXECUTE format('DROP ROLE %I', role_name);
    EXCEPTION WHEN dependent_objects_still_exist THEN
        -- Somebody has granted it something by hand, which only that one can take back. It logs in no more.
        EXECUTE format('ALTER ROLE %I NOLOGIN PASSWORD NULL CONNECTION LIMIT 0', role_name);
        EXECUTE format('REVOKE geogrid_gis_reader, geogrid_gis_editor FROM %I', role_name);
        EXECUTE format('REVOKE %I FROM geogrid_role_maker', role_name);
    END;
END
$function$;

ALTER FUNCTION core.make_analyst_role(text, text, text, timestamptz, integer) OWNER TO geogrid_role_maker;
ALTER FUNCTION core.revoke_analyst_role(text) OWNER TO geogrid_role_maker;
REVOKE ALL ON FUNCTION core.make_analyst_role(text, text, text, timestamptz, integer) FROM PUBLIC;
REVOKE ALL ON FUNCTION core.revoke_analyst_role(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION core.make_analyst_role(text, text, text, timestamptz, integer) TO geogrid_app;
GRANT EXECUTE ON FUNCTION core.revoke_analyst_role(text) TO geogrid_app;
COMMENT ON FUNCTION core.make_analyst_role(text, text, text, timestamptz, integer) IS
    'Make a personal database role for an analyst: kind is reader or editor, the password a SCRAM-SHA-256 verifier';
COMMENT ON FUNCTION core.revoke_analyst_role(text) IS
    'End an analyst''s sessions and remove the role that core.make_analyst_role made';

COMMIT;
