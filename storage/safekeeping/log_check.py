"""Whether a desk's log is as it was written: every operation has its hash, the own ones are a whole chain."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

from core.operations.envelope import FIRST_HASH, Envelope
from storage.safekeeping.failed import KeepingFailed
from storage.sync.wire import COLUMNS, envelope_of

ALL = f"SELECT {COLUMNS}, hash FROM operation ORDER BY console, n"
HAS_PURGED = "SELECT 1 FROM sqlite_master WHERE name = 'purged_operation'"


def read_log(connection: sqlite3.Connection) -> Iterator[tuple[Envelope, bytes, bool]]:
    """Each operation, its hash, and whether it is as it was written; one that a purge names need not be."""
    # A file of an older program has no such table.
    has_purged = connection.execute(HAS_PURGED).fetchone() is not None
    purged = set(connection.execute("SELECT console, n FROM purged_operation")) if has_purged else set()
    for row in connection.execute(ALL):
        envelope = envelope_of(row)
        yield envelope, row[13], envelope.hash == row[13] or (envelope.console, envelope.n) in purged


def check_log(connection: sqlite3.Connection, path: Path) -> int:
    """How many operations there are; KeepingFailed `keeping.log_broken` with the first that does not fit."""
    console, last_n, last_hash = connection.execute("SELECT console, last_n, last_hash FROM store").fetchone()
    count, own, previous = 0, 0, FIRST_HASH
    for envelope, hashed, is_as_written in read_log(connection):
        count += 1
        if not is_as_written:
            raise _broken(path, envelope.console, envelope.n, "it is not as it was written")
        if envelope.console == console:
            own += 1
            if (envelope.n, envelope.prev) != (own, previous):
                raise _broken(path, console, envelope.n, "the one before it is missing or another one")
            previous = hashed
    if (own, previous) != (last_n, last_hash):
        raise _broken(path, console, own + 1, "the log ends too early or too late")
    return count


def _broken(path: Path, console: bytes, n: int, reason: str) -> KeepingFailed:
    return KeepingFailed("keeping.log_broken", path=str(path), operation=f"{console.hex()}:{n}", reason=reason)
