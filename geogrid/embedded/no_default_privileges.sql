-- Back to PostgreSQL's own defaults, as the owner: a dump describes the rights of each object against them.
ALTER DEFAULT PRIVILEGES FOR ROLE geogrid_owner GRANT EXECUTE ON FUNCTIONS TO PUBLIC;
ALTER DEFAULT PRIVILEGES FOR ROLE geogrid_owner IN SCHEMA public REVOKE ALL ON TABLES FROM geogrid_app;
ALTER DEFAULT PRIVILEGES FOR ROLE geogrid_owner IN SCHEMA public REVOKE ALL ON SEQUENCES FROM geogrid_app;
ALTER DEFAULT PRIVILEGES FOR ROLE geogrid_owner IN SCHEMA public REVOKE ALL ON FUNCTIONS FROM geogrid_app;
ALTER DEFAULT PRIVILEGES FOR ROLE geogrid_owner IN SCHEMA core REVOKE ALL ON FUNCTIONS FROM geogrid_app;
