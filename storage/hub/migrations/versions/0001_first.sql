-- The first schema of a hub. Frozen: later changes are files of their own.
-- Portable on purpose: no sequences, no transaction ids, no advisory locks, no triggers; keys lead with the stream.

CREATE TABLE hub_meta (
    the_one integer PRIMARY KEY DEFAULT 1 CHECK (the_one = 1),
    epoch uuid NOT NULL DEFAULT gen_random_uuid(),
    schema_newest integer NOT NULL,
    schema_min_push integer NOT NULL,
    schema_min_pull integer NOT NULL,
    largest_payload integer NOT NULL DEFAULT 33554432,
    made_at timestamptz NOT NULL DEFAULT now()
);

-- Every restore begins an epoch: what was numbered after the backup was taken is gone. `began` is where the log stood
-- when that was said or found out.
CREATE TABLE hub_epoch (
    place integer PRIMARY KEY,
    epoch uuid NOT NULL UNIQUE,
    began bigint NOT NULL,
    at timestamptz NOT NULL,
    found_by text COLLATE "C" NOT NULL
);

CREATE TABLE op_kind (
    kind text COLLATE "C" PRIMARY KEY,
    entity text COLLATE "C" NOT NULL
);

CREATE TABLE stream (
    id integer PRIMARY KEY,
    name text COLLATE "C" NOT NULL UNIQUE,
    floor_seq bigint NOT NULL DEFAULT 0
);

-- Whom a login speaks for; set once, when the login first joins.
CREATE TABLE login (
    role_name text COLLATE "C" PRIMARY KEY,
    person uuid NOT NULL UNIQUE
);

CREATE TABLE member (
    stream integer NOT NULL REFERENCES stream (id),
    role_name text COLLATE "C" NOT NULL,
    rights text COLLATE "C" NOT NULL CHECK (rights IN ('read', 'write', 'keep')),
    PRIMARY KEY (stream, role_name)
);

CREATE TABLE console (
    id uuid PRIMARY KEY,
    role_name text COLLATE "C" NOT NULL,
    last_n bigint NOT NULL DEFAULT 0,
    last_hash bytea NOT NULL DEFAULT decode(repeat('00', 32), 'hex'),
    last_eff bigint NOT NULL DEFAULT 0,
    joined_at timestamptz NOT NULL DEFAULT now(),
    last_push_at timestamptz
);

CREATE TABLE op (
    stream integer NOT NULL REFERENCES stream (id),
    seq bigint NOT NULL,
    console uuid NOT NULL,
    n bigint NOT NULL,
    txn uuid NOT NULL,
    entity text COLLATE "C" NOT NULL,
    id uuid NOT NULL,
    kind text COLLATE "C" NOT NULL,
    payload bytea NOT NULL,
    base bytea NOT NULL,
    hlc bigint NOT NULL,
    schema_v integer NOT NULL,
    prev bytea NOT NULL,
    hash bytea NOT NULL,
    said_author uuid NOT NULL,
    author uuid NOT NULL,
    eff bigint NOT NULL,
    seen bigint NOT NULL,
    chain bytea NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (stream, seq),
    UNIQUE (console, n)
);

-- Operations that were signed anew, by the name under which they were first written: each act is in the log once,
-- whichever file brings it under whichever name.
CREATE TABLE signed_anew (
    console uuid NOT NULL,
    n bigint NOT NULL,
    by_console uuid NOT NULL,
    by_n bigint NOT NULL,
    PRIMARY KEY (console, n, by_console, by_n)
);

-- What can never be taken in, whole, for its author to see; it does not hold up what follows.
CREATE TABLE refused (
    console uuid NOT NULL,
    n bigint NOT NULL,
    role_name text COLLATE "C" NOT NULL,
    reason text COLLATE "C" NOT NULL,
    told jsonb NOT NULL,
    hash bytea NOT NULL,
    payload bytea,
    base bytea,
    at timestamptz NOT NULL,
    PRIMARY KEY (console, n)
);

CREATE TABLE number_block (
    first bigint PRIMARY KEY,
    last bigint NOT NULL,
    console uuid NOT NULL,
    at timestamptz NOT NULL
);

INSERT INTO hub_meta (schema_newest, schema_min_push, schema_min_pull) VALUES (1, 1, 1);
INSERT INTO hub_epoch (place, epoch, began, at, found_by)
SELECT 1, m.epoch, 0, m.made_at, '' FROM hub_meta m;
INSERT INTO stream (id, name) VALUES (1, 'shared');
INSERT INTO op_kind (kind, entity) VALUES
    ('call_back.planned', 'ticket'),
    ('conflict.settled', 'conflict'),
    ('delivery.recorded', 'ticket'),
    ('document.changed', 'document'),
    ('entry.hidden', 'ticket'),
    ('entry.posted', 'ticket'),
    ('record.added', 'record'),
    ('record.archived', 'record'),
    ('record.changed', 'record'),
    ('records.merged', 'record'),
    ('reporter.joined', 'ticket'),
    ('sla.announced', 'ticket'),
    ('ticket.archived', 'ticket'),
    ('ticket.assigned', 'ticket'),
    ('ticket.equipped', 'ticket'),
    ('ticket.imported', 'ticket'),
    ('ticket.numbered', 'ticket'),
    ('ticket.opened', 'ticket'),
    ('ticket.prioritised', 'ticket'),
    ('ticket.retargeted', 'ticket'),
    ('ticket.staged', 'ticket');
