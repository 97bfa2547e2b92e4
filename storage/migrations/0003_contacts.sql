-- A contact's further numbers (a JSON array, as written) and the hours at which one reaches them.

ALTER TABLE contact ADD COLUMN other_phones TEXT DEFAULT '' NOT NULL;

ALTER TABLE contact ADD COLUMN best_hours TEXT DEFAULT '' NOT NULL;
