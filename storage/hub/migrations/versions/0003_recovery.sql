-- What a hub and its consoles find each other by again: after a restore of the hub, and where a console's file was copied.

-- A new epoch begins where the log stands now. Numbers of tickets that were leased after the backup are not known here:
-- the next block begins as far on as 35 days of leasing reach, 1000 at least, at a round number.
CREATE FUNCTION begin_epoch(p_found_by text) RETURNS hub_epoch
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, lampboard, pg_temp
AS $$
DECLARE
    v_epoch hub_epoch;
    v_last bigint;
    v_leased bigint;
    v_leap bigint;
BEGIN
    PERFORM 1 FROM hub_meta m FOR UPDATE;
    PERFORM 1 FROM stream s ORDER BY s.id FOR NO KEY UPDATE;
    INSERT INTO hub_epoch (place, epoch, began, at, found_by)
    SELECT
        (SELECT max(e.place) + 1 FROM hub_epoch e), gen_random_uuid(),
        coalesce((SELECT min(heads.head) FROM (SELECT max(o.seq) AS head FROM op o GROUP BY o.stream) heads), 0),
        clock_timestamp(), p_found_by
    RETURNING * INTO v_epoch;
    UPDATE hub_meta SET epoch = v_epoch.epoch;

    SELECT coalesce(max(b.last), 0) INTO v_last FROM number_block b;
    SELECT coalesce(sum(b.last - b.first + 1), 0) INTO v_leased FROM number_block b
    WHERE b.console <> '00000000-0000-0000-0000-000000000000'
        AND b.at > (SELECT max(newest.at) FROM number_block newest) - interval '35 days';
    v_leap := (v_last + greatest(v_leased, 1000)) / 10000 * 10000 + 10000;
    INSERT INTO number_block (first, last, console, at)
    VALUES (v_last + 1, v_leap - 1, '00000000-0000-0000-0000-000000000000', clock_timestamp());
    RETURN v_epoch;
END $$;

-- A console that was told of an operation which is not in the log has found out that the hub was restored. The chain has no
-- key, so nobody can prove that: a keeper is believed and an epoch begins, unless it is wrong, at most ten times an hour;
-- whoever only writes is told to wait for a keeper or for who runs the hub. Answers the epoch in force.
CREATE FUNCTION hub_restored_found(p_epoch uuid, p_console uuid, p_stream text, p_seq bigint, p_chain bytea) RETURNS uuid
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, lampboard, pg_temp
AS $$
DECLARE
    v_stream stream;
BEGIN
    PERFORM own_console(p_console);
    SELECT * INTO v_stream FROM stream s WHERE s.name = p_stream;
    IF NOT FOUND OR right_in(v_stream.id) IS DISTINCT FROM 'write' THEN
        RAISE EXCEPTION '% may not write that stream', session_user USING ERRCODE = 'LB001';
    END IF;
    -- Two may find it out at once.
    PERFORM 1 FROM hub_meta m FOR UPDATE;
    PERFORM check_epoch(p_epoch);
    IF p_seq <= v_stream.floor_seq OR EXISTS (
        SELECT 1 FROM op o WHERE o.stream = v_stream.id AND o.seq = p_seq AND o.chain = p_chain
    ) THEN
        RETURN p_epoch;
    END IF;
    IF NOT EXISTS (
        SELECT 1 FROM member m
        WHERE m.stream = v_stream.id AND m.role_name = session_user::text AND m.rights = 'keep'
    ) THEN
        RAISE EXCEPTION 'it has something else at %', p_seq USING ERRCODE = 'LB012';
    END IF;
    IF (SELECT count(*) FROM hub_epoch e WHERE e.found_by <> '' AND e.at > clock_timestamp() - interval '1 hour') >= 10 THEN
        RAISE EXCEPTION 'it was said to be restored ten times within an hour' USING ERRCODE = 'LB008';
    END IF;
    RETURN (begin_epoch(session_user::text)).epoch;
END $$;

-- The chain at each of some numbers, for those that are in the log.
CREATE FUNCTION hub_chain_at(p_epoch uuid, p_stream text, p_seqs bigint[]) RETURNS TABLE (seq bigint, chain bytea)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, lampboard, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    v_stream integer;
BEGIN
    PERFORM check_epoch(p_epoch);
    v_stream := readable_stream(p_stream);
    RETURN QUERY
        SELECT o.seq, o.chain FROM op o
        WHERE o.stream = v_stream AND o.seq = ANY (p_seqs[1:10000]) ORDER BY o.seq;
END $$;

-- What the hub has of a console under each of some numbers, taken in or refused.
CREATE FUNCTION hub_hashes_of(p_epoch uuid, p_console uuid, p_ns bigint[]) RETURNS TABLE (n bigint, hash bytea)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, lampboard, pg_temp
AS $$
#variable_conflict use_column
BEGIN
    PERFORM check_epoch(p_epoch);
    PERFORM check_member();
    IF NOT EXISTS (SELECT 1 FROM console c WHERE c.id = p_console AND c.role_name = session_user::text) THEN
        RAISE EXCEPTION 'this console has not joined as %', session_user USING ERRCODE = 'LB001';
    END IF;
    RETURN QUERY
        SELECT o.n, o.hash FROM op o WHERE o.console = p_console AND o.n = ANY (p_ns[1:10000])
        UNION ALL
        SELECT x.n, x.hash FROM refused x WHERE x.console = p_console AND x.n = ANY (p_ns[1:10000])
        ORDER BY 1;
END $$;

-- Under which names the log has operations of the person who asks, which another file has perhaps signed anew; handed over
-- as each was first written.
CREATE FUNCTION hub_names_of(p_epoch uuid, p_console uuid, p_consoles uuid[], p_ns bigint[], p_txns uuid[],
    p_hlcs bigint[])
RETURNS TABLE (place integer, console bytea, n bigint)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, lampboard, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    v_person uuid;
BEGIN
    PERFORM check_epoch(p_epoch);
    PERFORM own_console(p_console);
    SELECT l.person INTO v_person FROM login l WHERE l.role_name = session_user::text;
    RETURN QUERY
        SELECT DISTINCT ON (f.nth) f.nth::integer, uuid_send(named.console), named.n
        FROM unnest(p_consoles[1:10000], p_ns[1:10000], p_txns[1:10000], p_hlcs[1:10000]) WITH ORDINALITY
            AS f(console, n, txn, hlc, nth)
        CROSS JOIN LATERAL names_in_log(ROW(f.console, f.n, f.txn, f.hlc)::first_written, v_person) named
        ORDER BY f.nth;
END $$;

REVOKE ALL ON FUNCTION begin_epoch(text), hub_restored_found(uuid, uuid, text, bigint, bytea),
    hub_chain_at(uuid, text, bigint[]), hub_hashes_of(uuid, uuid, bigint[]),
    hub_names_of(uuid, uuid, uuid[], bigint[], uuid[], bigint[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION hub_restored_found(uuid, uuid, text, bigint, bytea), hub_chain_at(uuid, text, bigint[]),
    hub_hashes_of(uuid, uuid, bigint[]), hub_names_of(uuid, uuid, uuid[], bigint[], uuid[], bigint[]) TO lampboard_console;
