-- What a keeper writes down: every record as the log has it, so that nobody has to fold the whole log.

-- `sort` is the order in which a new file takes documents in: master data before tickets, those newest first. It never
-- changes for a record, nor does its id: pages stay in order whatever is written meanwhile. `hot_until` is in
-- milliseconds since 1970; without it a record is hot, or cold, until it is written again.
CREATE TABLE doc (
    stream integer NOT NULL REFERENCES stream (id),
    id uuid NOT NULL,
    entity text COLLATE "C" NOT NULL CHECK (entity IN ('record', 'ticket')),
    is_hot boolean NOT NULL,
    hot_until bigint,
    sort bigint NOT NULL,
    folded_seq bigint NOT NULL,
    body bytea NOT NULL,
    gone boolean NOT NULL,
    PRIMARY KEY (stream, id)
);
CREATE INDEX doc_by_page ON doc (stream, is_hot, sort, id);
CREATE INDEX doc_to_cool ON doc (stream, hot_until) WHERE is_hot AND hot_until IS NOT NULL;

-- How far documents are written down; not in `stream`, whose rows pushes wait for.
CREATE TABLE folded (
    stream integer PRIMARY KEY REFERENCES stream (id),
    seq bigint NOT NULL,
    chain bytea NOT NULL,
    doc_version integer NOT NULL,
    at timestamptz NOT NULL
);

CREATE TABLE keeper_lease (
    the_one integer PRIMARY KEY DEFAULT 1 CHECK (the_one = 1),
    console uuid NOT NULL,
    until timestamptz NOT NULL
);

-- A stream that the login keeps; any of them for NULL.
CREATE FUNCTION kept_stream(p_stream text) RETURNS integer LANGUAGE plpgsql STABLE
AS $$
DECLARE
    v_stream integer := (
        SELECT min(s.id) FROM stream s JOIN member m ON m.stream = s.id
        WHERE s.name = coalesce(p_stream, s.name) AND m.role_name = session_user::text AND m.rights = 'keep'
    );
BEGIN
    IF v_stream IS NULL THEN
        RAISE EXCEPTION '% keeps no such stream', session_user USING ERRCODE = 'LB001';
    END IF;
    RETURN v_stream;
END $$;

-- The lease, held against takers until the end of the transaction.
CREATE FUNCTION check_lease(p_console uuid) RETURNS void LANGUAGE plpgsql VOLATILE
AS $$
BEGIN
    PERFORM 1 FROM keeper_lease l WHERE l.console = p_console AND l.until > clock_timestamp() FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'another keeper is at work' USING ERRCODE = 'LB011';
    END IF;
END $$;

-- One keeper at a time, by the hub's clock. With no seconds the lease is given back.
CREATE FUNCTION hub_keep_lease(p_epoch uuid, p_console uuid, p_seconds integer) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, lampboard, pg_temp
AS $$
DECLARE
    v_until timestamptz := clock_timestamp() + make_interval(secs => least(greatest(p_seconds, 0), 600));
    v_lease keeper_lease;
BEGIN
    PERFORM check_epoch(p_epoch);
    PERFORM own_console(p_console);
    PERFORM kept_stream(NULL);
    INSERT INTO keeper_lease AS l (console, until) VALUES (p_console, v_until)
    ON CONFLICT (the_one) DO UPDATE SET console = excluded.console, until = excluded.until
    WHERE l.console = excluded.console OR l.until <= clock_timestamp();
    SELECT * INTO v_lease FROM keeper_lease;
    RETURN jsonb_build_object(
        'is_held', v_lease.console = p_console AND p_seconds > 0, 'console', v_lease.console,
        'until_ms', (extract(epoch FROM v_lease.until) * 1000)::bigint, 'hub_ms', hub_now_ms()
    );
END $$;

-- Documents as of `p_folded_seq` of a stream, where the chain has to fit. An older one never replaces a newer; with
-- `p_is_whole` every record that was touched up to there has now been written.
CREATE FUNCTION hub_keep(p_epoch uuid, p_console uuid, p_stream text, p_docs jsonb, p_folded_seq bigint, p_chain bytea,
    p_doc_version integer, p_is_whole boolean) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, lampboard, pg_temp
AS $$
DECLARE
    v_stream integer;
BEGIN
    PERFORM check_epoch(p_epoch);
    PERFORM own_console(p_console);
    v_stream := kept_stream(p_stream);
    PERFORM check_lease(p_console);
    PERFORM 1 FROM op o WHERE o.stream = v_stream AND o.seq = p_folded_seq AND o.chain = p_chain;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'operation % is another one here', p_folded_seq USING ERRCODE = 'LB008';
    END IF;
    INSERT INTO doc AS d (stream, id, entity, is_hot, hot_until, sort, folded_seq, body, gone)
    SELECT v_stream, n.id, n.entity, n.is_hot, n.hot_until, n.sort, p_folded_seq, decode(n.body, 'base64'), n.gone
    FROM jsonb_to_recordset(p_docs) AS n
        (id uuid, entity text, is_hot boolean, hot_until bigint, sort bigint, body text, gone boolean)
    ON CONFLICT (stream, id) DO UPDATE SET entity = excluded.entity, is_hot = excluded.is_hot,
        hot_until = excluded.hot_until, sort = excluded.sort, folded_seq = excluded.folded_seq, body = excluded.body,
        gone = excluded.gone
    WHERE d.folded_seq <= excluded.folded_seq;
    UPDATE doc d SET is_hot = false WHERE d.stream = v_stream AND d.is_hot AND d.hot_until < hub_now_ms();
    IF p_is_whole THEN
        INSERT INTO folded AS f (stream, seq, chain, doc_version, at)
        VALUES (v_stream, p_folded_seq, p_chain, p_doc_version, clock_timestamp())
        ON CONFLICT (stream) DO UPDATE SET seq = excluded.seq, chain = excluded.chain,
            doc_version = excluded.doc_version, at = excluded.at
        WHERE f.seq <= excluded.seq;
    END IF;
END $$;

-- How far documents are written down, the chain there, and how many there are.
CREATE FUNCTION hub_folded(p_epoch uuid, p_stream text) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, lampboard, pg_temp
AS $$
DECLARE
    v_stream integer;
    v_folded folded;
BEGIN
    PERFORM check_epoch(p_epoch);
    v_stream := readable_stream(p_stream);
    SELECT * INTO v_folded FROM folded f WHERE f.stream = v_stream;
    RETURN jsonb_build_object(
        'folded_seq', coalesce(v_folded.seq, 0),
        'chain', encode(coalesce(v_folded.chain, decode(repeat('00', 32), 'hex')), 'hex'),
        'doc_version', coalesce(v_folded.doc_version, 0),
        'hot', (SELECT count(*) FROM doc d WHERE d.stream = v_stream AND d.is_hot),
        'cold', (SELECT count(*) FROM doc d WHERE d.stream = v_stream AND NOT d.is_hot)
    );
END $$;

-- Documents after the one with the id `p_after_id`, from the beginning for NULL: at least one if there is one, at most
-- `p_most` and about four megabytes.
CREATE FUNCTION hub_documents(p_epoch uuid, p_stream text, p_hot boolean, p_after_id uuid, p_most integer)
RETURNS TABLE (id bytea, entity text, folded_seq bigint, gone boolean, body bytea)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, lampboard, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    v_stream integer;
    v_after bigint;
BEGIN
    PERFORM check_epoch(p_epoch);
    v_stream := readable_stream(p_stream);
    SELECT d.sort INTO v_after FROM doc d WHERE d.stream = v_stream AND d.id = p_after_id;
    RETURN QUERY
        SELECT uuid_send(n.id), n.entity, n.folded_seq, n.gone, n.body
        FROM (
            SELECT p.*, sum(octet_length(p.body)) OVER (ORDER BY p.sort, p.id) - octet_length(p.body) AS bytes_before
            FROM (
                SELECT d.* FROM doc d
                WHERE d.stream = v_stream AND d.is_hot = p_hot
                    AND (d.sort, d.id) > (coalesce(v_after, -1), coalesce(p_after_id, '00000000-0000-0000-0000-000000000000'))
                ORDER BY d.sort, d.id LIMIT least(greatest(p_most, 1), 5000)
            ) p
        ) n
        WHERE n.bytes_before < 4194304
        ORDER BY n.sort, n.id;
END $$;

-- Single documents, for a record that was touched before its page came.
CREATE FUNCTION hub_documents_of(p_epoch uuid, p_stream text, p_ids uuid[])
RETURNS TABLE (id bytea, entity text, folded_seq bigint, gone boolean, body bytea)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, lampboard, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    v_stream integer;
BEGIN
    PERFORM check_epoch(p_epoch);
    v_stream := readable_stream(p_stream);
    RETURN QUERY
        SELECT uuid_send(d.id), d.entity, d.folded_seq, d.gone, d.body FROM doc d
        WHERE d.stream = v_stream AND d.id = ANY (p_ids[1:5000]) ORDER BY d.sort, d.id;
END $$;

REVOKE ALL ON ALL TABLES IN SCHEMA lampboard FROM PUBLIC;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA lampboard FROM PUBLIC;
GRANT EXECUTE ON FUNCTION hub_keep_lease(uuid, uuid, integer),
    hub_keep(uuid, uuid, text, jsonb, bigint, bytea, integer, boolean), hub_folded(uuid, text),
    hub_documents(uuid, text, boolean, uuid, integer), hub_documents_of(uuid, text, uuid[]) TO lampboard_console;
