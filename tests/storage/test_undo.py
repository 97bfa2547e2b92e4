"""Stories of taking back and doing again: every kind of act, after a restart, beside other people and consoles."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from core.attachments import standing
from core.clock import instant
from core.commands import (
    AddAttachment,
    AddRecord,
    ArchiveRecord,
    AssignTicket,
    ChangeDocument,
    ChangeEquipment,
    ChangeRecord,
    Command,
    MergeRecords,
    MoveStage,
    OpenTicket,
    PlanCallBack,
    PostEntry,
    RecordDelivery,
    Redo,
    RemoveAttachment,
    RetargetTicket,
    SaveCall,
    SendAgain,
    SetPriority,
    Together,
    Undo,
)
from core.delivery import FAILED, HANDED, HANDING
from core.errors import ChangedMeanwhile, Refused
from core.ids import EntityId
from core.operations.kinds import KINDS
from core.pages import TicketPage
from core.ports import Applied
from core.ticket import Waiting
from storage.desk import OpenDesk
from storage.new_desk import Owner, add_owner, create_desk
from storage.rows import ENTRY_COLUMNS, entry_of
from tests.support.fixed import FixedClock, ids_from
from tui.presenters.sentences import DONE, what_was_done


@dataclass
class Desk:
    """A desk's file with any number of consoles open on it, each with a seed of its own."""

    path: Path
    clock: FixedClock
    person: EntityId
    consoles: list[OpenDesk] = field(default_factory=list)

    def console(self) -> OpenDesk:
        seed = 10 + len(self.consoles)
        self.consoles.append(OpenDesk(self.path, self.clock, ids_from(seed, self.clock), has_mail_command=True))
        return self.consoles[-1]

    def act(self, command: Command, person: EntityId | None = None) -> Applied:
        applied: Applied = self.consoles[-1].submit(command, person or self.person).result(10)
        # A minute between acts: times that undo restores must be the old ones, not merely the same second.
        self.clock.forward(minutes=1)
        return applied

    def restart(self) -> None:
        """Close every console and open one anew."""
        self.close()
        self.console()

    def close(self) -> None:
        for console in self.consoles:
            console.close()

    def ticket(self, subject: str = "Crane 7 stands still", **known: Any) -> EntityId:
        return EntityId(self.act(OpenTicket(subject, None, **known)).touched[0])

    def colleague(self, name: str = "Piotr Wilk") -> EntityId:
        return EntityId(self.act(AddRecord("person", {"name": name, "zone": "UTC"})).touched[0])

    def priority(self, ticket: EntityId) -> int:
        page = self.consoles[-1].page_now(TicketPage(ticket))
        assert isinstance(page.row.priority, int)
        return page.row.priority

    def texts(self, ticket: EntityId) -> list[str]:
        """What people wrote on the ticket, newest first."""
        page = self.consoles[-1].page_now(TicketPage(ticket))
        return [entry.text for entry in page.entries if entry.kind != "system"]

    def seen(self) -> dict[str, list[tuple[Any, ...]]]:
        """All that stands on the desk, as far as undo promises to restore it."""
        with sqlite3.connect(f"{self.path.as_uri()}?mode=ro", uri=True) as connection:
            files = standing(entry_of(row) for row in connection.execute(f"SELECT {ENTRY_COLUMNS} FROM entry"))
            connection.row_factory = sqlite3.Row
            seen = {table: self._rows(connection, query) for table, query in SEEN.items()}
            return {**seen, "files": [(one.name, one.digest) for one in files]}

    def _rows(self, connection: sqlite3.Connection, query: str) -> list[tuple[Any, ...]]:
        rows = [dict(row) for row in connection.execute(query)]
        for row in rows:
            # The story tells when something was last done, also when it was taken back.
            row.pop("changed_at", None)
        return [tuple(row.items()) for row in rows]


SEEN = {
    "tickets": "SELECT * FROM ticket WHERE archived = 0 ORDER BY id",
    "reporters": "SELECT r.* FROM ticket_reporter r JOIN ticket t ON t.id = r.ticket AND t.archived = 0 ORDER BY 1, 2",
    "written": "SELECT * FROM entry WHERE hidden = 0 AND kind <> 'system' ORDER BY id",
    "call backs": "SELECT * FROM call_back WHERE is_dropped = 0 ORDER BY id",
    **{
        table: f"SELECT * FROM {table} WHERE archived = 0 ORDER BY id"
        for table in ("company", "contact", "affiliation", "team", "person", "site", "equipment", "contract", "model")
    },
    "versions": "SELECT * FROM document_version WHERE archived = 0 ORDER BY id",
}


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    clock = FixedClock()
    new_id = ids_from(1, clock)
    path = tmp_path / "desk.db"
    create_desk(path, "main", clock, new_id).close()
    person = add_owner(path, clock, new_id, Owner("Maja Lis", "Dispatch", "Europe/Warsaw"))
    opened = Desk(path, clock, person)
    opened.console()
    yield opened
    opened.close()


Act = Callable[[Desk], Command]


def taking(desk: Desk) -> Command:
    return AssignTicket(desk.ticket(), desk.person, None)


def assigning(desk: Desk) -> Command:
    ticket, colleague = desk.ticket(is_taken=True), desk.colleague()
    return AssignTicket(ticket, colleague, desk.person)


def giving_back(desk: Desk) -> Command:
    return AssignTicket(desk.ticket(is_taken=True), None, desk.person)


def changing_priority(desk: Desk) -> Command:
    return SetPriority(desk.ticket(), 1)


def beginning_work(desk: Desk) -> Command:
    return MoveStage(desk.ticket(), "active")


def waiting(desk: Desk) -> Command:
    return MoveStage(desk.ticket(), "waiting", "a bearing", "vendor", instant(desk.clock.now_ms() + 3_600_000))


def ending_a_wait(desk: Desk) -> Command:
    ticket = desk.ticket()
    desk.act(MoveStage(ticket, "waiting", "a bearing", "vendor", instant(desk.clock.now_ms() + 3_600_000)))
    return MoveStage(ticket, "active")


def closing(desk: Desk) -> Command:
    return MoveStage(desk.ticket(), "closed", resolution_code="cleaned")


def closing_what_was_promised(desk: Desk) -> Command:
    company = desk.act(AddRecord("company", {"name": "Huta"})).touched[0]
    policy = desk.act(AddRecord("policy", {"name": "Gold", "body": '{"resolution_seconds": {"3": 60}}'})).touched[0]
    # Outside hours: the minute for which it was closed counts for nothing.
    mornings = '{"tz": "UTC", "weekly": {"wed": [["08:00", "12:00"]]}}'
    calendar = desk.act(AddRecord("calendar", {"name": "Mornings", "body": mornings})).touched[0]
    contract = desk.act(AddRecord("contract", {"company": company.hex(), "number": "K-7"})).touched[0]
    terms = {"policy": policy.hex(), "calendar": calendar.hex(), "contract": contract.hex(), "valid_from": 0}
    desk.act(AddRecord("contract_version", terms))
    return MoveStage(EntityId(desk.act(OpenTicket("Lift stuck", company)).touched[0]), "resolved")


def reopening(desk: Desk) -> Command:
    ticket = desk.ticket()
    desk.act(MoveStage(ticket, "closed", resolution_code="cleaned"))
    return MoveStage(ticket, "active")


def noting(desk: Desk) -> Command:
    return PostEntry(desk.ticket(), "note", "the motor was hot")


def noting_a_call(desk: Desk) -> Command:
    return PostEntry(desk.ticket(), "call", "it stands again")


def replying(desk: Desk) -> Command:
    return PostEntry(desk.ticket(), "message", "We are on our way.")


def attaching(desk: Desk) -> Command:
    return AddAttachment(desk.ticket(), "plan.pdf", 3, "application/pdf", "ab" * 32)


def taking_a_file_off(desk: Desk) -> Command:
    ticket = desk.ticket()
    desk.act(AddAttachment(ticket, "plan.pdf", 3, "application/pdf", "ab" * 32))
    (file,) = standing(desk.consoles[-1].page_now(TicketPage(ticket)).entries)
    return RemoveAttachment(ticket, file.entry, file.name)


def planning_a_call_back(desk: Desk) -> Command:
    return PlanCallBack(desk.ticket(), instant(desk.clock.now_ms() + 3_600_000), "+48 601 000 000")


def opening(desk: Desk) -> Command:
    contact = EntityId(desk.act(AddRecord("contact", {"name": "Anna Nowak"})).touched[0])
    return OpenTicket("Door 2 jams", None, 2, reporters=(contact,), text="it jams since noon", is_taken=True)


def adding_a_company(desk: Desk) -> Command:
    return AddRecord("company", {"name": "Huta", "kind": "customer", "annual_value": 1_000_00, "currency": "PLN"})


def adding_a_site(desk: Desk) -> Command:
    company = desk.act(adding_a_company(desk)).touched[0]
    return AddRecord("site", {"name": "Hall 3", "company": company.hex()})


def adding_equipment(desk: Desk) -> Command:
    company = desk.act(adding_a_company(desk)).touched[0]
    return AddRecord("equipment", {"serial": "A-77", "company": company.hex()})


def adding_a_contact(desk: Desk) -> Command:
    return AddRecord("contact", {"name": "Anna Nowak", "phone": "+48 601", "email": "anna@example.com"})


def sending_again(desk: Desk) -> Command:
    ticket = desk.ticket()
    desk.act(PostEntry(ticket, "message", "We are on our way."))
    page = desk.consoles[-1].page_now(TicketPage(ticket))
    reply = next(entry for entry in page.entries if entry.kind == "message")
    desk.act(RecordDelivery(ticket, reply.id, HANDING))
    desk.act(RecordDelivery(ticket, reply.id, FAILED, "mailbox full"))
    return SendAgain(ticket, reply.id, FAILED, "mailbox full")


def acting_on_marked(desk: Desk) -> Command:
    tickets = [desk.ticket(f"Fault {count}") for count in range(3)]
    return Together(tuple(SetPriority(ticket, 1) for ticket in tickets))


def several_things_on_one_ticket(desk: Desk) -> Command:
    ticket = desk.ticket()
    return Together(
        (
            AssignTicket(ticket, desk.person, None),
            SetPriority(ticket, 1),
            PostEntry(ticket, "note", "urgent"),
            MoveStage(ticket, "closed"),
        )
    )


def changing_a_calendar(desk: Desk) -> Command:
    calendar = desk.act(AddRecord("calendar", {"name": "Office", "body": '{"always": true}'})).touched[0]
    return ChangeDocument("calendar", calendar, '{"tz": "Asia/Bangkok", "always": true}', 1)


def putting_under_another_contract(desk: Desk) -> Command:
    company = desk.act(AddRecord("company", {"name": "Nowe"})).touched[0]
    ticket = EntityId(desk.act(OpenTicket("Lift stuck", company)).touched[0])
    contract = desk.act(AddRecord("contract", {"company": company.hex(), "number": "K-7"})).touched[0]
    version = desk.act(AddRecord("contract_version", {"contract": contract.hex(), "valid_from": 0})).touched[0]
    return RetargetTicket(ticket, version)


def renaming_a_company_with_tickets(desk: Desk) -> Command:
    company = desk.act(adding_a_company(desk)).touched[0]
    desk.act(OpenTicket("Lift stuck", company))
    return ChangeRecord("company", company, {"name": "Ogród", "tier": "A"}, {"name": "Huta"})


def giving_a_contact_more_numbers(desk: Desk) -> Command:
    contact = desk.act(adding_a_contact(desk)).touched[0]
    return ChangeRecord("contact", contact, {"phone": "+48 602", "other_phones": ["112 113"], "best_hours": "noon"})


def archiving_a_site(desk: Desk) -> Command:
    return ArchiveRecord("site", desk.act(adding_a_site(desk)).touched[0])


def merging_two_companies(desk: Desk) -> Command:
    kept, merged = (desk.act(AddRecord("company", {"name": name})).touched[0] for name in ("Huta", "HUTA sp. z o.o."))
    desk.act(AddRecord("company", {"name": "Huta Wschód", "parent": merged.hex()}))
    for company in (kept, merged):
        desk.act(AddRecord("site", {"name": "Hall 3", "company": company.hex()}))
        desk.act(OpenTicket("Lift stuck", company))
    return MergeRecords("company", merged, kept)


def merging_two_contacts(desk: Desk) -> Command:
    company = desk.act(adding_a_company(desk)).touched[0]
    kept, merged = (
        desk.act(AddRecord("contact", {"name": "Anna Nowak", "phone": phone})).touched[0]
        for phone in ("601 000 000", "602 000 000")
    )
    for contact in (kept, merged):
        desk.act(AddRecord("affiliation", {"contact": contact.hex(), "company": company.hex(), "role": "boss"}))
    desk.act(OpenTicket("Door 2 jams", company, reporters=(kept, merged)))
    return MergeRecords("contact", merged, kept)


def a_call_of_somebody_new(desk: Desk) -> Command:
    call = desk.consoles[-1].new_id()
    now = instant(desk.clock.now_ms())
    return SaveCall(call, now, "no power", contact_name="Ewa", number="+48 1 22", company_name="New firm")


def a_call_on_an_open_ticket(desk: Desk) -> Command:
    ticket, caller = desk.ticket(), desk.act(adding_a_contact(desk)).touched[0]
    call = desk.consoles[-1].new_id()
    return SaveCall(call, instant(desk.clock.now_ms()), "still no power", ticket, caller, "Anna Nowak")


def saying_which_equipment_it_is_about(desk: Desk) -> Command:
    company = desk.act(adding_a_company(desk)).touched[0]
    site = desk.act(AddRecord("site", {"name": "Hall 3", "company": company.hex()})).touched[0]
    crane = {"serial": "A-77", "company": company.hex(), "site": site.hex()}
    equipment = desk.act(AddRecord("equipment", crane)).touched[0]
    return ChangeEquipment(EntityId(desk.act(OpenTicket("Lift stuck", company)).touched[0]), equipment)


ACTS: list[Act] = [
    saying_which_equipment_it_is_about,
    renaming_a_company_with_tickets,
    giving_a_contact_more_numbers,
    archiving_a_site,
    merging_two_companies,
    merging_two_contacts,
    taking,
    assigning,
    giving_back,
    changing_priority,
    beginning_work,
    waiting,
    ending_a_wait,
    closing,
    closing_what_was_promised,
    reopening,
    noting,
    noting_a_call,
    replying,
    attaching,
    taking_a_file_off,
    planning_a_call_back,
    opening,
    adding_a_company,
    adding_a_site,
    adding_equipment,
    adding_a_contact,
    sending_again,
    acting_on_marked,
    several_things_on_one_ticket,
    changing_a_calendar,
    putting_under_another_contract,
    a_call_of_somebody_new,
    a_call_on_an_open_ticket,
]

each_act = pytest.mark.parametrize("act", ACTS, ids=lambda act: act.__name__)


@each_act
def test_undo_restores_what_stood_there_before(desk: Desk, act: Act) -> None:
    command = act(desk)
    before = desk.seen()
    desk.act(command)
    assert desk.seen() != before
    desk.act(Undo())
    assert desk.seen() == before


@each_act
def test_undo_and_redo_work_after_a_restart_and_as_often_as_one_likes(desk: Desk, act: Act) -> None:
    command = act(desk)
    before = desk.seen()
    desk.act(command)
    desk.restart()
    after = desk.seen()
    for _time in range(2):
        desk.act(Undo())
        desk.restart()
        assert desk.seen() == before
        desk.act(Redo())
        desk.restart()
        assert without_closing_time(desk.seen()) == without_closing_time(after)


def without_closing_time(seen: dict[str, list[tuple[Any, ...]]]) -> dict[str, list[tuple[Any, ...]]]:
    """A ticket that is closed once more was closed at the later time, and its clocks stop then."""
    own_time = {"closed_at", "queue_key", "sla_state", "sla_missed"}
    tickets = [
        tuple(pair for pair in row if pair[0] not in own_time or dict(row)["closed_at"] is None)
        for row in seen["tickets"]
    ]
    return {**seen, "tickets": tickets}


@each_act
def test_undo_and_redo_say_in_one_line_what_they_did(desk: Desk, act: Act) -> None:
    done = desk.act(act(desk)).title
    assert done.code in (*DONE, "together")
    for wish, begin in ((Undo(), "undone: "), (Redo(), "done again: ")):
        told = what_was_done(desk.act(wish).title, instant(desk.clock.now_ms()), "UTC")
        assert told.startswith(begin)
        assert "{" not in told and "\n" not in told
        assert done.code not in told
        assert str(done.facts.get("number", "")) in told or f"{done.facts.get('count')} tickets" in told


def test_the_stories_here_cover_every_kind_of_operation_that_a_person_can_cause(desk: Desk) -> None:
    for act in ACTS:
        desk.act(act(desk))
        desk.act(Undo())
        desk.act(Redo())
    with sqlite3.connect(desk.path) as connection:
        told = {kind for (kind,) in connection.execute("SELECT DISTINCT kind FROM operation")}
    # An import is one transaction of its own and is taken back by restoring the backup, not by a key; a purge never is;
    # the others need a hub, and have their stories beside one.
    assert told == set(KINDS) - {"ticket.imported", "person.purged", "conflict.settled", "ticket.numbered"}


def test_acts_are_taken_back_newest_first_and_done_again_oldest_first(desk: Desk) -> None:
    ticket = desk.ticket()
    for priority in (1, 2, 4):
        desk.act(SetPriority(ticket, priority))
    seen = []
    for wish in (Undo(), Undo(), Undo(), Redo(), Redo(), Redo()):
        desk.act(wish)
        seen.append(desk.priority(ticket))
    assert seen == [2, 1, 3, 1, 2, 4]


def test_with_nothing_done_there_is_nothing_to_undo(desk: Desk) -> None:
    # Making the desk entered the first team and person; taking the person back would leave nobody at the keys.
    with pytest.raises(Refused, match=r"undo\.nothing"):
        desk.act(Undo(), desk.colleague())


def test_with_nothing_taken_back_there_is_nothing_to_redo(desk: Desk) -> None:
    desk.act(SetPriority(desk.ticket(), 1))
    with pytest.raises(Refused, match=r"redo\.nothing"):
        desk.act(Redo())


def test_a_new_act_ends_the_way_forward(desk: Desk) -> None:
    ticket = desk.ticket()
    desk.act(SetPriority(ticket, 1))
    desk.act(Undo())
    desk.act(PostEntry(ticket, "note", "leave it"))
    with pytest.raises(Refused, match=r"redo\.nothing"):
        desk.act(Redo())
    assert desk.priority(ticket) == 3


def test_a_delivery_that_the_outbox_records_does_not_end_the_way_forward(desk: Desk) -> None:
    ticket = desk.ticket()
    desk.act(PostEntry(ticket, "message", "We are on our way."))
    page = desk.consoles[-1].page_now(TicketPage(ticket))
    reply = next(entry for entry in page.entries if entry.kind == "message")
    desk.act(SetPriority(ticket, 1))
    desk.act(Undo())
    desk.act(RecordDelivery(ticket, reply.id, HANDING))
    desk.act(RecordDelivery(ticket, reply.id, HANDED))
    desk.act(Redo())
    assert desk.priority(ticket) == 1


def test_what_another_person_changed_since_is_left_alone_and_the_next_undo_goes_past_it(desk: Desk) -> None:
    colleague, ticket = desk.colleague(), desk.ticket()
    desk.act(PostEntry(ticket, "note", "mine"))
    desk.act(SetPriority(ticket, 1))
    desk.console()
    desk.act(SetPriority(ticket, 2), colleague)
    with pytest.raises(ChangedMeanwhile) as refused:
        desk.act(Undo())
    assert (refused.value.code, refused.value.facts["priority"]) == ("ticket.priority_changed", 2)
    assert desk.priority(ticket) == 2
    desk.act(Undo())
    assert desk.texts(ticket) == []
    assert desk.priority(ticket) == 2


def test_another_field_changed_by_somebody_else_does_not_stand_in_the_way(desk: Desk) -> None:
    colleague, ticket = desk.colleague(), desk.ticket()
    desk.act(SetPriority(ticket, 1))
    desk.console()
    desk.act(AssignTicket(ticket, colleague, None), colleague)
    desk.act(PostEntry(ticket, "note", "theirs"), colleague)
    desk.act(Undo())
    page = desk.consoles[-1].page_now(TicketPage(ticket))
    assert (page.row.priority, page.row.owner) == (3, colleague)
    assert desk.texts(ticket) == ["theirs"]


def test_another_persons_act_is_never_taken_back(desk: Desk) -> None:
    colleague, ticket = desk.colleague(), desk.ticket()
    desk.act(PostEntry(ticket, "note", "mine"))
    desk.act(PostEntry(ticket, "note", "theirs"), colleague)
    desk.act(Undo())
    assert desk.texts(ticket) == ["theirs"]


def test_another_persons_act_does_not_end_the_way_forward(desk: Desk) -> None:
    colleague, ticket = desk.colleague(), desk.ticket()
    desk.act(SetPriority(ticket, 1))
    desk.act(Undo())
    desk.act(PostEntry(ticket, "note", "theirs"), colleague)
    desk.act(Redo())
    assert desk.priority(ticket) == 1


def test_a_person_at_two_consoles_undoes_at_one_what_was_done_at_the_other(desk: Desk) -> None:
    ticket = desk.ticket()
    desk.act(SetPriority(ticket, 1))
    desk.console()
    desk.act(Undo())
    assert desk.priority(ticket) == 3


def test_one_undo_takes_back_what_was_done_to_all_marked_tickets(desk: Desk) -> None:
    tickets = [desk.ticket(f"Fault {count}") for count in range(5)]
    desk.act(Together(tuple(SetPriority(ticket, 1) for ticket in tickets)))
    undone = desk.act(Undo())
    assert [desk.priority(ticket) for ticket in tickets] == [3] * 5
    told = what_was_done(undone.title, instant(desk.clock.now_ms()), "UTC")
    assert told == "undone: priority 1 of 5 tickets. U does it again"


def test_a_bulk_act_is_taken_back_wholly_or_not_at_all(desk: Desk) -> None:
    colleague = desk.colleague()
    tickets = [desk.ticket(f"Fault {count}") for count in range(3)]
    desk.act(Together(tuple(SetPriority(ticket, 1) for ticket in tickets)))
    desk.act(SetPriority(tickets[1], 4), colleague)
    before = desk.seen()
    with pytest.raises(ChangedMeanwhile):
        desk.act(Undo())
    assert desk.seen() == before


def test_a_wait_comes_back_with_its_cause_party_and_time(desk: Desk) -> None:
    ticket = desk.ticket()
    until = instant(desk.clock.now_ms() + 7_200_000)
    desk.act(MoveStage(ticket, "waiting", "a bearing", "vendor", until))
    desk.act(MoveStage(ticket, "active"))
    desk.act(Undo())
    page = desk.consoles[-1].page_now(TicketPage(ticket))
    assert Waiting(page.waiting_cause, page.waiting_party, page.waiting_until) == Waiting("a bearing", "vendor", until)


def test_a_closed_ticket_that_is_reopened_by_mistake_keeps_its_closing_time(desk: Desk) -> None:
    ticket = desk.ticket()
    closed_at = instant(desk.clock.now_ms())
    desk.act(MoveStage(ticket, "closed"))
    desk.clock.forward(hours=3)
    desk.act(MoveStage(ticket, "active"))
    desk.act(Undo())
    assert desk.consoles[-1].page_now(TicketPage(ticket)).closed_at == closed_at


def test_a_note_taken_back_stays_in_the_log(desk: Desk) -> None:
    ticket = desk.ticket()
    desk.act(PostEntry(ticket, "note", "the motor was hot"))
    desk.act(Undo())
    assert desk.texts(ticket) == []
    with sqlite3.connect(desk.path) as connection:
        told = [kind for (kind,) in connection.execute("SELECT kind FROM operation WHERE id = ? ORDER BY n", (ticket,))]
        (kept,) = connection.execute("SELECT text FROM entry WHERE ticket = ? AND kind = 'note'", (ticket,)).fetchone()
    assert told == ["ticket.opened", "entry.posted", "entry.hidden"]
    assert kept == "the motor was hot"


def test_a_colleague_who_was_added_is_not_removed_by_one_key_too_many(desk: Desk) -> None:
    ticket = desk.ticket()
    desk.act(SetPriority(ticket, 1))
    colleague = desk.colleague()
    desk.act(Undo())
    assert desk.priority(ticket) == 3
    assert colleague in {dict(row)["id"] for row in desk.seen()["person"]}


def test_the_ticket_number_of_an_opening_taken_back_is_not_given_twice(desk: Desk) -> None:
    first = desk.act(OpenTicket("Door 2 jams", None)).title.facts["number"]
    desk.act(Undo())
    second = desk.act(OpenTicket("Door 3 jams", None)).title.facts["number"]
    assert (first, second) == ("T-1", "T-2")


def test_an_undo_that_the_restart_interrupted_has_happened_wholly_or_not_at_all(desk: Desk) -> None:
    ticket = desk.ticket()
    desk.act(SetPriority(ticket, 1))
    pending = desk.consoles[-1].submit(Undo(), desk.person)
    desk.restart()
    assert pending.done()
    assert desk.priority(ticket) == 3
    desk.act(Redo())
    assert desk.priority(ticket) == 1
