"""Undo and redo over the log, also after a restart: every act of a person has a row that says what it was.

A row is `done`, `undone`, `dropped` (something newer was done, so redo cannot reach it) or `final` (nothing can take it
back: the customer has the mail, or somebody changed the same thing since).
"""

from __future__ import annotations

import json
import sqlite3
from typing import Any

from core.clock import Instant
from core.commands import Redo, Undo
from core.errors import ChangedMeanwhile, DomainError, Refused
from core.handlers.plan import Plan, Step, Title
from core.ids import EntityId
from core.operations.envelope import Stamp
from core.operations.kinds import decode
from storage.rows import dump
from storage.statements import first_row

DONE, UNDONE, DROPPED, FINAL = "done", "undone", "dropped", "final"


def record_act(connection: sqlite3.Connection, plan: Plan, txn: EntityId, author: EntityId, now: Instant) -> None:
    """Remember an act; what was undone before it can no longer be redone."""
    if not plan.reversible:
        return
    connection.execute("UPDATE action SET state = ? WHERE author = ? AND state = ?", (DROPPED, author, UNDONE))
    connection.execute(
        "INSERT INTO action (txn, author, at, title, facts, state) VALUES (?, ?, ?, ?, ?, ?)",
        (txn, author, now, plan.title.code, dump(plan.title.facts), DONE),
    )


def plan_undo(connection: sqlite3.Connection, author: EntityId) -> tuple[Plan, Any]:
    """The steps that take back the author's last act, and how to remember that; Refused when there is none."""
    row = _last(connection, author, DONE, newest=True)
    if row is None:
        raise Refused("undo.nothing")
    inverses = []
    for entity, told, stamp in _operations(connection, row["txn"], backwards=True):
        inverse = told.inverse(stamp)
        if inverse is None:
            raise Refused("undo.irreversible", of=row["title"])
        inverses.append(Step(entity, inverse))

    def record(connection: sqlite3.Connection, plan: Plan, txn: EntityId, author: EntityId, now: Instant) -> None:
        _now(connection, row, UNDONE)

    return Plan(_title("undone", row), tuple(inverses)), record


def plan_redo(connection: sqlite3.Connection, author: EntityId) -> tuple[Plan, Any]:
    """The steps of the act that was undone last, again; Refused when there is none."""
    row = _last(connection, author, UNDONE, newest=False)
    if row is None:
        raise Refused("redo.nothing")
    steps = []
    for entity, told, stamp in _operations(connection, row["txn"], backwards=False):
        # What an operation created exists already, hidden or archived; to do it again is to take back its inverse.
        inverse = told.inverse(stamp)
        again = inverse.inverse(stamp) if inverse is not None else None
        steps.append(Step(entity, again or told))

    def record(connection: sqlite3.Connection, plan: Plan, txn: EntityId, author: EntityId, now: Instant) -> None:
        _now(connection, row, DONE)

    return Plan(_title("redone", row), tuple(steps)), record


def is_hopeless(error: DomainError) -> bool:
    """True when the same undo or redo can never succeed later."""
    return isinstance(error, ChangedMeanwhile) or error.code in ("entry.handed_over", "undo.irreversible")


def pass_over(connection: sqlite3.Connection, author: EntityId, command: Undo | Redo) -> None:
    """Let the author's next undo or redo go on to the act behind the one that stands in its way."""
    is_undo = isinstance(command, Undo)
    row = _last(connection, author, DONE if is_undo else UNDONE, newest=is_undo)
    if row is not None:
        state = FINAL if is_undo else DROPPED
        _now(connection, row, state)


def _now(connection: sqlite3.Connection, row: Any, state: str) -> None:
    connection.execute("UPDATE action SET state = ? WHERE n = ?", (state, row["n"]))


def _last(connection: sqlite3.Connection, author: EntityId, state: str, *, newest: bool) -> Any:
    order = "DESC" if newest else "ASC"
    query = f"SELECT * FROM action WHERE author = ? AND state = ? ORDER BY n {order} LIMIT 1"
    return first_row(connection, query, author, state)


def _operations(connection: sqlite3.Connection, txn: EntityId, *, backwards: bool) -> list[tuple[EntityId, Any, Stamp]]:
    order = "DESC" if backwards else "ASC"
    query = f"SELECT id, kind, payload, console, n, hlc, author FROM operation WHERE txn = ? ORDER BY n {order}"
    return [
        (EntityId(id_), decode(kind, payload), Stamp(console, n, hlc, EntityId(author)))
        for id_, kind, payload, console, n, hlc, author in connection.execute(query, (txn,)).fetchall()
    ]


def _title(code: str, row: Any) -> Title:
    facts = json.loads(row["facts"]) if row["facts"] else {}
    return Title(code, {"of": row["title"], **facts})
