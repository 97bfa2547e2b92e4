"""A desk put back: the file is looked through first, newer work is never lost in silence, what was there is kept."""

from __future__ import annotations

import fcntl
import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from core.commands import PostEntry
from core.delivery import FAILED, HANDED, PUT_BACK
from core.errors import DomainError
from core.ids import EntityId
from storage.desk import OpenDesk
from storage.drafts import keep_draft
from storage.engine import APPLICATION_ID, StoreError, open_file
from storage.migrations import SCRIPTS, migrate
from storage.new_desk import Owner, add_owner, create_desk
from storage.outbox import GRACE_SECONDS, Outbox
from storage.safekeeping.backup import back_up
from storage.safekeeping.failed import KeepingFailed
from storage.safekeeping.restore import Restored, WouldLose
from storage.sync.report_rows import watch_rows
from tests.storage.desk_story import Story, begin, check_chain, check_rows, look
from tests.storage.hub_story import Console, opened, settle
from tests.storage.kept_desks import busy_demo, exported, put_back
from tests.support.fixed import NOON, FixedClock, ids_from


@pytest.fixture
def backup(story: Story, tmp_path: Path) -> Path:
    """A backup of the desk with one ticket."""
    story.open_ticket("Known to the backup")
    back_up(story.path, tmp_path / "kept.db")
    return tmp_path / "kept.db"


def subjects(path: Path) -> list[str]:
    with closing(look(path)) as seen:
        return sorted(subject for (subject,) in seen.execute("SELECT subject FROM ticket"))


def would_lose(path: Path, file: Path) -> WouldLose:
    """The refusal; the desk is the same file as before."""
    before, inode = exported(path), path.stat().st_ino
    with pytest.raises(WouldLose) as refused:
        put_back(path, file)
    assert (exported(path), path.stat().st_ino) == (before, inode)
    assert not list(path.parent.glob("*.unfinished*"))
    return refused.value


def test_a_desk_that_is_gone_comes_back(story: Story, backup: Path) -> None:
    before = exported(story.path)
    story.desk.close()
    story.path.unlink()
    told = put_back(story.path, backup)
    assert (told.before, told.now.tickets, bool(told.lost)) == (None, 1, False)
    assert exported(story.path) == before
    assert story.path.stat().st_mode & 0o777 == 0o600
    with closing(look(story.path)) as seen:
        assert seen.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_newer_work_is_named_and_only_put_aside_by_who_says_so(story: Story, backup: Path) -> None:
    story.open_ticket("Newer")
    story.desk.write(
        lambda connection: keep_draft(connection, story.anna, "note", EntityId(b"1" * 16), "half a", 7)
    ).result(10)
    story.desk.close()
    refused = would_lose(story.path, backup).lost
    assert (refused.operations, refused.tickets, refused.drafts, refused.unsent) == (1, 0, 1, 0)
    assert refused.newest_ms == NOON
    newer = exported(story.path)
    told = put_back(story.path, backup, is_sure=True)
    assert subjects(story.path) == ["Known to the backup"]
    assert told.before is not None
    assert exported(told.before) == newer
    assert told.before.stat().st_mode & 0o777 == 0o600
    assert sorted(path.name for path in story.path.parent.glob("desk.db.*")) == ["desk.db.before"]


def test_what_was_put_aside_is_put_back_in_the_same_way(story: Story, backup: Path) -> None:
    story.open_ticket("Newer")
    story.desk.close()
    newer = exported(story.path)
    first = put_back(story.path, backup, is_sure=True)
    assert first.before is not None
    second = put_back(story.path, first.before)
    assert exported(story.path) == newer
    assert second.before is not None and second.before != first.before
    assert subjects(first.before) == ["Known to the backup", "Newer"]


def test_a_file_with_all_that_the_desk_has_needs_no_word(story: Story, backup: Path) -> None:
    story.desk.close()
    assert not put_back(story.path, backup).lost


def test_a_desk_on_which_nothing_was_done_may_be_replaced(tmp_path: Path, backup: Path) -> None:
    clock = FixedClock()
    path = tmp_path / "empty" / "desk.db"
    create_desk(path, "main", clock, ids_from(9, clock)).close()
    add_owner(path, clock, ids_from(8, clock), Owner("Anna", "Desk", "UTC"))
    put_back(path, backup)
    assert subjects(path) == ["Known to the backup"]


def test_another_desk_is_not_replaced_in_silence(tmp_path: Path, backup: Path) -> None:
    other = begin(tmp_path / "other" / "desk.db", seed=5)
    other.open_ticket("Of another firm")
    other.desk.close()
    assert would_lose(other.path, backup).lost.operations > 2


def test_a_demo_whose_tickets_have_no_operations_is_not_replaced_in_silence(tmp_path: Path, backup: Path) -> None:
    folder = tmp_path / "demo"
    folder.mkdir()
    assert would_lose(busy_demo(folder), backup).lost.tickets > 200


def test_two_logs_that_parted_are_told_apart_though_they_are_as_long(
    story: Story, backup: Path, tmp_path: Path
) -> None:
    story.desk.close()
    copy = tmp_path / "copy" / "desk.db"
    copy.parent.mkdir()
    shutil.copyfile(backup, copy)
    for path, subject in ((story.path, "Here"), (copy, "There")):
        clock = FixedClock(NOON + 1000)
        desk = OpenDesk(path, clock, ids_from(len(subject), clock))
        desk.submit(PostEntry(_ticket(path), "note", subject), story.anna).result(10)
        desk.close()
    assert would_lose(story.path, copy).lost.operations == 1


def _ticket(path: Path) -> EntityId:
    with closing(look(path)) as seen:
        return EntityId(seen.execute("SELECT id FROM ticket").fetchone()[0])


def test_a_desk_that_is_open_is_not_replaced(story: Story, backup: Path) -> None:
    story.open_ticket("Newer")
    for is_sure in (False, True):
        with pytest.raises(StoreError) as refused:
            put_back(story.path, backup, is_sure=is_sure)
        assert refused.value.code == "store.open_elsewhere"
    story.open_ticket("Goes on")
    assert len(subjects(story.path)) == 3


def test_two_that_put_a_desk_back_at_once_do_not_take_each_others_files(backup: Path, tmp_path: Path) -> None:
    path = tmp_path / "new" / "desk.db"
    path.parent.mkdir()
    other = os.open(path.parent, os.O_RDONLY)
    fcntl.flock(other, fcntl.LOCK_EX)
    path.with_name("desk.db.unfinished").write_text("the other one's")
    with pytest.raises(KeepingFailed) as found:
        put_back(path, backup)
    assert found.value.code == "keeping.being_written"
    assert path.with_name("desk.db.unfinished").read_text() == "the other one's"
    os.close(other)
    put_back(path, backup)
    assert sorted(one.name for one in path.parent.iterdir()) == ["desk.db"]


@pytest.mark.parametrize(
    "spoil", [lambda whole: whole[:1000], lambda whole: b"\0" * len(whole), lambda whole: b"letter"]
)
def test_a_broken_desk_is_replaced_by_who_says_so_and_kept(
    story: Story, backup: Path, spoil: Callable[[bytes], bytes]
) -> None:
    story.desk.close()
    spoilt = spoil(story.path.read_bytes())
    story.path.write_bytes(spoilt)
    with pytest.raises(WouldLose) as refused:
        put_back(story.path, backup)
    assert refused.value.lost.unreadable
    assert story.path.read_bytes() == spoilt
    told = put_back(story.path, backup, is_sure=True)
    assert told.before is not None and told.before.read_bytes() == spoilt
    assert subjects(story.path) == ["Known to the backup"]


def test_a_log_that_was_left_without_its_desk_is_not_taken_for_the_new_ones(story: Story, backup: Path) -> None:
    story.desk.close()
    with closing(sqlite3.connect(story.path, isolation_level=None)) as hand:
        hand.execute("UPDATE ticket SET subject = 'of the old log'")
        wal = story.path.with_name("desk.db-wal")
        left = wal.read_bytes()
    story.path.unlink()
    wal.write_bytes(left)
    put_back(story.path, backup)
    assert subjects(story.path) == ["Known to the backup"]
    assert story.path.with_name("desk.db.before-wal").read_bytes() == left


def refused(path: Path, file: Path) -> DomainError:
    with pytest.raises(DomainError) as found:
        put_back(path, file, is_sure=True)
    assert not path.exists()
    return found.value


@pytest.mark.parametrize("share", [0.0005, 0.01, 0.5, 0.98])
def test_a_backup_that_was_cut_off_is_refused(backup: Path, tmp_path: Path, share: float) -> None:
    whole = backup.read_bytes()
    backup.write_bytes(whole[: int(len(whole) * share)])
    assert refused(tmp_path / "new" / "desk.db", backup).code in ("keeping.backup_broken", "keeping.unknown_file")


def test_a_backup_whose_pages_were_changed_is_refused(backup: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(backup)) as hand:
        (root,) = hand.execute(
            "SELECT rootpage FROM sqlite_master WHERE name = 'sqlite_autoindex_operation_1'"
        ).fetchone()
    whole = bytearray(backup.read_bytes())
    whole[(root - 1) * 8192 + 4000 : (root - 1) * 8192 + 8192] = b"\x55" * 4192
    backup.write_bytes(whole)
    assert refused(tmp_path / "new" / "desk.db", backup).code in ("keeping.backup_broken", "keeping.log_broken")


def test_a_backup_whose_log_was_changed_is_refused(backup: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(backup, isolation_level=None)) as hand:
        hand.execute("UPDATE operation SET author = zeroblob(16) WHERE n = 7")
    error = refused(tmp_path / "new" / "desk.db", backup)
    assert error.code == "keeping.log_broken"
    assert error.facts["path"] == str(backup)


@pytest.mark.parametrize(
    "more",
    [
        "CREATE TRIGGER more AFTER INSERT ON operation BEGIN DELETE FROM entry; END",
        "CREATE VIEW more AS SELECT * FROM ticket",
    ],
)
def test_a_backup_that_would_do_more_than_a_desk_does_is_refused(backup: Path, tmp_path: Path, more: str) -> None:
    with closing(sqlite3.connect(backup, isolation_level=None)) as hand:
        hand.execute(more)
    error = refused(tmp_path / "new" / "desk.db", backup)
    assert (error.code, error.facts["reason"]) == ("keeping.backup_broken", "no desk has a more")


def test_the_desk_of_a_keeper_comes_back_without_the_notes_it_makes_again(story: Story, tmp_path: Path) -> None:
    story.desk.close()
    with closing(sqlite3.connect(story.path, isolation_level=None)) as keeper:
        assert watch_rows(keeper)
    back_up(story.path, tmp_path / "kept.db")
    put_back(story.path, tmp_path / "kept.db")
    with closing(sqlite3.connect(story.path, isolation_level=None)) as keeper:
        assert watch_rows(keeper)


def test_a_database_of_another_program_is_refused(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "songs.db") as other:
        other.execute("CREATE TABLE song (title TEXT)")
    assert refused(tmp_path / "new" / "desk.db", tmp_path / "songs.db").code == "keeping.unknown_file"


def test_a_backup_of_a_newer_program_is_refused(backup: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(backup, isolation_level=None)) as hand:
        hand.execute(f"PRAGMA user_version = {len(SCRIPTS) + 1}")
    assert refused(tmp_path / "new" / "desk.db", backup).code == "store.newer"


def test_a_backup_of_an_older_program_is_brought_to_the_present_schema_and_stays_as_it_is(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "old.db", isolation_level=None)) as old:
        old.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        migrate(old, stop_before=SCRIPTS[3])
        zeros = (bytes(16), bytes(32))
        old.execute("INSERT INTO store (only, console, last_hash, created_at) VALUES (1, ?, ?, 0)", zeros)
    before = (tmp_path / "old.db").read_bytes()
    put_back(tmp_path / "new" / "desk.db", tmp_path / "old.db")
    open_file(tmp_path / "new" / "desk.db").close()
    assert (tmp_path / "old.db").read_bytes() == before


def test_a_file_that_is_not_there_or_the_desk_itself_is_refused(story: Story, tmp_path: Path) -> None:
    for file, code in ((tmp_path / "none.db", "keeping.no_file"), (story.path, "keeping.itself")):
        with pytest.raises(KeepingFailed) as found:
            put_back(story.path, file)
        assert found.value.code == code
    with pytest.raises(KeepingFailed) as found:
        put_back(story.path, tmp_path)
    assert found.value.code == "keeping.unreadable"


def told_by(path: Path, clock: FixedClock, command: str) -> list[str]:
    """What a console with a mail command makes of replies that wait."""
    desk = OpenDesk(path, clock, ids_from(44, clock), has_mail_command=True)
    outbox = Outbox(desk, path, clock, (command,))
    outbox.look()
    outbox.stop()
    desk.close()
    with closing(look(path)) as seen:
        return [
            delivery for (delivery,) in seen.execute("SELECT delivery FROM entry WHERE kind = 'message' ORDER BY id")
        ]


def test_a_reply_that_waited_in_the_backup_is_not_sent_a_second_time(tmp_path: Path) -> None:
    clock = FixedClock()
    begun = begin(tmp_path / "desk.db")
    begun.desk.close()
    desk = OpenDesk(begun.path, clock, ids_from(3, clock), has_mail_command=True)
    story = replace(begun, desk=desk, clock=clock)
    ticket = story.open_ticket()
    story.act(PostEntry(ticket, "message", "We are on our way.", story.caller))
    back_up(story.path, tmp_path / "kept.db")
    desk.close()
    told = put_back(story.path, tmp_path / "kept.db")
    assert told.waiting == 1
    clock.forward(seconds=7200)
    assert told_by(story.path, clock, "/bin/false") == [FAILED]
    with closing(look(story.path)) as seen:
        assert seen.execute("SELECT data FROM entry WHERE delivery = 'failed'").fetchone()[0].count(PUT_BACK) == 1
        check_chain(seen)
        check_rows(seen)


def test_a_reply_written_after_the_desk_was_put_back_is_sent(tmp_path: Path) -> None:
    begun = begin(tmp_path / "desk.db")
    begun.desk.close()
    back_up(begun.path, tmp_path / "kept.db")
    put_back(begun.path, tmp_path / "kept.db")
    clock = FixedClock(NOON + 7_200_000)
    desk = OpenDesk(begun.path, clock, ids_from(3, clock), has_mail_command=True)
    story = replace(begun, desk=desk, clock=clock, new_id=ids_from(4, clock))
    with closing(sqlite3.connect(begun.path, isolation_level=None)) as hand:
        hand.execute("UPDATE contact SET email = 'ewa@example.com'")
    ticket = story.open_ticket()
    story.act(PostEntry(ticket, "message", "We are on our way.", story.caller))
    desk.close()
    clock.forward(seconds=GRACE_SECONDS + 1)
    assert told_by(begun.path, clock, "/bin/cat") == [HANDED]


def awake(console: Console) -> None:
    """Let the console open its file again."""
    console.desk = OpenDesk(console.path, console.clock, console.new_id)


def test_a_joined_desk_that_was_put_back_finds_its_sent_work_again_and_goes_on(
    two: tuple[Console, Console], tmp_path: Path
) -> None:
    anna, boris = two
    opened(anna, "Known to the backup")
    settle(anna, boris)
    back_up(anna.path, tmp_path / "kept.db")
    opened(anna, "Sent after it")
    opened(boris, "Of a colleague")
    settle(anna, boris)
    anna.desk.close()
    error = would_lose(anna.path, tmp_path / "kept.db")
    assert (error.lost.operations, error.lost.unsent) == (2, 0)
    told: Restored = put_back(anna.path, tmp_path / "kept.db", is_sure=True)
    assert told.hub == anna.url
    awake(anna)
    opened(anna, "Before the next sync")
    settle(anna, boris)
    wanted = ["Before the next sync", "Known to the backup", "Of a colleague", "Sent after it"]
    assert [subject for subject in subjects(anna.path) if subject in wanted] == wanted
    assert anna.rows() == boris.rows()


def test_unsent_work_of_a_joined_desk_is_counted_and_can_be_sent_from_what_was_kept(
    two: tuple[Console, Console], tmp_path: Path
) -> None:
    anna, boris = two
    settle(anna, boris)
    back_up(anna.path, tmp_path / "kept.db")
    opened(anna, "Never sent")
    anna.desk.close()
    assert would_lose(anna.path, tmp_path / "kept.db").lost.unsent == 1
    told = put_back(anna.path, tmp_path / "kept.db", is_sure=True)
    assert (told.lost.unsent, subjects(anna.path)) == (1, [])
    awake(anna)
    opened(anna, "After the backup")
    settle(anna, boris)
    # As the verb says: a desk of its own from what was kept, which sends what only that has.
    assert told.before is not None
    rescue = tmp_path / "rescue" / "desk.db"
    put_back(rescue, told.before)
    clock = FixedClock(anna.clock.now_ms() + 60_000)
    rescuer = Console(
        rescue,
        OpenDesk(rescue, clock, ids_from(71, clock)),
        anna.person,
        clock,
        ids_from(72, clock),
        anna.login,
        anna.server,
        anna.hub,
    )
    settle(rescuer, anna, boris)
    assert subjects(anna.path) == subjects(boris.path) == ["After the backup", "Never sent"]
    rescuer.desk.close()
