"""Derived values of open tickets computed again after a calendar, a policy or a site changed, a slice at a time.

How far it has come stands in the table `rebuild` and moves in the transaction that writes the rows, so that a console
that dies loses nothing and several consoles share one rebuild. Tickets are gone through in the order in which they
were opened; one that is opened or moved meanwhile is right already, because every act computes what it writes.
"""

from __future__ import annotations

import sqlite3
import time
from typing import Any, NamedTuple

from core.documents import TERMS
from core.errors import DomainError
from core.operations.operation import Record
from storage.rows import ticket_of
from storage.standing import derived_now

OPEN_ROWS = "queue_rank < 4"
TICKETS_AT_ONCE = 8
"""Rows fetched in one statement; a slice ends between two tickets."""
BEFORE_ALL = -(2**62)

TABLES = ("calendar", "policy", "site", "contract_version")
"""Records whose change can move deadlines."""

WAS_RETARGETED = (
    "EXISTS (SELECT 1 FROM operation o WHERE o.id = t.id AND o.kind = 'ticket.retargeted')"
    " OR EXISTS (SELECT 1 FROM base_document b WHERE b.id = t.id AND b.was_retargeted = 1)"
)
"""Its contract of before counts for the time of before."""

AFFECTED = {
    "calendar": (
        "EXISTS (SELECT 1 FROM contract_version v WHERE v.id = t.contract_version AND v.calendar = :about)"
        f" OR {WAS_RETARGETED}"
    ),
    "policy": (
        "EXISTS (SELECT 1 FROM contract_version v WHERE v.id = t.contract_version AND v.policy = :about)"
        " AND (t.opened_at >= :since"
        f" OR {WAS_RETARGETED})"
    ),
    "site": "t.site = :about",
    "contract_version": f"t.contract_version = :about OR {WAS_RETARGETED}",
}
"""Which open tickets a change is about, by what changed; a policy's version holds for those opened under it."""


class Progress(NamedTuple):
    """How many open tickets of how many were looked at, over everything that is to be rebuilt."""

    done: int
    total: int


def begin_rebuild(connection: sqlite3.Connection, record: Record) -> None:
    """Note, in the transaction of the act, that `record` is about to be written; new records move nothing."""
    if record.entity == "document_version":
        kind, about, since = record.fields["kind"], record.fields["document"], int(record.fields["valid_from"])
        if kind not in TERMS:
            return
    elif record.entity in TABLES:
        kind, about, since = record.entity, record.fields["id"], BEFORE_ALL
        if connection.execute(f"SELECT 1 FROM {kind} WHERE id = ?", (bytes.fromhex(about),)).fetchone() is None:
            return
    else:
        return
    (total,) = connection.execute(f"SELECT count(*) FROM ticket WHERE {OPEN_ROWS}").fetchone()
    connection.execute(
        "INSERT INTO rebuild (about, kind, since, after_opened_at, after_ticket, done, total)"
        " VALUES (?, ?, ?, ?, x'', 0, ?) ON CONFLICT (about) DO UPDATE SET since = min(since, excluded.since),"
        " after_opened_at = excluded.after_opened_at, after_ticket = x'', done = 0, total = excluded.total",
        (bytes.fromhex(about), kind, since if kind == "policy" else BEFORE_ALL, BEFORE_ALL, total),
    )


def is_pending(connection: sqlite3.Connection) -> bool:
    """True while a change has open tickets that were not looked at."""
    return connection.execute("SELECT 1 FROM rebuild LIMIT 1").fetchone() is not None


def progress(connection: sqlite3.Connection) -> Progress | None:
    """How far it has come; None when nothing is to be rebuilt."""
    done, total, count = connection.execute("SELECT sum(done), sum(total), count(*) FROM rebuild").fetchone()
    return Progress(done, max(done, total)) if count else None


def take_slice(connection: sqlite3.Connection, seconds: float) -> Progress | None:
    """Go on with the rebuild for about `seconds`, inside the caller's transaction; None when it is finished."""
    ends_at = time.monotonic() + seconds
    job = connection.execute("SELECT about, kind, since, after_opened_at, after_ticket FROM rebuild LIMIT 1").fetchone()
    if job is None:
        return None
    about, kind, since, opened_at, ticket = job
    looked_at, is_finished = 0, False
    while not is_finished and (looked_at == 0 or time.monotonic() < ends_at):
        rows = _next_rows(connection, kind, about, since, opened_at, ticket)
        is_finished = len(rows) < TICKETS_AT_ONCE
        for row in rows:
            if row["is_affected"]:
                _write_anew(connection, row)
            looked_at += 1
            opened_at, ticket = row["opened_at"], row["id"]
            if time.monotonic() >= ends_at:
                is_finished = is_finished and row is rows[-1]
                break
    if is_finished:
        connection.execute("DELETE FROM rebuild WHERE about = ?", (about,))
    else:
        connection.execute(
            "UPDATE rebuild SET after_opened_at = ?, after_ticket = ?, done = done + ? WHERE about = ?",
            (opened_at, ticket, looked_at, about),
        )
    return progress(connection)


def _next_rows(
    connection: sqlite3.Connection, kind: str, about: bytes, since: int, opened_at: int, ticket: bytes
) -> list[dict[str, Any]]:
    cursor = connection.execute(
        f"SELECT t.*, {AFFECTED[kind]} AS is_affected, COALESCE(c.name, '') AS company_name"
        f" FROM ticket t LEFT JOIN company c ON c.id = t.company WHERE t.{OPEN_ROWS}"
        " AND (t.opened_at, t.id) > (:opened_at, :ticket) ORDER BY t.opened_at, t.id LIMIT :limit",
        {"about": about, "since": since, "opened_at": opened_at, "ticket": ticket, "limit": TICKETS_AT_ONCE},
    )
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _write_anew(connection: sqlite3.Connection, row: dict[str, Any]) -> None:
    ticket = ticket_of(row, ())
    try:
        derived = derived_now(connection, ticket, row["company_name"])
    except (DomainError, ValueError):
        # Terms that cannot be read give nothing to compute; the others are not to wait for them.
        return
    changed = {name: value for name, value in derived.items() if row[name] != value}
    if changed:
        named = ", ".join(f"{name} = ?" for name in changed)
        connection.execute(f"UPDATE ticket SET {named} WHERE id = ?", (*changed.values(), ticket.id))
