"""Tickets by number, companies and their people by name, and the newest ticket of what was found."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from core.finding import FindCompanies, FindContacts, FindTickets, NameLine, NewestTicket
from core.ids import EntityId
from core.pages import QueueRow
from core.text import LAST_SIGN, fold
from storage.lists import queue_row, queue_row_of
from storage.queue_sql import EXCERPT, EXCERPT_JOINS

NEWEST_OF = {
    "company": "SELECT id FROM ticket WHERE company = ? AND archived = 0 ORDER BY opened_at DESC, id DESC LIMIT 1",
    "equipment": "SELECT id FROM ticket WHERE equipment = ? AND archived = 0 ORDER BY opened_at DESC, id DESC LIMIT 1",
}


def newest_ticket(connection: sqlite3.Connection, request: NewestTicket) -> QueueRow | None:
    """The excerpt of the newest ticket of a record."""
    row = connection.execute(NEWEST_OF[request.kind], (request.id,)).fetchone()
    return None if row is None else queue_row_of(connection, row[0])


def find_tickets(connection: sqlite3.Connection, request: FindTickets) -> tuple[QueueRow, ...]:
    """Tickets whose number begins with the text, or whose imported key (`KEY` or `NAMESPACE:KEY`) is the text."""
    text = request.text.strip()
    namespace, _colon, key = text.partition(":")
    end = text + LAST_SIGN
    query = (
        f"SELECT {EXCERPT} FROM ticket t{EXCERPT_JOINS} WHERE t.id IN ("
        " SELECT id FROM (SELECT id FROM ticket WHERE number >= ? AND number < ? LIMIT ?)"
        " UNION SELECT id FROM external_id WHERE entity = 'ticket' AND key = ?"
        " UNION SELECT id FROM external_id WHERE namespace = ? AND key = ? AND entity = 'ticket') LIMIT ?"
    )
    rows = connection.execute(query, (text, end, request.limit, text, namespace, key, request.limit)).fetchall()
    return tuple(queue_row(row) for row in rows)


def find_companies(connection: sqlite3.Connection, request: FindCompanies) -> tuple[NameLine, ...]:
    """Companies by name, by index where the name is written out."""
    exact = connection.execute(
        "SELECT id, name FROM company WHERE name = ? AND archived = 0 LIMIT ?", (request.text.strip(), request.limit)
    ).fetchall()
    rows = exact or connection.execute("SELECT id, name FROM company WHERE archived = 0 ORDER BY name")
    return _by_name(rows, request.text, request.limit)


def find_contacts(connection: sqlite3.Connection, request: FindContacts) -> tuple[NameLine, ...]:
    """People of a company by name."""
    rows = connection.execute(
        "SELECT DISTINCT k.id, k.name FROM affiliation a JOIN contact k ON k.id = a.contact"
        " WHERE a.company = ? AND k.archived = 0 AND a.archived = 0 ORDER BY k.name",
        (request.company,),
    )
    return _by_name(rows, request.text, request.limit)


def _by_name(rows: Iterable[tuple[EntityId, str]], text: str, limit: int) -> tuple[NameLine, ...]:
    """Those called exactly so, else those with the same folded name, else those whose folded name holds the text."""
    wanted = fold(text.strip())
    found = [(fold(name), NameLine(id_, name)) for id_, name in rows]
    exact = [line for _folded, line in found if line.name == text.strip()]
    same = [line for folded, line in found if folded == wanted]
    part = [line for folded, line in found if wanted in folded]
    return tuple((exact or same or part)[:limit])
