"""What holds of a ticket that two people changed without knowing of each other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from core.clock import Instant
from core.conflicts import (
    ARCHIVED_ACTIVE,
    CLOSED_UNSEEN,
    FIELD,
    FIRST_HOLDS,
    IN_ORDER,
    LATER,
    NOT_LEGAL,
    OWNER,
    STAGE,
    STAYS_CLOSED,
    Conflict,
    Writer,
    conflict_id,
    knows,
    side_of,
)
from core.delivery import HANDED, HANDING, QUEUED
from core.merging.telling import also_wanted, at_time, differed, not_applied, order_of, side, ticket_of, wrote
from core.operations.attachment_added import AttachmentAdded
from core.operations.attachment_removed import AttachmentRemoved
from core.operations.delivery_recorded import DeliveryRecorded
from core.operations.entry_hidden import EntryHidden
from core.operations.entry_posted import EntryPosted
from core.operations.envelope import Stamp
from core.operations.operation import Operation, State, as_hex
from core.operations.reporter_joined import ReporterJoined
from core.operations.sla_announced import SlaAnnounced
from core.operations.ticket_archived import TicketArchived
from core.operations.ticket_assigned import TicketAssigned
from core.operations.ticket_staged import Place, TicketStaged
from core.stages import CLOSED, legal_moves

FIRST_WORDS = 120
ACTIVITY = "activity:"
UNSEEN_FIELDS = {CLOSED_UNSEEN: "closed", ARCHIVED_ACTIVE: "put_away"}

Rule = Callable[[State, Any, Stamp], State]


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
            return wrote(operation.apply(state, stamp), field, stamp, value)
        if present.value == value:
            return also_wanted(state, operation, stamp, field)
        if order_of(stamp) > order_of(present.stamp):
            after = wrote(rebased(operation, state).apply(state, stamp), field, stamp, value)
            sides = side_of(stamp, value), side(present)
        else:
            after = not_applied(state, operation, stamp)
            sides = side(present), side_of(stamp, value)
        return differed(after, stamp, "ticket", ticket_of(state), field, FIELD, LATER, before_of(operation), *sides)

    return rule


prioritised = _later_holds(
    lambda operation: "priority",
    lambda operation: operation.priority,
    lambda operation: operation.was,
    lambda operation, state: replace(operation, was=state.the_ticket().priority),
)
equipped = _later_holds(
    lambda operation: "equipment",
    lambda operation: {"equipment": as_hex(operation.equipment), "site": as_hex(operation.site)},
    lambda operation: {"equipment": as_hex(operation.was), "site": as_hex(operation.was_site)},
    lambda operation, state: replace(operation, was=state.the_ticket().equipment, was_site=state.the_ticket().site),
)
retargeted = _later_holds(
    lambda operation: "contract",
    lambda operation: {"contract_version": as_hex(operation.contract_version), "pinned_at": operation.pinned_at},
    lambda operation: {"contract_version": as_hex(operation.was), "pinned_at": operation.was_pinned_at},
    lambda operation, state: replace(operation, was=state.the_ticket().contract_version),
)
_archived_or_not = _later_holds(
    lambda operation: "archived",
    lambda operation: operation.archived,
    lambda operation: not operation.archived,
    lambda operation, state: operation,
)
call_back = _later_holds(
    lambda operation: f"call_back:{operation.call_back.hex()}",
    lambda operation: operation.to_document(),
    lambda operation: None,
    lambda operation, state: operation,
)
hidden = _later_holds(
    lambda operation: f"entry:{operation.entry.hex()}",
    lambda operation: operation.hidden,
    lambda operation: not operation.hidden,
    lambda operation, state: operation,
)


# The rules that are not about the later one.


def archived(state: State, operation: TicketArchived, stamp: Stamp) -> State:
    """Off the desk or on it; who takes it off looks at what others did to it without his knowledge."""
    after = _archived_or_not(state, operation, stamp)
    archived = after.writers["archived"]
    if not after.the_ticket().archived or archived.stamp != stamp:
        return after
    return _over_activity(after, archived, ARCHIVED_ACTIVE)


def assigned(state: State, operation: TicketAssigned, stamp: Stamp) -> State:
    """The first assignment in the log holds, until one person decides between the two names."""
    present = state.writers.get("owner")
    value = {"owner": as_hex(operation.owner), "team": as_hex(operation.team)}
    if present is None or knows(stamp, present.stamp):
        return wrote(operation.apply(state, stamp), "owner", stamp, value)
    after = not_applied(state, operation, stamp)
    if present.value["owner"] == value["owner"]:
        return after
    before = {"owner": as_hex(operation.was_owner), "team": as_hex(operation.was_team)}
    sides = side(present), side_of(stamp, value)
    return differed(after, stamp, "ticket", ticket_of(state), "owner", OWNER, FIRST_HOLDS, before, *sides)


def staged(state: State, operation: TicketStaged, stamp: Stamp) -> State:
    """Moves count in the order of the log, where the workflow has them; what is closed stays closed."""
    present = state.writers.get("stage")
    value = operation.to.to_document()
    if present is None or knows(stamp, present.stamp):
        return _moved(state, operation, stamp, value)
    here, to = Place.of(state.the_ticket()), operation.to
    before, theirs, mine = operation.was.to_document(), side(present), side_of(stamp, value)
    ticket = ticket_of(state)
    if (to.stage, to.waiting) == (here.stage, here.waiting):
        if to.resolution_code == here.resolution_code:
            return also_wanted(state, operation, stamp, "stage")
        if order_of(stamp) > order_of(present.stamp):
            after = _moved(state, replace(operation, was=here), stamp, value)
            return differed(after, stamp, "ticket", ticket, "stage", STAGE, LATER, before, mine, theirs)
        after = not_applied(state, operation, stamp)
        return differed(after, stamp, "ticket", ticket, "stage", STAGE, LATER, before, theirs, mine)
    if here.stage_class == CLOSED and to.stage_class != CLOSED:
        return _worked_on(not_applied(state, operation, stamp), stamp, operation.KIND, to.stage)
    if to.stage in (move.name for move in legal_moves(here.stage)):
        after = _moved(state, replace(operation, was=here), stamp, value)
        return differed(after, stamp, "ticket", ticket, "stage", STAGE, IN_ORDER, before, mine, theirs)
    after = not_applied(state, operation, stamp)
    return differed(after, stamp, "ticket", ticket, "stage", STAGE, NOT_LEGAL, before, theirs, mine)


def _moved(state: State, operation: TicketStaged, stamp: Stamp, value: Any) -> State:
    """The move, at a time that clocks read behind the one before it; a close looks at what it did not see."""
    present = state.writers.get("stage")
    at = stamp.at
    if present is not None:
        at = max(at, Instant(present.at + (not knows(stamp, present.stamp))))
    was_closed = state.the_ticket().stage_class == CLOSED
    after = wrote(operation.apply(state, at_time(stamp, at)), "stage", stamp, value, at)
    if operation.to.stage_class != CLOSED:
        return _worked_on(after, stamp, operation.KIND, operation.to.stage)
    return after if was_closed else _over_activity(after, after.writers["stage"], CLOSED_UNSEEN)


def _over_activity(state: State, ending: Writer, kind: str) -> State:
    """What others had done without the knowledge of the person who closed or archived the ticket."""
    for field, activity in sorted(state.writers.items()):
        if field.startswith(ACTIVITY) and not knows(ending.stamp, activity.stamp):
            state = _unseen(state, ending, activity, kind)
    return state


def _worked_on(state: State, stamp: Stamp, kind: str, text: str = "") -> State:
    """Note work on a ticket; a ticket that was closed without its author's knowledge goes back for a look."""
    activity = Writer(stamp, {"kind": kind, "text": text[:FIRST_WORDS]}, stamp.at)
    state = replace(state, writers={**state.writers, ACTIVITY + stamp.console.hex(): activity})
    ticket, close, archived = state.the_ticket(), state.writers.get("stage"), state.writers.get("archived")
    if close is not None and ticket.stage_class == CLOSED and not knows(stamp, close.stamp):
        state = _unseen(state, close, activity, CLOSED_UNSEEN)
    if archived is not None and ticket.archived and not knows(stamp, archived.stamp):
        state = _unseen(state, archived, activity, ARCHIVED_ACTIVE)
    return state


def _unseen(state: State, ending: Writer, activity: Writer, kind: str) -> State:
    # One for each console that went on working, however much it did.
    kept = {
        one: known
        for one, known in state.conflicts.items()
        if not (known.kind == kind and known.is_open and known.other.console == activity.stamp.console)
    }
    field = UNSEEN_FIELDS[kind]
    id_ = conflict_id(activity.stamp, field)
    sides = side(ending), side(activity)
    told = Conflict(id_, kind, "ticket", ticket_of(state), field, None, *sides, STAYS_CLOSED)
    return replace(state, conflicts={**kept, id_: told})


def posted(state: State, operation: EntryPosted, stamp: Stamp) -> State:
    return _worked_on(operation.apply(state, stamp), stamp, operation.KIND, operation.text)


def attached(state: State, operation: AttachmentAdded | AttachmentRemoved, stamp: Stamp) -> State:
    """Work like a text: a file that came to a closed ticket goes back for a look."""
    return _worked_on(operation.apply(state, stamp), stamp, operation.KIND, operation.name)


def working(rule: Rule) -> Rule:
    """The same rule for what is work on a ticket."""

    def rule_and_note(state: State, operation: Any, stamp: Stamp) -> State:
        return _worked_on(rule(state, operation, stamp), stamp, operation.KIND)

    return rule_and_note


def joined(state: State, operation: ReporterJoined, stamp: Stamp) -> State:
    """A set to which adding wins: who leaves it does not take out whom somebody else has just added."""
    field = f"reporter:{operation.contact.hex()}"
    present = state.writers.get(field)
    if present is not None and not knows(stamp, present.stamp) and present.value and not operation.has_joined:
        return state
    return wrote(operation.apply(state, stamp), field, stamp, operation.has_joined)


def delivered(state: State, operation: DeliveryRecorded, stamp: Stamp) -> State:
    """One claim: a second one, and a claim of what was taken back meanwhile, are none."""
    entry, field = state.known_entries.get(operation.entry), f"delivery:{operation.entry.hex()}"
    if operation.delivery in (QUEUED, HANDING) and entry is not None:
        present, hidden = state.writers.get(field), state.writers.get(f"entry:{operation.entry.hex()}")
        # A claim also gives way to one that has failed meanwhile: the customer may have that mail.
        is_claim = operation.delivery == HANDING or entry.delivery in (HANDING, HANDED)
        is_claimed = present is not None and not knows(stamp, present.stamp) and is_claim
        if is_claimed or (entry.hidden and hidden is not None and not knows(stamp, hidden.stamp)):
            return state
    return wrote(operation.apply(state, stamp), field, stamp, operation.delivery)


def taken_back(state: State, operation: EntryHidden, stamp: Stamp) -> State:
    """What the mail command was given meanwhile has left: nothing takes it back."""
    entry, delivery = state.known_entries.get(operation.entry), state.writers.get(f"delivery:{operation.entry.hex()}")
    is_gone = entry is not None and entry.delivery in (HANDING, HANDED)
    if operation.hidden and is_gone and delivery is not None and not knows(stamp, delivery.stamp):
        field, sides = f"entry:{operation.entry.hex()}", (side_of(delivery.stamp, False), side_of(stamp, True))
        return differed(state, stamp, "ticket", ticket_of(state), field, FIELD, FIRST_HOLDS, False, *sides)
    return hidden(state, operation, stamp)


def announced(state: State, operation: SlaAnnounced, stamp: Stamp) -> State:
    """Said once: the first writer of two who closed it holds."""
    present = state.writers.get("announced")
    if present is not None and not knows(stamp, present.stamp):
        return state
    return wrote(operation.apply(state, stamp), "announced", stamp, None)
