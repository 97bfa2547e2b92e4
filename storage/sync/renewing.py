"""A desk's file that is a copy, or an old state, of one that went on elsewhere becomes a console of its own.

What the hub has of the console it was stays under that name. What it has under another name, because another copy
signed it anew, is left to that name. What it has not is signed anew as the first operations of the new console. Ids
that follow from an operation's own change with it, wherever this desk names them.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from core.conflicts import conflict_id
from core.ids import EntityId
from core.notices import CONSOLE_RENEWED, Notice
from core.operations.envelope import FIRST_HASH, Envelope, canonical_json
from core.operations.operation import created_id
from storage.caller_index import refresh_few
from storage.engine import open_file
from storage.sync.joined import found_back, own_log
from storage.sync.refold import refold
from storage.sync.wire import COLUMNS, OPS_AT_ONCE, WAS, Name, envelope_of

if TYPE_CHECKING:
    from storage.desk import OpenDesk
    from storage.sync.session import Session

ASKED_AT_ONCE = 5000
OWN_AFTER = f"SELECT {COLUMNS}, hash FROM operation WHERE console = ? AND n > ? ORDER BY n"
OWN_UNSENT = f"SELECT {COLUMNS} FROM operation WHERE console = ? AND n > (SELECT sent_n FROM hub) AND n <= ? ORDER BY n"
INSERT_REFUSED = (
    f"INSERT OR IGNORE INTO operation ({COLUMNS}, hash, state) VALUES"
    " (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'refused')"
)
INSERT = f"INSERT INTO operation ({COLUMNS}, hash, state) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'local')"
Write = Callable[[Callable[[sqlite3.Connection], Any]], Any]
Ids = Mapping[str, str]
"""Ids that follow from an operation's own, as hex: before and after."""


def renew_console(desk: OpenDesk, write: Write, session: Session, epoch: bytes, person: bytes) -> Notice | None:
    """Go on as a new console; None where another console of this desk has done it meanwhile."""
    with closing(open_file(desk.path, read_only=True)) as reading:
        console = own_log(reading).console
        known = known_here(reading, session, epoch, console)
        refused = _refused_of(reading, session, epoch, console, known)
        rows = reading.execute(OWN_AFTER, (console, known)).fetchall()
        elsewhere = names_elsewhere(session, epoch, console, [envelope_of(row) for row in rows])
    new = desk.new_id()
    session.join(new, person)

    def become(connection: sqlite3.Connection) -> Notice | None:
        notice = _become(connection, console, new, known, elsewhere)
        if notice is not None:
            _note_refused(connection, console, refused)
        return notice

    told: Notice | None = write(become)
    return told


def _refused_of(
    reading: sqlite3.Connection, session: Session, epoch: bytes, console: bytes, known: int
) -> dict[int, str]:
    """What the hub refused of what the other file sent and this one did not: it says so when it comes again."""
    rows = reading.execute(OWN_UNSENT, (console, known)).fetchall()
    refused: dict[int, str] = {}
    for start in range(0, len(rows), OPS_AT_ONCE):
        # The hub has all of it: nothing is taken in, and no time asked for.
        refused |= session.push(
            epoch, console, 0, [envelope_of(row) for row in rows[start : start + OPS_AT_ONCE]]
        ).refused
    return refused


def _note_refused(connection: sqlite3.Connection, console: bytes, refused: Mapping[int, str]) -> None:
    """It does not count here either."""
    for n, reason in refused.items():
        connection.execute(
            "INSERT OR REPLACE INTO refused_before (console, n, reason, at)"
            " SELECT ?, ?, ?, (hub_time >> 16) / 1000 FROM hub",
            (console, n, reason),
        )
        connection.execute("UPDATE operation SET state = 'refused' WHERE console = ? AND n = ?", (console, n))
        (about,) = connection.execute("SELECT id FROM operation WHERE console = ? AND n = ?", (console, n)).fetchone()
        refold(connection, EntityId(about))


def known_here(reading: sqlite3.Connection, session: Session, epoch: bytes, console: bytes) -> int:
    """The number of the last own operation that the hub has as well."""
    (known,) = reading.execute("SELECT COALESCE(max(n), 0) FROM stamp WHERE console = ?", (console,)).fetchone()
    rows = reading.execute("SELECT n, hash FROM operation WHERE console = ? AND n > ? ORDER BY n", (console, known))
    return last_known(session, epoch, console, rows.fetchall()) or int(known)


def last_known(session: Session, epoch: bytes, console: bytes, own: Sequence[tuple[int, bytes]]) -> int:
    """The highest number of some operations of a console that the hub has as well: with it all before; 0 for none."""
    known = 0
    for start in range(0, len(own), ASKED_AT_ONCE):
        asked = own[start : start + ASKED_AT_ONCE]
        told = session.hashes_of(epoch, console, [n for n, _hash in asked])
        known = max((n for n, hash_ in asked if told.get(n) == hash_), default=known)
    return known


def names_elsewhere(session: Session, epoch: bytes, console: bytes, own: Sequence[Envelope]) -> dict[int, Name]:
    """Under which names the hub has those of some operations that another copy of this file signed anew, by number."""
    found: dict[int, Name] = {}
    for start in range(0, len(own), ASKED_AT_ONCE):
        found |= session.names_of(epoch, console, own[start : start + ASKED_AT_ONCE])
    return found


def _become(
    connection: sqlite3.Connection, console: bytes, new: EntityId, known: int, elsewhere: Mapping[int, Name]
) -> Notice | None:
    if own_log(connection).console != console:
        return None
    rows = connection.execute(OWN_AFTER, (console, known)).fetchall()
    before = [envelope_of(row) for row in rows]
    names = names_after(before, new, elsewhere)
    ids = ids_after(connection, before, names)
    for table in ("operation", "lost_stamp", "quarantine"):
        connection.execute(f"DELETE FROM {table} WHERE console = ? AND n > ?", (console, known))
    connection.execute(
        "UPDATE operation SET state = 'pulled' WHERE console = ? AND state IN ('acked', 'local')", (console,)
    )
    _leave_to_the_other(connection, console)
    connection.execute("UPDATE store SET console = ?, last_n = 0, last_hash = ?", (new, FIRST_HASH))
    found_back_n = place_after(names, new, found_back(connection).upto_n)
    connection.execute("UPDATE hub SET sent_n = 0, found_back_n = ?", (found_back_n,))
    rename_in_local_tables(connection, ids)
    signed = sign_anew(connection, before, new, names, ids)
    return Notice(CONSOLE_RENEWED, {"unsent": signed})


def names_after(before: Sequence[Envelope], new: EntityId, elsewhere: Mapping[int, Name]) -> dict[int, Name]:
    """What operations are called from now on, by the number they had: as the hub has them, or 1, 2, 3 of `new`."""
    left = (envelope.n for envelope in before if envelope.n not in elsewhere)
    anew = {number: (bytes(new), n) for n, number in enumerate(left, 1)}
    return {**{envelope.n: elsewhere[envelope.n] for envelope in before if envelope.n in elsewhere}, **anew}


def place_after(names: Mapping[int, Name], new: EntityId, upto_n: int) -> int:
    """The number of the last of those that are signed anew that had a number up to `upto_n`; 0 for none."""
    return max((n for before, (console, n) in names.items() if console == new and before <= upto_n), default=0)


def sign_anew(
    connection: sqlite3.Connection, before: Sequence[Envelope], new: EntityId, names: Mapping[int, Name], ids: Ids
) -> int:
    """Begin the log of a new console with operations of another, and fold what they are about; how many it has."""
    after = _signed_anew(before, new, names, ids)
    connection.executemany(INSERT, [_row(envelope) for envelope in after])
    if after:
        last = after[-1]
        connection.execute(
            "UPDATE store SET last_n = ?, last_hash = ?, last_hlc = max(last_hlc, ?)", (last.n, last.hash, last.hlc)
        )
    touched = {envelope.id: envelope.entity == "ticket" for envelope in before}
    for entity in sorted(touched, key=lambda one: touched[one]):
        refold(connection, entity)
    refresh_few(connection)
    return len(after)


def keep_refused(connection: sqlite3.Connection, refused: Sequence[Envelope]) -> None:
    """Keep what the hub refused of consoles before in the log, where it counts for nothing until it is resent."""
    connection.executemany(INSERT_REFUSED, [_row(envelope) for envelope in refused])


def _signed_anew(before: Sequence[Envelope], new: EntityId, names: Mapping[int, Name], ids: Ids) -> list[Envelope]:
    """Those that are called so from now on as 1, 2, 3 of another console."""
    first = before[0].n if before else 0
    after: list[Envelope] = []
    for envelope in before:
        console, n = names[envelope.n]
        if console != new:
            continue
        told = f"{envelope.console.hex()}:"
        base = {name: _base_after(name, value, told, names, first, new) for name, value in _read(envelope.base).items()}
        # However often it is signed anew, and by whichever copy of the file: the hub takes it in once.
        base.setdefault(WAS, f"{told}{envelope.n}")
        after.append(
            replace(
                envelope,
                console=new,
                n=n,
                payload=canonical_json(renamed(_read(envelope.payload), ids)),
                base=canonical_json(base),
                prev=after[-1].hash if after else FIRST_HASH,
            )
        )
    return after


def _base_after(name: str, value: object, console: str, names: Mapping[int, Name], first: int, new: EntityId) -> object:
    """An operation as a base names it: own ones by their number, those of other consoles with the console before it.

    One of the own that is lost is not named.
    """
    if name.startswith("@") or type(value) is not int:
        return value
    if value < first:
        return f"{console}{value}"
    if value not in names:
        return None
    by, n = names[value]
    return n if by == new else f"{by.hex()}:{n}"


def ids_after(connection: sqlite3.Connection, before: Sequence[Envelope], names: Mapping[int, Name]) -> Ids:
    """Ids of what operations make, and of conflicts they are in, before and after they are called otherwise."""
    ids: dict[str, str] = {}
    conflicts = connection.execute("SELECT id, field, record FROM conflict").fetchall() if before else []
    for envelope in before:
        console, n = names[envelope.n]
        then, now = envelope.stamp, replace(envelope.stamp, console=console, n=n)
        ids[created_id(then, b"entry").hex()] = created_id(now, b"entry").hex()
        for found, field, record in conflicts:
            # Where it is one with another record, that is part of its name.
            for named in (field, field + record.hex()):
                if conflict_id(then, named) == found:
                    ids[found.hex()] = conflict_id(now, named).hex()
    return ids


def rename_in_local_tables(connection: sqlite3.Connection, ids: Ids) -> None:
    """Let drafts, acts and what the screen remembers name things as they are called now."""
    for then, now in ids.items():
        named = {"then": bytes.fromhex(then), "now": bytes.fromhex(now)}
        connection.execute("UPDATE OR IGNORE draft SET about = :now WHERE about = :then", named)
    for table, column, key in (("action", "facts", "n"), ("draft", "body", None), ("desk_state", "body", "name")):
        _rename_in_texts(connection, table, column, key, ids)


def _rename_in_texts(connection: sqlite3.Connection, table: str, column: str, key: str | None, ids: Ids) -> None:
    """What is kept as JSON may name entries; other texts are what a person wrote."""
    keys = key or "person, kind, about"
    where = " AND ".join(f"{name} = ?" for name in keys.split(", "))
    for *named, text in connection.execute(f"SELECT {keys}, {column} FROM {table}").fetchall():
        if not any(then in text for then in ids):
            continue
        try:
            after = json.dumps(renamed(json.loads(text), ids), ensure_ascii=False)
        except ValueError:
            continue
        connection.execute(f"UPDATE {table} SET {column} = ? WHERE {where}", (after, *named))


def _leave_to_the_other(connection: sqlite3.Connection, console: bytes) -> None:
    """Ticket numbers that were leased are given where the old console is; what was refused is still known as such."""
    connection.execute(
        "INSERT OR REPLACE INTO refused_before (console, n, reason, at, settled)"
        " SELECT ?, n, reason, at, settled FROM refused",
        (console,),
    )
    connection.execute("DELETE FROM refused")
    connection.execute("DELETE FROM number_block")


def renamed(value: Any, ids: Ids) -> Any:
    """A plain value with ids exchanged where a whole text is one."""
    if isinstance(value, str):
        return ids.get(value, value)
    if isinstance(value, list):
        return [renamed(one, ids) for one in value]
    if isinstance(value, dict):
        return {ids.get(name, name): renamed(one, ids) for name, one in value.items()}
    return value


def _read(document: bytes) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(document)
    return read


def _row(envelope: Envelope) -> tuple[Any, ...]:
    return (
        envelope.console,
        envelope.n,
        envelope.txn,
        envelope.stream,
        envelope.entity,
        envelope.id,
        envelope.kind,
        envelope.payload,
        envelope.base,
        envelope.hlc,
        envelope.schema_v,
        envelope.prev,
        envelope.author,
        envelope.hash,
    )
