-- What a console may call, and nothing else. Errors carry a code of class LB; docs/sync.md lists them.
-- Only the functions hub_* are open to consoles; they fix the search path for those they call.

CREATE FUNCTION hub_now_ms() RETURNS bigint LANGUAGE sql VOLATILE
AS $$ SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint $$;

CREATE FUNCTION check_epoch(p_epoch uuid) RETURNS void LANGUAGE plpgsql STABLE
AS $$
DECLARE
    v_epoch uuid := (SELECT m.epoch FROM hub_meta m);
BEGIN
    IF p_epoch IS DISTINCT FROM v_epoch THEN
        RAISE EXCEPTION 'the hub is in epoch %', v_epoch USING ERRCODE = 'LB002';
    END IF;
END $$;

-- The login's right in a stream: read, write or nothing. Who keeps a stream writes it too.
CREATE FUNCTION right_in(p_stream integer) RETURNS text LANGUAGE sql STABLE
AS $$
    SELECT CASE m.rights WHEN 'keep' THEN 'write' ELSE m.rights END
    FROM member m WHERE m.stream = p_stream AND m.role_name = session_user::text
$$;

CREATE FUNCTION readable_stream(p_stream text) RETURNS integer LANGUAGE plpgsql STABLE
AS $$
DECLARE
    v_stream integer := (SELECT s.id FROM stream s WHERE s.name = p_stream);
BEGIN
    IF v_stream IS NULL OR right_in(v_stream) IS NULL THEN
        RAISE EXCEPTION '% may not read that stream', session_user USING ERRCODE = 'LB001';
    END IF;
    RETURN v_stream;
END $$;

CREATE FUNCTION check_member() RETURNS void LANGUAGE plpgsql STABLE
AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM member m WHERE m.role_name = session_user::text) THEN
        RAISE EXCEPTION '% may read no stream', session_user USING ERRCODE = 'LB001';
    END IF;
END $$;

-- The console, locked, of the login that calls: nobody speaks for another's console.
CREATE FUNCTION own_console(p_console uuid) RETURNS console LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    v_console console;
BEGIN
    PERFORM check_member();
    SELECT * INTO v_console FROM console c WHERE c.id = p_console FOR UPDATE;
    IF NOT FOUND OR v_console.role_name <> session_user::text THEN
        RAISE EXCEPTION 'this console has not joined as %', session_user USING ERRCODE = 'LB001';
    END IF;
    RETURN v_console;
END $$;

-- What a push hands over: one array for each part of an operation.
CREATE TYPE sent AS (
    txn uuid[],
    stream text[],
    entity text[],
    id uuid[],
    kind text[],
    payload bytea[],
    base bytea[],
    hlc bigint[],
    schema_v integer[],
    prev bytea[],
    hash bytea[],
    author uuid[]
);

-- Each operation from place `p_from` to `p_to` with why it can never be taken in (NULL: it can), its time before the
-- console's own order is regarded, and how far its author had read.
-- The time: the console's clock set right by what it shows now, never before what its author had seen, never after the
-- present. How far: what was read before the hub was restored counts only as far as that log still stands.
CREATE FUNCTION judged(p_sent sent, p_from integer, p_to integer, p_console uuid, p_first_n bigint, p_meta hub_meta,
    p_hub_ms bigint, p_console_ms bigint)
RETURNS TABLE (place integer, fault text, stream_id integer, wished bigint, seen bigint)
LANGUAGE plpgsql STABLE
AS $$
#variable_conflict use_column
DECLARE
    v_epoch text := p_meta.epoch::text;
    -- As stamps are counted; nobody's clock is off by more than a century.
    v_shift bigint := greatest(least(p_hub_ms::numeric - p_console_ms, 3200000000000), -3200000000000)::bigint * 65536;
BEGIN
    RETURN QUERY SELECT o.place::integer,
        CASE
            WHEN o.txn IS NULL OR o.stream IS NULL OR o.entity IS NULL OR o.id IS NULL OR o.kind IS NULL
                OR o.payload IS NULL OR o.base IS NULL OR o.hlc IS NULL OR o.schema_v IS NULL OR o.author IS NULL
                THEN 'malformed'
            WHEN octet_length(o.payload) > p_meta.largest_payload OR octet_length(o.base) > p_meta.largest_payload
                THEN 'too_large'
            WHEN o.schema_v > p_meta.schema_newest THEN 'schema_newer'
            WHEN o.schema_v < p_meta.schema_min_push THEN 'schema_older'
            WHEN k.kind IS NULL THEN 'kind_unknown'
            WHEN m.rights IS NULL OR m.rights = 'read' THEN 'no_right'
            WHEN json_typeof(convert_from(o.payload, 'UTF8')::json) <> 'object' OR b.kind <> 'object'
                OR o.hlc < 0 OR b.hub < 0 OR b.seen < 0
                THEN 'malformed'
            -- As core/operations/envelope.py takes it: every part with its length before it.
            WHEN o.hash IS DISTINCT FROM sha256(
                int4send(octet_length(o.prev)) || o.prev
                || int4send(16) || uuid_send(p_console)
                || int4send(length((p_first_n + o.place - 1)::text))
                || convert_to((p_first_n + o.place - 1)::text, 'UTF8')
                || int4send(16) || uuid_send(o.txn)
                || int4send(octet_length(o.stream)) || convert_to(o.stream, 'UTF8')
                || int4send(octet_length(o.entity)) || convert_to(o.entity, 'UTF8')
                || int4send(16) || uuid_send(o.id)
                || int4send(octet_length(o.kind)) || convert_to(o.kind, 'UTF8')
                || int4send(octet_length(o.payload)) || o.payload
                || int4send(octet_length(o.base)) || o.base
                || int4send(length(o.hlc::text)) || convert_to(o.hlc::text, 'UTF8')
                || int4send(length(o.schema_v::text)) || convert_to(o.schema_v::text, 'UTF8')
                || int4send(16) || uuid_send(o.author)
            ) THEN 'hash_wrong'
        END,
        st.id,
        greatest(
            least(least(o.hlc, 8000000000000000000) + v_shift, p_hub_ms * 65536),
            -- A hub's clock may have been set back a little since it was seen; nobody has seen tomorrow.
            least(b.hub, (p_hub_ms + 86400000) * 65536) + 1
        ),
        CASE WHEN b.epoch = v_epoch THEN b.seen ELSE least(b.seen, p_meta.epoch_began) END
    FROM unnest(
        p_sent.txn[p_from:p_to], p_sent.stream[p_from:p_to], p_sent.entity[p_from:p_to], p_sent.id[p_from:p_to],
        p_sent.kind[p_from:p_to], p_sent.payload[p_from:p_to], p_sent.base[p_from:p_to], p_sent.hlc[p_from:p_to],
        p_sent.schema_v[p_from:p_to], p_sent.prev[p_from:p_to], p_sent.hash[p_from:p_to], p_sent.author[p_from:p_to]
    ) WITH ORDINALITY AS a(txn, stream, entity, id, kind, payload, base, hlc, schema_v, prev, hash, author, nth)
    CROSS JOIN LATERAL (SELECT a.*, a.nth + p_from - 1 AS place) o
    -- OFFSET 0: read once, not wherever it is named.
    CROSS JOIN LATERAL (SELECT CASE WHEN octet_length(o.base) <= p_meta.largest_payload
        THEN convert_from(o.base, 'UTF8')::jsonb END AS told OFFSET 0) t
    CROSS JOIN LATERAL (SELECT jsonb_typeof(t.told) AS kind, coalesce((t.told->>'@hub')::bigint, 0) AS hub,
        coalesce((t.told->>'@seen')::bigint, 0) AS seen, t.told->>'@epoch' AS epoch OFFSET 0) b
    LEFT JOIN op_kind k ON k.kind = o.kind AND k.entity = o.entity
    LEFT JOIN stream st ON st.name = o.stream
    LEFT JOIN member m ON m.stream = st.id AND m.role_name = session_user::text
    ORDER BY o.place;
END $$;

CREATE FUNCTION heads_of_session() RETURNS jsonb LANGUAGE sql VOLATILE
AS $$
    SELECT coalesce(jsonb_object_agg(s.name, jsonb_build_object(
        'head', coalesce(newest.seq, 0),
        'chain', encode(newest.chain, 'hex'),
        'rights', m.rights
    )), '{}'::jsonb)
    FROM member m JOIN stream s ON s.id = m.stream
    LEFT JOIN LATERAL (
        SELECT o.seq, o.chain FROM op o WHERE o.stream = s.id ORDER BY o.stream DESC, o.seq DESC LIMIT 1
    ) newest ON true
    WHERE m.role_name = session_user::text
$$;

CREATE FUNCTION hub_join(p_console uuid, p_person uuid) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, lampboard, pg_temp
AS $$
DECLARE
    v_person uuid;
    v_meta hub_meta;
BEGIN
    PERFORM check_member();
    BEGIN
        INSERT INTO login (role_name, person) VALUES (session_user, p_person) ON CONFLICT (role_name) DO NOTHING;
    EXCEPTION WHEN unique_violation THEN
        -- Unless two consoles of this login joined in the same moment.
        IF NOT EXISTS (SELECT 1 FROM login l WHERE l.role_name = session_user::text AND l.person = p_person) THEN
            RAISE EXCEPTION 'that person has another login' USING ERRCODE = 'LB005';
        END IF;
    END;
    SELECT l.person INTO v_person FROM login l WHERE l.role_name = session_user::text;
    INSERT INTO console (id, role_name) VALUES (p_console, session_user) ON CONFLICT (id) DO NOTHING;
    PERFORM own_console(p_console);
    SELECT * INTO v_meta FROM hub_meta;
    RETURN jsonb_build_object(
        'epoch', v_meta.epoch, 'role', session_user, 'person', v_person,
        'epochs', (SELECT jsonb_agg(e.epoch ORDER BY e.place) FROM hub_epoch e)
    );
END $$;

CREATE FUNCTION hub_heads(p_epoch uuid, p_console uuid) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, lampboard, pg_temp
AS $$
DECLARE
    v_console console;
    v_meta hub_meta;
BEGIN
    PERFORM check_epoch(p_epoch);
    PERFORM check_member();
    SELECT * INTO v_console FROM console c WHERE c.id = p_console AND c.role_name = session_user::text;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'this console has not joined as %', session_user USING ERRCODE = 'LB001';
    END IF;
    SELECT * INTO v_meta FROM hub_meta;
    RETURN jsonb_build_object(
        'hub_ms', hub_now_ms(), 'last_n', v_console.last_n, 'last_hash', encode(v_console.last_hash, 'hex'),
        'schema_min_push', v_meta.schema_min_push, 'schema_min_pull', v_meta.schema_min_pull,
        'streams', heads_of_session()
    );
END $$;

-- One push is one transaction: all of it is in the log and numbered, or none of it was ever sent.
CREATE FUNCTION hub_push(p_epoch uuid, p_console uuid, p_first_n bigint, p_now_ms bigint, p_txn uuid[], p_stream text[],
    p_entity text[], p_id uuid[], p_kind text[], p_payload bytea[], p_base bytea[], p_hlc bigint[], p_schema_v integer[],
    p_prev bytea[], p_hash bytea[], p_author uuid[]) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, lampboard, pg_temp
-- Planned for these very arrays each time, a small push would take twice as long.
SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
    v_sent sent := ROW(p_txn, p_stream, p_entity, p_id, p_kind, p_payload, p_base, p_hlc, p_schema_v, p_prev, p_hash,
        p_author);
    -- An array in a variable is taken apart once; of a parameter each element is looked for from the beginning.
    v_hash bytea[] := p_hash;
    v_prev bytea[] := p_prev;
    v_count integer := cardinality(p_hash);
    v_console console;
    v_meta hub_meta;
    v_author uuid;
    v_begin integer;
    v_last bytea;
    v_faults text[];
    v_streams integer[];
    v_wished bigint[];
    v_seen bigint[];
    v_effs bigint[];
    v_seqs bigint[];
    v_chains bytea[];
    v_stream integer;
    v_chain bytea;
    v_seq bigint;
    v_head bigint;
    v_eff bigint;
    v_hub_ms bigint;
    v_is_refused boolean := false;
    v_refused jsonb := '{}';
    i integer;
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'hub_push needs READ COMMITTED' USING ERRCODE = 'LB009';
    END IF;
    SELECT * INTO v_meta FROM hub_meta;
    IF p_epoch IS DISTINCT FROM v_meta.epoch THEN
        PERFORM check_epoch(p_epoch);
    END IF;
    v_console := own_console(p_console);
    SELECT l.person INTO STRICT v_author FROM login l WHERE l.role_name = session_user::text;
    IF p_first_n > v_console.last_n + 1 OR p_first_n < 1 THEN
        RAISE EXCEPTION 'the last operation here is %, then came %', v_console.last_n, p_first_n USING ERRCODE = 'LB003';
    END IF;
    IF v_count IS NULL OR ARRAY[cardinality(p_txn), cardinality(p_stream), cardinality(p_entity), cardinality(p_id),
        cardinality(p_kind), cardinality(p_payload), cardinality(p_base), cardinality(p_hlc), cardinality(p_schema_v),
        cardinality(p_prev), cardinality(p_author)] IS DISTINCT FROM array_fill(v_count, ARRAY[11]) THEN
        RAISE EXCEPTION 'the parts of a push differ in length' USING ERRCODE = 'LB010';
    END IF;
    v_begin := (v_console.last_n - p_first_n + 2)::integer;
    -- What was sent again has to be what was sent: a copy of the console's file goes on with other operations.
    IF v_begin BETWEEN 2 AND v_count + 1 AND p_hash[v_begin - 1] IS DISTINCT FROM v_console.last_hash THEN
        RAISE EXCEPTION 'operation % is another one here', v_console.last_n USING ERRCODE = 'LB004';
    END IF;
    IF v_begin <= v_count THEN
        v_last := v_console.last_hash;
        FOR i IN v_begin..v_count LOOP
            IF v_prev[i] IS DISTINCT FROM v_last OR octet_length(v_hash[i]) IS DISTINCT FROM 32 THEN
                RAISE EXCEPTION 'operation % does not follow on the one before', p_first_n + i - 1
                    USING ERRCODE = 'LB004';
            END IF;
            v_last := v_hash[i];
        END LOOP;

        v_hub_ms := hub_now_ms();
        -- All at once; where one of them cannot even be read, one by one, to find out which.
        BEGIN
            SELECT array_agg(j.fault), array_agg(j.stream_id),
                array_agg(j.wished), array_agg(j.seen)
            INTO v_faults, v_streams, v_wished, v_seen
            FROM judged(v_sent, v_begin, v_count, p_console, p_first_n, v_meta, v_hub_ms, p_now_ms) j;
        EXCEPTION WHEN data_exception OR invalid_text_representation OR program_limit_exceeded THEN
            v_faults := '{}';
            FOR i IN v_begin..v_count LOOP
                BEGIN
                    SELECT v_faults || j.fault, v_streams || j.stream_id, v_wished || j.wished, v_seen || j.seen
                    INTO v_faults, v_streams, v_wished, v_seen
                    FROM judged(v_sent, i, i, p_console, p_first_n, v_meta, v_hub_ms, p_now_ms) j;
                EXCEPTION WHEN data_exception OR invalid_text_representation OR program_limit_exceeded THEN
                    v_faults := v_faults || 'malformed'::text;
                    v_streams := v_streams || NULL::integer;
                    v_wished := v_wished || 0::bigint;
                    v_seen := v_seen || 0::bigint;
                END;
            END LOOP;
        END;
        v_is_refused := cardinality(array_remove(v_faults, NULL)) > 0;
        IF v_is_refused THEN
            SELECT array_agg(coalesce(t.fault, CASE WHEN t.is_bad THEN 'with_another' END) ORDER BY t.nth)
            INTO v_faults
            FROM (
                SELECT f.fault, f.nth, bool_or(f.fault IS NOT NULL) OVER (PARTITION BY f.txn) AS is_bad
                FROM unnest(v_faults, p_txn[v_begin:v_count]) WITH ORDINALITY AS f(fault, txn, nth)
            ) t;
            INSERT INTO refused (console, n, role_name, reason, told, hash, payload, base, at)
            SELECT p_console, p_first_n + v_begin + f.nth - 2, session_user, f.fault,
                jsonb_build_object('txn', f.txn, 'stream', f.stream, 'entity', f.entity, 'id', f.id, 'kind', f.kind,
                    'hlc', f.hlc, 'schema_v', f.schema_v, 'author', f.author),
                f.hash, f.payload, f.base, clock_timestamp()
            FROM unnest(v_faults, p_txn[v_begin:v_count], p_stream[v_begin:v_count], p_entity[v_begin:v_count],
                p_id[v_begin:v_count], p_kind[v_begin:v_count], p_hlc[v_begin:v_count], p_schema_v[v_begin:v_count],
                p_author[v_begin:v_count], p_hash[v_begin:v_count], p_payload[v_begin:v_count], p_base[v_begin:v_count])
                WITH ORDINALITY AS f(fault, txn, stream, entity, id, kind, hlc, schema_v, author, hash, payload, base, nth)
            WHERE f.fault IS NOT NULL;
        END IF;

        v_eff := v_console.last_eff;
        v_seqs := array_fill(NULL::bigint, ARRAY[v_count - v_begin + 1]);
        v_effs := v_seqs;
        v_chains := array_fill(NULL::bytea, ARRAY[v_count - v_begin + 1]);
        FOR i IN 1..v_count - v_begin + 1 LOOP
            CONTINUE WHEN v_faults[i] IS NOT NULL;
            v_eff := greatest(v_wished[i], v_eff + 1);
            v_effs[i] := v_eff;
        END LOOP;
        UPDATE console SET last_n = p_first_n + v_count - 1, last_hash = p_hash[v_count], last_eff = v_eff,
            last_push_at = clock_timestamp()
        WHERE id = p_console;
        v_console.last_n := p_first_n + v_count - 1;
        v_console.last_hash := p_hash[v_count];
        -- Numbers are given under the stream's lock, in the order of ids, so that the order of numbers is that of
        -- commits; the statement after the lock sees what the one before it committed.
        FOR v_stream IN SELECT s.id FROM stream s WHERE s.id = ANY (v_streams) ORDER BY s.id FOR NO KEY UPDATE LOOP
            SELECT o.seq, o.chain INTO v_seq, v_chain FROM op o
            WHERE o.stream = v_stream ORDER BY o.stream DESC, o.seq DESC LIMIT 1;
            IF NOT FOUND THEN
                v_seq := 0;
                v_chain := decode(repeat('00', 32), 'hex');
            END IF;
            v_head := v_seq;
            FOR i IN 1..v_count - v_begin + 1 LOOP
                CONTINUE WHEN v_faults[i] IS NOT NULL OR v_streams[i] <> v_stream;
                -- Nobody has seen what is not there yet.
                v_seen[i] := least(v_seen[i], v_head);
                v_seq := v_seq + 1;
                v_chain := sha256(v_chain || int8send(v_seq) || v_hash[v_begin + i - 1] || uuid_send(v_author)
                    || int8send(v_effs[i]) || int8send(v_seen[i]));
                v_seqs[i] := v_seq;
                v_chains[i] := v_chain;
            END LOOP;
        END LOOP;
        INSERT INTO op (stream, seq, console, n, txn, entity, id, kind, payload, base, hlc, schema_v, prev, hash,
            said_author, author, eff, seen, chain, at)
        SELECT f.stream_id, f.seq, p_console, p_first_n + v_begin + f.nth - 2, f.txn, f.entity, f.id, f.kind, f.payload,
            f.base, f.hlc, f.schema_v, f.prev, f.hash, f.said_author, v_author, f.eff, f.seen, f.chain, clock_timestamp()
        FROM unnest(v_streams, v_seqs, v_effs, v_seen, v_chains, p_txn[v_begin:v_count], p_entity[v_begin:v_count],
            p_id[v_begin:v_count], p_kind[v_begin:v_count], p_payload[v_begin:v_count], p_base[v_begin:v_count],
            p_hlc[v_begin:v_count], p_schema_v[v_begin:v_count], p_prev[v_begin:v_count], p_hash[v_begin:v_count],
            p_author[v_begin:v_count])
            WITH ORDINALITY AS f(stream_id, seq, eff, seen, chain, txn, entity, id, kind, payload, base, hlc, schema_v,
                prev, hash, said_author, nth)
        WHERE f.seq IS NOT NULL;
    END IF;
    -- Also those of a push whose answer was lost.
    IF v_begin > 1 OR v_is_refused THEN
        SELECT coalesce(jsonb_object_agg(r.n, r.reason), '{}') INTO v_refused FROM refused r
        WHERE r.console = p_console AND r.n BETWEEN p_first_n AND p_first_n + v_count - 1;
    END IF;
    RETURN jsonb_build_object(
        'last_n', v_console.last_n, 'last_hash', encode(v_console.last_hash, 'hex'), 'hub_ms', hub_now_ms(),
        'refused', v_refused
    );
END $$;

-- What came after `p_after`, up to the end of an act: at least one operation if there is one, about `p_most` at most.
CREATE FUNCTION hub_pull(p_epoch uuid, p_stream text, p_after bigint, p_chain bytea, p_most integer)
RETURNS TABLE (seq bigint, console bytea, n bigint, txn bytea, entity text, id bytea, kind text, payload bytea,
    base bytea, hlc bigint, schema_v integer, prev bytea, hash bytea, said_author bytea, author bytea, eff bigint,
    seen bigint, chain bytea)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, lampboard, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    v_stream stream;
    v_chain bytea;
    v_upto bigint;
    v_txn uuid;
BEGIN
    PERFORM check_epoch(p_epoch);
    SELECT * INTO v_stream FROM stream s WHERE s.id = readable_stream(p_stream);
    IF p_after < v_stream.floor_seq THEN
        RAISE EXCEPTION 'the log begins after %', v_stream.floor_seq USING ERRCODE = 'LB007';
    END IF;
    SELECT o.chain INTO v_chain FROM op o WHERE o.stream = v_stream.id AND o.seq = p_after;
    IF p_after > v_stream.floor_seq AND v_chain IS DISTINCT FROM p_chain THEN
        RAISE EXCEPTION 'operation % is another one here', p_after USING ERRCODE = 'LB008';
    END IF;
    -- An act is seen whole: what it wrote has consecutive numbers. What is committed after this look comes next time.
    SELECT o.seq INTO v_upto FROM op o WHERE o.stream = v_stream.id ORDER BY o.stream DESC, o.seq DESC LIMIT 1;
    v_upto := least(v_upto, p_after + least(greatest(p_most, 1), 10000));
    SELECT o.txn INTO v_txn FROM op o WHERE o.stream = v_stream.id AND o.seq = v_upto;
    WHILE FOUND LOOP
        v_upto := v_upto + 1;
        PERFORM 1 FROM op o WHERE o.stream = v_stream.id AND o.seq = v_upto AND o.txn = v_txn;
    END LOOP;
    RETURN QUERY
        SELECT o.seq, uuid_send(o.console), o.n, uuid_send(o.txn), o.entity, uuid_send(o.id), o.kind, o.payload,
            o.base, o.hlc, o.schema_v, o.prev, o.hash, uuid_send(o.said_author), uuid_send(o.author), o.eff, o.seen, o.chain
        FROM op o WHERE o.stream = v_stream.id AND o.seq > p_after AND o.seq < v_upto
        ORDER BY o.seq;
END $$;

-- A block of ticket numbers for a console, above every number given and every number the console knows of.
CREATE FUNCTION hub_lease(p_epoch uuid, p_console uuid, p_count integer, p_highest bigint) RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, lampboard, pg_temp
AS $$
DECLARE
    v_first bigint;
BEGIN
    PERFORM check_epoch(p_epoch);
    PERFORM own_console(p_console);
    PERFORM 1 FROM hub_meta m FOR NO KEY UPDATE;
    SELECT greatest(coalesce(max(b.last), 0), least(p_highest, 1000000000)) + 1 INTO v_first FROM number_block b;
    INSERT INTO number_block (first, last, console, at)
    VALUES (v_first, v_first + least(greatest(p_count, 1), 1000) - 1, p_console, clock_timestamp());
    RETURN v_first;
END $$;

REVOKE ALL ON ALL TABLES IN SCHEMA lampboard FROM PUBLIC;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA lampboard FROM PUBLIC;
GRANT USAGE ON SCHEMA lampboard TO lampboard_console;
GRANT EXECUTE ON FUNCTION hub_join(uuid, uuid), hub_heads(uuid, uuid), hub_push(uuid, uuid, bigint, bigint, uuid[], text[],
    text[], uuid[], text[], bytea[], bytea[], bigint[], integer[], bytea[], bytea[], uuid[]),
    hub_pull(uuid, text, bigint, bytea, integer), hub_lease(uuid, uuid, integer, bigint) TO lampboard_console;
