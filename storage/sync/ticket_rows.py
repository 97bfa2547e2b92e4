"""Rows of a ticket as a fold left it: the ticket, its timeline, its promised calls and its reporters."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from typing import Any

from core.ids import EntityId
from core.operations.operation import State
from core.ticket import Ticket
from storage.merging import follow
from storage.rows import call_back_row, entry_row, ticket_of, ticket_row
from storage.standing import derived_now
from storage.sync.numbers import heir_of_number, note_given, settled_number

Rows = dict[EntityId, dict[str, Any]]


def write_ticket(connection: sqlite3.Connection, entity: EntityId, state: State, *, is_any_merged: bool) -> None:
    """Bring the rows of a ticket to `state`; one without a ticket has no rows."""
    ticket = state.ticket
    if ticket is None:
        _forget(connection, entity)
        return
    entries = [entry_row(entry) for entry in state.known_entries.values()]
    _bring(connection, "entry", entity, {row["id"]: row for row in entries})
    promised = {
        one.id: _followed(connection, "call_back", call_back_row(one), is_any_merged) for one in state.call_backs
    }
    _bring(connection, "call_back", entity, promised)
    _write_reporters(connection, ticket, is_any_merged)
    numbered = replace(ticket, number=settled_number(connection, ticket.id, ticket.number))
    row = _followed(connection, "ticket", ticket_row(numbered), is_any_merged)
    derived = derived_now(connection, ticket_of(row, ticket.reporters))
    _put(connection, "ticket", {**row, **derived})
    note_given(connection, numbered.number)


def _bring(
    connection: sqlite3.Connection, table: str, ticket: EntityId, wanted: dict[EntityId, dict[str, Any]]
) -> None:
    """Rows of `table` that belong to `ticket`, written where they differ: what is untouched is not indexed again."""
    cursor = connection.execute(f"SELECT * FROM {table} WHERE ticket = ?", (ticket,))
    names = [column[0] for column in cursor.description]
    found = {row["id"]: row for row in (dict(zip(names, values, strict=True)) for values in cursor.fetchall())}
    for one in found.keys() - wanted.keys():
        connection.execute(f"DELETE FROM {table} WHERE id = ?", (one,))
    for one, row in wanted.items():
        if found.get(one) != row:
            _put(connection, table, row, of_ticket=True)


def _put(connection: sqlite3.Connection, table: str, row: dict[str, Any], *, of_ticket: bool = False) -> None:
    changes = ", ".join(f"{name} = excluded.{name}" for name in row if name != "id")
    # A row of another ticket is not taken over.
    where = f" WHERE {table}.ticket = excluded.ticket" if of_ticket else ""
    connection.execute(
        f"INSERT INTO {table} ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})"
        f" ON CONFLICT (id) DO UPDATE SET {changes}{where}",
        list(row.values()),
    )


def _write_reporters(connection: sqlite3.Connection, ticket: Ticket, is_any_merged: bool) -> None:
    connection.execute("DELETE FROM ticket_reporter WHERE ticket = ?", (ticket.id,))
    for place, contact in enumerate(ticket.reporters):
        row = {"ticket": ticket.id, "place": place, "contact": contact}
        row = _followed(connection, "ticket_reporter", row, is_any_merged, str(place))
        connection.execute("INSERT INTO ticket_reporter (ticket, place, contact) VALUES (?, ?, ?)", list(row.values()))


def _followed(
    connection: sqlite3.Connection, table: str, row: dict[str, Any], is_any_merged: bool, place: str = ""
) -> dict[str, Any]:
    return follow(connection, table, row, place) if is_any_merged else row


def _forget(connection: sqlite3.Connection, entity: EntityId) -> None:
    row = connection.execute("SELECT number FROM ticket WHERE id = ?", (entity,)).fetchone()
    if row is None:
        return
    for table in ("entry", "call_back", "ticket_reporter"):
        connection.execute(f"DELETE FROM {table} WHERE ticket = ?", (entity,))
    connection.execute("DELETE FROM ticket WHERE id = ?", (entity,))
    heir = heir_of_number(connection, row[0])
    if heir is not None:
        connection.execute("UPDATE ticket SET number = ? WHERE id = ?", (row[0], heir))
