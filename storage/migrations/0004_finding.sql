-- What finding goes by: words and numbers of callers, and which companies have open tickets.
-- Triggers only note what changed (folding a text is not SQL's work); the program looks at it in the same act.

CREATE TABLE open_by_company (
    company BLOB NOT NULL,
    tickets INTEGER DEFAULT '0' NOT NULL,
    PRIMARY KEY (company)
)
 WITHOUT ROWID,
 STRICT;

CREATE TABLE find_stale (
    kind INTEGER NOT NULL,
    id BLOB NOT NULL,
    PRIMARY KEY (kind, id)
)
 WITHOUT ROWID,
 STRICT;

CREATE TABLE find_record (
    n INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    id BLOB NOT NULL,
    company BLOB,
    text TEXT DEFAULT '' NOT NULL,
    PRIMARY KEY (n)
)
 STRICT;

CREATE INDEX find_record_by_id ON find_record (id);

CREATE TABLE find_key (
    "key" TEXT NOT NULL,
    record INTEGER NOT NULL,
    PRIMARY KEY ("key", record)
)
 WITHOUT ROWID,
 STRICT;

CREATE TABLE find_word (
    word TEXT NOT NULL,
    backward TEXT DEFAULT '' NOT NULL,
    uses INTEGER DEFAULT '0' NOT NULL,
    PRIMARY KEY (word)
)
 WITHOUT ROWID,
 STRICT;

CREATE INDEX find_word_by_end ON find_word (backward);

CREATE VIRTUAL TABLE find_part USING fts5 (text, content='find_record', content_rowid='n', detail='none', columnsize=0, tokenize='trigram case_sensitive 1');

CREATE TRIGGER find_contact_added AFTER INSERT ON contact BEGIN INSERT INTO find_stale (kind, id) SELECT 0, new.id WHERE NOT EXISTS (SELECT 1 FROM find_stale WHERE kind = 0 AND id = new.id); END;

CREATE TRIGGER find_contact_changed AFTER UPDATE ON contact BEGIN INSERT INTO find_stale (kind, id) SELECT 0, new.id WHERE NOT EXISTS (SELECT 1 FROM find_stale WHERE kind = 0 AND id = new.id); END;

CREATE TRIGGER find_company_added AFTER INSERT ON company BEGIN INSERT INTO find_stale (kind, id) SELECT 1, new.id WHERE NOT EXISTS (SELECT 1 FROM find_stale WHERE kind = 1 AND id = new.id); END;

CREATE TRIGGER find_company_changed AFTER UPDATE ON company BEGIN INSERT INTO find_stale (kind, id) SELECT 1, new.id WHERE NOT EXISTS (SELECT 1 FROM find_stale WHERE kind = 1 AND id = new.id); END;

CREATE TRIGGER find_equipment_added AFTER INSERT ON equipment BEGIN INSERT INTO find_stale (kind, id) SELECT 2, new.id WHERE NOT EXISTS (SELECT 1 FROM find_stale WHERE kind = 2 AND id = new.id); END;

CREATE TRIGGER find_equipment_changed AFTER UPDATE ON equipment BEGIN INSERT INTO find_stale (kind, id) SELECT 2, new.id WHERE NOT EXISTS (SELECT 1 FROM find_stale WHERE kind = 2 AND id = new.id); END;

CREATE TRIGGER find_contract_added AFTER INSERT ON contract BEGIN INSERT INTO find_stale (kind, id) SELECT 3, new.id WHERE NOT EXISTS (SELECT 1 FROM find_stale WHERE kind = 3 AND id = new.id); END;

CREATE TRIGGER find_contract_changed AFTER UPDATE ON contract BEGIN INSERT INTO find_stale (kind, id) SELECT 3, new.id WHERE NOT EXISTS (SELECT 1 FROM find_stale WHERE kind = 3 AND id = new.id); END;

CREATE TRIGGER find_affiliation_added AFTER INSERT ON affiliation BEGIN INSERT INTO find_stale (kind, id) SELECT 0, new.contact WHERE NOT EXISTS (SELECT 1 FROM find_stale WHERE kind = 0 AND id = new.contact); END;

CREATE TRIGGER find_affiliation_changed AFTER UPDATE ON affiliation BEGIN INSERT INTO find_stale (kind, id) SELECT 0, old.contact WHERE NOT EXISTS (SELECT 1 FROM find_stale WHERE kind = 0 AND id = old.contact); INSERT INTO find_stale (kind, id) SELECT 0, new.contact WHERE NOT EXISTS (SELECT 1 FROM find_stale WHERE kind = 0 AND id = new.contact); END;

CREATE TRIGGER open_by_company_added AFTER INSERT ON ticket WHEN new.queue_rank < 4 AND new.company IS NOT NULL BEGIN INSERT INTO open_by_company (company, tickets) VALUES (new.company, 1) ON CONFLICT (company) DO UPDATE SET tickets = tickets + 1; END;

CREATE TRIGGER open_by_company_left AFTER UPDATE OF queue_rank, company ON ticket WHEN old.queue_rank < 4 AND old.company IS NOT NULL AND (new.queue_rank >= 4 OR new.company IS NOT old.company) BEGIN UPDATE open_by_company SET tickets = tickets - 1 WHERE company = old.company; DELETE FROM open_by_company WHERE company = old.company AND tickets < 1; END;

CREATE TRIGGER open_by_company_entered AFTER UPDATE OF queue_rank, company ON ticket WHEN new.queue_rank < 4 AND new.company IS NOT NULL AND (old.queue_rank >= 4 OR new.company IS NOT old.company) BEGIN INSERT INTO open_by_company (company, tickets) VALUES (new.company, 1) ON CONFLICT (company) DO UPDATE SET tickets = tickets + 1; END;

INSERT INTO find_stale (kind, id) SELECT 0, id FROM contact;

INSERT INTO find_stale (kind, id) SELECT 1, id FROM company;

INSERT INTO find_stale (kind, id) SELECT 2, id FROM equipment;

INSERT INTO find_stale (kind, id) SELECT 3, id FROM contract;

INSERT INTO open_by_company (company, tickets) SELECT company, count(*) FROM ticket WHERE queue_rank < 4 AND company IS NOT NULL GROUP BY company;
