-- Which imports stand, and what each of them made: so that one can be swept where it broke off, and undone as a whole.

ALTER TABLE import_batch ADD COLUMN state TEXT DEFAULT '' NOT NULL;

ALTER TABLE import_batch ADD COLUMN numbers INTEGER DEFAULT '0' NOT NULL;

ALTER TABLE import_batch ADD COLUMN last_number INTEGER DEFAULT '0' NOT NULL;

CREATE TABLE import_made (
    batch INTEGER NOT NULL,
    id BLOB NOT NULL,
    entity TEXT DEFAULT '' NOT NULL,
    is_undone INTEGER DEFAULT '0' NOT NULL,
    PRIMARY KEY (batch, id),
    FOREIGN KEY(batch) REFERENCES import_batch (n)
)
 WITHOUT ROWID,
 STRICT;
