"""The hub: the PostgreSQL side of two-way sync. Its log, its functions, and what the person who runs it may do."""
