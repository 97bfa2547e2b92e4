"""Wishes about a call: what it leaves behind is one act, whoever called and whatever it was about."""

from __future__ import annotations

from typing import Any

from core.clock import Instant
from core.commands import SaveCall
from core.errors import ChangedMeanwhile, Refused
from core.handlers.plan import Desk, Plan, Step, Title
from core.ids import EntityId
from core.intake import suggested_priority
from core.operations.entry_posted import EntryPosted
from core.operations.record_added import RecordAdded
from core.operations.reporter_joined import ReporterJoined
from core.operations.ticket_opened import TicketOpened
from core.phones import read_number
from core.queue import PRIORITIES
from core.stages import CLOSED
from core.timeline import FROM_CUSTOMER

LONGEST_SUBJECT = 200
LATER_SECONDS = 60
"""Written down so much later than it was said, a call tells the time at which it was."""


def save_call(command: SaveCall, desk: Desk) -> Plan:
    """Refused without a symptom, when it is saved already, and once for each thing that changed while it ran."""
    number = desk.saved_call(command.call)
    if number is not None:
        raise ChangedMeanwhile("call.saved_already", number=number)
    if not command.symptom.strip():
        raise Refused("call.symptom_missing")
    if command.priority is not None and command.priority not in PRIORITIES:
        raise Refused("ticket.priority_unknown", priority=command.priority)
    promised = _check(command, desk)
    return _on_open_ticket(command, desk) if command.ticket is not None else _new_ticket(command, desk, promised)


def _check(command: SaveCall, desk: Desk) -> tuple[int, ...]:
    """Tell what changed while the call ran, one thing at a time; the priorities that have a promise."""
    stands = desk.caller_stands(command.contact, command.company, command.equipment, command.site)
    doubts = {
        "call.contact_gone": stands.contact_is_gone,
        "call.contact_elsewhere": stands.contact_is_elsewhere and not (stands.contact_is_gone or command.is_new_there),
        "call.company_gone": stands.company_is_gone,
        "call.equipment_gone": stands.equipment_is_gone,
    }
    for code, is_so in doubts.items():
        if is_so and code not in command.accepted:
            raise ChangedMeanwhile(code, name=command.contact_name, company=command.company_name)
    return stands.promised


def _on_open_ticket(command: SaveCall, desk: Desk) -> Plan:
    assert command.ticket is not None
    ticket = desk.ticket(command.ticket)
    if ticket.archived:
        raise ChangedMeanwhile("call.ticket_archived", number=ticket.number)
    if ticket.stage_class == CLOSED:
        raise ChangedMeanwhile("call.ticket_closed", number=ticket.number)
    caller, steps = _caller(command, desk, ticket.company)
    is_late = ticket.opened_at <= command.started_at < desk.now - LATER_SECONDS
    said_at = Instant(command.started_at) if is_late else None
    steps.append(Step(ticket.id, EntryPosted("call", FROM_CUSTOMER, command.symptom, caller, "", said_at)))
    has_joined = caller is not None and caller not in ticket.reporters
    if has_joined and caller is not None:
        steps.append(Step(ticket.id, ReporterJoined(caller)))
    facts: dict[str, Any] = {"number": ticket.number, "ticket": ticket.id.hex(), "joined": has_joined}
    return Plan(Title("call.added", facts), tuple(steps))


def _new_ticket(command: SaveCall, desk: Desk, promised: tuple[int, ...]) -> Plan:
    company, steps = _company(command, desk)
    caller, more = _caller(command, desk, company)
    ticket, number = desk.new_id(), desk.next_ticket_number()
    contract = desk.contract_version_for(company, Instant(desk.now)) if company == command.company else None
    opened = TicketOpened(
        ticket,
        number,
        _subject(command.symptom),
        company,
        command.priority or suggested_priority(promised),
        command.site,
        command.equipment,
        contract,
        () if caller is None else (caller,),
        owner=desk.author,
        team=desk.person(desk.author).team,
    )
    steps += [*more, Step(ticket, opened)]
    steps.append(Step(ticket, EntryPosted("call", FROM_CUSTOMER, command.symptom, caller)))
    facts = {"number": number, "ticket": ticket.hex(), "has_contract": contract is not None}
    return Plan(Title("call.opened", facts), tuple(steps))


def _company(command: SaveCall, desk: Desk) -> tuple[EntityId | None, list[Step]]:
    """The company of the call; one that is only named comes onto the desk."""
    if command.company is not None or not command.company_name.strip():
        return command.company, []
    company = desk.new_id()
    return company, [_added("company", company, {"name": command.company_name.strip(), "kind": "customer"})]


def _caller(command: SaveCall, desk: Desk, company: EntityId | None) -> tuple[EntityId | None, list[Step]]:
    """Who called; somebody who is only named, or has only a number, comes onto the desk as one of the company."""
    told = read_number(command.number)
    name = command.contact_name.strip() or told.written
    is_known = command.contact is not None
    if not name or (is_known and not command.is_new_there) or (not is_known and not _is_somebody(command)):
        return command.contact, []
    caller = command.contact or desk.new_id()
    fields = {"name": name} | ({"phone": told.written, "phone_digits": told.digits} if told.digits else {})
    steps = [] if is_known else [_added("contact", caller, fields)]
    if company is not None:
        belongs = {"contact": caller.hex(), "company": company.hex()}
        steps.append(_added("affiliation", desk.new_id(), belongs))
    return caller, steps


def _is_somebody(command: SaveCall) -> bool:
    """Of a company that was found alone nobody is known; whoever was asked for counts, if only by a number."""
    return command.is_new_there or command.company is None or bool(command.contact_name.strip())


def _added(entity: str, record: EntityId, fields: dict[str, Any]) -> Step:
    return Step(record, RecordAdded(entity, record, fields))


def _subject(symptom: str) -> str:
    first = next(line.strip() for line in symptom.splitlines() if line.strip())
    return first[:LONGEST_SUBJECT]
