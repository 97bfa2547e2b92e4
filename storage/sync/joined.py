"""What the desk's file knows of its hub: where it is, how far each stream was read, how far the own log was sent."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import NamedTuple

from core.ids import EntityId
from core.operations.envelope import FIRST_HASH
from storage.engine import open_file
from storage.hub.connecting import HubError


class Joined(NamedTuple):
    """The hub this desk has joined, and as whom. `hub_time` is the newest hub time seen, as a hybrid stamp."""

    url: str
    epoch: bytes
    login: str
    person: EntityId
    sent_n: int
    hub_time: int
    synced_at: int | None
    is_paused: int
    """Nothing is sent before the person says so."""


class Cursor(NamedTuple):
    """How far a stream was read: the last number, and the chain there."""

    seq: int
    chain: bytes


class OwnLog(NamedTuple):
    """Where the own log stands, and the highest ticket number that was counted."""

    console: bytes
    last_n: int
    last_number: int


class FoundBack(NamedTuple):
    """What was read of a hub that was restored: own operations up to `upto_n` are of before this desk found back.

    Whoever wrote them knows the log that is in force no further than `common_seq`.
    """

    upto_n: int
    common_seq: int


class Stands(NamedTuple):
    """How a desk's file stands beside its hub, which is None where it has joined none."""

    console: bytes
    last_n: int
    last_number: int
    hub: Joined | None


def stands(path: Path) -> Stands:
    """The same, read from the file."""
    connection = open_file(path, read_only=True)
    try:
        return Stands(*own_log(connection), joined(connection))
    finally:
        connection.close()


def joined(connection: sqlite3.Connection) -> Joined | None:
    """The hub of this desk; None while it has joined none."""
    row = connection.execute(
        "SELECT url, epoch, login, person, sent_n, hub_time, synced_at, is_paused FROM hub"
    ).fetchone()
    return None if row is None else Joined(*row)


def join(connection: sqlite3.Connection, url: str, epoch: bytes, login: str, person: bytes, now: int) -> None:
    """Remember the hub; nothing is sent to it yet."""
    connection.execute(
        "INSERT INTO hub (only, url, epoch, login, person, joined_at, is_paused) VALUES (1, ?, ?, ?, ?, ?, 1)"
        " ON CONFLICT (only) DO UPDATE SET url = excluded.url, login = excluded.login",
        (url, epoch, login, person, now),
    )


def cursor_of(connection: sqlite3.Connection, stream: str) -> Cursor:
    """How far a stream was read; its beginning where it never was."""
    row = connection.execute("SELECT seq, chain FROM hub_cursor WHERE stream = ?", (stream,)).fetchone()
    return Cursor(0, FIRST_HASH) if row is None else Cursor(*row)


def own_log(connection: sqlite3.Connection) -> OwnLog:
    """Who this console is, how much it wrote, and how far it counted."""
    return OwnLog(*connection.execute("SELECT console, last_n, last_number FROM store").fetchone())


def hash_at(connection: sqlite3.Connection, n: int) -> bytes | None:
    """The hash of an own operation; None for one that this file does not have."""
    if n == 0:
        return FIRST_HASH
    row = connection.execute(
        "SELECT hash FROM operation WHERE console = (SELECT console FROM store) AND n = ?", (n,)
    ).fetchone()
    return row[0] if row else None


def note_sent(connection: sqlite3.Connection, last_n: int) -> None:
    """The hub has everything up to `last_n`."""
    connection.execute("UPDATE hub SET sent_n = max(sent_n, ?)", (last_n,))


def note_synced(connection: sqlite3.Connection, now: int) -> None:
    """Everything was sent and read at `now`; who sits here is from now on whom the login speaks for."""
    connection.execute("UPDATE hub SET synced_at = ?", (now,))
    connection.execute(
        "UPDATE store SET person = (SELECT person FROM hub)"
        " WHERE EXISTS (SELECT 1 FROM person p JOIN hub h ON h.person = p.id WHERE p.archived = 0)"
    )


def let_send(connection: sqlite3.Connection) -> None:
    """The person said that what is here may be sent."""
    connection.execute("UPDATE hub SET is_paused = 0 WHERE is_paused = 1")


def sent_n(connection: sqlite3.Connection) -> int:
    """How far the own log was sent; HubError where the hub was left meanwhile."""
    row = connection.execute("SELECT sent_n FROM hub").fetchone()
    if row is None:
        raise HubError("hub.not_joined")
    return int(row[0])


def found_back(connection: sqlite3.Connection) -> FoundBack:
    """How far what is unsent was written by somebody who had read another log than the one in force."""
    return FoundBack(*connection.execute("SELECT found_back_n, common_seq FROM hub").fetchone())


def note_found_back(connection: sqlite3.Connection, common_seq: int, had_n: int) -> None:
    """Everything that was written here until now knows the log of a hub, which had `had_n` of it, up to `common_seq`.

    What is unsent from before an earlier time may know less.
    """
    connection.execute(
        "UPDATE hub SET common_seq = CASE WHEN ?2 < found_back_n THEN min(common_seq, ?1) ELSE ?1 END,"
        " found_back_n = (SELECT last_n FROM store)",
        (common_seq, had_n),
    )


def unsent(connection: sqlite3.Connection) -> int:
    """How many own operations the hub does not have."""
    (count,) = connection.execute("SELECT last_n - COALESCE((SELECT sent_n FROM hub), 0) FROM store").fetchone()
    return int(count)
