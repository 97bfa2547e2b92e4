"""Wishes about master data."""

from __future__ import annotations

from core.commands import AddRecord
from core.handlers.plan import Desk, Plan, Step, Title
from core.operations.record_added import RecordAdded


def add_record(command: AddRecord, desk: Desk) -> Plan:
    """The record gets an id of its own; the operation checks its name."""
    record = command.record or desk.new_id()
    operation = RecordAdded(command.entity, record, dict(command.fields))
    name = str(command.fields.get("name", ""))
    title = Title("record.added", {"entity": command.entity, "name": name})
    # Undo must not remove the chair somebody sits on: colleagues leave a desk by name, never by one key too many.
    return Plan(title, (Step(record, operation),), reversible=command.entity != "person")
