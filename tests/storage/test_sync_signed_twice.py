"""What two files of one desk both have unsent is in the log once (I3), whichever sends it, under whatever name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from core.commands import OpenTicket, PostEntry, SetPriority, Undo
from core.ids import EntityId
from core.operations.envelope import canonical_json
from storage.desk import OpenDesk
from storage.hub.connecting import HubError
from storage.hub.running import Hub
from storage.sync import outgoing
from storage.sync.new_file import make_anew
from storage.sync.session import Session
from tests.storage.desk_story import begin
from tests.storage.hub_story import Console, Kept, Sender, copied, empty_console, keep, of_story, subjects
from tests.support.hub_server import HubServer

ACTS = "SELECT txn, hlc FROM lampboard.op"
Senders = Callable[[str, int], Sender]


@pytest.fixture(scope="module")
def kept(hub_server: HubServer, tmp_path_factory: pytest.TempPathFactory) -> Kept:
    folder, hub = tmp_path_factory.mktemp("kept"), hub_server.hub("anna", "boris")
    anna = of_story(begin(folder / "anna.db"), hub_server, hub)
    boris = empty_console(folder / "boris.db", hub_server, hub, "boris", seed=2)
    for console in (anna, boris):
        console.join()
    anna.act(OpenTicket("Printer jams", None, 3))
    for console in (anna, boris, anna):
        console.sync()
    return keep(anna, boris)


@pytest.fixture
def both(kept: Kept, tmp_path: Path) -> Iterator[tuple[Console, ...]]:
    with kept.awake(tmp_path) as consoles:
        yield consoles


@pytest.fixture
def anna(both: tuple[Console, ...]) -> Console:
    return both[0]


@pytest.fixture
def boris(both: tuple[Console, ...]) -> Console:
    return both[1]


@pytest.fixture
def senders(both: tuple[Console, ...]) -> Iterator[Senders]:
    made: list[Sender] = []

    def sender(login: str, number: int) -> Sender:
        made.append(Sender(both[0].server, both[0].hub, login, number))
        return made[-1]

    yield sender
    for one in made:
        one.session.close()


@contextmanager
def another_file(console: Console, path: Path, seed: int) -> Iterator[Console]:
    """The console's file as it is now, opened at another place."""
    made = copied(console, path, seed)
    try:
        yield made
    finally:
        made.desk.close()


def make_file_anew(console: Console) -> None:
    console.desk.close()
    try:
        make_anew(console.path, console.clock, console.new_id, Session)
    finally:
        console.desk = OpenDesk(console.path, console.clock, console.new_id)


def is_each_act_there_once(console: Console) -> bool:
    with console.server.admin(console.hub) as admin:
        return set(Counter(admin.execute(ACTS).fetchall()).values()) == {1}


def ticket_of(console: Console) -> EntityId:
    return EntityId(console.value("SELECT id FROM ticket WHERE subject = 'Printer jams'"))


def notes(console: Console) -> list[tuple[str, int]]:
    with console.look() as seen:
        return seen.execute("SELECT text, hidden FROM entry WHERE kind = 'note' ORDER BY text").fetchall()


def sign_anew(console: Console, other: Console) -> None:
    """The other one goes on under the common name first, so that what the console has not sent is signed anew."""
    other.act(OpenTicket("On the other", None, 3))
    other.sync()
    assert [notice.code for notice in console.sync().notices] == ["console_renewed"]


def test_a_file_put_back_to_before_it_was_signed_anew_does_its_work_once(anna: Console, tmp_path: Path) -> None:
    with another_file(anna, tmp_path / "other.db", 71) as other:
        anna.act(OpenTicket("Unsent", None, 3))
        with another_file(anna, tmp_path / "old.db", 72) as old:
            sign_anew(anna, other)
            old.act(OpenTicket("Done after it was put back", None, 3))
            for console in (old, anna, other, old):
                assert console.sync().unsent == 0
            assert is_each_act_there_once(anna)
            assert subjects(anna) == ["Done after it was put back", "On the other", "Printer jams", "Unsent"]
            assert anna.rows() == other.rows() == old.rows()


def test_what_was_done_to_work_that_another_file_has_sent_stays_with_it(anna: Console, tmp_path: Path) -> None:
    ticket = ticket_of(anna)
    with another_file(anna, tmp_path / "other.db", 71) as other:
        anna.act(PostEntry(ticket, "note", "A slip"))
        with another_file(anna, tmp_path / "old.db", 72) as old:
            sign_anew(anna, other)
            old.act(Undo())
            old.act(PostEntry(ticket, "note", "As it is"))
            for console in (old, anna, other):
                console.sync()
            assert notes(anna) == notes(old) == [("A slip", 1), ("As it is", 0)]
            assert anna.value("SELECT count(*) FROM quarantine") == old.value("SELECT count(*) FROM quarantine") == 0
            assert is_each_act_there_once(anna)
            old.act(Undo())
            old.sync()
            anna.sync()
            assert notes(anna) == [("A slip", 1), ("As it is", 1)]
            assert anna.rows() == old.rows()


def test_work_that_came_under_another_name_is_still_taken_back_by_undo(anna: Console, tmp_path: Path) -> None:
    ticket = ticket_of(anna)
    with another_file(anna, tmp_path / "other.db", 71) as other:
        anna.act(PostEntry(ticket, "note", "A slip"))
        with another_file(anna, tmp_path / "old.db", 72) as old:
            sign_anew(anna, other)
            old.sync()
            old.act(Undo())
            for console in (old, anna):
                console.sync()
            assert notes(anna) == notes(old) == [("A slip", 1)]


@pytest.mark.parametrize("first", ["the one made anew", "the copy"])
def test_a_file_made_anew_and_its_copy_send_what_both_had_once(anna: Console, tmp_path: Path, first: str) -> None:
    anna.act(OpenTicket("Unsent", None, 3))
    with another_file(anna, tmp_path / "copy.db", 73) as copy:
        make_file_anew(anna)
        for console in (anna, copy) if first == "the one made anew" else (copy, anna):
            console.sync()
        for console in (anna, copy):
            console.sync()
        assert is_each_act_there_once(anna)
        assert subjects(anna) == ["Printer jams", "Unsent"]
        assert anna.rows() == copy.rows()


def test_a_packet_that_comes_late_does_no_work_twice(anna: Console) -> None:
    anna.act(OpenTicket("Unsent", None, 3))
    with anna.look() as seen:
        console, epoch = seen.execute("SELECT s.console, h.epoch FROM store s, hub h").fetchone()
        (sent_n,) = seen.execute("SELECT sent_n FROM hub").fetchone()
        packet = outgoing.next_push(seen, sent_n)
    make_file_anew(anna)
    anna.sync()
    session = Session(anna.url)
    with pytest.raises(HubError, match=r"hub\.signed_twice"):
        session.push(epoch, console, anna.clock.now_ms(), packet)
    session.close()
    assert is_each_act_there_once(anna)


def test_what_one_may_not_send_is_not_shown_twice_when_a_copy_has_sent_it(anna: Console, tmp_path: Path) -> None:
    ticket = ticket_of(anna)
    anna.act(PostEntry(ticket, "note", "Once"))
    with another_file(anna, tmp_path / "copy.db", 73) as copy:
        make_file_anew(anna)
        copy.sync()
        with Hub(anna.server.url(anna.hub)) as hub:
            hub.revoke("anna", "shared", "write")
            hub.grant("anna", "shared", "read")
        anna.sync()
        assert notes(anna) == [("Once", 0)]


def test_two_names_of_one_act_that_meet_in_a_restored_hub_become_one(
    anna: Console, boris: Console, tmp_path: Path
) -> None:
    ticket = ticket_of(anna)
    backup = anna.server.backup(anna.hub)
    with another_file(anna, tmp_path / "other.db", 71) as other:
        anna.act(PostEntry(ticket, "note", "Once"))
        with another_file(anna, tmp_path / "old.db", 72) as old:
            sign_anew(anna, other)
            boris.sync()
            anna.server.restore(anna.hub, backup)
            with Hub(anna.server.url(anna.hub)) as hub:
                hub.restored()
            # Now the old name is free again, and comes first.
            old.act(SetPriority(ticket, 1))
            for console in (old, boris, anna, other, boris, old, anna):
                console.sync()
            assert is_each_act_there_once(anna)
            for console in (anna, boris, old, other):
                assert notes(console) == [("Once", 0)]
                assert console.value("SELECT count(*) FROM operation WHERE state = 'awaited'") == 0
            assert anna.rows() == boris.rows() == old.rows() == other.rows()


def test_nobody_keeps_a_colleagues_work_out_by_claiming_to_have_written_it_first(senders: Senders) -> None:
    victim, thief = senders("anna", 8), senders("boris", 9)
    hers = victim.operation()
    told = canonical_json({"@was": f"{hers.console.hex()}:{hers.n}"})
    thief.push(thief.operation(txn=hers.txn, hlc=hers.hlc, base=told))
    assert victim.push(hers).refused == {}
    assert victim.session.names_of(victim.welcome.epoch, victim.console, [hers]) == {hers.n: (hers.console, hers.n)}
    assert thief.session.names_of(thief.welcome.epoch, thief.console, [hers]) == {hers.n: (thief.console, 1)}


@pytest.mark.parametrize("was", ["", "x:1", "00:1", f"{'0' * 32}:0", f"{'0' * 32}:1 ", 7])
def test_a_former_name_that_is_none_is_refused(senders: Senders, was: object) -> None:
    sender = senders("anna", 8)
    answer = sender.push(sender.operation(base=canonical_json({"@was": was})), sender.operation())
    assert answer.refused == {1: "malformed"}


def test_two_acts_that_had_one_name_in_two_files_are_both_taken_in(senders: Senders) -> None:
    first, second = senders("anna", 8), senders("anna", 9)
    one = first.operation()
    told = canonical_json({"@was": f"{one.console.hex()}:1"})
    assert second.push(second.operation(txn=bytes(16), hlc=one.hlc, base=told)).refused == {}
    assert first.push(one).refused == {}
