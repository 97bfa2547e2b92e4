-- Versions of calendars and policies, the ticket's warnings, and how far a rebuild of derived values has come.

CREATE TABLE document_version (
    id BLOB NOT NULL,
    document BLOB NOT NULL,
    kind TEXT DEFAULT '' NOT NULL,
    number INTEGER NOT NULL,
    valid_from INTEGER NOT NULL,
    body TEXT DEFAULT '' NOT NULL,
    note TEXT DEFAULT '' NOT NULL,
    archived INTEGER DEFAULT '0' NOT NULL,
    PRIMARY KEY (id)
)
 STRICT;

CREATE INDEX document_version_by_document ON document_version (document, valid_from);

CREATE TABLE rebuild (
    about BLOB NOT NULL,
    kind TEXT DEFAULT '' NOT NULL,
    since INTEGER NOT NULL,
    after_opened_at INTEGER NOT NULL,
    after_ticket BLOB NOT NULL,
    done INTEGER DEFAULT '0' NOT NULL,
    total INTEGER DEFAULT '0' NOT NULL,
    PRIMARY KEY (about)
)
 WITHOUT ROWID,
 STRICT;

ALTER TABLE ticket ADD COLUMN sla_warnings TEXT DEFAULT '' NOT NULL;

CREATE INDEX ticket_by_contract ON ticket (contract_version, changed_at) WHERE contract_version IS NOT NULL;
