-- What came and went by round, whether sending waits for a word of the person, and which hub was left.

ALTER TABLE hub ADD COLUMN is_paused INTEGER DEFAULT '0' NOT NULL;

ALTER TABLE refused ADD COLUMN settled TEXT DEFAULT '' NOT NULL;

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
