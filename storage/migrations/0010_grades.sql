-- Grades of contracts under a name; their later versions are document versions.

CREATE TABLE grade (
    id BLOB NOT NULL,
    name TEXT DEFAULT '' NOT NULL,
    body TEXT DEFAULT '' NOT NULL,
    archived INTEGER DEFAULT '0' NOT NULL,
    PRIMARY KEY (id)
)
 STRICT;
