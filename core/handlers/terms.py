"""Wishes about what a ticket counts by: versions of a calendar or policy, another contract, other equipment."""

from __future__ import annotations

from core.clock import Instant
from core.commands import ChangeDocument, ChangeEquipment, RetargetTicket
from core.documents import GRADE, POLICY, body_of, check_document
from core.errors import ChangedMeanwhile, NotFound, Refused
from core.handlers.grades import check_named
from core.handlers.plan import Desk, Plan, Step, Title
from core.operations.document_changed import DocumentChanged
from core.operations.operation import from_hex
from core.operations.ticket_equipped import TicketEquipped
from core.operations.ticket_retargeted import TicketRetargeted
from core.record_rules import record_name


def change_document(command: ChangeDocument, desk: Desk) -> Plan:
    """Refused for a document that cannot be read, was changed meanwhile, or would move goalposts already set."""
    body = body_of(command.body)
    check_document(command.kind, body)
    if command.kind == GRADE:
        check_named(body, desk)
    name, newest = desk.document(command.kind, command.document)
    if newest != command.seen_number:
        raise ChangedMeanwhile("document.changed_meanwhile", name=name, number=newest)
    valid_from = desk.now if command.valid_from is None else command.valid_from
    if command.kind == POLICY and valid_from < desk.now:
        raise Refused("document.policy_in_the_past", name=name)
    number = newest + 1
    operation = DocumentChanged(
        command.kind, command.document, desk.new_id(), number, Instant(valid_from), command.body, command.note
    )
    title = Title("document.changed", {"kind": command.kind, "name": name, "number": number})
    return Plan(title, (Step(command.document, operation),))


def retarget_ticket(command: RetargetTicket, desk: Desk) -> Plan:
    """Refused for a contract of another company, and for none where there is none already.

    The same contract again takes the policy as it stands now.
    """
    ticket = desk.ticket(command.ticket)
    if command.contract_version is not None:
        company = desk.company_of_contract(command.contract_version)
        if company != ticket.company:
            raise Refused("ticket.contract_of_another", number=ticket.number)
    elif ticket.contract_version is None:
        raise Refused("ticket.no_contract_already", number=ticket.number)
    operation = TicketRetargeted(
        command.contract_version, ticket.contract_version, desk.now, desk.terms_pinned_at(ticket)
    )
    code = "ticket.retargeted" if command.contract_version is not None else "ticket.without_contract"
    return Plan(Title(code, {"number": ticket.number}), (Step(ticket.id, operation),))


def change_equipment(command: ChangeEquipment, desk: Desk) -> Plan:
    """Refused for equipment of another company, and for what the ticket is about already."""
    ticket = desk.ticket(command.ticket)
    if command.equipment == ticket.equipment:
        raise Refused("ticket.equipment_same", number=ticket.number)
    site, name = ticket.site, ""
    if command.equipment is not None:
        equipment = desk.record("equipment", command.equipment)
        if equipment is None:
            raise NotFound("record.unknown", entity="equipment")
        if from_hex(equipment.get("company")) != ticket.company:
            raise Refused("ticket.equipment_of_another", number=ticket.number)
        site, name = from_hex(equipment.get("site")) or site, record_name("equipment", equipment)
    operation = TicketEquipped(command.equipment, ticket.equipment, site, ticket.site)
    code = "ticket.equipped" if command.equipment is not None else "ticket.without_equipment"
    return Plan(Title(code, {"number": ticket.number, "equipment": name}), (Step(ticket.id, operation),))
