"""Where the desk is kept: one SQLite file per desk, its log, its reads and what comes in from outside."""
