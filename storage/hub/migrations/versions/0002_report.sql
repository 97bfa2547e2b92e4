-- Rows to ask questions of, as a keeper has them: names and columns of a console's own tables. docs/reporting.md tells
-- what they mean. Instants have a zone, money stays minor units beside a currency; nothing but keys is required.

CREATE TABLE report.affiliation (
    id uuid,
    contact uuid,
    company uuid,
    role text,
    may_order boolean,
    may_approve boolean,
    order_limit bigint,
    currency text,
    since timestamptz,
    until timestamptz,
    archived boolean,
    PRIMARY KEY (id)
);

CREATE TABLE report.calendar (
    id uuid,
    name text,
    body jsonb,
    archived boolean,
    PRIMARY KEY (id)
);

CREATE TABLE report.call_back (
    id uuid,
    ticket uuid,
    contact uuid,
    number text,
    due_at timestamptz,
    person uuid,
    note text,
    is_dropped boolean,
    PRIMARY KEY (id)
);

CREATE TABLE report.company (
    id uuid,
    name text,
    kind text,
    tier text,
    parent uuid,
    country text,
    language text,
    annual_value bigint,
    currency text,
    account_manager uuid,
    deputy_manager uuid,
    derived_by text,
    archived boolean,
    PRIMARY KEY (id)
);

CREATE TABLE report.conflict (
    id uuid,
    record uuid,
    entity text,
    kind text,
    field text,
    body jsonb,
    at timestamptz,
    is_open boolean,
    PRIMARY KEY (id)
);

CREATE TABLE report.contact (
    id uuid,
    name text,
    phone text,
    phone_digits text,
    email text,
    language text,
    notes text,
    derived_by text,
    archived boolean,
    other_phones jsonb,
    best_hours text,
    PRIMARY KEY (id)
);

CREATE TABLE report.contract (
    id uuid,
    company uuid,
    number text,
    derived_by text,
    archived boolean,
    PRIMARY KEY (id)
);

CREATE TABLE report.contract_version (
    id uuid,
    contract uuid,
    valid_from timestamptz,
    valid_until timestamptz,
    grade text,
    policy uuid,
    calendar uuid,
    coverage text,
    exclusions text,
    included_units bigint,
    "unit" text,
    rates text,
    annual_value bigint,
    currency text,
    paid_until timestamptz,
    derived_by text,
    archived boolean,
    PRIMARY KEY (id)
);

CREATE TABLE report.document_version (
    id uuid,
    document uuid,
    kind text,
    number bigint,
    valid_from timestamptz,
    body jsonb,
    note text,
    archived boolean,
    PRIMARY KEY (id)
);

CREATE TABLE report.entry (
    id uuid,
    ticket uuid,
    at timestamptz,
    kind text,
    direction text,
    person uuid,
    contact uuid,
    text text,
    code text,
    data jsonb,
    delivery text,
    hidden boolean,
    derived_by text,
    PRIMARY KEY (id)
);

CREATE TABLE report.external_id (
    namespace text,
    key text,
    entity text,
    id uuid,
    PRIMARY KEY (id, namespace, key, entity)
);

CREATE TABLE report.equipment (
    id uuid,
    company uuid,
    model uuid,
    site uuid,
    parent uuid,
    serial text,
    inventory_number text,
    place text,
    commissioned_at timestamptz,
    warranty_until timestamptz,
    derived_by text,
    archived boolean,
    PRIMARY KEY (id)
);

CREATE TABLE report.grade (
    id uuid,
    name text,
    body jsonb,
    archived boolean,
    PRIMARY KEY (id)
);

CREATE TABLE report.merged_record (
    record uuid,
    entity text,
    "into" uuid,
    PRIMARY KEY (record)
);

CREATE TABLE report.model (
    id uuid,
    name text,
    maker text,
    category text,
    derived_by text,
    archived boolean,
    PRIMARY KEY (id)
);

CREATE TABLE report.person (
    id uuid,
    name text,
    team uuid,
    zone text,
    language text,
    skills jsonb,
    rights jsonb,
    derived_by text,
    archived boolean,
    PRIMARY KEY (id)
);

CREATE TABLE report.policy (
    id uuid,
    name text,
    body jsonb,
    archived boolean,
    PRIMARY KEY (id)
);

CREATE TABLE report.site (
    id uuid,
    company uuid,
    name text,
    territory uuid,
    address text,
    latitude double precision,
    longitude double precision,
    zone text,
    opening_hours text,
    closing_days text,
    derived_by text,
    archived boolean,
    PRIMARY KEY (id)
);

CREATE TABLE report.team (
    id uuid,
    name text,
    derived_by text,
    archived boolean,
    PRIMARY KEY (id)
);

CREATE TABLE report.territory (
    id uuid,
    name text,
    zone text,
    archived boolean,
    PRIMARY KEY (id)
);

CREATE TABLE report.ticket (
    id uuid,
    number text,
    subject text,
    company uuid,
    site uuid,
    equipment uuid,
    contract_version uuid,
    request_type text,
    channel text,
    stage text,
    stage_class bigint,
    priority bigint,
    owner uuid,
    team uuid,
    category text,
    fault_code text,
    cause_code text,
    resolution_code text,
    waiting_cause text,
    waiting_party text,
    waiting_until timestamptz,
    opened_at timestamptz,
    changed_at timestamptz,
    closed_at timestamptz,
    tags text,
    extra text,
    derived_by text,
    archived boolean,
    sla_missed boolean,
    reporter_count bigint,
    PRIMARY KEY (id)
);

CREATE TABLE report.ticket_reporter (
    ticket uuid,
    place bigint,
    contact uuid,
    PRIMARY KEY (ticket, place)
);

CREATE TABLE report.view (
    id uuid,
    name text,
    body jsonb,
    archived boolean,
    PRIMARY KEY (id)
);

CREATE INDEX entry_by_ticket ON report.entry (ticket, at);
CREATE INDEX ticket_by_company ON report.ticket (company, opened_at);
CREATE INDEX ticket_by_opening ON report.ticket (opened_at);

-- Replace rows of one table: what `p_keys` names goes, what `p_rows` holds comes. `p_all` empties the table first; who
-- wants nobody to see it empty calls this within a transaction.
CREATE FUNCTION hub_report(p_epoch uuid, p_console uuid, p_table text, p_keys jsonb, p_rows jsonb, p_all boolean)
RETURNS void LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, lampboard, pg_temp
AS $$
DECLARE
    v_key text := CASE p_table WHEN 'ticket_reporter' THEN 'ticket' WHEN 'merged_record' THEN 'record' ELSE 'id' END;
BEGIN
    PERFORM check_epoch(p_epoch);
    PERFORM own_console(p_console);
    PERFORM kept_stream(NULL);
    PERFORM check_lease(p_console);
    IF NOT EXISTS (
        SELECT 1 FROM information_schema.tables t WHERE t.table_schema = 'report' AND t.table_name = p_table
    ) THEN
        RAISE EXCEPTION 'there is no such table' USING ERRCODE = '22023';
    END IF;
    IF p_all THEN
        EXECUTE format('DELETE FROM report.%I', p_table);
    ELSE
        EXECUTE format(
            'DELETE FROM report.%I t USING jsonb_array_elements_text($1) AS k(one) WHERE t.%I = k.one::uuid', p_table, v_key
        ) USING p_keys;
    END IF;
    EXECUTE format('INSERT INTO report.%1$I SELECT * FROM jsonb_populate_recordset(NULL::report.%1$I, $1)', p_table)
    USING p_rows;
END $$;

REVOKE ALL ON ALL TABLES IN SCHEMA report FROM PUBLIC;
GRANT USAGE ON SCHEMA report TO lampboard_reader;
GRANT SELECT ON ALL TABLES IN SCHEMA report TO lampboard_reader;
ALTER DEFAULT PRIVILEGES IN SCHEMA report GRANT SELECT ON TABLES TO lampboard_reader;
REVOKE ALL ON FUNCTION hub_report(uuid, uuid, text, jsonb, jsonb, boolean) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION hub_report(uuid, uuid, text, jsonb, jsonb, boolean) TO lampboard_console;
