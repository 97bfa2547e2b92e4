-- Full text: one document a ticket or piece of equipment, folded; only ever added to, and compared with the rows.

CREATE TABLE find_doc (
    doc INTEGER NOT NULL,
    id BLOB NOT NULL,
    PRIMARY KEY (doc)
)
 STRICT;

CREATE TABLE find_term (
    word TEXT NOT NULL,
    backward TEXT DEFAULT '' NOT NULL,
    PRIMARY KEY (word)
)
 WITHOUT ROWID,
 STRICT;

CREATE INDEX find_term_by_end ON find_term (backward);

CREATE TABLE find_changed (
    kind INTEGER NOT NULL,
    id BLOB NOT NULL,
    PRIMARY KEY (kind, id)
)
 WITHOUT ROWID,
 STRICT;

CREATE TABLE find_progress (
    only INTEGER NOT NULL,
    tickets INTEGER DEFAULT '0' NOT NULL,
    entries INTEGER DEFAULT '0' NOT NULL,
    old_tickets INTEGER DEFAULT '0' NOT NULL,
    last_ticket INTEGER DEFAULT '0' NOT NULL,
    last_entry INTEGER DEFAULT '0' NOT NULL,
    PRIMARY KEY (only)
)
 STRICT;

CREATE VIRTUAL TABLE find_text USING fts5 (text, content='', detail='none', columnsize=0, tokenize='trigram case_sensitive 1');

CREATE TRIGGER find_text_subject AFTER UPDATE OF subject ON ticket WHEN new.subject IS NOT old.subject BEGIN INSERT INTO find_changed (kind, id) SELECT 0, new.id WHERE NOT EXISTS (SELECT 1 FROM find_changed WHERE kind = 0 AND id = new.id); END;

CREATE TRIGGER find_text_entry AFTER UPDATE OF text, ticket ON entry WHEN new.text IS NOT old.text OR new.ticket IS NOT old.ticket BEGIN INSERT INTO find_changed (kind, id) SELECT 0, new.ticket WHERE NOT EXISTS (SELECT 1 FROM find_changed WHERE kind = 0 AND id = new.ticket); END;

CREATE TRIGGER find_text_equipment_added AFTER INSERT ON equipment BEGIN INSERT INTO find_changed (kind, id) SELECT 1, new.id WHERE NOT EXISTS (SELECT 1 FROM find_changed WHERE kind = 1 AND id = new.id); END;

CREATE TRIGGER find_text_equipment_changed AFTER UPDATE ON equipment BEGIN INSERT INTO find_changed (kind, id) SELECT 1, new.id WHERE NOT EXISTS (SELECT 1 FROM find_changed WHERE kind = 1 AND id = new.id); END;

CREATE TRIGGER find_text_model AFTER UPDATE OF name, maker, category ON model WHEN (new.name, new.maker, new.category) IS NOT (old.name, old.maker, old.category) BEGIN INSERT INTO find_changed (kind, id) SELECT 1, e.id FROM equipment e WHERE e.model = new.id AND NOT EXISTS (SELECT 1 FROM find_changed WHERE kind = 1 AND id = e.id); END;

INSERT INTO find_progress (only) VALUES (1);

INSERT INTO find_changed (kind, id) SELECT 1, id FROM equipment;
