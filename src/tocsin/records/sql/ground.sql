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
