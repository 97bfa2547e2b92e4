"""The one merge: an operation joins what the log says already, also where its author did not know all of that.

Who had seen everything simply does what the operation says. Where two did not know of each other, one table decides by
the kind of what they changed: the later one holds, the first one holds, both do; and what a person would lose becomes a
conflict. Rules and their sources: docs/sync.md.
"""

from __future__ import annotations

from core.merging import records, tickets
from core.merging.tickets import Rule
from core.operations.attachment_added import AttachmentAdded
from core.operations.attachment_removed import AttachmentRemoved
from core.operations.call_back_planned import CallBackPlanned
from core.operations.delivery_recorded import DeliveryRecorded
from core.operations.document_changed import DocumentChanged
from core.operations.entry_hidden import EntryHidden
from core.operations.entry_posted import EntryPosted
from core.operations.envelope import Stamp
from core.operations.operation import Operation, State
from core.operations.record_archived import RecordArchived
from core.operations.record_changed import RecordChanged
from core.operations.records_merged import RecordsMerged
from core.operations.reporter_joined import ReporterJoined
from core.operations.sla_announced import SlaAnnounced
from core.operations.ticket_archived import TicketArchived
from core.operations.ticket_assigned import TicketAssigned
from core.operations.ticket_equipped import TicketEquipped
from core.operations.ticket_prioritised import TicketPrioritised
from core.operations.ticket_retargeted import TicketRetargeted
from core.operations.ticket_staged import TicketStaged


def merge(state: State, operation: Operation, stamp: Stamp) -> State:
    """The state after one more operation of the log; pure, and the same on every console that has the same log."""
    rule = _RULES.get(type(operation))
    return operation.apply(state, stamp) if rule is None else rule(state, operation, stamp)


_RULES: dict[type, Rule] = {
    AttachmentAdded: tickets.attached,
    AttachmentRemoved: tickets.attached,
    CallBackPlanned: tickets.working(tickets.call_back),
    DeliveryRecorded: tickets.delivered,
    DocumentChanged: records.versioned,
    EntryHidden: tickets.taken_back,
    EntryPosted: tickets.posted,
    RecordArchived: records.record_stands,
    RecordChanged: records.changed,
    RecordsMerged: records.record_stands,
    ReporterJoined: tickets.working(tickets.joined),
    SlaAnnounced: tickets.announced,
    TicketArchived: tickets.archived,
    TicketAssigned: tickets.working(tickets.assigned),
    TicketEquipped: tickets.working(tickets.equipped),
    TicketPrioritised: tickets.prioritised,
    TicketRetargeted: tickets.retargeted,
    TicketStaged: tickets.staged,
}
"""Every other kind is of things that are only ever added."""
