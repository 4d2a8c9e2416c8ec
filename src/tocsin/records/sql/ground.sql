-- What the tables lean on. Runs before the first table is made.

-- The tenant at work. Raises when none has been entered, before the first use in a connection
-- (unrecognized parameter) and after a transaction has ended ('' is no number): zero rows would be
-- a silent miss. No sub-select: the planner must see the value.
CREATE FUNCTION current_tenant() RETURNS bigint
LANGUAGE sql STABLE PARALLEL SAFE
AS $$ SELECT current_setting('tocsin.tenant')::bigint $$;

-- Enters a tenant until the end of the transaction. A second one is refused: a savepoint that is
-- released, or a block that is left, would otherwise let its rows mix with the first one's.
CREATE FUNCTION enter_tenant(wanted bigint) RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
    IF NULLIF(current_setting('tocsin.tenant', true), '') <> wanted::text THEN
        RAISE EXCEPTION 'tenant % in a transaction of tenant %', wanted,
            current_setting('tocsin.tenant') USING ERRCODE = 'invalid_transaction_state';
    END IF;
    PERFORM set_config('tocsin.tenant', wanted::text, true);
END
$$;

-- Whose eyes the transaction reads with: the teams whose private notes it may see, the tickets that it
-- sees as team/type with * for any (NULL for all), and those that the person takes part in.
CREATE FUNCTION enter_reach(teams bigint[], wanted text[], person bigint) RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
    PERFORM set_config('tocsin.teams', teams::text, true);
    IF wanted IS NOT NULL THEN
        PERFORM set_config('tocsin.reach', wanted::text, true),
            set_config('tocsin.person', person::text, true),
            set_config('tocsin.part', coalesce((SELECT array_agg(p.ticket_id) FROM participant p
                WHERE p.tenant_id = current_tenant() AND p.person_id = person), '{}')::text, true);
    END IF;
END
$$;

-- Without a reach nothing is seen by a role that needs one: the setting is not there, and that raises.
CREATE FUNCTION in_reach(ticket bigint, team bigint, type text, assignee bigint) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE
AS $$
    SELECT assignee IS NOT DISTINCT FROM current_setting('tocsin.person')::bigint
        OR ticket = ANY (current_setting('tocsin.part')::bigint[])
        OR current_setting('tocsin.reach')::text[] && ARRAY['*/*', '*/' || type,
            coalesce(team::text, '-') || '/*', coalesce(team::text, '-') || '/' || type]
$$;

-- The teams whose private notes may be seen; none, when nobody has been said to read.
CREATE FUNCTION private_teams() RETURNS bigint[]
LANGUAGE sql STABLE PARALLEL SAFE
AS $$ SELECT coalesce(NULLIF(current_setting('tocsin.teams', true), ''), '{}')::bigint[] $$;

-- The desk itself is at work, not somebody who reads: until the transaction ends all are seen.
CREATE FUNCTION see_private_notes(tenant bigint) RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
    PERFORM set_config('tocsin.teams', coalesce((SELECT array_agg(t.id) FROM team t
        WHERE t.tenant_id = tenant), '{}')::text, true);
END
$$;

-- The columns that may change are the trigger's arguments; without any, nothing may.
CREATE FUNCTION refuse_change() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND TG_NARGS > 0 AND to_jsonb(OLD) - TG_ARGV = to_jsonb(NEW) - TG_ARGV THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '% is written once: % is refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'restrict_violation';
END
$$;

-- Every event waits here for its place in its tenant's order.
CREATE FUNCTION queue_events() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    INSERT INTO unsequenced (tenant_id, event_id) SELECT tenant_id, id FROM added ORDER BY id;
    RETURN NULL;
END
$$;

-- Two changes that make a circle together must meet: hence the lock before looking.
CREATE FUNCTION refuse_manager_circle() RETURNS trigger
LANGUAGE plpgsql
AS $$
DECLARE
    above bigint := NEW.manager_id;
BEGIN
    IF above IS NULL THEN
        RETURN NULL;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext('tocsin managers'), NEW.tenant_id::integer);
    WHILE above IS NOT NULL LOOP
        IF above = NEW.id THEN
            RAISE EXCEPTION 'person % would be their own manager in the end', NEW.id
                USING ERRCODE = 'check_violation', CONSTRAINT = 'person_manager_tree';
        END IF;
        SELECT manager_id INTO above FROM person WHERE id = above;
    END LOOP;
    RETURN NULL;
END
$$;
