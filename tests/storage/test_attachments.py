"""A file that was attached is the same file whenever it is read, or it is not read at all."""

from __future__ import annotations

import hashlib
import os
import random
import resource
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from core.attachments import standing
from core.clock import Instant
from core.commands import AddAttachment, RemoveAttachment, Undo
from core.errors import NotFound, Refused
from core.ids import EntityId
from core.pages import TicketPage
from storage.attachments import copy_to_open, erase, folder_of, forget_all, kept, save, take_in, verified
from storage.engine import StoreError
from tests.storage.desk_story import Story, check_chain, check_rows, look

ROOT = Path(__file__).resolve().parents[2]
CONTENT = b"%PDF-1.7 a plan of the lift\n" * 1000
DIGEST = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    """A file of the person's own."""
    path = tmp_path / "plan.pdf"
    path.write_bytes(CONTENT)
    return path


def attach(story: Story, ticket: EntityId, source: Path, name: str = "plan.pdf") -> EntityId:
    taken = take_in(story.path, source)
    story.act(AddAttachment(ticket, name, taken.size, taken.media_type, taken.digest))
    entry: EntityId = files(story, ticket)[-1].entry
    return entry


def files(story: Story, ticket: EntityId) -> tuple:  # type: ignore[type-arg]
    return standing(story.desk.page_now(TicketPage(ticket, 1000, Instant(0))).entries)


def names(story: Story) -> list[str]:
    return sorted(one.name for one in folder_of(story.path).iterdir())


def test_a_file_lies_under_its_hash_for_its_owner_alone_and_twice_is_once(story: Story, plan: Path) -> None:
    first, second = story.open_ticket(), story.open_ticket()
    plan.chmod(0o777)
    attach(story, first, plan)
    attach(story, second, plan, "again.pdf")
    assert names(story) == [DIGEST]
    kept_file = folder_of(story.path) / DIGEST
    assert kept_file.read_bytes() == CONTENT
    assert kept_file.stat().st_mode & 0o777 == 0o600
    assert folder_of(story.path).stat().st_mode & 0o777 == 0o700


def test_the_timeline_says_what_came_and_went_and_follows_from_the_log(story: Story, plan: Path) -> None:
    ticket = story.open_ticket()
    entry = attach(story, ticket, plan)
    story.act(RemoveAttachment(ticket, entry, "plan.pdf"))
    assert files(story, ticket) == ()
    story.act(Undo())
    assert [one.digest for one in files(story, ticket)] == [DIGEST]
    story.act(Undo())
    assert files(story, ticket) == ()
    with closing(look(story.path)) as seen:
        codes = [code for (code,) in seen.execute("SELECT code FROM entry WHERE code LIKE 'attach%' ORDER BY rowid")]
        assert codes == ["attachment.added", *["attachment.removed"] * 3]
        check_chain(seen)
        assert check_rows(seen) == 1


def test_a_file_that_was_altered_on_the_disk_is_not_read_and_can_be_attached_again(story: Story, plan: Path) -> None:
    attach(story, story.open_ticket(), plan)
    path = folder_of(story.path) / DIGEST
    path.write_bytes(CONTENT + b"!")
    for read in (
        lambda: verified(story.path, DIGEST),
        lambda: save(story.path, DIGEST, plan.with_name("out")),
        lambda: copy_to_open(story.path, DIGEST, "x", "application/pdf"),
    ):
        with pytest.raises(Refused, match=r"attachment.altered"):
            read()
    with closing(look(story.path)) as seen:
        assert kept(story.path, seen, is_full=True).altered == (DIGEST,)
        take_in(story.path, plan)
        assert kept(story.path, seen, is_full=True).altered == ()


def test_a_file_of_another_console_is_said_not_to_be_here(story: Story) -> None:
    ticket = story.open_ticket()
    story.act(AddAttachment(ticket, "far.pdf", 3, "application/pdf", DIGEST))
    with pytest.raises(NotFound, match=r"attachment.not_here"):
        verified(story.path, DIGEST)
    with closing(look(story.path)) as seen:
        assert kept(story.path, seen, is_full=False).missing == (DIGEST,)


@pytest.mark.parametrize(
    "digest", ["../desk.db", "/etc/passwd", "", DIGEST.upper(), "ab" * 31 + "/.", "..", DIGEST + "\n"]
)
def test_a_hash_that_is_none_names_no_file(story: Story, plan: Path, digest: str) -> None:
    attach(story, story.open_ticket(), plan)
    with pytest.raises(NotFound):
        verified(story.path, digest)


def test_a_link_in_the_folder_is_not_followed(story: Story, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(b"mine")
    folder_of(story.path).mkdir(mode=0o700)
    digest = hashlib.sha256(b"mine").hexdigest()
    (folder_of(story.path) / digest).symlink_to(secret)
    with pytest.raises(NotFound):
        verified(story.path, digest)


def test_what_is_no_file_is_refused_and_leaves_nothing_behind(story: Story, tmp_path: Path) -> None:
    pipe, empty, unreadable = tmp_path / "pipe", tmp_path / "empty", tmp_path / "nix"
    os.mkfifo(pipe)
    empty.touch()
    for source, code in (
        (pipe, "attachment.no_regular_file"),
        (tmp_path, "attachment.no_regular_file"),
        (Path("/dev/zero"), "attachment.no_regular_file"),
        (empty, "attachment.empty"),
        (unreadable, "attachment.no_file"),
    ):
        with pytest.raises((Refused, NotFound), match=code):
            take_in(story.path, source)
    assert not folder_of(story.path).exists() or names(story) == []


def test_a_file_larger_than_the_limit_is_refused_and_leaves_nothing_behind(story: Story, plan: Path) -> None:
    with pytest.raises(Refused, match=r"attachment.too_large"):
        take_in(story.path, plan, most_bytes=len(CONTENT) - 1)
    assert names(story) == []
    assert take_in(story.path, plan, most_bytes=len(CONTENT)).size == len(CONTENT)


def test_a_copy_to_open_is_another_file_that_cannot_be_written_or_run(story: Story, plan: Path) -> None:
    attach(story, story.open_ticket(), plan)
    copy = copy_to_open(story.path, DIGEST, "../../\u202eplan.exe", "application/pdf")
    assert copy.name == "plan.pdf"
    assert copy.parent.parent.parent == folder_of(story.path)
    assert copy.stat().st_mode & 0o777 == 0o400
    assert copy.read_bytes() == CONTENT
    assert copy_to_open(story.path, DIGEST, "plan.pdf", "application/pdf") == copy


def test_saving_writes_over_nothing(story: Story, plan: Path, tmp_path: Path) -> None:
    attach(story, story.open_ticket(), plan)
    out = tmp_path / "out.pdf"
    save(story.path, DIGEST, out)
    assert (out.read_bytes(), out.stat().st_mode & 0o777) == (CONTENT, 0o600)
    with pytest.raises(Refused, match=r"attachment.in_the_way"):
        save(story.path, DIGEST, out)
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(Refused, match=r"attachment.in_the_way"):
        save(story.path, DIGEST, link)
    assert not (tmp_path / "elsewhere").exists()


def test_bytes_are_erased_only_when_no_other_line_names_them(story: Story, plan: Path) -> None:
    first, second = story.open_ticket(), story.open_ticket()
    attach(story, first, plan)
    attach(story, second, plan)
    with closing(look(story.path)) as seen:
        assert not erase(story.path, seen, DIGEST)
    assert names(story) == [DIGEST]


def test_a_file_that_nobody_names_any_more_is_told(story: Story, plan: Path) -> None:
    take_in(story.path, plan)
    with closing(look(story.path)) as seen:
        known = kept(story.path, seen, is_full=False)
    assert (known.unused, known.unused_size, known.missing) == ((DIGEST,), len(CONTENT), ())


def test_an_erased_desk_takes_its_files_along(story: Story, plan: Path) -> None:
    take_in(story.path, plan)
    forget_all(story.path)
    assert not folder_of(story.path).exists()


def test_a_disk_that_is_full_is_told_and_nothing_half_stays(story: Story, tmp_path: Path) -> None:
    large = tmp_path / "large"
    large.write_bytes(os.urandom(3_000_000))
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, before[1]))
        with pytest.raises(StoreError, match=r"store.disk_full"):
            take_in(story.path, large)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert names(story) == []


TAKER = """
import sys
from pathlib import Path
from storage.attachments import take_in
print("begin", flush=True)
while True:
    take_in(Path(sys.argv[1]), Path(sys.argv[2]))
"""


def test_a_console_killed_while_it_copies_leaves_only_whole_files_under_their_names(
    story: Story, tmp_path: Path
) -> None:
    large = tmp_path / "large"
    large.write_bytes(os.urandom(5_000_000))
    folder_of(story.path).mkdir(mode=0o700)
    chance = random.Random(7)
    for _kill in range(5):
        process = subprocess.Popen(
            [sys.executable, "-c", TAKER, str(story.path), str(large)],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
        )
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(chance.random() * 0.1)
        process.kill()
        process.communicate()
        for one in folder_of(story.path).iterdir():
            assert one.name.startswith(".taking-") or hashlib.sha256(one.read_bytes()).hexdigest() == one.name
    for one in folder_of(story.path).glob(".taking-*"):
        os.utime(one, (0, 0))
    take_in(story.path, large)
    assert len(names(story)) == 1
