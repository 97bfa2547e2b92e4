"""Undo and redo over the log, also after a restart: every act of a person has a row that says what it was.

A row is `done`, `undone`, `dropped` (something newer was done, so redo cannot reach it) or `final` (nothing can take it
back: the customer has the mail, or somebody changed the same thing since).
"""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Connection, insert, select, update

from core.clock import Instant
from core.commands import Redo, Undo
from core.errors import ChangedMeanwhile, DomainError, Refused
from core.handlers.plan import Plan, Step, Title
from core.ids import EntityId
from core.operations.envelope import Stamp
from core.operations.kinds import decode
from storage.rows import dump
from storage.schema import action, operation

DONE, UNDONE, DROPPED, FINAL = "done", "undone", "dropped", "final"


def record_act(connection: Connection, plan: Plan, txn: EntityId, author: EntityId, now: Instant) -> None:
    """Remember an act; what was undone before it can no longer be redone."""
    if not plan.reversible:
        return
    mine = (action.c.author == author) & (action.c.state == UNDONE)
    connection.execute(update(action).where(mine).values(state=DROPPED))
    values = {
        "txn": txn,
        "author": author,
        "at": now,
        "title": plan.title.code,
        "facts": dump(plan.title.facts),
    }
    connection.execute(insert(action).values(**values, state=DONE))


def plan_undo(connection: Connection, author: EntityId) -> tuple[Plan, Any]:
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

    def record(connection: Connection, plan: Plan, txn: EntityId, author: EntityId, now: Instant) -> None:
        connection.execute(update(action).where(action.c.n == row["n"]).values(state=UNDONE))

    return Plan(_title("undone", row), tuple(inverses)), record


def plan_redo(connection: Connection, author: EntityId) -> tuple[Plan, Any]:
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

    def record(connection: Connection, plan: Plan, txn: EntityId, author: EntityId, now: Instant) -> None:
        connection.execute(update(action).where(action.c.n == row["n"]).values(state=DONE))

    return Plan(_title("redone", row), tuple(steps)), record


def is_hopeless(error: DomainError) -> bool:
    """True when the same undo or redo can never succeed later."""
    return isinstance(error, ChangedMeanwhile) or error.code in ("entry.handed_over", "undo.irreversible")


def pass_over(connection: Connection, author: EntityId, command: Undo | Redo) -> None:
    """Let the author's next undo or redo go on to the act behind the one that stands in its way."""
    is_undo = isinstance(command, Undo)
    row = _last(connection, author, DONE if is_undo else UNDONE, newest=is_undo)
    if row is not None:
        state = FINAL if is_undo else DROPPED
        connection.execute(update(action).where(action.c.n == row["n"]).values(state=state))


def _last(connection: Connection, author: EntityId, state: str, *, newest: bool) -> Any:
    order = action.c.n.desc() if newest else action.c.n.asc()
    query = select(action).where(action.c.author == author, action.c.state == state).order_by(order).limit(1)
    return connection.execute(query).mappings().first()


def _operations(connection: Connection, txn: EntityId, *, backwards: bool) -> list[tuple[EntityId, Any, Stamp]]:
    order = operation.c.n.desc() if backwards else operation.c.n.asc()
    columns = (operation.c.id, operation.c.kind, operation.c.payload, operation.c.console, operation.c.n)
    query = select(*columns, operation.c.hlc, operation.c.author).where(operation.c.txn == txn).order_by(order)
    return [
        (row.id, decode(row.kind, row.payload), Stamp(row.console, row.n, row.hlc, row.author))
        for row in connection.execute(query)
    ]


def _title(code: str, row: Any) -> Title:
    facts = json.loads(row["facts"]) if row["facts"] else {}
    return Title(code, {"of": row["title"], **facts})
