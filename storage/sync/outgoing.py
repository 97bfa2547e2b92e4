"""What a push takes along, and what becomes of operations that the hub refused."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import takewhile

from core.ids import EntityId
from core.operations.envelope import Envelope
from storage.caller_index import refresh_few
from storage.sync.joined import note_sent
from storage.sync.refold import refold
from storage.sync.wire import BYTES_AT_ONCE, COLUMNS, OPS_AT_ONCE, envelope_of

OWN = "SELECT 1 FROM operation WHERE console = (SELECT console FROM store) AND n > ?"
OWN_AFTER = f"SELECT {COLUMNS} FROM operation WHERE console = (SELECT console FROM store) AND n > ? ORDER BY n"


def next_push(
    connection: sqlite3.Connection, last_n: int, ops_at_once: int = OPS_AT_ONCE, bytes_at_once: int = BYTES_AT_ONCE
) -> list[Envelope]:
    """The own operations after `last_n`, whole acts in the order they were done, up to the size of a push."""
    taken: list[Envelope] = []
    size = 0
    for act in _acts(connection, last_n):
        bytes_of_act = sum(len(one.payload) + len(one.base) for one in act)
        if taken and (len(taken) + len(act) > ops_at_once or size + bytes_of_act > bytes_at_once):
            break
        taken += act
        size += bytes_of_act
    return taken


def allowed(envelopes: Sequence[Envelope], had_n: int, read_only: Collection[str]) -> list[Envelope]:
    """Those before the first act of a stream in `read_only`, which would only be refused; up to `had_n` the hub has
    them, and what it made of them is asked for again."""
    held = next((one.txn for one in envelopes if one.n > had_n and one.stream in read_only), None)
    return list(takewhile(lambda one: one.txn != held, envelopes))


def is_held(connection: sqlite3.Connection, last_n: int, read_only: Collection[str]) -> bool:
    """Whether something after `last_n` waits for the right to write."""
    held = f"{OWN} AND stream = ? LIMIT 1"
    return any(connection.execute(held, (last_n, stream)).fetchone() for stream in read_only)


def _acts(connection: sqlite3.Connection, last_n: int) -> Iterator[list[Envelope]]:
    act: list[Envelope] = []
    for row in connection.execute(OWN_AFTER, (last_n,)):
        envelope = envelope_of(row)
        if act and act[-1].txn != envelope.txn:
            yield act
            act = []
        act.append(envelope)
    if act:
        yield act


def note_answer(connection: sqlite3.Connection, last_n: int, refused: Mapping[int, str], now: int) -> None:
    """What the hub answered to a push: what it refused is taken out of the rows and kept to be looked at."""
    note_sent(connection, last_n)
    touched: dict[EntityId, None] = {}
    for n, reason in sorted(refused.items()):
        row = connection.execute(
            "SELECT id, txn, entity FROM operation WHERE console = (SELECT console FROM store) AND n = ?"
            " AND state = 'local'",
            (n,),
        ).fetchone()
        if row is None:
            continue
        connection.execute(
            "UPDATE operation SET state = 'refused' WHERE console = (SELECT console FROM store) AND n = ?", (n,)
        )
        connection.execute("INSERT INTO refused (n, reason, at) VALUES (?, ?, ?)", (n, reason, now))
        # There is nothing left that undo could take back.
        connection.execute("UPDATE action SET state = 'final' WHERE txn = ?", (row[1],))
        touched[EntityId(row[0])] = None
    for entity in touched:
        refold(connection, entity)
    refresh_few(connection)
