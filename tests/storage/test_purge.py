"""A person who asks to be forgotten is in no byte of the desk's files any more, and everything else is as it was."""

from __future__ import annotations

import json
import os
import random
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from core.commands import AddRecord, ChangeRecord, MergeRecords, OpenTicket, PlanCallBack, PostEntry, Undo
from core.errors import Refused
from core.finding import FindCallers, Search
from core.fold import fold
from core.ids import EntityId
from core.operations.operation import State
from core.personal_marks import PURGED_NAME, Marks
from storage.engine import StoreError, held_alone, open_file
from storage.purging.purge import finish, foresee, holds_any, needles, purge, still_found, unswept
from storage.purging.rewrite import PURGED_LINE
from storage.purging.subject import Subject, subject_of, subject_without_record
from tests.storage.desk_story import Story, begin, check_chain, check_rows, envelopes, everything, look
from tests.support.fixed import FixedClock, ids_from

ROOT = Path(__file__).resolve().parents[2]
NAME, MAIL, NUMBER = "Zofia Wójcicka-Żmuda", "zofia.wz@huta.example", "+48 32 555 77 01"
SOUGHT = [
    text.encode() for text in (NAME, NAME.upper(), "zofia wojcicka-zmuda", MAIL, NUMBER, "48325557701", "Wójcicka")
]
KILLS = 6


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A desk in a folder of its own."""
    (tmp_path / "desk").mkdir()
    return tmp_path / "desk" / "desk.db"


@pytest.fixture
def known(path: Path) -> Iterator[tuple[Story, EntityId]]:
    """A desk on which Zofia called, wrote, changed her number and stands in whatever a desk keeps of somebody."""
    story = begin(path)
    zofia = story.new_id()
    fields = {"name": NAME, "phone": "+48 22 111 22 33", "email": MAIL, "notes": "Zofia speaks Thai"}
    story.act(
        AddRecord("contact", fields, zofia),
        story.record("affiliation", contact=zofia, company=story.company, role="head of night shift"),
    )
    story.act(ChangeRecord("contact", zofia, {"phone": NUMBER}))
    ticket = story.act(OpenTicket(f"{NAME} waits", story.company, 3, reporters=(zofia,), text=f"It is {NAME}")).touched[
        0
    ]
    story.act(PostEntry(ticket, "note", f"Ring ZOFIA WOJCICKA-ZMUDA at 32-555-77-01, or {MAIL}"))
    story.act(PlanCallBack(ticket, story.clock.now_ms() // 1000 + 3600, NUMBER, zofia, f"ask for {NAME}"))  # type: ignore[arg-type]
    other = story.open_ticket("Printer jams", text="the colleague Wójcicka-Żmuda, Zofia knows more")
    story.desk.keep_draft(story.anna, "reply", other, f"Dear {NAME}").result(20)
    story.desk.remember("last search", json.dumps({"find": NAME})).result(20)
    story.desk.close()
    with closing(open_file(path)) as connection:
        connection.execute("INSERT INTO import_batch (n, mapping, source, digest, at) VALUES (1, 'm', 's', 'd', 0)")
        lines = [f"1;{NAME};x".encode(), f"2;{NAME};x".encode("cp1250"), f"3;{NAME};x".encode("utf-16"), b"4;Ewa;x"]
        connection.executemany("INSERT INTO import_raw VALUES (1, ?, ?)", list(enumerate(lines)))
        connection.execute("INSERT INTO external_id VALUES ('desk', ?, 'contact', ?)", (MAIL, zofia))
        connection.execute("INSERT INTO sync_log (n, at, until_at, facts) VALUES (1, 0, 0, ?)", (f'["{NAME}"]',))
    yield story, zofia
    story.desk.close()


def subject(path: Path, contact: EntityId) -> Subject:
    with closing(look(path)) as seen:
        return subject_of(seen, contact)


def purged(story: Story, contact: EntityId) -> None:
    done = purge(
        story.path, story.clock, story.new_id, story.anna, subject(story.path, contact), story.path.parent / "no"
    )
    assert done.found == ()


def files_with_her(path: Path) -> list[str]:
    return [one.name for one in path.parent.iterdir() if holds_any(one, SOUGHT)]


def test_no_byte_of_any_file_of_the_desk_names_a_purged_person(known: tuple[Story, EntityId]) -> None:
    story, zofia = known
    assert "desk.db" in files_with_her(story.path)
    purged(story, zofia)
    assert files_with_her(story.path) == []


def test_what_stays_is_readable_and_follows_from_a_log_that_hangs_together(known: tuple[Story, EntityId]) -> None:
    story, zofia = known
    with closing(look(story.path)) as before:
        operations, tickets = check_chain(before), check_rows(before)
    purged(story, zofia)
    with closing(look(story.path)) as after:
        assert after.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert check_chain(after) == operations + 1
        assert check_rows(after) == tickets
        said = after.execute("SELECT name, phone, email, notes, archived FROM contact WHERE id = ?", (zofia,))
        assert said.fetchone() == (PURGED_NAME, "", "", "", 1)
        texts = {text for (text,) in after.execute("SELECT text FROM entry WHERE text <> ''")}
        assert f"Ring {PURGED_NAME} at a purged number, or a purged address" in texts
        assert (PURGED_NAME + " waits",) in after.execute("SELECT subject FROM ticket").fetchall()
        folded = fold(State(), [envelope for envelope, _hash in envelopes(after, zofia)])
        assert folded.known_records[zofia]["name"] == PURGED_NAME
        assert folded.known_records[zofia]["archived"] is True
        assert after.execute("SELECT raw FROM import_raw ORDER BY line").fetchall() == [
            (PURGED_LINE,), (PURGED_LINE,), (PURGED_LINE,), (b"4;Ewa;x",),
        ]  # fmt: skip
        assert after.execute("SELECT count(*) FROM external_id").fetchone() == (0,)


def test_others_are_as_they_were_also_one_who_is_called_the_same(path: Path) -> None:
    story = begin(path)
    first, second = story.new_id(), story.new_id()
    story.act(AddRecord("contact", {"name": NAME, "phone": NUMBER}, first))
    story.act(AddRecord("contact", {"name": NAME, "phone": "032 555 77 01", "email": MAIL}, second))
    ticket = story.act(OpenTicket("x", story.company, 3, reporters=(second,), text=f"{NAME} calls")).touched[0]
    story.desk.close()
    found = subject(path, first)
    assert (found.own, found.shared) == (Marks(), Marks((NAME,), (), (NUMBER, "48325557701")))
    with closing(look(path)) as seen:
        others = "SELECT * FROM contact WHERE id <> ? ORDER BY id"
        before = seen.execute(others, (first,)).fetchall()
        said = seen.execute("SELECT * FROM entry WHERE ticket = ?", (ticket,)).fetchall()
    purged(story, first)
    with closing(look(path)) as seen:
        assert seen.execute(others, (first,)).fetchall() == before
        assert seen.execute("SELECT * FROM entry WHERE ticket = ?", (ticket,)).fetchall() == said


def test_a_person_who_was_entered_twice_and_merged_is_purged_as_one(known: tuple[Story, EntityId]) -> None:
    story, zofia = known
    story.desk.close()
    again = begin_again(story)
    twin = again.new_id()
    again.act(AddRecord("contact", {"name": "Z. Wójcicka", "email": "zw@private.example"}, twin))
    again.act(MergeRecords("contact", twin, zofia))
    again.desk.close()
    assert subject(story.path, twin).contacts == subject(story.path, zofia).contacts
    purged(story, twin)
    assert not holds_any(story.path, [*SOUGHT, b"zw@private.example", "Z. Wójcicka".encode()])


def begin_again(story: Story) -> Story:
    from storage.desk import OpenDesk

    clock = FixedClock(story.clock.now_ms() + 60_000)
    new_id = ids_from(77, clock)
    return Story(story.path, OpenDesk(story.path, clock, new_id), story.anna, clock, new_id)


def test_a_number_that_is_nobodys_is_erased_from_texts(known: tuple[Story, EntityId]) -> None:
    story, _zofia = known
    again = begin_again(story)
    again.open_ticket("x", text="somebody at (61) 555 99-88 rang, no name given")
    again.desk.close()
    nobody = subject_without_record(Marks(numbers=("061 5559988",)))
    purge(story.path, story.clock, story.new_id, story.anna, nobody, story.path.parent / "no")
    assert not holds_any(story.path, [b"(61) 555 99-88", b"615559988"])
    assert holds_any(story.path, [NAME.encode()])


def test_what_is_shown_before_is_what_is_done_and_looking_writes_nothing(known: tuple[Story, EntityId]) -> None:
    story, zofia = known
    with closing(look(story.path)) as seen:
        before = everything(seen)
        foreseen = foresee(seen, story.path, subject_of(seen, zofia), story.path.parent / "no")
        assert everything(seen) == before
    done = purge(
        story.path, story.clock, story.new_id, story.anna, subject(story.path, zofia), story.path.parent / "no"
    )
    assert done.places == foreseen.places
    assert {"contact", "operation", "entry", "ticket", "draft", "desk_state", "import_raw", "sync_log"} <= set(
        done.places
    )


def test_a_purge_cannot_be_undone_and_undo_goes_on_to_what_was_before(known: tuple[Story, EntityId]) -> None:
    story, zofia = known
    purged(story, zofia)
    again = begin_again(story)
    with suppress(Refused):
        for _act in range(9):
            again.act(Undo())
    again.desk.close()
    with closing(look(story.path)) as seen:
        assert seen.execute("SELECT name FROM contact WHERE id = ?", (zofia,)).fetchone() == (PURGED_NAME,)
    assert files_with_her(story.path) == []


def test_old_files_of_the_desk_and_crash_reports_go_too(known: tuple[Story, EntityId], tmp_path: Path) -> None:
    story, zofia = known
    before = story.path.with_name("desk.db.before")
    before.write_bytes(story.path.read_bytes())
    reports = tmp_path / "state"
    reports.mkdir()
    (reports / "crash-1.txt").write_text(f"while showing {NAME}")
    (reports / "crash-2.txt").write_text("while showing Ewa")
    done = purge(story.path, story.clock, story.new_id, story.anna, subject(story.path, zofia), reports)
    assert sorted(one.name for one in done.removed) == ["crash-1.txt", "desk.db.before"]
    assert [one.name for one in reports.iterdir()] == ["crash-2.txt"]
    assert files_with_her(story.path) == []


def test_a_file_that_purge_may_not_change_is_told(known: tuple[Story, EntityId]) -> None:
    story, zofia = known
    copy = story.path.with_name("my-backup.db")
    copy.write_bytes(story.path.read_bytes())
    done = purge(
        story.path, story.clock, story.new_id, story.anna, subject(story.path, zofia), story.path.parent / "no"
    )
    assert [one.name for one in done.found] == ["my-backup.db"]


def test_a_desk_that_another_console_has_open_is_not_purged(known: tuple[Story, EntityId]) -> None:
    story, zofia = known
    who = subject(story.path, zofia)
    with closing(look(story.path)) as other:
        other.execute("SELECT 1 FROM ticket").fetchone()
        with pytest.raises(StoreError, match=r"store.open_elsewhere"):
            purge(story.path, story.clock, story.new_id, story.anna, who, story.path.parent / "no")
        before = everything(other)
    other.close()
    with closing(look(story.path)) as seen:
        assert everything(seen) == before


def test_a_desk_that_has_joined_a_hub_is_refused_and_left_alone(known: tuple[Story, EntityId]) -> None:
    story, zofia = known
    with closing(open_file(story.path)) as connection:
        connection.execute(
            "INSERT INTO hub (only, url, epoch, login, person, joined_at) VALUES (1, 'postgresql://h', ?, 'a', ?, 0)",
            (bytes(16), story.anna),
        )
    who = subject(story.path, zofia)
    with pytest.raises(Refused, match=r"purge.joined"):
        purge(story.path, story.clock, story.new_id, story.anna, who, story.path.parent / "no")
    assert "desk.db" in files_with_her(story.path)


def test_what_another_console_wrote_keeps_its_hash_and_is_declared(known: tuple[Story, EntityId]) -> None:
    story, zofia = known
    other = bytes([9]) * 16
    with closing(open_file(story.path)) as connection:
        # As on a desk that has left its hub: the hub knows these operations by their hashes.
        connection.execute("UPDATE operation SET console = ?, state = 'pulled' WHERE id = ?", (other, zofia))
        connection.execute("UPDATE store SET console = ?, last_n = 0, last_hash = ?", (bytes([8]) * 16, bytes(32)))
        connection.execute("UPDATE operation SET state = 'acked' WHERE console <> ?", (other,))
        hashes = "SELECT n, hash, prev FROM operation WHERE console <> ? ORDER BY console, n"
        before = connection.execute(hashes, (bytes([8]) * 16,)).fetchall()
    purged(story, zofia)
    assert files_with_her(story.path) == []
    with closing(look(story.path)) as seen:
        assert seen.execute(hashes, (bytes([8]) * 16,)).fetchall() == before
        (declared,) = seen.execute("SELECT count(*) FROM purged_operation WHERE console = ?", (other,)).fetchone()
        assert declared == 2


PURGER = """
import sys
from pathlib import Path
from core.ids import EntityId
from storage.purging.purge import purge
from tests.storage.test_purge import subject
from tests.support.fixed import FixedClock, ids_from
path, contact, author = Path(sys.argv[1]), EntityId(bytes.fromhex(sys.argv[2])), EntityId(bytes.fromhex(sys.argv[3]))
clock = FixedClock()
who = subject(path, contact)
print("begin", flush=True)
purge(path, clock, ids_from(5, clock), author, who, path.parent / "no")
"""


def test_a_purge_that_is_killed_has_done_nothing_or_says_that_it_is_to_be_finished(
    known: tuple[Story, EntityId], tmp_path: Path
) -> None:
    story, zofia = known
    whole = story.path.read_bytes()
    seen_cases = set()
    for seed in range(KILLS):
        path = tmp_path / f"killed-{seed}" / "desk.db"
        path.parent.mkdir()
        path.write_bytes(whole)
        process = subprocess.Popen(
            [sys.executable, "-c", PURGER, str(path), zofia.hex(), story.anna.hex()],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
        )
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(random.Random(seed).random() * 0.25)
        process.kill()
        process.communicate()
        with closing(open_file(path)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            check_chain(connection)
            (name,) = connection.execute("SELECT name FROM contact WHERE id = ?", (zofia,)).fetchone()
            is_unswept = unswept(connection)
        if name == NAME:
            seen_cases.add("nothing")
            continue
        if is_unswept:
            seen_cases.add("unswept")
            finish(path)
        assert files_with_her(path) == []
    assert seen_cases


def test_a_file_without_room_beside_it_is_not_begun_with(
    known: tuple[Story, EntityId], monkeypatch: pytest.MonkeyPatch
) -> None:
    import shutil

    story, zofia = known
    who = subject(story.path, zofia)
    usage = shutil.disk_usage(story.path.parent)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage._replace(free=1000))
    with pytest.raises(StoreError, match=r"purge.no_room"):
        purge(story.path, story.clock, story.new_id, story.anna, who, story.path.parent / "no")
    assert "desk.db" in files_with_her(story.path)


def test_a_disk_that_fills_while_the_file_is_made_clean_leaves_a_purge_to_be_finished(
    known: tuple[Story, EntityId],
) -> None:
    story, zofia = known
    who = subject(story.path, zofia)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        # The transaction finds room in the log; a copy of the whole file does not.
        resource.setrlimit(resource.RLIMIT_FSIZE, (story.path.stat().st_size * 9 // 10, before[1]))
        with pytest.raises(StoreError, match=r"store.disk_(full|failed)"):
            purge(story.path, story.clock, story.new_id, story.anna, who, story.path.parent / "no")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    with closing(open_file(story.path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert unswept(connection) == 1
        check_chain(connection)
    finish(story.path)
    assert files_with_her(story.path) == []


def test_finding_goes_on_and_finds_the_person_no_more(known: tuple[Story, EntityId]) -> None:
    story, zofia = known
    purged(story, zofia)
    again = begin_again(story)
    assert [hit.row.subject for hit in again.desk.page_now(Search("waits")).hits] == [f"{PURGED_NAME} waits"]
    assert again.desk.page_now(Search("Wójcicka")).hits == ()
    assert again.desk.page_now(FindCallers("Wójcicka")) == ()
    assert again.desk.page_now(FindCallers(NUMBER)) == ()
    again.desk.close()


def test_needles_are_the_marks_as_written_and_as_indexes_keep_them() -> None:
    found = needles(Marks((NAME,), (MAIL,), (NUMBER,)))
    assert {NAME.encode(), b"zofia wojcicka-zmuda", MAIL.encode(), b"48325557701", b"10775552384"} <= set(found)


def test_the_file_stays_open_to_its_owner_alone(known: tuple[Story, EntityId]) -> None:
    story, zofia = known
    purged(story, zofia)
    assert story.path.stat().st_mode & 0o777 == 0o600
    assert still_found(story.path, Marks((NAME,))) == ()
    with held_alone(story.path):
        pass
