"""The index of full text: tickets with their entries and pieces of equipment, as trigrams of folded words.

It is written after the fact, outside the transaction of the act: new tickets and entries have higher row numbers than
those in `find_progress`, changed ones are noted by triggers in `find_changed`. Until they are indexed, which takes the
writer thread's idle moments, a search reads the few that wait themselves (storage/search.py).

The index is only ever added to. What was hidden or rewritten since stays in it, so every hit is compared with the rows
as they are; that is also why a killed console leaves nothing to repair. `find_doc` numbers the documents by the time a
ticket was opened, so that newest first is the order of the index; equipment has the numbers below zero.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from core.search_words import learnt_words, normal
from storage.engine import open_file

TICKET, EQUIPMENT = range(2)

SECONDS_A_NUMBER = 16
"""Documents are numbered by time in such steps: small gaps between numbers keep the index small."""
EQUIPMENT_NUMBERS = 1 << 26
AT_ONCE = 2_000
TICKETS_IN_A_SLICE = 24
ENTRIES_IN_A_SLICE = 200
SIGNS_IN_A_SLICE = 20_000
"""A slice ends behind the ticket with which it has so many: a long log folds for a tenth of a second."""
REMEMBERED_TEXTS = 4_096
LONGEST_REMEMBERED = 300

EQUIPMENT_TEXTS = (
    "SELECT e.id, e.serial, e.inventory_number, e.place, COALESCE(m.maker, ''), COALESCE(m.name, ''),"
    " COALESCE(m.category, '') FROM equipment e LEFT JOIN model m ON m.id = e.model WHERE e.archived = 0"
)


class Progress(NamedTuple):
    """Up to which row tickets and entries are indexed, and where the present round ends."""

    tickets: int
    entries: int
    old_tickets: int
    last_ticket: int
    last_entry: int


Texts = dict[bytes, list[str]]

MOST_WAITING_SIGNS = 2_000_000
"""Of texts that are not in the index: so many are read by a search in a fraction of a second."""


def is_behind(connection: sqlite3.Connection) -> bool:
    """True while something that was written is not in the index."""
    tickets, entries, *_round = _progress(connection)
    last_ticket, last_entry = _last_rows(connection)
    if tickets < last_ticket or entries < last_entry:
        return True
    return connection.execute("SELECT 1 FROM find_changed LIMIT 1").fetchone() is not None


def index_some(connection: sqlite3.Connection, seconds: float | None = None) -> bool:
    """Index what waits inside the caller's transaction, all or for about `seconds`; True while something is left."""
    ends_at = None if seconds is None else time.monotonic() + seconds
    while _index_next(connection, is_slice=seconds is not None):
        if ends_at is not None and time.monotonic() >= ends_at:
            return is_behind(connection)
    return False


def forget_all(connection: sqlite3.Connection) -> None:
    """Empty the index, so that all of it is made again."""
    connection.execute("INSERT INTO find_text (find_text) VALUES ('delete-all')")
    connection.execute("DELETE FROM find_doc")
    connection.execute("DELETE FROM find_term")
    connection.execute("DELETE FROM find_changed")
    connection.execute(f"INSERT INTO find_changed (kind, id) SELECT {EQUIPMENT}, id FROM equipment")
    _keep(connection, Progress(0, 0, 0, 0, 0))


def index_file(path: Path) -> None:
    """Index everything that waits in a desk's file, in transactions of a moment each, so that others can write too."""
    connection = open_file(path)
    try:
        is_left = True
        while is_left:
            connection.execute("BEGIN IMMEDIATE")
            is_left = _index_next(connection, is_slice=False)
            connection.execute("COMMIT")
    finally:
        # What a broken off transaction did is undone by closing; it is still noted as waiting.
        connection.close()


def waiting(connection: sqlite3.Connection, most: int) -> tuple[list[bytes], int]:
    """Tickets whose present text is not in the index, if they are at most `most` and no huge texts are among them.

    Else none of them, and how many there are.
    """
    progress = _progress(connection)
    last_ticket, last_entry = _last_rows(connection)
    count = last_ticket - progress.tickets
    if count > most or last_entry - progress.entries > 20 * most:
        return [], max(count, 1)
    rows = connection.execute(
        "SELECT id FROM ticket WHERE rowid > ? UNION SELECT ticket FROM entry WHERE rowid > ? AND text <> ''"
        " UNION SELECT id FROM find_changed WHERE kind = 0 LIMIT ?",
        (progress.tickets, progress.entries, most + 1),
    ).fetchall()
    if len(rows) > most or _length(connection, [id_ for (id_,) in rows]) > MOST_WAITING_SIGNS:
        return [], len(rows)
    return [id_ for (id_,) in rows], 0


def _length(connection: sqlite3.Connection, tickets: Sequence[bytes]) -> int:
    marks = ", ".join("?" * len(tickets))
    query = (
        f"SELECT (SELECT total(length(subject)) FROM ticket WHERE id IN ({marks}))"
        f" + (SELECT total(length(text)) FROM entry WHERE ticket IN ({marks}))"
    )
    (signs,) = connection.execute(query, (*tickets, *tickets)).fetchone()
    return int(signs)


def number_of_time(opened_at: int) -> int:
    """The first number a ticket opened at that time may have."""
    return max(1, opened_at // SECONDS_A_NUMBER)


def _progress(connection: sqlite3.Connection) -> Progress:
    columns = "tickets, entries, old_tickets, last_ticket, last_entry"
    return Progress(*connection.execute(f"SELECT {columns} FROM find_progress").fetchone())


def _keep(connection: sqlite3.Connection, progress: Progress) -> None:
    changes = ", ".join(f"{name} = ?" for name in Progress._fields)
    connection.execute(f"UPDATE find_progress SET {changes}", progress)


def _last_rows(connection: sqlite3.Connection) -> tuple[int, int]:
    # Nothing is ever deleted, so row numbers only grow.
    row: tuple[int, int] = connection.execute(
        "SELECT COALESCE((SELECT max(rowid) FROM ticket), 0), COALESCE((SELECT max(rowid) FROM entry), 0)"
    ).fetchone()
    return row


def _index_next(connection: sqlite3.Connection, *, is_slice: bool) -> bool:
    """One handful; False when nothing waits."""
    progress = _progress(connection)
    if progress.tickets >= progress.last_ticket and progress.entries >= progress.last_entry:
        progress = _begin_round(connection, progress)
    if progress.tickets < progress.last_ticket:
        _next_tickets(connection, progress, is_slice=is_slice)
    elif progress.entries < progress.last_entry:
        _next_entries(connection, progress, ENTRIES_IN_A_SLICE if is_slice else AT_ONCE)
    else:
        return _next_changed(connection, is_slice=is_slice)
    return True


def _begin_round(connection: sqlite3.Connection, progress: Progress) -> Progress:
    # Tickets that are new in this round are read whole, so only entries of older ones have to be looked at apart.
    last_ticket, last_entry = _last_rows(connection)
    entries = progress.entries if progress.tickets else last_entry
    begun = Progress(progress.tickets, entries, progress.tickets, last_ticket, last_entry)
    if begun != progress:
        _keep(connection, begun)
    return begun


def _next_tickets(connection: sqlite3.Connection, progress: Progress, *, is_slice: bool) -> None:
    count = TICKETS_IN_A_SLICE if is_slice else AT_ONCE
    rows = connection.execute(
        "SELECT rowid, id FROM ticket WHERE rowid > ? AND rowid <= ? ORDER BY rowid LIMIT ?",
        (progress.tickets, progress.last_ticket, count),
    ).fetchall()
    done = _add_tickets(connection, [id_ for _row, id_ in rows], is_slice=is_slice)
    is_end = done == len(rows) < count
    _keep(connection, progress._replace(tickets=progress.last_ticket if is_end else rows[done - 1][0]))


def _next_entries(connection: sqlite3.Connection, progress: Progress, count: int) -> None:
    until = min(progress.entries + count, progress.last_entry)
    rows = connection.execute(
        "SELECT e.ticket, e.text FROM entry e JOIN ticket t ON t.id = e.ticket"
        " WHERE e.rowid > ? AND e.rowid <= ? AND e.text <> '' AND t.rowid <= ?",
        (progress.entries, until, progress.old_tickets),
    ).fetchall()
    texts: Texts = {}
    for ticket, text in rows:
        texts.setdefault(ticket, []).append(text)
    _add(connection, _numbers_of_tickets(connection, list(texts)), texts)
    _keep(connection, progress._replace(entries=until))


def _next_changed(connection: sqlite3.Connection, *, is_slice: bool) -> bool:
    count = TICKETS_IN_A_SLICE if is_slice else AT_ONCE
    # By kind, then id: first all tickets that are noted, then equipment.
    (kind,) = connection.execute("SELECT min(kind) FROM find_changed").fetchone()
    if kind is None:
        return False
    rows = connection.execute("SELECT kind, id FROM find_changed WHERE kind = ? LIMIT ?", (kind, count)).fetchall()
    ids = [id_ for _kind, id_ in rows]
    if kind == TICKET:
        rows = rows[: _add_tickets(connection, ids, is_slice=is_slice)]
    else:
        _add_equipment(connection, ids)
    connection.executemany("DELETE FROM find_changed WHERE kind = ? AND id = ?", rows)
    return True


def _add_tickets(connection: sqlite3.Connection, tickets: Sequence[bytes], *, is_slice: bool) -> int:
    """Index tickets with all their entries; answers how many of them, in a slice those that are not too much text."""
    texts: Texts = {}
    done, step, signs = 0, 1 if is_slice else 500, 0
    while done < len(tickets) and not (is_slice and signs > SIGNS_IN_A_SLICE):
        some = tickets[done : done + step]
        read = _texts_of_tickets(connection, some)
        signs += sum(len(text) for of_ticket in read.values() for text in of_ticket)
        texts |= read
        done += len(some)
    _add(connection, _numbers_of_tickets(connection, list(texts)), texts)
    return done


def _texts_of_tickets(connection: sqlite3.Connection, tickets: Sequence[bytes]) -> Texts:
    marks = ", ".join("?" * len(tickets))
    rows = connection.execute(f"SELECT id, number, subject FROM ticket WHERE id IN ({marks})", tickets)
    texts: Texts = {id_: [number, subject] for id_, number, subject in rows}
    for ticket, text in connection.execute(
        f"SELECT ticket, text FROM entry WHERE ticket IN ({marks}) AND text <> ''", tickets
    ):
        if ticket in texts:
            texts[ticket].append(text)
    return texts


def _add_equipment(connection: sqlite3.Connection, equipment: Sequence[bytes]) -> None:
    texts: Texts = {}
    for start in range(0, len(equipment), 500):
        some = equipment[start : start + 500]
        rows = connection.execute(f"{EQUIPMENT_TEXTS} AND e.id IN ({', '.join('?' * len(some))})", some)
        texts |= {id_: list(words) for id_, *words in rows}
    firsts = {id_: -1 - int.from_bytes(id_[-8:]) % EQUIPMENT_NUMBERS for id_ in texts}
    _add(connection, _numbers(connection, firsts, -1), texts)


def _numbers_of_tickets(connection: sqlite3.Connection, tickets: Sequence[bytes]) -> dict[bytes, int]:
    firsts: dict[bytes, int] = {}
    for start in range(0, len(tickets), 500):
        some = tickets[start : start + 500]
        rows = connection.execute(f"SELECT id, opened_at FROM ticket WHERE id IN ({', '.join('?' * len(some))})", some)
        firsts |= {id_: number_of_time(opened_at) for id_, opened_at in rows}
    return _numbers(connection, firsts, 1)


def _numbers(connection: sqlite3.Connection, firsts: dict[bytes, int], direction: int) -> dict[bytes, int]:
    """The number of each document: its own, or the next free one, looked for in strides that double."""
    numbers: dict[bytes, int] = {}
    for id_, first in firsts.items():
        number, stride = first, 1
        while True:
            row = connection.execute("SELECT id FROM find_doc WHERE doc = ?", (number,)).fetchone()
            if row is None:
                connection.execute("INSERT INTO find_doc (doc, id) VALUES (?, ?)", (number, id_))
            if row is None or row[0] == id_:
                break
            number += direction * stride
            stride *= 2
        numbers[id_] = number
    return numbers


def _add(connection: sqlite3.Connection, numbers: dict[bytes, int], texts: Texts) -> None:
    folded = {id_: "".join(map(_normal, some)) for id_, some in texts.items()}
    # In rising order: a number below the last one makes the index begin a new segment.
    rows = sorted((numbers[id_], text) for id_, text in folded.items())
    connection.executemany("INSERT INTO find_text (rowid, text) VALUES (?, ?)", rows)
    _learn(connection, folded.values())


def _learn(connection: sqlite3.Connection, texts: Iterable[str]) -> None:
    words: set[str] = set()
    for text in texts:
        words |= learnt_words(text)
    connection.executemany(
        "INSERT INTO find_term (word, backward) VALUES (?, ?) ON CONFLICT (word) DO NOTHING",
        [(word, word[::-1]) for word in sorted(words)],
    )


def _normal(text: str) -> str:
    # The same sentences come again and again: acknowledgements, known faults, what was done.
    return _remembered(text) if len(text) <= LONGEST_REMEMBERED else normal(text)


_remembered = lru_cache(maxsize=REMEMBERED_TEXTS)(normal)
