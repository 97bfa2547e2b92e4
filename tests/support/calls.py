"""Callers of the demo world, and what a saved call left in the desk's file."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import NamedTuple

CALLER = (
    "SELECT k.id, k.name, k.phone_digits, c.id, c.name FROM contact k JOIN affiliation a ON a.contact = k.id"
    " JOIN company c ON c.id = a.company WHERE (SELECT count(*) FROM ticket t WHERE t.company = c.id"
    " AND t.queue_rank < 4) > ? AND (SELECT count(*) FROM contact o WHERE o.phone_digits LIKE '%' ||"
    " substr(k.phone_digits, -4) || '%') = 1 AND NOT EXISTS (SELECT 1 FROM equipment e WHERE e.serial LIKE '%' ||"
    " substr(k.phone_digits, -4) || '%') ORDER BY k.id LIMIT 1"
)


class Caller(NamedTuple):
    """Somebody whose last four digits are theirs alone."""

    id: bytes
    name: str
    digits: str
    company: bytes
    company_name: str

    @property
    def last_four(self) -> str:
        """What a dispatcher types of the number."""
        return self.digits[-4:]


def a_caller(path: Path, open_tickets: int = 2) -> Caller:
    """A contact of a company with more than so many open tickets."""
    with sqlite3.connect(path) as connection:
        found = connection.execute(CALLER, (open_tickets,)).fetchone()
    connection.close()
    return Caller(*found)


def newest_ticket(path: Path) -> dict[str, object]:
    """The ticket that was opened last."""
    return rows(path, "SELECT * FROM ticket ORDER BY rowid DESC LIMIT 1")[0]


def rows(path: Path, query: str, *bound: object) -> list[dict[str, object]]:
    """The answer of a query, each row by the names of its columns."""
    with sqlite3.connect(path) as connection:
        connection.row_factory = sqlite3.Row
        found = [dict(row) for row in connection.execute(query, bound)]
    connection.close()
    return found


def drafts(path: Path) -> list[str]:
    """The texts of the calls that are kept, in the order in which they began."""
    query = "SELECT body FROM draft WHERE kind = 'call' ORDER BY about"
    return [str(row["body"]) for row in rows(path, query)]
