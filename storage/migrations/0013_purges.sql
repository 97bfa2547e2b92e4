-- What was erased for a person outside, and the operations whose payload is no longer the one that was hashed.

CREATE TABLE purge (
    n INTEGER NOT NULL,
    at INTEGER NOT NULL,
    records INTEGER DEFAULT '0' NOT NULL,
    operations INTEGER DEFAULT '0' NOT NULL,
    places INTEGER DEFAULT '0' NOT NULL,
    is_swept INTEGER DEFAULT '0' NOT NULL,
    PRIMARY KEY (n)
)
 STRICT;

CREATE TABLE purged_operation (
    console BLOB NOT NULL,
    n INTEGER NOT NULL,
    PRIMARY KEY (console, n)
)
 WITHOUT ROWID,
 STRICT;
