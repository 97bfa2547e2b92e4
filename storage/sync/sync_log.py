"""What came and went by round, on this desk alone: rounds that did something, what stood in the way of others, and what
was found out and made good."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from typing import Any, NamedTuple

from core.errors import DomainError
from core.notices import Notice

READ_ONLY = "hub.read_only"
"""Work waits for the right to write, while what others do comes in."""

MOST_KEPT = 1000
NEWEST = 50
"""Rows from the end in which a notice is looked for: what is older than that was told long ago."""

COLUMNS = "n, at, until_at, times, sent, received, refused, set_aside, error, facts, is_over"


class Logged(NamedTuple):
    """A round that did something, `times` equal failures in a row from `at` to `until_at`, or a notice, which has none.

    `error` is a code with its `facts`, empty for a round that went through; `is_over` once one did after the failure.
    """

    n: int
    at: int
    until_at: int
    times: int
    sent: int
    received: int
    refused: int
    set_aside: int
    error: str
    facts: dict[str, Any]
    is_over: bool

    @property
    def notice(self) -> Notice | None:
        """What was found out and made good, where this is that."""
        return None if self.times else Notice(self.error, self.facts)


def log_round(
    connection: sqlite3.Connection,
    now: int,
    *,
    sent: int,
    received: int,
    refused: int,
    set_aside: int,
    is_held: bool = False,
) -> None:
    """A round went through: trouble is over, but for work that waits, and what was done is noted where anything was."""
    stays = READ_ONLY if is_held else ""
    connection.execute("UPDATE sync_log SET is_over = 1 WHERE is_over = 0 AND error <> ?", (stays,))
    if sent or received or refused:
        connection.execute(
            "INSERT INTO sync_log (at, until_at, times, sent, received, refused, set_aside, is_over)"
            " VALUES (?, ?, 1, ?, ?, ?, ?, 1)",
            (now, now, sent, received, refused, set_aside),
        )
        _forget_old(connection)


def log_failure(connection: sqlite3.Connection, now: int, error: DomainError) -> None:
    """A round failed; the same failure again is the same row."""
    facts = json.dumps(error.facts, default=str)
    last = connection.execute(
        "SELECT n, error, is_over FROM sync_log WHERE times > 0 ORDER BY n DESC LIMIT 1"
    ).fetchone()
    if last is not None and last[1:] == (error.code, 0):
        connection.execute(
            "UPDATE sync_log SET times = times + 1, until_at = ?, facts = ? WHERE n = ?", (now, facts, last[0])
        )
        return
    connection.execute("UPDATE sync_log SET is_over = 1 WHERE is_over = 0")
    connection.execute(
        "INSERT INTO sync_log (at, until_at, times, error, facts) VALUES (?, ?, 1, ?, ?)", (now, now, error.code, facts)
    )
    _forget_old(connection)


def log_held(connection: sqlite3.Connection, now: int) -> None:
    """Work waits for the right to write: one row from when it began to, behind the rounds that went through since."""
    stood = connection.execute("SELECT n FROM sync_log WHERE error = ? AND is_over = 0", (READ_ONLY,)).fetchone()
    if stood is None:
        log_failure(connection, now, DomainError(READ_ONLY))
        return
    connection.execute(
        "UPDATE sync_log SET n = (SELECT max(n) + 1 FROM sync_log), times = times + 1, until_at = ? WHERE n = ?",
        (now, stood[0]),
    )


def log_notices(connection: sqlite3.Connection, now: int, notices: Sequence[Notice]) -> None:
    """Something was found out and made good, whatever becomes of the round."""
    connection.executemany(
        "INSERT INTO sync_log (at, until_at, times, error, facts, is_over) VALUES (?, ?, 0, ?, ?, 1)",
        [(now, now, one.code, json.dumps(one.facts, default=str)) for one in notices],
    )
    _forget_old(connection)


def newest_notice(connection: sqlite3.Connection) -> tuple[int, Notice] | None:
    """The last of them with its place in the log."""
    row = connection.execute(
        "SELECT n, error, facts FROM sync_log WHERE n > (SELECT max(n) FROM sync_log) - ? AND times = 0"
        " ORDER BY n DESC LIMIT 1",
        (NEWEST,),
    ).fetchone()
    return None if row is None else (row[0], Notice(row[1], json.loads(row[2])))


def trouble(connection: sqlite3.Connection) -> Logged | None:
    """The failure after which nothing has gone through yet."""
    row = connection.execute(f"SELECT {COLUMNS} FROM sync_log WHERE times > 0 ORDER BY n DESC LIMIT 1").fetchone()
    found = None if row is None else _logged(row)
    return None if found is None or found.is_over else found


def logged(connection: sqlite3.Connection, most: int) -> list[Logged]:
    """The newest rounds, newest first."""
    rows = connection.execute(f"SELECT {COLUMNS} FROM sync_log ORDER BY n DESC LIMIT ?", (most,))
    return [_logged(row) for row in rows]


def _logged(row: tuple[Any, ...]) -> Logged:
    n, at, until_at, times, sent, received, refused, set_aside, error, facts, is_over = row
    told = json.loads(facts) if facts else {}
    return Logged(n, at, until_at, times, sent, received, refused, set_aside, error, told, bool(is_over))


def _forget_old(connection: sqlite3.Connection) -> None:
    connection.execute("DELETE FROM sync_log WHERE n <= (SELECT max(n) FROM sync_log) - ?", (MOST_KEPT,))
