"""The one merge: an operation joins what the log says already, also where its author did not know all of that.

Who had seen everything simply does what the operation says. Where two did not know of each other, one table decides by
the kind of what they changed: the later one holds, the first one holds, both do; and what a person would lose becomes a
conflict. Rules and their sources: docs/sync.md.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from core.clock import COUNTER_BITS, Instant
from core.conflicts import (
    BOTH_STAND,
    CLOSED_UNSEEN,
    FIELD,
    FIRST_HOLDS,
    IN_ORDER,
    LATER,
    NOT_LEGAL,
    OWNER,
    STAGE,
    STAYS_CLOSED,
    VERSION,
    Conflict,
    Side,
    Writer,
    conflict_id,
    knows,
    side_of,
)
from core.delivery import HANDED, HANDING, QUEUED
from core.ids import EntityId
from core.operations.call_back_planned import CallBackPlanned
from core.operations.delivery_recorded import DeliveryRecorded
from core.operations.document_changed import DocumentChanged
from core.operations.entry_hidden import EntryHidden
from core.operations.entry_posted import EntryPosted
from core.operations.envelope import Stamp
from core.operations.operation import Operation, State, as_hex
from core.operations.record_archived import RecordArchived
from core.operations.record_changed import Change, RecordChanged
from core.operations.records_merged import RecordsMerged
from core.operations.reporter_joined import ReporterJoined
from core.operations.sla_announced import SlaAnnounced
from core.operations.ticket_archived import TicketArchived
from core.operations.ticket_assigned import TicketAssigned
from core.operations.ticket_equipped import TicketEquipped
from core.operations.ticket_prioritised import TicketPrioritised
from core.operations.ticket_retargeted import TicketRetargeted
from core.operations.ticket_staged import Place, TicketStaged
from core.record_fields import NOTE, field_of
from core.stages import CLOSED, legal_moves
from core.text_merge import merged_text
from core.timeline import BY_SYSTEM, NOT_APPLIED

FIRST_WORDS = 120
UNSTAMPED = 2**63
ACTIVITY = "activity:"

Rule = Callable[[State, Any, Stamp], State]


def merge(state: State, operation: Operation, stamp: Stamp) -> State:
    """The state after one more operation of the log; pure, and the same on every console that has the same log."""
    rule = _RULES.get(type(operation))
    return operation.apply(state, stamp) if rule is None else rule(state, operation, stamp)


# What two fields of a ticket have in common: the later one holds.


def _later_holds(
    field_of_operation: Callable[[Any], str],
    value_of: Callable[[Any], Any],
    before_of: Callable[[Any], Any],
    rebased: Callable[[Any, State], Operation],
) -> Rule:
    """The rule of a field: the last writer by the hub's time, in whatever order the log has them."""

    def rule(state: State, operation: Any, stamp: Stamp) -> State:
        field, value = field_of_operation(operation), value_of(operation)
        present = state.writers.get(field)
        if present is None or knows(stamp, present.stamp):
            return _wrote(operation.apply(state, stamp), field, stamp, value)
        if present.value == value:
            return _also_wanted(state, operation, stamp, field)
        if _order(stamp) > _order(present.stamp):
            after = _wrote(rebased(operation, state).apply(state, stamp), field, stamp, value)
            sides = side_of(stamp, value), _side(present)
        else:
            after = _not_applied(state, operation, stamp)
            sides = _side(present), side_of(stamp, value)
        return _differed(after, stamp, "ticket", _about(state), field, FIELD, LATER, before_of(operation), *sides)

    return rule


_prioritised = _later_holds(
    lambda operation: "priority",
    lambda operation: operation.priority,
    lambda operation: operation.was,
    lambda operation, state: replace(operation, was=state.the_ticket().priority),
)
_equipped = _later_holds(
    lambda operation: "equipment",
    lambda operation: {"equipment": as_hex(operation.equipment), "site": as_hex(operation.site)},
    lambda operation: {"equipment": as_hex(operation.was), "site": as_hex(operation.was_site)},
    lambda operation, state: replace(operation, was=state.the_ticket().equipment, was_site=state.the_ticket().site),
)
_retargeted = _later_holds(
    lambda operation: "contract",
    lambda operation: {"contract_version": as_hex(operation.contract_version), "pinned_at": operation.pinned_at},
    lambda operation: {"contract_version": as_hex(operation.was), "pinned_at": operation.was_pinned_at},
    lambda operation, state: replace(operation, was=state.the_ticket().contract_version),
)
_archived = _later_holds(
    lambda operation: "archived",
    lambda operation: operation.archived,
    lambda operation: not operation.archived,
    lambda operation, state: operation,
)
_call_back = _later_holds(
    lambda operation: f"call_back:{operation.call_back.hex()}",
    lambda operation: operation.to_document(),
    lambda operation: None,
    lambda operation, state: operation,
)
_hidden = _later_holds(
    lambda operation: f"entry:{operation.entry.hex()}",
    lambda operation: operation.hidden,
    lambda operation: not operation.hidden,
    lambda operation, state: operation,
)


# The rules that are not about the later one.


def _assigned(state: State, operation: TicketAssigned, stamp: Stamp) -> State:
    """The first assignment in the log holds, until one person decides between the two names."""
    present = state.writers.get("owner")
    value = {"owner": as_hex(operation.owner), "team": as_hex(operation.team)}
    if present is None or knows(stamp, present.stamp):
        return _wrote(operation.apply(state, stamp), "owner", stamp, value)
    after = _not_applied(state, operation, stamp)
    if present.value["owner"] == value["owner"]:
        return after
    before = {"owner": as_hex(operation.was_owner), "team": as_hex(operation.was_team)}
    sides = _side(present), side_of(stamp, value)
    return _differed(after, stamp, "ticket", _about(state), "owner", OWNER, FIRST_HOLDS, before, *sides)


def _staged(state: State, operation: TicketStaged, stamp: Stamp) -> State:
    """Moves count in the order of the log, where the workflow has them; what is closed stays closed."""
    present = state.writers.get("stage")
    value = operation.to.to_document()
    if present is None or knows(stamp, present.stamp):
        return _moved(state, operation, stamp, value)
    here, to = Place.of(state.the_ticket()), operation.to
    before, theirs, mine = operation.was.to_document(), _side(present), side_of(stamp, value)
    ticket = _about(state)
    if (to.stage, to.waiting) == (here.stage, here.waiting):
        if to.resolution_code == here.resolution_code:
            return _also_wanted(state, operation, stamp, "stage")
        if _order(stamp) > _order(present.stamp):
            after = _moved(state, replace(operation, was=here), stamp, value)
            return _differed(after, stamp, "ticket", ticket, "stage", STAGE, LATER, before, mine, theirs)
        after = _not_applied(state, operation, stamp)
        return _differed(after, stamp, "ticket", ticket, "stage", STAGE, LATER, before, theirs, mine)
    if here.stage_class == CLOSED and to.stage_class != CLOSED:
        return _worked_on(_not_applied(state, operation, stamp), stamp, operation.KIND, to.stage)
    if to.stage in (move.name for move in legal_moves(here.stage)):
        after = _moved(state, replace(operation, was=here), stamp, value)
        return _differed(after, stamp, "ticket", ticket, "stage", STAGE, IN_ORDER, before, mine, theirs)
    after = _not_applied(state, operation, stamp)
    return _differed(after, stamp, "ticket", ticket, "stage", STAGE, NOT_LEGAL, before, theirs, mine)


def _moved(state: State, operation: TicketStaged, stamp: Stamp, value: Any) -> State:
    """The move, at a time that clocks read behind the one before it; a close looks at what it did not see."""
    present = state.writers.get("stage")
    at = stamp.at
    if present is not None:
        at = max(at, Instant(present.at + (not knows(stamp, present.stamp))))
    was_closed = state.the_ticket().stage_class == CLOSED
    after = _wrote(operation.apply(state, _at(stamp, at)), "stage", stamp, value, at)
    if operation.to.stage_class != CLOSED:
        return _worked_on(after, stamp, operation.KIND, operation.to.stage)
    return after if was_closed else _closed_over(after)


def _closed_over(state: State) -> State:
    """What others had done without the closing person's knowledge."""
    close = state.writers["stage"]
    for field, activity in sorted(state.writers.items()):
        if field.startswith(ACTIVITY) and not knows(close.stamp, activity.stamp):
            state = _closed_unseen(state, close, activity)
    return state


def _worked_on(state: State, stamp: Stamp, kind: str, text: str = "") -> State:
    """Note work on a ticket; a ticket that was closed without its author's knowledge goes back for a look."""
    activity = Writer(stamp, {"kind": kind, "text": text[:FIRST_WORDS]}, stamp.at)
    state = replace(state, writers={**state.writers, ACTIVITY + stamp.console.hex(): activity})
    close = state.writers.get("stage")
    is_closed = state.ticket is not None and state.ticket.stage_class == CLOSED
    if close is None or not is_closed or knows(stamp, close.stamp):
        return state
    return _closed_unseen(state, close, activity)


def _closed_unseen(state: State, close: Writer, activity: Writer) -> State:
    # One for each console that went on working, however much it did.
    kept = {
        one: known
        for one, known in state.conflicts.items()
        if not (known.kind == CLOSED_UNSEEN and known.is_open and known.other.console == activity.stamp.console)
    }
    id_ = conflict_id(activity.stamp, "closed")
    sides = _side(close), _side(activity)
    told = Conflict(id_, CLOSED_UNSEEN, "ticket", _about(state), "closed", None, *sides, STAYS_CLOSED)
    return replace(state, conflicts={**kept, id_: told})


def _posted(state: State, operation: EntryPosted, stamp: Stamp) -> State:
    return _worked_on(operation.apply(state, stamp), stamp, operation.KIND, operation.text)


def _working(rule: Rule) -> Rule:
    """The same rule for what is work on a ticket."""

    def rule_and_note(state: State, operation: Any, stamp: Stamp) -> State:
        return _worked_on(rule(state, operation, stamp), stamp, operation.KIND)

    return rule_and_note


def _joined(state: State, operation: ReporterJoined, stamp: Stamp) -> State:
    """A set to which adding wins: who leaves it does not take out whom somebody else has just added."""
    field = f"reporter:{operation.contact.hex()}"
    present = state.writers.get(field)
    if present is not None and not knows(stamp, present.stamp) and present.value and not operation.has_joined:
        return state
    return _wrote(operation.apply(state, stamp), field, stamp, operation.has_joined)


def _delivered(state: State, operation: DeliveryRecorded, stamp: Stamp) -> State:
    """One claim: a second one, and a claim of what was taken back meanwhile, are none."""
    entry, field = state.known_entries.get(operation.entry), f"delivery:{operation.entry.hex()}"
    if operation.delivery in (QUEUED, HANDING) and entry is not None:
        present, hidden = state.writers.get(field), state.writers.get(f"entry:{operation.entry.hex()}")
        # A claim also gives way to one that has failed meanwhile: the customer may have that mail.
        is_claim = operation.delivery == HANDING or entry.delivery in (HANDING, HANDED)
        is_claimed = present is not None and not knows(stamp, present.stamp) and is_claim
        if is_claimed or (entry.hidden and hidden is not None and not knows(stamp, hidden.stamp)):
            return state
    return _wrote(operation.apply(state, stamp), field, stamp, operation.delivery)


def _taken_back(state: State, operation: EntryHidden, stamp: Stamp) -> State:
    """What the mail command was given meanwhile has left: nothing takes it back."""
    entry, delivery = state.known_entries.get(operation.entry), state.writers.get(f"delivery:{operation.entry.hex()}")
    is_gone = entry is not None and entry.delivery in (HANDING, HANDED)
    if operation.hidden and is_gone and delivery is not None and not knows(stamp, delivery.stamp):
        field, sides = f"entry:{operation.entry.hex()}", (side_of(delivery.stamp, False), side_of(stamp, True))
        return _differed(state, stamp, "ticket", _about(state), field, FIELD, FIRST_HOLDS, False, *sides)
    return _hidden(state, operation, stamp)


def _announced(state: State, operation: SlaAnnounced, stamp: Stamp) -> State:
    """Said once: the first writer of two who closed it holds."""
    present = state.writers.get("announced")
    if present is not None and not knows(stamp, present.stamp):
        return state
    return _wrote(operation.apply(state, stamp), "announced", stamp, None)


# Records of master data and documents.


def _changed(state: State, operation: RecordChanged, stamp: Stamp) -> State:
    """Each field for itself: sets are joined, long texts too where no lines meet; of the rest the later one holds."""
    held: dict[str, Change] = {}
    differing: list[tuple[str, Any, Side, Side]] = []
    now = state.known_records.get(operation.record, {})
    for name, change in sorted(operation.changes.items()):
        present = state.writers.get(name)
        if present is None or knows(stamp, present.stamp):
            held[name] = change
            continue
        joined = _joined_values(operation.entity, name, change, now.get(name))
        if joined is not None:
            held[name] = Change(now.get(name), joined)
        elif present.value == change.now:
            if _order(stamp) > _order(present.stamp):
                held[name] = change
        elif _order(stamp) > _order(present.stamp):
            held[name] = change
            differing.append((name, change.was, side_of(stamp, change.now), _side(present)))
        else:
            differing.append((name, change.was, _side(present), side_of(stamp, change.now)))
    after = replace(operation, changes=held).apply(state, stamp) if held else state
    for name, change in held.items():
        after = _wrote(after, name, stamp, change.now)
    for name, before, applied, other in differing:
        after = _differed(after, stamp, operation.entity, operation.record, name, FIELD, LATER, before, applied, other)
    return after


def _joined_values(entity: str, name: str, change: Change, now: Any) -> Any:
    """What becomes of a set or a long text that two people changed; None where one of them has to give way."""
    if isinstance(change.now, list) and isinstance(change.was, list) and isinstance(now, list):
        removed = [one for one in change.was if one not in change.now]
        added = [one for one in change.now if one not in change.was and one not in now]
        return [one for one in now if one not in removed] + added
    known = field_of(entity, name)
    if known is not None and known.kind == NOTE and all(isinstance(one, str) for one in (*change, now)):
        return merged_text(change.was, now, change.now)
    return None


def _record_stands(state: State, operation: RecordArchived | RecordsMerged, stamp: Stamp) -> State:
    """Whether a record is on the desk, and what it was merged into: one thing, of which the later word holds."""
    if isinstance(operation, RecordsMerged):
        value = {
            "archived": not operation.is_apart,
            "merged_into": None if operation.is_apart else operation.into.hex(),
        }
    else:
        value = {"archived": operation.archived, "merged_into": None}
    present = state.writers.get("archived")
    if present is None or knows(stamp, present.stamp):
        return _wrote(operation.apply(state, stamp), "archived", stamp, value)
    if present.value == value:
        return _wrote(state, "archived", stamp, value) if _order(stamp) > _order(present.stamp) else state
    if _order(stamp) > _order(present.stamp):
        # Whatever was merged before is apart again unless this says otherwise.
        after = operation.apply(state, stamp).with_record(operation.entity, operation.record, value)
        after = _wrote(after, "archived", stamp, value)
        sides = side_of(stamp, value), _side(present)
    else:
        after, sides = state, (_side(present), side_of(stamp, value))
    return _differed(after, stamp, operation.entity, operation.record, "archived", FIELD, LATER, None, *sides)


def _versioned(state: State, operation: DocumentChanged, stamp: Stamp) -> State:
    """Versions are never changed; two that were written at once both stand, and the one in force last is told."""
    present = state.writers.get("version")
    after = operation.apply(state, stamp)
    value = operation.to_document()
    if present is None or knows(stamp, present.stamp) or present.value["version"] == value["version"]:
        return _wrote(after, "version", stamp, value)
    mine, theirs = side_of(stamp, value), _side(present)
    in_force = max((theirs, mine), key=lambda side: [side.value[name] for name in ("valid_from", "number", "version")])
    after = _wrote(after, "version", stamp, value)
    if operation.archived or present.value["archived"]:
        return after
    other = theirs if in_force is mine else mine
    return _differed(
        after, stamp, "document", operation.document, "version", VERSION, BOTH_STAND, None, in_force, other
    )


# How a field is written, and how two sides of it are told.


def _wrote(state: State, field: str, stamp: Stamp, value: Any, at: Instant | None = None) -> State:
    """The field's last writer; who knew both sides of a conflict about it has settled that with this."""
    writers = {**state.writers, field: Writer(stamp, value, stamp.at if at is None else at)}
    conflicts = state.conflicts
    for one, known in state.conflicts.items():
        if known.field != field and not (field == "stage" and known.kind == CLOSED_UNSEEN):
            continue
        if not known.is_open or not knows(stamp, known.applied):
            continue
        if knows(stamp, known.other):
            conflicts = {**conflicts, one: replace(known, settled_by=side_of(stamp, value))}
        elif known.kind != CLOSED_UNSEEN:
            conflicts = {**conflicts, one: replace(known, applied=side_of(stamp, value))}
    return replace(state, writers=writers, conflicts=conflicts)


def _differed(
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


def _also_wanted(state: State, operation: Operation, stamp: Stamp, field: str) -> State:
    """Two said the same: it is one effect, and both stand in the timeline."""
    present = state.writers[field]
    after = _not_applied(state, operation, stamp)
    if _order(stamp) <= _order(present.stamp):
        return after
    return replace(after, writers={**after.writers, field: present._replace(stamp=stamp)})


def _not_applied(state: State, operation: Operation, stamp: Stamp) -> State:
    """The ticket as it was, with a line of the system about what somebody had wanted."""
    after = operation.apply(state, stamp)
    told = state.with_ticket(stamp)
    for entry in after.entries[len(state.entries) :]:
        if entry.direction == BY_SYSTEM and entry.id not in state.known_entries:
            told = told.with_entry(replace(entry, code=NOT_APPLIED, data={**entry.data, "of": entry.code}))
    return told


def _about(state: State) -> EntityId:
    return state.the_ticket().id


def _side(writer: Writer) -> Side:
    return side_of(writer.stamp, writer.value, writer.at)


def _at(stamp: Stamp, at: Instant) -> Stamp:
    return stamp if at == stamp.at else replace(stamp, eff=(at * 1000) << COUNTER_BITS)


def _order(stamp: Stamp) -> tuple[int, bytes, int]:
    """Who is later by the hub's time; what no hub has stamped yet comes after everything that one has."""
    return stamp.eff or UNSTAMPED, stamp.console, stamp.n


_RULES: dict[type, Rule] = {
    CallBackPlanned: _working(_call_back),
    DeliveryRecorded: _delivered,
    DocumentChanged: _versioned,
    EntryHidden: _taken_back,
    EntryPosted: _posted,
    RecordArchived: _record_stands,
    RecordChanged: _changed,
    RecordsMerged: _record_stands,
    ReporterJoined: _working(_joined),
    SlaAnnounced: _announced,
    TicketArchived: _archived,
    TicketAssigned: _working(_assigned),
    TicketEquipped: _working(_equipped),
    TicketPrioritised: _prioritised,
    TicketRetargeted: _retargeted,
    TicketStaged: _staged,
}
"""Every other kind is of things that are only ever added."""
