-- Promised calls that stand, by whom and when.

CREATE INDEX call_back_standing ON call_back (person, due_at) WHERE is_dropped = 0;
