"""What a file of a desk would do by itself when it is written to: nothing but what our own schema says."""

from __future__ import annotations

import sqlite3
from contextlib import closing

from storage.migrations import migrate

ACTING = "SELECT name, sql FROM sqlite_master WHERE type IN ('trigger', 'view')"
OF_A_KEEPER = "report_of_"
"""Triggers by which a keeper notes what to report; it makes them again where they are missing."""


def drop_a_keepers(connection: sqlite3.Connection) -> None:
    """Take those triggers off, as nobody can tell whose they are."""
    for name, _sql in connection.execute(ACTING).fetchall():
        if name.startswith(OF_A_KEEPER):
            quoted = name.replace('"', '""')
            connection.execute(f'DROP TRIGGER IF EXISTS "{quoted}"')


def strange_triggers(connection: sqlite3.Connection) -> list[str]:
    """Triggers and views that no desk of the present schema has."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as fresh:
        migrate(fresh)
        known = set(fresh.execute(ACTING))
    return sorted(name for name, sql in connection.execute(ACTING) if (name, sql) not in known)
