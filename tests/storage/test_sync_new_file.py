"""A desk's file is made anew from documents of the hub: what is in use first, its own unsent work with it."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest

from core.commands import AddRecord, ArchiveRecord, MoveStage, OpenTicket, PostEntry, SetPriority, SettleConflict, Undo
from core.errors import NotFound
from core.ids import EntityId
from core.sync_shown import SyncStands
from storage.desk import OpenDesk
from storage.engine import StoreError
from storage.hub.running import Hub
from storage.sync.new_file import MadeAnew, is_worth_documents, make_anew
from storage.sync.session import Session
from storage.sync.standing_beside import sync_stands
from tests.storage.hub_story import Console, Kept, empty_console, keep, opened, settle, subjects
from tests.storage.keeper_story import Three, close_keepers, keeper_of, three_desks
from tests.support.fixed import NOON, ids_from
from tests.support.hub_server import HubServer
from tests.support.worlds import ROOT
from tui.verbs.opening import Refusal
from tui.verbs.seat import the_ticket

WHILE_IT_READS = """
import os, signal, sys
from pathlib import Path
from core.ids import IdMaker
from storage.sync.new_file import make_anew
from storage.sync.session import Session
from tests.storage.acting_console import MachineClock

clock = MachineClock()
def tell(done, total):
    print(done, total, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
make_anew(Path(sys.argv[1]), clock, IdMaker(clock.now_ms, os.urandom), Session, tell=tell)
"""


@pytest.fixture(scope="module")
def kept_three(hub_server: HubServer, tmp_path_factory: pytest.TempPathFactory) -> Kept:
    """A desk with work on it, one old closed ticket among it, and a keeper that has written all of it down."""
    anna, kate, karl = three_desks(tmp_path_factory.mktemp("kept"), hub_server)
    old = opened(anna, "Long ago")
    anna.act(PostEntry(old, "note", "Done at once"))
    anna.act(MoveStage(old, "resolved", "", "", None, "fixed"))
    anna.act(MoveStage(old, "closed"))
    settle(anna, kate, karl)
    for turn in range(5):
        ticket = opened(anna, f"Matter {turn}")
        anna.act(PostEntry(ticket, "note", f"Note {turn}"))
        anna.act(SetPriority(ticket, 1))
    settle(anna, kate, karl)
    keeper_of(kate).look()
    close_keepers()
    # A test does not wait for half a year.
    with hub_server.admin(anna.hub) as admin:
        cooled = admin.execute("UPDATE lampboard.doc SET is_hot = false WHERE id = %s", (UUID(bytes=old),)).rowcount
    assert cooled == 1
    return keep(anna, kate, karl)


@pytest.fixture
def anna(three: Three) -> Console:
    return three[0]


@pytest.fixture
def karl(three: Three) -> Console:
    return three[2]


def anew(console: Console, seed: int = 500, url: str | None = None) -> tuple[Console, MadeAnew]:
    """The console with its file made anew."""
    console.desk.close()
    new_id = ids_from(seed, console.clock)
    made = make_anew(console.path, console.clock, new_id, Session, url=url)
    return replace(console, new_id=new_id, desk=OpenDesk(console.path, console.clock, new_id)), made


def test_a_new_file_has_what_is_in_use_at_once_and_the_rest_after_a_round(anna: Console, karl: Console) -> None:
    made, _told = anew(karl)
    assert subjects(made) == [f"Matter {turn}" for turn in range(5)]
    assert made.value("SELECT count(*) FROM operation WHERE state = 'pulled'") == 0
    report = made.sync()
    assert report.history is None and report.unfit == 0
    anna.sync()
    assert made.rows() == anna.rows()
    made.desk.close()


def test_work_on_what_has_not_come_yet_is_told_to_wait_and_not_that_there_is_none(anna: Console, karl: Console) -> None:
    old = EntityId(anna.value("SELECT id FROM ticket WHERE subject = 'Long ago'"))
    made, _told = anew(karl)
    with made.look() as seen:
        stands = sync_stands(seen, SyncStands())
    assert stands is not None and stands.history_percent == 0
    with pytest.raises(NotFound, match=r"ticket\.coming_in"):
        made.act(PostEntry(old, "note", "Too early"))
    made.sync()
    made.act(PostEntry(old, "note", "In time"))
    with made.look() as seen:
        stands = sync_stands(seen, SyncStands())
    assert stands is not None and stands.history_percent is None
    with pytest.raises(NotFound, match=r"ticket\.unknown"):
        made.act(PostEntry(EntityId(bytes(16)), "note", "Nowhere"))
    made.desk.close()


def test_a_number_that_has_not_come_yet_is_told_to_wait(anna: Console, karl: Console) -> None:
    number = anna.value("SELECT number FROM ticket WHERE subject = 'Long ago'")
    made, _told = anew(karl)
    with pytest.raises(Refusal, match=r"on this desk yet; 0 % of its history"):
        the_ticket(made.desk.page_now, number)
    made.sync()
    assert the_ticket(made.desk.page_now, number).number == number
    made.desk.close()


def test_unsent_work_and_drafts_come_along(anna: Console, karl: Console) -> None:
    ticket = EntityId(karl.value("SELECT id FROM ticket WHERE subject = 'Matter 1'"))
    karl.act(PostEntry(ticket, "note", "A slip"))
    karl.act(Undo())
    opened(karl, "Only here")
    karl.desk.keep_draft(karl.person, "note", ticket, "half a sen").result(20)
    made, told = anew(karl)
    assert (told.unsent, told.lost) == (3, ())
    assert made.value("SELECT body FROM draft") == "half a sen"
    made.sync()
    anna.sync()
    assert "Only here" in subjects(anna)
    assert anna.value("SELECT hidden FROM entry WHERE text = 'A slip'") == 1
    assert anna.rows() == made.rows()
    made.desk.close()


def test_work_of_others_on_what_has_not_come_yet_brings_it(anna: Console, karl: Console) -> None:
    old = EntityId(anna.value("SELECT id FROM ticket WHERE subject = 'Long ago'"))
    anna.act(MoveStage(old, "active"))
    anna.sync()
    made, _told = anew(karl)
    assert made.value("SELECT stage FROM ticket WHERE id = ?", old) == "active"
    assert made.value("SELECT count(*) FROM quarantine") == 0
    made.sync()
    assert made.rows() == anna.rows()
    made.desk.close()


def test_what_comes_in_later_is_folded_on_from_the_documents(anna: Console, karl: Console) -> None:
    made, _told = anew(karl)
    ticket = EntityId(made.value("SELECT id FROM ticket WHERE subject = 'Matter 2'"))
    made.act(PostEntry(ticket, "note", "From the new file"))
    anna.act(SetPriority(ticket, 4))
    settle(made, anna)
    assert made.value("SELECT priority FROM ticket WHERE id = ?", ticket) == 4
    assert made.rows() == anna.rows()
    made.desk.close()


def test_a_hub_without_documents_gives_its_log(three: Three, hub_server: HubServer) -> None:
    anna, _kate, karl = three
    with hub_server.admin(anna.hub) as admin:
        admin.execute("DELETE FROM lampboard.doc")
        admin.execute("DELETE FROM lampboard.folded")
    made, _told = anew(karl)
    made.sync()
    anna.sync()
    assert made.rows() == anna.rows()
    made.desk.close()


def test_the_old_file_is_kept_beside_and_whole(karl: Console) -> None:
    before = karl.rows()
    made, told = anew(karl)
    assert made.path != told.before
    with closing(sqlite3.connect(told.before)) as old:
        assert old.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert replace(karl, path=told.before).rows() == before
    assert karl.path.stat().st_mode & 0o777 == 0o600
    made.desk.close()


def test_a_desk_that_is_open_is_not_made_anew(karl: Console) -> None:
    before = karl.path.stat().st_ino
    with pytest.raises(StoreError) as refused:
        make_anew(karl.path, karl.clock, karl.new_id, Session)
    assert refused.value.code == "store.open_elsewhere"
    assert karl.path.stat().st_ino == before
    opened(karl)


def test_who_is_killed_half_way_finds_the_old_file_and_the_next_try_sweeps_up(karl: Console) -> None:
    before = karl.rows()
    karl.desk.close()
    dying = subprocess.run([sys.executable, "-c", WHILE_IT_READS, str(karl.path)], cwd=ROOT, capture_output=True)
    assert dying.returncode == -signal.SIGKILL, dying.stderr
    assert (karl.path.parent / "karl.db.unfinished").exists()
    assert karl.rows() == before
    made, _told = anew(karl)
    assert not list(karl.path.parent.glob("*.unfinished*"))
    made.sync()
    made.desk.close()


def test_a_document_that_cannot_be_read_is_left_out_and_the_rest_comes(karl: Console, hub_server: HubServer) -> None:
    with hub_server.admin(karl.hub) as admin:
        spoilt = admin.execute(
            "UPDATE lampboard.doc SET body = 'nonsense' WHERE id = (SELECT id FROM lampboard.doc"
            " WHERE entity = 'ticket' AND is_hot LIMIT 1)"
        ).rowcount
    assert spoilt == 1
    made, told = anew(karl)
    assert told.unfit == 1
    assert len(subjects(made)) == 4
    made.desk.close()


def test_a_hub_that_was_restored_to_before_the_documents_is_said_to_need_a_new_file(
    three: Three, hub_server: HubServer
) -> None:
    anna, kate, karl = three
    made, _told = anew(karl)
    empty = hub_server.hub("anna", "kate", "karl")
    hub_server.restore(anna.hub, empty)
    with Hub(hub_server.url(anna.hub)) as hub:
        hub.restored()
    with pytest.raises(Exception, match=r"hub\.log_cut"):
        made.sync()
    opened(made, "Since then")
    again, told = anew(made, seed=501)
    assert told.unsent > 0
    for console in (again, anna, kate, again, anna):
        console.sync()
    assert "Since then" in subjects(anna)
    assert subjects(again) == subjects(anna)
    again.desk.close()


def test_documents_that_say_more_than_a_restored_hub_knows_are_fetched_again(
    three: Three, hub_server: HubServer
) -> None:
    anna, kate, karl = three
    old = EntityId(anna.value("SELECT id FROM ticket WHERE subject = 'Long ago'"))
    made, _told = anew(karl)
    backup = hub_server.backup(anna.hub)
    anna.act(PostEntry(old, "note", "Lost with the hub"))
    settle(anna, kate)
    keeper_of(kate).look()
    close_keepers()
    made.sync()
    assert notes_on(made, old) == {"Done at once", "Lost with the hub"}
    hub_server.restore(anna.hub, backup)
    with Hub(hub_server.url(anna.hub)) as hub:
        hub.restored()
    kate.act(PostEntry(old, "note", "Written after the restore"))
    kate.sync()
    made.sync()
    assert notes_on(made, old) == {"Done at once", "Lost with the hub", "Written after the restore"}
    for console in (anna, kate, made):
        console.sync()
    assert made.rows() == anna.rows() == kate.rows()
    made.desk.close()


def notes_on(console: Console, ticket: EntityId) -> set[str]:
    with console.look() as seen:
        return {row[0] for row in seen.execute("SELECT text FROM entry WHERE ticket = ? AND kind = 'note'", (ticket,))}


def damaged(path: Path, share_begin: float, share_end: float) -> None:
    """Pages of the file overwritten, its first ones left."""
    size = path.stat().st_size
    begin = max(int(size * share_begin) // 8192, 3) * 8192
    with path.open("r+b") as file:
        file.seek(begin)
        file.write(os.urandom(max(int(size * share_end) - begin, 8192)))


def test_a_file_of_which_only_loose_pages_are_left_still_gives_its_work(anna: Console, karl: Console) -> None:
    opened(karl, "Only here")
    long = opened(karl, "Only here too")
    karl.act(PostEntry(long, "note", "A long story. " * 2000))
    karl.desk.close()
    with karl.path.open("r+b") as file:
        file.write(os.urandom(8192))
    made, told = anew(karl, url=karl.url)
    assert told.unsent == 3 and "operation" not in told.unreadable
    made.sync()
    anna.sync()
    assert {"Only here", "Only here too"} <= set(subjects(anna))
    assert anna.value("SELECT max(length(text)) FROM entry") == len("A long story. " * 2000)
    made.desk.close()


def test_what_cannot_be_read_is_named_and_the_rest_is_sent(anna: Console, karl: Console) -> None:
    for turn in range(40):
        opened(karl, f"Only here {turn}")
    keep(karl)
    whole = karl.path.read_bytes()
    page = whole.index(b'"subject":"Only here 17"') // 8192 * 8192
    with karl.path.open("r+b") as broken:
        broken.seek(page)
        broken.write(os.urandom(8192))
    made, told = anew(karl)
    assert 0 < len(told.lost) < 40
    assert told.unsent + len(told.lost) == 40
    made.sync()
    anna.sync()
    made.sync()
    sent = {one for one in subjects(anna) if one.startswith("Only here")}
    assert len(sent) == told.unsent and "Only here 17" not in sent
    assert anna.rows() == made.rows()
    made.desk.close()


def test_an_empty_desk_that_joins_begins_with_documents_where_the_log_is_long(
    three: Three, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna, _kate, karl = three
    with Hub(anna.server.url(anna.hub)) as hub:
        hub.grant("nora", "shared", "write")
    nora = empty_console(tmp_path / "nora.db", anna.server, anna.hub, "nora", seed=9)
    nora.join()
    session = Session(nora.url)
    epoch = nora.value("SELECT epoch FROM hub")
    assert not is_worth_documents(nora.path, session, epoch)
    monkeypatch.setattr("storage.sync.new_file.LONG_LOG", 5)
    assert is_worth_documents(nora.path, session, epoch)
    assert not is_worth_documents(karl.path, session, epoch)
    session.close()
    made, told = anew(nora)
    assert told.unsent == 2
    for console in (made, anna):
        console.sync()
    assert made.value("SELECT name FROM person WHERE id = (SELECT person FROM store)") == "Nora"
    assert made.rows() == anna.rows()
    made.desk.close()


def is_whole(path: Path) -> bool:
    with closing(sqlite3.connect(path)) as file:
        try:
            found: tuple[str] = file.execute("PRAGMA integrity_check(1)").fetchone()
        except sqlite3.DatabaseError:
            return False
    return found == ("ok",)


@pytest.mark.parametrize("share", [0.3, 0.5, 0.7, 0.85])
def test_a_broken_file_gives_what_can_be_read_of_it(anna: Console, karl: Console, share: float) -> None:
    for turn in range(40):
        opened(karl, f"Only here {turn}")
    keep(karl)
    damaged(karl.path, share, share + 0.1)
    assert not is_whole(karl.path)
    made, told = anew(karl)
    assert told.unsent + len(told.lost) == 40
    assert told.unsent > 0
    made.sync()
    made.sync()
    anna.sync()
    assert made.value("PRAGMA integrity_check") == "ok"
    assert len([one for one in subjects(anna) if one.startswith("Only here")]) == told.unsent
    assert anna.rows() == made.rows()
    made.desk.close()


@pytest.mark.parametrize("is_settled", [False, True])
def test_conflicts_between_two_records_come_with_their_documents(three: Three, is_settled: bool) -> None:
    anna, kate, karl = three
    company = EntityId(anna.value("SELECT id FROM company"))
    contract = anna.act(AddRecord("contract", {"number": "C-7", "company": company.hex()})).touched[0]
    settle(anna, kate, karl)
    version = {"contract": contract.hex(), "valid_from": NOON // 1000, "grade": ""}
    anna.act(AddRecord("contract_version", version))
    karl.act(AddRecord("contract_version", version))
    anna.act(ArchiveRecord("company", company))
    karl.act(OpenTicket("No dial tone", company, 2))
    settle(anna, kate, karl)
    with anna.look() as seen:
        conflicts = [EntityId(row[0]) for row in seen.execute("SELECT id FROM conflict ORDER BY id")]
    assert len(conflicts) == 2
    for conflict in conflicts if is_settled else ():
        anna.act(SettleConflict(conflict, takes_other=False))
    settle(anna, kate, karl)
    keeper_of(kate).look()
    made, _told = anew(karl)
    made.sync()
    anna.sync()
    assert made.rows() == anna.rows()
    made.desk.close()
