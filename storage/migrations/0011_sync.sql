-- The hub this desk has joined, what it said of each operation, and what it would not take.

CREATE TABLE hub (
    "only" INTEGER NOT NULL,
    url TEXT DEFAULT '' NOT NULL,
    epoch BLOB NOT NULL,
    login TEXT DEFAULT '' NOT NULL,
    person BLOB NOT NULL,
    sent_n INTEGER DEFAULT '0' NOT NULL,
    hub_time INTEGER DEFAULT '0' NOT NULL,
    joined_at INTEGER NOT NULL,
    synced_at INTEGER,
    PRIMARY KEY ("only")
)
 STRICT;

CREATE TABLE hub_cursor (
    stream TEXT NOT NULL,
    seq INTEGER DEFAULT '0' NOT NULL,
    chain BLOB NOT NULL,
    PRIMARY KEY (stream)
)
 WITHOUT ROWID,
 STRICT;

CREATE TABLE stamp (
    console BLOB NOT NULL,
    n INTEGER NOT NULL,
    stream TEXT DEFAULT '' NOT NULL,
    seq INTEGER DEFAULT '0' NOT NULL,
    eff INTEGER DEFAULT '0' NOT NULL,
    seen INTEGER DEFAULT '0' NOT NULL,
    author BLOB NOT NULL,
    PRIMARY KEY (console, n)
)
 WITHOUT ROWID,
 STRICT;

CREATE UNIQUE INDEX stamp_by_seq ON stamp (stream, seq);

CREATE TABLE refused (
    n INTEGER NOT NULL,
    reason TEXT DEFAULT '' NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (n)
)
 STRICT;

CREATE TABLE quarantine (
    console BLOB NOT NULL,
    n INTEGER NOT NULL,
    about BLOB NOT NULL,
    reason TEXT DEFAULT '' NOT NULL,
    PRIMARY KEY (console, n)
)
 WITHOUT ROWID,
 STRICT;

CREATE INDEX quarantine_by_about ON quarantine (about);

CREATE TABLE sent_elsewhere (
    entry BLOB NOT NULL,
    PRIMARY KEY (entry)
)
 WITHOUT ROWID,
 STRICT;

CREATE TABLE number_block (
    first INTEGER NOT NULL,
    last INTEGER DEFAULT '0' NOT NULL,
    next INTEGER DEFAULT '0' NOT NULL,
    PRIMARY KEY (first)
)
 STRICT;


CREATE TABLE conflict (
    id BLOB NOT NULL,
    record BLOB NOT NULL,
    entity TEXT DEFAULT '' NOT NULL,
    kind TEXT DEFAULT '' NOT NULL,
    field TEXT DEFAULT '' NOT NULL,
    body TEXT DEFAULT '' NOT NULL,
    at INTEGER NOT NULL,
    is_open INTEGER DEFAULT '0' NOT NULL,
    PRIMARY KEY (id)
)
 WITHOUT ROWID,
 STRICT;

CREATE INDEX conflict_by_record ON conflict (record);

CREATE INDEX conflict_open ON conflict (at) WHERE is_open = 1;
