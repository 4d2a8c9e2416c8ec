-- The roles of Tocsin, and what they get by default. Needs a superuser, may be run again.
-- {login} is the login that the processes use: it owns nothing and inherits nothing, and each
-- connection starts as the one role that its process plays.
DO $roles$
DECLARE
    role text;
BEGIN
    FOREACH role IN ARRAY ARRAY['owner', 'migrate', 'app', 'pulse', 'live', 'worker', 'sequencer',
                                'watchman', 'audit', 'within']
    LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'tocsin_' || role) THEN
            EXECUTE format('CREATE ROLE %I NOLOGIN NOINHERIT', 'tocsin_' || role);
        END IF;
    END LOOP;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{login}') THEN
        CREATE ROLE "{login}" LOGIN NOINHERIT;
    END IF;
END
$roles$;
ALTER ROLE tocsin_owner BYPASSRLS;
ALTER ROLE tocsin_migrate BYPASSRLS INHERIT;
GRANT tocsin_owner TO tocsin_migrate;
GRANT tocsin_migrate, tocsin_app, tocsin_pulse, tocsin_live, tocsin_worker, tocsin_sequencer,
    tocsin_watchman, tocsin_audit, tocsin_within TO "{login}";
