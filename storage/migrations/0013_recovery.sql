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
