"""Ticket numbers on a desk that has joined a hub: leased in blocks, and told apart where two desks gave the same one.

Of two tickets that want one number the one that was opened first in the hub's log has it, on every console alike; work
that no hub has taken in yet comes after all that one has.
"""

from __future__ import annotations

import sqlite3

from core.ids import EntityId
from core.ticket_numbers import told_apart

BLOCK = 50
RENEWED_AT = 20
"""So many left, and the next block is asked for."""

LONGEST_COUNTED = 10
NEVER = 2**62
OPENED = (
    f"SELECT COALESCE(s.seq, {NEVER}), o.n FROM operation o LEFT JOIN stamp s ON s.console = o.console AND s.n = o.n"
    " WHERE o.id = ? AND o.kind IN ('ticket.opened', 'ticket.imported') AND o.state <> 'refused' ORDER BY 1, 2 LIMIT 1"
)


def take_number(connection: sqlite3.Connection) -> int | None:
    """The next leased number; None when none is left."""
    row = connection.execute(
        "SELECT first, next FROM number_block WHERE next <= last ORDER BY first LIMIT 1"
    ).fetchone()
    if row is None:
        return None
    first, number = row
    connection.execute("UPDATE number_block SET next = next + 1 WHERE first = ?", (first,))
    return int(number)


def without_number(connection: sqlite3.Connection) -> list[EntityId]:
    """Tickets opened on this console while no leased number was left, the oldest first."""
    query = (
        "SELECT t.id FROM ticket t JOIN operation o ON o.id = t.id AND o.kind = 'ticket.opened'"
        " WHERE t.number GLOB 'T-~*' AND o.console = (SELECT console FROM store) AND o.state <> 'refused' ORDER BY t.id"
    )
    return [EntityId(row[0]) for row in connection.execute(query)]


def numbers_left(connection: sqlite3.Connection) -> int:
    """How many leased numbers are left."""
    return int(connection.execute("SELECT COALESCE(sum(last - next + 1), 0) FROM number_block").fetchone()[0])


def keep_block(connection: sqlite3.Connection, first: int, count: int) -> None:
    """Keep a block that was leased."""
    connection.execute("DELETE FROM number_block WHERE next > last")
    connection.execute(
        "INSERT INTO number_block (first, last, next) VALUES (?, ?, ?) ON CONFLICT (first) DO NOTHING",
        (first, first + count - 1, first),
    )


def settled_number(connection: sqlite3.Connection, ticket: EntityId, wanted: str) -> str:
    """The number that `ticket`, which wants `wanted`, has on every console; makes room for it where it comes first."""
    row = connection.execute("SELECT id FROM ticket WHERE number = ? AND id <> ?", (wanted, ticket)).fetchone()
    if row is None:
        return wanted
    holder = EntityId(row[0])
    if opened_by(connection, holder) <= opened_by(connection, ticket):
        return told_apart(wanted, ticket)
    connection.execute("UPDATE ticket SET number = ? WHERE id = ?", (told_apart(wanted, holder), holder))
    return wanted


def note_given(connection: sqlite3.Connection, number: str) -> None:
    """What counts on from the last number, as an import does, never meets one that came from elsewhere."""
    counted = number.removeprefix("T-")
    if counted.isascii() and counted.isdigit() and len(counted) < LONGEST_COUNTED:
        connection.execute("UPDATE store SET last_number = max(last_number, ?)", (int(counted),))


def heir_of_number(connection: sqlite3.Connection, number: str) -> EntityId | None:
    """The first of the tickets that were told apart from a number that nobody has any more."""
    rows = connection.execute("SELECT id FROM ticket WHERE number > ? AND number < ?", (f"{number}~", f"{number}~~"))
    return min((EntityId(row[0]) for row in rows.fetchall()), key=lambda one: opened_by(connection, one), default=None)


def opened_by(connection: sqlite3.Connection, ticket: bytes) -> tuple[int, int]:
    """The operation that opened a ticket: its number in the hub's log, NEVER while it has none, and the console's."""
    row = connection.execute(OPENED, (ticket,)).fetchone()
    return (NEVER, NEVER) if row is None else (row[0], row[1])
