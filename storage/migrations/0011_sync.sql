-- The hub this desk has joined, what it said of each operation, and what it would not take.

CREATE TABLE hub (
    "only" INTEGER NOT NULL,
    url TEXT DEFAULT '' NOT NULL,
    epoch BLOB NOT NULL,
    login TEXT DEFAULT '' NOT NULL,
    person BLOB NOT NULL,
    sent_n INTEGER DEFAULT '0' NOT NULL,
    hub_time INTEGER DEFAULT '0' NOT NULL,
    found_back_n INTEGER DEFAULT '0' NOT NULL,
    common_seq INTEGER DEFAULT '0' NOT NULL,
    joined_at INTEGER NOT NULL,
    synced_at INTEGER,
    is_paused INTEGER DEFAULT '0' NOT NULL,
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
    settled TEXT DEFAULT '' NOT NULL,
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

CREATE TABLE report_stale (
    name TEXT NOT NULL,
    key BLOB NOT NULL,
    n INTEGER DEFAULT '0' NOT NULL,
    PRIMARY KEY (name, key)
)
 WITHOUT ROWID,
 STRICT;

CREATE INDEX report_stale_by_n ON report_stale (n);

CREATE TABLE refused_before (
    console BLOB NOT NULL,
    n INTEGER NOT NULL,
    reason TEXT DEFAULT '' NOT NULL,
    at INTEGER NOT NULL,
    settled TEXT DEFAULT '' NOT NULL,
    PRIMARY KEY (console, n)
)
 WITHOUT ROWID,
 STRICT;

CREATE TABLE chain_sample (
    stream TEXT NOT NULL,
    seq INTEGER NOT NULL,
    chain BLOB NOT NULL,
    PRIMARY KEY (stream, seq)
)
 WITHOUT ROWID,
 STRICT;

CREATE TABLE lost_stamp (
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

CREATE TABLE base_document (
    id BLOB NOT NULL,
    stream TEXT DEFAULT '' NOT NULL,
    entity TEXT DEFAULT '' NOT NULL,
    seq INTEGER DEFAULT '0' NOT NULL,
    opened_seq INTEGER DEFAULT '0' NOT NULL,
    opened_n INTEGER DEFAULT '0' NOT NULL,
    was_retargeted INTEGER DEFAULT '0' NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (id)
)
 STRICT;

CREATE TABLE base_stream (
    stream TEXT NOT NULL,
    seq INTEGER DEFAULT '0' NOT NULL,
    chain BLOB NOT NULL,
    after_id BLOB,
    done INTEGER DEFAULT '0' NOT NULL,
    total INTEGER DEFAULT '0' NOT NULL,
    is_whole INTEGER DEFAULT '0' NOT NULL,
    PRIMARY KEY (stream)
)
 WITHOUT ROWID,
 STRICT;

CREATE TABLE sync_log (
    n INTEGER NOT NULL,
    at INTEGER NOT NULL,
    until_at INTEGER NOT NULL,
    times INTEGER DEFAULT '0' NOT NULL,
    sent INTEGER DEFAULT '0' NOT NULL,
    received INTEGER DEFAULT '0' NOT NULL,
    refused INTEGER DEFAULT '0' NOT NULL,
    set_aside INTEGER DEFAULT '0' NOT NULL,
    error TEXT DEFAULT '' NOT NULL,
    facts TEXT DEFAULT '' NOT NULL,
    is_over INTEGER DEFAULT '0' NOT NULL,
    PRIMARY KEY (n)
)
 STRICT;

CREATE TABLE hub_left (
    epoch BLOB NOT NULL,
    url TEXT DEFAULT '' NOT NULL,
    left_at INTEGER NOT NULL,
    PRIMARY KEY (epoch)
)
 WITHOUT ROWID,
 STRICT;
