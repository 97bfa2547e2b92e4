"""Whether a desk's log is as it was written: every operation has its hash, the own ones are a whole chain."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from core.operations.envelope import FIRST_HASH
from storage.safekeeping.failed import KeepingFailed
from storage.sync.wire import COLUMNS, envelope_of

ALL = f"SELECT {COLUMNS}, hash FROM operation ORDER BY console, n"


def check_log(connection: sqlite3.Connection, path: Path) -> int:
    """How many operations there are; KeepingFailed `keeping.log_broken` with the first that does not fit."""
    console, last_n, last_hash = connection.execute("SELECT console, last_n, last_hash FROM store").fetchone()
    count, own, previous = 0, 0, FIRST_HASH
    for row in connection.execute(ALL):
        envelope, count = envelope_of(row), count + 1
        if envelope.hash != row[13]:
            raise _broken(path, envelope.console, envelope.n, "it is not as it was written")
        if envelope.console == console:
            own += 1
            if (envelope.n, envelope.prev) != (own, previous):
                raise _broken(path, console, envelope.n, "the one before it is missing or another one")
            previous = row[13]
    if (own, previous) != (last_n, last_hash):
        raise _broken(path, console, own + 1, "the log ends too early or too late")
    return count


def _broken(path: Path, console: bytes, n: int, reason: str) -> KeepingFailed:
    return KeepingFailed("keeping.log_broken", path=str(path), operation=f"{console.hex()}:{n}", reason=reason)
