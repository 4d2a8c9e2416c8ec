-- Signing in: what only the pages need, nobody else gets.

-- Rate limits are counted here, so that they hold for all processes (Django's DatabaseCache).
CREATE TABLE cache (
    cache_key varchar(255) PRIMARY KEY,
    value text NOT NULL,
    expires timestamptz NOT NULL
);
CREATE INDEX cache_expires ON cache (expires);

-- How often something was tried of late: a bucket that drips, by the hash of what is limited.
CREATE TABLE rate_limit (
    key bytea PRIMARY KEY,
    level double precision NOT NULL,
    at timestamptz NOT NULL
);
CREATE INDEX rate_limit_at ON rate_limit (at);

-- Puts one more into the bucket unless it is full; returns 0, or how many seconds to wait. `most` fit
-- in, one drips out each `each_s` seconds. One statement: of two at once the second waits and sees.
CREATE FUNCTION rate_limit_take(wanted bytea, most double precision, each_s double precision)
RETURNS double precision
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    now timestamptz := clock_timestamp();
    had double precision;
BEGIN
    INSERT INTO rate_limit AS r (key, level, at) VALUES (wanted, 0, now)
        ON CONFLICT (key) DO UPDATE
        SET level = GREATEST(0, r.level - EXTRACT(EPOCH FROM (GREATEST(now, r.at) - r.at)) / each_s),
            at = GREATEST(now, r.at)
        RETURNING r.level INTO had;
    IF had + 1 > most THEN
        RETURN (had + 1 - most) * each_s;
    END IF;
    UPDATE rate_limit SET level = had + 1 WHERE key = wanted;
    RETURN 0;
END
$$;

-- A session's key is as good as a password while it lasts.
REVOKE ALL ON django_session, cache, rate_limit, sign_in, one_time_link, api_token,
    identity_provider, mfa_authenticator, socialaccount_socialaccount, socialaccount_socialapp,
    socialaccount_socialtoken FROM
    tocsin_pulse, tocsin_worker, tocsin_watchman, tocsin_audit, tocsin_live, tocsin_within;
GRANT SELECT, INSERT, UPDATE, DELETE ON django_session, cache, rate_limit, mfa_authenticator,
    socialaccount_socialaccount TO tocsin_app;
GRANT SELECT ON socialaccount_socialapp, socialaccount_socialtoken TO tocsin_app;
GRANT SELECT ON django_session TO tocsin_live;

-- The hash of a password is for whoever checks one: the pages.
REVOKE SELECT ON person FROM
    tocsin_pulse, tocsin_worker, tocsin_watchman, tocsin_audit, tocsin_live, tocsin_within;
GRANT SELECT (id, tenant_id, email, email_key, name, role, level, manager_id, is_active, language,
              zone, quiet_from, quiet_until, external_id)
    ON person TO tocsin_pulse, tocsin_worker, tocsin_watchman, tocsin_audit, tocsin_live,
       tocsin_within;
