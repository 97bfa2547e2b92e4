-- What was refused of a console that this file no longer is can be sent again or dropped as well.

ALTER TABLE refused_before ADD COLUMN settled TEXT DEFAULT '' NOT NULL;
