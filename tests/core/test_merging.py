"""Two who did not know of each other: what holds, what stands beside it, and who settles it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.clock import Instant
from core.conflicts import (
    ARCHIVED_ACTIVE,
    CLOSED_UNSEEN,
    FIRST_HOLDS,
    IN_ORDER,
    LATER,
    NOT_LEGAL,
    OWNER,
    STAGE,
    STAYS_CLOSED,
    VERSION,
    Conflict,
)
from core.delivery import HANDED, HANDING, QUEUED
from core.ids import EntityId
from core.merging import merge
from core.operations.conflict_settled import ConflictSettled
from core.operations.delivery_recorded import DeliveryRecorded
from core.operations.document_changed import DocumentChanged
from core.operations.entry_hidden import EntryHidden
from core.operations.entry_posted import EntryPosted
from core.operations.envelope import Stamp
from core.operations.operation import Operation, State, created_id
from core.operations.record_added import RecordAdded
from core.operations.record_archived import RecordArchived
from core.operations.record_changed import Change, RecordChanged
from core.operations.records_merged import RecordsMerged
from core.operations.reporter_joined import ReporterJoined
from core.operations.ticket_archived import TicketArchived
from core.operations.ticket_assigned import TicketAssigned
from core.operations.ticket_opened import TicketOpened
from core.operations.ticket_prioritised import TicketPrioritised
from core.operations.ticket_staged import Place, TicketStaged
from core.stages import STAGES
from core.text_merge import merged_text
from core.ticket import Waiting
from core.timeline import NOT_APPLIED, TO_CUSTOMER
from tests.core.examples import ANNA, BORIS, COMPANY, NOW, TICKET

CYRIL = EntityId(bytes([9]) * 16)
OPENED = TicketOpened(TICKET, "T-1", "printer", None)
MINUTE = 60


@dataclass
class Log:
    """A hub's log being written: who says what, having read how far."""

    state: State = field(default_factory=State)
    seq: int = 0
    counts: dict[EntityId, int] = field(default_factory=dict)

    def says(self, who: EntityId, operation: Operation, seen: int, minutes: int = 0) -> Stamp:
        """`who` says it, `minutes` after noon by the hub's time, having read up to number `seen`."""
        self.seq += 1
        self.counts[who] = self.counts.get(who, 0) + 1
        when = (NOW + minutes * MINUTE) * 1000 << 16
        stamp = Stamp(who, self.counts[who], when, who, when, self.seq, seen)
        self.state = merge(self.state, operation, stamp)
        return stamp

    @property
    def open(self) -> list[Conflict]:
        """What waits to be settled."""
        return [one for one in self.state.conflicts.values() if one.is_open]

    def the_conflict(self) -> Conflict:
        """The one that does."""
        (one,) = self.open
        return one

    def lines(self) -> list[str]:
        """The codes of the timeline."""
        return [entry.code for entry in self.state.entries]


def opened() -> Log:
    log = Log()
    log.says(ANNA, OPENED, 0)
    return log


def company() -> Log:
    log = Log()
    fields = {"id": COMPANY.hex(), "name": "Foundry", "tier": "silver"}
    log.says(ANNA, RecordAdded("company", COMPANY, fields), 0)
    return log


def at(stage: str, code: str = "", cause: str = "") -> Place:
    waiting = Waiting(cause, "vendor") if cause else None
    return Place(stage, STAGES[stage].stage_class, waiting, None, code)


def named(**changes: Any) -> RecordChanged:
    was = {"name": "Foundry", "tier": "silver"}
    return RecordChanged("company", COMPANY, {name: Change(was[name], now) for name, now in changes.items()})


def test_who_had_read_everything_simply_does_it() -> None:
    log = opened()
    log.says(ANNA, TicketPrioritised(1, 3), 0)
    log.says(BORIS, TicketPrioritised(2, 1), 2)
    assert (log.state.the_ticket().priority, log.open) == (2, [])


def test_of_two_priorities_the_later_by_the_hubs_time_holds_in_whatever_order_they_came() -> None:
    for order in ((0, 1), (1, 0)):
        log = opened()
        said = ((ANNA, TicketPrioritised(1, 3), 5), (BORIS, TicketPrioritised(2, 3), 9))
        for place in order:
            who, operation, minutes = said[place]
            log.says(who, operation, 1, minutes)
        conflict = log.the_conflict()
        assert log.state.the_ticket().priority == 2
        assert (conflict.rule, conflict.before, conflict.applied.value, conflict.other.value) == (LATER, 3, 2, 1)
        assert log.lines().count(NOT_APPLIED) == (0 if order == (0, 1) else 1)


def test_two_who_set_the_same_priority_do_not_differ() -> None:
    log = opened()
    log.says(ANNA, TicketPrioritised(1, 3), 1, 5)
    log.says(BORIS, TicketPrioritised(1, 3), 1, 9)
    assert (log.state.the_ticket().priority, log.open) == (1, [])


def test_the_clocks_read_the_priority_that_stood_before_the_one_that_holds() -> None:
    log = opened()
    log.says(ANNA, TicketPrioritised(1, 3), 1, 5)
    log.says(BORIS, TicketPrioritised(2, 3), 1, 9)
    assert [entry.data["was"] for entry in log.state.entries if entry.code == "ticket.prioritised"] == [3, 1]


def test_of_two_who_took_a_ticket_the_first_has_it_and_both_names_are_shown() -> None:
    log = opened()
    log.says(ANNA, TicketAssigned(ANNA, None), 1, 9)
    log.says(BORIS, TicketAssigned(BORIS, None), 1, 5)
    conflict = log.the_conflict()
    assert log.state.the_ticket().owner == ANNA
    assert (conflict.kind, conflict.rule) == (OWNER, FIRST_HOLDS)
    assert (conflict.applied.value["owner"], conflict.other.value["owner"]) == (ANNA.hex(), BORIS.hex())
    assert log.lines()[1:] == ["ticket.assigned", NOT_APPLIED]


def test_a_second_wish_of_the_one_who_came_late_replaces_the_first() -> None:
    log = opened()
    log.says(ANNA, TicketAssigned(ANNA, None), 1)
    log.says(BORIS, TicketAssigned(BORIS, None), 1)
    log.says(BORIS, TicketAssigned(CYRIL, BORIS), 1)
    assert log.state.the_ticket().owner == ANNA
    assert log.the_conflict().other.value["owner"] == CYRIL.hex()


def test_who_assigns_knowing_of_both_has_settled_it() -> None:
    log = opened()
    log.says(ANNA, TicketAssigned(ANNA, None), 1)
    log.says(BORIS, TicketAssigned(BORIS, None), 1)
    log.says(ANNA, TicketAssigned(BORIS, ANNA), 3)
    assert (log.state.the_ticket().owner, log.open) == (BORIS, [])


def test_who_knows_of_one_only_changes_what_the_other_stands_against() -> None:
    log = opened()
    log.says(ANNA, TicketAssigned(ANNA, None), 1)
    log.says(BORIS, TicketAssigned(BORIS, None), 1)
    log.says(CYRIL, TicketAssigned(CYRIL, ANNA), 2)
    conflict = log.the_conflict()
    assert (log.state.the_ticket().owner, conflict.applied.author, conflict.other.author) == (CYRIL, CYRIL, BORIS)


def test_a_conflict_is_settled_by_saying_so_and_open_again_by_taking_that_back() -> None:
    log = opened()
    log.says(ANNA, TicketAssigned(ANNA, None), 1)
    log.says(BORIS, TicketAssigned(BORIS, None), 1)
    id_ = log.the_conflict().id
    stamp = log.says(ANNA, ConflictSettled(id_), 3)
    assert log.open == []
    log.says(ANNA, ConflictSettled(id_).inverse(stamp), 3)
    assert log.the_conflict().id == id_


def test_a_move_that_the_workflow_has_is_made_and_told() -> None:
    log = opened()
    log.says(ANNA, TicketStaged(at("active"), at("new")), 1, 9)
    log.says(BORIS, TicketStaged(at("waiting", cause="part"), at("new")), 1, 5)
    conflict = log.the_conflict()
    assert log.state.the_ticket().stage == "waiting"
    assert (conflict.kind, conflict.rule, conflict.applied.author) == (STAGE, IN_ORDER, BORIS)
    times = [entry.at for entry in log.state.entries if entry.code == "ticket.staged"]
    assert times == sorted(set(times))


def test_a_move_that_the_workflow_does_not_have_is_noted_and_not_made() -> None:
    log = opened()
    log.says(ANNA, TicketStaged(at("resolved", "fixed"), at("new")), 1)
    log.says(BORIS, TicketStaged(at("closed", "no fault found"), at("new")), 1)
    assert log.state.the_ticket().stage == "closed"
    log.says(CYRIL, TicketStaged(at("resolved", "worn out"), at("new")), 1)
    assert (log.state.the_ticket().stage, log.open[-1].rule) == ("closed", NOT_LEGAL)


def test_two_who_closed_it_alike_closed_it_once() -> None:
    log = opened()
    log.says(ANNA, TicketStaged(at("closed", "fixed"), at("new")), 1)
    log.says(BORIS, TicketStaged(at("closed", "fixed"), at("new")), 1)
    assert (log.state.the_ticket().stage, log.open) == ("closed", [])
    assert log.lines()[1:] == ["ticket.staged", NOT_APPLIED]


def test_two_who_closed_it_with_different_codes_differ() -> None:
    log = opened()
    log.says(ANNA, TicketStaged(at("closed", "fixed"), at("new")), 1, 9)
    log.says(BORIS, TicketStaged(at("closed", "no fault found"), at("new")), 1, 5)
    assert log.state.the_ticket().resolution_code == "fixed"
    assert log.the_conflict().other.value["resolution_code"] == "no fault found"


@pytest.mark.parametrize(
    "work",
    [
        EntryPosted("note", "#", "the pump again"),
        TicketAssigned(BORIS, None),
        TicketStaged(at("active"), at("new")),
        ReporterJoined(CYRIL),
    ],
)
def test_work_on_what_was_closed_unseen_comes_back_for_a_look(work: Operation) -> None:
    log = opened()
    log.says(ANNA, TicketStaged(at("closed"), at("new")), 1)
    log.says(BORIS, work, 1)
    conflict = log.the_conflict()
    assert log.state.the_ticket().stage == "closed"
    assert (conflict.kind, conflict.rule, conflict.other.author) == (CLOSED_UNSEEN, STAYS_CLOSED, BORIS)


def test_who_closes_over_work_not_seen_is_told_of_it_too() -> None:
    log = opened()
    log.says(BORIS, EntryPosted("note", "#", "the pump again"), 1)
    log.says(ANNA, TicketStaged(at("closed"), at("new")), 1)
    assert log.the_conflict().other.value == {"kind": "entry.posted", "text": "the pump again"}


def test_work_that_was_seen_before_closing_is_no_conflict() -> None:
    log = opened()
    log.says(BORIS, EntryPosted("note", "#", "done"), 1)
    log.says(ANNA, TicketStaged(at("closed"), at("new")), 2)
    log.says(BORIS, EntryPosted("note", "#", "thanks"), 3)
    assert log.open == []


def test_much_work_on_a_closed_ticket_is_one_conflict_for_each_console() -> None:
    log = opened()
    log.says(ANNA, TicketStaged(at("closed"), at("new")), 1)
    for text in ("one", "two", "three"):
        log.says(BORIS, EntryPosted("note", "#", text), 1)
    log.says(CYRIL, EntryPosted("note", "#", "four"), 1)
    assert sorted(one.other.value["text"] for one in log.open) == ["four", "three"]
    log.says(ANNA, TicketStaged(at("active"), at("closed")), 6)
    assert log.open == []


def test_two_fields_of_a_record_both_hold_and_of_one_field_the_later() -> None:
    log = company()
    log.says(ANNA, named(name="Foundry SA"), 1, 9)
    log.says(BORIS, named(name="Foundry Ltd", tier="gold"), 1, 5)
    known = log.state.known_records[COMPANY]
    conflict = log.the_conflict()
    assert (known["name"], known["tier"]) == ("Foundry SA", "gold")
    assert (conflict.entity, conflict.record, conflict.field) == ("company", COMPANY, "name")
    assert (conflict.before, conflict.applied.value, conflict.other.value) == ("Foundry", "Foundry SA", "Foundry Ltd")


@given(
    st.lists(st.tuples(st.sampled_from((ANNA, BORIS, CYRIL)), st.text(max_size=3)), min_size=1, max_size=4, unique=True)
)
def test_what_a_field_says_in_the_end_does_not_hang_on_the_order_of_the_log(said: list[tuple[EntityId, str]]) -> None:
    ends = set()
    for order in permutations(range(len(said))):
        log = company()
        for place in order:
            who, value = said[place]
            # Another console each, so that none of them knows of another.
            log.says(EntityId(bytes([place]) + who[1:]), named(tier=value), 1, place)
        ends.add(log.state.known_records[COMPANY]["tier"])
    assert ends == {said[-1][1]}


def test_what_two_added_to_a_set_is_all_in_it_and_what_one_took_out_is_gone() -> None:
    log = Log()
    log.says(ANNA, RecordAdded("person", ANNA, {"id": ANNA.hex(), "name": "Anna", "skills": ["dns", "lan"]}), 0)
    log.says(ANNA, RecordChanged("person", ANNA, {"skills": Change(["dns", "lan"], ["dns", "lan", "voip"])}), 1)
    log.says(BORIS, RecordChanged("person", ANNA, {"skills": Change(["dns", "lan"], ["dns", "vpn"])}), 1)
    assert (log.state.known_records[ANNA]["skills"], log.open) == (["dns", "voip", "vpn"], [])


def test_notes_are_joined_by_line_where_lines_do_not_meet() -> None:
    seen = "calls at night\nspeaks Thai\nno mail"
    log = Log()
    log.says(ANNA, RecordAdded("contact", CYRIL, {"id": CYRIL.hex(), "name": "Chai", "notes": seen}), 0)
    hers, his = seen.replace("night", "noon"), seen + "\nprefers chat"
    log.says(ANNA, RecordChanged("contact", CYRIL, {"notes": Change(seen, hers)}), 1)
    log.says(BORIS, RecordChanged("contact", CYRIL, {"notes": Change(seen, his.replace("no mail", "mail"))}), 1)
    joined = "calls at noon\nspeaks Thai\nmail\nprefers chat"
    assert (log.state.known_records[CYRIL]["notes"], log.open) == (joined, [])
    log.says(ANNA, RecordChanged("contact", CYRIL, {"notes": Change(hers, "calls never")}), 2, 9)
    assert log.state.known_records[CYRIL]["notes"] == "calls never"
    assert log.the_conflict().other.value == joined


@given(st.lists(st.sampled_from("abc"), max_size=4), st.data())
def test_a_text_that_one_person_changed_is_that_persons_text(lines: list[str], data: Any) -> None:
    seen = "\n".join(lines)
    mine = data.draw(st.lists(st.sampled_from("abcx"), max_size=5).map("\n".join))
    assert merged_text(seen, mine, seen) == merged_text(seen, seen, mine) == merged_text(seen, mine, mine) == mine


def test_archived_here_and_merged_there_is_one_question() -> None:
    log = company()
    log.says(ANNA, RecordArchived("company", COMPANY), 1, 5)
    log.says(BORIS, RecordsMerged("company", COMPANY, CYRIL), 1, 9)
    known = log.state.known_records[COMPANY]
    assert (known["archived"], known["merged_into"]) == (True, CYRIL.hex())
    assert log.the_conflict().other.value == {"archived": True, "merged_into": None}


def test_two_versions_of_a_calendar_written_at_once_both_stand() -> None:
    log = Log()
    one = DocumentChanged("calendar", COMPANY, ANNA, 2, NOW, "{}")
    other = replace(one, version=BORIS, valid_from=Instant(NOW + 60))
    log.says(ANNA, one, 0)
    log.says(BORIS, other, 0)
    conflict = log.the_conflict()
    assert len(log.state.records) == 2
    assert (conflict.kind, conflict.applied.value["version"]) == (VERSION, BORIS.hex())


def test_of_two_who_hand_a_reply_to_the_mail_command_one_has_it() -> None:
    log = opened()
    entry = created_id(log.says(ANNA, EntryPosted("message", TO_CUSTOMER, "on our way", None, QUEUED), 1), b"entry")
    log.says(BORIS, DeliveryRecorded(entry, HANDING), 2)
    log.says(CYRIL, DeliveryRecorded(entry, HANDING), 2)
    assert log.state.writers[f"delivery:{entry.hex()}"].stamp.console == BORIS


def test_what_was_handed_over_cannot_be_taken_back_by_one_who_did_not_know() -> None:
    log = opened()
    entry = created_id(log.says(ANNA, EntryPosted("message", TO_CUSTOMER, "on our way", None, QUEUED), 1), b"entry")
    log.says(BORIS, DeliveryRecorded(entry, HANDING), 2)
    log.says(BORIS, DeliveryRecorded(entry, HANDED), 2)
    log.says(ANNA, EntryHidden(entry, hidden=True), 2)
    assert not log.state.known_entries[entry].hidden
    assert log.the_conflict().rule == FIRST_HOLDS


def test_what_was_taken_back_is_not_handed_over_by_one_who_did_not_know() -> None:
    log = opened()
    entry = created_id(log.says(ANNA, EntryPosted("message", TO_CUSTOMER, "on our way", None, QUEUED), 1), b"entry")
    log.says(ANNA, EntryHidden(entry, hidden=True), 2)
    log.says(BORIS, DeliveryRecorded(entry, HANDING), 2)
    assert log.state.known_entries[entry].delivery == QUEUED


def test_whom_one_added_as_reporter_another_does_not_take_out_unknowing() -> None:
    log = opened()
    log.says(ANNA, ReporterJoined(CYRIL), 1)
    log.says(BORIS, ReporterJoined(CYRIL, has_joined=False), 1)
    assert log.state.the_ticket().reporters == (CYRIL,)


def test_work_not_sent_yet_comes_after_everything_the_hub_has() -> None:
    log = opened()
    log.says(BORIS, TicketPrioritised(2, 3), 1, 60)
    pending = Stamp(ANNA, 2, (NOW * 1000) << 16, ANNA, seen=1)
    state = merge(log.state, TicketPrioritised(1, 3), pending)
    assert state.the_ticket().priority == 1
    (conflict,) = state.conflicts.values()
    assert conflict.applied.author == ANNA


def test_work_on_what_was_put_away_unseen_comes_back_for_a_look() -> None:
    log = opened()
    log.says(ANNA, TicketArchived(archived=True), 1)
    log.says(BORIS, EntryPosted("note", "#", "the pump again"), 1)
    assert log.the_conflict().kind == ARCHIVED_ACTIVE
    log.says(ANNA, TicketArchived(archived=False), 3)
    assert log.open == []


def test_who_puts_away_what_others_work_on_is_told_of_it_too() -> None:
    log = opened()
    log.says(BORIS, EntryPosted("note", "#", "the pump again"), 1)
    log.says(ANNA, TicketArchived(archived=True), 1)
    assert log.the_conflict().other.value["text"] == "the pump again"
