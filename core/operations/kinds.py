"""Every kind of operation by name, and the way between an operation and its payload."""

from __future__ import annotations

import json
from typing import Any

from core.errors import DomainError
from core.operations.attachment_added import AttachmentAdded
from core.operations.attachment_removed import AttachmentRemoved
from core.operations.call_back_planned import CallBackPlanned
from core.operations.conflict_settled import ConflictSettled
from core.operations.delivery_recorded import DeliveryRecorded
from core.operations.document_changed import DocumentChanged
from core.operations.entry_hidden import EntryHidden
from core.operations.entry_posted import EntryPosted
from core.operations.envelope import canonical_json
from core.operations.operation import Operation
from core.operations.person_purged import PersonPurged
from core.operations.record_added import RecordAdded
from core.operations.record_archived import RecordArchived
from core.operations.record_changed import RecordChanged
from core.operations.records_merged import RecordsMerged
from core.operations.reporter_joined import ReporterJoined
from core.operations.sla_announced import SlaAnnounced
from core.operations.ticket_archived import TicketArchived
from core.operations.ticket_assigned import TicketAssigned
from core.operations.ticket_equipped import TicketEquipped
from core.operations.ticket_imported import TicketImported
from core.operations.ticket_numbered import TicketNumbered
from core.operations.ticket_opened import TicketOpened
from core.operations.ticket_prioritised import TicketPrioritised
from core.operations.ticket_retargeted import TicketRetargeted
from core.operations.ticket_staged import TicketStaged

KINDS: dict[str, type[Operation]] = {
    kind.KIND: kind
    for kind in (
        AttachmentAdded,
        AttachmentRemoved,
        CallBackPlanned,
        ConflictSettled,
        DeliveryRecorded,
        DocumentChanged,
        EntryHidden,
        EntryPosted,
        PersonPurged,
        RecordAdded,
        RecordArchived,
        RecordChanged,
        RecordsMerged,
        ReporterJoined,
        SlaAnnounced,
        TicketArchived,
        TicketAssigned,
        TicketEquipped,
        TicketImported,
        TicketNumbered,
        TicketOpened,
        TicketPrioritised,
        TicketRetargeted,
        TicketStaged,
    )
}


def encode(operation: Operation) -> bytes:
    """The payload of `operation` as canonical JSON; ids as hex."""
    return canonical_json(operation.to_document())


def decode(kind: str, payload: bytes) -> Operation:
    """The operation in `payload`; DomainError `operation.unknown_kind` for a kind of a newer version."""
    known = KINDS.get(kind)
    if known is None:
        raise DomainError("operation.unknown_kind", kind=kind)
    document: dict[str, Any] = json.loads(payload)
    return known.from_document(document)
