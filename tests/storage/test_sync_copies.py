"""A desk's file that was copied, or put back to an old state, goes on as a console of its own and loses nothing."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from core.commands import AddRecord, ChangeRecord, PostEntry, Undo
from core.ids import EntityId
from storage.desk import OpenDesk
from storage.hub.running import Hub
from storage.sync.refused_work import refused_before
from tests.storage.desk_story import WAIT_SECONDS
from tests.storage.hub_story import Console, opened, subjects, sync_as_the_right_goes, times_in_log
from tests.support.fixed import ids_from


@pytest.fixture
def copy(anna: Console, tmp_path: Path) -> Iterator[Console]:
    """Anna's file as it is now, opened at another place."""
    made = copied(anna, tmp_path / "copy.db", seed=77)
    yield made
    made.desk.close()


def copied(console: Console, path: Path, seed: int) -> Console:
    console.copy(path)
    new_id = ids_from(seed, console.clock)
    return replace(console, path=path, new_id=new_id, desk=OpenDesk(path, console.clock, new_id))


def own_name(console: Console) -> bytes:
    name: bytes = console.value("SELECT console FROM store")
    return name


def test_a_copy_becomes_a_console_of_its_own_with_what_was_done_on_it(anna: Console, copy: Console) -> None:
    name = own_name(anna)
    opened(anna, "On the first")
    opened(copy, "On the copy")
    anna.sync()
    report = copy.sync()
    anna.sync()
    assert [notice.code for notice in report.notices] == ["console_renewed"]
    assert (own_name(anna), own_name(copy) != name) == (name, True)
    assert subjects(anna) == subjects(copy) == ["On the copy", "On the first"]
    assert anna.rows() == copy.rows()
    assert copy.sync().notices == []


def test_two_copies_used_in_turn_lose_nothing_and_double_nothing(anna: Console, boris: Console, copy: Console) -> None:
    chance = random.Random(5)
    done = []
    for turn in range(40):
        console = chance.choice((anna, copy, boris))
        console.clock.forward(seconds=3)
        with console.look() as seen:
            tickets = [EntityId(row[0]) for row in seen.execute("SELECT id FROM ticket ORDER BY id")]
        if not tickets or chance.random() < 0.4:
            opened(console, f"Matter {turn}")
            done.append(f"Matter {turn}")
        else:
            console.act(PostEntry(chance.choice(tickets), "note", f"Note {turn}"))
            done.append(f"Note {turn}")
        if chance.random() < 0.35:
            console.sync()
    for console in (anna, copy, boris, anna, copy):
        console.sync()
    assert anna.rows() == copy.rows() == boris.rows()
    with anna.look() as seen:
        told = Counter(row[0] for row in seen.execute("SELECT subject FROM ticket"))
        told += Counter(row[0] for row in seen.execute("SELECT text FROM entry WHERE kind = 'note'"))
        numbers = [row[0] for row in seen.execute("SELECT number FROM ticket")]
        assert seen.execute("SELECT count(*) FROM quarantine").fetchone() == (0,)
    assert told == Counter(done)
    assert len(set(numbers)) == len(numbers)
    assert set(times_in_log(anna).values()) == {1}


def test_what_was_unsent_when_the_file_was_copied_is_in_the_log_once(anna: Console, tmp_path: Path) -> None:
    opened(anna, "Unsent")
    copy = copied(anna, tmp_path / "late.db", seed=78)
    opened(anna, "On the first")
    opened(copy, "On the copy")
    copy.sync()
    anna.sync()
    copy.sync()
    copy.desk.close()
    assert subjects(anna) == ["On the copy", "On the first", "Unsent"]
    assert anna.value("SELECT count(*) FROM entry WHERE code = 'ticket.opened'") == 3


def test_entries_and_what_speaks_of_them_stay_together(anna: Console, boris: Console, copy: Console) -> None:
    ticket = opened(copy)
    copy.act(PostEntry(ticket, "note", "A slip"))
    copy.act(Undo())
    copy.act(PostEntry(ticket, "note", "As it is"))
    opened(anna)
    anna.sync()
    copy.sync()
    boris.sync()
    for console in (copy, boris):
        with console.look() as seen:
            notes = seen.execute("SELECT text, hidden FROM entry WHERE kind = 'note' ORDER BY text").fetchall()
            assert notes == [("A slip", 1), ("As it is", 0)]
    copy.act(Undo())
    copy.sync()
    boris.sync()
    assert boris.value("SELECT count(*) FROM entry WHERE kind = 'note' AND hidden = 0") == 0
    assert boris.rows() == copy.rows()


def test_an_operation_names_those_before_it_by_their_new_names(anna: Console, copy: Console) -> None:
    firm = copy.act(AddRecord("company", {"name": "Nowak", "kind": "customer"})).touched[0]
    copy.act(ChangeRecord("company", firm, {"name": "Nowak i syn"}))
    known = copy.value("SELECT id FROM company WHERE name = 'Zakłady Łąki'")
    copy.act(ChangeRecord("company", known, {"name": "Łąki"}))
    opened(anna)
    anna.sync()
    name = own_name(anna)
    copy.sync()
    with copy.look() as seen:
        bases = seen.execute(
            "SELECT n, json_extract(base, '$.name') FROM operation WHERE console = (SELECT console FROM store)"
            " AND kind = 'record.changed' ORDER BY n"
        ).fetchall()
    assert bases[0] == (2, 1)
    assert bases[1][1].startswith(f"{name.hex()}:")


def test_an_old_state_of_a_desk_reads_what_it_did_later_and_goes_on(anna: Console, tmp_path: Path) -> None:
    old = copied(anna, tmp_path / "old.db", seed=79)
    opened(anna, "Later")
    anna.sync()
    anna.desk.close()
    report = old.sync()
    assert [(notice.code, notice.facts) for notice in report.notices] == [("console_renewed", {"unsent": 0})]
    assert subjects(old) == ["Later"]
    ticket = opened(old, "Anew")
    assert old.sync().unsent == 0
    assert old.value("SELECT number FROM ticket WHERE id = ?", ticket)
    old.desk.close()


def test_an_old_state_with_work_of_its_own_sends_it(anna: Console, tmp_path: Path) -> None:
    old = copied(anna, tmp_path / "old.db", seed=80)
    opened(anna, "Later")
    anna.sync()
    opened(old, "On the old one")
    old.sync()
    anna.sync()
    assert subjects(anna) == subjects(old) == ["Later", "On the old one"]
    old.desk.close()


def test_numbers_that_both_had_leased_are_not_given_by_both(anna: Console, copy: Console) -> None:
    anna.sync()
    copy_first = opened(anna, "On the first")
    anna.sync()
    copy.sync()
    opened(copy, "On the copy")
    copy.sync()
    anna.sync()
    with anna.look() as seen:
        numbers = dict(seen.execute("SELECT subject, number FROM ticket").fetchall())
    assert copy_first and "~" not in "".join(numbers.values())
    assert len(set(numbers.values())) == 2


def test_the_chain_of_the_new_console_is_whole(anna: Console, copy: Console) -> None:
    for turn in range(3):
        opened(copy, f"Matter {turn}")
    opened(anna)
    anna.sync()
    copy.sync()
    opened(copy)
    copy.sync()
    with copy.look() as seen:
        rows = seen.execute(
            "SELECT n, prev, hash FROM operation WHERE console = (SELECT console FROM store) ORDER BY n"
        ).fetchall()
        last = seen.execute("SELECT last_n, last_hash FROM store").fetchone()
    previous = bytes(32)
    for place, (n, prev, hash_) in enumerate(rows, 1):
        assert (n, prev) == (place, previous)
        previous = hash_
    assert last == (len(rows), previous)


def test_what_was_refused_before_is_still_known_as_such(anna: Console, tmp_path: Path) -> None:
    copy = copied(anna, tmp_path / "late.db", seed=82)
    copy.desk.write(
        lambda connection: connection.execute("INSERT INTO refused (n, reason, at) VALUES (1, 'no_right', 7)")
    ).result(WAIT_SECONDS)
    name = own_name(copy)
    opened(anna)
    anna.sync()
    copy.sync()
    with copy.look() as seen:
        known = seen.execute("SELECT console, n, reason, at FROM refused_before").fetchall()
        assert known == [(name, 1, "no_right", 7)]
        shown = [(one.console, one.n, one.reason, one.at) for one in refused_before(seen)]
        assert shown == known
        assert refused_before(seen)[0].payload
    copy.desk.close()


def test_a_copy_and_a_restored_hub_at_once_lose_nothing(anna: Console, boris: Console, copy: Console) -> None:
    backup = anna.server.backup(anna.hub)
    opened(anna, "On the first")
    ticket = opened(boris, "Of Boris")
    anna.sync()
    boris.sync()
    anna.sync()
    anna.server.restore(anna.hub, backup)
    opened(copy, "On the copy")
    copy.act(PostEntry(EntityId(copy.value("SELECT id FROM ticket")), "note", "Seen"))
    copy.sync()
    with Hub(anna.server.url(anna.hub)) as hub:
        hub.restored()
    for console in (anna, boris, copy, anna, boris):
        console.sync()
    assert subjects(anna) == ["Of Boris", "On the copy", "On the first"]
    assert anna.rows() == boris.rows() == copy.rows()
    assert set(times_in_log(anna).values()) == {1}
    assert ticket


def test_what_the_hub_refused_of_the_other_file_does_not_count_here_either(anna: Console, tmp_path: Path) -> None:
    opened(anna, "Not allowed")
    copy = copied(anna, tmp_path / "late.db", seed=83)
    sync_as_the_right_goes(anna)
    with Hub(anna.server.url(anna.hub)) as hub:
        hub.grant("anna", "shared", "write")
    opened(anna, "On the first")
    anna.sync()
    opened(copy, "On the copy")
    for console in (copy, anna, copy):
        console.sync()
    assert subjects(copy) == subjects(anna) == ["On the copy", "On the first"]
    assert copy.value("SELECT count(*) FROM refused_before WHERE reason = 'no_right'") == 1
    copy.desk.close()
