"""Whether the file of a desk can be relied on: SQLite finds nothing wrong in it, and its log is as it was written."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import NamedTuple

from storage.engine import StoreError
from storage.identity import read_identity
from storage.safekeeping.log_check import check_log


class Verified(NamedTuple):
    """What is in a file that was looked through: `newest_ms` is the time of its newest act, in milliseconds."""

    tickets: int
    operations: int
    newest_ms: int


def verify(connection: sqlite3.Connection, path: Path) -> Verified:
    """Look through all of it; StoreError or KeepingFailed naming `path` for the first thing that is wrong."""
    (found,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
    if found != "ok":
        raise StoreError("store.broken", path=str(path), reason=found)
    operations = check_log(connection, path)
    (tickets,) = connection.execute("SELECT count(*) FROM ticket").fetchone()
    return Verified(tickets, operations, read_identity(connection)[2])
