"""Wishes about the files of a ticket; a file's bytes are on the disk before anybody wishes for the line naming it."""

from __future__ import annotations

from core.attachments import safe_name
from core.commands import AddAttachment, RemoveAttachment
from core.errors import Refused
from core.handlers.plan import Desk, Plan, Step, Title
from core.operations.attachment_added import AttachmentAdded
from core.operations.attachment_removed import AttachmentRemoved


def add_attachment(command: AddAttachment, desk: Desk) -> Plan:
    """Refused on a ticket that was taken off the desk."""
    ticket = desk.ticket(command.ticket)
    if ticket.archived:
        raise Refused("ticket.archived", number=ticket.number)
    name = safe_name(command.name)
    operation = AttachmentAdded(name, command.size, command.media_type, command.digest)
    return Plan(Title("attachment.added", {"number": ticket.number, "name": name}), (Step(ticket.id, operation),))


def remove_attachment(command: RemoveAttachment, desk: Desk) -> Plan:
    """Undo puts it back; with `is_erased` its bytes go, and nothing does."""
    ticket = desk.ticket(command.ticket)
    operation = AttachmentRemoved(command.entry, command.name)
    title = Title("attachment.removed", {"number": ticket.number, "name": command.name})
    return Plan(title, (Step(ticket.id, operation),), reversible=not command.is_erased)
