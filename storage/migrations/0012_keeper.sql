-- Which rows a keeper has to write into the hub's reporting tables; other consoles leave it empty.

DROP TABLE sent_elsewhere;

CREATE TABLE report_stale (
    name TEXT NOT NULL,
    key BLOB NOT NULL,
    n INTEGER DEFAULT '0' NOT NULL,
    PRIMARY KEY (name, key)
)
 WITHOUT ROWID,
 STRICT;

CREATE INDEX report_stale_by_n ON report_stale (n);
