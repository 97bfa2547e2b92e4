"""What a pull brought: checked, kept in the log, folded into rows, and the cursor moved, in one transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence

from core.ids import EntityId
from storage.caller_index import refresh_few
from storage.hub.connecting import HubError
from storage.sync.across_records import archived_parents
from storage.sync.common_part import keep_sample
from storage.sync.file_holds import FileHolds
from storage.sync.joined import Cursor, cursor_of, own_log
from storage.sync.refold import refold, refold_all
from storage.sync.wire import Arrival, chain_after

KEEP = (
    "INSERT INTO operation (console, n, txn, stream, entity, id, kind, payload, base, hlc, schema_v, prev, author,"
    " hash, state) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'pulled') ON CONFLICT (console, n) DO UPDATE SET"
    " state = 'pulled'"
)
IS_ANOTHER = "SELECT 1 FROM operation WHERE console = ? AND n = ? AND hash <> ? AND state = 'awaited'"
AWAITED_FROM = "SELECT DISTINCT id FROM operation WHERE console = ? AND n >= ? AND state = 'awaited'"
AWAITED_AS = (
    "SELECT o.console, o.n, o.id FROM operation o JOIN lost_stamp l ON l.console = o.console AND l.n = o.n"
    " WHERE o.txn = ? AND o.hlc = ? AND o.state = 'awaited' AND l.author = ?"
)
UNSENT_AS = "SELECT 1 FROM operation WHERE txn = ? AND hlc = ? AND console = ? AND state = 'local'"


def check_arrivals(cursor: Cursor, arrivals: Sequence[Arrival]) -> Cursor:
    """Where the stream stands after `arrivals`; HubError unless they follow on `cursor` whole and without a hole."""
    for arrival in arrivals:
        envelope = arrival.envelope
        follows = arrival.seq == cursor.seq + 1 and chain_after(cursor.chain, arrival) == arrival.chain
        if not follows or envelope.hash != arrival.hash:
            raise HubError("hub.log_broken", seq=arrival.seq)
        cursor = Cursor(arrival.seq, arrival.chain)
    return cursor


def check_not_here(connection: sqlite3.Connection, arrivals: Sequence[Arrival]) -> None:
    """HubError `hub.signed_twice` where a copy of this file has sent, under its own name, what is still unsent here."""
    here, person = connection.execute("SELECT s.console, h.person FROM store s, hub h").fetchone()
    for arrival in arrivals:
        envelope = arrival.envelope
        if arrival.author != person or envelope.console == here:
            continue
        if connection.execute(UNSENT_AS, (envelope.txn, envelope.hlc, here)).fetchone():
            raise HubError("hub.signed_twice")


def take_in(
    connection: sqlite3.Connection, stream: str, before: Cursor, arrivals: Sequence[Arrival], hub_time: int
) -> bool:
    """Take in what follows on `before`; False where another console of this desk did it meanwhile.

    Data and cursor move in the caller's one transaction: there is no moment at which one of them stands without the
    other.
    """
    if cursor_of(connection, stream) != before:
        return False
    after = check_arrivals(before, arrivals)
    check_not_here(connection, arrivals)
    if FileHolds(connection).any_lost:
        _find_again(connection, arrivals)
    _keep(connection, arrivals)
    refold_all(connection, _records_first(arrivals))
    added = [one.envelope for one in arrivals if one.envelope.kind in ("ticket.opened", "record.added")]
    refold_all(connection, archived_parents(connection, added))
    keep_sample(connection, stream, after)
    refresh_few(connection)
    seen = max((hub_time, *(arrival.eff for arrival in arrivals)))
    connection.execute(
        "INSERT INTO hub_cursor (stream, seq, chain) VALUES (?, ?, ?)"
        " ON CONFLICT (stream) DO UPDATE SET seq = excluded.seq, chain = excluded.chain",
        (stream, *after),
    )
    connection.execute("UPDATE hub SET hub_time = max(hub_time, ?)", (seen,))
    # The own clock never shows less than the hub's has shown.
    connection.execute("UPDATE store SET last_hlc = max(last_hlc, ?)", (seen,))
    return True


def _find_again(connection: sqlite3.Connection, arrivals: Sequence[Arrival]) -> None:
    """Forget how operations stood that are back, and those that cannot come back any more.

    Where another one came in the place of one that was waited for, its console was copied or restored as well: what
    followed there is gone, or comes under another console's name.
    """
    here = own_log(connection).console
    touched: dict[EntityId, None] = {}
    for arrival in arrivals:
        envelope = arrival.envelope
        named = (envelope.console, envelope.n)
        if envelope.console != here and connection.execute(IS_ANOTHER, (*named, arrival.hash)).fetchone():
            for (id_,) in connection.execute(AWAITED_FROM, named).fetchall():
                touched[EntityId(id_)] = None
            connection.execute("DELETE FROM lost_stamp WHERE console = ? AND n >= ?", named)
            connection.execute("DELETE FROM operation WHERE console = ? AND n >= ? AND state = 'awaited'", named)
        connection.execute("DELETE FROM lost_stamp WHERE console = ? AND n = ?", named)
        # The same act under another name: the file of whoever wrote it was copied or put back meanwhile.
        for *other, id_ in connection.execute(AWAITED_AS, (envelope.txn, envelope.hlc, arrival.author)).fetchall():
            touched[EntityId(id_)] = None
            connection.execute("DELETE FROM lost_stamp WHERE console = ? AND n = ?", other)
            connection.execute("DELETE FROM operation WHERE console = ? AND n = ?", other)
    # Before what came is folded: an id may follow from a number that was used twice.
    for entity in touched:
        refold(connection, entity)


def _keep(connection: sqlite3.Connection, arrivals: Sequence[Arrival]) -> None:
    """Into the log, with what the hub said of each."""
    here = own_log(connection).console
    for arrival in arrivals:
        if arrival.envelope.console == here:
            _note_own(connection, here, arrival)
    others = [one for one in arrivals if one.envelope.console != here]
    connection.executemany(
        KEEP,
        [
            (
                one.envelope.console,
                one.envelope.n,
                one.envelope.txn,
                one.envelope.stream,
                one.envelope.entity,
                one.envelope.id,
                one.envelope.kind,
                one.envelope.payload,
                one.envelope.base,
                one.envelope.hlc,
                one.envelope.schema_v,
                one.envelope.prev,
                one.envelope.author,
                one.hash,
            )
            for one in others
        ],
    )
    connection.executemany(
        "INSERT INTO stamp (console, n, stream, seq, eff, seen, author) VALUES (?, ?, ?, ?, ?, ?, ?)",
        [
            (one.envelope.console, one.envelope.n, one.envelope.stream, one.seq, one.eff, one.seen, one.author)
            for one in arrivals
        ],
    )


def _note_own(connection: sqlite3.Connection, here: bytes, arrival: Arrival) -> None:
    mine = (here, arrival.envelope.n, arrival.hash)
    acked = "UPDATE operation SET state = 'acked' WHERE console = ? AND n = ? AND hash = ?"
    if not connection.execute(acked, mine).rowcount:
        raise HubError("hub.console_copied")
    # What a restored hub had refused before it may take in now.
    connection.execute("DELETE FROM refused WHERE n = ?", (arrival.envelope.n,))


def _records_first(arrivals: Iterable[Arrival]) -> list[EntityId]:
    """What was touched: master data before the tickets that name it, each in the order of the log."""
    touched: dict[EntityId, bool] = {}
    for arrival in arrivals:
        touched.setdefault(arrival.envelope.id, arrival.envelope.entity == "ticket")
    return sorted(touched, key=lambda one: touched[one])
