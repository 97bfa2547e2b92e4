"""How a merged field is written down, and how two sides of it are told."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from core.clock import COUNTER_BITS, Instant
from core.conflicts import Conflict, Side, Writer, conflict_id, knows, side_of
from core.ids import EntityId
from core.operations.envelope import Stamp
from core.operations.operation import Operation, State
from core.timeline import BY_SYSTEM, NOT_APPLIED

UNSTAMPED = 2**63
ENDED_BY = {"closed": "stage", "put_away": "archived"}
"""Which field of a ticket settles what was done to it unseen."""


def wrote(state: State, field: str, stamp: Stamp, value: Any, at: Instant | None = None) -> State:
    """The field's last writer; who knew both sides of a conflict about it has settled that with this."""
    writers = {**state.writers, field: Writer(stamp, value, stamp.at if at is None else at)}
    conflicts = state.conflicts
    for one, known in state.conflicts.items():
        if field not in (known.field, ENDED_BY.get(known.field)):
            continue
        if not known.is_open or not knows(stamp, known.applied):
            continue
        if knows(stamp, known.other):
            conflicts = {**conflicts, one: replace(known, settled_by=side_of(stamp, value))}
        elif known.field == field:
            conflicts = {**conflicts, one: replace(known, applied=side_of(stamp, value))}
    return replace(state, writers=writers, conflicts=conflicts)


def differed(
    state: State,
    stamp: Stamp,
    entity: str,
    record: EntityId,
    field: str,
    kind: str,
    rule: str,
    before: Any,
    applied: Side,
    other: Side,
) -> State:
    """The conflict that `stamp` met at a field; what its author had wanted of it before is not told a second time."""
    id_ = conflict_id(stamp, field)
    is_applied = applied[:2] == (stamp.console, stamp.n)
    mine, theirs = (applied, other) if is_applied else (other, applied)
    conflicts = {}
    for one, known in state.conflicts.items():
        if known.is_open and known.field == field and known.applied[:2] == theirs[:2]:
            if knows(stamp, known.other):
                continue
            known = replace(known, applied=mine) if is_applied else known
        conflicts[one] = known
    conflicts[id_] = Conflict(id_, kind, entity, record, field, before, applied, other, rule)
    return replace(state, conflicts=conflicts)


def also_wanted(state: State, operation: Operation, stamp: Stamp, field: str) -> State:
    """Two said the same: it is one effect, and both stand in the timeline."""
    present = state.writers[field]
    after = not_applied(state, operation, stamp)
    if order_of(stamp) <= order_of(present.stamp):
        return after
    return replace(after, writers={**after.writers, field: present._replace(stamp=stamp)})


def not_applied(state: State, operation: Operation, stamp: Stamp) -> State:
    """The ticket as it was, with a line of the system about what somebody had wanted."""
    after = operation.apply(state, stamp)
    told = state.with_ticket(stamp)
    for entry in after.entries[len(state.entries) :]:
        if entry.direction == BY_SYSTEM and entry.id not in state.known_entries:
            told = told.with_entry(replace(entry, code=NOT_APPLIED, data={**entry.data, "of": entry.code}))
    return told


def ticket_of(state: State) -> EntityId:
    return state.the_ticket().id


def side(writer: Writer) -> Side:
    return side_of(writer.stamp, writer.value, writer.at)


def at_time(stamp: Stamp, at: Instant) -> Stamp:
    return stamp if at == stamp.at else replace(stamp, eff=(at * 1000) << COUNTER_BITS)


def order_of(stamp: Stamp) -> tuple[int, bytes, int]:
    """Who is later by the hub's time; what no hub has stamped yet comes after everything that one has."""
    return stamp.eff or UNSTAMPED, stamp.console, stamp.n
