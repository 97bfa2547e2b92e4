"""What a desk's file has that another does not: it would be missed if that one took its place."""

from __future__ import annotations

import sqlite3
from typing import NamedTuple

from core.clock import stamp_ms

USED = "SELECT 1 FROM ticket UNION ALL SELECT 1 FROM company UNION ALL SELECT 1 FROM hub_cursor LIMIT 1"
LOG = "SELECT console, n, hash, hlc, state FROM operation ORDER BY console, n"


class NewerWork(NamedTuple):
    """Operations, those of them that no hub has, tickets without any, and unfinished texts. `newest_ms` is 0 for none.

    `unreadable` says why nobody can tell.
    """

    operations: int = 0
    unsent: int = 0
    tickets: int = 0
    drafts: int = 0
    newest_ms: int = 0
    unreadable: str = ""

    def __bool__(self) -> bool:
        return bool(self.operations or self.tickets or self.drafts or self.unreadable)


def newer_work(here: sqlite3.Connection, other: sqlite3.Connection) -> NewerWork:
    """What is `here` and not in the `other` file."""
    try:
        return NewerWork() if is_unused(here) else _compare(here, other)
    except sqlite3.DatabaseError as error:
        return NewerWork(unreadable=str(error))


def is_unused(connection: sqlite3.Connection) -> bool:
    """Whether nothing but the first colleague is on a desk, and nothing was read from a hub."""
    return connection.execute(USED).fetchone() is None


def _compare(here: sqlite3.Connection, other: sqlite3.Connection) -> NewerWork:
    is_joined = here.execute("SELECT 1 FROM hub").fetchone() is not None
    operations = unsent = newest = 0
    for console, n, hash_, hlc, state in here.execute(LOG):
        if not _has(other, "operation WHERE console = ? AND n = ? AND hash = ?", console, n, hash_):
            operations += 1
            unsent += is_joined and state == "local"
            newest = max(newest, hlc)
    tickets = 0
    # Of a demo, and of what a keeper had folded, there are rows that no operation tells of.
    for (ticket,) in here.execute("SELECT id FROM ticket WHERE id NOT IN (SELECT id FROM operation)"):
        tickets += not _has(other, "ticket WHERE id = ?", ticket)
    drafts = 0
    for draft in here.execute("SELECT person, kind, about, body FROM draft WHERE body <> ''"):
        drafts += not _has(other, "draft WHERE person = ? AND kind = ? AND about = ? AND body = ?", *draft)
    return NewerWork(operations, unsent, tickets, drafts, stamp_ms(newest))


def _has(connection: sqlite3.Connection, what: str, *values: object) -> bool:
    return connection.execute(f"SELECT 1 FROM {what}", values).fetchone() is not None
