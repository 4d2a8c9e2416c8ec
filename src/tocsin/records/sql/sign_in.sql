-- Signing in: what only the pages need, nobody else gets.

-- Rate limits are counted here, so that they hold for all processes (Django's DatabaseCache).
CREATE TABLE cache (
    cache_key varchar(255) PRIMARY KEY,
    value text NOT NULL,
    expires timestamptz NOT NULL
);
CREATE INDEX cache_expires ON cache (expires);

-- A session's key is as good as a password while it lasts.
REVOKE ALL ON django_session, cache FROM
    tocsin_pulse, tocsin_worker, tocsin_watchman, tocsin_audit, tocsin_live;
GRANT SELECT, INSERT, UPDATE, DELETE ON django_session, cache TO tocsin_app;
GRANT SELECT ON django_session TO tocsin_live;

-- The hash of a password is for whoever checks one: the pages.
REVOKE SELECT ON person FROM
    tocsin_pulse, tocsin_worker, tocsin_watchman, tocsin_audit, tocsin_live;
GRANT SELECT (id, tenant_id, email, email_key, name, role, level, manager_id, is_active, language,
              zone, quiet_from, quiet_until)
    ON person TO tocsin_pulse, tocsin_worker, tocsin_watchman, tocsin_audit, tocsin_live;
