"""Wishes about one ticket: take, assign, stage, priority, write, call back, open."""

from __future__ import annotations

from core.clock import Instant
from core.commands import (
    AssignTicket,
    DropCallBack,
    MoveStage,
    NumberTicket,
    OpenTicket,
    PlanCallBack,
    PostEntry,
    RecordDelivery,
    SendAgain,
    SetPriority,
)
from core.delivery import BY_KEEPER, NOT_SENT, QUEUED
from core.errors import ChangedMeanwhile, Refused
from core.handlers.plan import Desk, Plan, Step, Title
from core.ids import EntityId
from core.operations.call_back_planned import CallBackPlanned
from core.operations.delivery_recorded import DeliveryRecorded
from core.operations.entry_posted import EntryPosted
from core.operations.operation import Operation
from core.operations.sla_announced import ClockSaid, SlaAnnounced
from core.operations.ticket_assigned import TicketAssigned
from core.operations.ticket_numbered import TicketNumbered
from core.operations.ticket_opened import TicketOpened
from core.operations.ticket_prioritised import TicketPrioritised
from core.operations.ticket_staged import Place, TicketStaged
from core.queue import PRIORITIES
from core.stages import CLOSED, WAITING, WAITING_PARTIES
from core.ticket import Ticket, Waiting, check_move
from core.ticket_numbers import is_provisional
from core.timeline import FROM_CUSTOMER, INTERNAL, TO_CUSTOMER
from core.what_if import ClosedAt, what_if

DEFAULT_PRIORITY = 3
MINUTE = 60


def assign_ticket(command: AssignTicket, desk: Desk) -> Plan:
    """Refused when somebody else took the ticket after it was looked at, or when it is held already."""
    ticket = _present(command.ticket, desk)
    if ticket.owner != command.seen_owner:
        raise ChangedMeanwhile("ticket.owner_changed", number=ticket.number, owner=ticket.owner)
    if ticket.owner == command.owner:
        code = "ticket.yours_already" if command.owner == desk.author else "ticket.owned_already"
        raise Refused(code, number=ticket.number, owner=ticket.owner)
    team = desk.person(command.owner).team if command.owner else ticket.team
    operation = TicketAssigned(command.owner, ticket.owner, team or ticket.team, ticket.team)
    code = "taken" if command.owner == desk.author else "assigned" if command.owner else "given_back"
    return _one(f"ticket.{code}", ticket, operation, owner=command.owner)


def move_stage(command: MoveStage, desk: Desk) -> Plan:
    """Refused when the workflow has no such move, or when waiting has no cause or party.

    A ticket that is closed by it is told with how its promises stood.
    """
    ticket = _present(command.ticket, desk)
    stage = check_move(ticket, command.stage)
    waiting = None
    if stage.stage_class == WAITING:
        if not command.cause.strip():
            raise Refused("ticket.wait_cause_missing", number=ticket.number)
        if command.party not in WAITING_PARTIES:
            raise Refused("ticket.wait_party_unknown", number=ticket.number, allowed=list(WAITING_PARTIES))
        waiting = Waiting(command.cause.strip(), command.party, command.until)
    was = Place.of(ticket)
    # Closing what was resolved keeps how it was resolved, unless another code is given.
    kept = ticket.resolution_code if stage.stage_class == CLOSED else ""
    to = Place(stage.name, stage.stage_class, waiting, None, command.resolution_code or kept)
    plan = _one("ticket.moved", ticket, TicketStaged(to, was), stage=stage.name)
    if stage.stage_class != CLOSED or ticket.stage_class == CLOSED:
        return plan
    said = _announced(ticket, desk)
    return plan._replace(steps=(*plan.steps, Step(ticket.id, SlaAnnounced(said)))) if said else plan


def _announced(ticket: Ticket, desk: Desk) -> tuple[ClockSaid, ...]:
    """Every clock that was promised and began, as it stands when the ticket is closed now."""
    facts = desk.clock_facts(ticket)
    if facts is None:
        return ()
    return tuple(
        ClockSaid(one.clock, one.breached_by > 0, one.deadline_at, one.used, one.target)
        for one in what_if(facts, ClosedAt(desk.now)).promises
        if one.started_at is not None and one.target is not None
    )


def set_priority(command: SetPriority, desk: Desk) -> Plan:
    """Refused outside 1 to 4 and when nothing would change."""
    ticket = _present(command.ticket, desk)
    if command.priority not in PRIORITIES:
        raise Refused("ticket.priority_unknown", priority=command.priority)
    if command.priority == ticket.priority:
        raise Refused("ticket.priority_same", number=ticket.number, priority=ticket.priority)
    operation = TicketPrioritised(command.priority, ticket.priority)
    return _one("ticket.prioritised", ticket, operation, priority=command.priority)


def post_entry(command: PostEntry, desk: Desk) -> Plan:
    """A reply waits for the mail command, or says `not_sent` where none is set; notes and steps stay inside.

    What the customer was told in a call may be written down later; refused for a time to come or before the opening.
    """
    ticket = _present(command.ticket, desk)
    if command.said_at is not None:
        return _told_in_a_call(command, command.said_at, ticket, desk)
    direction, delivery = INTERNAL, ""
    if command.kind == "message":
        direction = TO_CUSTOMER
        delivery = QUEUED if desk.has_mail_command else NOT_SENT
    elif command.kind == "call":
        direction = FROM_CUSTOMER
    elif command.kind not in ("note", "work"):
        raise Refused("entry.kind_unknown", kind=command.kind)
    operation = EntryPosted(command.kind, direction, command.text, command.contact, delivery)
    facts = {BY_KEEPER: True} if delivery == QUEUED and desk.has_keeper else {}
    return _one(f"entry.{command.kind}", ticket, operation, delivery=delivery, **facts)


def _told_in_a_call(command: PostEntry, said_at: Instant, ticket: Ticket, desk: Desk) -> Plan:
    if command.kind != "call":
        raise Refused("entry.not_said_in_a_call", number=ticket.number, kind=command.kind)
    if said_at > desk.now:
        raise Refused("entry.said_in_the_future", number=ticket.number)
    if ticket.opened_at - MINUTE < said_at < ticket.opened_at:
        # Times are typed in minutes: the minute of the opening is not before it.
        said_at = ticket.opened_at
    contact = command.contact or (ticket.reporters[0] if ticket.reporters else None)
    return _one("entry.call", ticket, EntryPosted("call", TO_CUSTOMER, command.text, contact, "", said_at))


def plan_call_back(command: PlanCallBack, desk: Desk) -> Plan:
    """Refused for a time that has passed."""
    ticket = _present(command.ticket, desk)
    if command.due_at < desk.now - MINUTE:
        raise Refused("call_back.past", number=ticket.number, due_at=command.due_at)
    operation = CallBackPlanned(desk.new_id(), command.due_at, command.number, command.contact, command.note)
    return _one("call_back.planned", ticket, operation, due_at=command.due_at)


def drop_call_back(command: DropCallBack, desk: Desk) -> Plan:
    """The promise no longer stands: the call was made, or is not needed."""
    ticket = desk.ticket(command.ticket)
    operation = CallBackPlanned(
        command.call_back, command.due_at, command.number, command.contact, command.note, is_dropped=True
    )
    return _one("call_back.dropped", ticket, operation, due_at=command.due_at)


def number_ticket(command: NumberTicket, desk: Desk) -> Plan:
    """Refused for a ticket that has a number, and while no leased one is left."""
    ticket = desk.ticket(command.ticket)
    number = desk.next_ticket_number()
    if not is_provisional(ticket.number) or is_provisional(number):
        raise Refused("ticket.numbered_already", number=ticket.number)
    plan = _one("ticket.numbered", ticket, TicketNumbered(number, ticket.number))
    return plan._replace(reversible=False)


def record_delivery(command: RecordDelivery, desk: Desk) -> Plan:
    """Not an act of a person: it stays out of undo."""
    ticket = desk.ticket(command.ticket)
    operation = DeliveryRecorded(command.entry, command.delivery, command.reason)
    step = Step(ticket.id, operation)
    return Plan(Title("delivery.recorded", {"number": ticket.number}), (step,), reversible=False)


def send_again(command: SendAgain, desk: Desk) -> Plan:
    """Refused where no mail command is set: the reply would wait for ever."""
    ticket = desk.ticket(command.ticket)
    if not desk.has_mail_command:
        raise Refused("delivery.no_command", number=ticket.number)
    operation = DeliveryRecorded(command.entry, QUEUED, was=command.seen_delivery, was_reason=command.seen_reason)
    return _one("delivery.again", ticket, operation)


def open_ticket(command: OpenTicket, desk: Desk) -> Plan:
    """The contract in force is looked up, the number given, the caller's words become the first entry."""
    priority = command.priority if command.priority is not None else DEFAULT_PRIORITY
    if priority not in PRIORITIES:
        raise Refused("ticket.priority_unknown", priority=priority)
    ticket, number = desk.new_id(), desk.next_ticket_number()
    opened = TicketOpened(
        ticket,
        number,
        command.subject.strip(),
        command.company,
        priority,
        command.site,
        command.equipment,
        desk.contract_version_for(command.company, Instant(desk.now)),
        command.reporters,
        command.request_type,
        command.channel,
        desk.author if command.is_taken else None,
        desk.person(desk.author).team,
    )
    steps = [Step(ticket, opened)]
    if command.text.strip():
        contact = command.reporters[0] if command.reporters else None
        steps.append(Step(ticket, EntryPosted("call", FROM_CUSTOMER, command.text, contact)))
    return Plan(Title("ticket.opened", {"number": number}), tuple(steps))


def _present(ticket: EntityId, desk: Desk) -> Ticket:
    """A ticket that is on the desk: what was taken off it takes nothing more."""
    found = desk.ticket(ticket)
    if found.archived:
        raise Refused("ticket.archived", number=found.number)
    return found


def _one(code: str, ticket: Ticket, operation: Operation, **facts: object) -> Plan:
    told = {name: value.hex() if isinstance(value, bytes) else value for name, value in facts.items()}
    return Plan(Title(code, {"number": ticket.number, **told}), (Step(ticket.id, operation),))
