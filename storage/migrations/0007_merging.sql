-- What became of merged records, and what the log names where a row's reference was led on.

CREATE TABLE merged_record (
    record BLOB NOT NULL,
    entity TEXT DEFAULT '' NOT NULL,
    "into" BLOB NOT NULL,
    PRIMARY KEY (record)
)
 WITHOUT ROWID,
 STRICT;

CREATE INDEX merged_record_by_into ON merged_record ("into");

CREATE TABLE moved_reference (
    named_in TEXT NOT NULL,
    "row" BLOB NOT NULL,
    field TEXT NOT NULL,
    was BLOB NOT NULL,
    PRIMARY KEY (named_in, "row", field)
)
 WITHOUT ROWID,
 STRICT;

CREATE INDEX moved_reference_by_was ON moved_reference (was, named_in);
