-- The schema that the migrations make. Nothing runs it: it shows in a review what changes.
-- To renew it: make schema
CREATE SCHEMA public;

CREATE FUNCTION public.at_work(token integer) RETURNS boolean
    LANGUAGE sql STABLE
    AS $$
    SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND granted
        AND classid = hashtext('tocsin pulse')::oid AND objid = token::oid AND objsubid = 2)
$$;

CREATE FUNCTION public.current_tenant() RETURNS bigint
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT current_setting('tocsin.tenant')::bigint $$;

CREATE FUNCTION public.desk_health(OUT now timestamp with time zone, OUT overdue bigint, OUT overdue_since timestamp with time zone, OUT held bigint, OUT unsent bigint, OUT dead bigint, OUT unsequenced bigint, OUT pulse_beat timestamp with time zone, OUT worker_beat timestamp with time zone, OUT watch_beat timestamp with time zone, OUT told text, OUT watched text) RETURNS record
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public'
    AS $$
#variable_conflict use_column
DECLARE
    at timestamptz := clock_timestamp();
BEGIN
    now := at;
    SELECT count(*), min(due) INTO overdue, overdue_since FROM (
        SELECT GREATEST(wake_at, held_until) AS due FROM ticket
        WHERE wake_at IS NOT NULL AND GREATEST(wake_at, held_until) <= at LIMIT 10000) x;
    SELECT count(*) INTO held FROM (
        SELECT FROM ticket WHERE wake_at IS NOT NULL AND held_until > at LIMIT 10000) x;
    SELECT count(*) INTO unsent FROM (
        SELECT FROM outbox WHERE state IN ('pending', 'sending')
        AND GREATEST(next_at, lease_until) <= at LIMIT 10000) x;
    SELECT count(*) INTO dead FROM (SELECT FROM outbox WHERE state = 'dead' LIMIT 10000) x;
    SELECT count(*) INTO unsequenced FROM (SELECT FROM unsequenced LIMIT 10000) x;
    -- Nothing of tomorrow: that was signed before the clock went back.
    SELECT max(b.beat_at) FILTER (WHERE b.kind = 'pulse'),
        max(b.beat_at) FILTER (WHERE b.kind = 'worker'),
        max(b.beat_at) FILTER (WHERE b.kind = 'watchman')
        INTO pulse_beat, worker_beat, watch_beat FROM beat b
        WHERE b.beat_at <= at + interval '20 seconds';
    SELECT b.told INTO told FROM beat b WHERE b.kind = 'pulse' AND b.beat_at = pulse_beat LIMIT 1;
    SELECT b.told INTO watched FROM beat b
        WHERE b.kind = 'watchman' AND b.beat_at = watch_beat LIMIT 1;
END
$$;

CREATE FUNCTION public.enter_reach(teams bigint[], wanted text[], person bigint) RETURNS void
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

CREATE FUNCTION public.enter_tenant(wanted bigint) RETURNS void
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

CREATE FUNCTION public.gate_trust() RETURNS timestamp with time zone
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public'
    AS $$ UPDATE gate SET trusted_at = clock_timestamp() RETURNING trusted_at $$;

CREATE FUNCTION public.in_reach(ticket bigint, team bigint, type text, assignee bigint) RETURNS boolean
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
    SELECT assignee IS NOT DISTINCT FROM current_setting('tocsin.person')::bigint
        OR ticket = ANY (current_setting('tocsin.part')::bigint[])
        OR current_setting('tocsin.reach')::text[] && ARRAY['*/*', '*/' || type,
            coalesce(team::text, '-') || '/*', coalesce(team::text, '-') || '/' || type]
$$;

CREATE FUNCTION public.live_events(tenants bigint[], seen bigint[], most integer) RETURNS TABLE(tenant_id bigint, place bigint, stream_kind text, stream_id bigint, stream_seq integer, kind text, actor text, deed text, team bigint, type text, assignee bigint)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public'
    AS $$
    SELECT w.tenant, p.position, e.stream_kind, e.stream_id, e.stream_seq, e.kind, e.actor, e.deed,
        t.team_id, t.type, t.assignee_id
    FROM unnest(tenants, seen) AS w (tenant, seen)
    CROSS JOIN LATERAL (
        SELECT p.position, p.event_id FROM position p
        WHERE p.tenant_id = w.tenant AND p.position > w.seen ORDER BY p.position LIMIT most) p
    CROSS JOIN LATERAL (
        SELECT v.stream_kind, v.stream_id, v.stream_seq, v.kind, v.actor,
            CASE WHEN v.kind = 'effect' THEN v.payload::json ->> 'deed' END AS deed
        FROM event v WHERE v.id = p.event_id LIMIT 1) e
    LEFT JOIN LATERAL (
        SELECT v.team_id, v.type, v.assignee_id FROM ticket v
        WHERE e.stream_kind = 'ticket' AND v.id = e.stream_id LIMIT 1) t ON true
    ORDER BY w.tenant, p.position
$$;

CREATE FUNCTION public.live_heads(tenants bigint[]) RETURNS TABLE(tenant_id bigint, place bigint)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public'
    AS $$
    SELECT w.tenant, coalesce((SELECT c.last FROM counter c
                               WHERE c.tenant_id = w.tenant AND c.name = 'position'), 0)
    FROM unnest(tenants) AS w (tenant)
$$;

CREATE FUNCTION public.live_people(tenants bigint[], people bigint[], hashes text[], inner_pads bytea[], outer_pads bytea[]) RETURNS TABLE(nth bigint, role text, sets text, teams bigint[])
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public'
    AS $$
    SELECT w.nth, p.role, coalesce(sets_of(w.tenant, w.person), '[]'),
        coalesce(teams_of(w.tenant, w.person), '{}')
    FROM unnest(tenants, people, hashes) WITH ORDINALITY AS w (tenant, person, hash, nth)
    CROSS JOIN LATERAL (
        SELECT v.role, convert_to(v.password, 'UTF8') AS password FROM person v
        WHERE v.tenant_id = w.tenant AND v.id = w.person AND v.is_active LIMIT 1) p
    WHERE EXISTS (
        SELECT FROM unnest(inner_pads, outer_pads) AS k (inner_pad, outer_pad)
        WHERE encode(sha256(k.outer_pad || sha256(k.inner_pad || p.password)), 'hex') = w.hash)
$$;

CREATE FUNCTION public.live_unread(tenants bigint[], people bigint[]) RETURNS TABLE(tenant_id bigint, person_id bigint, unread bigint)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public'
    AS $$
    SELECT w.tenant, w.person, n.unread FROM unnest(tenants, people) AS w (tenant, person)
    CROSS JOIN LATERAL (
        SELECT count(*) AS unread FROM (
            SELECT FROM notification v
            WHERE v.tenant_id = w.tenant AND v.person_id = w.person AND v.read_at IS NULL
            LIMIT 100) x) n
$$;

CREATE FUNCTION public.outbox_claim(most integer, lease interval) RETURNS TABLE(tenant_id bigint, outbox_id bigint, token uuid)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public'
    AS $$
#variable_conflict use_column
DECLARE
    until timestamptz := clock_timestamp();
BEGIN
    RETURN QUERY
        UPDATE outbox o SET
            maybe_sent = o.maybe_sent OR o.state = 'sending',
            state = 'sending',
            attempts = o.attempts + 1,
            lease_token = gen_random_uuid(),
            lease_until = clock_timestamp() + lease
        -- As an array, so that it is chosen once whatever the plan.
        WHERE o.id = ANY (ARRAY(
            SELECT r.id FROM outbox r
            WHERE r.state IN ('pending', 'sending') AND GREATEST(r.next_at, r.lease_until) <= until
            ORDER BY r.urgent DESC, GREATEST(r.next_at, r.lease_until) LIMIT most
            FOR UPDATE SKIP LOCKED))
        RETURNING o.tenant_id, o.id, o.lease_token;
END
$$;

CREATE FUNCTION public.outbox_look(OUT now timestamp with time zone, OUT ready timestamp with time zone) RETURNS record
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public'
    AS $$
    SELECT clock_timestamp(),
        (SELECT GREATEST(next_at, lease_until) FROM outbox WHERE state IN ('pending', 'sending')
         ORDER BY GREATEST(next_at, lease_until) LIMIT 1)
$$;

CREATE FUNCTION public.private_teams() RETURNS bigint[]
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT coalesce(NULLIF(current_setting('tocsin.teams', true), ''), '{}')::bigint[] $$;

CREATE FUNCTION public.pulse_claim(most integer, after bigint, understands integer, at timestamp with time zone) RETURNS TABLE(tenant_id bigint, ticket_id bigint)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public'
    AS $$
#variable_conflict use_column
DECLARE
    until timestamptz := coalesce(at, clock_timestamp());
    chosen bigint;
BEGIN
    -- An older or newer binary stands down: the gate stays shut until this transaction ends.
    PERFORM FROM gate WHERE version = understands FOR SHARE;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    FOR chosen IN
        SELECT t.id FROM tenant t
        WHERE EXISTS (SELECT FROM ticket k WHERE k.tenant_id = t.id AND k.wake_at IS NOT NULL
                      AND GREATEST(k.wake_at, k.held_until) <= until)
        ORDER BY t.id <= after, t.id
    LOOP
        CONTINUE WHEN NOT pg_try_advisory_xact_lock_shared(
            hashtext('tocsin configuration'), chosen::integer);
        RETURN QUERY
            SELECT k.tenant_id, k.id FROM ticket k
            WHERE k.tenant_id = chosen AND k.wake_at IS NOT NULL
              AND GREATEST(k.wake_at, k.held_until) <= until
            ORDER BY GREATEST(k.wake_at, k.held_until) LIMIT most
            FOR UPDATE SKIP LOCKED;
        IF FOUND THEN
            RETURN;
        END IF;
    END LOOP;
END
$$;

CREATE FUNCTION public.pulse_look(process text, told text, OUT now timestamp with time zone, OUT tickets timestamp with time zone, OUT timers timestamp with time zone, OUT gate integer, OUT orphans boolean, OUT trusted timestamp with time zone) RETURNS record
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public'
    AS $$
#variable_conflict use_column
BEGIN
    now := clock_timestamp();
    INSERT INTO beat AS b (process, kind, started_at, beat_at, told)
        VALUES (pulse_look.process, 'pulse', now, now, pulse_look.told)
        ON CONFLICT (process) DO UPDATE SET beat_at = EXCLUDED.beat_at, told = EXCLUDED.told
        -- At once when the clock went back, and when it comes to be doubted or trusted.
        WHERE b.beat_at NOT BETWEEN EXCLUDED.beat_at - interval '5 seconds' AND EXCLUDED.beat_at
            OR b.told::json ->> 'trust' IS DISTINCT FROM EXCLUDED.told::json ->> 'trust';
    IF FOUND THEN
        -- What is signed tomorrow was signed before the clock went back.
        DELETE FROM beat b WHERE b.beat_at NOT BETWEEN now - interval '1 hour' AND now + interval '1 hour';
    END IF;
    SELECT GREATEST(wake_at, held_until) INTO tickets FROM ticket WHERE wake_at IS NOT NULL
        ORDER BY GREATEST(wake_at, held_until) LIMIT 1;
    -- Those of other kinds are not the pulse's.
    SELECT GREATEST(wake_at, held_until) INTO timers FROM schedule WHERE kind IN ('digest', 'quiet')
        ORDER BY GREATEST(wake_at, held_until) LIMIT 1;
    SELECT g.version, g.trusted_at INTO gate, trusted FROM gate g;
    SELECT EXISTS (SELECT FROM batch b WHERE NOT at_work(b.token)) INTO orphans;
END
$$;

CREATE FUNCTION public.pulse_orphans() RETURNS TABLE(tenant_id bigint, tickets bigint[])
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public'
    AS $$
    DELETE FROM batch b WHERE NOT at_work(b.token) RETURNING b.tenant_id, b.tickets
$$;

CREATE FUNCTION public.queue_events() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    INSERT INTO unsequenced (tenant_id, event_id) SELECT tenant_id, id FROM added ORDER BY id;
    RETURN NULL;
END
$$;

CREATE FUNCTION public.rate_limit_take(wanted bytea, most double precision, each_s double precision) RETURNS double precision
    LANGUAGE plpgsql
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

CREATE FUNCTION public.refuse_change() RETURNS trigger
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

CREATE FUNCTION public.refuse_manager_circle() RETURNS trigger
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

CREATE FUNCTION public.schedule_claim(most integer, at timestamp with time zone, kinds text[]) RETURNS TABLE(tenant_id bigint, schedule_id bigint)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public'
    AS $$
#variable_conflict use_column
DECLARE
    until timestamptz := coalesce(at, clock_timestamp());
    chosen bigint;
BEGIN
    FOR chosen IN
        SELECT DISTINCT s.tenant_id FROM schedule s
        WHERE GREATEST(s.wake_at, s.held_until) <= until AND s.kind = ANY (kinds)
        ORDER BY s.tenant_id
    LOOP
        RETURN QUERY
            SELECT s.tenant_id, s.id FROM schedule s
            WHERE s.tenant_id = chosen AND GREATEST(s.wake_at, s.held_until) <= until
              AND s.kind = ANY (kinds)
            ORDER BY GREATEST(s.wake_at, s.held_until) LIMIT most
            FOR UPDATE SKIP LOCKED;
        IF FOUND THEN
            RETURN;
        END IF;
    END LOOP;
END
$$;

CREATE FUNCTION public.search_tickets(wanted text, most integer) RETURNS TABLE(ticket_id bigint)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public'
    AS $$
    SELECT s.ticket_id FROM search_text s
    WHERE s.tenant_id = current_tenant() AND s.words @@ websearch_to_tsquery('simple', wanted)
    ORDER BY s.ticket_id DESC LIMIT most
$$;

CREATE FUNCTION public.see_private_notes(tenant bigint) RETURNS void
    LANGUAGE plpgsql
    AS $$
BEGIN
    PERFORM set_config('tocsin.teams', coalesce((SELECT array_agg(t.id) FROM team t
        WHERE t.tenant_id = tenant), '{}')::text, true);
END
$$;

CREATE FUNCTION public.sequence_events(most integer) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public'
    AS $$
DECLARE
    placed integer;
BEGIN
    IF NOT pg_try_advisory_xact_lock(hashtext('tocsin sequencer')) THEN
        RETURN 0;
    END IF;
    WITH taken AS (
        DELETE FROM unsequenced WHERE id IN (SELECT id FROM unsequenced ORDER BY id LIMIT most)
        RETURNING id, tenant_id, event_id
    ), counted AS (
        INSERT INTO counter AS c (tenant_id, name, last)
        SELECT tenant_id, 'position', count(*) FROM taken GROUP BY tenant_id
        ON CONFLICT (tenant_id, name) DO UPDATE SET last = c.last + EXCLUDED.last
        RETURNING tenant_id, last
    ), added AS (
        INSERT INTO position (tenant_id, position, event_id)
        SELECT t.tenant_id,
            c.last + 1 - row_number() OVER (PARTITION BY t.tenant_id ORDER BY t.id DESC), t.event_id
        FROM taken t JOIN counted c USING (tenant_id)
        RETURNING 1
    )
    SELECT count(*) INTO placed FROM added;
    IF placed > 0 THEN
        PERFORM pg_notify('tocsin_placed', '');
    END IF;
    RETURN placed;
END
$$;

CREATE FUNCTION public.sets_of(tenant bigint, person bigint) RETURNS text
    LANGUAGE sql STABLE
    AS $$
    SELECT json_agg(json_build_object('key', s.key, 'rights', s.rights::json, 'reach', s.reach,
        'teams', s.teams::json, 'types', s.types::json) ORDER BY s.key)::text
    FROM permission_grant g
    JOIN permission_set s ON s.tenant_id = g.tenant_id AND s.id = g.permission_set_id
    WHERE g.tenant_id = tenant AND g.person_id = person
$$;

CREATE FUNCTION public.teams_of(tenant bigint, person bigint) RETURNS bigint[]
    LANGUAGE sql STABLE
    AS $$
    SELECT array_agg(m.team_id ORDER BY m.team_id) FROM membership m
    WHERE m.tenant_id = tenant AND m.person_id = person
$$;

CREATE FUNCTION public.tenant_by_key(wanted text) RETURNS bigint
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public'
    AS $$ SELECT t.id FROM tenant t WHERE t.key = wanted $$;

CREATE FUNCTION public.tenant_list() RETURNS TABLE(tenant_id bigint, key text, name text)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public'
    AS $$ SELECT t.id, t.key::text, t.name FROM tenant t ORDER BY t.id $$;

CREATE FUNCTION public.watch_note(process text, told text) RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public'
    AS $$
    INSERT INTO beat (process, kind, started_at, beat_at, told)
        VALUES (process, 'watchman', clock_timestamp(), clock_timestamp(), told)
        ON CONFLICT (process) DO UPDATE SET beat_at = EXCLUDED.beat_at, told = EXCLUDED.told;
    DELETE FROM beat b WHERE b.kind = 'watchman'
        AND b.beat_at NOT BETWEEN clock_timestamp() - interval '1 hour' AND clock_timestamp();
$$;

CREATE TABLE public.absence (
    id bigint NOT NULL,
    begins_at timestamp with time zone NOT NULL,
    ends_at timestamp with time zone NOT NULL,
    note text NOT NULL,
    made_at timestamp with time zone NOT NULL,
    person_id bigint NOT NULL,
    substitute_id bigint,
    tenant_id bigint NOT NULL,
    CONSTRAINT absence_has_a_length CHECK ((ends_at > begins_at)),
    CONSTRAINT absence_substitute_is_another CHECK (((substitute_id IS NULL) OR (NOT ((substitute_id = person_id) AND (substitute_id IS NOT NULL)))))
);

ALTER TABLE ONLY public.absence FORCE ROW LEVEL SECURITY;

ALTER TABLE public.absence ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.absence_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.account (
    id bigint NOT NULL,
    key text NOT NULL,
    name text NOT NULL,
    plan text NOT NULL,
    vip boolean NOT NULL,
    high_value boolean NOT NULL,
    account_manager_id bigint,
    tenant_id bigint NOT NULL
);

ALTER TABLE ONLY public.account FORCE ROW LEVEL SECURITY;

CREATE TABLE public.account_emailaddress (
    id integer NOT NULL,
    email character varying(254) NOT NULL,
    verified boolean NOT NULL,
    "primary" boolean NOT NULL,
    user_id bigint NOT NULL
);

ALTER TABLE public.account_emailaddress ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.account_emailaddress_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.account_emailconfirmation (
    id integer NOT NULL,
    created timestamp with time zone NOT NULL,
    sent timestamp with time zone,
    key character varying(64) NOT NULL,
    email_address_id integer NOT NULL
);

ALTER TABLE public.account_emailconfirmation ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.account_emailconfirmation_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

ALTER TABLE public.account ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.account_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.alert (
    id bigint NOT NULL,
    deed text NOT NULL,
    clock text NOT NULL,
    which text NOT NULL,
    mark text NOT NULL,
    channel text NOT NULL,
    planned_at timestamp with time zone NOT NULL,
    decided_at timestamp with time zone NOT NULL,
    state text NOT NULL,
    critical boolean NOT NULL,
    counts boolean NOT NULL,
    team text NOT NULL,
    recipient_id bigint,
    event_id bigint NOT NULL,
    tenant_id bigint NOT NULL,
    ticket_id bigint NOT NULL,
    CONSTRAINT alert_state_known CHECK ((state = ANY (ARRAY['told'::text, 'digest'::text, 'quiet'::text, 'superseded'::text])))
);

ALTER TABLE ONLY public.alert FORCE ROW LEVEL SECURITY;

ALTER TABLE public.alert ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.alert_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.api_token (
    id bigint NOT NULL,
    name text NOT NULL,
    prefix text NOT NULL,
    token_hash bytea NOT NULL,
    scopes text NOT NULL,
    made_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    used_at timestamp with time zone,
    revoked_at timestamp with time zone,
    made_by_id bigint NOT NULL,
    person_id bigint NOT NULL,
    tenant_id bigint NOT NULL,
    CONSTRAINT api_token_expires CHECK ((expires_at > made_at))
);

ALTER TABLE ONLY public.api_token FORCE ROW LEVEL SECURITY;

ALTER TABLE public.api_token ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.api_token_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.audit_run (
    id bigint NOT NULL,
    started_at timestamp with time zone NOT NULL,
    finished_at timestamp with time zone NOT NULL,
    by text NOT NULL,
    tickets bigint NOT NULL,
    clocks bigint NOT NULL,
    violations bigint NOT NULL,
    differences bigint NOT NULL,
    sample text NOT NULL,
    tenant_id bigint NOT NULL,
    CONSTRAINT audit_run_in_order CHECK ((finished_at >= started_at))
);

ALTER TABLE ONLY public.audit_run FORCE ROW LEVEL SECURITY;

ALTER TABLE public.audit_run ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.audit_run_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.auth_group (
    id integer NOT NULL,
    name character varying(150) NOT NULL
);

ALTER TABLE public.auth_group ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.auth_group_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.auth_group_permissions (
    id bigint NOT NULL,
    group_id integer NOT NULL,
    permission_id integer NOT NULL
);

ALTER TABLE public.auth_group_permissions ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.auth_group_permissions_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.auth_permission (
    id integer NOT NULL,
    name character varying(255) NOT NULL,
    content_type_id integer NOT NULL,
    codename character varying(100) NOT NULL
);

ALTER TABLE public.auth_permission ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.auth_permission_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.batch (
    id bigint NOT NULL,
    token integer NOT NULL,
    tenant_id bigint NOT NULL,
    tickets bigint[] NOT NULL
);

ALTER TABLE public.batch ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.batch_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.beat (
    process text NOT NULL,
    kind text NOT NULL,
    started_at timestamp with time zone NOT NULL,
    beat_at timestamp with time zone NOT NULL,
    told text NOT NULL
);

CREATE TABLE public.cache (
    cache_key character varying(255) NOT NULL,
    value text NOT NULL,
    expires timestamp with time zone NOT NULL
);

CREATE TABLE public.calendar_version (
    id bigint NOT NULL,
    key text NOT NULL,
    version integer NOT NULL,
    data text NOT NULL,
    valid_from timestamp with time zone,
    digest text NOT NULL,
    tenant_id bigint NOT NULL
);

ALTER TABLE ONLY public.calendar_version FORCE ROW LEVEL SECURITY;

ALTER TABLE public.calendar_version ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.calendar_version_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.clock (
    id bigint NOT NULL,
    key text NOT NULL,
    agreement text NOT NULL,
    definition text NOT NULL,
    cycle integer NOT NULL,
    state text NOT NULL,
    started_at timestamp with time zone NOT NULL,
    anchor_at timestamp with time zone NOT NULL,
    since timestamp with time zone NOT NULL,
    due_at timestamp with time zone,
    undue text NOT NULL,
    cause text NOT NULL,
    used_us bigint NOT NULL,
    paused_us bigint NOT NULL,
    target_us bigint,
    left_us bigint,
    warn_us bigint NOT NULL,
    crit_us bigint NOT NULL,
    rescued boolean NOT NULL,
    policy text NOT NULL,
    policy_version integer NOT NULL,
    "row" text NOT NULL,
    target text NOT NULL,
    calendar text NOT NULL,
    calendar_version integer NOT NULL,
    stopped_at timestamp with time zone,
    outcome text NOT NULL,
    verdict text NOT NULL,
    decided_at timestamp with time zone,
    month text NOT NULL,
    owner text NOT NULL,
    team text NOT NULL,
    stage text NOT NULL,
    type text NOT NULL,
    priority text NOT NULL,
    tenant_id bigint NOT NULL,
    ticket_id bigint NOT NULL,
    CONSTRAINT clock_due_has_time_left CHECK (((NOT (state = 'running'::text)) OR (due_at IS NULL) OR (left_us IS NOT NULL))),
    CONSTRAINT clock_ended_at_an_instant CHECK (((state = ANY (ARRAY['running'::text, 'paused'::text])) OR (stopped_at IS NOT NULL))),
    CONSTRAINT clock_running_is_due_or_says_why CHECK (((NOT (state = 'running'::text)) OR (due_at IS NOT NULL) OR (NOT (undue = ''::text)))),
    CONSTRAINT clock_state_known CHECK ((state = ANY (ARRAY['running'::text, 'paused'::text, 'stopped'::text, 'cancelled'::text, 'replaced'::text]))),
    CONSTRAINT clock_time_is_positive CHECK (((crit_us >= 0) AND (paused_us >= 0) AND (used_us >= 0) AND (warn_us >= 0))),
    CONSTRAINT clock_verdict_has_instant CHECK (((verdict = ANY (ARRAY['open'::text, 'none'::text])) OR (decided_at IS NOT NULL))),
    CONSTRAINT clock_verdict_known CHECK ((verdict = ANY (ARRAY['met'::text, 'breached'::text, 'open'::text, 'none'::text])))
);

ALTER TABLE ONLY public.clock FORCE ROW LEVEL SECURITY;

ALTER TABLE public.clock ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.clock_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.config_version (
    id bigint NOT NULL,
    kind text NOT NULL,
    key text NOT NULL,
    version integer NOT NULL,
    data text NOT NULL,
    valid_from timestamp with time zone NOT NULL,
    digest text NOT NULL,
    tenant_id bigint NOT NULL,
    CONSTRAINT config_version_kind_known CHECK ((kind = ANY (ARRAY['contract'::text, 'hours'::text, 'priorities'::text, 'options'::text, 'path'::text, 'on-call'::text, 'template'::text, 'responsibilities'::text])))
);

ALTER TABLE ONLY public.config_version FORCE ROW LEVEL SECURITY;

ALTER TABLE public.config_version ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.config_version_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.contact (
    id bigint NOT NULL,
    name text NOT NULL,
    email text NOT NULL,
    email_key text NOT NULL,
    account_id bigint,
    tenant_id bigint NOT NULL
);

ALTER TABLE ONLY public.contact FORCE ROW LEVEL SECURITY;

ALTER TABLE public.contact ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.contact_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.contact_method (
    id bigint NOT NULL,
    channel text NOT NULL,
    address text NOT NULL,
    "position" smallint NOT NULL,
    critical_only boolean NOT NULL,
    added_at timestamp with time zone NOT NULL,
    person_id bigint NOT NULL,
    tenant_id bigint NOT NULL,
    CONSTRAINT contact_method_has_address CHECK ((NOT (address = ''::text)))
);

ALTER TABLE ONLY public.contact_method FORCE ROW LEVEL SECURITY;

ALTER TABLE public.contact_method ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.contact_method_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.counter (
    id bigint NOT NULL,
    name text NOT NULL,
    last bigint NOT NULL,
    tenant_id bigint NOT NULL
);

ALTER TABLE ONLY public.counter FORCE ROW LEVEL SECURITY;

ALTER TABLE public.counter ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.counter_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.delivery_attempt (
    id bigint NOT NULL,
    attempt smallint NOT NULL,
    at timestamp with time zone NOT NULL,
    outcome text NOT NULL,
    told text NOT NULL,
    outbox_id bigint NOT NULL,
    tenant_id bigint NOT NULL,
    CONSTRAINT delivery_attempt_outcome_known CHECK ((outcome = ANY (ARRAY['sent'::text, 'failed'::text, 'refused'::text, 'unsure'::text])))
);

ALTER TABLE ONLY public.delivery_attempt FORCE ROW LEVEL SECURITY;

ALTER TABLE public.delivery_attempt ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.delivery_attempt_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.django_content_type (
    id integer NOT NULL,
    app_label character varying(100) NOT NULL,
    model character varying(100) NOT NULL
);

ALTER TABLE public.django_content_type ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.django_content_type_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.django_migrations (
    id bigint NOT NULL,
    app character varying(255) NOT NULL,
    name character varying(255) NOT NULL,
    applied timestamp with time zone NOT NULL
);

ALTER TABLE public.django_migrations ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.django_migrations_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.django_session (
    session_key character varying(40) NOT NULL,
    session_data text NOT NULL,
    expire_date timestamp with time zone NOT NULL
);

CREATE TABLE public.draft (
    id bigint NOT NULL,
    kind text NOT NULL,
    key text NOT NULL,
    data text NOT NULL,
    base integer NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    author_id bigint,
    tenant_id bigint NOT NULL,
    CONSTRAINT draft_kind_known CHECK ((kind = ANY (ARRAY['calendar'::text, 'policy'::text, 'pipeline'::text, 'contract'::text, 'hours'::text, 'priorities'::text, 'options'::text, 'path'::text, 'on-call'::text, 'template'::text, 'responsibilities'::text])))
);

ALTER TABLE ONLY public.draft FORCE ROW LEVEL SECURITY;

ALTER TABLE public.draft ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.draft_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.escalation (
    id bigint NOT NULL,
    number integer NOT NULL,
    path text NOT NULL,
    path_version integer NOT NULL,
    trigger text NOT NULL,
    reason text NOT NULL,
    clock text NOT NULL,
    begun_at timestamp with time zone NOT NULL,
    level text NOT NULL,
    next_at timestamp with time zone,
    next_step text NOT NULL,
    acknowledged_at timestamp with time zone,
    acknowledged_by text NOT NULL,
    ended_at timestamp with time zone,
    ended text NOT NULL,
    tenant_id bigint NOT NULL,
    ticket_id bigint NOT NULL,
    CONSTRAINT escalation_ends_for_a_reason CHECK ((((ended = ''::text) AND (ended_at IS NULL)) OR ((ended_at IS NOT NULL) AND (NOT (ended = ''::text)))))
);

ALTER TABLE ONLY public.escalation FORCE ROW LEVEL SECURITY;

ALTER TABLE public.escalation ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.escalation_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.event (
    id bigint NOT NULL,
    stream_kind text NOT NULL,
    stream_id bigint NOT NULL,
    stream_seq integer NOT NULL,
    kind text NOT NULL,
    effective_at timestamp with time zone NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    side text NOT NULL,
    actor text NOT NULL,
    source text NOT NULL,
    source_rank smallint NOT NULL,
    source_seq bigint NOT NULL,
    imported boolean NOT NULL,
    key text NOT NULL,
    payload text NOT NULL,
    leaf_hash bytea NOT NULL,
    tenant_id bigint NOT NULL,
    CONSTRAINT event_not_of_tomorrow CHECK ((effective_at <= recorded_at)),
    CONSTRAINT event_stream_known CHECK ((stream_kind = ANY (ARRAY['ticket'::text, 'calendar'::text, 'policy'::text, 'pipeline'::text, 'person'::text, 'team'::text, 'account'::text, 'contact'::text, 'tenant'::text, 'outbox'::text, 'contract'::text, 'hours'::text, 'priorities'::text, 'options'::text, 'permission set'::text, 'field rule'::text, 'network rule'::text, 'security'::text, 'export'::text, 'api token'::text, 'identity provider'::text, 'sign-in'::text, 'path'::text, 'on-call'::text, 'template'::text, 'responsibilities'::text, 'absence'::text, 'provider'::text, 'installation'::text])))
);

ALTER TABLE ONLY public.event FORCE ROW LEVEL SECURITY;

CREATE TABLE public.event_content (
    id bigint NOT NULL,
    salt bytea NOT NULL,
    content text NOT NULL,
    event_id bigint NOT NULL,
    private_to_id bigint,
    tenant_id bigint NOT NULL
);

ALTER TABLE ONLY public.event_content FORCE ROW LEVEL SECURITY;

ALTER TABLE public.event_content ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.event_content_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

ALTER TABLE public.event ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.event_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.export (
    id bigint NOT NULL,
    what text NOT NULL,
    query text NOT NULL,
    reason text NOT NULL,
    asked_at timestamp with time zone NOT NULL,
    decided_at timestamp with time zone,
    approved boolean,
    taken_at timestamp with time zone,
    rows integer,
    decided_by_id bigint,
    person_id bigint NOT NULL,
    tenant_id bigint NOT NULL,
    CONSTRAINT export_by_a_second_person CHECK (((decided_by_id IS NULL) OR (NOT ((decided_by_id = person_id) AND (decided_by_id IS NOT NULL))))),
    CONSTRAINT export_decided_by_somebody CHECK ((((approved IS NULL) AND (decided_at IS NULL) AND (decided_by_id IS NULL)) OR ((approved IS NOT NULL) AND (decided_at IS NOT NULL) AND (decided_by_id IS NOT NULL))))
);

ALTER TABLE ONLY public.export FORCE ROW LEVEL SECURITY;

ALTER TABLE public.export ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.export_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.field_rule (
    id bigint NOT NULL,
    name text NOT NULL,
    readers text NOT NULL,
    writers text NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    tenant_id bigint NOT NULL
);

ALTER TABLE ONLY public.field_rule FORCE ROW LEVEL SECURITY;

ALTER TABLE public.field_rule ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.field_rule_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.gate (
    id bigint NOT NULL,
    version integer NOT NULL,
    trusted_at timestamp with time zone,
    CONSTRAINT gate_is_one CHECK ((id = 1))
);

ALTER TABLE public.gate ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.gate_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.identity_provider (
    id bigint NOT NULL,
    key character varying(63) NOT NULL,
    name text NOT NULL,
    kind text NOT NULL,
    settings text NOT NULL,
    secret text NOT NULL,
    groups text NOT NULL,
    enabled boolean NOT NULL,
    by_email boolean NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    tenant_id bigint NOT NULL,
    CONSTRAINT identity_provider_kind_known CHECK ((kind = ANY (ARRAY['oidc'::text, 'saml'::text])))
);

ALTER TABLE ONLY public.identity_provider FORCE ROW LEVEL SECURITY;

ALTER TABLE public.identity_provider ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.identity_provider_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.imported (
    id bigint NOT NULL,
    source text NOT NULL,
    external_id text NOT NULL,
    met boolean,
    imported_at timestamp with time zone NOT NULL,
    tenant_id bigint NOT NULL,
    ticket_id bigint NOT NULL
);

ALTER TABLE ONLY public.imported FORCE ROW LEVEL SECURITY;

ALTER TABLE public.imported ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.imported_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.membership (
    id bigint NOT NULL,
    person_id bigint NOT NULL,
    team_id bigint NOT NULL,
    tenant_id bigint NOT NULL
);

ALTER TABLE ONLY public.membership FORCE ROW LEVEL SECURITY;

ALTER TABLE public.membership ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.membership_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.message (
    id bigint NOT NULL,
    side text NOT NULL,
    public boolean NOT NULL,
    body text NOT NULL,
    said_at timestamp with time zone NOT NULL,
    contact_id bigint,
    event_id bigint NOT NULL,
    person_id bigint,
    private_to_id bigint,
    tenant_id bigint NOT NULL,
    ticket_id bigint NOT NULL
);

ALTER TABLE ONLY public.message FORCE ROW LEVEL SECURITY;

ALTER TABLE public.message ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.message_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.mfa_authenticator (
    id bigint NOT NULL,
    type character varying(20) NOT NULL,
    data jsonb NOT NULL,
    user_id bigint NOT NULL,
    created_at timestamp with time zone NOT NULL,
    last_used_at timestamp with time zone
);

ALTER TABLE public.mfa_authenticator ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.mfa_authenticator_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.network_rule (
    id bigint NOT NULL,
    holder text NOT NULL,
    network text NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    tenant_id bigint NOT NULL
);

ALTER TABLE ONLY public.network_rule FORCE ROW LEVEL SECURITY;

ALTER TABLE public.network_rule ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.network_rule_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.notification (
    id bigint NOT NULL,
    key text NOT NULL,
    parts text NOT NULL,
    critical boolean NOT NULL,
    created_at timestamp with time zone NOT NULL,
    read_at timestamp with time zone,
    person_id bigint NOT NULL,
    tenant_id bigint NOT NULL,
    ticket_id bigint
);

ALTER TABLE ONLY public.notification FORCE ROW LEVEL SECURITY;

ALTER TABLE public.notification ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.notification_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.on_call_override (
    id bigint NOT NULL,
    schedule text NOT NULL,
    begins_at timestamp with time zone NOT NULL,
    ends_at timestamp with time zone NOT NULL,
    made_at timestamp with time zone NOT NULL,
    author_id bigint,
    person_id bigint NOT NULL,
    tenant_id bigint NOT NULL,
    CONSTRAINT on_call_override_has_a_length CHECK ((ends_at > begins_at))
);

ALTER TABLE ONLY public.on_call_override FORCE ROW LEVEL SECURITY;

ALTER TABLE public.on_call_override ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.on_call_override_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.one_time_link (
    id bigint NOT NULL,
    purpose text NOT NULL,
    token_hash bytea NOT NULL,
    about text DEFAULT ''::text NOT NULL,
    made_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    used_at timestamp with time zone,
    person_id bigint NOT NULL,
    tenant_id bigint NOT NULL,
    CONSTRAINT one_time_link_expires CHECK ((expires_at > made_at)),
    CONSTRAINT one_time_link_purpose_known CHECK ((purpose = ANY (ARRAY['invitation'::text, 'password'::text, 'email'::text])))
);

ALTER TABLE ONLY public.one_time_link FORCE ROW LEVEL SECURITY;

ALTER TABLE public.one_time_link ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.one_time_link_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.outbox (
    id bigint NOT NULL,
    channel text NOT NULL,
    key text NOT NULL,
    address text DEFAULT ''::text NOT NULL,
    parts text NOT NULL,
    urgent boolean NOT NULL,
    state text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    next_at timestamp with time zone NOT NULL,
    attempts smallint NOT NULL,
    maybe_sent boolean NOT NULL,
    lease_token uuid,
    lease_until timestamp with time zone,
    sent_at timestamp with time zone,
    told text NOT NULL,
    reference text DEFAULT ''::text NOT NULL,
    delivered_at timestamp with time zone,
    person_id bigint,
    provider_id bigint,
    tenant_id bigint NOT NULL,
    ticket_id bigint,
    CONSTRAINT outbox_lease_while_sending CHECK ((((lease_token IS NOT NULL) AND (lease_until IS NOT NULL) AND (state = 'sending'::text)) OR ((NOT (state = 'sending'::text)) AND (lease_token IS NULL) AND (lease_until IS NULL)))),
    CONSTRAINT outbox_sent_at CHECK (((NOT (state = 'sent'::text)) OR (sent_at IS NOT NULL))),
    CONSTRAINT outbox_state_known CHECK ((state = ANY (ARRAY['pending'::text, 'sending'::text, 'sent'::text, 'unsure'::text, 'dead'::text, 'cancelled'::text])))
);

ALTER TABLE ONLY public.outbox FORCE ROW LEVEL SECURITY;

ALTER TABLE public.outbox ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.outbox_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.participant (
    id bigint NOT NULL,
    added_at timestamp with time zone NOT NULL,
    person_id bigint NOT NULL,
    tenant_id bigint NOT NULL,
    ticket_id bigint NOT NULL
);

ALTER TABLE ONLY public.participant FORCE ROW LEVEL SECURITY;

ALTER TABLE public.participant ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.participant_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.permission_grant (
    id bigint NOT NULL,
    granted_at timestamp with time zone NOT NULL,
    person_id bigint NOT NULL,
    permission_set_id bigint NOT NULL,
    tenant_id bigint NOT NULL
);

ALTER TABLE ONLY public.permission_grant FORCE ROW LEVEL SECURITY;

ALTER TABLE public.permission_grant ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.permission_grant_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.permission_set (
    id bigint NOT NULL,
    key text NOT NULL,
    name text NOT NULL,
    rights text NOT NULL,
    reach text NOT NULL,
    teams text NOT NULL,
    types text NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    tenant_id bigint NOT NULL,
    CONSTRAINT permission_set_reach_known CHECK ((reach = ANY (ARRAY['all'::text, 'own'::text, 'teams'::text])))
);

ALTER TABLE ONLY public.permission_set FORCE ROW LEVEL SECURITY;

ALTER TABLE public.permission_set ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.permission_set_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.person (
    id bigint NOT NULL,
    password character varying(128) NOT NULL,
    email text NOT NULL,
    email_key text NOT NULL,
    name text NOT NULL,
    role text NOT NULL,
    level smallint NOT NULL,
    is_active boolean NOT NULL,
    language text NOT NULL,
    zone text NOT NULL,
    quiet_from text DEFAULT ''::text NOT NULL,
    quiet_until text DEFAULT ''::text NOT NULL,
    external_id text DEFAULT ''::text NOT NULL,
    manager_id bigint,
    tenant_id bigint NOT NULL,
    CONSTRAINT person_level CHECK (((level >= 1) AND (level <= 9))),
    CONSTRAINT person_not_own_manager CHECK ((NOT ((manager_id = id) AND (manager_id IS NOT NULL)))),
    CONSTRAINT person_role_known CHECK ((role = ANY (ARRAY['agent'::text, 'lead'::text, 'manager'::text, 'administrator'::text, 'auditor'::text, 'limited'::text])))
);

ALTER TABLE ONLY public.person FORCE ROW LEVEL SECURITY;

ALTER TABLE public.person ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.person_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.pipeline (
    id bigint NOT NULL,
    key text NOT NULL,
    name text NOT NULL,
    version integer NOT NULL,
    tenant_id bigint NOT NULL
);

ALTER TABLE ONLY public.pipeline FORCE ROW LEVEL SECURITY;

ALTER TABLE public.pipeline ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.pipeline_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.pipeline_version (
    id bigint NOT NULL,
    version integer NOT NULL,
    data text NOT NULL,
    valid_from timestamp with time zone NOT NULL,
    pipeline_id bigint NOT NULL,
    tenant_id bigint NOT NULL
);

ALTER TABLE ONLY public.pipeline_version FORCE ROW LEVEL SECURITY;

ALTER TABLE public.pipeline_version ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.pipeline_version_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.policy_version (
    id bigint NOT NULL,
    key text NOT NULL,
    version integer NOT NULL,
    rank integer NOT NULL,
    data text NOT NULL,
    valid_from timestamp with time zone,
    valid_until timestamp with time zone,
    digest text NOT NULL,
    tenant_id bigint NOT NULL,
    CONSTRAINT policy_ends_after_it_begins CHECK (((valid_until IS NULL) OR (valid_from IS NULL) OR (valid_until > valid_from)))
);

ALTER TABLE ONLY public.policy_version FORCE ROW LEVEL SECURITY;

ALTER TABLE public.policy_version ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.policy_version_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public."position" (
    id bigint NOT NULL,
    "position" bigint NOT NULL,
    event_id bigint NOT NULL,
    tenant_id bigint NOT NULL
);

ALTER TABLE ONLY public."position" FORCE ROW LEVEL SECURITY;

ALTER TABLE public."position" ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.position_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.provider (
    id bigint NOT NULL,
    channel text NOT NULL,
    name text NOT NULL,
    settings text NOT NULL,
    secret text NOT NULL,
    enabled boolean NOT NULL,
    "position" smallint NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    tested_at timestamp with time zone,
    told text NOT NULL,
    tenant_id bigint NOT NULL
);

ALTER TABLE ONLY public.provider FORCE ROW LEVEL SECURITY;

ALTER TABLE public.provider ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.provider_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.rate_limit (
    key bytea NOT NULL,
    level double precision NOT NULL,
    at timestamp with time zone NOT NULL
);

CREATE TABLE public.read_mark (
    id bigint NOT NULL,
    read_at timestamp with time zone NOT NULL,
    person_id bigint NOT NULL,
    tenant_id bigint NOT NULL,
    ticket_id bigint NOT NULL
);

ALTER TABLE ONLY public.read_mark FORCE ROW LEVEL SECURITY;

ALTER TABLE public.read_mark ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.read_mark_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.restatement (
    id bigint NOT NULL,
    clock text NOT NULL,
    was text NOT NULL,
    now text NOT NULL,
    due_was timestamp with time zone,
    due_now timestamp with time zone,
    reason text NOT NULL,
    restated_at timestamp with time zone NOT NULL,
    event_id bigint NOT NULL,
    tenant_id bigint NOT NULL,
    ticket_id bigint NOT NULL,
    CONSTRAINT restatement_changes_a_verdict CHECK (((now = ANY (ARRAY['met'::text, 'breached'::text, 'open'::text, 'none'::text])) AND (was = ANY (ARRAY['met'::text, 'breached'::text, 'open'::text, 'none'::text])) AND (NOT (was = now))))
);

ALTER TABLE ONLY public.restatement FORCE ROW LEVEL SECURITY;

ALTER TABLE public.restatement ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.restatement_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.schedule (
    id bigint NOT NULL,
    kind text NOT NULL,
    object bigint NOT NULL,
    wake_at timestamp with time zone NOT NULL,
    planned_for timestamp with time zone NOT NULL,
    held_until timestamp with time zone,
    attempts smallint NOT NULL,
    tenant_id bigint NOT NULL,
    CONSTRAINT schedule_not_before_its_plan CHECK ((wake_at >= planned_for))
);

ALTER TABLE ONLY public.schedule FORCE ROW LEVEL SECURITY;

ALTER TABLE public.schedule ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.schedule_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.search_text (
    id bigint NOT NULL,
    words tsvector NOT NULL,
    tenant_id bigint NOT NULL,
    ticket_id bigint NOT NULL
);

ALTER TABLE ONLY public.search_text FORCE ROW LEVEL SECURITY;

ALTER TABLE public.search_text ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.search_text_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.security (
    id bigint NOT NULL,
    read_budget integer DEFAULT 300 NOT NULL,
    export_approval boolean DEFAULT false NOT NULL,
    second_factor text DEFAULT '[]'::text NOT NULL,
    session_hours smallint DEFAULT 12 NOT NULL,
    idle_minutes smallint DEFAULT 120 NOT NULL,
    passwords boolean DEFAULT true NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    tenant_id bigint NOT NULL,
    CONSTRAINT security_within_reason CHECK (((idle_minutes >= 5) AND (read_budget >= 10) AND (session_hours >= 1)))
);

ALTER TABLE ONLY public.security FORCE ROW LEVEL SECURITY;

ALTER TABLE public.security ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.security_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.sign_in (
    id bigint NOT NULL,
    session_key text NOT NULL,
    means text NOT NULL,
    address text NOT NULL,
    agent text NOT NULL,
    begun_at timestamp with time zone NOT NULL,
    seen_at timestamp with time zone NOT NULL,
    proved_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    ended_by text DEFAULT ''::text NOT NULL,
    person_id bigint NOT NULL,
    tenant_id bigint NOT NULL
);

ALTER TABLE ONLY public.sign_in FORCE ROW LEVEL SECURITY;

ALTER TABLE public.sign_in ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.sign_in_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.snooze (
    id bigint NOT NULL,
    until timestamp with time zone NOT NULL,
    person_id bigint NOT NULL,
    tenant_id bigint NOT NULL,
    ticket_id bigint NOT NULL
);

ALTER TABLE ONLY public.snooze FORCE ROW LEVEL SECURITY;

ALTER TABLE public.snooze ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.snooze_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.socialaccount_socialaccount (
    id integer NOT NULL,
    provider character varying(200) NOT NULL,
    uid character varying(191) NOT NULL,
    last_login timestamp with time zone NOT NULL,
    date_joined timestamp with time zone NOT NULL,
    extra_data jsonb NOT NULL,
    user_id bigint NOT NULL
);

ALTER TABLE public.socialaccount_socialaccount ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.socialaccount_socialaccount_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.socialaccount_socialapp (
    id integer NOT NULL,
    provider character varying(30) NOT NULL,
    name character varying(40) NOT NULL,
    client_id character varying(191) NOT NULL,
    secret character varying(191) NOT NULL,
    key character varying(191) NOT NULL,
    provider_id character varying(200) NOT NULL,
    settings jsonb NOT NULL
);

ALTER TABLE public.socialaccount_socialapp ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.socialaccount_socialapp_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.socialaccount_socialtoken (
    id integer NOT NULL,
    token text NOT NULL,
    token_secret text NOT NULL,
    expires_at timestamp with time zone,
    account_id integer NOT NULL,
    app_id integer
);

ALTER TABLE public.socialaccount_socialtoken ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.socialaccount_socialtoken_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.stage (
    id bigint NOT NULL,
    key text NOT NULL,
    name text NOT NULL,
    status text NOT NULL,
    "position" smallint NOT NULL,
    limit_text text NOT NULL,
    active boolean NOT NULL,
    pipeline_id bigint NOT NULL,
    tenant_id bigint NOT NULL,
    CONSTRAINT stage_status_known CHECK ((status = ANY (ARRAY['new'::text, 'open'::text, 'waiting customer'::text, 'waiting internal'::text, 'resolved'::text, 'closed'::text, 'spam'::text, 'merged'::text])))
);

ALTER TABLE ONLY public.stage FORCE ROW LEVEL SECURITY;

ALTER TABLE public.stage ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.stage_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.team (
    id bigint NOT NULL,
    key text NOT NULL,
    name text NOT NULL,
    level smallint NOT NULL,
    external_id text DEFAULT ''::text NOT NULL,
    lead_id bigint,
    manager_id bigint,
    tenant_id bigint NOT NULL
);

ALTER TABLE ONLY public.team FORCE ROW LEVEL SECURITY;

ALTER TABLE public.team ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.team_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.tenant (
    id bigint NOT NULL,
    key character varying(63) NOT NULL,
    name text NOT NULL,
    zone text NOT NULL,
    language text NOT NULL,
    config_version bigint NOT NULL,
    created_at timestamp with time zone NOT NULL
);

ALTER TABLE ONLY public.tenant FORCE ROW LEVEL SECURITY;

ALTER TABLE public.tenant ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.tenant_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.ticket (
    id bigint NOT NULL,
    number bigint NOT NULL,
    status text NOT NULL,
    priority text NOT NULL,
    type text NOT NULL,
    channel text NOT NULL,
    subject text NOT NULL,
    opened_at timestamp with time zone NOT NULL,
    last_seq integer NOT NULL,
    last_at timestamp with time zone NOT NULL,
    decided_at timestamp with time zone NOT NULL,
    due_at timestamp with time zone,
    warn_at timestamp with time zone,
    respond_at timestamp with time zone,
    respond_warn_at timestamp with time zone,
    escalates_at timestamp with time zone,
    done_at timestamp with time zone,
    rank_at timestamp with time zone NOT NULL,
    reasons text NOT NULL,
    traits smallint GENERATED ALWAYS AS (((((
CASE
    WHEN (status = 'waiting customer'::text) THEN 1
    ELSE 0
END +
CASE
    WHEN (status = 'waiting internal'::text) THEN 2
    ELSE 0
END) +
CASE
    WHEN (priority = ANY (ARRAY['P1'::text, 'P2'::text])) THEN 4
    ELSE 0
END) +
CASE
    WHEN (assignee_id IS NULL) THEN 8
    ELSE 0
END) +
CASE
    WHEN (respond_at IS NOT NULL) THEN 16
    ELSE 0
END)) STORED,
    wake_at timestamp with time zone,
    held_until timestamp with time zone,
    held_reason text NOT NULL,
    attempts smallint NOT NULL,
    account_id bigint,
    assignee_id bigint,
    contact_id bigint,
    follows_id bigint,
    merged_into_id bigint,
    pipeline_id bigint,
    stage_id bigint,
    team_id bigint,
    tenant_id bigint NOT NULL,
    CONSTRAINT ticket_done_at_an_instant CHECK ((((done_at IS NOT NULL) AND (status = ANY (ARRAY['resolved'::text, 'closed'::text]))) OR ((NOT (status = ANY (ARRAY['resolved'::text, 'closed'::text]))) AND (done_at IS NULL)))),
    CONSTRAINT ticket_due_is_the_earliest CHECK (((respond_at IS NULL) OR ((due_at IS NOT NULL) AND (due_at <= respond_at)))),
    CONSTRAINT ticket_has_events CHECK (((last_seq > 0) AND (number > 0))),
    CONSTRAINT ticket_hold_has_reason CHECK (((held_until IS NULL) OR (NOT (held_reason = ''::text)))),
    CONSTRAINT ticket_merged_into_another CHECK (((merged_into_id IS NULL) OR ((status = 'merged'::text) AND (NOT ((merged_into_id = id) AND (merged_into_id IS NOT NULL)))))),
    CONSTRAINT ticket_risk_of_a_due CHECK ((((due_at IS NULL) AND (warn_at IS NULL)) OR ((due_at IS NOT NULL) AND (warn_at IS NOT NULL)))),
    CONSTRAINT ticket_risk_of_a_response CHECK ((((respond_at IS NULL) AND (respond_warn_at IS NULL)) OR ((respond_at IS NOT NULL) AND (respond_warn_at >= warn_at) AND (respond_warn_at IS NOT NULL)))),
    CONSTRAINT ticket_status_known CHECK ((status = ANY (ARRAY['new'::text, 'open'::text, 'waiting customer'::text, 'waiting internal'::text, 'resolved'::text, 'closed'::text, 'spam'::text, 'merged'::text]))),
    CONSTRAINT ticket_wakes_later CHECK (((wake_at IS NULL) OR (wake_at > decided_at)))
);

ALTER TABLE ONLY public.ticket FORCE ROW LEVEL SECURITY;

CREATE TABLE public.ticket_field (
    id bigint NOT NULL,
    name text NOT NULL,
    value text NOT NULL,
    tenant_id bigint NOT NULL,
    ticket_id bigint NOT NULL
);

ALTER TABLE ONLY public.ticket_field FORCE ROW LEVEL SECURITY;

ALTER TABLE public.ticket_field ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.ticket_field_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

ALTER TABLE public.ticket ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.ticket_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.unsequenced (
    id bigint NOT NULL,
    event_id bigint NOT NULL,
    tenant_id bigint NOT NULL
);

ALTER TABLE ONLY public.unsequenced FORCE ROW LEVEL SECURITY;

ALTER TABLE public.unsequenced ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.unsequenced_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.violation (
    id bigint NOT NULL,
    clock text NOT NULL,
    mark text NOT NULL,
    due_at timestamp with time zone NOT NULL,
    breached_at timestamp with time zone NOT NULL,
    detected_at timestamp with time zone NOT NULL,
    cause text NOT NULL,
    policy text NOT NULL,
    policy_version integer NOT NULL,
    owner text NOT NULL,
    team text NOT NULL,
    stage text NOT NULL,
    withdrawn_at timestamp with time zone,
    acknowledged_at timestamp with time zone,
    note text NOT NULL,
    acknowledged_by_id bigint,
    event_id bigint NOT NULL,
    tenant_id bigint NOT NULL,
    ticket_id bigint NOT NULL,
    CONSTRAINT violation_in_order CHECK (((breached_at >= due_at) AND (detected_at >= breached_at)))
);

ALTER TABLE ONLY public.violation FORCE ROW LEVEL SECURITY;

ALTER TABLE public.violation ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.violation_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

ALTER TABLE ONLY public.absence
    ADD CONSTRAINT absence_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.account_emailaddress
    ADD CONSTRAINT account_emailaddress_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.account_emailaddress
    ADD CONSTRAINT account_emailaddress_user_id_email_987c8728_uniq UNIQUE (user_id, email);

ALTER TABLE ONLY public.account_emailconfirmation
    ADD CONSTRAINT account_emailconfirmation_key_key UNIQUE (key);

ALTER TABLE ONLY public.account_emailconfirmation
    ADD CONSTRAINT account_emailconfirmation_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.account
    ADD CONSTRAINT account_key_once UNIQUE (tenant_id, key);

ALTER TABLE ONLY public.account
    ADD CONSTRAINT account_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.alert
    ADD CONSTRAINT alert_once UNIQUE NULLS NOT DISTINCT (tenant_id, ticket_id, deed, clock, which, mark, recipient_id, channel);

ALTER TABLE ONLY public.alert
    ADD CONSTRAINT alert_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.api_token
    ADD CONSTRAINT api_token_once UNIQUE (tenant_id, prefix);

ALTER TABLE ONLY public.api_token
    ADD CONSTRAINT api_token_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.audit_run
    ADD CONSTRAINT audit_run_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.auth_group
    ADD CONSTRAINT auth_group_name_key UNIQUE (name);

ALTER TABLE ONLY public.auth_group_permissions
    ADD CONSTRAINT auth_group_permissions_group_id_permission_id_0cd325b0_uniq UNIQUE (group_id, permission_id);

ALTER TABLE ONLY public.auth_group_permissions
    ADD CONSTRAINT auth_group_permissions_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.auth_group
    ADD CONSTRAINT auth_group_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.auth_permission
    ADD CONSTRAINT auth_permission_content_type_id_codename_01ab375a_uniq UNIQUE (content_type_id, codename);

ALTER TABLE ONLY public.auth_permission
    ADD CONSTRAINT auth_permission_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.batch
    ADD CONSTRAINT batch_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.beat
    ADD CONSTRAINT beat_pkey PRIMARY KEY (process);

ALTER TABLE ONLY public.cache
    ADD CONSTRAINT cache_pkey PRIMARY KEY (cache_key);

ALTER TABLE ONLY public.calendar_version
    ADD CONSTRAINT calendar_once UNIQUE (tenant_id, key, version);

ALTER TABLE ONLY public.calendar_version
    ADD CONSTRAINT calendar_version_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.clock
    ADD CONSTRAINT clock_once UNIQUE (tenant_id, ticket_id, key);

ALTER TABLE ONLY public.clock
    ADD CONSTRAINT clock_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.config_version
    ADD CONSTRAINT config_version_once UNIQUE (tenant_id, kind, key, version);

ALTER TABLE ONLY public.config_version
    ADD CONSTRAINT config_version_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.contact_method
    ADD CONSTRAINT contact_method_once UNIQUE (tenant_id, person_id, channel, address);

ALTER TABLE ONLY public.contact_method
    ADD CONSTRAINT contact_method_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.contact
    ADD CONSTRAINT contact_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.counter
    ADD CONSTRAINT counter_once UNIQUE (tenant_id, name);

ALTER TABLE ONLY public.counter
    ADD CONSTRAINT counter_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.delivery_attempt
    ADD CONSTRAINT delivery_attempt_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.django_content_type
    ADD CONSTRAINT django_content_type_app_label_model_76bd3d3b_uniq UNIQUE (app_label, model);

ALTER TABLE ONLY public.django_content_type
    ADD CONSTRAINT django_content_type_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.django_migrations
    ADD CONSTRAINT django_migrations_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.django_session
    ADD CONSTRAINT django_session_pkey PRIMARY KEY (session_key);

ALTER TABLE ONLY public.draft
    ADD CONSTRAINT draft_once UNIQUE (tenant_id, kind, key);

ALTER TABLE ONLY public.draft
    ADD CONSTRAINT draft_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.escalation
    ADD CONSTRAINT escalation_once UNIQUE (tenant_id, ticket_id, number);

ALTER TABLE ONLY public.escalation
    ADD CONSTRAINT escalation_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.event_content
    ADD CONSTRAINT event_content_once UNIQUE (tenant_id, event_id);

ALTER TABLE ONLY public.event_content
    ADD CONSTRAINT event_content_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.event
    ADD CONSTRAINT event_in_stream UNIQUE (tenant_id, stream_kind, stream_id, stream_seq);

ALTER TABLE ONLY public.event
    ADD CONSTRAINT event_key_once UNIQUE (tenant_id, key);

ALTER TABLE ONLY public.event
    ADD CONSTRAINT event_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.export
    ADD CONSTRAINT export_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.field_rule
    ADD CONSTRAINT field_rule_once UNIQUE (tenant_id, name);

ALTER TABLE ONLY public.field_rule
    ADD CONSTRAINT field_rule_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.gate
    ADD CONSTRAINT gate_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.identity_provider
    ADD CONSTRAINT identity_provider_once UNIQUE (tenant_id, key);

ALTER TABLE ONLY public.identity_provider
    ADD CONSTRAINT identity_provider_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.imported
    ADD CONSTRAINT imported_once UNIQUE (tenant_id, source, external_id);

ALTER TABLE ONLY public.imported
    ADD CONSTRAINT imported_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.membership
    ADD CONSTRAINT membership_once UNIQUE (tenant_id, team_id, person_id);

ALTER TABLE ONLY public.membership
    ADD CONSTRAINT membership_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.message
    ADD CONSTRAINT message_once UNIQUE (tenant_id, event_id);

ALTER TABLE ONLY public.message
    ADD CONSTRAINT message_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.mfa_authenticator
    ADD CONSTRAINT mfa_authenticator_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.network_rule
    ADD CONSTRAINT network_rule_once UNIQUE (tenant_id, holder, network);

ALTER TABLE ONLY public.network_rule
    ADD CONSTRAINT network_rule_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.notification
    ADD CONSTRAINT notification_once UNIQUE (tenant_id, person_id, key);

ALTER TABLE ONLY public.notification
    ADD CONSTRAINT notification_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.on_call_override
    ADD CONSTRAINT on_call_override_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.one_time_link
    ADD CONSTRAINT one_time_link_once UNIQUE (tenant_id, token_hash);

ALTER TABLE ONLY public.one_time_link
    ADD CONSTRAINT one_time_link_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.outbox
    ADD CONSTRAINT outbox_key_once UNIQUE (tenant_id, key);

ALTER TABLE ONLY public.outbox
    ADD CONSTRAINT outbox_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.participant
    ADD CONSTRAINT participant_once UNIQUE (tenant_id, ticket_id, person_id);

ALTER TABLE ONLY public.participant
    ADD CONSTRAINT participant_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.permission_grant
    ADD CONSTRAINT permission_grant_once UNIQUE (tenant_id, person_id, permission_set_id);

ALTER TABLE ONLY public.permission_grant
    ADD CONSTRAINT permission_grant_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.permission_set
    ADD CONSTRAINT permission_set_once UNIQUE (tenant_id, key);

ALTER TABLE ONLY public.permission_set
    ADD CONSTRAINT permission_set_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.person
    ADD CONSTRAINT person_email_once UNIQUE (tenant_id, email_key);

ALTER TABLE ONLY public.person
    ADD CONSTRAINT person_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.pipeline
    ADD CONSTRAINT pipeline_key_once UNIQUE (tenant_id, key);

ALTER TABLE ONLY public.pipeline
    ADD CONSTRAINT pipeline_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.pipeline_version
    ADD CONSTRAINT pipeline_version_once UNIQUE (tenant_id, pipeline_id, version);

ALTER TABLE ONLY public.pipeline_version
    ADD CONSTRAINT pipeline_version_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.policy_version
    ADD CONSTRAINT policy_once UNIQUE (tenant_id, key, version);

ALTER TABLE ONLY public.policy_version
    ADD CONSTRAINT policy_version_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public."position"
    ADD CONSTRAINT position_of_event_once UNIQUE (tenant_id, event_id);

ALTER TABLE ONLY public."position"
    ADD CONSTRAINT position_once UNIQUE (tenant_id, "position");

ALTER TABLE ONLY public."position"
    ADD CONSTRAINT position_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.provider
    ADD CONSTRAINT provider_once UNIQUE (tenant_id, channel, name);

ALTER TABLE ONLY public.provider
    ADD CONSTRAINT provider_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.rate_limit
    ADD CONSTRAINT rate_limit_pkey PRIMARY KEY (key);

ALTER TABLE ONLY public.read_mark
    ADD CONSTRAINT read_mark_once UNIQUE (tenant_id, person_id, ticket_id);

ALTER TABLE ONLY public.read_mark
    ADD CONSTRAINT read_mark_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.restatement
    ADD CONSTRAINT restatement_once UNIQUE (tenant_id, event_id);

ALTER TABLE ONLY public.restatement
    ADD CONSTRAINT restatement_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.schedule
    ADD CONSTRAINT schedule_once UNIQUE (tenant_id, kind, object);

ALTER TABLE ONLY public.schedule
    ADD CONSTRAINT schedule_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.search_text
    ADD CONSTRAINT search_text_once UNIQUE (tenant_id, ticket_id);

ALTER TABLE ONLY public.search_text
    ADD CONSTRAINT search_text_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.security
    ADD CONSTRAINT security_once UNIQUE (tenant_id);

ALTER TABLE ONLY public.security
    ADD CONSTRAINT security_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.sign_in
    ADD CONSTRAINT sign_in_once UNIQUE (tenant_id, session_key);

ALTER TABLE ONLY public.sign_in
    ADD CONSTRAINT sign_in_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.snooze
    ADD CONSTRAINT snooze_once UNIQUE (tenant_id, ticket_id, person_id);

ALTER TABLE ONLY public.snooze
    ADD CONSTRAINT snooze_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.socialaccount_socialaccount
    ADD CONSTRAINT socialaccount_socialaccount_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.socialaccount_socialaccount
    ADD CONSTRAINT socialaccount_socialaccount_provider_uid_fc810c6e_uniq UNIQUE (provider, uid);

ALTER TABLE ONLY public.socialaccount_socialapp
    ADD CONSTRAINT socialaccount_socialapp_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.socialaccount_socialtoken
    ADD CONSTRAINT socialaccount_socialtoken_app_id_account_id_fca4e0ac_uniq UNIQUE (app_id, account_id);

ALTER TABLE ONLY public.socialaccount_socialtoken
    ADD CONSTRAINT socialaccount_socialtoken_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.stage
    ADD CONSTRAINT stage_key_once UNIQUE (tenant_id, pipeline_id, key);

ALTER TABLE ONLY public.stage
    ADD CONSTRAINT stage_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.team
    ADD CONSTRAINT team_key_once UNIQUE (tenant_id, key);

ALTER TABLE ONLY public.team
    ADD CONSTRAINT team_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.tenant
    ADD CONSTRAINT tenant_key_key UNIQUE (key);

ALTER TABLE ONLY public.tenant
    ADD CONSTRAINT tenant_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.ticket_field
    ADD CONSTRAINT ticket_field_once UNIQUE (tenant_id, ticket_id, name);

ALTER TABLE ONLY public.ticket_field
    ADD CONSTRAINT ticket_field_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.ticket
    ADD CONSTRAINT ticket_number_once UNIQUE (tenant_id, number);

ALTER TABLE ONLY public.ticket
    ADD CONSTRAINT ticket_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.unsequenced
    ADD CONSTRAINT unsequenced_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.violation
    ADD CONSTRAINT violation_once UNIQUE (tenant_id, ticket_id, clock, mark);

ALTER TABLE ONLY public.violation
    ADD CONSTRAINT violation_pkey PRIMARY KEY (id);

CREATE INDEX absence_by_time ON public.absence USING btree (tenant_id, person_id, ends_at);

CREATE UNIQUE INDEX absence_in_tenant ON public.absence USING btree (tenant_id, id);

CREATE INDEX account_emailaddress_email_03be32b2 ON public.account_emailaddress USING btree (email);

CREATE INDEX account_emailaddress_email_03be32b2_like ON public.account_emailaddress USING btree (email varchar_pattern_ops);

CREATE INDEX account_emailaddress_user_id_2c513194 ON public.account_emailaddress USING btree (user_id);

CREATE INDEX account_emailconfirmation_email_address_id_5b7f8c58 ON public.account_emailconfirmation USING btree (email_address_id);

CREATE INDEX account_emailconfirmation_key_f43612bd_like ON public.account_emailconfirmation USING btree (key varchar_pattern_ops);

CREATE UNIQUE INDEX account_in_tenant ON public.account USING btree (tenant_id, id);

CREATE INDEX alert_by_plan ON public.alert USING btree (tenant_id, planned_at) INCLUDE (decided_at, team) WHERE (counts AND (NOT (deed = 'alarm'::text)));

CREATE INDEX alert_for_digest ON public.alert USING btree (tenant_id, recipient_id) WHERE (state = 'digest'::text);

CREATE UNIQUE INDEX alert_in_tenant ON public.alert USING btree (tenant_id, id);

CREATE UNIQUE INDEX api_token_in_tenant ON public.api_token USING btree (tenant_id, id);

CREATE INDEX api_token_of_person ON public.api_token USING btree (tenant_id, person_id);

CREATE INDEX audit_run_by_time ON public.audit_run USING btree (tenant_id, finished_at DESC);

CREATE UNIQUE INDEX audit_run_in_tenant ON public.audit_run USING btree (tenant_id, id);

CREATE INDEX auth_group_name_a6ea08ec_like ON public.auth_group USING btree (name varchar_pattern_ops);

CREATE INDEX auth_group_permissions_group_id_b120cbf9 ON public.auth_group_permissions USING btree (group_id);

CREATE INDEX auth_group_permissions_permission_id_84c5c92e ON public.auth_group_permissions USING btree (permission_id);

CREATE INDEX auth_permission_content_type_id_2f476e4b ON public.auth_permission USING btree (content_type_id);

CREATE INDEX beat_process_e967b624_like ON public.beat USING btree (process text_pattern_ops);

CREATE INDEX cache_expires ON public.cache USING btree (expires);

CREATE UNIQUE INDEX calendar_version_in_tenant ON public.calendar_version USING btree (tenant_id, id);

CREATE INDEX clock_breached ON public.clock USING btree (tenant_id, decided_at) INCLUDE (team) WHERE (verdict = 'breached'::text);

CREATE INDEX clock_by_verdict ON public.clock USING btree (tenant_id, verdict, month);

CREATE UNIQUE INDEX clock_in_tenant ON public.clock USING btree (tenant_id, id);

CREATE INDEX clock_met ON public.clock USING btree (tenant_id, decided_at) INCLUDE (team) WHERE (verdict = 'met'::text);

CREATE UNIQUE INDEX config_version_in_tenant ON public.config_version USING btree (tenant_id, id);

CREATE UNIQUE INDEX contact_email_once ON public.contact USING btree (tenant_id, email_key) WHERE (NOT (email_key = ''::text));

CREATE UNIQUE INDEX contact_in_tenant ON public.contact USING btree (tenant_id, id);

CREATE UNIQUE INDEX contact_method_in_tenant ON public.contact_method USING btree (tenant_id, id);

CREATE UNIQUE INDEX counter_in_tenant ON public.counter USING btree (tenant_id, id);

CREATE INDEX delivery_attempt_by_time ON public.delivery_attempt USING btree (tenant_id, at DESC);

CREATE UNIQUE INDEX delivery_attempt_in_tenant ON public.delivery_attempt USING btree (tenant_id, id);

CREATE INDEX delivery_attempt_of_message ON public.delivery_attempt USING btree (tenant_id, outbox_id);

CREATE INDEX django_session_expire_date_a5c62663 ON public.django_session USING btree (expire_date);

CREATE INDEX django_session_session_key_c0390e0f_like ON public.django_session USING btree (session_key varchar_pattern_ops);

CREATE UNIQUE INDEX draft_in_tenant ON public.draft USING btree (tenant_id, id);

CREATE UNIQUE INDEX escalation_in_tenant ON public.escalation USING btree (tenant_id, id);

CREATE INDEX escalation_running ON public.escalation USING btree (tenant_id, next_at) WHERE (ended_at IS NULL);

CREATE UNIQUE INDEX event_content_in_tenant ON public.event_content USING btree (tenant_id, id);

CREATE UNIQUE INDEX event_in_tenant ON public.event USING btree (tenant_id, id);

CREATE INDEX export_by_time ON public.export USING btree (tenant_id, asked_at DESC);

CREATE UNIQUE INDEX export_in_tenant ON public.export USING btree (tenant_id, id);

CREATE UNIQUE INDEX field_rule_in_tenant ON public.field_rule USING btree (tenant_id, id);

CREATE UNIQUE INDEX identity_provider_in_tenant ON public.identity_provider USING btree (tenant_id, id);

CREATE INDEX identity_provider_key_16e3bf77 ON public.identity_provider USING btree (key);

CREATE INDEX identity_provider_key_16e3bf77_like ON public.identity_provider USING btree (key varchar_pattern_ops);

CREATE UNIQUE INDEX imported_in_tenant ON public.imported USING btree (tenant_id, id);

CREATE UNIQUE INDEX membership_in_tenant ON public.membership USING btree (tenant_id, id);

CREATE INDEX message_by_ticket ON public.message USING btree (tenant_id, ticket_id, id);

CREATE UNIQUE INDEX message_in_tenant ON public.message USING btree (tenant_id, id);

CREATE INDEX mfa_authenticator_user_id_0c3a50c0 ON public.mfa_authenticator USING btree (user_id);

CREATE UNIQUE INDEX network_rule_in_tenant ON public.network_rule USING btree (tenant_id, id);

CREATE UNIQUE INDEX notification_in_tenant ON public.notification USING btree (tenant_id, id);

CREATE INDEX notification_unread ON public.notification USING btree (tenant_id, person_id, id DESC) WHERE (read_at IS NULL);

CREATE INDEX on_call_override_by_time ON public.on_call_override USING btree (tenant_id, schedule, ends_at);

CREATE UNIQUE INDEX on_call_override_in_tenant ON public.on_call_override USING btree (tenant_id, id);

CREATE UNIQUE INDEX one_time_link_in_tenant ON public.one_time_link USING btree (tenant_id, id);

CREATE INDEX one_time_link_of_person ON public.one_time_link USING btree (tenant_id, person_id);

CREATE INDEX outbox_by_reference ON public.outbox USING btree (tenant_id, reference) WHERE (NOT (reference = ''::text));

CREATE UNIQUE INDEX outbox_in_tenant ON public.outbox USING btree (tenant_id, id);

CREATE INDEX outbox_ready ON public.outbox USING btree (GREATEST(next_at, lease_until)) WHERE (state = ANY (ARRAY['pending'::text, 'sending'::text]));

CREATE INDEX outbox_unsent_of_ticket ON public.outbox USING btree (tenant_id, ticket_id) WHERE (state = 'pending'::text);

CREATE UNIQUE INDEX participant_in_tenant ON public.participant USING btree (tenant_id, id);

CREATE UNIQUE INDEX permission_grant_in_tenant ON public.permission_grant USING btree (tenant_id, id);

CREATE UNIQUE INDEX permission_set_in_tenant ON public.permission_set USING btree (tenant_id, id);

CREATE UNIQUE INDEX person_in_tenant ON public.person USING btree (tenant_id, id);

CREATE UNIQUE INDEX pipeline_in_tenant ON public.pipeline USING btree (tenant_id, id);

CREATE UNIQUE INDEX pipeline_version_in_tenant ON public.pipeline_version USING btree (tenant_id, id);

CREATE UNIQUE INDEX policy_version_in_tenant ON public.policy_version USING btree (tenant_id, id);

CREATE UNIQUE INDEX position_in_tenant ON public."position" USING btree (tenant_id, id);

CREATE UNIQUE INDEX provider_in_tenant ON public.provider USING btree (tenant_id, id);

CREATE INDEX rate_limit_at ON public.rate_limit USING btree (at);

CREATE INDEX read_mark_by_time ON public.read_mark USING btree (tenant_id, person_id, read_at);

CREATE UNIQUE INDEX read_mark_in_tenant ON public.read_mark USING btree (tenant_id, id);

CREATE INDEX restatement_by_time ON public.restatement USING btree (tenant_id, restated_at DESC);

CREATE UNIQUE INDEX restatement_in_tenant ON public.restatement USING btree (tenant_id, id);

CREATE UNIQUE INDEX schedule_in_tenant ON public.schedule USING btree (tenant_id, id);

CREATE INDEX schedule_wakes ON public.schedule USING btree (GREATEST(wake_at, held_until));

CREATE UNIQUE INDEX search_text_in_tenant ON public.search_text USING btree (tenant_id, id);

CREATE INDEX search_text_words ON public.search_text USING gin (words);

CREATE UNIQUE INDEX security_in_tenant ON public.security USING btree (tenant_id, id);

CREATE UNIQUE INDEX sign_in_in_tenant ON public.sign_in USING btree (tenant_id, id);

CREATE INDEX sign_in_running ON public.sign_in USING btree (tenant_id, person_id) WHERE (ended_at IS NULL);

CREATE UNIQUE INDEX snooze_in_tenant ON public.snooze USING btree (tenant_id, id);

CREATE INDEX socialaccount_socialaccount_user_id_8146e70c ON public.socialaccount_socialaccount USING btree (user_id);

CREATE INDEX socialaccount_socialtoken_account_id_951f210e ON public.socialaccount_socialtoken USING btree (account_id);

CREATE INDEX socialaccount_socialtoken_app_id_636a42d7 ON public.socialaccount_socialtoken USING btree (app_id);

CREATE UNIQUE INDEX stage_in_tenant ON public.stage USING btree (tenant_id, id);

CREATE UNIQUE INDEX team_in_tenant ON public.team USING btree (tenant_id, id);

CREATE INDEX tenant_key_c414e243_like ON public.tenant USING btree (key varchar_pattern_ops);

CREATE INDEX ticket_by_age ON public.ticket USING btree (tenant_id, opened_at, id) INCLUDE (team_id);

CREATE INDEX ticket_by_assignee ON public.ticket USING btree (tenant_id, assignee_id, rank_at, id) WHERE (status = ANY (ARRAY['new'::text, 'open'::text, 'waiting customer'::text, 'waiting internal'::text]));

CREATE INDEX ticket_by_due ON public.ticket USING btree (tenant_id, due_at) INCLUDE (team_id, traits, rank_at, id) WHERE (status = ANY (ARRAY['new'::text, 'open'::text, 'waiting customer'::text, 'waiting internal'::text]));

CREATE INDEX ticket_by_end ON public.ticket USING btree (tenant_id, done_at, id) WHERE (done_at IS NOT NULL);

CREATE INDEX ticket_by_escalation ON public.ticket USING btree (tenant_id, escalates_at) INCLUDE (team_id, due_at, rank_at, id) WHERE ((status = ANY (ARRAY['new'::text, 'open'::text, 'waiting customer'::text, 'waiting internal'::text])) AND (escalates_at IS NOT NULL));

CREATE INDEX ticket_by_rank ON public.ticket USING btree (tenant_id, rank_at, id) INCLUDE (status, priority, type, stage_id, team_id, assignee_id, account_id, due_at, warn_at, respond_at, escalates_at) WHERE (status = ANY (ARRAY['new'::text, 'open'::text, 'waiting customer'::text, 'waiting internal'::text]));

CREATE INDEX ticket_by_response ON public.ticket USING btree (tenant_id, respond_at) INCLUDE (team_id) WHERE ((status = ANY (ARRAY['new'::text, 'open'::text, 'waiting customer'::text, 'waiting internal'::text])) AND (respond_at IS NOT NULL));

CREATE INDEX ticket_by_response_risk ON public.ticket USING btree (tenant_id, respond_warn_at) INCLUDE (team_id) WHERE ((status = ANY (ARRAY['new'::text, 'open'::text, 'waiting customer'::text, 'waiting internal'::text])) AND (respond_at IS NOT NULL));

CREATE INDEX ticket_by_risk ON public.ticket USING btree (tenant_id, warn_at) INCLUDE (team_id, due_at, rank_at, id) WHERE (status = ANY (ARRAY['new'::text, 'open'::text, 'waiting customer'::text, 'waiting internal'::text]));

CREATE INDEX ticket_by_stage ON public.ticket USING btree (tenant_id, stage_id, rank_at, id) INCLUDE (due_at) WHERE (status = ANY (ARRAY['new'::text, 'open'::text, 'waiting customer'::text, 'waiting internal'::text]));

CREATE INDEX ticket_by_status ON public.ticket USING btree (tenant_id, status, rank_at, id) WHERE (status = ANY (ARRAY['new'::text, 'open'::text, 'waiting customer'::text, 'waiting internal'::text]));

CREATE INDEX ticket_by_traits ON public.ticket USING btree (tenant_id, team_id, traits) WHERE (status = ANY (ARRAY['new'::text, 'open'::text, 'waiting customer'::text, 'waiting internal'::text]));

CREATE INDEX ticket_field_by_value ON public.ticket_field USING btree (tenant_id, name, value);

CREATE UNIQUE INDEX ticket_field_in_tenant ON public.ticket_field USING btree (tenant_id, id);

CREATE UNIQUE INDEX ticket_in_tenant ON public.ticket USING btree (tenant_id, id);

CREATE INDEX ticket_wakes ON public.ticket USING btree (GREATEST(wake_at, held_until)) WHERE (wake_at IS NOT NULL);

CREATE INDEX ticket_wakes_in_tenant ON public.ticket USING btree (tenant_id, GREATEST(wake_at, held_until)) WHERE (wake_at IS NOT NULL);

CREATE UNIQUE INDEX unique_authenticator_type ON public.mfa_authenticator USING btree (user_id, type) WHERE ((type)::text = ANY ((ARRAY['totp'::character varying, 'recovery_codes'::character varying])::text[]));

CREATE UNIQUE INDEX unique_primary_email ON public.account_emailaddress USING btree (user_id, "primary") WHERE "primary";

CREATE UNIQUE INDEX unsequenced_in_tenant ON public.unsequenced USING btree (tenant_id, id);

CREATE INDEX violation_by_time ON public.violation USING btree (tenant_id, breached_at DESC);

CREATE UNIQUE INDEX violation_in_tenant ON public.violation USING btree (tenant_id, id);

CREATE TRIGGER alert_for_good BEFORE DELETE OR UPDATE ON public.alert FOR EACH ROW EXECUTE FUNCTION public.refuse_change('state');

CREATE TRIGGER alert_for_good_all BEFORE TRUNCATE ON public.alert FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER audit_run_for_good BEFORE DELETE OR UPDATE ON public.audit_run FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER audit_run_for_good_all BEFORE TRUNCATE ON public.audit_run FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER calendar_version_for_good BEFORE DELETE OR UPDATE ON public.calendar_version FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER calendar_version_for_good_all BEFORE TRUNCATE ON public.calendar_version FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER config_version_for_good BEFORE DELETE OR UPDATE ON public.config_version FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER config_version_for_good_all BEFORE TRUNCATE ON public.config_version FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER delivery_attempt_for_good BEFORE DELETE OR UPDATE ON public.delivery_attempt FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER delivery_attempt_for_good_all BEFORE TRUNCATE ON public.delivery_attempt FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER event_content_for_good BEFORE UPDATE ON public.event_content FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER event_for_good BEFORE DELETE OR UPDATE ON public.event FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER event_for_good_all BEFORE TRUNCATE ON public.event FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER event_queued AFTER INSERT ON public.event REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION public.queue_events();

CREATE TRIGGER person_manager_tree AFTER INSERT OR UPDATE OF manager_id ON public.person FOR EACH ROW EXECUTE FUNCTION public.refuse_manager_circle();

CREATE TRIGGER pipeline_version_for_good BEFORE DELETE OR UPDATE ON public.pipeline_version FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER pipeline_version_for_good_all BEFORE TRUNCATE ON public.pipeline_version FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER policy_version_for_good BEFORE DELETE OR UPDATE ON public.policy_version FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER policy_version_for_good_all BEFORE TRUNCATE ON public.policy_version FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER position_for_good BEFORE DELETE OR UPDATE ON public."position" FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER position_for_good_all BEFORE TRUNCATE ON public."position" FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER restatement_for_good BEFORE DELETE OR UPDATE ON public.restatement FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER restatement_for_good_all BEFORE TRUNCATE ON public.restatement FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER violation_for_good BEFORE DELETE OR UPDATE ON public.violation FOR EACH ROW EXECUTE FUNCTION public.refuse_change('withdrawn_at', 'acknowledged_at', 'acknowledged_by_id', 'note');

CREATE TRIGGER violation_for_good_all BEFORE TRUNCATE ON public.violation FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

ALTER TABLE ONLY public.absence
    ADD CONSTRAINT absence_person_id_in_tenant FOREIGN KEY (tenant_id, person_id) REFERENCES public.person(tenant_id, id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.absence
    ADD CONSTRAINT absence_substitute_id_in_tenant FOREIGN KEY (tenant_id, substitute_id) REFERENCES public.person(tenant_id, id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.account
    ADD CONSTRAINT account_account_manager_id_in_tenant FOREIGN KEY (tenant_id, account_manager_id) REFERENCES public.person(tenant_id, id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.account_emailaddress
    ADD CONSTRAINT account_emailaddress_user_id_2c513194_fk_person_id FOREIGN KEY (user_id) REFERENCES public.person(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.account_emailconfirmation
    ADD CONSTRAINT account_emailconfirm_email_address_id_5b7f8c58_fk_account_e FOREIGN KEY (email_address_id) REFERENCES public.account_emailaddress(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.alert
    ADD CONSTRAINT alert_event_id_in_tenant FOREIGN KEY (tenant_id, event_id) REFERENCES public.event(tenant_id, id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.alert
    ADD CONSTRAINT alert_recipient_id_in_tenant FOREIGN KEY (tenant_id, recipient_id) REFERENCES public.person(tenant_id, id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.alert
    ADD CONSTRAINT alert_ticket_id_in_tenant FOREIGN KEY (tenant_id, ticket_id) REFERENCES public.ticket(tenant_id, id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.api_token
    ADD CONSTRAINT api_token_made_by_id_in_tenant FOREIGN KEY (tenant_id, made_by_id) REFERENCES public.person(tenant_id, id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.api_token
    ADD CONSTRAINT api_token_person_id_in_tenant FOREIGN KEY (tenant_id, person_id) REFERENCES public.person(tenant_id, id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.auth_group_permissions
    ADD CONSTRAINT auth_group_permissio_permission_id_84c5c92e_fk_auth_perm FOREIGN KEY (permission_id) REFERENCES public.auth_permission(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.auth_group_permissions
    ADD CONSTRAINT auth_group_permissions_group_id_b120cbf9_fk_auth_group_id FOREIGN KEY (group_id) REFERENCES public.auth_group(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.auth_permission
    ADD CONSTRAINT auth_permission_content_type_id_2f476e4b_fk_django_co FOREIGN KEY (content_type_id) REFERENCES public.django_content_type(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.clock
    ADD CONSTRAINT clock_ticket_id_in_tenant FOREIGN KEY (tenant_id, ticket_id) REFERENCES public.ticket(tenant_id, id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.contact
    ADD CONSTRAINT contact_account_id_in_tenant FOREIGN KEY (tenant_id, account_id) REFERENCES public.account(tenant_id, id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.contact_method
    ADD CONSTRAINT contact_method_person_id_in_tenant FOREIGN KEY (tenant_id, person_id) REFERENCES public.person(tenant_id, id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.delivery_attempt
    ADD CONSTRAINT delivery_attempt_outbox_id_in_tenant FOREIGN KEY (tenant_id, outbox_id) REFERENCES public.outbox(tenant_id, id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.draft
    ADD CONSTRAINT draft_author_id_in_tenant FOREIGN KEY (tenant_id, author_id) REFERENCES public.person(tenant_id, id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.escalation
    ADD CONSTRAINT escalation_ticket_id_in_tenant FOREIGN KEY (tenant_id, ticket_id) REFERENCES public.ticket(tenant_id, id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.event_content
    ADD CONSTRAINT event_content_event_id_in_tenant FOREIGN KEY (tenant_id, event_id) REFERENCES public.event(tenant_id, id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.event_content
    ADD CONSTRAINT event_content_private_to_id_in_tenant FOREIGN KEY (tenant_id, private_to_id) REFERENCES public.team(tenant_id, id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.export
    ADD CONSTRAINT export_decided_by_id_in_tenant FOREIGN KEY (tenant_id, decided_by_id) REFERENCES public.person(tenant_id, id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.export
    ADD CONSTRAINT export_person_id_in_tenant FOREIGN KEY (tenant_id, person_id) REFERENCES public.person(tenant_id, id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.imported
    ADD CONSTRAINT imported_ticket_id_in_tenant FOREIGN KEY (tenant_id, ticket_id) REFERENCES public.ticket(tenant_id, id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.membership
    ADD CONSTRAINT membership_person_id_in_tenant FOREIGN KEY (tenant_id, person_id) REFERENCES public.person(tenant_id, id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.membership
    ADD CONSTRAINT membership_team_id_in_tenant FOREIGN KEY (tenant_id, team_id) REFERENCES public.team(tenant_id, id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.message
    ADD CONSTRAINT message_contact_id_in_tenant FOREIGN KEY (tenant_id, contact_id) REFERENCES public.contact(tenant_id, id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.message
    ADD CONSTRAINT message_event_id_in_tenant FOREIGN KEY (tenant_id, event_id) REFERENCES public.event(tenant_id, id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.message
    ADD CONSTRAINT message_person_id_in_tenant FOREIGN KEY (tenant_id, person_id) REFERENCES public.person(tenant_id, id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.message
    ADD CONSTRAINT message_private_to_id_in_tenant FOREIGN KEY (tenant_id, private_to_id) REFERENCES public.team(tenant_id, id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.message
    ADD CONSTRAINT message_ticket_id_in_tenant FOREIGN KEY (tenant_id, ticket_id) REFERENCES public.ticket(tenant_id, id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.mfa_authenticator
    ADD CONSTRAINT mfa_authenticator_user_id_0c3a50c0_fk_person_id FOREIGN KEY (user_id) REFERENCES public.person(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.notification
    ADD CONSTRAINT notification_person_id_in_tenant FOREIGN KEY (tenant_id, person_id) REFERENCES public.person(tenant_id, id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.notification
    ADD CONSTRAINT notification_ticket_id_in_tenant FOREIGN KEY (tenant_id, ticket_id) REFERENCES public.ticket(tenant_id, id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.on_call_override
    ADD CONSTRAINT on_call_override_author_id_in_tenant FOREIGN KEY (tenant_id, author_id) REFERENCES public.person(tenant_id, id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.on_call_override
    ADD CONSTRAINT on_call_override_person_id_in_tenant FOREIGN KEY (tenant_id, person_id) REFERENCES public.person(tenant_id, id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.one_time_link
    ADD CONSTRAINT one_time_link_person_id_in_tenant FOREIGN KEY (tenant_id, person_id) REFERENCES public.person(tenant_id, id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.outbox
    ADD CONSTRAINT outbox_person_id_in_tenant FOREIGN KEY (tenant_id, person_id) REFERENCES public.person(tenant_id, id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.outbox
    ADD CONSTRAINT outbox_provider_id_in_tenant FOREIGN KEY (tenant_id, provider_id) REFERENCES public.provider(tenant_id, id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.outbox
    ADD CONSTRAINT outbox_ticket_id_in_tenant FOREIGN KEY (tenant_id, ticket_id) REFERENCES public.ticket(tenant_id, id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.participant
    ADD CONSTRAINT participant_person_id_in_tenant FOREIGN KEY (tenant_id, person_id) REFERENCES public.person(tenant_id, id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.participant
    ADD CONSTRAINT participant_ticket_id_in_tenant FOREIGN KEY (tenant_id, ticket_id) REFERENCES public.ticket(tenant_id, id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.permission_grant
    ADD CONSTRAINT permission_grant_permission_set_id_in_tenant FOREIGN KEY (tenant_id, permission_set_id) REFERENCES public.permission_set(tenant_id, id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.permission_grant
    ADD CONSTRAINT permission_grant_person_id_in_tenant FOREIGN KEY (tenant_id, person_id) REFERENCES public.person(tenant_id, id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.person
    ADD CONSTRAINT person_manager_id_in_tenant FOREIGN KEY (tenant_id, manager_id) REFERENCES public.person(tenant_id, id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.pipeline_version
    ADD CONSTRAINT pipeline_version_pipeline_id_in_tenant FOREIGN KEY (tenant_id, pipeline_id) REFERENCES public.pipeline(tenant_id, id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public."position"
    ADD CONSTRAINT position_event_id_in_tenant FOREIGN KEY (tenant_id, event_id) REFERENCES public.event(tenant_id, id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.read_mark
    ADD CONSTRAINT read_mark_person_id_in_tenant FOREIGN KEY (tenant_id, person_id) REFERENCES public.person(tenant_id, id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.read_mark
    ADD CONSTRAINT read_mark_ticket_id_in_tenant FOREIGN KEY (tenant_id, ticket_id) REFERENCES public.ticket(tenant_id, id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.restatement
    ADD CONSTRAINT restatement_event_id_in_tenant FOREIGN KEY (tenant_id, event_id) REFERENCES public.event(tenant_id, id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.restatement
    ADD CONSTRAINT restatement_ticket_id_in_tenant FOREIGN KEY (tenant_id, ticket_id) REFERENCES public.ticket(tenant_id, id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.search_text
    ADD CONSTRAINT search_text_ticket_id_in_tenant FOREIGN KEY (tenant_id, ticket_id) REFERENCES public.ticket(tenant_id, id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.sign_in
    ADD CONSTRAINT sign_in_person_id_in_tenant FOREIGN KEY (tenant_id, person_id) REFERENCES public.person(tenant_id, id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.snooze
    ADD CONSTRAINT snooze_person_id_in_tenant FOREIGN KEY (tenant_id, person_id) REFERENCES public.person(tenant_id, id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.snooze
    ADD CONSTRAINT snooze_ticket_id_in_tenant FOREIGN KEY (tenant_id, ticket_id) REFERENCES public.ticket(tenant_id, id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.socialaccount_socialtoken
    ADD CONSTRAINT socialaccount_social_account_id_951f210e_fk_socialacc FOREIGN KEY (account_id) REFERENCES public.socialaccount_socialaccount(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.socialaccount_socialtoken
    ADD CONSTRAINT socialaccount_social_app_id_636a42d7_fk_socialacc FOREIGN KEY (app_id) REFERENCES public.socialaccount_socialapp(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.socialaccount_socialaccount
    ADD CONSTRAINT socialaccount_socialaccount_user_id_8146e70c_fk_person_id FOREIGN KEY (user_id) REFERENCES public.person(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.stage
    ADD CONSTRAINT stage_pipeline_id_in_tenant FOREIGN KEY (tenant_id, pipeline_id) REFERENCES public.pipeline(tenant_id, id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.team
    ADD CONSTRAINT team_lead_id_in_tenant FOREIGN KEY (tenant_id, lead_id) REFERENCES public.person(tenant_id, id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.team
    ADD CONSTRAINT team_manager_id_in_tenant FOREIGN KEY (tenant_id, manager_id) REFERENCES public.person(tenant_id, id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.ticket
    ADD CONSTRAINT ticket_account_id_in_tenant FOREIGN KEY (tenant_id, account_id) REFERENCES public.account(tenant_id, id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.ticket
    ADD CONSTRAINT ticket_assignee_id_in_tenant FOREIGN KEY (tenant_id, assignee_id) REFERENCES public.person(tenant_id, id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.ticket
    ADD CONSTRAINT ticket_contact_id_in_tenant FOREIGN KEY (tenant_id, contact_id) REFERENCES public.contact(tenant_id, id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.ticket_field
    ADD CONSTRAINT ticket_field_ticket_id_in_tenant FOREIGN KEY (tenant_id, ticket_id) REFERENCES public.ticket(tenant_id, id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.ticket
    ADD CONSTRAINT ticket_follows_id_in_tenant FOREIGN KEY (tenant_id, follows_id) REFERENCES public.ticket(tenant_id, id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.ticket
    ADD CONSTRAINT ticket_merged_into_id_in_tenant FOREIGN KEY (tenant_id, merged_into_id) REFERENCES public.ticket(tenant_id, id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.ticket
    ADD CONSTRAINT ticket_pipeline_id_in_tenant FOREIGN KEY (tenant_id, pipeline_id) REFERENCES public.pipeline(tenant_id, id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.ticket
    ADD CONSTRAINT ticket_stage_id_in_tenant FOREIGN KEY (tenant_id, stage_id) REFERENCES public.stage(tenant_id, id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.ticket
    ADD CONSTRAINT ticket_team_id_in_tenant FOREIGN KEY (tenant_id, team_id) REFERENCES public.team(tenant_id, id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.unsequenced
    ADD CONSTRAINT unsequenced_event_id_in_tenant FOREIGN KEY (tenant_id, event_id) REFERENCES public.event(tenant_id, id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.violation
    ADD CONSTRAINT violation_acknowledged_by_id_in_tenant FOREIGN KEY (tenant_id, acknowledged_by_id) REFERENCES public.person(tenant_id, id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.violation
    ADD CONSTRAINT violation_event_id_in_tenant FOREIGN KEY (tenant_id, event_id) REFERENCES public.event(tenant_id, id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.violation
    ADD CONSTRAINT violation_ticket_id_in_tenant FOREIGN KEY (tenant_id, ticket_id) REFERENCES public.ticket(tenant_id, id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE public.absence ENABLE ROW LEVEL SECURITY;

CREATE POLICY absence_of_tenant ON public.absence USING ((tenant_id = public.current_tenant())) WITH CHECK ((tenant_id = public.current_tenant()));

ALTER TABLE public.account ENABLE ROW LEVEL SECURITY;

CREATE POLICY account_of_tenant ON public.account USING ((tenant_id = public.current_tenant())) WITH CHECK ((tenant_id = public.current_tenant()));

ALTER TABLE public.alert ENABLE ROW LEVEL SECURITY;

CREATE POLICY alert_in_reach ON public.alert AS RESTRICTIVE TO tocsin_within USING (((ticket_id IS NULL) OR (ticket_id IN ( SELECT t.id
   FROM public.ticket t))));

CREATE POLICY alert_of_tenant ON public.alert USING ((tenant_id = public.current_tenant())) WITH CHECK ((tenant_id = public.current_tenant()));

ALTER TABLE public.api_token ENABLE ROW LEVEL SECURITY;

CREATE POLICY api_token_of_tenant ON public.api_token USING ((tenant_id = public.current_tenant())) WITH CHECK ((tenant_id = public.current_tenant()));

ALTER TABLE public.audit_run ENABLE ROW LEVEL SECURITY;

CREATE POLICY audit_run_of_tenant ON public.audit_run USING ((tenant_id = public.current_tenant())) WITH CHECK ((tenant_id = public.current_tenant()));

ALTER TABLE public.calendar_version ENABLE ROW LEVEL SECURITY;

CREATE POLICY calendar_version_of_tenant ON public.calendar_version USING ((tenant_id = public.current_tenant())) WITH CHECK ((tenant_id = public.current_tenant()));

ALTER TABLE public.clock ENABLE ROW LEVEL SECURITY;

CREATE POLICY clock_in_reach ON public.clock AS RESTRICTIVE TO tocsin_within USING (((ticket_id IS NULL) OR (ticket_id IN ( SELECT t.id
   FROM public.ticket t))));

CREATE POLICY clock_of_tenant ON public.clock USING ((tenant_id = public.current_tenant())) WITH CHECK ((tenant_id = public.current_tenant()));

ALTER TABLE public.config_version ENABLE ROW LEVEL SECURITY;

CREATE POLICY config_version_of_tenant ON public.config_version USING ((tenant_id = public.current_tenant())) WITH CHECK ((tenant_id = public.current_tenant()));

ALTER TABLE public.contact ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.contact_method ENABLE ROW LEVEL SECURITY;

CREATE POLICY contact_method_of_tenant ON public.contact_method USING ((tenant_id = public.current_tenant())) WITH CHECK ((tenant_id = public.current_tenant()));

CREATE POLICY contact_of_tenant ON public.contact USING ((tenant_id = public.current_tenant())) WITH CHECK ((tenant_id = public.current_tenant()));

ALTER TABLE public.counter ENABLE ROW LEVEL SECURITY;

CREATE POLICY counter_of_tenant ON public.counter USING ((tenant_id = public.current_tenant())) WITH CHECK ((tenant_id = public.current_tenant()));

ALTER TABLE public.delivery_attempt ENABLE ROW LEVEL SECURITY;

CREATE POLICY delivery_attempt_in_reach ON public.delivery_attempt AS RESTRICTIVE TO tocsin_within USING ((EXISTS ( SELECT
   FROM public.outbox o
  WHERE (o.id = delivery_attempt.outbox_id))));

CREATE POLICY delivery_attempt_of_tenant ON public.delivery_attempt USING ((tenant_id = public.current_tenant())) WITH CHECK ((tenant_id = public.current_tenant()));

ALTER TABLE public.draft ENABLE ROW LEVEL SECURITY;

CREATE POLICY draft_of_tenant ON public.draft USING ((tenant_id = public.current_tenant())) WITH CHECK ((tenant_id = public.current_tenant()));

ALTER TABLE public.escalation ENABLE ROW LEVEL SECURITY;

CREATE POLICY escalation_in_reach ON public.escalation AS RESTRICTIVE TO tocsin_within USING (((ticket_id IS NULL) OR (ticket_id IN ( SELECT t.id
   FROM public.ticket t))));

CREATE POLICY escalation_of_tenant ON public.escalation USING ((tenant_id = public.current_tenant())) WITH CHECK ((tenant_id = public.current_tenant()));

ALTER TABLE public.event ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.event_content ENABLE ROW LEVEL SECURITY;

CREATE POLICY event_content_in_reach ON public.event_content AS RESTRICTIVE TO tocsin_within USING ((EXISTS ( SELECT
   FROM public.event e
  WHERE (e.id = event_content.event_id))));

CREATE POLICY event_content_of_tenant ON public.event_content USING ((tenant_id = public.current_tenant())) WITH CHECK ((tenant_id = public.current_tenant()));

CREATE POLICY event_content_private ON public.event_content AS RESTRICTIVE FOR SELECT TO tocsin_app, tocsin_audit, tocsin_within USING (((private_to_id IS NULL) OR (private_to_id = ANY (public.private_teams()))));

CREATE POLICY event_in_reach ON public.event AS RESTRICTIVE TO tocsin_within USING (((stream_kind <> 'ticket'::text) OR (stream_id IN ( SELECT t.id
   FROM public.ticket t))));

CREATE POLICY event_of_tenant ON public.event USING ((tenant_id = public.current_tenant())) WITH CHECK ((tenant_id = public.current_tenant()));

ALTER TABLE public.export ENABLE ROW LEVEL SECURITY;

CREATE POLICY export_of_tenant ON public.export USING ((tenant_id = public.current_tenant())) WITH CHECK ((tenant_id = public.current_tenant()));

ALTER TABLE public.field_rule ENABLE ROW LEVEL SECURITY;

CREATE POLICY field_rule_of_tenant ON public.field_rule USING ((tenant_id = public.current_tenant())) WITH CHECK ((tenant_id = public.current_tenant()));

ALTER TABLE public.identity_provider ENABLE ROW LEVEL SECURITY;

CREATE POLICY identity_provider_of_tenant ON public.identity_provider USING ((tenant_id = public.current_tenant())) WITH CHECK ((tenant_id = public.current_tenant()));

ALTER TABLE public.imported ENABLE ROW LEVEL SECURITY;

CREATE POLICY imported_in_reach ON public.imported AS RESTRICTIVE TO tocsin_within USING (((ticket_id IS NULL) OR (ticket_id IN ( SELECT t.id
   FROM public.ticket t))));

CREATE POLICY imported_of_tenant ON public.imported USING ((tenant_id = public.current_tenant())) WITH CHECK ((tenant_id = public.current_tenant()));

ALTER TABLE public.membership ENABLE ROW LEVEL SECURITY;

CREATE POLICY membership_of_tenant ON public.membership USING ((tenant_id = public.current_tenant())) WITH CHECK ((tenant_id = public.current_tenant()));

ALTER TABLE public.message ENABLE ROW LEVEL SECURITY;

CREATE POLICY message_in_reach ON public.message AS RESTRICTIVE TO tocsin_within USING (((ticket_id IS NULL) OR (ticket_id IN ( SELECT t.id
   FROM public.ticket t))));

CREATE POLICY message_of_tenant ON public.message USING ((tenant_id = public.current_tenant())) WITH CHECK ((tenant_id = public.current_tenant()));

CREATE POLICY message_private ON public.message AS RESTRICTIVE FOR SELECT TO tocsin_app, tocsin_audit, tocsin_within USING (((private_to_id IS NULL) OR (private_to_id = ANY (public.private_teams()))));

ALTER TABLE public.network_rule ENABLE ROW LEVEL SECURITY;

CREATE POLICY network_rule_of_tenant ON public.network_rule USING ((tenant_id = public.current_tenant())) WITH CHECK ((tenant_id = public.current_tenant()));

ALTER TABLE public.notification ENABLE ROW LEVEL SECURITY;

CREATE POLICY notification_in_reach ON public.notification AS RESTRICTIVE TO tocsin_within USING (((ticket_id IS NULL) OR (ticket_id IN ( SELECT t.id
   FROM public.ticket t))));

CREATE POLICY notification_of_tenant ON public.notification USING ((tenant_id = public.current_tenant())) WITH CHECK ((tenant_id = public.current_tenant()));

ALTER TABLE public.on_call_override ENABLE ROW LEVEL SECURITY;

CREATE POLICY on_call_override_of_tenant ON public.on_call_override USING ((tenant_id = public.current_tenant())) WITH CHECK ((tenant_id = public.current_tenant()));

ALTER TABLE public.one_time_link ENABLE ROW LEVEL SECURITY;

CREATE POLICY one_time_link_of_tenant ON public.one_time_link USING ((tenant_id = public.current_tenant())) WITH CHECK ((tenant_id = public.current_tenant()));

ALTER TABLE public.outbox ENABLE ROW LEVEL SECURITY;

CREATE POLICY outbox_in_reach ON public.outbox AS RESTRICTIVE TO tocsin_within USING (((ticket_id IS NULL) OR (ticket_id IN ( SELECT t.id
   FROM public.ticket t))));

CREATE POLICY outbox_of_tenant ON public.outbox USING ((tenant_id = public.current_tenant())) WITH CHECK ((tenant_id = public.current_tenant()));

ALTER TABLE public.participant ENABLE ROW LEVEL SECURITY;

CREATE POLICY participant_in_reach ON public.participant AS RESTRICTIVE TO tocsin_within USING (((ticket_id IS NULL) OR (ticket_id IN ( SELECT t.id
   FROM public.ticket t))));

CREATE POLICY participant_of_tenant ON public.participant USING ((tenant_id = public.current_tenant())) WITH CHECK ((tenant_id = public.current_tenant()));

ALTER TABLE public.permission_grant ENABLE ROW LEVEL SECURITY;

CREATE POLICY permission_grant_of_tenant ON public.permission_grant USING ((tenant_id = public.current_tenant())) WITH CHECK ((tenant_id = public.current_tenant()));

ALTER TABLE public.permission_set ENABLE ROW LEVEL SECURITY;

CREATE POLICY permission_set_of_tenant ON public.permission_set USING ((tenant_id = public.current_tenant())) WITH CHECK ((tenant_id = public.current_tenant()));

ALTER TABLE public.person ENABLE ROW LEVEL SECURITY;

CREATE POLICY person_of_tenant ON public.person USING ((tenant_id = public.current_tenant())) WITH CHECK ((tenant_id = public.current_tenant()));

ALTER TABLE public.pipeline ENABLE ROW LEVEL SECURITY;

CREATE POLICY pipeline_of_tenant ON public.pipeline USING ((tenant_id = public.current_tenant())) WITH CHECK ((tenant_id = public.current_tenant()));

ALTER TABLE public.pipeline_version ENABLE ROW LEVEL SECURITY;

CREATE POLICY pipeline_version_of_tenant ON public.pipeline_version USING ((tenant_id = public.current_tenant())) WITH CHECK ((tenant_id = public.current_tenant()));

ALTER TABLE public.policy_version ENABLE ROW LEVEL SECURITY;

CREATE POLICY policy_version_of_tenant ON public.policy_version USING ((tenant_id = public.current_tenant())) WITH CHECK ((tenant_id = public.current_tenant()));

ALTER TABLE public."position" ENABLE ROW LEVEL SECURITY;

CREATE POLICY position_of_tenant ON public."position" USING ((tenant_id = public.current_tenant())) WITH CHECK ((tenant_id = public.current_tenant()));

ALTER TABLE public.provider ENABLE ROW LEVEL SECURITY;

CREATE POLICY provider_of_tenant ON public.provider USING ((tenant_id = public.current_tenant())) WITH CHECK ((tenant_id = public.current_tenant()));

ALTER TABLE public.read_mark ENABLE ROW LEVEL SECURITY;

CREATE POLICY read_mark_in_reach ON public.read_mark AS RESTRICTIVE TO tocsin_within USING (((ticket_id IS NULL) OR (ticket_id IN ( SELECT t.id
   FROM public.ticket t))));

CREATE POLICY read_mark_of_tenant ON public.read_mark USING ((tenant_id = public.current_tenant())) WITH CHECK ((tenant_id = public.current_tenant()));

ALTER TABLE public.restatement ENABLE ROW LEVEL SECURITY;

CREATE POLICY restatement_in_reach ON public.restatement AS RESTRICTIVE TO tocsin_within USING (((ticket_id IS NULL) OR (ticket_id IN ( SELECT t.id
   FROM public.ticket t))));

CREATE POLICY restatement_of_tenant ON public.restatement USING ((tenant_id = public.current_tenant())) WITH CHECK ((tenant_id = public.current_tenant()));

ALTER TABLE public.schedule ENABLE ROW LEVEL SECURITY;

CREATE POLICY schedule_of_tenant ON public.schedule USING ((tenant_id = public.current_tenant())) WITH CHECK ((tenant_id = public.current_tenant()));

ALTER TABLE public.search_text ENABLE ROW LEVEL SECURITY;

CREATE POLICY search_text_in_reach ON public.search_text AS RESTRICTIVE TO tocsin_within USING (((ticket_id IS NULL) OR (ticket_id IN ( SELECT t.id
   FROM public.ticket t))));

CREATE POLICY search_text_of_tenant ON public.search_text USING ((tenant_id = public.current_tenant())) WITH CHECK ((tenant_id = public.current_tenant()));

ALTER TABLE public.security ENABLE ROW LEVEL SECURITY;

CREATE POLICY security_of_tenant ON public.security USING ((tenant_id = public.current_tenant())) WITH CHECK ((tenant_id = public.current_tenant()));

ALTER TABLE public.sign_in ENABLE ROW LEVEL SECURITY;

CREATE POLICY sign_in_of_tenant ON public.sign_in USING ((tenant_id = public.current_tenant())) WITH CHECK ((tenant_id = public.current_tenant()));

ALTER TABLE public.snooze ENABLE ROW LEVEL SECURITY;

CREATE POLICY snooze_in_reach ON public.snooze AS RESTRICTIVE TO tocsin_within USING (((ticket_id IS NULL) OR (ticket_id IN ( SELECT t.id
   FROM public.ticket t))));

CREATE POLICY snooze_of_tenant ON public.snooze USING ((tenant_id = public.current_tenant())) WITH CHECK ((tenant_id = public.current_tenant()));

ALTER TABLE public.stage ENABLE ROW LEVEL SECURITY;

CREATE POLICY stage_of_tenant ON public.stage USING ((tenant_id = public.current_tenant())) WITH CHECK ((tenant_id = public.current_tenant()));

ALTER TABLE public.team ENABLE ROW LEVEL SECURITY;

CREATE POLICY team_of_tenant ON public.team USING ((tenant_id = public.current_tenant())) WITH CHECK ((tenant_id = public.current_tenant()));

ALTER TABLE public.tenant ENABLE ROW LEVEL SECURITY;

CREATE POLICY tenant_itself ON public.tenant USING ((id = public.current_tenant())) WITH CHECK ((id = public.current_tenant()));

ALTER TABLE public.ticket ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.ticket_field ENABLE ROW LEVEL SECURITY;

CREATE POLICY ticket_field_in_reach ON public.ticket_field AS RESTRICTIVE TO tocsin_within USING (((ticket_id IS NULL) OR (ticket_id IN ( SELECT t.id
   FROM public.ticket t))));

CREATE POLICY ticket_field_of_tenant ON public.ticket_field USING ((tenant_id = public.current_tenant())) WITH CHECK ((tenant_id = public.current_tenant()));

CREATE POLICY ticket_in_reach ON public.ticket AS RESTRICTIVE TO tocsin_within USING (public.in_reach(id, team_id, type, assignee_id));

CREATE POLICY ticket_of_tenant ON public.ticket USING ((tenant_id = public.current_tenant())) WITH CHECK ((tenant_id = public.current_tenant()));

ALTER TABLE public.unsequenced ENABLE ROW LEVEL SECURITY;

CREATE POLICY unsequenced_of_tenant ON public.unsequenced USING ((tenant_id = public.current_tenant())) WITH CHECK ((tenant_id = public.current_tenant()));

ALTER TABLE public.violation ENABLE ROW LEVEL SECURITY;

CREATE POLICY violation_in_reach ON public.violation AS RESTRICTIVE TO tocsin_within USING (((ticket_id IS NULL) OR (ticket_id IN ( SELECT t.id
   FROM public.ticket t))));

CREATE POLICY violation_of_tenant ON public.violation USING ((tenant_id = public.current_tenant())) WITH CHECK ((tenant_id = public.current_tenant()));

REVOKE USAGE ON SCHEMA public FROM PUBLIC;
GRANT ALL ON SCHEMA public TO tocsin_migrate;
GRANT ALL ON SCHEMA public TO tocsin_owner;
GRANT USAGE ON SCHEMA public TO tocsin_app;
GRANT USAGE ON SCHEMA public TO tocsin_pulse;
GRANT USAGE ON SCHEMA public TO tocsin_live;
GRANT USAGE ON SCHEMA public TO tocsin_worker;
GRANT USAGE ON SCHEMA public TO tocsin_sequencer;
GRANT USAGE ON SCHEMA public TO tocsin_watchman;
GRANT USAGE ON SCHEMA public TO tocsin_audit;
GRANT USAGE ON SCHEMA public TO tocsin_within;
GRANT USAGE ON SCHEMA public TO tocsin;

REVOKE ALL ON FUNCTION public.at_work(token integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.at_work(token integer) TO tocsin_owner;
GRANT ALL ON FUNCTION public.at_work(token integer) TO tocsin_app;
GRANT ALL ON FUNCTION public.at_work(token integer) TO tocsin_pulse;
GRANT ALL ON FUNCTION public.at_work(token integer) TO tocsin_live;
GRANT ALL ON FUNCTION public.at_work(token integer) TO tocsin_worker;
GRANT ALL ON FUNCTION public.at_work(token integer) TO tocsin_watchman;
GRANT ALL ON FUNCTION public.at_work(token integer) TO tocsin_audit;
GRANT ALL ON FUNCTION public.at_work(token integer) TO tocsin_within;

REVOKE ALL ON FUNCTION public.current_tenant() FROM PUBLIC;
GRANT ALL ON FUNCTION public.current_tenant() TO tocsin_owner;
GRANT ALL ON FUNCTION public.current_tenant() TO tocsin_app;
GRANT ALL ON FUNCTION public.current_tenant() TO tocsin_pulse;
GRANT ALL ON FUNCTION public.current_tenant() TO tocsin_live;
GRANT ALL ON FUNCTION public.current_tenant() TO tocsin_worker;
GRANT ALL ON FUNCTION public.current_tenant() TO tocsin_watchman;
GRANT ALL ON FUNCTION public.current_tenant() TO tocsin_audit;
GRANT ALL ON FUNCTION public.current_tenant() TO tocsin_within;

REVOKE ALL ON FUNCTION public.desk_health(OUT now timestamp with time zone, OUT overdue bigint, OUT overdue_since timestamp with time zone, OUT held bigint, OUT unsent bigint, OUT dead bigint, OUT unsequenced bigint, OUT pulse_beat timestamp with time zone, OUT worker_beat timestamp with time zone, OUT watch_beat timestamp with time zone, OUT told text, OUT watched text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.desk_health(OUT now timestamp with time zone, OUT overdue bigint, OUT overdue_since timestamp with time zone, OUT held bigint, OUT unsent bigint, OUT dead bigint, OUT unsequenced bigint, OUT pulse_beat timestamp with time zone, OUT worker_beat timestamp with time zone, OUT watch_beat timestamp with time zone, OUT told text, OUT watched text) TO tocsin_app;
GRANT ALL ON FUNCTION public.desk_health(OUT now timestamp with time zone, OUT overdue bigint, OUT overdue_since timestamp with time zone, OUT held bigint, OUT unsent bigint, OUT dead bigint, OUT unsequenced bigint, OUT pulse_beat timestamp with time zone, OUT worker_beat timestamp with time zone, OUT watch_beat timestamp with time zone, OUT told text, OUT watched text) TO tocsin_live;
GRANT ALL ON FUNCTION public.desk_health(OUT now timestamp with time zone, OUT overdue bigint, OUT overdue_since timestamp with time zone, OUT held bigint, OUT unsent bigint, OUT dead bigint, OUT unsequenced bigint, OUT pulse_beat timestamp with time zone, OUT worker_beat timestamp with time zone, OUT watch_beat timestamp with time zone, OUT told text, OUT watched text) TO tocsin_worker;
GRANT ALL ON FUNCTION public.desk_health(OUT now timestamp with time zone, OUT overdue bigint, OUT overdue_since timestamp with time zone, OUT held bigint, OUT unsent bigint, OUT dead bigint, OUT unsequenced bigint, OUT pulse_beat timestamp with time zone, OUT worker_beat timestamp with time zone, OUT watch_beat timestamp with time zone, OUT told text, OUT watched text) TO tocsin_pulse;
GRANT ALL ON FUNCTION public.desk_health(OUT now timestamp with time zone, OUT overdue bigint, OUT overdue_since timestamp with time zone, OUT held bigint, OUT unsent bigint, OUT dead bigint, OUT unsequenced bigint, OUT pulse_beat timestamp with time zone, OUT worker_beat timestamp with time zone, OUT watch_beat timestamp with time zone, OUT told text, OUT watched text) TO tocsin_watchman;

REVOKE ALL ON FUNCTION public.enter_reach(teams bigint[], wanted text[], person bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION public.enter_reach(teams bigint[], wanted text[], person bigint) TO tocsin_owner;
GRANT ALL ON FUNCTION public.enter_reach(teams bigint[], wanted text[], person bigint) TO tocsin_app;
GRANT ALL ON FUNCTION public.enter_reach(teams bigint[], wanted text[], person bigint) TO tocsin_pulse;
GRANT ALL ON FUNCTION public.enter_reach(teams bigint[], wanted text[], person bigint) TO tocsin_live;
GRANT ALL ON FUNCTION public.enter_reach(teams bigint[], wanted text[], person bigint) TO tocsin_worker;
GRANT ALL ON FUNCTION public.enter_reach(teams bigint[], wanted text[], person bigint) TO tocsin_watchman;
GRANT ALL ON FUNCTION public.enter_reach(teams bigint[], wanted text[], person bigint) TO tocsin_audit;
GRANT ALL ON FUNCTION public.enter_reach(teams bigint[], wanted text[], person bigint) TO tocsin_within;

REVOKE ALL ON FUNCTION public.enter_tenant(wanted bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION public.enter_tenant(wanted bigint) TO tocsin_owner;
GRANT ALL ON FUNCTION public.enter_tenant(wanted bigint) TO tocsin_app;
GRANT ALL ON FUNCTION public.enter_tenant(wanted bigint) TO tocsin_pulse;
GRANT ALL ON FUNCTION public.enter_tenant(wanted bigint) TO tocsin_live;
GRANT ALL ON FUNCTION public.enter_tenant(wanted bigint) TO tocsin_worker;
GRANT ALL ON FUNCTION public.enter_tenant(wanted bigint) TO tocsin_watchman;
GRANT ALL ON FUNCTION public.enter_tenant(wanted bigint) TO tocsin_audit;
GRANT ALL ON FUNCTION public.enter_tenant(wanted bigint) TO tocsin_within;

REVOKE ALL ON FUNCTION public.gate_trust() FROM PUBLIC;
GRANT ALL ON FUNCTION public.gate_trust() TO tocsin_app;

REVOKE ALL ON FUNCTION public.in_reach(ticket bigint, team bigint, type text, assignee bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION public.in_reach(ticket bigint, team bigint, type text, assignee bigint) TO tocsin_owner;
GRANT ALL ON FUNCTION public.in_reach(ticket bigint, team bigint, type text, assignee bigint) TO tocsin_app;
GRANT ALL ON FUNCTION public.in_reach(ticket bigint, team bigint, type text, assignee bigint) TO tocsin_pulse;
GRANT ALL ON FUNCTION public.in_reach(ticket bigint, team bigint, type text, assignee bigint) TO tocsin_live;
GRANT ALL ON FUNCTION public.in_reach(ticket bigint, team bigint, type text, assignee bigint) TO tocsin_worker;
GRANT ALL ON FUNCTION public.in_reach(ticket bigint, team bigint, type text, assignee bigint) TO tocsin_watchman;
GRANT ALL ON FUNCTION public.in_reach(ticket bigint, team bigint, type text, assignee bigint) TO tocsin_audit;
GRANT ALL ON FUNCTION public.in_reach(ticket bigint, team bigint, type text, assignee bigint) TO tocsin_within;

REVOKE ALL ON FUNCTION public.live_events(tenants bigint[], seen bigint[], most integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.live_events(tenants bigint[], seen bigint[], most integer) TO tocsin_live;

REVOKE ALL ON FUNCTION public.live_heads(tenants bigint[]) FROM PUBLIC;
GRANT ALL ON FUNCTION public.live_heads(tenants bigint[]) TO tocsin_live;

REVOKE ALL ON FUNCTION public.live_people(tenants bigint[], people bigint[], hashes text[], inner_pads bytea[], outer_pads bytea[]) FROM PUBLIC;
GRANT ALL ON FUNCTION public.live_people(tenants bigint[], people bigint[], hashes text[], inner_pads bytea[], outer_pads bytea[]) TO tocsin_live;

REVOKE ALL ON FUNCTION public.live_unread(tenants bigint[], people bigint[]) FROM PUBLIC;
GRANT ALL ON FUNCTION public.live_unread(tenants bigint[], people bigint[]) TO tocsin_live;

REVOKE ALL ON FUNCTION public.outbox_claim(most integer, lease interval) FROM PUBLIC;
GRANT ALL ON FUNCTION public.outbox_claim(most integer, lease interval) TO tocsin_worker;

REVOKE ALL ON FUNCTION public.outbox_look(OUT now timestamp with time zone, OUT ready timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION public.outbox_look(OUT now timestamp with time zone, OUT ready timestamp with time zone) TO tocsin_worker;

REVOKE ALL ON FUNCTION public.private_teams() FROM PUBLIC;
GRANT ALL ON FUNCTION public.private_teams() TO tocsin_owner;
GRANT ALL ON FUNCTION public.private_teams() TO tocsin_app;
GRANT ALL ON FUNCTION public.private_teams() TO tocsin_pulse;
GRANT ALL ON FUNCTION public.private_teams() TO tocsin_live;
GRANT ALL ON FUNCTION public.private_teams() TO tocsin_worker;
GRANT ALL ON FUNCTION public.private_teams() TO tocsin_watchman;
GRANT ALL ON FUNCTION public.private_teams() TO tocsin_audit;
GRANT ALL ON FUNCTION public.private_teams() TO tocsin_within;

REVOKE ALL ON FUNCTION public.pulse_claim(most integer, after bigint, understands integer, at timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION public.pulse_claim(most integer, after bigint, understands integer, at timestamp with time zone) TO tocsin_pulse;

REVOKE ALL ON FUNCTION public.pulse_look(process text, told text, OUT now timestamp with time zone, OUT tickets timestamp with time zone, OUT timers timestamp with time zone, OUT gate integer, OUT orphans boolean, OUT trusted timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION public.pulse_look(process text, told text, OUT now timestamp with time zone, OUT tickets timestamp with time zone, OUT timers timestamp with time zone, OUT gate integer, OUT orphans boolean, OUT trusted timestamp with time zone) TO tocsin_pulse;

REVOKE ALL ON FUNCTION public.pulse_orphans() FROM PUBLIC;
GRANT ALL ON FUNCTION public.pulse_orphans() TO tocsin_pulse;

REVOKE ALL ON FUNCTION public.queue_events() FROM PUBLIC;
GRANT ALL ON FUNCTION public.queue_events() TO tocsin_owner;
GRANT ALL ON FUNCTION public.queue_events() TO tocsin_app;
GRANT ALL ON FUNCTION public.queue_events() TO tocsin_pulse;
GRANT ALL ON FUNCTION public.queue_events() TO tocsin_live;
GRANT ALL ON FUNCTION public.queue_events() TO tocsin_worker;
GRANT ALL ON FUNCTION public.queue_events() TO tocsin_watchman;
GRANT ALL ON FUNCTION public.queue_events() TO tocsin_audit;
GRANT ALL ON FUNCTION public.queue_events() TO tocsin_within;

REVOKE ALL ON FUNCTION public.rate_limit_take(wanted bytea, most double precision, each_s double precision) FROM PUBLIC;
GRANT ALL ON FUNCTION public.rate_limit_take(wanted bytea, most double precision, each_s double precision) TO tocsin_owner;
GRANT ALL ON FUNCTION public.rate_limit_take(wanted bytea, most double precision, each_s double precision) TO tocsin_app;
GRANT ALL ON FUNCTION public.rate_limit_take(wanted bytea, most double precision, each_s double precision) TO tocsin_pulse;
GRANT ALL ON FUNCTION public.rate_limit_take(wanted bytea, most double precision, each_s double precision) TO tocsin_live;
GRANT ALL ON FUNCTION public.rate_limit_take(wanted bytea, most double precision, each_s double precision) TO tocsin_worker;
GRANT ALL ON FUNCTION public.rate_limit_take(wanted bytea, most double precision, each_s double precision) TO tocsin_watchman;
GRANT ALL ON FUNCTION public.rate_limit_take(wanted bytea, most double precision, each_s double precision) TO tocsin_audit;
GRANT ALL ON FUNCTION public.rate_limit_take(wanted bytea, most double precision, each_s double precision) TO tocsin_within;

REVOKE ALL ON FUNCTION public.refuse_change() FROM PUBLIC;
GRANT ALL ON FUNCTION public.refuse_change() TO tocsin_owner;
GRANT ALL ON FUNCTION public.refuse_change() TO tocsin_app;
GRANT ALL ON FUNCTION public.refuse_change() TO tocsin_pulse;
GRANT ALL ON FUNCTION public.refuse_change() TO tocsin_live;
GRANT ALL ON FUNCTION public.refuse_change() TO tocsin_worker;
GRANT ALL ON FUNCTION public.refuse_change() TO tocsin_watchman;
GRANT ALL ON FUNCTION public.refuse_change() TO tocsin_audit;
GRANT ALL ON FUNCTION public.refuse_change() TO tocsin_within;

REVOKE ALL ON FUNCTION public.refuse_manager_circle() FROM PUBLIC;
GRANT ALL ON FUNCTION public.refuse_manager_circle() TO tocsin_owner;
GRANT ALL ON FUNCTION public.refuse_manager_circle() TO tocsin_app;
GRANT ALL ON FUNCTION public.refuse_manager_circle() TO tocsin_pulse;
GRANT ALL ON FUNCTION public.refuse_manager_circle() TO tocsin_live;
GRANT ALL ON FUNCTION public.refuse_manager_circle() TO tocsin_worker;
GRANT ALL ON FUNCTION public.refuse_manager_circle() TO tocsin_watchman;
GRANT ALL ON FUNCTION public.refuse_manager_circle() TO tocsin_audit;
GRANT ALL ON FUNCTION public.refuse_manager_circle() TO tocsin_within;

REVOKE ALL ON FUNCTION public.schedule_claim(most integer, at timestamp with time zone, kinds text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION public.schedule_claim(most integer, at timestamp with time zone, kinds text[]) TO tocsin_pulse;
GRANT ALL ON FUNCTION public.schedule_claim(most integer, at timestamp with time zone, kinds text[]) TO tocsin_worker;

REVOKE ALL ON FUNCTION public.search_tickets(wanted text, most integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.search_tickets(wanted text, most integer) TO tocsin_app;
GRANT ALL ON FUNCTION public.search_tickets(wanted text, most integer) TO tocsin_audit;
GRANT ALL ON FUNCTION public.search_tickets(wanted text, most integer) TO tocsin_within;

REVOKE ALL ON FUNCTION public.see_private_notes(tenant bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION public.see_private_notes(tenant bigint) TO tocsin_owner;
GRANT ALL ON FUNCTION public.see_private_notes(tenant bigint) TO tocsin_app;
GRANT ALL ON FUNCTION public.see_private_notes(tenant bigint) TO tocsin_pulse;
GRANT ALL ON FUNCTION public.see_private_notes(tenant bigint) TO tocsin_live;
GRANT ALL ON FUNCTION public.see_private_notes(tenant bigint) TO tocsin_worker;
GRANT ALL ON FUNCTION public.see_private_notes(tenant bigint) TO tocsin_watchman;
GRANT ALL ON FUNCTION public.see_private_notes(tenant bigint) TO tocsin_audit;
GRANT ALL ON FUNCTION public.see_private_notes(tenant bigint) TO tocsin_within;

REVOKE ALL ON FUNCTION public.sequence_events(most integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.sequence_events(most integer) TO tocsin_sequencer;

REVOKE ALL ON FUNCTION public.sets_of(tenant bigint, person bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION public.sets_of(tenant bigint, person bigint) TO tocsin_owner;
GRANT ALL ON FUNCTION public.sets_of(tenant bigint, person bigint) TO tocsin_app;
GRANT ALL ON FUNCTION public.sets_of(tenant bigint, person bigint) TO tocsin_pulse;
GRANT ALL ON FUNCTION public.sets_of(tenant bigint, person bigint) TO tocsin_live;
GRANT ALL ON FUNCTION public.sets_of(tenant bigint, person bigint) TO tocsin_worker;
GRANT ALL ON FUNCTION public.sets_of(tenant bigint, person bigint) TO tocsin_watchman;
GRANT ALL ON FUNCTION public.sets_of(tenant bigint, person bigint) TO tocsin_audit;
GRANT ALL ON FUNCTION public.sets_of(tenant bigint, person bigint) TO tocsin_within;

REVOKE ALL ON FUNCTION public.teams_of(tenant bigint, person bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION public.teams_of(tenant bigint, person bigint) TO tocsin_owner;
GRANT ALL ON FUNCTION public.teams_of(tenant bigint, person bigint) TO tocsin_app;
GRANT ALL ON FUNCTION public.teams_of(tenant bigint, person bigint) TO tocsin_pulse;
GRANT ALL ON FUNCTION public.teams_of(tenant bigint, person bigint) TO tocsin_live;
GRANT ALL ON FUNCTION public.teams_of(tenant bigint, person bigint) TO tocsin_worker;
GRANT ALL ON FUNCTION public.teams_of(tenant bigint, person bigint) TO tocsin_watchman;
GRANT ALL ON FUNCTION public.teams_of(tenant bigint, person bigint) TO tocsin_audit;
GRANT ALL ON FUNCTION public.teams_of(tenant bigint, person bigint) TO tocsin_within;

REVOKE ALL ON FUNCTION public.tenant_by_key(wanted text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.tenant_by_key(wanted text) TO tocsin_app;
GRANT ALL ON FUNCTION public.tenant_by_key(wanted text) TO tocsin_pulse;
GRANT ALL ON FUNCTION public.tenant_by_key(wanted text) TO tocsin_worker;
GRANT ALL ON FUNCTION public.tenant_by_key(wanted text) TO tocsin_audit;
GRANT ALL ON FUNCTION public.tenant_by_key(wanted text) TO tocsin_live;

REVOKE ALL ON FUNCTION public.tenant_list() FROM PUBLIC;
GRANT ALL ON FUNCTION public.tenant_list() TO tocsin_app;
GRANT ALL ON FUNCTION public.tenant_list() TO tocsin_pulse;
GRANT ALL ON FUNCTION public.tenant_list() TO tocsin_worker;
GRANT ALL ON FUNCTION public.tenant_list() TO tocsin_audit;
GRANT ALL ON FUNCTION public.tenant_list() TO tocsin_live;
GRANT ALL ON FUNCTION public.tenant_list() TO tocsin_watchman;

REVOKE ALL ON FUNCTION public.watch_note(process text, told text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.watch_note(process text, told text) TO tocsin_watchman;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.absence TO tocsin_app;
GRANT SELECT,INSERT,UPDATE ON TABLE public.absence TO tocsin_pulse;
GRANT SELECT ON TABLE public.absence TO tocsin_live;
GRANT SELECT,INSERT,UPDATE ON TABLE public.absence TO tocsin_worker;
GRANT SELECT ON TABLE public.absence TO tocsin_watchman;
GRANT SELECT ON TABLE public.absence TO tocsin_audit;
GRANT SELECT ON TABLE public.absence TO tocsin_within;
GRANT SELECT ON TABLE public.absence TO tocsin_owner;

GRANT USAGE ON SEQUENCE public.absence_id_seq TO tocsin_app;
GRANT USAGE ON SEQUENCE public.absence_id_seq TO tocsin_pulse;
GRANT USAGE ON SEQUENCE public.absence_id_seq TO tocsin_worker;
GRANT USAGE ON SEQUENCE public.absence_id_seq TO tocsin_owner;

GRANT SELECT,INSERT,UPDATE ON TABLE public.account TO tocsin_app;
GRANT SELECT,INSERT,UPDATE ON TABLE public.account TO tocsin_pulse;
GRANT SELECT ON TABLE public.account TO tocsin_live;
GRANT SELECT,INSERT,UPDATE ON TABLE public.account TO tocsin_worker;
GRANT SELECT ON TABLE public.account TO tocsin_watchman;
GRANT SELECT ON TABLE public.account TO tocsin_audit;
GRANT SELECT ON TABLE public.account TO tocsin_within;
GRANT SELECT ON TABLE public.account TO tocsin_owner;

GRANT SELECT ON TABLE public.account_emailaddress TO tocsin_app;
GRANT SELECT ON TABLE public.account_emailaddress TO tocsin_pulse;
GRANT SELECT ON TABLE public.account_emailaddress TO tocsin_live;
GRANT SELECT ON TABLE public.account_emailaddress TO tocsin_worker;
GRANT SELECT ON TABLE public.account_emailaddress TO tocsin_watchman;
GRANT SELECT ON TABLE public.account_emailaddress TO tocsin_audit;
GRANT SELECT ON TABLE public.account_emailaddress TO tocsin_within;

GRANT USAGE ON SEQUENCE public.account_emailaddress_id_seq TO tocsin_app;
GRANT USAGE ON SEQUENCE public.account_emailaddress_id_seq TO tocsin_pulse;
GRANT USAGE ON SEQUENCE public.account_emailaddress_id_seq TO tocsin_worker;

GRANT SELECT ON TABLE public.account_emailconfirmation TO tocsin_app;
GRANT SELECT ON TABLE public.account_emailconfirmation TO tocsin_pulse;
GRANT SELECT ON TABLE public.account_emailconfirmation TO tocsin_live;
GRANT SELECT ON TABLE public.account_emailconfirmation TO tocsin_worker;
GRANT SELECT ON TABLE public.account_emailconfirmation TO tocsin_watchman;
GRANT SELECT ON TABLE public.account_emailconfirmation TO tocsin_audit;
GRANT SELECT ON TABLE public.account_emailconfirmation TO tocsin_within;

GRANT USAGE ON SEQUENCE public.account_emailconfirmation_id_seq TO tocsin_app;
GRANT USAGE ON SEQUENCE public.account_emailconfirmation_id_seq TO tocsin_pulse;
GRANT USAGE ON SEQUENCE public.account_emailconfirmation_id_seq TO tocsin_worker;

GRANT USAGE ON SEQUENCE public.account_id_seq TO tocsin_app;
GRANT USAGE ON SEQUENCE public.account_id_seq TO tocsin_pulse;
GRANT USAGE ON SEQUENCE public.account_id_seq TO tocsin_worker;
GRANT USAGE ON SEQUENCE public.account_id_seq TO tocsin_owner;

GRANT SELECT,INSERT,UPDATE ON TABLE public.alert TO tocsin_app;
GRANT SELECT,INSERT,UPDATE ON TABLE public.alert TO tocsin_pulse;
GRANT SELECT ON TABLE public.alert TO tocsin_live;
GRANT SELECT,INSERT,UPDATE ON TABLE public.alert TO tocsin_worker;
GRANT SELECT ON TABLE public.alert TO tocsin_watchman;
GRANT SELECT ON TABLE public.alert TO tocsin_audit;
GRANT SELECT ON TABLE public.alert TO tocsin_within;
GRANT SELECT ON TABLE public.alert TO tocsin_owner;

GRANT USAGE ON SEQUENCE public.alert_id_seq TO tocsin_app;
GRANT USAGE ON SEQUENCE public.alert_id_seq TO tocsin_pulse;
GRANT USAGE ON SEQUENCE public.alert_id_seq TO tocsin_worker;
GRANT USAGE ON SEQUENCE public.alert_id_seq TO tocsin_owner;

GRANT SELECT,INSERT,UPDATE ON TABLE public.api_token TO tocsin_app;
GRANT SELECT ON TABLE public.api_token TO tocsin_owner;

GRANT USAGE ON SEQUENCE public.api_token_id_seq TO tocsin_app;
GRANT USAGE ON SEQUENCE public.api_token_id_seq TO tocsin_pulse;
GRANT USAGE ON SEQUENCE public.api_token_id_seq TO tocsin_worker;
GRANT USAGE ON SEQUENCE public.api_token_id_seq TO tocsin_owner;

GRANT SELECT,INSERT ON TABLE public.audit_run TO tocsin_app;
GRANT SELECT,INSERT ON TABLE public.audit_run TO tocsin_pulse;
GRANT SELECT ON TABLE public.audit_run TO tocsin_live;
GRANT SELECT,INSERT ON TABLE public.audit_run TO tocsin_worker;
GRANT SELECT ON TABLE public.audit_run TO tocsin_watchman;
GRANT SELECT ON TABLE public.audit_run TO tocsin_audit;
GRANT SELECT ON TABLE public.audit_run TO tocsin_within;
GRANT SELECT ON TABLE public.audit_run TO tocsin_owner;

GRANT USAGE ON SEQUENCE public.audit_run_id_seq TO tocsin_app;
GRANT USAGE ON SEQUENCE public.audit_run_id_seq TO tocsin_pulse;
GRANT USAGE ON SEQUENCE public.audit_run_id_seq TO tocsin_worker;
GRANT USAGE ON SEQUENCE public.audit_run_id_seq TO tocsin_owner;

GRANT SELECT ON TABLE public.auth_group TO tocsin_app;
GRANT SELECT ON TABLE public.auth_group TO tocsin_pulse;
GRANT SELECT ON TABLE public.auth_group TO tocsin_live;
GRANT SELECT ON TABLE public.auth_group TO tocsin_worker;
GRANT SELECT ON TABLE public.auth_group TO tocsin_watchman;
GRANT SELECT ON TABLE public.auth_group TO tocsin_audit;
GRANT SELECT ON TABLE public.auth_group TO tocsin_within;

GRANT USAGE ON SEQUENCE public.auth_group_id_seq TO tocsin_app;
GRANT USAGE ON SEQUENCE public.auth_group_id_seq TO tocsin_pulse;
GRANT USAGE ON SEQUENCE public.auth_group_id_seq TO tocsin_worker;

GRANT SELECT ON TABLE public.auth_group_permissions TO tocsin_app;
GRANT SELECT ON TABLE public.auth_group_permissions TO tocsin_pulse;
GRANT SELECT ON TABLE public.auth_group_permissions TO tocsin_live;
GRANT SELECT ON TABLE public.auth_group_permissions TO tocsin_worker;
GRANT SELECT ON TABLE public.auth_group_permissions TO tocsin_watchman;
GRANT SELECT ON TABLE public.auth_group_permissions TO tocsin_audit;
GRANT SELECT ON TABLE public.auth_group_permissions TO tocsin_within;

GRANT USAGE ON SEQUENCE public.auth_group_permissions_id_seq TO tocsin_app;
GRANT USAGE ON SEQUENCE public.auth_group_permissions_id_seq TO tocsin_pulse;
GRANT USAGE ON SEQUENCE public.auth_group_permissions_id_seq TO tocsin_worker;

GRANT SELECT ON TABLE public.auth_permission TO tocsin_app;
GRANT SELECT ON TABLE public.auth_permission TO tocsin_pulse;
GRANT SELECT ON TABLE public.auth_permission TO tocsin_live;
GRANT SELECT ON TABLE public.auth_permission TO tocsin_worker;
GRANT SELECT ON TABLE public.auth_permission TO tocsin_watchman;
GRANT SELECT ON TABLE public.auth_permission TO tocsin_audit;
GRANT SELECT ON TABLE public.auth_permission TO tocsin_within;

GRANT USAGE ON SEQUENCE public.auth_permission_id_seq TO tocsin_app;
GRANT USAGE ON SEQUENCE public.auth_permission_id_seq TO tocsin_pulse;
GRANT USAGE ON SEQUENCE public.auth_permission_id_seq TO tocsin_worker;

GRANT SELECT ON TABLE public.batch TO tocsin_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.batch TO tocsin_pulse;
GRANT SELECT ON TABLE public.batch TO tocsin_live;
GRANT SELECT ON TABLE public.batch TO tocsin_worker;
GRANT SELECT ON TABLE public.batch TO tocsin_watchman;
GRANT SELECT ON TABLE public.batch TO tocsin_audit;
GRANT SELECT ON TABLE public.batch TO tocsin_within;
GRANT SELECT,DELETE ON TABLE public.batch TO tocsin_owner;

GRANT USAGE ON SEQUENCE public.batch_id_seq TO tocsin_app;
GRANT USAGE ON SEQUENCE public.batch_id_seq TO tocsin_pulse;
GRANT USAGE ON SEQUENCE public.batch_id_seq TO tocsin_worker;
GRANT USAGE ON SEQUENCE public.batch_id_seq TO tocsin_owner;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.beat TO tocsin_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.beat TO tocsin_pulse;
GRANT SELECT ON TABLE public.beat TO tocsin_live;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.beat TO tocsin_worker;
GRANT SELECT ON TABLE public.beat TO tocsin_watchman;
GRANT SELECT ON TABLE public.beat TO tocsin_audit;
GRANT SELECT ON TABLE public.beat TO tocsin_within;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.beat TO tocsin_owner;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.cache TO tocsin_app;

GRANT SELECT,INSERT ON TABLE public.calendar_version TO tocsin_app;
GRANT SELECT,INSERT ON TABLE public.calendar_version TO tocsin_pulse;
GRANT SELECT ON TABLE public.calendar_version TO tocsin_live;
GRANT SELECT,INSERT ON TABLE public.calendar_version TO tocsin_worker;
GRANT SELECT ON TABLE public.calendar_version TO tocsin_watchman;
GRANT SELECT ON TABLE public.calendar_version TO tocsin_audit;
GRANT SELECT ON TABLE public.calendar_version TO tocsin_within;
GRANT SELECT ON TABLE public.calendar_version TO tocsin_owner;

GRANT USAGE ON SEQUENCE public.calendar_version_id_seq TO tocsin_app;
GRANT USAGE ON SEQUENCE public.calendar_version_id_seq TO tocsin_pulse;
GRANT USAGE ON SEQUENCE public.calendar_version_id_seq TO tocsin_worker;
GRANT USAGE ON SEQUENCE public.calendar_version_id_seq TO tocsin_owner;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.clock TO tocsin_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.clock TO tocsin_pulse;
GRANT SELECT ON TABLE public.clock TO tocsin_live;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.clock TO tocsin_worker;
GRANT SELECT ON TABLE public.clock TO tocsin_watchman;
GRANT SELECT ON TABLE public.clock TO tocsin_audit;
GRANT SELECT ON TABLE public.clock TO tocsin_within;
GRANT SELECT ON TABLE public.clock TO tocsin_owner;

GRANT USAGE ON SEQUENCE public.clock_id_seq TO tocsin_app;
GRANT USAGE ON SEQUENCE public.clock_id_seq TO tocsin_pulse;
GRANT USAGE ON SEQUENCE public.clock_id_seq TO tocsin_worker;
GRANT USAGE ON SEQUENCE public.clock_id_seq TO tocsin_owner;

GRANT SELECT,INSERT ON TABLE public.config_version TO tocsin_app;
GRANT SELECT,INSERT ON TABLE public.config_version TO tocsin_pulse;
GRANT SELECT ON TABLE public.config_version TO tocsin_live;
GRANT SELECT,INSERT ON TABLE public.config_version TO tocsin_worker;
GRANT SELECT ON TABLE public.config_version TO tocsin_watchman;
GRANT SELECT ON TABLE public.config_version TO tocsin_audit;
GRANT SELECT ON TABLE public.config_version TO tocsin_within;
GRANT SELECT ON TABLE public.config_version TO tocsin_owner;

GRANT USAGE ON SEQUENCE public.config_version_id_seq TO tocsin_app;
GRANT USAGE ON SEQUENCE public.config_version_id_seq TO tocsin_pulse;
GRANT USAGE ON SEQUENCE public.config_version_id_seq TO tocsin_worker;
GRANT USAGE ON SEQUENCE public.config_version_id_seq TO tocsin_owner;

GRANT SELECT,INSERT,UPDATE ON TABLE public.contact TO tocsin_app;
GRANT SELECT,INSERT,UPDATE ON TABLE public.contact TO tocsin_pulse;
GRANT SELECT ON TABLE public.contact TO tocsin_live;
GRANT SELECT,INSERT,UPDATE ON TABLE public.contact TO tocsin_worker;
GRANT SELECT ON TABLE public.contact TO tocsin_watchman;
GRANT SELECT ON TABLE public.contact TO tocsin_audit;
GRANT SELECT ON TABLE public.contact TO tocsin_within;
GRANT SELECT ON TABLE public.contact TO tocsin_owner;

GRANT USAGE ON SEQUENCE public.contact_id_seq TO tocsin_app;
GRANT USAGE ON SEQUENCE public.contact_id_seq TO tocsin_pulse;
GRANT USAGE ON SEQUENCE public.contact_id_seq TO tocsin_worker;
GRANT USAGE ON SEQUENCE public.contact_id_seq TO tocsin_owner;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.contact_method TO tocsin_app;
GRANT SELECT,INSERT,UPDATE ON TABLE public.contact_method TO tocsin_pulse;
GRANT SELECT ON TABLE public.contact_method TO tocsin_live;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.contact_method TO tocsin_worker;
GRANT SELECT ON TABLE public.contact_method TO tocsin_watchman;
GRANT SELECT ON TABLE public.contact_method TO tocsin_audit;
GRANT SELECT ON TABLE public.contact_method TO tocsin_within;
GRANT SELECT ON TABLE public.contact_method TO tocsin_owner;

GRANT USAGE ON SEQUENCE public.contact_method_id_seq TO tocsin_app;
GRANT USAGE ON SEQUENCE public.contact_method_id_seq TO tocsin_pulse;
GRANT USAGE ON SEQUENCE public.contact_method_id_seq TO tocsin_worker;
GRANT USAGE ON SEQUENCE public.contact_method_id_seq TO tocsin_owner;

GRANT SELECT,INSERT,UPDATE ON TABLE public.counter TO tocsin_app;
GRANT SELECT,INSERT,UPDATE ON TABLE public.counter TO tocsin_pulse;
GRANT SELECT ON TABLE public.counter TO tocsin_live;
GRANT SELECT,INSERT,UPDATE ON TABLE public.counter TO tocsin_worker;
GRANT SELECT ON TABLE public.counter TO tocsin_watchman;
GRANT SELECT ON TABLE public.counter TO tocsin_audit;
GRANT SELECT ON TABLE public.counter TO tocsin_within;
GRANT SELECT,INSERT,UPDATE ON TABLE public.counter TO tocsin_owner;

GRANT USAGE ON SEQUENCE public.counter_id_seq TO tocsin_app;
GRANT USAGE ON SEQUENCE public.counter_id_seq TO tocsin_pulse;
GRANT USAGE ON SEQUENCE public.counter_id_seq TO tocsin_worker;
GRANT USAGE ON SEQUENCE public.counter_id_seq TO tocsin_owner;

GRANT SELECT,INSERT ON TABLE public.delivery_attempt TO tocsin_app;
GRANT SELECT,INSERT ON TABLE public.delivery_attempt TO tocsin_pulse;
GRANT SELECT ON TABLE public.delivery_attempt TO tocsin_live;
GRANT SELECT,INSERT ON TABLE public.delivery_attempt TO tocsin_worker;
GRANT SELECT ON TABLE public.delivery_attempt TO tocsin_watchman;
GRANT SELECT ON TABLE public.delivery_attempt TO tocsin_audit;
GRANT SELECT ON TABLE public.delivery_attempt TO tocsin_within;
GRANT SELECT ON TABLE public.delivery_attempt TO tocsin_owner;

GRANT USAGE ON SEQUENCE public.delivery_attempt_id_seq TO tocsin_app;
GRANT USAGE ON SEQUENCE public.delivery_attempt_id_seq TO tocsin_pulse;
GRANT USAGE ON SEQUENCE public.delivery_attempt_id_seq TO tocsin_worker;
GRANT USAGE ON SEQUENCE public.delivery_attempt_id_seq TO tocsin_owner;

GRANT SELECT ON TABLE public.django_content_type TO tocsin_app;
GRANT SELECT ON TABLE public.django_content_type TO tocsin_pulse;
GRANT SELECT ON TABLE public.django_content_type TO tocsin_live;
GRANT SELECT ON TABLE public.django_content_type TO tocsin_worker;
GRANT SELECT ON TABLE public.django_content_type TO tocsin_watchman;
GRANT SELECT ON TABLE public.django_content_type TO tocsin_audit;
GRANT SELECT ON TABLE public.django_content_type TO tocsin_within;

GRANT USAGE ON SEQUENCE public.django_content_type_id_seq TO tocsin_app;
GRANT USAGE ON SEQUENCE public.django_content_type_id_seq TO tocsin_pulse;
GRANT USAGE ON SEQUENCE public.django_content_type_id_seq TO tocsin_worker;

GRANT SELECT ON TABLE public.django_migrations TO tocsin_app;
GRANT SELECT ON TABLE public.django_migrations TO tocsin_pulse;
GRANT SELECT ON TABLE public.django_migrations TO tocsin_live;
GRANT SELECT ON TABLE public.django_migrations TO tocsin_worker;
GRANT SELECT ON TABLE public.django_migrations TO tocsin_watchman;
GRANT SELECT ON TABLE public.django_migrations TO tocsin_audit;
GRANT SELECT ON TABLE public.django_migrations TO tocsin_within;
GRANT SELECT ON TABLE public.django_migrations TO tocsin_owner;

GRANT USAGE ON SEQUENCE public.django_migrations_id_seq TO tocsin_app;
GRANT USAGE ON SEQUENCE public.django_migrations_id_seq TO tocsin_pulse;
GRANT USAGE ON SEQUENCE public.django_migrations_id_seq TO tocsin_worker;
GRANT USAGE ON SEQUENCE public.django_migrations_id_seq TO tocsin_owner;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.django_session TO tocsin_app;
GRANT SELECT ON TABLE public.django_session TO tocsin_owner;
GRANT SELECT ON TABLE public.django_session TO tocsin_live;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.draft TO tocsin_app;
GRANT SELECT,INSERT,UPDATE ON TABLE public.draft TO tocsin_pulse;
GRANT SELECT ON TABLE public.draft TO tocsin_live;
GRANT SELECT,INSERT,UPDATE ON TABLE public.draft TO tocsin_worker;
GRANT SELECT ON TABLE public.draft TO tocsin_watchman;
GRANT SELECT ON TABLE public.draft TO tocsin_audit;
GRANT SELECT ON TABLE public.draft TO tocsin_within;
GRANT SELECT ON TABLE public.draft TO tocsin_owner;

GRANT USAGE ON SEQUENCE public.draft_id_seq TO tocsin_app;
GRANT USAGE ON SEQUENCE public.draft_id_seq TO tocsin_pulse;
GRANT USAGE ON SEQUENCE public.draft_id_seq TO tocsin_worker;
GRANT USAGE ON SEQUENCE public.draft_id_seq TO tocsin_owner;

GRANT SELECT,INSERT,UPDATE ON TABLE public.escalation TO tocsin_app;
GRANT SELECT,INSERT,UPDATE ON TABLE public.escalation TO tocsin_pulse;
GRANT SELECT ON TABLE public.escalation TO tocsin_live;
GRANT SELECT,INSERT,UPDATE ON TABLE public.escalation TO tocsin_worker;
GRANT SELECT ON TABLE public.escalation TO tocsin_watchman;
GRANT SELECT ON TABLE public.escalation TO tocsin_audit;
GRANT SELECT ON TABLE public.escalation TO tocsin_within;
GRANT SELECT ON TABLE public.escalation TO tocsin_owner;

GRANT USAGE ON SEQUENCE public.escalation_id_seq TO tocsin_app;
GRANT USAGE ON SEQUENCE public.escalation_id_seq TO tocsin_pulse;
GRANT USAGE ON SEQUENCE public.escalation_id_seq TO tocsin_worker;
GRANT USAGE ON SEQUENCE public.escalation_id_seq TO tocsin_owner;

GRANT SELECT,INSERT ON TABLE public.event TO tocsin_app;
GRANT SELECT,INSERT ON TABLE public.event TO tocsin_pulse;
GRANT SELECT ON TABLE public.event TO tocsin_live;
GRANT SELECT,INSERT ON TABLE public.event TO tocsin_worker;
GRANT SELECT ON TABLE public.event TO tocsin_watchman;
GRANT SELECT ON TABLE public.event TO tocsin_audit;
GRANT SELECT ON TABLE public.event TO tocsin_within;
GRANT SELECT ON TABLE public.event TO tocsin_owner;

GRANT SELECT,INSERT,DELETE ON TABLE public.event_content TO tocsin_app;
GRANT SELECT,INSERT ON TABLE public.event_content TO tocsin_pulse;
GRANT SELECT ON TABLE public.event_content TO tocsin_live;
GRANT SELECT,INSERT ON TABLE public.event_content TO tocsin_worker;
GRANT SELECT ON TABLE public.event_content TO tocsin_watchman;
GRANT SELECT ON TABLE public.event_content TO tocsin_audit;
GRANT SELECT ON TABLE public.event_content TO tocsin_within;
GRANT SELECT ON TABLE public.event_content TO tocsin_owner;

GRANT USAGE ON SEQUENCE public.event_content_id_seq TO tocsin_app;
GRANT USAGE ON SEQUENCE public.event_content_id_seq TO tocsin_pulse;
GRANT USAGE ON SEQUENCE public.event_content_id_seq TO tocsin_worker;
GRANT USAGE ON SEQUENCE public.event_content_id_seq TO tocsin_owner;

GRANT USAGE ON SEQUENCE public.event_id_seq TO tocsin_app;
GRANT USAGE ON SEQUENCE public.event_id_seq TO tocsin_pulse;
GRANT USAGE ON SEQUENCE public.event_id_seq TO tocsin_worker;
GRANT USAGE ON SEQUENCE public.event_id_seq TO tocsin_owner;

GRANT SELECT,INSERT,UPDATE ON TABLE public.export TO tocsin_app;
GRANT SELECT ON TABLE public.export TO tocsin_pulse;
GRANT SELECT ON TABLE public.export TO tocsin_live;
GRANT SELECT ON TABLE public.export TO tocsin_worker;
GRANT SELECT ON TABLE public.export TO tocsin_watchman;
GRANT SELECT ON TABLE public.export TO tocsin_audit;
GRANT SELECT ON TABLE public.export TO tocsin_within;
GRANT SELECT ON TABLE public.export TO tocsin_owner;

GRANT USAGE ON SEQUENCE public.export_id_seq TO tocsin_app;
GRANT USAGE ON SEQUENCE public.export_id_seq TO tocsin_pulse;
GRANT USAGE ON SEQUENCE public.export_id_seq TO tocsin_worker;
GRANT USAGE ON SEQUENCE public.export_id_seq TO tocsin_owner;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.field_rule TO tocsin_app;
GRANT SELECT ON TABLE public.field_rule TO tocsin_pulse;
GRANT SELECT ON TABLE public.field_rule TO tocsin_live;
GRANT SELECT ON TABLE public.field_rule TO tocsin_worker;
GRANT SELECT ON TABLE public.field_rule TO tocsin_watchman;
GRANT SELECT ON TABLE public.field_rule TO tocsin_audit;
GRANT SELECT ON TABLE public.field_rule TO tocsin_within;
GRANT SELECT ON TABLE public.field_rule TO tocsin_owner;

GRANT USAGE ON SEQUENCE public.field_rule_id_seq TO tocsin_app;
GRANT USAGE ON SEQUENCE public.field_rule_id_seq TO tocsin_pulse;
GRANT USAGE ON SEQUENCE public.field_rule_id_seq TO tocsin_worker;
GRANT USAGE ON SEQUENCE public.field_rule_id_seq TO tocsin_owner;

GRANT SELECT ON TABLE public.gate TO tocsin_app;
GRANT SELECT ON TABLE public.gate TO tocsin_pulse;
GRANT SELECT ON TABLE public.gate TO tocsin_live;
GRANT SELECT ON TABLE public.gate TO tocsin_worker;
GRANT SELECT ON TABLE public.gate TO tocsin_watchman;
GRANT SELECT ON TABLE public.gate TO tocsin_audit;
GRANT SELECT ON TABLE public.gate TO tocsin_within;
GRANT SELECT,UPDATE ON TABLE public.gate TO tocsin_owner;

GRANT USAGE ON SEQUENCE public.gate_id_seq TO tocsin_app;
GRANT USAGE ON SEQUENCE public.gate_id_seq TO tocsin_pulse;
GRANT USAGE ON SEQUENCE public.gate_id_seq TO tocsin_worker;
GRANT USAGE ON SEQUENCE public.gate_id_seq TO tocsin_owner;

GRANT SELECT,INSERT,UPDATE ON TABLE public.identity_provider TO tocsin_app;
GRANT SELECT ON TABLE public.identity_provider TO tocsin_owner;

GRANT USAGE ON SEQUENCE public.identity_provider_id_seq TO tocsin_app;
GRANT USAGE ON SEQUENCE public.identity_provider_id_seq TO tocsin_pulse;
GRANT USAGE ON SEQUENCE public.identity_provider_id_seq TO tocsin_worker;
GRANT USAGE ON SEQUENCE public.identity_provider_id_seq TO tocsin_owner;

GRANT SELECT,INSERT,UPDATE ON TABLE public.imported TO tocsin_app;
GRANT SELECT,INSERT,UPDATE ON TABLE public.imported TO tocsin_pulse;
GRANT SELECT ON TABLE public.imported TO tocsin_live;
GRANT SELECT,INSERT,UPDATE ON TABLE public.imported TO tocsin_worker;
GRANT SELECT ON TABLE public.imported TO tocsin_watchman;
GRANT SELECT ON TABLE public.imported TO tocsin_audit;
GRANT SELECT ON TABLE public.imported TO tocsin_within;
GRANT SELECT ON TABLE public.imported TO tocsin_owner;

GRANT USAGE ON SEQUENCE public.imported_id_seq TO tocsin_app;
GRANT USAGE ON SEQUENCE public.imported_id_seq TO tocsin_pulse;
GRANT USAGE ON SEQUENCE public.imported_id_seq TO tocsin_worker;
GRANT USAGE ON SEQUENCE public.imported_id_seq TO tocsin_owner;

GRANT SELECT,INSERT,DELETE ON TABLE public.membership TO tocsin_app;
GRANT SELECT,INSERT ON TABLE public.membership TO tocsin_pulse;
GRANT SELECT ON TABLE public.membership TO tocsin_live;
GRANT SELECT,INSERT ON TABLE public.membership TO tocsin_worker;
GRANT SELECT ON TABLE public.membership TO tocsin_watchman;
GRANT SELECT ON TABLE public.membership TO tocsin_audit;
GRANT SELECT ON TABLE public.membership TO tocsin_within;
GRANT SELECT ON TABLE public.membership TO tocsin_owner;

GRANT USAGE ON SEQUENCE public.membership_id_seq TO tocsin_app;
GRANT USAGE ON SEQUENCE public.membership_id_seq TO tocsin_pulse;
GRANT USAGE ON SEQUENCE public.membership_id_seq TO tocsin_worker;
GRANT USAGE ON SEQUENCE public.membership_id_seq TO tocsin_owner;

GRANT SELECT,INSERT,UPDATE ON TABLE public.message TO tocsin_app;
GRANT SELECT,INSERT,UPDATE ON TABLE public.message TO tocsin_pulse;
GRANT SELECT ON TABLE public.message TO tocsin_live;
GRANT SELECT,INSERT,UPDATE ON TABLE public.message TO tocsin_worker;
GRANT SELECT ON TABLE public.message TO tocsin_watchman;
GRANT SELECT ON TABLE public.message TO tocsin_audit;
GRANT SELECT ON TABLE public.message TO tocsin_within;
GRANT SELECT ON TABLE public.message TO tocsin_owner;

GRANT USAGE ON SEQUENCE public.message_id_seq TO tocsin_app;
GRANT USAGE ON SEQUENCE public.message_id_seq TO tocsin_pulse;
GRANT USAGE ON SEQUENCE public.message_id_seq TO tocsin_worker;
GRANT USAGE ON SEQUENCE public.message_id_seq TO tocsin_owner;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.mfa_authenticator TO tocsin_app;

GRANT USAGE ON SEQUENCE public.mfa_authenticator_id_seq TO tocsin_app;
GRANT USAGE ON SEQUENCE public.mfa_authenticator_id_seq TO tocsin_pulse;
GRANT USAGE ON SEQUENCE public.mfa_authenticator_id_seq TO tocsin_worker;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.network_rule TO tocsin_app;
GRANT SELECT ON TABLE public.network_rule TO tocsin_pulse;
GRANT SELECT ON TABLE public.network_rule TO tocsin_live;
GRANT SELECT ON TABLE public.network_rule TO tocsin_worker;
GRANT SELECT ON TABLE public.network_rule TO tocsin_watchman;
GRANT SELECT ON TABLE public.network_rule TO tocsin_audit;
GRANT SELECT ON TABLE public.network_rule TO tocsin_within;
GRANT SELECT ON TABLE public.network_rule TO tocsin_owner;

GRANT USAGE ON SEQUENCE public.network_rule_id_seq TO tocsin_app;
GRANT USAGE ON SEQUENCE public.network_rule_id_seq TO tocsin_pulse;
GRANT USAGE ON SEQUENCE public.network_rule_id_seq TO tocsin_worker;
GRANT USAGE ON SEQUENCE public.network_rule_id_seq TO tocsin_owner;

GRANT SELECT,INSERT,UPDATE ON TABLE public.notification TO tocsin_app;
GRANT SELECT,INSERT,UPDATE ON TABLE public.notification TO tocsin_pulse;
GRANT SELECT ON TABLE public.notification TO tocsin_live;
GRANT SELECT,INSERT,UPDATE ON TABLE public.notification TO tocsin_worker;
GRANT SELECT ON TABLE public.notification TO tocsin_watchman;
GRANT SELECT ON TABLE public.notification TO tocsin_audit;
GRANT SELECT ON TABLE public.notification TO tocsin_within;
GRANT SELECT ON TABLE public.notification TO tocsin_owner;

GRANT USAGE ON SEQUENCE public.notification_id_seq TO tocsin_app;
GRANT USAGE ON SEQUENCE public.notification_id_seq TO tocsin_pulse;
GRANT USAGE ON SEQUENCE public.notification_id_seq TO tocsin_worker;
GRANT USAGE ON SEQUENCE public.notification_id_seq TO tocsin_owner;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.on_call_override TO tocsin_app;
GRANT SELECT,INSERT,UPDATE ON TABLE public.on_call_override TO tocsin_pulse;
GRANT SELECT ON TABLE public.on_call_override TO tocsin_live;
GRANT SELECT,INSERT,UPDATE ON TABLE public.on_call_override TO tocsin_worker;
GRANT SELECT ON TABLE public.on_call_override TO tocsin_watchman;
GRANT SELECT ON TABLE public.on_call_override TO tocsin_audit;
GRANT SELECT ON TABLE public.on_call_override TO tocsin_within;
GRANT SELECT ON TABLE public.on_call_override TO tocsin_owner;

GRANT USAGE ON SEQUENCE public.on_call_override_id_seq TO tocsin_app;
GRANT USAGE ON SEQUENCE public.on_call_override_id_seq TO tocsin_pulse;
GRANT USAGE ON SEQUENCE public.on_call_override_id_seq TO tocsin_worker;
GRANT USAGE ON SEQUENCE public.on_call_override_id_seq TO tocsin_owner;

GRANT SELECT,INSERT,UPDATE ON TABLE public.one_time_link TO tocsin_app;
GRANT SELECT ON TABLE public.one_time_link TO tocsin_owner;

GRANT USAGE ON SEQUENCE public.one_time_link_id_seq TO tocsin_app;
GRANT USAGE ON SEQUENCE public.one_time_link_id_seq TO tocsin_pulse;
GRANT USAGE ON SEQUENCE public.one_time_link_id_seq TO tocsin_worker;
GRANT USAGE ON SEQUENCE public.one_time_link_id_seq TO tocsin_owner;

GRANT SELECT,INSERT,UPDATE ON TABLE public.outbox TO tocsin_app;
GRANT SELECT,INSERT,UPDATE ON TABLE public.outbox TO tocsin_pulse;
GRANT SELECT ON TABLE public.outbox TO tocsin_live;
GRANT SELECT,INSERT,UPDATE ON TABLE public.outbox TO tocsin_worker;
GRANT SELECT ON TABLE public.outbox TO tocsin_watchman;
GRANT SELECT ON TABLE public.outbox TO tocsin_audit;
GRANT SELECT ON TABLE public.outbox TO tocsin_within;
GRANT SELECT,UPDATE ON TABLE public.outbox TO tocsin_owner;

GRANT USAGE ON SEQUENCE public.outbox_id_seq TO tocsin_app;
GRANT USAGE ON SEQUENCE public.outbox_id_seq TO tocsin_pulse;
GRANT USAGE ON SEQUENCE public.outbox_id_seq TO tocsin_worker;
GRANT USAGE ON SEQUENCE public.outbox_id_seq TO tocsin_owner;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.participant TO tocsin_app;
GRANT SELECT,INSERT,UPDATE ON TABLE public.participant TO tocsin_pulse;
GRANT SELECT ON TABLE public.participant TO tocsin_live;
GRANT SELECT,INSERT,UPDATE ON TABLE public.participant TO tocsin_worker;
GRANT SELECT ON TABLE public.participant TO tocsin_watchman;
GRANT SELECT ON TABLE public.participant TO tocsin_audit;
GRANT SELECT ON TABLE public.participant TO tocsin_within;
GRANT SELECT ON TABLE public.participant TO tocsin_owner;

GRANT USAGE ON SEQUENCE public.participant_id_seq TO tocsin_app;
GRANT USAGE ON SEQUENCE public.participant_id_seq TO tocsin_pulse;
GRANT USAGE ON SEQUENCE public.participant_id_seq TO tocsin_worker;
GRANT USAGE ON SEQUENCE public.participant_id_seq TO tocsin_owner;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.permission_grant TO tocsin_app;
GRANT SELECT ON TABLE public.permission_grant TO tocsin_pulse;
GRANT SELECT ON TABLE public.permission_grant TO tocsin_live;
GRANT SELECT ON TABLE public.permission_grant TO tocsin_worker;
GRANT SELECT ON TABLE public.permission_grant TO tocsin_watchman;
GRANT SELECT ON TABLE public.permission_grant TO tocsin_audit;
GRANT SELECT ON TABLE public.permission_grant TO tocsin_within;
GRANT SELECT ON TABLE public.permission_grant TO tocsin_owner;

GRANT USAGE ON SEQUENCE public.permission_grant_id_seq TO tocsin_app;
GRANT USAGE ON SEQUENCE public.permission_grant_id_seq TO tocsin_pulse;
GRANT USAGE ON SEQUENCE public.permission_grant_id_seq TO tocsin_worker;
GRANT USAGE ON SEQUENCE public.permission_grant_id_seq TO tocsin_owner;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.permission_set TO tocsin_app;
GRANT SELECT ON TABLE public.permission_set TO tocsin_pulse;
GRANT SELECT ON TABLE public.permission_set TO tocsin_live;
GRANT SELECT ON TABLE public.permission_set TO tocsin_worker;
GRANT SELECT ON TABLE public.permission_set TO tocsin_watchman;
GRANT SELECT ON TABLE public.permission_set TO tocsin_audit;
GRANT SELECT ON TABLE public.permission_set TO tocsin_within;
GRANT SELECT ON TABLE public.permission_set TO tocsin_owner;

GRANT USAGE ON SEQUENCE public.permission_set_id_seq TO tocsin_app;
GRANT USAGE ON SEQUENCE public.permission_set_id_seq TO tocsin_pulse;
GRANT USAGE ON SEQUENCE public.permission_set_id_seq TO tocsin_worker;
GRANT USAGE ON SEQUENCE public.permission_set_id_seq TO tocsin_owner;

GRANT SELECT,INSERT,UPDATE ON TABLE public.person TO tocsin_app;
GRANT INSERT,UPDATE ON TABLE public.person TO tocsin_pulse;
GRANT INSERT,UPDATE ON TABLE public.person TO tocsin_worker;
GRANT SELECT ON TABLE public.person TO tocsin_owner;

GRANT SELECT(id) ON TABLE public.person TO tocsin_pulse;
GRANT SELECT(id) ON TABLE public.person TO tocsin_worker;
GRANT SELECT(id) ON TABLE public.person TO tocsin_watchman;
GRANT SELECT(id) ON TABLE public.person TO tocsin_audit;
GRANT SELECT(id) ON TABLE public.person TO tocsin_live;
GRANT SELECT(id) ON TABLE public.person TO tocsin_within;

GRANT SELECT(email) ON TABLE public.person TO tocsin_pulse;
GRANT SELECT(email) ON TABLE public.person TO tocsin_worker;
GRANT SELECT(email) ON TABLE public.person TO tocsin_watchman;
GRANT SELECT(email) ON TABLE public.person TO tocsin_audit;
GRANT SELECT(email) ON TABLE public.person TO tocsin_live;
GRANT SELECT(email) ON TABLE public.person TO tocsin_within;

GRANT SELECT(email_key) ON TABLE public.person TO tocsin_pulse;
GRANT SELECT(email_key) ON TABLE public.person TO tocsin_worker;
GRANT SELECT(email_key) ON TABLE public.person TO tocsin_watchman;
GRANT SELECT(email_key) ON TABLE public.person TO tocsin_audit;
GRANT SELECT(email_key) ON TABLE public.person TO tocsin_live;
GRANT SELECT(email_key) ON TABLE public.person TO tocsin_within;

GRANT SELECT(name) ON TABLE public.person TO tocsin_pulse;
GRANT SELECT(name) ON TABLE public.person TO tocsin_worker;
GRANT SELECT(name) ON TABLE public.person TO tocsin_watchman;
GRANT SELECT(name) ON TABLE public.person TO tocsin_audit;
GRANT SELECT(name) ON TABLE public.person TO tocsin_live;
GRANT SELECT(name) ON TABLE public.person TO tocsin_within;

GRANT SELECT(role) ON TABLE public.person TO tocsin_pulse;
GRANT SELECT(role) ON TABLE public.person TO tocsin_worker;
GRANT SELECT(role) ON TABLE public.person TO tocsin_watchman;
GRANT SELECT(role) ON TABLE public.person TO tocsin_audit;
GRANT SELECT(role) ON TABLE public.person TO tocsin_live;
GRANT SELECT(role) ON TABLE public.person TO tocsin_within;

GRANT SELECT(level) ON TABLE public.person TO tocsin_pulse;
GRANT SELECT(level) ON TABLE public.person TO tocsin_worker;
GRANT SELECT(level) ON TABLE public.person TO tocsin_watchman;
GRANT SELECT(level) ON TABLE public.person TO tocsin_audit;
GRANT SELECT(level) ON TABLE public.person TO tocsin_live;
GRANT SELECT(level) ON TABLE public.person TO tocsin_within;

GRANT SELECT(is_active) ON TABLE public.person TO tocsin_pulse;
GRANT SELECT(is_active) ON TABLE public.person TO tocsin_worker;
GRANT SELECT(is_active) ON TABLE public.person TO tocsin_watchman;
GRANT SELECT(is_active) ON TABLE public.person TO tocsin_audit;
GRANT SELECT(is_active) ON TABLE public.person TO tocsin_live;
GRANT SELECT(is_active) ON TABLE public.person TO tocsin_within;

GRANT SELECT(language) ON TABLE public.person TO tocsin_pulse;
GRANT SELECT(language) ON TABLE public.person TO tocsin_worker;
GRANT SELECT(language) ON TABLE public.person TO tocsin_watchman;
GRANT SELECT(language) ON TABLE public.person TO tocsin_audit;
GRANT SELECT(language) ON TABLE public.person TO tocsin_live;
GRANT SELECT(language) ON TABLE public.person TO tocsin_within;

GRANT SELECT(zone) ON TABLE public.person TO tocsin_pulse;
GRANT SELECT(zone) ON TABLE public.person TO tocsin_worker;
GRANT SELECT(zone) ON TABLE public.person TO tocsin_watchman;
GRANT SELECT(zone) ON TABLE public.person TO tocsin_audit;
GRANT SELECT(zone) ON TABLE public.person TO tocsin_live;
GRANT SELECT(zone) ON TABLE public.person TO tocsin_within;

GRANT SELECT(quiet_from) ON TABLE public.person TO tocsin_pulse;
GRANT SELECT(quiet_from) ON TABLE public.person TO tocsin_worker;
GRANT SELECT(quiet_from) ON TABLE public.person TO tocsin_watchman;
GRANT SELECT(quiet_from) ON TABLE public.person TO tocsin_audit;
GRANT SELECT(quiet_from) ON TABLE public.person TO tocsin_live;
GRANT SELECT(quiet_from) ON TABLE public.person TO tocsin_within;

GRANT SELECT(quiet_until) ON TABLE public.person TO tocsin_pulse;
GRANT SELECT(quiet_until) ON TABLE public.person TO tocsin_worker;
GRANT SELECT(quiet_until) ON TABLE public.person TO tocsin_watchman;
GRANT SELECT(quiet_until) ON TABLE public.person TO tocsin_audit;
GRANT SELECT(quiet_until) ON TABLE public.person TO tocsin_live;
GRANT SELECT(quiet_until) ON TABLE public.person TO tocsin_within;

GRANT SELECT(external_id) ON TABLE public.person TO tocsin_pulse;
GRANT SELECT(external_id) ON TABLE public.person TO tocsin_worker;
GRANT SELECT(external_id) ON TABLE public.person TO tocsin_watchman;
GRANT SELECT(external_id) ON TABLE public.person TO tocsin_audit;
GRANT SELECT(external_id) ON TABLE public.person TO tocsin_live;
GRANT SELECT(external_id) ON TABLE public.person TO tocsin_within;

GRANT SELECT(manager_id) ON TABLE public.person TO tocsin_pulse;
GRANT SELECT(manager_id) ON TABLE public.person TO tocsin_worker;
GRANT SELECT(manager_id) ON TABLE public.person TO tocsin_watchman;
GRANT SELECT(manager_id) ON TABLE public.person TO tocsin_audit;
GRANT SELECT(manager_id) ON TABLE public.person TO tocsin_live;
GRANT SELECT(manager_id) ON TABLE public.person TO tocsin_within;

GRANT SELECT(tenant_id) ON TABLE public.person TO tocsin_pulse;
GRANT SELECT(tenant_id) ON TABLE public.person TO tocsin_worker;
GRANT SELECT(tenant_id) ON TABLE public.person TO tocsin_watchman;
GRANT SELECT(tenant_id) ON TABLE public.person TO tocsin_audit;
GRANT SELECT(tenant_id) ON TABLE public.person TO tocsin_live;
GRANT SELECT(tenant_id) ON TABLE public.person TO tocsin_within;

GRANT USAGE ON SEQUENCE public.person_id_seq TO tocsin_app;
GRANT USAGE ON SEQUENCE public.person_id_seq TO tocsin_pulse;
GRANT USAGE ON SEQUENCE public.person_id_seq TO tocsin_worker;
GRANT USAGE ON SEQUENCE public.person_id_seq TO tocsin_owner;

GRANT SELECT,INSERT,UPDATE ON TABLE public.pipeline TO tocsin_app;
GRANT SELECT,INSERT,UPDATE ON TABLE public.pipeline TO tocsin_pulse;
GRANT SELECT ON TABLE public.pipeline TO tocsin_live;
GRANT SELECT,INSERT,UPDATE ON TABLE public.pipeline TO tocsin_worker;
GRANT SELECT ON TABLE public.pipeline TO tocsin_watchman;
GRANT SELECT ON TABLE public.pipeline TO tocsin_audit;
GRANT SELECT ON TABLE public.pipeline TO tocsin_within;
GRANT SELECT ON TABLE public.pipeline TO tocsin_owner;

GRANT USAGE ON SEQUENCE public.pipeline_id_seq TO tocsin_app;
GRANT USAGE ON SEQUENCE public.pipeline_id_seq TO tocsin_pulse;
GRANT USAGE ON SEQUENCE public.pipeline_id_seq TO tocsin_worker;
GRANT USAGE ON SEQUENCE public.pipeline_id_seq TO tocsin_owner;

GRANT SELECT,INSERT ON TABLE public.pipeline_version TO tocsin_app;
GRANT SELECT,INSERT ON TABLE public.pipeline_version TO tocsin_pulse;
GRANT SELECT ON TABLE public.pipeline_version TO tocsin_live;
GRANT SELECT,INSERT ON TABLE public.pipeline_version TO tocsin_worker;
GRANT SELECT ON TABLE public.pipeline_version TO tocsin_watchman;
GRANT SELECT ON TABLE public.pipeline_version TO tocsin_audit;
GRANT SELECT ON TABLE public.pipeline_version TO tocsin_within;
GRANT SELECT ON TABLE public.pipeline_version TO tocsin_owner;

GRANT USAGE ON SEQUENCE public.pipeline_version_id_seq TO tocsin_app;
GRANT USAGE ON SEQUENCE public.pipeline_version_id_seq TO tocsin_pulse;
GRANT USAGE ON SEQUENCE public.pipeline_version_id_seq TO tocsin_worker;
GRANT USAGE ON SEQUENCE public.pipeline_version_id_seq TO tocsin_owner;

GRANT SELECT,INSERT ON TABLE public.policy_version TO tocsin_app;
GRANT SELECT,INSERT ON TABLE public.policy_version TO tocsin_pulse;
GRANT SELECT ON TABLE public.policy_version TO tocsin_live;
GRANT SELECT,INSERT ON TABLE public.policy_version TO tocsin_worker;
GRANT SELECT ON TABLE public.policy_version TO tocsin_watchman;
GRANT SELECT ON TABLE public.policy_version TO tocsin_audit;
GRANT SELECT ON TABLE public.policy_version TO tocsin_within;
GRANT SELECT ON TABLE public.policy_version TO tocsin_owner;

GRANT USAGE ON SEQUENCE public.policy_version_id_seq TO tocsin_app;
GRANT USAGE ON SEQUENCE public.policy_version_id_seq TO tocsin_pulse;
GRANT USAGE ON SEQUENCE public.policy_version_id_seq TO tocsin_worker;
GRANT USAGE ON SEQUENCE public.policy_version_id_seq TO tocsin_owner;

GRANT SELECT ON TABLE public."position" TO tocsin_app;
GRANT SELECT ON TABLE public."position" TO tocsin_pulse;
GRANT SELECT ON TABLE public."position" TO tocsin_live;
GRANT SELECT ON TABLE public."position" TO tocsin_worker;
GRANT SELECT ON TABLE public."position" TO tocsin_watchman;
GRANT SELECT ON TABLE public."position" TO tocsin_audit;
GRANT SELECT ON TABLE public."position" TO tocsin_within;
GRANT SELECT,INSERT ON TABLE public."position" TO tocsin_owner;

GRANT USAGE ON SEQUENCE public.position_id_seq TO tocsin_app;
GRANT USAGE ON SEQUENCE public.position_id_seq TO tocsin_pulse;
GRANT USAGE ON SEQUENCE public.position_id_seq TO tocsin_worker;
GRANT USAGE ON SEQUENCE public.position_id_seq TO tocsin_owner;

GRANT SELECT,INSERT,UPDATE ON TABLE public.provider TO tocsin_app;
GRANT SELECT,INSERT,UPDATE ON TABLE public.provider TO tocsin_pulse;
GRANT SELECT ON TABLE public.provider TO tocsin_live;
GRANT SELECT,INSERT,UPDATE ON TABLE public.provider TO tocsin_worker;
GRANT SELECT ON TABLE public.provider TO tocsin_watchman;
GRANT SELECT ON TABLE public.provider TO tocsin_audit;
GRANT SELECT ON TABLE public.provider TO tocsin_within;
GRANT SELECT ON TABLE public.provider TO tocsin_owner;

GRANT USAGE ON SEQUENCE public.provider_id_seq TO tocsin_app;
GRANT USAGE ON SEQUENCE public.provider_id_seq TO tocsin_pulse;
GRANT USAGE ON SEQUENCE public.provider_id_seq TO tocsin_worker;
GRANT USAGE ON SEQUENCE public.provider_id_seq TO tocsin_owner;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.rate_limit TO tocsin_app;

GRANT SELECT,INSERT,UPDATE ON TABLE public.read_mark TO tocsin_app;
GRANT SELECT ON TABLE public.read_mark TO tocsin_pulse;
GRANT SELECT ON TABLE public.read_mark TO tocsin_live;
GRANT SELECT ON TABLE public.read_mark TO tocsin_worker;
GRANT SELECT ON TABLE public.read_mark TO tocsin_watchman;
GRANT SELECT ON TABLE public.read_mark TO tocsin_audit;
GRANT SELECT ON TABLE public.read_mark TO tocsin_within;
GRANT SELECT ON TABLE public.read_mark TO tocsin_owner;

GRANT USAGE ON SEQUENCE public.read_mark_id_seq TO tocsin_app;
GRANT USAGE ON SEQUENCE public.read_mark_id_seq TO tocsin_pulse;
GRANT USAGE ON SEQUENCE public.read_mark_id_seq TO tocsin_worker;
GRANT USAGE ON SEQUENCE public.read_mark_id_seq TO tocsin_owner;

GRANT SELECT,INSERT ON TABLE public.restatement TO tocsin_app;
GRANT SELECT,INSERT ON TABLE public.restatement TO tocsin_pulse;
GRANT SELECT ON TABLE public.restatement TO tocsin_live;
GRANT SELECT,INSERT ON TABLE public.restatement TO tocsin_worker;
GRANT SELECT ON TABLE public.restatement TO tocsin_watchman;
GRANT SELECT ON TABLE public.restatement TO tocsin_audit;
GRANT SELECT ON TABLE public.restatement TO tocsin_within;
GRANT SELECT ON TABLE public.restatement TO tocsin_owner;

GRANT USAGE ON SEQUENCE public.restatement_id_seq TO tocsin_app;
GRANT USAGE ON SEQUENCE public.restatement_id_seq TO tocsin_pulse;
GRANT USAGE ON SEQUENCE public.restatement_id_seq TO tocsin_worker;
GRANT USAGE ON SEQUENCE public.restatement_id_seq TO tocsin_owner;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.schedule TO tocsin_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.schedule TO tocsin_pulse;
GRANT SELECT ON TABLE public.schedule TO tocsin_live;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.schedule TO tocsin_worker;
GRANT SELECT ON TABLE public.schedule TO tocsin_watchman;
GRANT SELECT ON TABLE public.schedule TO tocsin_audit;
GRANT SELECT ON TABLE public.schedule TO tocsin_within;
GRANT SELECT,UPDATE ON TABLE public.schedule TO tocsin_owner;

GRANT USAGE ON SEQUENCE public.schedule_id_seq TO tocsin_app;
GRANT USAGE ON SEQUENCE public.schedule_id_seq TO tocsin_pulse;
GRANT USAGE ON SEQUENCE public.schedule_id_seq TO tocsin_worker;
GRANT USAGE ON SEQUENCE public.schedule_id_seq TO tocsin_owner;

GRANT SELECT,INSERT,UPDATE ON TABLE public.search_text TO tocsin_app;
GRANT SELECT,INSERT,UPDATE ON TABLE public.search_text TO tocsin_pulse;
GRANT SELECT ON TABLE public.search_text TO tocsin_live;
GRANT SELECT,INSERT,UPDATE ON TABLE public.search_text TO tocsin_worker;
GRANT SELECT ON TABLE public.search_text TO tocsin_watchman;
GRANT SELECT ON TABLE public.search_text TO tocsin_audit;
GRANT SELECT ON TABLE public.search_text TO tocsin_within;
GRANT SELECT ON TABLE public.search_text TO tocsin_owner;

GRANT USAGE ON SEQUENCE public.search_text_id_seq TO tocsin_app;
GRANT USAGE ON SEQUENCE public.search_text_id_seq TO tocsin_pulse;
GRANT USAGE ON SEQUENCE public.search_text_id_seq TO tocsin_worker;
GRANT USAGE ON SEQUENCE public.search_text_id_seq TO tocsin_owner;

GRANT SELECT,INSERT,UPDATE ON TABLE public.security TO tocsin_app;
GRANT SELECT ON TABLE public.security TO tocsin_pulse;
GRANT SELECT ON TABLE public.security TO tocsin_live;
GRANT SELECT ON TABLE public.security TO tocsin_worker;
GRANT SELECT ON TABLE public.security TO tocsin_watchman;
GRANT SELECT ON TABLE public.security TO tocsin_audit;
GRANT SELECT ON TABLE public.security TO tocsin_within;
GRANT SELECT ON TABLE public.security TO tocsin_owner;

GRANT USAGE ON SEQUENCE public.security_id_seq TO tocsin_app;
GRANT USAGE ON SEQUENCE public.security_id_seq TO tocsin_pulse;
GRANT USAGE ON SEQUENCE public.security_id_seq TO tocsin_worker;
GRANT USAGE ON SEQUENCE public.security_id_seq TO tocsin_owner;

GRANT SELECT,INSERT,UPDATE ON TABLE public.sign_in TO tocsin_app;
GRANT SELECT ON TABLE public.sign_in TO tocsin_owner;

GRANT USAGE ON SEQUENCE public.sign_in_id_seq TO tocsin_app;
GRANT USAGE ON SEQUENCE public.sign_in_id_seq TO tocsin_pulse;
GRANT USAGE ON SEQUENCE public.sign_in_id_seq TO tocsin_worker;
GRANT USAGE ON SEQUENCE public.sign_in_id_seq TO tocsin_owner;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.snooze TO tocsin_app;
GRANT SELECT,INSERT,UPDATE ON TABLE public.snooze TO tocsin_pulse;
GRANT SELECT ON TABLE public.snooze TO tocsin_live;
GRANT SELECT,INSERT,UPDATE ON TABLE public.snooze TO tocsin_worker;
GRANT SELECT ON TABLE public.snooze TO tocsin_watchman;
GRANT SELECT ON TABLE public.snooze TO tocsin_audit;
GRANT SELECT ON TABLE public.snooze TO tocsin_within;
GRANT SELECT ON TABLE public.snooze TO tocsin_owner;

GRANT USAGE ON SEQUENCE public.snooze_id_seq TO tocsin_app;
GRANT USAGE ON SEQUENCE public.snooze_id_seq TO tocsin_pulse;
GRANT USAGE ON SEQUENCE public.snooze_id_seq TO tocsin_worker;
GRANT USAGE ON SEQUENCE public.snooze_id_seq TO tocsin_owner;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.socialaccount_socialaccount TO tocsin_app;

GRANT USAGE ON SEQUENCE public.socialaccount_socialaccount_id_seq TO tocsin_app;
GRANT USAGE ON SEQUENCE public.socialaccount_socialaccount_id_seq TO tocsin_pulse;
GRANT USAGE ON SEQUENCE public.socialaccount_socialaccount_id_seq TO tocsin_worker;

GRANT SELECT ON TABLE public.socialaccount_socialapp TO tocsin_app;

GRANT USAGE ON SEQUENCE public.socialaccount_socialapp_id_seq TO tocsin_app;
GRANT USAGE ON SEQUENCE public.socialaccount_socialapp_id_seq TO tocsin_pulse;
GRANT USAGE ON SEQUENCE public.socialaccount_socialapp_id_seq TO tocsin_worker;

GRANT SELECT ON TABLE public.socialaccount_socialtoken TO tocsin_app;

GRANT USAGE ON SEQUENCE public.socialaccount_socialtoken_id_seq TO tocsin_app;
GRANT USAGE ON SEQUENCE public.socialaccount_socialtoken_id_seq TO tocsin_pulse;
GRANT USAGE ON SEQUENCE public.socialaccount_socialtoken_id_seq TO tocsin_worker;

GRANT SELECT,INSERT,UPDATE ON TABLE public.stage TO tocsin_app;
GRANT SELECT,INSERT,UPDATE ON TABLE public.stage TO tocsin_pulse;
GRANT SELECT ON TABLE public.stage TO tocsin_live;
GRANT SELECT,INSERT,UPDATE ON TABLE public.stage TO tocsin_worker;
GRANT SELECT ON TABLE public.stage TO tocsin_watchman;
GRANT SELECT ON TABLE public.stage TO tocsin_audit;
GRANT SELECT ON TABLE public.stage TO tocsin_within;
GRANT SELECT ON TABLE public.stage TO tocsin_owner;

GRANT USAGE ON SEQUENCE public.stage_id_seq TO tocsin_app;
GRANT USAGE ON SEQUENCE public.stage_id_seq TO tocsin_pulse;
GRANT USAGE ON SEQUENCE public.stage_id_seq TO tocsin_worker;
GRANT USAGE ON SEQUENCE public.stage_id_seq TO tocsin_owner;

GRANT SELECT,INSERT,UPDATE ON TABLE public.team TO tocsin_app;
GRANT SELECT,INSERT,UPDATE ON TABLE public.team TO tocsin_pulse;
GRANT SELECT ON TABLE public.team TO tocsin_live;
GRANT SELECT,INSERT,UPDATE ON TABLE public.team TO tocsin_worker;
GRANT SELECT ON TABLE public.team TO tocsin_watchman;
GRANT SELECT ON TABLE public.team TO tocsin_audit;
GRANT SELECT ON TABLE public.team TO tocsin_within;
GRANT SELECT ON TABLE public.team TO tocsin_owner;

GRANT USAGE ON SEQUENCE public.team_id_seq TO tocsin_app;
GRANT USAGE ON SEQUENCE public.team_id_seq TO tocsin_pulse;
GRANT USAGE ON SEQUENCE public.team_id_seq TO tocsin_worker;
GRANT USAGE ON SEQUENCE public.team_id_seq TO tocsin_owner;

GRANT SELECT,INSERT,UPDATE ON TABLE public.tenant TO tocsin_app;
GRANT SELECT,INSERT,UPDATE ON TABLE public.tenant TO tocsin_pulse;
GRANT SELECT ON TABLE public.tenant TO tocsin_live;
GRANT SELECT,INSERT,UPDATE ON TABLE public.tenant TO tocsin_worker;
GRANT SELECT ON TABLE public.tenant TO tocsin_watchman;
GRANT SELECT ON TABLE public.tenant TO tocsin_audit;
GRANT SELECT ON TABLE public.tenant TO tocsin_within;
GRANT SELECT ON TABLE public.tenant TO tocsin_owner;

GRANT USAGE ON SEQUENCE public.tenant_id_seq TO tocsin_app;
GRANT USAGE ON SEQUENCE public.tenant_id_seq TO tocsin_pulse;
GRANT USAGE ON SEQUENCE public.tenant_id_seq TO tocsin_worker;
GRANT USAGE ON SEQUENCE public.tenant_id_seq TO tocsin_owner;

GRANT SELECT,INSERT,UPDATE ON TABLE public.ticket TO tocsin_app;
GRANT SELECT,INSERT,UPDATE ON TABLE public.ticket TO tocsin_pulse;
GRANT SELECT ON TABLE public.ticket TO tocsin_live;
GRANT SELECT,INSERT,UPDATE ON TABLE public.ticket TO tocsin_worker;
GRANT SELECT ON TABLE public.ticket TO tocsin_watchman;
GRANT SELECT ON TABLE public.ticket TO tocsin_audit;
GRANT SELECT ON TABLE public.ticket TO tocsin_within;
GRANT SELECT,UPDATE ON TABLE public.ticket TO tocsin_owner;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.ticket_field TO tocsin_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.ticket_field TO tocsin_pulse;
GRANT SELECT ON TABLE public.ticket_field TO tocsin_live;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.ticket_field TO tocsin_worker;
GRANT SELECT ON TABLE public.ticket_field TO tocsin_watchman;
GRANT SELECT ON TABLE public.ticket_field TO tocsin_audit;
GRANT SELECT ON TABLE public.ticket_field TO tocsin_within;
GRANT SELECT ON TABLE public.ticket_field TO tocsin_owner;

GRANT USAGE ON SEQUENCE public.ticket_field_id_seq TO tocsin_app;
GRANT USAGE ON SEQUENCE public.ticket_field_id_seq TO tocsin_pulse;
GRANT USAGE ON SEQUENCE public.ticket_field_id_seq TO tocsin_worker;
GRANT USAGE ON SEQUENCE public.ticket_field_id_seq TO tocsin_owner;

GRANT USAGE ON SEQUENCE public.ticket_id_seq TO tocsin_app;
GRANT USAGE ON SEQUENCE public.ticket_id_seq TO tocsin_pulse;
GRANT USAGE ON SEQUENCE public.ticket_id_seq TO tocsin_worker;
GRANT USAGE ON SEQUENCE public.ticket_id_seq TO tocsin_owner;

GRANT SELECT,INSERT ON TABLE public.unsequenced TO tocsin_app;
GRANT SELECT,INSERT ON TABLE public.unsequenced TO tocsin_pulse;
GRANT SELECT ON TABLE public.unsequenced TO tocsin_live;
GRANT SELECT,INSERT ON TABLE public.unsequenced TO tocsin_worker;
GRANT SELECT ON TABLE public.unsequenced TO tocsin_watchman;
GRANT SELECT ON TABLE public.unsequenced TO tocsin_audit;
GRANT SELECT ON TABLE public.unsequenced TO tocsin_within;
GRANT SELECT,DELETE ON TABLE public.unsequenced TO tocsin_owner;

GRANT USAGE ON SEQUENCE public.unsequenced_id_seq TO tocsin_app;
GRANT USAGE ON SEQUENCE public.unsequenced_id_seq TO tocsin_pulse;
GRANT USAGE ON SEQUENCE public.unsequenced_id_seq TO tocsin_worker;
GRANT USAGE ON SEQUENCE public.unsequenced_id_seq TO tocsin_owner;

GRANT SELECT,INSERT,UPDATE ON TABLE public.violation TO tocsin_app;
GRANT SELECT,INSERT,UPDATE ON TABLE public.violation TO tocsin_pulse;
GRANT SELECT ON TABLE public.violation TO tocsin_live;
GRANT SELECT,INSERT,UPDATE ON TABLE public.violation TO tocsin_worker;
GRANT SELECT ON TABLE public.violation TO tocsin_watchman;
GRANT SELECT ON TABLE public.violation TO tocsin_audit;
GRANT SELECT ON TABLE public.violation TO tocsin_within;
GRANT SELECT ON TABLE public.violation TO tocsin_owner;

GRANT USAGE ON SEQUENCE public.violation_id_seq TO tocsin_app;
GRANT USAGE ON SEQUENCE public.violation_id_seq TO tocsin_pulse;
GRANT USAGE ON SEQUENCE public.violation_id_seq TO tocsin_worker;
GRANT USAGE ON SEQUENCE public.violation_id_seq TO tocsin_owner;

ALTER DEFAULT PRIVILEGES FOR ROLE tocsin_migrate IN SCHEMA public GRANT USAGE ON SEQUENCES TO tocsin_app;
ALTER DEFAULT PRIVILEGES FOR ROLE tocsin_migrate IN SCHEMA public GRANT USAGE ON SEQUENCES TO tocsin_pulse;
ALTER DEFAULT PRIVILEGES FOR ROLE tocsin_migrate IN SCHEMA public GRANT USAGE ON SEQUENCES TO tocsin_worker;

ALTER DEFAULT PRIVILEGES FOR ROLE tocsin_migrate IN SCHEMA public GRANT ALL ON FUNCTIONS TO tocsin_owner;
ALTER DEFAULT PRIVILEGES FOR ROLE tocsin_migrate IN SCHEMA public GRANT ALL ON FUNCTIONS TO tocsin_app;
ALTER DEFAULT PRIVILEGES FOR ROLE tocsin_migrate IN SCHEMA public GRANT ALL ON FUNCTIONS TO tocsin_pulse;
ALTER DEFAULT PRIVILEGES FOR ROLE tocsin_migrate IN SCHEMA public GRANT ALL ON FUNCTIONS TO tocsin_live;
ALTER DEFAULT PRIVILEGES FOR ROLE tocsin_migrate IN SCHEMA public GRANT ALL ON FUNCTIONS TO tocsin_worker;
ALTER DEFAULT PRIVILEGES FOR ROLE tocsin_migrate IN SCHEMA public GRANT ALL ON FUNCTIONS TO tocsin_watchman;
ALTER DEFAULT PRIVILEGES FOR ROLE tocsin_migrate IN SCHEMA public GRANT ALL ON FUNCTIONS TO tocsin_audit;
ALTER DEFAULT PRIVILEGES FOR ROLE tocsin_migrate IN SCHEMA public GRANT ALL ON FUNCTIONS TO tocsin_within;

ALTER DEFAULT PRIVILEGES FOR ROLE tocsin_migrate IN SCHEMA public GRANT SELECT ON TABLES TO tocsin_app;
ALTER DEFAULT PRIVILEGES FOR ROLE tocsin_migrate IN SCHEMA public GRANT SELECT ON TABLES TO tocsin_pulse;
ALTER DEFAULT PRIVILEGES FOR ROLE tocsin_migrate IN SCHEMA public GRANT SELECT ON TABLES TO tocsin_live;
ALTER DEFAULT PRIVILEGES FOR ROLE tocsin_migrate IN SCHEMA public GRANT SELECT ON TABLES TO tocsin_worker;
ALTER DEFAULT PRIVILEGES FOR ROLE tocsin_migrate IN SCHEMA public GRANT SELECT ON TABLES TO tocsin_watchman;
ALTER DEFAULT PRIVILEGES FOR ROLE tocsin_migrate IN SCHEMA public GRANT SELECT ON TABLES TO tocsin_audit;
ALTER DEFAULT PRIVILEGES FOR ROLE tocsin_migrate IN SCHEMA public GRANT SELECT ON TABLES TO tocsin_within;
