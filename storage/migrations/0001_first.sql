-- The first schema of a desk. Frozen: later changes are files of their own.

CREATE TABLE action (
    n INTEGER NOT NULL,
    txn BLOB NOT NULL,
    author BLOB NOT NULL,
    at INTEGER NOT NULL,
    title TEXT DEFAULT '' NOT NULL,
    facts TEXT DEFAULT '' NOT NULL,
    state TEXT DEFAULT 'done' NOT NULL,
    PRIMARY KEY (n)
)
 STRICT;

CREATE INDEX action_by_author ON action (author, state, n);

CREATE TABLE affiliation (
    id BLOB NOT NULL,
    contact BLOB NOT NULL,
    company BLOB NOT NULL,
    role TEXT DEFAULT '' NOT NULL,
    may_order INTEGER DEFAULT '0' NOT NULL,
    may_approve INTEGER DEFAULT '0' NOT NULL,
    order_limit INTEGER,
    currency TEXT DEFAULT '' NOT NULL,
    since INTEGER,
    until INTEGER,
    archived INTEGER DEFAULT '0' NOT NULL,
    PRIMARY KEY (id)
)
 STRICT;

CREATE INDEX affiliation_by_company ON affiliation (company);

CREATE INDEX affiliation_by_contact ON affiliation (contact);

CREATE TABLE calendar (
    id BLOB NOT NULL,
    name TEXT DEFAULT '' NOT NULL,
    body TEXT DEFAULT '' NOT NULL,
    archived INTEGER DEFAULT '0' NOT NULL,
    PRIMARY KEY (id)
)
 STRICT;

CREATE TABLE call_back (
    id BLOB NOT NULL,
    ticket BLOB NOT NULL,
    contact BLOB,
    number TEXT DEFAULT '' NOT NULL,
    due_at INTEGER NOT NULL,
    person BLOB NOT NULL,
    note TEXT DEFAULT '' NOT NULL,
    is_dropped INTEGER DEFAULT '0' NOT NULL,
    PRIMARY KEY (id)
)
 STRICT;

CREATE INDEX call_back_by_due ON call_back (due_at);

CREATE INDEX call_back_by_ticket ON call_back (ticket);

CREATE TABLE company (
    id BLOB NOT NULL,
    name TEXT DEFAULT '' NOT NULL,
    kind TEXT DEFAULT '' NOT NULL,
    tier TEXT DEFAULT '' NOT NULL,
    parent BLOB,
    country TEXT DEFAULT '' NOT NULL,
    language TEXT DEFAULT '' NOT NULL,
    annual_value INTEGER,
    currency TEXT DEFAULT '' NOT NULL,
    account_manager BLOB,
    deputy_manager BLOB,
    derived_by TEXT DEFAULT '' NOT NULL,
    archived INTEGER DEFAULT '0' NOT NULL,
    PRIMARY KEY (id)
)
 STRICT;

CREATE INDEX company_by_name ON company (name);

CREATE TABLE contact (
    id BLOB NOT NULL,
    name TEXT DEFAULT '' NOT NULL,
    phone TEXT DEFAULT '' NOT NULL,
    phone_digits TEXT DEFAULT '' NOT NULL,
    email TEXT DEFAULT '' NOT NULL,
    language TEXT DEFAULT '' NOT NULL,
    notes TEXT DEFAULT '' NOT NULL,
    derived_by TEXT DEFAULT '' NOT NULL,
    archived INTEGER DEFAULT '0' NOT NULL,
    PRIMARY KEY (id)
)
 STRICT;

CREATE INDEX contact_by_phone ON contact (phone_digits);

CREATE TABLE contract (
    id BLOB NOT NULL,
    company BLOB NOT NULL,
    number TEXT DEFAULT '' NOT NULL,
    derived_by TEXT DEFAULT '' NOT NULL,
    archived INTEGER DEFAULT '0' NOT NULL,
    PRIMARY KEY (id)
)
 STRICT;

CREATE INDEX contract_by_company ON contract (company);

CREATE TABLE contract_version (
    id BLOB NOT NULL,
    contract BLOB NOT NULL,
    valid_from INTEGER NOT NULL,
    valid_until INTEGER,
    grade TEXT DEFAULT '' NOT NULL,
    policy BLOB,
    calendar BLOB,
    coverage TEXT DEFAULT '' NOT NULL,
    exclusions TEXT DEFAULT '' NOT NULL,
    included_units INTEGER,
    unit TEXT DEFAULT '' NOT NULL,
    rates TEXT DEFAULT '' NOT NULL,
    annual_value INTEGER,
    currency TEXT DEFAULT '' NOT NULL,
    paid_until INTEGER,
    derived_by TEXT DEFAULT '' NOT NULL,
    archived INTEGER DEFAULT '0' NOT NULL,
    PRIMARY KEY (id)
)
 STRICT;

CREATE INDEX contract_version_by_contract ON contract_version (contract, valid_from);

CREATE TABLE desk_state (
    name TEXT NOT NULL,
    body TEXT DEFAULT '' NOT NULL,
    PRIMARY KEY (name)
)
 WITHOUT ROWID,
 STRICT;

CREATE TABLE draft (
    person BLOB NOT NULL,
    kind TEXT NOT NULL,
    about BLOB NOT NULL,
    body TEXT DEFAULT '' NOT NULL,
    changed_at INTEGER NOT NULL,
    PRIMARY KEY (person, kind, about)
)
 WITHOUT ROWID,
 STRICT;

CREATE TABLE entry (
    id BLOB NOT NULL,
    ticket BLOB NOT NULL,
    at INTEGER NOT NULL,
    kind TEXT DEFAULT '' NOT NULL,
    direction TEXT DEFAULT '' NOT NULL,
    person BLOB,
    contact BLOB,
    text TEXT DEFAULT '' NOT NULL,
    code TEXT DEFAULT '' NOT NULL,
    data TEXT DEFAULT '' NOT NULL,
    delivery TEXT DEFAULT '' NOT NULL,
    hidden INTEGER DEFAULT '0' NOT NULL,
    derived_by TEXT DEFAULT '' NOT NULL,
    PRIMARY KEY (id)
)
 STRICT;

CREATE INDEX entry_by_ticket ON entry (ticket, at, id);

CREATE INDEX entry_failed ON entry (person) WHERE delivery = 'failed';

CREATE INDEX entry_to_deliver ON entry (delivery) WHERE delivery IN ('queued', 'handing');

CREATE TABLE equipment (
    id BLOB NOT NULL,
    company BLOB NOT NULL,
    model BLOB,
    site BLOB,
    parent BLOB,
    serial TEXT DEFAULT '' NOT NULL,
    inventory_number TEXT DEFAULT '' NOT NULL,
    place TEXT DEFAULT '' NOT NULL,
    commissioned_at INTEGER,
    warranty_until INTEGER,
    derived_by TEXT DEFAULT '' NOT NULL,
    archived INTEGER DEFAULT '0' NOT NULL,
    PRIMARY KEY (id)
)
 STRICT;

CREATE INDEX equipment_by_company ON equipment (company);

CREATE INDEX equipment_by_serial ON equipment (serial);

CREATE TABLE external_id (
    namespace TEXT NOT NULL,
    "key" TEXT NOT NULL,
    entity TEXT NOT NULL,
    id BLOB NOT NULL,
    PRIMARY KEY (namespace, "key", entity)
)
 WITHOUT ROWID,
 STRICT;

CREATE INDEX external_id_by_id ON external_id (id);

CREATE TABLE import_batch (
    n INTEGER NOT NULL,
    mapping TEXT DEFAULT '' NOT NULL,
    source TEXT DEFAULT '' NOT NULL,
    digest TEXT DEFAULT '' NOT NULL,
    at INTEGER NOT NULL,
    report TEXT DEFAULT '' NOT NULL,
    PRIMARY KEY (n)
)
 STRICT;

CREATE TABLE model (
    id BLOB NOT NULL,
    name TEXT DEFAULT '' NOT NULL,
    maker TEXT DEFAULT '' NOT NULL,
    category TEXT DEFAULT '' NOT NULL,
    derived_by TEXT DEFAULT '' NOT NULL,
    archived INTEGER DEFAULT '0' NOT NULL,
    PRIMARY KEY (id)
)
 STRICT;

CREATE TABLE operation (
    console BLOB NOT NULL,
    n INTEGER NOT NULL,
    txn BLOB NOT NULL,
    stream TEXT DEFAULT '' NOT NULL,
    entity TEXT DEFAULT '' NOT NULL,
    id BLOB NOT NULL,
    kind TEXT DEFAULT '' NOT NULL,
    payload BLOB NOT NULL,
    base BLOB NOT NULL,
    hlc INTEGER NOT NULL,
    schema_v INTEGER NOT NULL,
    prev BLOB NOT NULL,
    hash BLOB NOT NULL,
    author BLOB NOT NULL,
    state TEXT DEFAULT 'local' NOT NULL,
    PRIMARY KEY (console, n)
)
 STRICT;

CREATE INDEX operation_by_entity ON operation (id);

CREATE INDEX operation_by_txn ON operation (txn);

CREATE TABLE person (
    id BLOB NOT NULL,
    name TEXT DEFAULT '' NOT NULL,
    team BLOB,
    zone TEXT DEFAULT '' NOT NULL,
    language TEXT DEFAULT '' NOT NULL,
    skills TEXT DEFAULT '' NOT NULL,
    rights TEXT DEFAULT '' NOT NULL,
    derived_by TEXT DEFAULT '' NOT NULL,
    archived INTEGER DEFAULT '0' NOT NULL,
    PRIMARY KEY (id)
)
 STRICT;

CREATE TABLE policy (
    id BLOB NOT NULL,
    name TEXT DEFAULT '' NOT NULL,
    body TEXT DEFAULT '' NOT NULL,
    archived INTEGER DEFAULT '0' NOT NULL,
    PRIMARY KEY (id)
)
 STRICT;

CREATE TABLE site (
    id BLOB NOT NULL,
    company BLOB NOT NULL,
    name TEXT DEFAULT '' NOT NULL,
    territory BLOB,
    address TEXT DEFAULT '' NOT NULL,
    latitude REAL,
    longitude REAL,
    zone TEXT DEFAULT '' NOT NULL,
    opening_hours TEXT DEFAULT '' NOT NULL,
    closing_days TEXT DEFAULT '' NOT NULL,
    derived_by TEXT DEFAULT '' NOT NULL,
    archived INTEGER DEFAULT '0' NOT NULL,
    PRIMARY KEY (id)
)
 STRICT;

CREATE INDEX site_by_company ON site (company);

CREATE TABLE store (
    only INTEGER NOT NULL,
    console BLOB NOT NULL,
    last_n INTEGER DEFAULT '0' NOT NULL,
    last_hash BLOB NOT NULL,
    last_hlc INTEGER DEFAULT '0' NOT NULL,
    last_number INTEGER DEFAULT '0' NOT NULL,
    person BLOB,
    desk TEXT DEFAULT '' NOT NULL,
    is_demo INTEGER DEFAULT '0' NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (only)
)
 STRICT;

CREATE TABLE team (
    id BLOB NOT NULL,
    name TEXT DEFAULT '' NOT NULL,
    derived_by TEXT DEFAULT '' NOT NULL,
    archived INTEGER DEFAULT '0' NOT NULL,
    PRIMARY KEY (id)
)
 STRICT;

CREATE TABLE territory (
    id BLOB NOT NULL,
    name TEXT DEFAULT '' NOT NULL,
    zone TEXT DEFAULT '' NOT NULL,
    archived INTEGER DEFAULT '0' NOT NULL,
    PRIMARY KEY (id)
)
 STRICT;

CREATE TABLE ticket (
    id BLOB NOT NULL,
    number TEXT NOT NULL,
    subject TEXT DEFAULT '' NOT NULL,
    company BLOB,
    site BLOB,
    equipment BLOB,
    contract_version BLOB,
    request_type TEXT DEFAULT '' NOT NULL,
    channel TEXT DEFAULT '' NOT NULL,
    stage TEXT DEFAULT '' NOT NULL,
    stage_class INTEGER DEFAULT '0' NOT NULL,
    priority INTEGER DEFAULT '3' NOT NULL,
    owner BLOB,
    team BLOB,
    category TEXT DEFAULT '' NOT NULL,
    fault_code TEXT DEFAULT '' NOT NULL,
    cause_code TEXT DEFAULT '' NOT NULL,
    resolution_code TEXT DEFAULT '' NOT NULL,
    waiting_cause TEXT DEFAULT '' NOT NULL,
    waiting_party TEXT DEFAULT '' NOT NULL,
    waiting_until INTEGER,
    opened_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    closed_at INTEGER,
    tags TEXT DEFAULT '' NOT NULL,
    extra TEXT DEFAULT '' NOT NULL,
    derived_by TEXT DEFAULT '' NOT NULL,
    archived INTEGER DEFAULT '0' NOT NULL,
    queue_rank INTEGER DEFAULT '3' NOT NULL,
    queue_key INTEGER DEFAULT '0' NOT NULL,
    sla_clock TEXT DEFAULT '' NOT NULL,
    sla_state INTEGER DEFAULT '0' NOT NULL,
    sla_missed INTEGER DEFAULT '0' NOT NULL,
    company_sort TEXT DEFAULT '' NOT NULL,
    reporter_count INTEGER DEFAULT '0' NOT NULL,
    is_repeat INTEGER DEFAULT '0' NOT NULL,
    PRIMARY KEY (id)
)
 STRICT;

CREATE INDEX ticket_by_age ON ticket (opened_at, id);

CREATE INDEX ticket_by_company ON ticket (company, opened_at, id, queue_rank, sla_missed, is_repeat, archived);

CREATE INDEX ticket_by_company_name ON ticket (company_sort, opened_at, id);

CREATE INDEX ticket_by_equipment ON ticket (equipment, opened_at, id) WHERE equipment IS NOT NULL;

CREATE UNIQUE INDEX ticket_by_number ON ticket (number);

CREATE INDEX ticket_by_owner ON ticket (owner, queue_rank, queue_key, priority, id) WHERE queue_rank < 4;

CREATE INDEX ticket_by_urgency ON ticket (queue_rank, queue_key, priority, id, owner, team);

CREATE INDEX ticket_open_by_age ON ticket (opened_at, id, owner, team) WHERE queue_rank < 4;

CREATE INDEX ticket_open_by_company_name ON ticket (company_sort, opened_at, id, owner, team) WHERE queue_rank < 4;

CREATE TABLE ticket_link (
    ticket BLOB NOT NULL,
    kind TEXT NOT NULL,
    other BLOB NOT NULL,
    PRIMARY KEY (ticket, kind, other)
)
 WITHOUT ROWID,
 STRICT;

CREATE TABLE ticket_reporter (
    ticket BLOB NOT NULL,
    place INTEGER NOT NULL,
    contact BLOB NOT NULL,
    PRIMARY KEY (ticket, place)
)
 WITHOUT ROWID,
 STRICT;

CREATE INDEX ticket_reporter_by_contact ON ticket_reporter (contact);

CREATE TABLE import_raw (
    batch INTEGER NOT NULL,
    line INTEGER NOT NULL,
    raw BLOB NOT NULL,
    PRIMARY KEY (batch, line),
    FOREIGN KEY(batch) REFERENCES import_batch (n)
)
 WITHOUT ROWID,
 STRICT;
