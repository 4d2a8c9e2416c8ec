-- Rights, and the narrow doors: the only functions that look across tenants, each for one purpose.
-- A door belongs to a role that no policy holds back, has a fixed search path, and returns ids.

-- ------------------------------------------------------------------------------------- rights
-- By default a role may read. What it may write is named here.

GRANT INSERT, UPDATE ON
    tenant, counter, person, team, account, contact, pipeline, stage, ticket, ticket_field,
    message, search_text, imported, clock, violation, alert, notification, outbox, schedule, draft,
    escalation, participant, snooze, on_call_override, absence, contact_method, provider
TO tocsin_app, tocsin_pulse, tocsin_worker;
GRANT INSERT ON
    event, event_content, unsequenced, calendar_version, policy_version, pipeline_version, membership,
    config_version, restatement, audit_run, delivery_attempt
TO tocsin_app, tocsin_pulse, tocsin_worker;
GRANT DELETE ON clock, ticket_field, schedule TO tocsin_app, tocsin_pulse, tocsin_worker;
-- Who may do what, and who has proved who they are: only pages and commands write that.
GRANT INSERT, UPDATE ON
    permission_set, permission_grant, field_rule, network_rule, security, read_mark, export,
    sign_in, one_time_link, api_token, identity_provider
TO tocsin_app;
GRANT DELETE ON permission_set, permission_grant, field_rule, network_rule TO tocsin_app;
-- A push service says that a browser is gone while a message is being delivered.
GRANT DELETE ON contact_method TO tocsin_worker;
GRANT DELETE ON
    event_content, membership, draft, participant, snooze, on_call_override, absence, contact_method
TO tocsin_app;
GRANT INSERT, UPDATE, DELETE ON beat TO tocsin_app, tocsin_pulse, tocsin_worker;
GRANT INSERT, UPDATE, DELETE ON batch TO tocsin_pulse;

-- The doors' owner passes the policies, so it gets no more than the doors need.
GRANT SELECT ON ALL TABLES IN SCHEMA public TO tocsin_owner;
GRANT UPDATE ON ticket, schedule, outbox, counter TO tocsin_owner;
GRANT INSERT ON counter, position TO tocsin_owner;
GRANT INSERT, UPDATE, DELETE ON beat TO tocsin_owner;
GRANT UPDATE ON gate TO tocsin_owner;
GRANT DELETE ON unsequenced, batch TO tocsin_owner;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO tocsin_owner;

-- ------------------------------------------------------------------------- inside of a tenant

-- Whoever sees some tickets only reads as `within`: a role that writes nothing, and for which each
-- ticket, and each row about one, has to be in reach. All others pass by this wall.
CREATE POLICY ticket_in_reach ON ticket AS RESTRICTIVE TO tocsin_within
    USING (in_reach(id, team_id, type, assignee_id));
CREATE POLICY event_in_reach ON event AS RESTRICTIVE TO tocsin_within
    USING (stream_kind <> 'ticket' OR stream_id IN (SELECT t.id FROM ticket t));
CREATE POLICY event_content_in_reach ON event_content AS RESTRICTIVE TO tocsin_within
    USING (EXISTS (SELECT FROM event e WHERE e.id = event_id));
CREATE POLICY delivery_attempt_in_reach ON delivery_attempt AS RESTRICTIVE TO tocsin_within
    USING (EXISTS (SELECT FROM outbox o WHERE o.id = outbox_id));
DO $$
DECLARE
    found record;
BEGIN
    FOR found IN
        SELECT c.relname AS name FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
        AND a.attname = 'ticket_id' AND NOT a.attisdropped ORDER BY 1
    LOOP
        EXECUTE format('CREATE POLICY %I ON %I AS RESTRICTIVE TO tocsin_within'
            ' USING (ticket_id IS NULL OR ticket_id IN (SELECT t.id FROM ticket t))',
            found.name || '_in_reach', found.name);
    END LOOP;
END
$$;

-- Private notes: for the members of their team. The pulse and the worker pass on no note's text.
CREATE POLICY message_private ON message AS RESTRICTIVE FOR SELECT
    TO tocsin_app, tocsin_within, tocsin_audit
    USING (private_to_id IS NULL OR private_to_id = ANY (private_teams()));
CREATE POLICY event_content_private ON event_content AS RESTRICTIVE FOR SELECT
    TO tocsin_app, tocsin_within, tocsin_audit
    USING (private_to_id IS NULL OR private_to_id = ANY (private_teams()));

-- ------------------------------------------------------------------------------------- tenants

CREATE FUNCTION tenant_list() RETURNS TABLE (tenant_id bigint, key text, name text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public
AS $$ SELECT t.id, t.key::text, t.name FROM tenant t ORDER BY t.id $$;

CREATE FUNCTION tenant_by_key(wanted text) RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public
AS $$ SELECT t.id FROM tenant t WHERE t.key = wanted $$;

-- --------------------------------------------------------------------------------------- pulse

-- One look is all that an idle pulse does: the database's clock, the earliest instants at which
-- there may be something to do, the gate, and whether somebody died at work. It leaves a sign of
-- life every few seconds.
CREATE FUNCTION pulse_look(process text, told text, OUT now timestamptz, OUT tickets timestamptz,
                           OUT timers timestamptz, OUT gate integer, OUT orphans boolean,
                           OUT trusted timestamptz)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public
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

-- Whether the connection that holds this token's lock still lives.
CREATE FUNCTION at_work(token integer) RETURNS boolean
LANGUAGE sql STABLE
AS $$
    SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND granted
        AND classid = hashtext('tocsin pulse')::oid AND objid = token::oid AND objsubid = 2)
$$;

-- Takes over what the dead had begun: each row goes to one pulse, which redoes it singly.
CREATE FUNCTION pulse_orphans() RETURNS TABLE (tenant_id bigint, tickets bigint[])
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public
AS $$
    DELETE FROM batch b WHERE NOT at_work(b.token) RETURNING b.tenant_id, b.tickets
$$;

-- Locks what is due, of one tenant: the first after `after` that has something, so that a tenant
-- with much to catch up on starves nobody. A tenant whose configuration is being changed is left
-- out this time: the change wakes its tickets itself. `at` stands for the clock where time is given.
CREATE FUNCTION pulse_claim(most integer, after bigint, understands integer, at timestamptz)
RETURNS TABLE (tenant_id bigint, ticket_id bigint)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public
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

-- Locks timers of these kinds that are due, of one tenant: each kind has its own process.
CREATE FUNCTION schedule_claim(most integer, at timestamptz, kinds text[])
RETURNS TABLE (tenant_id bigint, schedule_id bigint)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public
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

-- ------------------------------------------------------------------------------------- outbox

-- Leases messages that are ready. One whose lease ran out may have been sent by whoever died.
CREATE FUNCTION outbox_claim(most integer, lease interval)
RETURNS TABLE (tenant_id bigint, outbox_id bigint, token uuid)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public
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

CREATE FUNCTION outbox_look(OUT now timestamptz, OUT ready timestamptz)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public
AS $$
    SELECT clock_timestamp(),
        (SELECT GREATEST(next_at, lease_until) FROM outbox WHERE state IN ('pending', 'sending')
         ORDER BY GREATEST(next_at, lease_until) LIMIT 1)
$$;

-- ------------------------------------------------------------------------------------ watchman

-- The one thing that the watchman writes: that it looked, and what it found.
CREATE FUNCTION watch_note(process text, told text) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public
AS $$
    INSERT INTO beat (process, kind, started_at, beat_at, told)
        VALUES (process, 'watchman', clock_timestamp(), clock_timestamp(), told)
        ON CONFLICT (process) DO UPDATE SET beat_at = EXCLUDED.beat_at, told = EXCLUDED.told;
    DELETE FROM beat b WHERE b.kind = 'watchman'
        AND b.beat_at NOT BETWEEN clock_timestamp() - interval '1 hour' AND clock_timestamp();
$$;

-- Somebody says that a jump of the database's clock was meant. The pulses hear of it at their next
-- look.
CREATE FUNCTION gate_trust() RETURNS timestamptz
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public
AS $$ UPDATE gate SET trusted_at = clock_timestamp() RETURNING trusted_at $$;

-- ----------------------------------------------------------------------------------- sequencer

-- Gives events their places, gapless in each tenant and in the order in which they became visible.
-- One at a time; another caller gets 0 and does nothing. Who streams events is told in the same
-- transaction: this is the only one that takes the server's lock for notifications, no writer does.
CREATE FUNCTION sequence_events(most integer) RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public
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

-- ---------------------------------------------------------------------------------------- live

-- What was placed after the last place that was seen of each tenant: ids, versions and kinds. Nothing
-- that anybody wrote. Row by row by its indexes, whatever the planner thinks of arrays.
CREATE FUNCTION live_events(tenants bigint[], seen bigint[], most integer)
RETURNS TABLE (tenant_id bigint, place bigint, stream_kind text, stream_id bigint,
               stream_seq integer, kind text, actor text, deed text, team bigint, type text,
               assignee bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public
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

-- The last place that was given in each tenant.
CREATE FUNCTION live_heads(tenants bigint[]) RETURNS TABLE (tenant_id bigint, place bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public
AS $$
    SELECT w.tenant, coalesce((SELECT c.last FROM counter c
                               WHERE c.tenant_id = w.tenant AND c.name = 'position'), 0)
    FROM unnest(tenants) AS w (tenant)
$$;

-- A person's permission sets as JSON, and the teams they work in. Under the policies of whoever asks.
CREATE FUNCTION sets_of(tenant bigint, person bigint) RETURNS text
LANGUAGE sql STABLE
AS $$
    SELECT json_agg(json_build_object('key', s.key, 'rights', s.rights::json, 'reach', s.reach,
        'teams', s.teams::json, 'types', s.types::json) ORDER BY s.key)::text
    FROM permission_grant g
    JOIN permission_set s ON s.tenant_id = g.tenant_id AND s.id = g.permission_set_id
    WHERE g.tenant_id = tenant AND g.person_id = person
$$;

CREATE FUNCTION teams_of(tenant bigint, person bigint) RETURNS bigint[]
LANGUAGE sql STABLE
AS $$
    SELECT array_agg(m.team_id ORDER BY m.team_id) FROM membership m
    WHERE m.tenant_id = tenant AND m.person_id = person
$$;

-- Which of these people are active and have the password that their session was begun with. The
-- session holds an HMAC-SHA-256 of the stored hash; the pads are its key, so neither the hash nor the
-- installation's secret meets the other side.
CREATE FUNCTION live_people(tenants bigint[], people bigint[], hashes text[], inner_pads bytea[],
                            outer_pads bytea[])
RETURNS TABLE (nth bigint, role text, sets text, teams bigint[])
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public
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

-- How many lines under their bells these people have not read; a hundred stands for more.
CREATE FUNCTION live_unread(tenants bigint[], people bigint[])
RETURNS TABLE (tenant_id bigint, person_id bigint, unread bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public
AS $$
    SELECT w.tenant, w.person, n.unread FROM unnest(tenants, people) AS w (tenant, person)
    CROSS JOIN LATERAL (
        SELECT count(*) AS unread FROM (
            SELECT FROM notification v
            WHERE v.tenant_id = w.tenant AND v.person_id = w.person AND v.read_at IS NULL
            LIMIT 100) x) n
$$;

-- -------------------------------------------------------------------------------------- search

-- Its own predicate is the only wall here: policies keep PostgreSQL from using the index.
CREATE FUNCTION search_tickets(wanted text, most integer) RETURNS TABLE (ticket_id bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public
AS $$
    SELECT s.ticket_id FROM search_text s
    WHERE s.tenant_id = current_tenant() AND s.words @@ websearch_to_tsquery('simple', wanted)
    ORDER BY s.ticket_id DESC LIMIT most
$$;

-- -------------------------------------------------------------------------------------- health

-- Figures of the whole installation, no rows of anybody. Counts stop at 10,000.
CREATE FUNCTION desk_health(OUT now timestamptz, OUT overdue bigint, OUT overdue_since timestamptz,
    OUT held bigint, OUT unsent bigint, OUT dead bigint, OUT unsequenced bigint,
    OUT pulse_beat timestamptz, OUT worker_beat timestamptz, OUT watch_beat timestamptz,
    OUT told text, OUT watched text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public
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

-- ------------------------------------------------------------------------------ who may use which

DO $$
DECLARE
    door record;
BEGIN
    FOR door IN
        SELECT * FROM (VALUES
            ('tenant_list()', 'tocsin_app, tocsin_pulse, tocsin_worker, tocsin_audit, tocsin_live,'
             ' tocsin_watchman'),
            ('tenant_by_key(text)',
             'tocsin_app, tocsin_pulse, tocsin_worker, tocsin_audit, tocsin_live'),
            ('pulse_look(text, text)', 'tocsin_pulse'),
            ('pulse_orphans()', 'tocsin_pulse'),
            ('pulse_claim(integer, bigint, integer, timestamptz)', 'tocsin_pulse'),
            ('schedule_claim(integer, timestamptz, text[])', 'tocsin_pulse, tocsin_worker'),
            ('outbox_claim(integer, interval)', 'tocsin_worker'),
            ('outbox_look()', 'tocsin_worker'),
            ('watch_note(text, text)', 'tocsin_watchman'),
            ('gate_trust()', 'tocsin_app'),
            ('sequence_events(integer)', 'tocsin_sequencer'),
            ('live_events(bigint[], bigint[], integer)', 'tocsin_live'),
            ('live_heads(bigint[])', 'tocsin_live'),
            ('live_people(bigint[], bigint[], text[], bytea[], bytea[])', 'tocsin_live'),
            ('live_unread(bigint[], bigint[])', 'tocsin_live'),
            ('search_tickets(text, integer)', 'tocsin_app, tocsin_audit, tocsin_within'),
            ('desk_health()',
             'tocsin_app, tocsin_live, tocsin_worker, tocsin_pulse, tocsin_watchman')
        ) AS listed (name, roles)
    LOOP
        EXECUTE format('ALTER FUNCTION %s OWNER TO tocsin_owner', door.name);
        -- By default a role may run what is made here; a door is for those who are named.
        EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC, tocsin_app, tocsin_pulse,'
            ' tocsin_live, tocsin_worker, tocsin_watchman, tocsin_audit, tocsin_within', door.name);
        EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO %s', door.name, door.roles);
    END LOOP;
END
$$;

INSERT INTO gate (id, version) VALUES (1, 1);
