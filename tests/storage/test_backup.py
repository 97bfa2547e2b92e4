"""A backup is the desk of one moment, taken while consoles work, and looked through before it has its name."""

from __future__ import annotations

import fcntl
import os
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest

from core.commands import PostEntry
from core.errors import DomainError
from storage.engine import StoreError
from storage.safekeeping import backup
from storage.safekeeping.backup import BackedUp, back_up
from storage.safekeeping.failed import KeepingFailed
from storage.safekeeping.verified import Verified
from storage.safekeeping.whole_file import whole_file
from tests.storage.desk_story import Story, check_chain, check_rows, look
from tests.storage.kept_desks import exported


def test_a_backup_is_taken_while_a_console_acts_and_holds_whole_acts(
    story: Story, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backup, "PAGES_AT_ONCE", 3)
    ticket = story.open_ticket()
    is_over = threading.Event()
    steps: list[int] = []

    def act() -> None:
        while not is_over.is_set():
            story.act(PostEntry(ticket, "note", "while it is copied " * 20))

    acting = threading.Thread(target=act)
    acting.start()
    made = [
        back_up(story.path, tmp_path / f"{turn}.db", tell=lambda done, total: steps.append(done)) for turn in range(5)
    ]
    is_over.set()
    acting.join()
    for turn, told in enumerate(made):
        with closing(look(tmp_path / f"{turn}.db")) as seen:
            assert (check_chain(seen), check_rows(seen)) == (told.operations, 1)
    assert made[-1].operations > made[0].operations
    # Each page was copied once: what was written meanwhile did not begin a copy anew.
    begun = [place for place, done in enumerate(steps) if place == 0 or done < steps[place - 1]]
    assert len(begun) == 5 and len(steps) > 100


def test_a_backup_is_one_file_that_only_its_owner_reads_also_where_nothing_can_be_written(
    story: Story, tmp_path: Path
) -> None:
    story.open_ticket()
    folder = tmp_path / "disk"
    folder.mkdir()
    told = back_up(story.path, folder / "kept.db")
    assert [path.name for path in folder.iterdir()] == ["kept.db"]
    assert (folder / "kept.db").stat().st_mode & 0o777 == 0o600
    assert isinstance(told, BackedUp) and told.tickets == 1
    folder.chmod(0o500)
    (folder / "kept.db").chmod(0o400)
    with closing(look(folder / "kept.db")) as seen:
        assert seen.execute("PRAGMA journal_mode").fetchone() == ("delete",)
        assert seen.execute("SELECT count(*) FROM ticket").fetchone() == (1,)
    folder.chmod(0o700)


def test_a_backup_has_what_the_desk_has(story: Story, tmp_path: Path) -> None:
    story.open_ticket()
    back_up(story.path, tmp_path / "kept.db")
    assert exported(tmp_path / "kept.db") == exported(story.path)


def test_a_backup_is_not_written_over_another_unless_that_is_said(story: Story, tmp_path: Path) -> None:
    file = tmp_path / "kept.db"
    first = back_up(story.path, file)
    before = file.read_bytes()
    story.open_ticket()
    with pytest.raises(KeepingFailed) as refused:
        back_up(story.path, file)
    assert (refused.value.code, file.read_bytes()) == ("keeping.exists", before)
    assert back_up(story.path, file, replaces=True).operations > first.operations


def test_what_a_killed_backup_left_is_swept_by_the_next(story: Story, tmp_path: Path) -> None:
    (tmp_path / "kept.db.unfinished").write_bytes(b"half a copy" * 1000)
    (tmp_path / "kept.db.unfinished-journal").write_bytes(b"half a journal")
    back_up(story.path, tmp_path / "kept.db")
    assert sorted(path.name for path in tmp_path.glob("kept*")) == ["kept.db"]
    with closing(look(tmp_path / "kept.db")) as seen:
        check_chain(seen)


def test_two_that_write_one_file_do_not_write_into_each_other(story: Story, tmp_path: Path) -> None:
    with whole_file(tmp_path / "kept.db") as building:
        building.write_bytes(b"the first one's")
        with pytest.raises(KeepingFailed) as refused:
            back_up(story.path, tmp_path / "kept.db")
    assert refused.value.code == "keeping.being_written"
    assert (tmp_path / "kept.db").read_bytes() == b"the first one's"


def test_who_held_a_file_that_got_its_name_meanwhile_does_not_empty_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between opening the unfinished file and holding it, the one that wrote it gives it its own name."""
    file, building = tmp_path / "kept.db", tmp_path / "kept.db.unfinished"
    building.write_bytes(b"whole")

    def renamed_first(held: int, how: int) -> None:
        building.rename(file)

    monkeypatch.setattr(fcntl, "flock", renamed_first)
    with pytest.raises(KeepingFailed), whole_file(file):
        pass
    assert file.read_bytes() == b"whole"


def test_a_backup_that_fails_leaves_nothing(story: Story, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_args: object) -> Verified:
        raise KeepingFailed("keeping.log_broken", path="", operation="", reason="")

    monkeypatch.setattr(backup, "verify", broken)
    with pytest.raises(KeepingFailed):
        back_up(story.path, tmp_path / "kept.db")
    assert list(tmp_path.glob("kept*")) == []


def test_a_desk_whose_log_was_changed_by_hand_is_found_out(story: Story, tmp_path: Path) -> None:
    story.open_ticket()
    with closing(sqlite3.connect(story.path, isolation_level=None)) as hand:
        hand.execute("UPDATE operation SET payload = x'7b7d' WHERE n = 5")
    with pytest.raises(KeepingFailed) as refused:
        back_up(story.path, tmp_path / "kept.db")
    assert refused.value.code == "keeping.log_broken"
    assert str(refused.value.facts["operation"]).endswith(":5")
    assert list(tmp_path.glob("kept*")) == []


def test_a_desk_whose_pages_are_broken_is_found_out(story: Story, tmp_path: Path) -> None:
    for number in range(30):
        story.open_ticket(f"Ticket {number}", text="x" * 3000)
    story.desk.close()
    with closing(sqlite3.connect(story.path, isolation_level=None)) as hand:
        hand.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (root,) = hand.execute("SELECT rootpage FROM sqlite_master WHERE name = 'entry_by_ticket'").fetchone()
    whole = bytearray(story.path.read_bytes())
    whole[(root - 1) * 8192 : (root - 1) * 8192 + 200] = os.urandom(200)
    story.path.write_bytes(whole)
    with pytest.raises(DomainError) as refused:
        back_up(story.path, tmp_path / "kept.db")
    assert refused.value.code in ("store.broken", "keeping.log_broken")
    assert refused.value.facts["path"] == str(story.path)
    assert list(tmp_path.glob("kept*")) == []


@pytest.mark.parametrize("where", ["nowhere/kept.db", "letter/kept.db"])
def test_a_folder_that_is_none_is_refused(story: Story, tmp_path: Path, where: str) -> None:
    (tmp_path / "letter").write_text("Dear Sir")
    with pytest.raises(StoreError) as refused:
        back_up(story.path, tmp_path / where)
    assert refused.value.code == "store.not_writable"


def test_a_desk_that_is_not_there_is_not_backed_up(tmp_path: Path) -> None:
    with pytest.raises(StoreError) as refused:
        back_up(tmp_path / "desk.db", tmp_path / "kept.db")
    assert refused.value.code == "store.missing"
    assert list(tmp_path.iterdir()) == []
