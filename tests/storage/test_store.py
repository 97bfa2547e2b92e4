"""Acts become facts on the disk: log and rows together, each with its author, one after the other."""

from __future__ import annotations

import json
import random
import sqlite3
import stat
import threading
import time
from pathlib import Path

import pytest

from core.clock import Instant
from core.commands import (
    AddRecord,
    AssignTicket,
    Command,
    MoveStage,
    PlanCallBack,
    PostEntry,
    Redo,
    SetPriority,
    Together,
    Undo,
)
from core.drafts_left import DraftOf
from core.errors import ChangedMeanwhile, DomainError, NotFound, Refused
from core.ids import EntityId
from core.pages import People, TicketPage
from core.stages import STAGES
from storage.desk import OpenDesk
from tests.storage.desk_story import WAIT_SECONDS, Story, check_chain, check_rows, envelopes, everything


def wish(story: Story, chance: random.Random, tickets: list[EntityId]) -> Command:
    """Something a person might ask for, not always allowed."""
    ticket = chance.choice(tickets)
    return chance.choice(
        (
            AssignTicket(ticket, chance.choice((None, story.anna, story.boris)), chance.choice((None, story.anna))),
            MoveStage(ticket, chance.choice(sorted(STAGES)), "part ordered", "vendor"),
            SetPriority(ticket, chance.randint(1, 4)),
            PostEntry(ticket, chance.choice(("note", "message", "call")), "Zażółć \x1b[31m ตะวัน"),
            PlanCallBack(ticket, Instant(story.clock.now_ms() // 1000 + 600), "+48 22 555 01 02", story.caller),
            Together((SetPriority(ticket, chance.randint(1, 4)), PostEntry(ticket, "note", "both"))),
            Undo(),
            Redo(),
        )
    )


def live(story: Story, acts: int, seed: int) -> int:
    """Let both people act at random; answers how many wishes were granted."""
    chance, granted = random.Random(seed), 0
    tickets = [story.open_ticket(f"Ticket {number}", priority=chance.choice((1, 3))) for number in range(4)]
    for _ in range(acts):
        story.clock.forward(minutes=chance.choice((0, 0, 1, 30, 600)))
        try:
            story.act(wish(story, chance, tickets), author=chance.choice((story.anna, story.boris)))
            granted += 1
        except DomainError:
            pass
    return granted


def test_an_act_stands_in_the_log_and_in_the_rows(story: Story) -> None:
    ticket = story.open_ticket("Printer jams", text="It eats paper")
    with story.look() as seen:
        assert [envelope.kind for envelope, _hash in envelopes(seen, ticket)] == ["ticket.opened", "entry.posted"]
        assert seen.execute("SELECT number, subject, stage FROM ticket").fetchall() == [("T-1", "Printer jams", "new")]
        texts = seen.execute("SELECT kind, text FROM entry WHERE ticket = ? ORDER BY at, id", (ticket,)).fetchall()
    assert texts == [("system", ""), ("call", "It eats paper")]


def test_an_act_tells_what_it_touched(story: Story) -> None:
    ticket = story.open_ticket()
    applied = story.act(AssignTicket(ticket, story.anna, None))
    assert (applied.title.code, applied.title.facts["number"], applied.touched) == ("ticket.taken", "T-1", (ticket,))


def test_a_refused_act_leaves_nothing(story: Story) -> None:
    ticket = story.open_ticket()
    with story.look() as seen:
        before = everything(seen)
    with pytest.raises(Refused, match=r"ticket.priority_same"):
        story.act(PostEntry(ticket, "note", "half of an act"), SetPriority(ticket, 3))
    with pytest.raises(NotFound, match=r"ticket.unknown"):
        story.act(SetPriority(EntityId(bytes(16)), 1))
    with pytest.raises(Refused, match=r"entry.text_missing"):
        story.act(SetPriority(ticket, 1), PostEntry(ticket, "note", " "))
    with story.look() as seen:
        assert everything(seen) == before


def test_the_second_of_two_who_take_a_ticket_is_told_who_has_it(story: Story) -> None:
    ticket = story.open_ticket()
    story.act(AssignTicket(ticket, story.anna, None))
    with pytest.raises(ChangedMeanwhile) as refused:
        story.act(AssignTicket(ticket, story.boris, None), author=story.boris)
    assert refused.value.facts == {"number": "T-1", "owner": story.anna}


def test_every_operation_carries_its_author(story: Story) -> None:
    ticket = story.open_ticket()
    story.act(SetPriority(ticket, 1), author=story.boris)
    with story.look() as seen:
        assert [envelope.author for envelope, _hash in envelopes(seen, ticket)] == [story.anna, story.boris]
        assert seen.execute("SELECT person FROM entry WHERE code = 'ticket.prioritised'").fetchall() == [(story.boris,)]


def test_an_operation_names_the_earlier_one_its_author_saw(story: Story) -> None:
    ticket = story.open_ticket()
    story.act(SetPriority(ticket, 1))
    story.act(PostEntry(ticket, "note", "between"))
    story.act(SetPriority(ticket, 2))
    with story.look() as seen:
        told = [envelope for envelope, _hash in envelopes(seen, ticket) if envelope.kind == "ticket.prioritised"]
    assert [json.loads(envelope.base) for envelope in told] == [
        {"ticket.prioritised": None},
        {"ticket.prioritised": told[0].n},
    ]


def test_what_one_act_wrote_is_one_transaction_in_the_log(story: Story) -> None:
    tickets = [story.open_ticket() for _ in range(3)]
    story.act(*(SetPriority(ticket, 1) for ticket in tickets))
    with story.look() as seen:
        (count,) = seen.execute(
            "SELECT count(DISTINCT txn) FROM operation WHERE kind = 'ticket.prioritised'"
        ).fetchone()
    assert count == 1


@pytest.mark.parametrize("seed", [1, 2])
def test_after_many_acts_the_chain_holds_and_every_row_is_what_the_log_makes_of_it(story: Story, seed: int) -> None:
    assert live(story, 120, seed) > 30
    with story.look() as seen:
        assert check_chain(seen) > 40
        assert check_rows(seen) == 4
        assert seen.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_a_changed_operation_breaks_the_chain(story: Story) -> None:
    ticket = story.open_ticket()
    story.act(SetPriority(ticket, 1))
    story.desk.close()
    with sqlite3.connect(story.path) as vandal:
        vandal.execute("UPDATE operation SET author = ? WHERE kind = 'ticket.opened'", (story.boris,))
    with story.look() as seen, pytest.raises(AssertionError):
        check_chain(seen)


def test_numbers_are_given_once_and_without_holes(story: Story) -> None:
    for _ in range(5):
        story.open_ticket()
        with pytest.raises(Refused):
            story.open_ticket(" ")
    with story.look() as seen:
        assert [number for (number,) in seen.execute("SELECT number FROM ticket ORDER BY opened_at, id")] == [
            f"T-{number}" for number in range(1, 6)
        ]


def test_a_file_is_its_owners_alone_and_written_ahead(story: Story) -> None:
    story.open_ticket()
    for path in story.path.parent.glob("desk.db*"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path.name
    with story.look() as seen:
        assert seen.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_every_table_of_ours_is_strict(story: Story) -> None:
    with story.look() as seen:
        loose = seen.execute(
            "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND strict = 0"
            " AND name NOT LIKE 'sqlite%' AND name NOT LIKE '\\_%' ESCAPE '\\'"
        ).fetchall()
    assert loose == []


def test_an_act_is_on_the_disk_before_it_is_called_saved(story: Story) -> None:
    found = story.desk.write(lambda connection: connection.execute("PRAGMA synchronous").fetchone()[0])
    assert found.result(WAIT_SECONDS) == 2


def test_a_clock_set_back_keeps_the_order_of_the_log(story: Story) -> None:
    ticket = story.open_ticket()
    story.clock.forward(hours=-5)
    story.act(SetPriority(ticket, 1))
    with story.look() as seen:
        check_chain(seen)
        check_rows(seen)


def test_an_unfinished_text_is_kept_until_it_is_emptied(story: Story) -> None:
    ticket = story.open_ticket()
    mine = DraftOf(story.anna, "reply", ticket)
    for body in ("Dear", "Dear Ewa, ก่อน\nwe are on the way"):
        story.desk.keep_draft(story.anna, "reply", ticket, body).result(WAIT_SECONDS)
        assert story.desk.page_now(mine) == body
    assert story.desk.page_now(DraftOf(story.boris, "reply", ticket)) == ""
    assert story.desk.page_now(DraftOf(story.anna, "note", ticket)) == ""
    story.desk.keep_draft(story.anna, "reply", ticket, "").result(WAIT_SECONDS)
    assert story.desk.page_now(mine) == ""


def test_drafts_and_the_screens_state_are_not_part_of_the_log(story: Story) -> None:
    with story.look() as seen:
        before = check_chain(seen)
    story.desk.keep_draft(story.anna, "reply", story.company, "Dear").result(WAIT_SECONDS)
    story.desk.remember("view", "mine age 1").result(WAIT_SECONDS)
    with story.look() as seen:
        assert check_chain(seen) == before


def test_the_screens_state_is_there_after_a_restart(story: Story) -> None:
    story.desk.remember("view", "mine age 0").result(WAIT_SECONDS)
    story.desk.remember("view", "mine age 1").result(WAIT_SECONDS)
    story.desk.close()
    again = OpenDesk(story.path, story.clock, story.new_id)
    try:
        assert (again.remembered("view"), again.remembered("unknown")) == ("mine age 1", "")
    finally:
        again.close()


def test_two_consoles_on_one_desk_lose_nothing_of_each_other(story: Story) -> None:
    tickets = [story.open_ticket() for _ in range(3)]
    other = OpenDesk(story.path, story.clock, story.new_id)
    try:
        notes = [
            desk.submit(PostEntry(tickets[turn % 3], "note", f"note {turn} of {name}"), author)
            for turn in range(100)
            for desk, name, author in ((story.desk, "one", story.anna), (other, "other", story.boris))
        ]
        for note in notes:
            note.result(60)
    finally:
        other.close()
    with story.look() as seen:
        texts = {text for (text,) in seen.execute("SELECT text FROM entry WHERE kind = 'note'")}
        assert texts == {f"note {turn} of {name}" for turn in range(100) for name in ("one", "other")}
        check_chain(seen)
        check_rows(seen)


def test_another_consoles_act_is_heard_of_within_a_second(story: Story) -> None:
    heard = threading.Event()
    other = OpenDesk(story.path, story.clock, story.new_id)
    try:
        other.watch(heard.set)
        time.sleep(0.1)
        ticket = story.open_ticket()
        assert heard.wait(1.0)
        shown = other.page(TicketPage(ticket)).result(WAIT_SECONDS)
        assert shown.row.number == "T-1"
    finally:
        other.close()


def test_closing_a_desk_writes_what_is_queued_and_ends_its_threads(story: Story) -> None:
    ticket = story.open_ticket()
    story.desk.watch(lambda: None)
    story.desk.page(People()).result(WAIT_SECONDS)
    queued = [story.desk.submit(PostEntry(ticket, "note", f"note {turn}"), story.anna) for turn in range(20)]
    story.desk.close()
    assert all(act.done() and act.exception() is None for act in queued)
    assert [thread.name for thread in threading.enumerate() if thread.name.startswith("lampboard")] == []


def test_a_closed_desk_is_one_file_that_may_be_copied(story: Story, tmp_path: Path) -> None:
    ticket = story.open_ticket()
    story.desk.page(TicketPage(ticket)).result(WAIT_SECONDS)
    story.desk.watch(lambda: None)
    story.desk.close()
    assert [path.name for path in tmp_path.iterdir()] == ["desk.db"]


def test_closing_waits_for_another_console_that_is_writing(story: Story) -> None:
    ticket = story.open_ticket()
    other = sqlite3.connect(story.path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    act = story.desk.submit(PostEntry(ticket, "note", "written just before leaving"), story.anna)
    letting_go = threading.Timer(2.5, other.execute, ["COMMIT"])
    letting_go.start()
    story.desk.close()
    letting_go.join()
    other.close()
    assert act.done() and act.exception() is None


def test_who_no_longer_waits_for_an_act_neither_loses_it_nor_stops_the_writer(story: Story) -> None:
    ticket = story.open_ticket()
    gate = threading.Event()
    story.desk.write(lambda connection: gate.wait(WAIT_SECONDS))
    act = story.desk.submit(PostEntry(ticket, "note", "asked for and then left alone"), story.anna)
    act.cancel()
    gate.set()
    story.act(SetPriority(ticket, 1))
    with story.look() as seen:
        assert seen.execute("SELECT text FROM entry WHERE kind = 'note'").fetchall() == [
            ("asked for and then left alone",)
        ]


def test_a_fault_in_one_act_does_not_stop_the_next(story: Story) -> None:
    ticket = story.open_ticket()
    with pytest.raises(ZeroDivisionError):
        story.desk.write(lambda connection: 1 / 0).result(WAIT_SECONDS)
    assert story.act(SetPriority(ticket, 1)).touched == (ticket,)


def test_an_act_while_another_program_holds_the_file_too_long_says_so(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.engine.BUSY_MILLISECONDS", 100)
    ticket = story.open_ticket()
    impatient = OpenDesk(story.path, story.clock, story.new_id)
    holder = sqlite3.connect(story.path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    try:
        with pytest.raises(DomainError, match=r"store.busy"):
            impatient.submit(SetPriority(ticket, 1), story.anna).result(WAIT_SECONDS)
        holder.execute("COMMIT")
        assert impatient.submit(SetPriority(ticket, 1), story.anna).result(WAIT_SECONDS).touched == (ticket,)
    finally:
        holder.close()
        impatient.close()


def test_a_contact_keeps_every_number_as_written_and_the_hours_to_reach_them(story: Story) -> None:
    numbers = ["0600 555 017", "+48 (22) 555-01-03"]
    told = {"name": "Ewa Lis", "phone": "+48 22 555 01 02", "other_phones": numbers, "best_hours": "after 14:00"}
    contact = story.act(AddRecord("contact", told)).touched[0]
    with story.look() as seen:
        row = seen.execute("SELECT other_phones, best_hours FROM contact WHERE id = ?", (contact,)).fetchone()
    assert (json.loads(row[0]), row[1]) == (numbers, "after 14:00")
