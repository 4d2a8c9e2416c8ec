-- Run in the database itself, once it is there; may be run again.
REVOKE ALL ON DATABASE "{database}" FROM PUBLIC;
GRANT CONNECT ON DATABASE "{database}" TO "{login}";
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE, CREATE ON SCHEMA public TO tocsin_migrate, tocsin_owner;
GRANT USAGE ON SCHEMA public TO tocsin_app, tocsin_pulse, tocsin_live, tocsin_worker,
    tocsin_sequencer, tocsin_watchman, tocsin_audit, tocsin_within, "{login}";
ALTER DEFAULT PRIVILEGES FOR ROLE tocsin_migrate IN SCHEMA public GRANT SELECT ON TABLES
    TO tocsin_app, tocsin_pulse, tocsin_live, tocsin_worker, tocsin_watchman, tocsin_audit,
    tocsin_within;
ALTER DEFAULT PRIVILEGES FOR ROLE tocsin_migrate IN SCHEMA public GRANT USAGE ON SEQUENCES
    TO tocsin_app, tocsin_pulse, tocsin_worker;
ALTER DEFAULT PRIVILEGES FOR ROLE tocsin_migrate REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
ALTER DEFAULT PRIVILEGES FOR ROLE tocsin_migrate IN SCHEMA public GRANT EXECUTE ON FUNCTIONS
    TO tocsin_app, tocsin_pulse, tocsin_live, tocsin_worker, tocsin_watchman, tocsin_audit,
    tocsin_within, tocsin_owner;
