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

-- The login's right in a stream: read, write or nothing.
CREATE FUNCTION right_in(p_stream integer) RETURNS text LANGUAGE sql STABLE
AS $$ SELECT m.rights FROM member m WHERE m.stream = p_stream AND m.role_name = session_user::text $$;

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

CREATE FUNCTION measured(p_part bytea) RETURNS bytea LANGUAGE sql IMMUTABLE
AS $$ SELECT int4send(octet_length(p_part)) || p_part $$;

-- SHA-256 over every part of an operation with its length before it, as core/operations/envelope.py takes it.
CREATE FUNCTION hash_of(p_op jsonb, p_console uuid, p_n bigint) RETURNS bytea LANGUAGE sql IMMUTABLE
AS $$
    SELECT sha256(
        measured(decode(p_op->>'prev', 'hex'))
        || measured(uuid_send(p_console))
        || measured(convert_to(p_n::text, 'UTF8'))
        || measured(uuid_send((p_op->>'txn')::uuid))
        || measured(convert_to(p_op->>'stream', 'UTF8'))
        || measured(convert_to(p_op->>'entity', 'UTF8'))
        || measured(uuid_send((p_op->>'id')::uuid))
        || measured(convert_to(p_op->>'kind', 'UTF8'))
        || measured(convert_to(p_op->>'payload', 'UTF8'))
        || measured(convert_to(p_op->>'base', 'UTF8'))
        || measured(convert_to((p_op->>'hlc')::bigint::text, 'UTF8'))
        || measured(convert_to((p_op->>'schema_v')::integer::text, 'UTF8'))
        || measured(uuid_send((p_op->>'author')::uuid))
    )
$$;

-- Why an operation can never be taken in, or NULL.
CREATE FUNCTION fault_of(p_op jsonb, p_console uuid, p_n bigint, p_meta hub_meta) RETURNS text
LANGUAGE plpgsql STABLE
AS $$
DECLARE
    v_stream integer;
BEGIN
    IF octet_length(p_op->>'payload') > p_meta.largest_payload OR octet_length(p_op->>'base') > p_meta.largest_payload THEN
        RETURN 'too_large';
    END IF;
    IF (p_op->>'schema_v')::integer > p_meta.schema_newest THEN
        RETURN 'schema_newer';
    END IF;
    IF (p_op->>'schema_v')::integer < p_meta.schema_min_push THEN
        RETURN 'schema_older';
    END IF;
    IF NOT EXISTS (SELECT 1 FROM op_kind k WHERE k.kind = p_op->>'kind' AND k.entity = p_op->>'entity') THEN
        RETURN 'kind_unknown';
    END IF;
    SELECT s.id INTO v_stream FROM stream s WHERE s.name = p_op->>'stream';
    IF NOT FOUND OR right_in(v_stream) IS DISTINCT FROM 'write' THEN
        RETURN 'no_right';
    END IF;
    IF json_typeof((p_op->>'payload')::json) <> 'object' OR json_typeof((p_op->>'base')::json) <> 'object'
        OR (p_op->>'hlc')::bigint < 0 OR coalesce((p_op->>'base')::json->>'@hub', '0')::bigint < 0
        OR coalesce((p_op->>'base')::json->>'@seen', '0')::bigint < 0 THEN
        RETURN 'malformed';
    END IF;
    IF hash_of(p_op, p_console, p_n) IS DISTINCT FROM decode(p_op->>'hash', 'hex') THEN
        RETURN 'hash_wrong';
    END IF;
    RETURN NULL;
EXCEPTION WHEN OTHERS THEN
    RETURN 'malformed';
END $$;

-- The hub's time of an operation: the console's clock set right by what it shows now, never before what its author had
-- seen, never after the present, always after the console's one before.
CREATE FUNCTION eff_of(p_op jsonb, p_hub_ms bigint, p_console_ms bigint, p_last_eff bigint) RETURNS bigint
LANGUAGE sql IMMUTABLE
AS $$
    SELECT greatest(
        least(
            (p_op->>'hlc')::numeric + (p_hub_ms - p_console_ms)::numeric * 65536,
            p_hub_ms::numeric * 65536
        ),
        -- A hub's clock may have been set back a little since it was seen; nobody has seen tomorrow.
        least(
            coalesce((p_op->>'base')::json->>'@hub', '0')::numeric,
            (p_hub_ms + 86400000)::numeric * 65536
        ) + 1,
        p_last_eff + 1
    )::bigint
$$;

-- The number up to which its author had read the log. What was read before the hub was restored counts only as far as
-- that log still stands.
CREATE FUNCTION seen_of(p_op jsonb, p_meta hub_meta) RETURNS bigint
LANGUAGE sql IMMUTABLE
AS $$
    SELECT CASE
        WHEN (p_op->>'base')::json->>'@epoch' = p_meta.epoch::text
        THEN coalesce((p_op->>'base')::json->>'@seen', '0')::bigint
        ELSE least(coalesce((p_op->>'base')::json->>'@seen', '0')::bigint, p_meta.epoch_began)
    END
$$;

CREATE FUNCTION chain_of(p_chain bytea, p_seq bigint, p_hash bytea, p_author uuid, p_eff bigint, p_seen bigint)
RETURNS bytea LANGUAGE sql IMMUTABLE
AS $$
    SELECT sha256(p_chain || int8send(p_seq) || p_hash || uuid_send(p_author) || int8send(p_eff) || int8send(p_seen))
$$;

CREATE FUNCTION heads_of_session() RETURNS jsonb LANGUAGE sql VOLATILE
AS $$
    SELECT coalesce(jsonb_object_agg(s.name, jsonb_build_object(
        'head', coalesce((SELECT max(o.seq) FROM op o WHERE o.stream = s.id), 0),
        'rights', m.rights
    )), '{}'::jsonb)
    FROM member m JOIN stream s ON s.id = m.stream WHERE m.role_name = session_user::text
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
        RAISE EXCEPTION 'that person has another login' USING ERRCODE = 'LB005';
    END;
    SELECT l.person INTO v_person FROM login l WHERE l.role_name = session_user::text;
    INSERT INTO console (id, role_name) VALUES (p_console, session_user) ON CONFLICT (id) DO NOTHING;
    PERFORM own_console(p_console);
    SELECT * INTO v_meta FROM hub_meta;
    RETURN jsonb_build_object('epoch', v_meta.epoch, 'role', session_user, 'person', v_person);
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
CREATE FUNCTION hub_push(p_epoch uuid, p_console uuid, p_first_n bigint, p_now_ms bigint, p_ops jsonb) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, lampboard, pg_temp
AS $$
DECLARE
    v_console console;
    v_meta hub_meta;
    v_author uuid;
    v_ops jsonb[] := ARRAY(SELECT e.op FROM jsonb_array_elements(p_ops) WITH ORDINALITY AS e(op, place) ORDER BY e.place);
    v_count integer := cardinality(v_ops);
    v_begin integer;
    v_hash bytea;
    v_fault text;
    v_faults text[] := array_fill(NULL::text, ARRAY[greatest(v_count, 1)]);
    v_effs bigint[] := array_fill(NULL::bigint, ARRAY[greatest(v_count, 1)]);
    v_bad_txns jsonb := '{}';
    v_stream record;
    v_seq bigint;
    v_chain bytea;
    v_eff bigint;
    v_seen bigint;
    v_hub_ms bigint;
    i integer;
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'hub_push needs READ COMMITTED' USING ERRCODE = 'LB009';
    END IF;
    PERFORM check_epoch(p_epoch);
    SELECT * INTO v_meta FROM hub_meta;
    v_console := own_console(p_console);
    SELECT l.person INTO STRICT v_author FROM login l WHERE l.role_name = session_user::text;
    IF p_first_n > v_console.last_n + 1 OR p_first_n < 1 THEN
        RAISE EXCEPTION 'the last operation here is %, then came %', v_console.last_n, p_first_n USING ERRCODE = 'LB003';
    END IF;
    v_begin := (v_console.last_n - p_first_n + 2)::integer;
    -- What was sent again has to be what was sent: a copy of the console's file goes on with other operations.
    IF v_begin BETWEEN 2 AND v_count + 1
        AND decode(v_ops[v_begin - 1]->>'hash', 'hex') IS DISTINCT FROM v_console.last_hash THEN
        RAISE EXCEPTION 'operation % is another one here', v_console.last_n USING ERRCODE = 'LB004';
    END IF;

    v_hash := v_console.last_hash;
    FOR i IN v_begin..v_count LOOP
        IF decode(v_ops[i]->>'prev', 'hex') IS DISTINCT FROM v_hash
            OR octet_length(decode(v_ops[i]->>'hash', 'hex')) IS DISTINCT FROM 32 THEN
            RAISE EXCEPTION 'operation % does not follow on the one before', p_first_n + i - 1 USING ERRCODE = 'LB004';
        END IF;
        v_hash := decode(v_ops[i]->>'hash', 'hex');
        v_fault := fault_of(v_ops[i], p_console, p_first_n + i - 1, v_meta);
        v_faults[i] := v_fault;
        IF v_fault IS NOT NULL THEN
            v_bad_txns := v_bad_txns || jsonb_build_object(coalesce(v_ops[i]->>'txn', ''), true);
        END IF;
    END LOOP;

    -- Numbers are given under the stream's lock, in the order of ids, so that the order of numbers is that of commits.
    PERFORM 1 FROM stream s
    WHERE s.name IN (SELECT v_ops[k]->>'stream' FROM generate_series(v_begin, v_count) k WHERE v_faults[k] IS NULL)
    ORDER BY s.id FOR NO KEY UPDATE;
    v_hub_ms := hub_now_ms();
    v_eff := v_console.last_eff;
    FOR i IN v_begin..v_count LOOP
        IF v_bad_txns ? coalesce(v_ops[i]->>'txn', '') THEN
            v_faults[i] := coalesce(v_faults[i], 'with_another');
            INSERT INTO refused (console, n, role_name, reason, told, at)
            VALUES (p_console, p_first_n + i - 1, session_user, v_faults[i], v_ops[i], clock_timestamp());
        ELSE
            v_eff := eff_of(v_ops[i], v_hub_ms, p_now_ms, v_eff);
            v_effs[i] := v_eff;
        END IF;
    END LOOP;
    FOR v_stream IN
        SELECT s.id, s.name FROM stream s
        WHERE s.name IN (SELECT v_ops[k]->>'stream' FROM generate_series(v_begin, v_count) k WHERE v_faults[k] IS NULL)
        ORDER BY s.id
    LOOP
        SELECT o.seq, o.chain INTO v_seq, v_chain FROM op o
        WHERE o.stream = v_stream.id ORDER BY o.stream DESC, o.seq DESC LIMIT 1;
        IF NOT FOUND THEN
            v_seq := 0;
            v_chain := decode(repeat('00', 32), 'hex');
        END IF;
        FOR i IN v_begin..v_count LOOP
            CONTINUE WHEN v_faults[i] IS NOT NULL OR v_ops[i]->>'stream' <> v_stream.name;
            v_seq := v_seq + 1;
            v_seen := seen_of(v_ops[i], v_meta);
            v_chain := chain_of(v_chain, v_seq, decode(v_ops[i]->>'hash', 'hex'), v_author, v_effs[i], v_seen);
            INSERT INTO op (stream, seq, console, n, txn, entity, id, kind, payload, base, hlc, schema_v, prev, hash,
                said_author, author, eff, seen, chain, at)
            VALUES (v_stream.id, v_seq, p_console, p_first_n + i - 1, (v_ops[i]->>'txn')::uuid, v_ops[i]->>'entity',
                (v_ops[i]->>'id')::uuid, v_ops[i]->>'kind', convert_to(v_ops[i]->>'payload', 'UTF8'),
                convert_to(v_ops[i]->>'base', 'UTF8'), (v_ops[i]->>'hlc')::bigint, (v_ops[i]->>'schema_v')::integer,
                decode(v_ops[i]->>'prev', 'hex'), decode(v_ops[i]->>'hash', 'hex'),
                (v_ops[i]->>'author')::uuid, v_author, v_effs[i], v_seen, v_chain, clock_timestamp());
        END LOOP;
    END LOOP;
    IF v_begin <= v_count THEN
        UPDATE console SET last_n = p_first_n + v_count - 1, last_hash = v_hash, last_eff = v_eff,
            last_push_at = clock_timestamp()
        WHERE id = p_console;
        v_console.last_n := p_first_n + v_count - 1;
        v_console.last_hash := v_hash;
    END IF;
    RETURN jsonb_build_object(
        'last_n', v_console.last_n, 'last_hash', encode(v_console.last_hash, 'hex'), 'hub_ms', v_hub_ms,
        'refused', (SELECT coalesce(jsonb_object_agg(r.n, r.reason), '{}'::jsonb) FROM refused r
            WHERE r.console = p_console AND r.n BETWEEN p_first_n AND p_first_n + v_count - 1),
        'streams', heads_of_session()
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
    SELECT * INTO v_stream FROM stream s WHERE s.name = p_stream;
    IF NOT FOUND OR right_in(v_stream.id) IS NULL THEN
        RAISE EXCEPTION '% may not read that stream', session_user USING ERRCODE = 'LB001';
    END IF;
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
GRANT EXECUTE ON FUNCTION hub_join(uuid, uuid), hub_heads(uuid, uuid), hub_push(uuid, uuid, bigint, bigint, jsonb),
    hub_pull(uuid, text, bigint, bytea, integer), hub_lease(uuid, uuid, integer, bigint) TO lampboard_console;
