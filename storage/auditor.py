"""Looks for what should not be in a desk's rows: names of nothing, clocks that outlive a ticket, things there twice.

Rows of a shared desk have no foreign keys, so that a pull in an unlucky order never wedges; this finds what they would
have forbidden. It reads and mends nothing.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import NamedTuple

from core.clock_state import RUNNING
from core.documents import DOCUMENT_KINDS
from core.ids import EntityId
from core.stages import CLOSED
from core.text import fold

PARENT_MISSING, DANGLING, CLOCK_RUNS, TWICE = "parent_missing", "dangling", "clock_runs", "twice"


class Finding(NamedTuple):
    """One thing that is wrong: which check, the table and id it is about, and what is told of it.

    `told` is a name, a number or a field, as the desk has it; `other` a second record, where there is one.
    """

    check: str
    table: str
    id: str
    told: str
    other: str = ""


class _Reference(NamedTuple):
    table: str
    field: str
    target: str


REFERENCES = tuple(
    _Reference(*named)
    for named in (
        ("company", "parent", "company"),
        ("company", "account_manager", "person"),
        ("company", "deputy_manager", "person"),
        ("site", "company", "company"),
        ("site", "territory", "territory"),
        ("affiliation", "contact", "contact"),
        ("affiliation", "company", "company"),
        ("person", "team", "team"),
        ("equipment", "company", "company"),
        ("equipment", "model", "model"),
        ("equipment", "site", "site"),
        ("equipment", "parent", "equipment"),
        ("contract", "company", "company"),
        ("contract_version", "contract", "contract"),
        ("contract_version", "policy", "policy"),
        ("contract_version", "calendar", "calendar"),
        ("ticket", "company", "company"),
        ("ticket", "site", "site"),
        ("ticket", "equipment", "equipment"),
        ("ticket", "contract_version", "contract_version"),
        ("ticket", "owner", "person"),
        ("ticket", "team", "team"),
        ("ticket_reporter", "ticket", "ticket"),
        ("ticket_reporter", "contact", "contact"),
        ("entry", "ticket", "ticket"),
        ("entry", "person", "person"),
        ("entry", "contact", "contact"),
        ("call_back", "ticket", "ticket"),
        ("call_back", "contact", "contact"),
        ("call_back", "person", "person"),
    )
)
"""Which field of a table names a row of which other."""

BELONGS = frozenset(
    (
        ("affiliation", "company"),
        ("affiliation", "contact"),
        ("call_back", "ticket"),
        ("contract", "company"),
        ("contract_version", "contract"),
        ("entry", "ticket"),
        ("equipment", "company"),
        ("site", "company"),
        ("ticket_reporter", "ticket"),
    )
)
"""Those without which the row is nothing."""

NOT_OF_AN_IMPORT = {
    "entry": (
        " AND NOT EXISTS (SELECT 1 FROM import_batch i JOIN import_made m ON m.batch = i.n AND m.id = a.ticket"
        " WHERE i.state = 'coming')"
    )
}
"""What an import has put down already belongs to tickets and names people that come with its last transaction."""

KEYS = {
    "company": "SELECT id, name, x'' FROM company WHERE archived = 0",
    "contract": "SELECT id, number, company FROM contract WHERE archived = 0",
    "equipment": "SELECT id, serial, COALESCE(model, x'') FROM equipment WHERE archived = 0",
}
"""What should be there once, by its name and what it belongs to."""


def audit_rows(connection: sqlite3.Connection) -> Iterator[Finding]:
    """Everything that is wrong in the rows of a desk, check by check."""
    yield from dangling(connection)
    yield from running_clocks(connection)
    yield from twice(connection)


def dangling(connection: sqlite3.Connection) -> Iterator[Finding]:
    """What names a row that is not there."""
    for table, field, target in REFERENCES:
        key = "ticket" if table == "ticket_reporter" else "id"
        check = PARENT_MISSING if (table, field) in BELONGS else DANGLING
        query = (
            f"SELECT a.{key}, a.{field} FROM {table} a LEFT JOIN {target} b ON b.id = a.{field}"
            f" WHERE a.{field} IS NOT NULL AND b.id IS NULL{NOT_OF_AN_IMPORT.get(table, '')} ORDER BY 1, 2"
        )
        for row, named in connection.execute(query):
            yield Finding(check, table, row.hex(), field, named.hex())
    for kind in DOCUMENT_KINDS:
        query = (
            f"SELECT v.id, v.document FROM document_version v LEFT JOIN {kind} d ON d.id = v.document"
            " WHERE v.kind = ? AND d.id IS NULL ORDER BY 1"
        )
        for row, named in connection.execute(query, (kind,)):
            yield Finding(PARENT_MISSING, "document_version", row.hex(), "document", named.hex())


def running_clocks(connection: sqlite3.Connection) -> Iterator[Finding]:
    """Closed tickets of which a clock runs on."""
    from storage.standing import ticket_clocks
    from storage.ticket_page import load_ticket

    closed = connection.execute(
        "SELECT id, number FROM ticket WHERE stage_class = ? AND archived = 0 ORDER BY id", (CLOSED,)
    )
    for row, number in closed.fetchall():
        ticket, _columns = load_ticket(connection, EntityId(row))
        every, _terms = ticket_clocks(connection, ticket)
        for clock in every:
            if clock.state == RUNNING:
                yield Finding(CLOCK_RUNS, "ticket", row.hex(), f"{number} {clock.kind}")


def twice(connection: sqlite3.Connection) -> Iterator[Finding]:
    """Companies of one name, contracts of one company and number, equipment of one model and serial: to be merged."""
    for table, query in KEYS.items():
        first: dict[tuple[str, bytes], bytes] = {}
        for row, name, within in connection.execute(f"{query} ORDER BY id"):
            key = (" ".join(fold(name).split()), within)
            if not key[0]:
                continue
            if key in first:
                yield Finding(TWICE, table, first[key].hex(), name, row.hex())
            else:
                first[key] = row
