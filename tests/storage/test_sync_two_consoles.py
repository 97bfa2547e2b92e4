"""Two consoles, one hub: what is done on both without a line becomes one desk, and nothing of it is lost."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from core.clock import Instant
from core.commands import (
    AddRecord,
    AssignTicket,
    ChangeRecord,
    MergeRecords,
    MoveStage,
    OpenTicket,
    PlanCallBack,
    PostEntry,
    SetPriority,
    Undo,
)
from core.errors import DomainError
from core.finding import FindTickets
from core.ids import EntityId
from core.operations.kinds import encode
from core.operations.operation import Alias
from core.operations.ticket_imported import TicketImported
from core.ticket_numbers import told_apart
from core.timeline import NOT_APPLIED
from storage.desk import OpenDesk
from storage.hub.running import Hub
from storage.sync.sync_log import trouble
from tests.storage.desk_story import WAIT_SECONDS
from tests.storage.hub_story import (
    Console,
    Kept,
    Sender,
    Two,
    empty_console,
    keep,
    opened,
    settle,
    sync_as_the_right_goes,
    two_desks,
)
from tests.support.fixed import NOON
from tests.support.hub_server import HubServer

TOLD = "SELECT count(*) FROM entry WHERE ticket = ? AND code = ?"


@pytest.fixture(scope="module")
def kept_apart(hub_server: HubServer, tmp_path_factory: pytest.TempPathFactory) -> Kept:
    return keep(*two_desks(tmp_path_factory.mktemp("apart"), hub_server))


@pytest.fixture
def apart(kept_apart: Kept, tmp_path: Path) -> Iterator[Two]:
    """Anna's desk with a customer and Boris's, which is empty; neither has joined the hub."""
    with kept_apart.awake(tmp_path) as (anna, boris):
        yield anna, boris


def owner(console: Console, ticket: EntityId) -> object:
    return console.value("SELECT owner FROM ticket WHERE id = ?", ticket)


def number(console: Console, ticket: EntityId) -> object:
    return console.value("SELECT number FROM ticket WHERE id = ?", ticket)


def test_a_desk_is_sent_to_the_hub_and_read_by_the_other(apart: Two) -> None:
    anna, boris = apart
    opened(anna)
    anna.join()
    boris.join()
    sent = anna.sync().sent
    assert sent == anna.value("SELECT last_n FROM store")
    assert boris.sync().received == sent
    assert boris.value("SELECT subject FROM ticket") == "Printer jams"


def test_different_tickets_taken_without_a_line_are_the_same_on_both_afterwards(two: Two) -> None:
    anna, boris = two
    first, second = opened(anna), opened(anna, "No dial tone")
    settle(anna, boris)
    anna.act(AssignTicket(first, anna.person, None))
    anna.act(PostEntry(first, "note", "On my way"))
    boris.act(AssignTicket(second, boris.person, None))
    boris.act(MoveStage(second, "active"))
    settle(anna, boris)
    assert (owner(anna, first), owner(anna, second)) == (anna.person, boris.person)
    assert anna.rows() == boris.rows()


def test_two_acts_on_one_ticket_both_hold(two: Two) -> None:
    anna, boris = two
    ticket = opened(anna)
    settle(anna, boris)
    anna.act(MoveStage(ticket, "active"))
    anna.act(PlanCallBack(ticket, Instant(anna.clock.now_ms() // 1000 + 3600), "+48 22 555 01 02"))
    boris.act(SetPriority(ticket, 1))
    boris.act(PostEntry(ticket, "note", "The boss called"))
    settle(boris, anna)
    assert anna.rows() == boris.rows()
    with anna.look() as seen:
        assert seen.execute("SELECT stage, priority FROM ticket WHERE id = ?", (ticket,)).fetchone() == ("active", 1)


def test_two_who_took_the_same_ticket_see_one_owner_and_both_lines(two: Two) -> None:
    anna, boris = two
    ticket = opened(anna)
    settle(anna, boris)
    anna.act(AssignTicket(ticket, anna.person, None))
    boris.act(AssignTicket(ticket, boris.person, None))
    settle(anna, boris)
    assert owner(anna, ticket) == owner(boris, ticket) == anna.person
    assert anna.rows() == boris.rows()
    assert [anna.value(TOLD, ticket, code) for code in ("ticket.assigned", NOT_APPLIED)] == [1, 1]


def test_a_ticket_opened_without_a_number_to_be_had_gets_one_and_is_found_by_both(two: Two) -> None:
    anna, boris = two
    with closing(sqlite3.connect(boris.path, isolation_level=None)) as file:
        file.execute("DELETE FROM number_block")
    ticket = opened(boris)
    told = str(number(boris, ticket))
    settle(boris, anna)
    assert told.startswith("T-~")
    assert number(anna, ticket) == number(boris, ticket)
    assert str(number(anna, ticket)).removeprefix("T-").isdigit()
    found = anna.desk.page_now(FindTickets(told, 5))
    assert [row.id for row in found] == [ticket]
    assert anna.rows() == boris.rows()


def test_a_ticket_of_another_desks_log_is_known_by_its_key_on_every_console(two: Two) -> None:
    _anna, boris = two
    document: dict[str, Any] = {"id": bytes(range(16)).hex(), "number": "T-900", "subject": "Old", "company": None}
    document |= {"opened_at": NOON // 1000, "changed_at": NOON // 1000}
    imported = TicketImported(document, (), Alias("uci498", "INC0000045"))
    third = Sender(boris.server, boris.hub, "anna", 7)
    ticket = EntityId(bytes(range(16)))
    third.push(third.operation(entity="ticket", id=ticket, kind=imported.KIND, payload=encode(imported)))
    boris.sync()
    assert [row.number for row in boris.desk.page_now(FindTickets("uci498:INC0000045", 5))] == ["T-900"]


def test_master_data_changed_and_merged_on_two_desks_is_the_same_on_both(two: Two) -> None:
    anna, boris = two
    company = EntityId(anna.value("SELECT id FROM company"))
    twin = EntityId(anna.act(AddRecord("company", {"name": "Zaklady Laki", "kind": "customer"})).touched[0])
    ticket = anna.act(OpenTicket("No dial tone", twin, 2)).touched[0]
    settle(anna, boris)
    anna.act(MergeRecords("company", twin, company))
    boris.act(ChangeRecord("company", company, {"name": "Łąki SA"}))
    boris.act(ChangeRecord("company", company, {"tier": "gold"}))
    boris.act(OpenTicket("Printer jams", twin, 3))
    settle(boris, anna)
    assert anna.rows() == boris.rows()
    for console in (anna, boris):
        assert console.value("SELECT count(*) FROM ticket WHERE company = ?", company) == 2
        assert console.value("SELECT company_sort FROM ticket WHERE id = ?", ticket) == "laki sa"


def test_the_same_number_given_on_two_desks_stays_with_the_ticket_the_hub_had_first(apart: Two) -> None:
    anna, boris = apart
    hers = opened(anna)
    his = boris.act(OpenTicket("No dial tone", None, 2)).touched[0]
    assert number(anna, hers) == number(boris, his) == "T-1"
    boris.join()
    boris.sync()
    anna.join()
    settle(anna, boris)
    assert number(anna, his) == number(boris, his) == "T-1"
    assert number(anna, hers) == number(boris, hers) == told_apart("T-1", hers)
    assert anna.rows() == boris.rows()


def test_numbers_given_without_a_line_after_the_first_sync_never_collide(two: Two) -> None:
    anna, boris = two
    hers = [number(anna, opened(anna)) for _ticket in range(3)]
    his = [number(boris, opened(boris)) for _ticket in range(3)]
    assert not set(hers) & set(his)
    settle(anna, boris)
    assert anna.value("SELECT count(*) FROM ticket WHERE number LIKE '%~%'") == 0


def test_a_desk_whose_numbers_are_used_up_gives_provisional_ones(apart: Two) -> None:
    anna, _boris = apart
    anna.join()
    assert number(anna, opened(anna)) == "T-1"
    anna.desk.write(lambda connection: connection.execute("UPDATE number_block SET next = last + 1")).result()
    first, second = number(anna, opened(anna)), number(anna, opened(anna))
    assert str(first).startswith("T-~") and first != second


def test_a_round_without_news_changes_nothing(two: Two) -> None:
    anna, boris = two
    opened(anna)
    settle(anna, boris)
    before = anna.rows()
    report = anna.sync()
    assert (report.sent, report.received, report.unsent) == (0, 0, 0)
    assert anna.rows() == before


def test_what_was_refused_is_taken_out_of_the_rows_and_kept_to_be_looked_at(two: Two) -> None:
    anna, boris = two
    ticket = opened(anna)
    settle(anna, boris)
    boris.act(SetPriority(ticket, 1))
    boris.act(OpenTicket("No dial tone", None, 2))
    report = sync_as_the_right_goes(boris)
    assert set(report.refused.values()) == {"no_right"} and report.unsent == 0
    assert boris.rows() == anna.rows()
    assert boris.value("SELECT count(*) FROM operation WHERE state = 'refused'") == len(report.refused)


def test_what_was_refused_does_not_hold_up_what_follows_and_cannot_be_undone(two: Two) -> None:
    anna, boris = two
    ticket = opened(anna)
    settle(anna, boris)
    boris.act(SetPriority(ticket, 1))
    sync_as_the_right_goes(boris)
    may(boris, "write")
    with pytest.raises(DomainError) as nothing:
        boris.act(Undo())
    assert nothing.value.code == "undo.nothing"
    boris.act(PostEntry(ticket, "note", "Still here"))
    assert boris.sync().refused == {}
    anna.sync()
    assert anna.value("SELECT count(*) FROM entry WHERE text = 'Still here'") == 1


def test_an_act_is_taken_back_after_the_hub_has_it(two: Two) -> None:
    anna, boris = two
    ticket = opened(anna)
    anna.act(SetPriority(ticket, 1))
    settle(anna, boris)
    anna.act(Undo())
    settle(anna, boris)
    assert boris.value("SELECT priority FROM ticket WHERE id = ?", ticket) == 3


def test_a_screen_is_told_of_what_another_program_read_from_the_hub(two: Two) -> None:
    anna, boris = two
    opened(boris)
    boris.sync()
    told = threading.Event()
    screen = OpenDesk(anna.path, anna.clock, anna.new_id)
    screen.watch(told.set)
    time.sleep(0.1)
    anna.sync()
    assert told.wait(WAIT_SECONDS)
    screen.close()


def test_what_is_written_at_a_login_is_written_by_its_colleague_on_every_console(two: Two) -> None:
    anna, boris = two
    ticket = opened(anna)
    settle(anna, boris)
    note = PostEntry(ticket, "note", "In her name")
    boris.desk.submit(note, anna.person).result(WAIT_SECONDS)
    settle(boris, anna)
    for console in two:
        assert console.value("SELECT person FROM entry WHERE text = 'In her name'") == boris.person


def test_what_was_written_by_a_wrong_clock_stands_at_the_hubs_time(two: Two) -> None:
    anna, boris = two
    ticket = opened(anna)
    settle(anna, boris)
    boris.clock.forward(hours=24 * 400)
    boris.act(PostEntry(ticket, "note", "A year ahead"))
    settle(boris, anna)
    for console in two:
        written_at = console.value("SELECT at FROM entry WHERE text = 'A year ahead'")
        assert written_at == pytest.approx(time.time(), abs=120)


def test_who_has_a_second_desk_sits_there_as_the_same_colleague(
    two: Two, tmp_path: Path, hub_server: HubServer
) -> None:
    anna, _boris = two
    again = empty_console(tmp_path / "again.db", hub_server, anna.hub, "anna", seed=3)
    again.join()
    again.sync()
    again.desk.close()
    assert again.value("SELECT person FROM store") == anna.person


def may(console: Console, rights: str) -> None:
    with Hub(console.server.url(console.hub)) as hub:
        hub.grant(console.login, "shared", rights)


def test_a_desk_that_may_only_read_keeps_its_work_and_sends_it_once_it_may_write(apart: Two) -> None:
    anna, boris = apart
    anna.join()
    ticket = opened(anna)
    anna.sync()
    may(boris, "read")
    boris.act(OpenTicket("No dial tone", None, 2))
    boris.join()
    report = boris.sync()
    assert (report.sent, report.refused, report.is_held) == (0, {}, True)
    assert report.unsent == boris.value("SELECT count(*) FROM operation WHERE state = 'local'") > 1
    assert boris.value("SELECT count(*) FROM person p JOIN store s ON s.person = p.id") == 1
    assert boris.value("SELECT count(*) FROM ticket WHERE subject = 'No dial tone' OR id = ?", ticket) == 2
    may(boris, "write")
    report = boris.sync()
    assert (report.refused, report.unsent, report.is_held) == ({}, 0, False)
    anna.sync()
    assert anna.rows() == boris.rows()


def test_a_right_to_write_that_was_lost_holds_up_what_is_unsent_and_the_log_says_so_once(two: Two) -> None:
    anna, boris = two
    ticket = opened(anna)
    settle(anna, boris)
    may(boris, "read")
    boris.act(SetPriority(ticket, 1))
    for subject in ("One", "Two"):
        opened(anna, subject)
        anna.sync()
        report = boris.sync()
        assert (report.sent, report.refused, report.unsent) == (0, {}, 1) and report.received
    with boris.look() as seen:
        told = trouble(seen)
    assert told is not None and (told.error, told.times) == ("hub.read_only", 2)
    assert boris.value("SELECT priority FROM ticket WHERE id = ?", ticket) == 1
    may(boris, "write")
    assert boris.sync().has_turned
    with boris.look() as seen:
        assert trouble(seen) is None
    anna.sync()
    assert anna.value("SELECT priority FROM ticket WHERE id = ?", ticket) == 1
