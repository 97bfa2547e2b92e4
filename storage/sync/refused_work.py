"""What the hub would not take: looked at with everything it says, sent again as a new act, or dropped."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from core.delivery import FAILED, HANDED
from core.handlers.plan import Plan, Step, Title
from core.ids import EntityId
from core.operations.entry_posted import EntryPosted
from core.operations.envelope import Stamp
from core.operations.kinds import decode
from core.operations.operation import Operation, created_id
from storage.hub.connecting import HubError

if TYPE_CHECKING:
    from core.clock import Clock
    from core.ids import IdMaker
    from core.ports import Applied

OPEN, RESENT, DROPPED = "", "resent", "dropped"
"""What became of it, as `refused.settled` has it."""

FOUND = (
    "SELECT o.txn, o.console, r.settled, 1 FROM refused r"
    " JOIN operation o ON o.console = (SELECT console FROM store) AND o.n = r.n"
    " WHERE o.n = :n AND o.state = 'refused'"
    " UNION ALL SELECT o.txn, o.console, r.settled, 0 FROM refused_before r"
    " JOIN operation o ON o.console = r.console AND o.n = r.n WHERE o.n = :n AND o.state = 'refused'"
)
ALL = (
    "SELECT r.n, r.reason, r.at, r.settled, o.txn, o.entity, o.id, o.kind, o.payload, a.title, a.facts FROM refused r"
    " JOIN operation o ON o.console = (SELECT console FROM store) AND o.n = r.n"
    " LEFT JOIN action a ON a.txn = o.txn ORDER BY r.n"
)
ALL_BEFORE = (
    "SELECT r.console, r.n, r.reason, r.at, r.settled, o.txn, o.entity, o.id, o.kind, o.payload, a.title, a.facts"
    " FROM refused_before r JOIN operation o ON o.console = r.console AND o.n = r.n"
    " LEFT JOIN action a ON a.txn = o.txn ORDER BY r.at, r.console, r.n"
)
ACT = (
    "SELECT o.id, o.kind, o.payload, o.console, o.n, o.hlc, o.author FROM operation o"
    " WHERE o.txn = ? AND o.console = ? AND o.state = 'refused' ORDER BY o.n"
)
DELIVERIES = (
    "SELECT payload FROM operation WHERE id = ? AND kind = 'delivery.recorded'"
    " AND console IN ((SELECT console FROM store), ?) ORDER BY console <> (SELECT console FROM store) DESC, n"
)
NAMED = ("company", "contact", "person", "site", "team", "contract", "equipment", "model", "ticket")
_NAME = {"contract": "number", "equipment": "serial", "ticket": "number"}


class RefusedOperation(NamedTuple):
    """An operation with its number, why and when it was refused, the act it belongs to, and all that it says."""

    n: int
    reason: str
    at: int
    settled: str
    txn: bytes
    entity: str
    id: EntityId
    kind: str
    payload: dict[str, Any]
    title: str
    """The code of the act's title, empty for what stood outside of undo."""
    facts: dict[str, Any]
    console: bytes = b""
    """Which console this desk was then, where it is another one now."""


class _Found(NamedTuple):
    txn: bytes
    console: bytes
    settled: str
    is_own: bool
    """False for one of a console that this desk was before."""


def refused_operations(connection: sqlite3.Connection) -> list[RefusedOperation]:
    """Every one of them in the order in which they were done."""
    return [_refused(row) for row in connection.execute(ALL)]


def refused_before(connection: sqlite3.Connection) -> list[RefusedOperation]:
    """Those of the consoles that this desk was before it was a copy or was made anew, where their log is here."""
    return [_refused(row[1:])._replace(console=bytes(row[0])) for row in connection.execute(ALL_BEFORE)]


def _refused(row: tuple[Any, ...]) -> RefusedOperation:
    *told, payload, title, facts = row
    read = json.loads(facts) if facts else {}
    return RefusedOperation._make((*told, json.loads(payload), title or "", read, b""))


def name_of(connection: sqlite3.Connection, id_hex: str) -> str:
    """What people call the record with that id, or an empty text."""
    for table in NAMED:
        column = _NAME.get(table, "name")
        row = connection.execute(f"SELECT {column} FROM {table} WHERE id = ?", (bytes.fromhex(id_hex),)).fetchone()
        if row is not None and row[0]:
            return str(row[0])
    return ""


def count_open(connection: sqlite3.Connection) -> int:
    """How many were neither sent again nor dropped."""
    counts = "SELECT (SELECT count(*) FROM refused WHERE settled = '') + (SELECT count(*) FROM refused_before"
    return int(connection.execute(f"{counts} WHERE settled = '')").fetchone()[0])


def drop(connection: sqlite3.Connection, n: int, console: bytes = b"") -> int:
    """Nobody wants the act of operation `n` any more; how many operations it had. It stays in the log.

    `console` where it is of one that this desk was before.
    """
    return _settle(connection, _open(connection, n, console), DROPPED)


def resend(
    connection: sqlite3.Connection,
    clock: Clock,
    new_id: IdMaker,
    author: EntityId,
    n: int,
    console: bytes = b"",
    *,
    has_mail_command: bool,
) -> Applied:
    """Do the act of operation `n` again as a new one; DomainError where it no longer fits what is there now."""
    from storage.undo import record_act
    from storage.unit_of_work import UnitOfWork

    found = _open(connection, n, console)
    steps = []
    for id_, kind, payload, by, number, hlc, said in connection.execute(ACT, (found.txn, found.console)).fetchall():
        operation = decode(kind, payload)
        stamp = Stamp(by, number, hlc, said)
        steps.append(Step(EntityId(id_), _not_mailed_twice(connection, EntityId(id_), operation, stamp)))
    row = connection.execute("SELECT title, facts FROM action WHERE txn = ?", (found.txn,)).fetchone()
    facts = json.loads(row[1]) if row and row[1] else {}
    plan = Plan(Title(row[0] if row else "sync.resent", facts), tuple(steps), reversible=row is not None)
    applied = UnitOfWork(connection, clock, new_id, author, has_mail_command=has_mail_command).carry_out(
        plan, record_act
    )
    _settle(connection, found, RESENT)
    return applied


def _open(connection: sqlite3.Connection, n: int, console: bytes) -> _Found:
    """The refused operation that nobody has settled; without `console` the own one comes before older ones."""
    rows = [_Found(*row) for row in connection.execute(FOUND, {"n": n}).fetchall()]
    found = [one for one in rows if one.console == console] if console else rows
    if not found:
        raise HubError("hub.not_refused", n=n)
    if len(found) > 1 and not found[0].is_own:
        raise HubError("hub.refused_of_several", n=n)
    if found[0].settled:
        raise HubError("hub.refused_settled", n=n, settled=found[0].settled)
    return found[0]


def _settle(connection: sqlite3.Connection, found: _Found, how: str) -> int:
    table, of = ("refused", "") if found.is_own else ("refused_before", "console = :console AND ")
    return connection.execute(
        f"UPDATE {table} SET settled = :how WHERE {of}n IN (SELECT o.n FROM operation o"
        " WHERE o.txn = :txn AND o.console = :console AND o.state = 'refused')",
        {"how": how, "txn": found.txn, "console": found.console},
    ).rowcount


def _not_mailed_twice(
    connection: sqlite3.Connection, ticket: EntityId, operation: Operation, stamp: Stamp
) -> Operation:
    """A reply that was handed to the mail command before the hub refused it does not wait for it again."""
    if not isinstance(operation, EntryPosted) or not operation.delivery:
        return operation
    entry = created_id(stamp, b"entry").hex()
    known = [json.loads(payload) for (payload,) in connection.execute(DELIVERIES, (ticket, stamp.console))]
    deliveries = [one["delivery"] for one in known if one["entry"] == entry]
    if not deliveries:
        return operation
    # A claim without an end may have left: whoever looks at it decides.
    return replace(operation, delivery=HANDED if deliveries[-1] == HANDED else FAILED)
