"""Whose calls were saved last: people who hang up call again."""

from __future__ import annotations

import sqlite3

from core.caller_shown import LastCallers
from core.finding import CallerHit

# Of the log, not of the tickets: only what was taken by telephone on this desk counts, and the log is in order.
SAVED = (
    "SELECT max(o.n) AS n, r.contact, t.company FROM (SELECT n, txn FROM action WHERE title IN"
    " ('call.opened', 'call.added') AND state = 'done' ORDER BY n DESC LIMIT 40) a"
    " JOIN operation o ON o.txn = a.txn AND o.entity = 'ticket' JOIN ticket t ON t.id = o.id"
    " JOIN entry r ON r.ticket = t.id AND r.kind = 'call' AND r.contact IS NOT NULL AND r.hidden = 0"
    " WHERE t.company IS NOT NULL GROUP BY r.contact, t.company"
)
CALLERS = (
    f"SELECT k.id, k.name, COALESCE(a.role, ''), k.phone, c.id, c.name FROM ({SAVED}) s"
    " JOIN contact k ON k.id = s.contact AND k.archived = 0 JOIN company c ON c.id = s.company AND c.archived = 0"
    " LEFT JOIN affiliation a INDEXED BY affiliation_by_contact ON a.contact = k.id AND a.company = c.id"
    " AND a.archived = 0"
    " GROUP BY k.id, c.id ORDER BY max(s.n) DESC LIMIT ?"
)


def last_callers(connection: sqlite3.Connection, request: LastCallers) -> tuple[CallerHit, ...]:
    """The callers of the last calls that were saved, each once."""
    rows = connection.execute(CALLERS, (request.limit,))
    return tuple(
        CallerHit("contact", contact, name, role, phone, company, company_name, "", None, "", "", phone)
        for contact, name, role, phone, company, company_name in rows
    )
