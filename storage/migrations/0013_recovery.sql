-- Finding back: to a hub that was restored, and on a desk whose file was copied.

CREATE TABLE refused_before (
    console BLOB NOT NULL,
    n INTEGER NOT NULL,
    reason TEXT DEFAULT '' NOT NULL,
    at INTEGER NOT NULL,
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
