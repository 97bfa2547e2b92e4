"""Finding back to the hub: after it was restored from a backup, and where this desk's file turns out to be a copy.

The hub is asked for the highest number at which its log and what was read here are alike. What lies behind it the hub
has lost: own operations count as unsent again and are sent again, those of others wait until their authors do the same.
Until then each stays folded where it stood, behind everything that the hub has: nobody loses sight of work that comes
back.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from typing import TYPE_CHECKING, Any, NamedTuple

from core.notices import HUB_RESTORED, Notice
from storage.engine import open_file
from storage.hub.connecting import HubError
from storage.sync.common_part import common_part
from storage.sync.documents_again import fetch_again, take_again
from storage.sync.joined import Cursor, Joined, hash_at, joined, note_found_back, own_log, sent_n
from storage.sync.numbers import keep_block
from storage.sync.renewing import renew_console
from storage.sync.report_rows import write_all_again

if TYPE_CHECKING:
    from storage.desk import OpenDesk
    from storage.sync.session import Heads, Session

Write = Callable[[Callable[[sqlite3.Connection], Any]], Any]
"""Runs a job in a transaction of the desk's writer and answers what it answered."""

COPIED = ("hub.console_copied", "hub.signed_twice")
RECOVERABLE = frozenset(("hub.other_epoch", "hub.log_differs", "hub.gap", "hub.no_right", *COPIED))
"""What a round that meets it may go on from; a hub of before this console joined says that it has no right."""

AWAITED = "SELECT count(*) FROM operation WHERE state = 'awaited'"


class Stood(NamedTuple):
    """What this desk knew of its hub before the hub was asked."""

    sent_n: int
    cursors: dict[str, Cursor]


def stood_at(reading: sqlite3.Connection) -> Stood:
    """How far this desk was with its hub."""
    cursors = reading.execute("SELECT stream, seq, chain FROM hub_cursor").fetchall()
    return Stood(sent_n(reading), {stream: Cursor(seq, chain) for stream, seq, chain in cursors})


def check_heads(reading: sqlite3.Connection, before: Stood, heads: Heads) -> None:
    """HubError unless the hub has what it had `before`, and of this console what this file has."""
    for stream, cursor in before.cursors.items():
        head = heads.streams.get(stream, cursor.seq)
        is_other = head == cursor.seq > 0 and heads.chains.get(stream, cursor.chain) != cursor.chain
        if head < cursor.seq or is_other:
            raise HubError("hub.log_differs", reason=f"it had {cursor.seq} operations, now {head}")
    if heads.last_n < before.sent_n:
        raise HubError("hub.gap", reason=f"it had {before.sent_n}, now {heads.last_n}")
    if hash_at(reading, heads.last_n) != heads.last_hash:
        raise HubError("hub.console_copied")


def recover(desk: OpenDesk, write: Write, session: Session, error: HubError) -> list[Notice]:
    """Make good what `error` found, as far as it can be; afterwards a round begins anew. Nothing is sent here.

    It may be broken off anywhere and called again; HubError where only a person can help.
    """
    with closing(open_file(desk.path, read_only=True)) as reading:
        hub, console = joined(reading), own_log(reading).console
        if hub is None or error.code not in RECOVERABLE:
            raise error
        notices = []
        welcome = session.join(console, hub.person)
        epoch = welcome.epoch
        if epoch == hub.epoch and error.code not in COPIED:
            epoch = _epoch_found(reading, session, hub, console)
        if epoch != hub.epoch:
            notices.append(_find_back(reading, write, session, hub, epoch, is_ours=hub.epoch in welcome.epochs))
        heads = session.heads(epoch, console)
        if error.code == "hub.signed_twice" or hash_at(reading, heads.last_n) != heads.last_hash:
            notices.append(renew_console(desk, write, session, epoch, hub.person))
        elif heads.last_n < hub.sent_n:
            write(lambda connection: _send_again(connection, console, heads.last_n))
    return [notice for notice in notices if notice is not None]


def _epoch_found(reading: sqlite3.Connection, session: Session, hub: Joined, console: bytes) -> bytes:
    """The epoch in force after the hub was told, stream by stream, what it has lost without knowing."""
    for stream, cursor in stood_at(reading).cursors.items():
        epoch = session.restored_found(hub.epoch, console, stream, cursor)
        if epoch != hub.epoch:
            return epoch
    return hub.epoch


def _find_back(
    reading: sqlite3.Connection,
    write: Write,
    session: Session,
    hub: Joined,
    epoch: bytes,
    *,
    is_ours: bool,
) -> Notice | None:
    console, _last_n, last_number = own_log(reading)
    commons: dict[str, Cursor] = {}
    for (stream,) in reading.execute("SELECT stream FROM hub_cursor ORDER BY stream").fetchall():
        commons[stream] = common_part(reading, session, epoch, stream)
    if not is_ours and not any(common.seq for common in commons.values()):
        raise HubError("hub.other_epoch", reason="its log is another one from the beginning")
    again = [fetch_again(reading, session, epoch, stream, common) for stream, common in commons.items()]
    (leased,) = reading.execute("SELECT COALESCE(max(last), 0) FROM number_block").fetchone()
    # So the hub hears which numbers were leased that it knows nothing of.
    number = session.lease(epoch, console, 1, max(last_number, leased))
    heads = session.heads(epoch, console)

    def cut(connection: sqlite3.Connection) -> Notice | None:
        keep_block(connection, number, 1)
        notice = _cut_back(connection, hub.epoch, epoch, commons, heads)
        for one in again if notice is not None else ():
            take_again(connection, one)
        return notice

    told: Notice | None = write(cut)
    return told


def _cut_back(
    connection: sqlite3.Connection, before: bytes, epoch: bytes, commons: dict[str, Cursor], heads: Heads
) -> Notice | None:
    """Go back to what both have; None where another console of this desk has done it meanwhile."""
    hub = joined(connection)
    if hub is None or hub.epoch != before:
        return None
    here = own_log(connection).console
    for stream, common in commons.items():
        behind = (stream, common.seq)
        connection.execute(
            "INSERT OR REPLACE INTO lost_stamp (console, n, stream, seq, eff, seen, author)"
            " SELECT console, n, stream, seq, eff, seen, author FROM stamp WHERE stream = ? AND seq > ?",
            behind,
        )
        connection.execute("DELETE FROM stamp WHERE stream = ? AND seq > ?", behind)
        connection.execute("DELETE FROM chain_sample WHERE stream = ? AND seq > ?", behind)
        connection.execute("UPDATE hub_cursor SET seq = ?, chain = ? WHERE stream = ?", (*common, stream))
    lost = "(console, n) IN (SELECT console, n FROM lost_stamp)"
    again = connection.execute(
        f"UPDATE operation SET state = 'local' WHERE console = ? AND state = 'acked' AND {lost}", (here,)
    ).rowcount
    connection.execute(f"UPDATE operation SET state = 'awaited' WHERE state = 'pulled' AND {lost}")
    connection.execute("UPDATE hub SET epoch = ?", (epoch,))
    write_all_again(connection)
    note_found_back(connection, min(common.seq for common in commons.values()), heads.last_n)
    if hash_at(connection, heads.last_n) == heads.last_hash:
        connection.execute("UPDATE hub SET sent_n = min(sent_n, ?)", (heads.last_n,))
    (awaited,) = connection.execute(AWAITED).fetchone()
    return Notice(HUB_RESTORED, {"again": again, "awaited": awaited})


def _send_again(connection: sqlite3.Connection, console: bytes, last_n: int) -> None:
    """The hub has the own log up to `last_n` only, though everything that came back from it is still there."""
    if own_log(connection).console == console:
        connection.execute("UPDATE hub SET sent_n = min(sent_n, ?)", (last_n,))
