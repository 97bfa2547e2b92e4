"""A call while it is taken: what is asked, what is known, what is likely, and that no letter of it is lost."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.clock import Instant
from core.commands import SaveCall
from core.errors import ChangedMeanwhile, NotFound, Refused
from core.finding import CallerHit
from core.handlers.dispatch import handle
from core.handlers.plan import CallerStands, Plan
from core.ids import EntityId
from core.intake import (
    COMPANY,
    LEAST_ALIKE,
    NAME,
    NUMBER,
    PLACE,
    SYMPTOM,
    WHO,
    CallDraft,
    OpenHere,
    Use,
    alike,
    draft_of,
    letter_groups,
    likely_duplicates,
    likely_equipment,
    missing,
    question_of,
    suggested_priority,
)
from core.operations.entry_posted import EntryPosted
from core.operations.record_added import RecordAdded
from core.operations.reporter_joined import ReporterJoined
from core.operations.ticket_opened import TicketOpened
from core.pages import QueueRow
from core.phones import NO_DIGITS, NOT_A_NUMBER, TOO_LONG, TOO_SHORT, looks_like_number, read_number
from core.stages import CLOSED
from tests.core.examples import ANNA, BORIS, NOW, TICKET
from tests.core.test_handlers import CALLER, VERSION, MemoryDesk, desk
from tests.core.test_handlers import COMPANY as FIRM

CALL, SCANNER, PRINTER, HALL = (EntityId(bytes([n]) * 16) for n in range(40, 44))
JAN = CallerHit("contact", CALLER, "Jan", "foreman", "+48 42 555 01 33", FIRM, "Łąki", "hall 4", None, "", "", "0133")


def begun(**fields: Any) -> CallDraft:
    return replace(CallDraft(CALL, NOW), **fields)


# What is asked.


def test_of_a_known_caller_only_the_place_and_the_symptom_are_asked() -> None:
    draft = begun().typing("0133").known(JAN)
    assert missing(draft) == (PLACE, SYMPTOM)
    assert (draft.contact_name, draft.company_name, draft.number) == ("Jan", "Łąki", "+48 42 555 01 33")


def test_a_serial_that_found_the_caller_is_what_the_call_is_about() -> None:
    hit = JAN._replace(kind="equipment", contact=None, contact_name="", equipment=SCANNER, equipment_name="S-045")
    draft = begun().typing("55021").known(hit)
    assert (draft.equipment, draft.equipment_name, draft.contact_name) == (SCANNER, "S-045", "")
    assert question_of(draft) == PLACE


def test_a_number_nobody_knows_is_kept_and_name_and_company_are_asked() -> None:
    draft = begun().typing(" +48 (42) 555-99 99 ").unknown()
    assert draft.number == "+48 (42) 555-99 99"
    assert missing(draft)[:2] == (NAME, COMPANY)


def test_a_name_nobody_knows_is_kept_and_number_and_company_are_asked() -> None:
    draft = begun().typing("Ewa Nowa").unknown()
    assert draft.contact_name == "Ewa Nowa"
    assert missing(draft)[:2] == (NUMBER, COMPANY)


def test_a_question_that_is_passed_is_not_asked_again() -> None:
    draft = begun().typing("Ewa Nowa").unknown().answered(NUMBER)
    assert question_of(draft) == COMPANY
    assert question_of(draft.typing("New firm").answered(COMPANY)) == PLACE


def test_an_unknown_caller_of_a_known_company_is_asked_what_it_is_about() -> None:
    draft = begun().typing("Ewa").unknown().answered(NUMBER).at_company(FIRM, "Łąki")
    assert (draft.company, question_of(draft)) == (FIRM, PLACE)


def test_one_step_back_has_what_was_typed_there() -> None:
    draft = begun().typing("0133").known(JAN).on_ticket(TICKET, "T-7")
    assert (question_of(draft.back()), draft.back().ticket) == (PLACE, None)
    assert (question_of(draft.back().back()), draft.back().back().typed) == (WHO, "0133")


def test_the_text_of_the_present_question_is_part_of_the_draft() -> None:
    assert begun().typing("555").typed == "555"
    placed = begun().typing("0133").known(JAN).about(None)
    assert placed.typing("smoke").symptom == "smoke"


def test_a_call_without_a_letter_is_blank() -> None:
    assert begun().is_blank
    assert not begun().typing("5").is_blank
    assert not begun(number="+48 1").is_blank


# As text.

drafts = st.builds(
    CallDraft,
    st.just(CALL),
    st.integers(0, 2**40).map(Instant),
    typed=st.text(),
    asked=st.text(),
    contact=st.none() | st.just(CALLER),
    contact_name=st.text(),
    company=st.none() | st.just(FIRM),
    company_name=st.text(),
    number=st.text(),
    is_unknown=st.booleans(),
    passed=st.lists(st.sampled_from((NAME, NUMBER, COMPANY))).map(tuple),
    equipment=st.none() | st.just(SCANNER),
    ticket=st.none() | st.just(TICKET),
    is_placed=st.booleans(),
    symptom=st.text(),
    priority=st.none() | st.integers(1, 4),
    rung_for=st.text(),
)


@given(drafts)
def test_every_draft_comes_back_from_its_text_letter_by_letter(draft: CallDraft) -> None:
    assert draft_of(CALL, draft.to_text()) == draft


@pytest.mark.parametrize("text", ["", "{", "[1]", '{"contact": 5}', '{"started_at": "x"}', '"a"', "{}x"])
def test_a_draft_that_cannot_be_read_is_shown_as_its_symptom(text: str) -> None:
    assert draft_of(CALL, text).symptom == text


# Numbers.


@pytest.mark.parametrize(
    ("text", "digits", "oddity"),
    [
        ("+48 42 555 01 33", "48425550133", ""),
        ("(042) 555-01.33 ext. 7", "042555013" + "37", ""),
        ("๐๒ ๕๕๕ ๐๑๓๓", "025550133", ""),
        ("", "", NO_DIGITS),
        ("call me", "", NO_DIGITS),
        ("12", "12", TOO_SHORT),
        ("hall 4, line 27", "427", NOT_A_NUMBER),
        ("1" * 21, "1" * 21, TOO_LONG),
    ],
)
def test_a_number_is_read_in_every_written_form(text: str, digits: str, oddity: str) -> None:
    number = read_number(text)
    assert (number.digits, number.oddity) == (digits, oddity)


def test_a_hostile_number_is_one_harmless_line() -> None:
    assert read_number("\x1b]0;x\x07 555\n0133\u202e").written == "]0;x 555 0133"


def test_a_name_with_digits_is_no_number() -> None:
    assert not looks_like_number("Hall 4 team 27")
    assert looks_like_number("0133")


# What is likely.


def row(number: str) -> QueueRow:
    return QueueRow(TICKET, number, "x", FIRM, "Łąki", "new", 0, 3, None, "", 0, 0, 1, False, False, 1, NOW)


def test_open_tickets_of_the_same_equipment_come_first_the_others_by_risk() -> None:
    risky, other, same = (
        OpenHere(row(number), piece, False) for number, piece in (("T-1", None), ("T-2", PRINTER), ("T-3", SCANNER))
    )
    assert likely_duplicates((risky, other, same), SCANNER) == (same, risky, other)
    assert likely_duplicates((risky, other, same), None) == (risky, other, same)


def test_a_call_is_likely_about_what_this_caller_reported_lately() -> None:
    week = 7 * 86_400
    uses = [
        Use(PRINTER, Instant(NOW - week), False),
        Use(PRINTER, Instant(NOW - 2 * week), False),
        Use(SCANNER, Instant(NOW - 3 * week), True),
        Use(HALL, Instant(NOW - 100 * week), True),
    ]
    assert likely_equipment(uses, NOW) == (SCANNER, PRINTER, HALL)


def test_the_usual_priority_is_three_unless_the_contract_promises_only_others() -> None:
    assert suggested_priority((1, 2, 3, 4)) == 3
    assert suggested_priority(()) == 3
    assert suggested_priority((1, 2)) == 2


@pytest.mark.parametrize(
    ("typed", "past", "other"),
    [
        ("skaner traci zasieg", "Skaner na rampie traci zasięg", "Faktura za listopad"),
        ("сканер теряет связь", "Сканер на складе теряет связь", "Не печатает этикетки"),
        ("เครื่องพิมพ์ไม่ทำงาน", "เครื่องพิมพ์ชั้นสองไม่ทำงาน", "ขอใบเสนอราคา"),
    ],
)
def test_a_past_fault_is_found_by_its_words_in_any_script(typed: str, past: str, other: str) -> None:
    groups = letter_groups(typed)
    assert alike(groups, letter_groups(past)) > 0.5
    assert alike(groups, letter_groups(other)) < LEAST_ALIKE


# Saving.

KNOWN = SaveCall(CALL, NOW, "Printer smokes\nsince noon", None, CALLER, "Jan", "", FIRM, "Łąki")


def operations(plan: Plan, kind: type) -> list[object]:
    return [step.operation for step in plan.steps if isinstance(step.operation, kind)]


def test_a_call_of_a_known_caller_opens_a_ticket_of_whom_took_it() -> None:
    plan = handle(KNOWN, desk())
    (opened,) = operations(plan, TicketOpened)
    (entry,) = operations(plan, EntryPosted)
    assert isinstance(opened, TicketOpened) and isinstance(entry, EntryPosted)
    assert (opened.subject, opened.owner, opened.channel) == ("Printer smokes", ANNA, "phone")
    assert (opened.contract_version, opened.priority, opened.reporters) == (VERSION, 3, (CALLER,))
    assert (entry.kind, entry.text, entry.contact) == ("call", "Printer smokes\nsince noon", CALLER)
    assert plan.title.facts["has_contract"] is True


def test_an_unknown_caller_comes_onto_the_desk_with_company_and_ticket_without_a_contract() -> None:
    wish = SaveCall(CALL, NOW, "no power", contact_name="Ewa", number="+48 1 22", company_name="New firm")
    plan = handle(wish, desk())
    added = [(op.entity, op.fields) for op in operations(plan, RecordAdded) if isinstance(op, RecordAdded)]
    assert [entity for entity, _fields in added] == ["company", "contact", "affiliation"]
    assert added[1][1] == {"name": "Ewa", "phone": "+48 1 22", "phone_digits": "48122"}
    (opened,) = operations(plan, TicketOpened)
    assert isinstance(opened, TicketOpened)
    assert (added[2][1]["company"], added[2][1]["contact"]) == (
        opened.company.hex() if opened.company else "",
        opened.reporters[0].hex(),
    )
    assert plan.title.facts["has_contract"] is False


def test_a_caller_who_gives_no_name_is_called_by_the_number() -> None:
    plan = handle(SaveCall(CALL, NOW, "no power", number="+48 1 22"), desk())
    (contact,) = operations(plan, RecordAdded)
    assert isinstance(contact, RecordAdded) and contact.fields["name"] == "+48 1 22"


def test_a_number_that_cannot_be_read_keeps_nobody_from_being_heard() -> None:
    plan = handle(SaveCall(CALL, NOW, "no power", contact_name="Ewa", number="ask the porter"), desk())
    (contact,) = operations(plan, RecordAdded)
    assert isinstance(contact, RecordAdded) and contact.fields == {"name": "Ewa"}


def test_a_call_on_an_open_ticket_is_an_entry_and_its_caller_joins() -> None:
    plan = handle(KNOWN._replace(ticket=TICKET), desk())
    assert [type(step.operation) for step in plan.steps] == [EntryPosted, ReporterJoined]


def test_a_caller_who_is_a_reporter_already_does_not_join_again() -> None:
    plan = handle(KNOWN._replace(ticket=TICKET), desk(reporters=(BORIS, CALLER)))
    assert [type(step.operation) for step in plan.steps] == [EntryPosted]


def test_a_call_parked_for_an_hour_tells_when_it_was() -> None:
    early = Instant(NOW - 3600)
    plan = handle(KNOWN._replace(ticket=TICKET, started_at=early), desk(opened_at=Instant(NOW - 7200)))
    (entry,) = operations(plan, EntryPosted)
    assert isinstance(entry, EntryPosted) and entry.said_at == early


@pytest.mark.parametrize(
    ("ticket", "code"),
    [({"stage_class": CLOSED, "stage": "closed"}, "call.ticket_closed"), ({"archived": True}, "call.ticket_archived")],
)
def test_a_ticket_that_ended_while_the_call_ran_takes_no_call(ticket: dict[str, object], code: str) -> None:
    with pytest.raises(ChangedMeanwhile) as refused:
        handle(KNOWN._replace(ticket=TICKET), desk(**ticket))
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("stands", "code"),
    [
        (CallerStands(contact_is_gone=True, contact_is_elsewhere=True), "call.contact_gone"),
        (CallerStands(contact_is_elsewhere=True), "call.contact_elsewhere"),
        (CallerStands(company_is_gone=True), "call.company_gone"),
        (CallerStands(equipment_is_gone=True), "call.equipment_gone"),
    ],
)
def test_what_changed_while_the_call_ran_is_told_once_and_then_passed(stands: CallerStands, code: str) -> None:
    at = MemoryDesk(stands=stands)
    with pytest.raises(ChangedMeanwhile) as refused:
        handle(KNOWN, at)
    assert (refused.value.code, refused.value.facts["name"]) == (code, "Jan")
    assert handle(KNOWN._replace(accepted=(code,)), at).steps


def test_a_call_is_saved_only_once() -> None:
    with pytest.raises(ChangedMeanwhile) as refused:
        handle(KNOWN, MemoryDesk(saved="T-9"))
    assert (refused.value.code, refused.value.facts) == ("call.saved_already", {"number": "T-9"})


def test_a_call_without_a_symptom_or_on_no_ticket_is_refused() -> None:
    with pytest.raises(Refused):
        handle(KNOWN._replace(symptom=" \n"), desk())
    with pytest.raises(NotFound):
        handle(KNOWN._replace(ticket=HALL), desk())


def test_the_kept_text_leaves_out_what_says_nothing() -> None:
    assert json.loads(begun(typed="5").to_text()) == {"started_at": NOW, "typed": "5"}
