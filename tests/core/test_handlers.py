"""From a wish to facts: what the rules say to each wish, asked at a desk that is kept in memory."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from core.calendar import Calendar
from core.clock import Instant
from core.clock_facts import ClockFacts
from core.clock_runs import ANSWERED, OPENED, ClockEvent
from core.commands import (
    AddRecord,
    AssignTicket,
    ChangeDocument,
    Command,
    MoveStage,
    OpenTicket,
    PlanCallBack,
    PostEntry,
    RecordDelivery,
    RetargetTicket,
    SetPriority,
    Together,
)
from core.conflicts import Conflict
from core.errors import ChangedMeanwhile, DomainError, NotFound, Refused
from core.handlers.dispatch import handle
from core.handlers.plan import CallerStands, Plan
from core.ids import EntityId
from core.operations.call_back_planned import CallBackPlanned
from core.operations.document_changed import DocumentChanged
from core.operations.entry_posted import EntryPosted
from core.operations.operation import Operation, State
from core.operations.sla_announced import ClockSaid, SlaAnnounced
from core.operations.ticket_assigned import TicketAssigned
from core.operations.ticket_opened import TicketOpened
from core.operations.ticket_prioritised import TicketPrioritised
from core.operations.ticket_retargeted import TicketRetargeted
from core.operations.ticket_staged import TicketStaged
from core.people import Person
from core.policy import Policy
from core.record_doubts import Namesake
from core.record_rules import Period
from core.stages import CLOSED, WAITING
from core.ticket import Ticket, Waiting
from tests.core.examples import ANNA, BORIS, ENTRY, NOW, TICKET
from tests.support.fixed import FixedClock, ids_from

COMPANY, VERSION, NIGHT, DAY, CALLER, OTHER_VERSION, OFFICE = (EntityId(bytes([n]) * 16) for n in range(20, 27))
HOURS = '{"tz": "Europe/Warsaw", "weekly": {"mon": [["08:00", "16:00"]]}}'
TARGETS = '{"resolution_seconds": {"1": 14400}}'


@dataclass
class MemoryDesk:
    """A desk of one ticket and two colleagues."""

    held: Ticket = field(default_factory=lambda: Ticket(TICKET, "T-7", "printer", COMPANY, NOW, NOW))
    now: Instant = NOW
    author: EntityId = ANNA
    has_mail_command: bool = False
    has_keeper: bool = False
    numbers: int = 7
    facts: ClockFacts | None = None
    records: dict[tuple[str, EntityId], dict[str, Any]] = field(default_factory=dict)
    stands: CallerStands = field(default_factory=CallerStands)
    saved: str | None = None

    def __post_init__(self) -> None:
        self.new_id = ids_from(3, FixedClock())

    def ticket(self, ticket: EntityId) -> Ticket:
        if ticket != self.held.id:
            raise NotFound("ticket.unknown")
        return self.held

    def person(self, person: EntityId) -> Person:
        known = {ANNA: Person(ANNA, "Anna", NIGHT), BORIS: Person(BORIS, "Boris", DAY)}
        if person not in known:
            raise NotFound("person.unknown")
        return known[person]

    def contract_version_for(self, company: EntityId | None, at: Instant) -> EntityId | None:
        return VERSION if company == COMPANY and at >= NOW else None

    def company_of_contract(self, version: EntityId) -> EntityId:
        if version not in (VERSION, OTHER_VERSION):
            raise NotFound("contract.unknown")
        return COMPANY if version == VERSION else CALLER

    def terms_pinned_at(self, ticket: Ticket) -> Instant:
        return ticket.opened_at

    def clock_facts(self, ticket: Ticket) -> ClockFacts | None:
        return self.facts

    def conflict(self, conflict: EntityId) -> Conflict:
        raise NotFound("conflict.unknown")

    def open_conflicts(self, record: EntityId) -> list[Conflict]:
        return []

    def document(self, kind: str, document: EntityId) -> tuple[str, int]:
        if document != OFFICE:
            raise NotFound("document.unknown")
        return "Office", 3

    def documents_called(self, kind: str, name: str) -> list[EntityId]:
        return [one for (entity, one), fields in self.records.items() if (entity, fields.get("name")) == (kind, name)]

    def body_in_force(self, kind: str, document: EntityId, at: Instant) -> str:
        return str(self.records[kind, document]["body"])

    def record(self, entity: str, record: EntityId) -> dict[str, Any] | None:
        return self.records.get((entity, record))

    def expect(self, entity: str, record: EntityId, fields: dict[str, Any]) -> None:
        self.records[entity, record] = fields

    def periods_of(self, contract: EntityId) -> list[Period]:
        return []

    def contacts_with_number(self, number: str) -> list[tuple[EntityId, str]]:
        return []

    def namesakes(self, entity: str, called: str, company: EntityId | None = None) -> list[Namesake]:
        return []

    def companies_of(self, contact: EntityId) -> list[EntityId]:
        return []

    def affiliations_twice(self, entity: str, record: EntityId, into: EntityId) -> list[EntityId]:
        return []

    def caller_stands(
        self, contact: EntityId | None, company: EntityId | None, equipment: EntityId | None, site: EntityId | None
    ) -> CallerStands:
        return self.stands

    def saved_call(self, call: EntityId) -> str | None:
        return self.saved

    def next_ticket_number(self) -> str:
        self.numbers += 1
        return f"T-{self.numbers}"


def desk(**ticket: Any) -> MemoryDesk:
    made = MemoryDesk()
    made.held = replace(made.held, **ticket)
    return made


def only(command: Command, at: MemoryDesk) -> Operation:
    (step,) = handle(command, at).steps
    return step.operation


def refusal(command: Command, at: MemoryDesk) -> str:
    with pytest.raises((Refused, NotFound, ChangedMeanwhile)) as refused:
        handle(command, at)
    return refused.value.code


def test_taking_a_ticket_brings_it_to_the_takers_team() -> None:
    plan = handle(AssignTicket(TICKET, ANNA, None), desk())
    assert (plan.title.code, plan.steps[0].operation) == ("ticket.taken", TicketAssigned(ANNA, None, NIGHT, None))


def test_assigning_and_giving_back_are_called_so() -> None:
    assert handle(AssignTicket(TICKET, BORIS, None), desk()).title.code == "ticket.assigned"
    given_back = handle(AssignTicket(TICKET, None, ANNA), desk(owner=ANNA, team=NIGHT))
    assert (given_back.title.code, given_back.steps[0].operation) == (
        "ticket.given_back",
        TicketAssigned(None, ANNA, NIGHT, NIGHT),
    )


def test_a_ticket_somebody_else_took_meanwhile_is_not_taken_away() -> None:
    assert refusal(AssignTicket(TICKET, ANNA, None), desk(owner=BORIS)) == "ticket.owner_changed"


def test_a_ticket_is_not_taken_twice_nor_given_to_a_stranger() -> None:
    assert refusal(AssignTicket(TICKET, ANNA, ANNA), desk(owner=ANNA)) == "ticket.yours_already"
    assert refusal(AssignTicket(TICKET, CALLER, None), desk()) == "person.unknown"


def test_waiting_says_for_what_and_for_whom() -> None:
    moved = only(MoveStage(TICKET, "waiting", " part ordered ", "vendor", NOW), desk())
    assert isinstance(moved, TicketStaged)
    assert (moved.to.stage_class, moved.to.waiting) == (WAITING, Waiting("part ordered", "vendor", NOW))
    assert refusal(MoveStage(TICKET, "waiting", " ", "vendor"), desk()) == "ticket.wait_cause_missing"
    assert refusal(MoveStage(TICKET, "waiting", "part", "the weather"), desk()) == "ticket.wait_party_unknown"


def test_a_move_the_workflow_does_not_have_is_refused() -> None:
    assert refusal(MoveStage(TICKET, "new"), desk(stage="active")) == "ticket.move_not_legal"


def test_a_move_keeps_where_the_ticket_was_so_that_it_can_go_back() -> None:
    waiting = Waiting("part", "vendor")
    moved = only(MoveStage(TICKET, "active"), desk(stage="waiting", stage_class=WAITING, waiting=waiting))
    assert isinstance(moved, TicketStaged)
    assert (moved.was.stage, moved.was.waiting, moved.to.waiting) == ("waiting", waiting, None)


def test_closing_what_was_resolved_keeps_how_it_was_resolved() -> None:
    resolved = {"stage": "resolved", "stage_class": CLOSED, "closed_at": NOW, "resolution_code": "replaced"}
    for command, code in (
        (MoveStage(TICKET, "closed"), "replaced"),
        (MoveStage(TICKET, "closed", resolution_code="repaired"), "repaired"),
        (MoveStage(TICKET, "active"), ""),
    ):
        moved = only(command, desk(**resolved))
        assert isinstance(moved, TicketStaged) and moved.to.resolution_code == code


def promised(*events: ClockEvent, at: MemoryDesk) -> MemoryDesk:
    """A desk whose ticket was opened an hour ago; half an hour to answer and two hours to resolve, day and night."""
    policy = Policy("gold", {3: 1800}, {3: 7200})
    opened = ClockEvent(Instant(NOW - 3600), OPENED, stage="new")
    at.facts = ClockFacts((opened, *events), 3, policy, Calendar(always=True), NOW)
    return at


def announced(command: Command, at: MemoryDesk) -> tuple[ClockSaid, ...]:
    moved, said = (step.operation for step in handle(command, at).steps)
    assert isinstance(moved, TicketStaged) and isinstance(said, SlaAnnounced)
    return said.clocks


def test_closing_a_ticket_says_how_its_promises_stood() -> None:
    answered = ClockEvent(Instant(NOW - 3000), ANSWERED)
    for stage in ("resolved", "closed"):
        assert announced(MoveStage(TICKET, stage), promised(answered, at=desk())) == (
            ClockSaid("first_response", False, Instant(NOW - 1800), 600, 1800),
            ClockSaid("resolution", False, Instant(NOW + 3600), 3600, 7200),
        )


def test_closing_without_an_answer_is_a_breach_only_once_the_time_to_answer_was_used_up() -> None:
    late = announced(MoveStage(TICKET, "closed"), promised(at=desk()))[0]
    assert (late.is_breached, late.used, late.target) == (True, 3600, 1800)
    soon = promised(at=replace(desk(), now=Instant(NOW - 1800)))
    soon.facts = soon.facts and replace(soon.facts, now=soon.now)
    assert not announced(MoveStage(TICKET, "closed"), soon)[0].is_breached


def test_nothing_is_announced_of_a_ticket_that_was_closed_is_not_closed_or_was_promised_nothing() -> None:
    resolved = {"stage": "resolved", "stage_class": CLOSED, "closed_at": NOW}
    only(MoveStage(TICKET, "closed"), promised(at=desk(**resolved)))
    only(MoveStage(TICKET, "active"), promised(at=desk()))
    only(MoveStage(TICKET, "closed"), desk())


def test_a_priority_is_one_of_four_and_another_than_now() -> None:
    assert only(SetPriority(TICKET, 1), desk()) == TicketPrioritised(1, 3)
    assert refusal(SetPriority(TICKET, 5), desk()) == "ticket.priority_unknown"
    assert refusal(SetPriority(TICKET, 3), desk()) == "ticket.priority_same"


@pytest.mark.parametrize(
    ("kind", "has_mail", "direction", "delivery"),
    [
        ("note", True, "#", ""),
        ("call", True, "<", ""),
        ("message", True, ">", "queued"),
        ("message", False, ">", "not_sent"),
    ],
)
def test_what_is_written_goes_where_it_belongs(kind: str, has_mail: bool, direction: str, delivery: str) -> None:
    at = replace(desk(), has_mail_command=has_mail)
    assert only(PostEntry(TICKET, kind, "hello", CALLER), at) == EntryPosted(kind, direction, "hello", CALLER, delivery)


def test_what_the_customer_was_told_in_a_call_is_written_down_at_the_time_of_the_call() -> None:
    opened = desk(opened_at=Instant(NOW - 3590), reporters=(CALLER,))
    told = PostEntry(TICKET, "call", "on our way", None, Instant(NOW - 600))
    assert only(told, opened) == EntryPosted("call", ">", "on our way", CALLER, "", Instant(NOW - 600))
    assert only(told._replace(said_at=NOW), opened) == EntryPosted("call", ">", "on our way", CALLER, "", NOW)
    in_its_first_minute = only(told._replace(said_at=Instant(NOW - 3600)), opened)
    assert isinstance(in_its_first_minute, EntryPosted) and in_its_first_minute.said_at == NOW - 3590


def test_nothing_was_said_in_the_future_and_only_calls_are_written_down_later() -> None:
    told = PostEntry(TICKET, "call", "on our way", None, Instant(NOW + 1))
    assert refusal(told, desk()) == "entry.said_in_the_future"
    for kind in ("note", "message"):
        assert refusal(told._replace(kind=kind, said_at=NOW), desk()) == "entry.not_said_in_a_call"


def test_an_entry_of_a_kind_nobody_writes_is_refused() -> None:
    assert refusal(PostEntry(TICKET, "system", "hello"), desk()) == "entry.kind_unknown"


def test_a_call_back_is_promised_for_a_time_to_come() -> None:
    planned = only(PlanCallBack(TICKET, Instant(NOW + 600), "112", CALLER, "ask for Ewa"), desk())
    assert isinstance(planned, CallBackPlanned)
    assert (planned.due_at, planned.number, planned.contact, planned.note) == (NOW + 600, "112", CALLER, "ask for Ewa")
    assert refusal(PlanCallBack(TICKET, Instant(NOW - 61), "112"), desk()) == "call_back.past"


def test_a_new_ticket_has_a_number_the_contract_in_force_and_the_callers_words() -> None:
    plan = handle(
        OpenTicket(" Door jammed ", COMPANY, reporters=(CALLER,), text="It will not open", is_taken=True), desk()
    )
    opened, said = (step.operation for step in plan.steps)
    assert isinstance(opened, TicketOpened)
    assert (opened.number, opened.subject, opened.contract_version) == ("T-8", "Door jammed", VERSION)
    assert (opened.priority, opened.owner, opened.team, opened.reporters) == (3, ANNA, NIGHT, (CALLER,))
    assert said == EntryPosted("call", "<", "It will not open", CALLER)
    assert {step.entity_id for step in plan.steps} == {opened.ticket}


def test_a_new_ticket_without_words_and_contract_is_opened_too() -> None:
    opened = only(OpenTicket("Question", None, priority=2), desk())
    assert isinstance(opened, TicketOpened) and (opened.contract_version, opened.owner) == (None, None)
    assert refusal(OpenTicket("Question", None, priority=9), desk()) == "ticket.priority_unknown"


def test_what_the_mail_command_did_and_a_new_colleague_stay_out_of_undo() -> None:
    assert not handle(RecordDelivery(TICKET, ENTRY, "handed"), desk()).reversible
    assert not handle(AddRecord("person", {"name": "Celina"}), desk()).reversible
    assert handle(AddRecord("company", {"name": "Łąki"}), desk()).reversible


def test_several_wishes_are_one_act_that_says_how_many() -> None:
    plan: Plan = handle(Together((SetPriority(TICKET, 1), PostEntry(TICKET, "note", "both"))), desk())
    assert (plan.title.code, plan.title.facts["count"]) == ("together", 2)
    assert [step.entity_id for step in plan.steps] == [TICKET, TICKET]


def test_one_wish_together_with_none_is_called_by_its_own_name() -> None:
    assert handle(Together((SetPriority(TICKET, 1),)), desk()).title.code == "ticket.prioritised"


def test_several_wishes_of_which_one_cannot_be_undone_cannot_be_undone() -> None:
    both = Together((SetPriority(TICKET, 1), RecordDelivery(TICKET, ENTRY, "handed")))
    assert not handle(both, desk()).reversible


@pytest.mark.parametrize(
    "command",
    [SetPriority(ENTRY, 1), MoveStage(ENTRY, "active"), PostEntry(ENTRY, "note", "x"), AssignTicket(ENTRY, ANNA, None)],
    ids=lambda command: type(command).__name__,
)
def test_a_ticket_that_is_not_on_the_desk_is_not_found(command: Command) -> None:
    assert refusal(command, desk()) == "ticket.unknown"


def test_a_record_with_a_field_that_its_kind_does_not_have_is_refused() -> None:
    (step,) = handle(AddRecord("company", {"name": "Acme", "colour": "red"}), desk()).steps
    with pytest.raises(Refused) as refused:
        step.operation.validate(State())
    assert refused.value.facts == {"entity": "company", "field": "colour"}


def test_a_calendar_gets_its_next_version_from_now_or_from_any_instant_on() -> None:
    for told, since in ((None, NOW), (Instant(NOW - 10**8), NOW - 10**8), (Instant(NOW + 10**8), NOW + 10**8)):
        operation = only(ChangeDocument("calendar", OFFICE, HOURS, 3, told), desk())
        assert isinstance(operation, DocumentChanged)
        assert (operation.number, operation.valid_from, operation.body) == (4, since, HOURS)


def test_a_policy_does_not_move_the_goalposts_of_tickets_that_are_open() -> None:
    late = ChangeDocument("policy", OFFICE, TARGETS, 3, Instant(NOW - 1))
    assert refusal(late, desk()) == "document.policy_in_the_past"
    assert isinstance(only(late._replace(valid_from=NOW), desk()), DocumentChanged)


def test_a_document_that_was_changed_meanwhile_is_not_written_over() -> None:
    assert refusal(ChangeDocument("calendar", OFFICE, HOURS, 2), desk()) == "document.changed_meanwhile"
    assert refusal(ChangeDocument("calendar", CALLER, HOURS, 3), desk()) == "document.unknown"


@pytest.mark.parametrize(
    ("kind", "body", "code", "field"),
    [
        ("calendar", {"tz": "Europe/Warsaw", "weekly": {}}, "terms.never_open", "weekly"),
        ("calendar", {"tz": "Europe/Warsawa", "always": True}, "terms.zone_unknown", "tz"),
        ("calendar", {"tz": "UTC", "weekly": {"mon": [["08:00", "08:00"]]}}, "terms.shift_empty", "weekly.mon[0]"),
        ("calendar", {"tz": "UTC", "always": True, "holliday": []}, "terms.unknown_field", "holliday"),
        ("calendar", {"tz": "UTC", "always": True, "names": {"2026-11-11": 3}}, "terms.malformed", "names.2026-11-11"),
        ("calendar", {"tz": "UTC", "weekly": {"mon": [["8 o'clock", "16:00"]]}}, "terms.malformed", "weekly.mon[0][0]"),
        ("policy", {"resolution_seconds": {"5": 60}}, "terms.malformed", "resolution_seconds.5"),
        ("policy", {"resolution_seconds": {"1": 3_155_760_000}}, "terms.malformed", "resolution_seconds.1"),
        ("policy", {"first_response_days": {"1": -1}}, "terms.malformed", "first_response_days.1"),
        ("policy", {"resolution_seconds": [1, 2]}, "terms.malformed", "resolution_seconds"),
        ("policy", {"pause_applies_to": ["lunch"]}, "terms.malformed", "pause_applies_to"),
        ("policy", {"day_rule": "whenever"}, "terms.malformed", "day_rule"),
    ],
)
def test_a_document_that_cannot_hold_names_the_field(kind: str, body: object, code: str, field: str) -> None:
    with pytest.raises(DomainError) as refused:
        handle(ChangeDocument(kind, OFFICE, json.dumps(body), 3), desk())
    assert (refused.value.code, refused.value.facts["field"]) == (code, field)


def test_a_ticket_is_put_under_another_contract_of_its_company_and_pinned_to_the_policy_of_now() -> None:
    opened = desk(opened_at=Instant(NOW - 9_000))
    assert only(RetargetTicket(TICKET, VERSION), opened) == TicketRetargeted(VERSION, None, NOW, Instant(NOW - 9_000))
    assert only(RetargetTicket(TICKET, None), desk(contract_version=VERSION)) == TicketRetargeted(
        None, VERSION, NOW, NOW
    )


def test_a_contract_of_another_company_or_of_nobody_promises_nothing_here() -> None:
    assert refusal(RetargetTicket(TICKET, OTHER_VERSION), desk()) == "ticket.contract_of_another"
    assert refusal(RetargetTicket(TICKET, CALLER), desk()) == "contract.unknown"
    assert refusal(RetargetTicket(TICKET, None), desk()) == "ticket.no_contract_already"


@pytest.mark.parametrize(
    "wish",
    [AssignTicket(TICKET, ANNA, None), PostEntry(TICKET, "note", "x"), SetPriority(TICKET, 1)],
    ids=lambda wish: type(wish).__name__,
)
def test_a_ticket_that_was_taken_off_the_desk_takes_nothing_more(wish: Command) -> None:
    assert refusal(wish, desk(archived=True)) == "ticket.archived"
