"""When the disk is full or the folder is somebody else's: one sentence, and what was saved stays saved."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from storage.desk import OpenDesk
from tests.storage.desk_story import Story, begin, check_chain, check_rows, look

ROOT = Path(__file__).resolve().parents[2]
NOBODY = 65534

WRITE_UNTIL_FULL = """
import os, resource, sys
from pathlib import Path
from core.commands import PostEntry
from core.errors import DomainError
from core.ids import EntityId, IdMaker
from storage.desk import OpenDesk
from tests.storage.acting_console import MachineClock

path, clock = Path(sys.argv[1]), MachineClock()
desk = OpenDesk(path, clock, IdMaker(clock.now_ms, os.urandom))
ticket, anna = (EntityId(bytes.fromhex(told)) for told in sys.argv[2:4])
note = lambda text: desk.submit(PostEntry(ticket, "note", text), anna).result(20)
note("before")
free = max(path.stat().st_size, path.with_name(path.name + "-wal").stat().st_size) + 200_000
resource.setrlimit(resource.RLIMIT_FSIZE, (free, resource.RLIM_INFINITY))
saved, refused = 0, []
for turn in range(400):
    try:
        note(f"note {turn} " + "x" * 5000)
        saved += 1
    except DomainError as error:
        refused.append(error.code)
        if len(refused) == 3:
            break
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
note("after")
print(saved, *refused)
desk.close()
"""

TRY_TO_OPEN = """
import os, sys, tempfile
from pathlib import Path
from core.commands import AddRecord
from core.errors import DomainError
from core.ids import IdMaker
from core.pages import People
from storage.desk import OpenDesk
from storage.new_desk import create_desk
from tests.storage.acting_console import MachineClock
from tests.storage.desk_story import begin

with tempfile.TemporaryDirectory() as folder:
    # Whatever is imported on the way is imported now: nobody may not read root's Python.
    elsewhere = begin(Path(folder) / "desk.db")
    elsewhere.desk.page_now(People())
    elsewhere.desk.close()
if os.getuid() == 0:
    os.setgroups([])
    os.setgid(NOBODY)
    os.setuid(NOBODY)
path, clock = Path(sys.argv[1]), MachineClock()
new_id = IdMaker(clock.now_ms, os.urandom)
try:
    if sys.argv[2] == "create":
        create_desk(path, "New", clock, new_id)
    else:
        desk = OpenDesk(path, clock, new_id)
        print(len(desk.page_now(People())), "people")
        desk.submit(AddRecord("team", {"name": "Day shift"}), new_id()).result(20)
    print("done")
except DomainError as error:
    print(error.code)
""".replace("NOBODY", str(NOBODY))


def child(program: str, *argv: object) -> list[str]:
    """What the program prints in a process of its own."""
    ran = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program), *map(str, argv)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.splitlines()


@pytest.fixture
def story(tmp_path: Path) -> Story:
    told = begin(tmp_path / "desks" / "desk.db")
    told.open_ticket()
    told.desk.close()
    return told


@pytest.fixture
def open_to_others(tmp_path: Path) -> None:
    """Let another user reach the test's folder, as one reaches a colleague's home."""
    for folder in (tmp_path, *tmp_path.parents):
        if folder.stat().st_uid == os.getuid() and len(folder.parts) > 2:
            folder.chmod(folder.stat().st_mode | 0o055)


def test_a_full_disk_refuses_an_act_in_a_sentence_and_takes_acts_again_when_there_is_room(story: Story) -> None:
    with story.look() as seen:
        (ticket,) = seen.execute("SELECT id FROM ticket").fetchone()
    (told,) = child(WRITE_UNTIL_FULL, story.path, ticket.hex(), story.anna.hex())
    saved, *refused = told.split()
    assert int(saved) > 0
    assert len(refused) == 3
    assert set(refused) <= {"store.disk_full", "store.disk_failed"}
    with look(story.path) as seen:
        notes = [
            text.split(" x")[0] for (text,) in seen.execute("SELECT text FROM entry WHERE kind = 'note' ORDER BY id")
        ]
        assert notes == ["before", *(f"note {turn}" for turn in range(int(saved))), "after"]
        assert seen.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        check_chain(seen)
        assert check_rows(seen) == 1


@pytest.mark.usefixtures("open_to_others")
def test_a_desk_in_a_folder_that_may_only_be_read_is_refused_in_a_sentence(story: Story) -> None:
    story.path.parent.chmod(0o555)
    story.path.chmod(0o444)
    assert child(TRY_TO_OPEN, story.path, "open")[-1:] == ["store.not_writable"]


@pytest.mark.usefixtures("open_to_others")
def test_a_desk_that_may_only_be_read_shows_itself_and_refuses_acts(story: Story) -> None:
    story.path.parent.chmod(0o777)
    story.path.chmod(0o444)
    assert child(TRY_TO_OPEN, story.path, "open") == ["2 people", "store.not_writable"]


@pytest.mark.usefixtures("open_to_others")
def test_a_desk_of_another_user_is_refused_in_a_sentence(story: Story) -> None:
    story.path.chmod(0o600)
    if os.getuid() != 0:
        story.path.chmod(0)
    story.path.parent.chmod(0o755)
    assert child(TRY_TO_OPEN, story.path, "open") == ["store.not_writable"]


@pytest.mark.usefixtures("open_to_others")
def test_a_folder_of_another_user_is_refused_in_a_sentence(story: Story) -> None:
    story.path.parent.chmod(0o700 if os.getuid() == 0 else 0)
    told = child(TRY_TO_OPEN, story.path, "open")
    story.path.parent.chmod(0o700)
    assert told == ["store.not_writable"]


@pytest.mark.usefixtures("open_to_others")
def test_a_new_desk_where_nothing_may_be_written_is_refused_in_a_sentence(story: Story) -> None:
    story.path.parent.chmod(0o555)
    assert child(TRY_TO_OPEN, story.path.parent / "new" / "desk.db", "create") == ["store.not_writable"]
    assert child(TRY_TO_OPEN, story.path.parent / "new.db", "create") == ["store.not_writable"]


def test_a_desk_that_is_not_there_is_named_and_not_made(tmp_path: Path, story: Story) -> None:
    missing = tmp_path / "missing.db"
    with pytest.raises(Exception, match=r"store.missing"):
        OpenDesk(missing, story.clock, story.new_id)
    assert not missing.exists()
