-- What the app may do with everything the owner makes from now on; published/*.sql and migrations take away from it.
-- Run after bootstrap.sql, and as the owner at the end of a restore.
ALTER DEFAULT PRIVILEGES FOR ROLE geogrid_owner REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
ALTER DEFAULT PRIVILEGES FOR ROLE geogrid_owner IN SCHEMA public
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO geogrid_app;
ALTER DEFAULT PRIVILEGES FOR ROLE geogrid_owner IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO geogrid_app;
ALTER DEFAULT PRIVILEGES FOR ROLE geogrid_owner IN SCHEMA public GRANT EXECUTE ON FUNCTIONS TO geogrid_app;
ALTER DEFAULT PRIVILEGES FOR ROLE geogrid_owner IN SCHEMA core GRANT EXECUTE ON FUNCTIONS TO geogrid_app;
