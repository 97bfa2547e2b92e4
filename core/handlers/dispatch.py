"""Which handler answers which wish."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from core import commands
from core.handlers import attachments, calls, conflicts, records, terms, tickets
from core.handlers.plan import Desk, Plan, Title

_HANDLERS: dict[type, Callable[[Any, Desk], Plan]] = {
    commands.AssignTicket: tickets.assign_ticket,
    commands.MoveStage: tickets.move_stage,
    commands.SetPriority: tickets.set_priority,
    commands.PostEntry: tickets.post_entry,
    commands.PlanCallBack: tickets.plan_call_back,
    commands.DropCallBack: tickets.drop_call_back,
    commands.OpenTicket: tickets.open_ticket,
    commands.NumberTicket: tickets.number_ticket,
    commands.RecordDelivery: tickets.record_delivery,
    commands.SendAgain: tickets.send_again,
    commands.AddAttachment: attachments.add_attachment,
    commands.RemoveAttachment: attachments.remove_attachment,
    commands.SaveCall: calls.save_call,
    commands.AddRecord: records.add_record,
    commands.ChangeRecord: records.change_record,
    commands.ArchiveRecord: records.archive_record,
    commands.MergeRecords: records.merge_records,
    commands.ChangeDocument: terms.change_document,
    commands.ChangeEquipment: terms.change_equipment,
    commands.RetargetTicket: terms.retarget_ticket,
    commands.SettleConflict: conflicts.settle_conflict,
}


def handle(command: commands.Command, desk: Desk) -> Plan:
    """The plan for `command`; DomainError when a rule says no. Undo and redo read the log and live in storage."""
    if isinstance(command, commands.Together):
        plans = [handle(part, desk) for part in command.commands]
        title = _title_of([plan.title for plan in plans])
        steps = tuple(step for plan in plans for step in plan.steps)
        return Plan(title, steps, all(plan.reversible for plan in plans))
    return _HANDLERS[type(command)](command, desk)


def _title_of(titles: list[Title]) -> Title:
    """An act with records beside it is called by what it is about: the call that was opened, not who called first."""
    told = [title for title in titles if not title.code.startswith("record")]
    if not told:
        return titles[0]._replace(facts={**_of_grade(titles), **titles[0].facts, **_doubts(titles)})
    if len(told) == 1:
        return told[0]
    return Title("together", {**told[0].facts, "count": len(told), "each": told[0].code})


def _doubts(titles: list[Title]) -> dict[str, Any]:
    """What is doubtful about any of the records of an act."""
    told = [doubt for title in titles for doubt in title.facts.get("doubts", ())]
    return {"doubts": told} if told else {}


def _of_grade(titles: list[Title]) -> dict[str, Any]:
    """What a contract version took over: it is the second record of its act, and the first one names the act."""
    facts = next((title.facts for title in titles if "filled" in title.facts), {})
    return {name: facts[name] for name in ("grade", "filled") if name in facts}
