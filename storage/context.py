"""What surrounds a ticket: who else asked about the matter, and which calls were promised."""

from __future__ import annotations

import sqlite3

from core.clock import Instant
from core.context import ASKED_WITHIN_SECONDS, AlsoAsked, CallBackDue, CallBacksDue
from core.ids import EntityId
from core.pages import CallsOn
from core.ticket import Ticket
from storage.lists import MOST_BOUND

ASKED_SHOWN = 5
ASKER = "COALESCE(k.name, ''), COALESCE(k.phone, ''), t.number, t.opened_at, t.queue_rank < 4, k.id"
FIRST_REPORTER = (
    " LEFT JOIN ticket_reporter r ON r.ticket = t.id AND r.place = 0 LEFT JOIN contact k ON k.id = r.contact"
)
SAME_COMPANY = " AND t.company = ?2 AND t.id <> ?3 AND t.archived = 0 AND (t.queue_rank < 4 OR t.opened_at > ?4)"
ON_EQUIPMENT = (
    f"SELECT {ASKER} FROM ticket t{FIRST_REPORTER} WHERE t.equipment = ?1{SAME_COMPANY}"
    " ORDER BY t.opened_at DESC LIMIT ?5"
)
WITH_FAULT = (
    # Named, because only open tickets are looked through: a busy company has thousands of closed ones.
    f"SELECT {ASKER} FROM ticket t INDEXED BY ticket_open_by_company{FIRST_REPORTER}"
    f" WHERE t.fault_code = ?1{SAME_COMPANY} AND t.queue_rank < 4 ORDER BY t.opened_at DESC LIMIT ?5"
)
OTHER_REPORTERS = (
    "SELECT k.name, k.phone, k.id FROM ticket_reporter r JOIN contact k ON k.id = r.contact"
    " WHERE r.ticket = ? AND r.place > 0 ORDER BY r.place LIMIT ?"
)
SOONEST = (
    "SELECT ticket, min(due_at) FROM call_back INDEXED BY call_back_by_ticket"
    " WHERE ticket IN ({}) AND is_dropped = 0 GROUP BY ticket"
)
DUE = (
    "SELECT b.id, b.ticket, t.number, COALESCE(c.name, ''), b.contact, COALESCE(k.name, ''), b.number, b.due_at,"
    " b.note, b.person, COALESCE(p.name, '') FROM call_back b INDEXED BY call_back_standing"
    " JOIN ticket t ON t.id = b.ticket"
    " LEFT JOIN company c ON c.id = t.company LEFT JOIN contact k ON k.id = b.contact"
    " LEFT JOIN person p ON p.id = b.person"
    " WHERE b.is_dropped = 0 AND (b.person = ?1 OR b.due_at <= ?2) AND t.archived = 0 ORDER BY b.due_at, b.id LIMIT ?3"
)


def also_asked(connection: sqlite3.Connection, ticket: Ticket) -> tuple[AlsoAsked, ...]:
    """Further reporters of the ticket, then who asked about its equipment or fault at that company elsewhere."""
    own = connection.execute(OTHER_REPORTERS, (ticket.id, ASKED_SHOWN)).fetchall()
    asked = [AlsoAsked(name, phone, ticket.number, ticket.opened_at, True) for name, phone, _id in own]
    known = {*(contact for _name, _phone, contact in own), *ticket.reporters}
    since = ticket.opened_at - ASKED_WITHIN_SECONDS
    about = ((ON_EQUIPMENT, ticket.equipment), (WITH_FAULT, ticket.fault_code or None))
    for query, what in about:
        if what is None or ticket.company is None:
            continue
        for *told, contact in connection.execute(query, (what, ticket.company, ticket.id, since, ASKED_SHOWN)):
            if contact is not None and contact not in known:
                known.add(contact)
                asked.append(AlsoAsked(told[0], told[1], told[2], Instant(told[3]), bool(told[4])))
    return tuple(asked[:ASKED_SHOWN])


def call_backs_due(connection: sqlite3.Connection, request: CallBacksDue) -> tuple[CallBackDue, ...]:
    """Calls a person promised, soonest first, and those of colleagues that are overdue: somebody has to make them."""
    rows = connection.execute(DUE, (request.person, request.now, request.limit))
    return tuple(CallBackDue(*row) for row in rows)


def calls_on(connection: sqlite3.Connection, request: CallsOn) -> dict[EntityId, int]:
    """The soonest instant of a call that stands, for each of the tickets that has one."""
    found: dict[EntityId, int] = {}
    for start in range(0, len(request.tickets), MOST_BOUND):
        some = request.tickets[start : start + MOST_BOUND]
        found.update(connection.execute(SOONEST.format(", ".join("?" * len(some))), some))
    return found
