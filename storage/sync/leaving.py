"""Leaving a hub: the desk goes on alone with everything it knows, or its file is erased; unsent work never is."""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from pathlib import Path

from core.ids import EntityId
from core.operations.envelope import FIRST_HASH
from storage.attachments import forget_all
from storage.engine import explain
from storage.hub.connecting import HubError
from storage.sync.joined import joined, unsent
from storage.sync.leading import IMPORT, SYNC, lock_path
from storage.sync.refused_work import count_open

SIDE_FILES = ("-wal", "-shm", "-journal")
LOCKED_SECONDS = 1.0


def check_nothing_is_left(connection: sqlite3.Connection) -> None:
    """HubError while something of this desk is nowhere but here."""
    if count := unsent(connection):
        raise HubError("hub.unsent_left", count=count)
    if count := count_open(connection):
        raise HubError("hub.refused_left", count=count)


def leave(connection: sqlite3.Connection, new_console: EntityId, now: int) -> None:
    """Forget the hub and keep everything else; what is done from here on is written by a console of its own.

    The log, its stamps and how far the hub was read stay, so that the same hub can be joined again and reading goes on
    where it was. What was never sent needs no other console: no hub knows of this one.
    """
    hub = joined(connection)
    if hub is None:
        raise HubError("hub.not_joined")
    if hub.sent_n or not hub.is_paused:
        check_nothing_is_left(connection)
    connection.execute(
        "INSERT INTO hub_left (epoch, url, left_at) VALUES (?, ?, ?)"
        " ON CONFLICT (epoch) DO UPDATE SET url = excluded.url, left_at = excluded.left_at",
        (hub.epoch, hub.url, now),
    )
    connection.execute("DELETE FROM hub")
    connection.execute("UPDATE sync_log SET is_over = 1 WHERE is_over = 0")
    if hub.sent_n:
        connection.execute("DELETE FROM refused")
        connection.execute("UPDATE store SET console = ?, last_n = 0, last_hash = ?", (new_console, FIRST_HASH))


def check_may_join(connection: sqlite3.Connection, epoch: bytes) -> None:
    """HubError for a desk that holds what another hub numbered: none but that one knows the records it names."""
    if joined(connection) is not None or connection.execute("SELECT 1 FROM stamp LIMIT 1").fetchone() is None:
        return
    left = dict(connection.execute("SELECT epoch, url FROM hub_left").fetchall())
    if epoch not in left:
        raise HubError("hub.left_another", url=next(iter(left.values()), "?"))


def erase(path: Path) -> None:
    """Delete the file of a desk that nobody has open, and the files beside it; HubError where that would lose work."""
    try:
        connection = sqlite3.connect(path, isolation_level=None, timeout=LOCKED_SECONDS)
        try:
            _make_unusable(connection)
            for name in ("", *SIDE_FILES):
                path.with_name(path.name + name).unlink(missing_ok=True)
            for what in (SYNC, IMPORT):
                lock_path(path, what).unlink(missing_ok=True)
            forget_all(path)
        finally:
            connection.close()
    except sqlite3.DatabaseError as error:
        if getattr(error, "sqlite_errorname", "") in ("SQLITE_BUSY", "SQLITE_LOCKED"):
            raise HubError("hub.desk_in_use") from error
        raise explain(error, path) from error
    with suppress(OSError):
        # The folder of its own, if nothing else lies there.
        path.parent.rmdir()


def _make_unusable(connection: sqlite3.Connection) -> None:
    """Whoever opens the file from here on is refused; busy while another console has it open."""
    if joined(connection) is None:
        raise HubError("hub.not_joined")
    check_nothing_is_left(connection)
    # Only the last connection may take a file out of its write-ahead mode.
    connection.execute("PRAGMA journal_mode = DELETE")
    connection.execute("BEGIN EXCLUSIVE")
    try:
        check_nothing_is_left(connection)
        connection.execute("PRAGMA user_version = 0")
    except BaseException:
        connection.execute("ROLLBACK")
        connection.execute("PRAGMA journal_mode = WAL")
        raise
    connection.execute("COMMIT")
