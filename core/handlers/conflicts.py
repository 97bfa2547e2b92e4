"""Wishes about conflicts: keep what was applied, or do what the other one had wanted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from core.commands import ChangeEquipment, MoveStage, RetargetTicket, SetPriority, SettleConflict
from core.conflicts import ARCHIVED_ACTIVE, CLOSED_UNSEEN, VERSION, Conflict
from core.errors import ChangedMeanwhile
from core.handlers import terms, tickets
from core.handlers.plan import Desk, Plan, Step, Title
from core.operations.call_back_planned import CallBackPlanned
from core.operations.conflict_settled import ConflictSettled
from core.operations.document_changed import DocumentChanged
from core.operations.entry_hidden import EntryHidden
from core.operations.operation import Operation, from_hex, the_id
from core.operations.record_archived import RecordArchived
from core.operations.record_changed import Change, RecordChanged
from core.operations.records_merged import RecordsMerged
from core.operations.ticket_archived import TicketArchived
from core.operations.ticket_assigned import TicketAssigned
from core.record_rules import record_name

REOPENED = "active"

Steps = tuple[Step, ...]


def settle_conflict(command: SettleConflict, desk: Desk) -> Plan:
    """Refused for one that somebody settled meanwhile, and where the other's wish is not possible any more."""
    conflict = desk.conflict(command.conflict)
    if not conflict.is_open:
        raise ChangedMeanwhile("conflict.settled_already")
    # Settled first: what undo does last is to open it again.
    steps: Steps = (Step(conflict.record, ConflictSettled(conflict.id)),)
    if command.takes_other:
        # Whoever else had wanted something of the same field is answered too, and asked again by undo.
        others = [one for one in desk.open_conflicts(conflict.record) if one.field == conflict.field]
        steps += tuple(Step(one.record, ConflictSettled(one.id)) for one in others if one.id != conflict.id)
        steps += _as_the_other_wanted(conflict, desk)
    name = _name_of(conflict, desk)
    return Plan(Title("conflict.taken" if command.takes_other else "conflict.kept", {"name": name}), steps)


def _name_of(conflict: Conflict, desk: Desk) -> str:
    if conflict.entity == "ticket":
        return desk.ticket(conflict.record).number
    if conflict.entity == "document":
        return desk.document(conflict.applied.value["kind"], conflict.record)[0]
    return record_name(conflict.entity, desk.record(conflict.entity, conflict.record) or {})


def _as_the_other_wanted(conflict: Conflict, desk: Desk) -> Steps:
    if conflict.kind == CLOSED_UNSEEN:
        return tickets.move_stage(MoveStage(conflict.record, REOPENED), desk).steps
    if conflict.kind == ARCHIVED_ACTIVE:
        return (Step(conflict.record, _back_on_the_desk(conflict)),)
    if conflict.kind == VERSION and conflict.entity != "document":
        return (Step(conflict.record, RecordArchived(conflict.entity, conflict.record)),)
    if conflict.kind == VERSION:
        taken_back = replace(DocumentChanged.from_document(conflict.applied.value), archived=True)
        return (Step(conflict.record, taken_back),)
    if conflict.entity != "ticket":
        return _of_record(conflict, desk)
    kind = conflict.field.partition(":")[0]
    return _OF_TICKET[kind](conflict, desk)


def _back_on_the_desk(conflict: Conflict) -> Operation:
    if conflict.entity == "ticket":
        return TicketArchived(archived=False)
    return RecordArchived(conflict.entity, conflict.record, archived=False)


def _of_record(conflict: Conflict, desk: Desk) -> Steps:
    entity, record, value = conflict.entity, conflict.record, conflict.other.value
    if conflict.field != "archived":
        known = desk.record(entity, record) or {}
        change = Change(known.get(conflict.field), value)
        return (Step(record, RecordChanged(entity, record, {conflict.field: change})),)
    applied = conflict.applied.value
    steps: Steps = ()
    if applied["merged_into"]:
        steps += (Step(record, RecordsMerged(entity, record, the_id(applied["merged_into"]), is_apart=True)),)
    elif applied["archived"] and not value["archived"]:
        steps += (Step(record, RecordArchived(entity, record, archived=False)),)
    if value["merged_into"]:
        return (*steps, Step(record, RecordsMerged(entity, record, the_id(value["merged_into"]))))
    return (*steps, Step(record, RecordArchived(entity, record))) if value["archived"] else steps


def _owner(conflict: Conflict, desk: Desk) -> Steps:
    ticket, wanted = desk.ticket(conflict.record), conflict.other.value
    operation = TicketAssigned(from_hex(wanted["owner"]), ticket.owner, from_hex(wanted["team"]), ticket.team)
    return (Step(ticket.id, operation),)


def _stage(conflict: Conflict, desk: Desk) -> Steps:
    wanted = conflict.other.value
    waiting = wanted["waiting"] or {"cause": "", "party": "", "until": None}
    move = MoveStage(
        conflict.record,
        wanted["stage"],
        waiting["cause"],
        waiting["party"],
        waiting["until"],
        wanted["resolution_code"],
    )
    return tickets.move_stage(move, desk).steps


def _priority(conflict: Conflict, desk: Desk) -> Steps:
    return tickets.set_priority(SetPriority(conflict.record, conflict.other.value), desk).steps


def _equipment(conflict: Conflict, desk: Desk) -> Steps:
    wanted = from_hex(conflict.other.value["equipment"])
    return terms.change_equipment(ChangeEquipment(conflict.record, wanted), desk).steps


def _contract(conflict: Conflict, desk: Desk) -> Steps:
    wanted = from_hex(conflict.other.value["contract_version"])
    return terms.retarget_ticket(RetargetTicket(conflict.record, wanted), desk).steps


def _archived(conflict: Conflict, desk: Desk) -> Steps:
    return (Step(conflict.record, TicketArchived(conflict.other.value)),)


def _call_back(conflict: Conflict, desk: Desk) -> Steps:
    return (Step(conflict.record, CallBackPlanned.from_document(conflict.other.value)),)


def _entry(conflict: Conflict, desk: Desk) -> Steps:
    entry = the_id(conflict.field.partition(":")[2])
    return (Step(conflict.record, EntryHidden(entry, conflict.other.value)),)


_OF_TICKET: dict[str, Callable[[Conflict, Desk], Steps]] = {
    "owner": _owner,
    "stage": _stage,
    "priority": _priority,
    "equipment": _equipment,
    "contract": _contract,
    "archived": _archived,
    "call_back": _call_back,
    "entry": _entry,
}
