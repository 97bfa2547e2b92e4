"""Which fields an operation sets: what its envelope's base speaks of, so that changes of different fields both hold."""

from __future__ import annotations

from core.operations.operation import Operation
from core.operations.record_added import RecordAdded
from core.operations.record_archived import RecordArchived
from core.operations.record_changed import RecordChanged
from core.operations.records_merged import RecordsMerged


def fields_based(operation: Operation) -> tuple[str, ...]:
    """The fields whose last writer the base names; most operations are one field of their own kind."""
    if isinstance(operation, RecordChanged):
        return tuple(sorted(operation.changes))
    if isinstance(operation, RecordArchived):
        return ("archived",)
    if isinstance(operation, RecordsMerged):
        return ("archived", "merged_into")
    return (operation.KIND,)


def fields_set(operation: Operation) -> tuple[str, ...]:
    """The fields that a later operation may find set by this one: a new record sets all of its own."""
    if isinstance(operation, RecordAdded):
        return (operation.KIND, "archived", *sorted(operation.fields))
    return fields_based(operation)
