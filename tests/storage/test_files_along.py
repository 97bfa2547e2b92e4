"""Files of tickets go along with backups and exports and come back, each by its hash; what is missing is counted."""

from __future__ import annotations

import hashlib
import json
import os
import random
import resource
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from core.commands import AddAttachment, RemoveAttachment
from storage.attachments import MOST_BYTES, folder_of, take_in
from storage.engine import StoreError
from storage.safekeeping.backup import back_up
from storage.safekeeping.export_lines import export_lines
from storage.safekeeping.failed import KeepingFailed
from storage.safekeeping.file_lines import BLOCK_BYTES
from storage.safekeeping.files_along import Files
from storage.safekeeping.restore import WouldLose
from tests.storage.desk_story import Story
from tests.storage.kept_desks import exported, put_back, sealed, zipped
from tests.storage.test_attachments import files

LARGE = random.Random(1).randbytes(2 * BLOCK_BYTES + 5)
EVEN = random.Random(2).randbytes(BLOCK_BYTES)
SMALL = b"%PDF-1.7 a plan of the lift"
CONTENTS = {hashlib.sha256(content).hexdigest(): content for content in (LARGE, EVEN, SMALL)}
FAR = "f" * 64
Change = Callable[[list[bytes]], object]


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """Another disk."""
    folder = tmp_path / "other-disk"
    folder.mkdir()
    return folder


@pytest.fixture
def with_files(story: Story, tmp_path: Path) -> Story:
    """A desk whose ticket has three files."""
    ticket = story.open_ticket()
    for number, content in enumerate(CONTENTS.values()):
        (tmp_path / "own").write_bytes(content)
        taken = take_in(story.path, tmp_path / "own")
        story.act(AddAttachment(ticket, f"{number}.bin", taken.size, taken.media_type, taken.digest))
    return story


def lie_beside(path: Path) -> dict[str, bytes]:
    folder = folder_of(path)
    return {one.name: one.read_bytes() for one in folder.iterdir()} if folder.exists() else {}


def fresh(tmp_path: Path) -> Path:
    """Where another machine has its desk."""
    return tmp_path / "machine" / "desk.db"


def gone(story: Story, digest: str) -> None:
    (folder_of(story.path) / digest).unlink()


def test_a_backup_takes_the_files_along_for_its_owner_alone(with_files: Story, kept: Path) -> None:
    told = back_up(with_files.path, kept / "monday.db")
    assert told.files == Files(there=3, new=3)
    assert lie_beside(kept / "monday.db") == CONTENTS
    folder = kept / "attachments"
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {one.stat().st_mode & 0o777 for one in folder.iterdir()} == {0o600}


def test_the_next_backup_copies_only_what_is_not_there_or_was_altered_there(
    with_files: Story, kept: Path, tmp_path: Path
) -> None:
    back_up(with_files.path, kept / "monday.db")
    first, second, _third = (kept / "attachments" / digest for digest in CONTENTS)
    untouched = first.stat().st_ino
    second.write_bytes(b"rotten")
    assert back_up(with_files.path, kept / "tuesday.db").files == Files(there=3, new=1)
    assert (lie_beside(kept / "monday.db"), first.stat().st_ino) == (CONTENTS, untouched)


def test_missing_and_altered_files_are_counted_and_do_not_stop_a_backup(with_files: Story, kept: Path) -> None:
    lost, spoilt, whole = CONTENTS
    gone(with_files, lost)
    (folder_of(with_files.path) / spoilt).write_bytes(b"other bytes")
    assert back_up(with_files.path, kept / "kept.db").files == Files(there=1, new=1, missing=1, altered=1)
    assert list(lie_beside(kept / "kept.db")) == [whole]


def test_a_file_that_was_taken_off_goes_along_as_undo_may_want_it_and_is_not_missed(
    with_files: Story, kept: Path
) -> None:
    with with_files.look() as seen:
        (ticket,) = seen.execute("SELECT id FROM ticket").fetchone()
    first, second, _third = files(with_files, ticket)
    for one in (first, second):
        with_files.act(RemoveAttachment(ticket, one.entry, one.name))
    gone(with_files, second.digest)
    assert back_up(with_files.path, kept / "kept.db").files == Files(there=2, new=2)
    assert first.digest in lie_beside(kept / "kept.db")


def test_a_backup_brings_its_files_back_to_another_machine(with_files: Story, kept: Path, tmp_path: Path) -> None:
    back_up(with_files.path, kept / "kept.db")
    told = put_back(fresh(tmp_path), kept / "kept.db")
    assert told.files == Files(there=3, new=3)
    assert lie_beside(fresh(tmp_path)) == CONTENTS
    assert exported(fresh(tmp_path)) == exported(with_files.path)


def test_a_desk_comes_back_without_the_files_that_are_missing_or_altered_beside_the_backup(
    with_files: Story, kept: Path, tmp_path: Path
) -> None:
    back_up(with_files.path, kept / "kept.db")
    lost, spoilt, whole = CONTENTS
    (kept / "attachments" / lost).unlink()
    (kept / "attachments" / spoilt).write_bytes(b"other bytes")
    told = put_back(fresh(tmp_path), kept / "kept.db")
    assert told.files == Files(there=1, new=1, missing=1, altered=1)
    assert list(lie_beside(fresh(tmp_path))) == [whole]


def test_nothing_but_plain_files_is_read_from_beside_a_backup(with_files: Story, kept: Path, tmp_path: Path) -> None:
    back_up(with_files.path, kept / "kept.db")
    link, pipe, huge = (kept / "attachments" / digest for digest in CONTENTS)
    for one in (link, pipe, huge):
        one.unlink()
    (tmp_path / "secret").write_bytes(LARGE)
    link.symlink_to(tmp_path / "secret")
    os.mkfifo(pipe)
    with huge.open("wb") as file:
        file.truncate(MOST_BYTES + 1)
    assert put_back(fresh(tmp_path), kept / "kept.db").files == Files(altered=3)
    assert lie_beside(fresh(tmp_path)) == {}


def test_a_desk_that_is_put_back_in_its_place_keeps_the_files_it_has(with_files: Story, kept: Path) -> None:
    back_up(with_files.path, kept / "kept.db")
    shutil.rmtree(kept / "attachments")
    with_files.desk.close()
    assert put_back(with_files.path, kept / "kept.db").files == Files(there=3)


@pytest.mark.parametrize("is_export", [False, True])
def test_a_restore_that_is_refused_leaves_no_file_of_the_other_desk(
    story: Story, with_files: Story, kept: Path, tmp_path: Path, is_export: bool
) -> None:
    file = kept / "kept"
    if is_export:
        file.write_bytes(exported(with_files.path))
    else:
        back_up(with_files.path, file)
    with_files.open_ticket("Newer")
    with_files.desk.close()
    lost = next(iter(CONTENTS))
    gone(with_files, lost)
    before = lie_beside(with_files.path)
    with pytest.raises(WouldLose):
        put_back(with_files.path, file)
    assert lie_beside(with_files.path) == before
    assert put_back(with_files.path, file, is_sure=True).files == Files(there=3, new=1)


def test_an_export_holds_the_files_and_a_desk_made_of_it_exports_the_same(
    with_files: Story, kept: Path, tmp_path: Path
) -> None:
    whole = exported(with_files.path)
    for name, given in (("a.jsonl", whole), ("b.jsonl.gz", zipped(whole))):
        (kept / name).write_bytes(given)
        new = tmp_path / name / "desk.db"
        assert put_back(new, kept / name).files == Files(there=3, new=3)
        assert lie_beside(new) == CONTENTS
        assert exported(new) == whole
    blocks = [json.loads(line) for line in whole.splitlines() if line.startswith(b'{"file":')]
    assert [one["file"] for one in blocks] == sorted(one["file"] for one in blocks)
    large = hashlib.sha256(LARGE).hexdigest()
    assert [one["at"] for one in blocks if one["file"] == large] == [0, BLOCK_BYTES, 2 * BLOCK_BYTES]


def test_what_an_export_lacks_is_counted_in_its_last_line_and_comes_back_as_lacking(
    with_files: Story, kept: Path, tmp_path: Path
) -> None:
    lost, spoilt, whole = CONTENTS
    gone(with_files, lost)
    (folder_of(with_files.path) / spoilt).write_bytes(b"other bytes")
    lines: list[bytes] = []
    assert export_lines(with_files.path, lines.append).files == Files(1, 1, missing=1, altered=1)
    end = json.loads(lines[-1])["end"]
    assert (end["files"], end["missing"]) == (1, 2)
    (kept / "kept.jsonl").write_bytes(b"".join(lines))
    assert put_back(fresh(tmp_path), kept / "kept.jsonl").files == Files(1, 1, missing=2)
    assert list(lie_beside(fresh(tmp_path))) == [whole]
    assert exported(fresh(tmp_path)) == b"".join(lines)


def test_an_export_without_files_finds_them_beside_itself_or_comes_back_without(
    with_files: Story, kept: Path, tmp_path: Path
) -> None:
    lines: list[bytes] = []
    export_lines(with_files.path, lines.append, has_files=False)
    assert not any(line.startswith(b'{"file":') for line in lines)
    assert json.loads(lines[-1])["end"]["missing"] == 3
    (kept / "kept.jsonl").write_bytes(b"".join(lines))
    assert put_back(fresh(tmp_path), kept / "kept.jsonl").files == Files(missing=3)
    back_up(with_files.path, kept / "kept.db")
    assert put_back(tmp_path / "third" / "desk.db", kept / "kept.jsonl").files == Files(there=3, new=3)


def test_an_export_of_the_first_format_still_comes_back(with_files: Story, kept: Path, tmp_path: Path) -> None:
    rows = [line for line in exported(with_files.path).splitlines(keepends=True) if not line.startswith(b'{"file":')]
    rows = [rows[0].replace(b'{"lampboard_export":2,', b'{"lampboard_export":1,'), *rows[1:-1]]
    end = {"end": {"lines": len(rows), "sha256": hashlib.sha256(b"".join(rows)).hexdigest()}}
    (kept / "old.jsonl").write_bytes(b"".join((*rows, json.dumps(end).encode(), b"\n")))
    assert put_back(fresh(tmp_path), kept / "old.jsonl").files == Files(missing=3)


def _places(lines: list[bytes]) -> list[int]:
    return [place for place, line in enumerate(lines) if line.startswith(b'{"file":')]


def _with(block: int, /, **fields: object) -> Change:
    """Another value in the block of a file that is so far down."""

    def change(lines: list[bytes]) -> None:
        place = _places(lines)[block]
        lines[place] = json.dumps({**json.loads(lines[place]), **fields}, separators=(",", ":")).encode() + b"\n"

    return change


def _without(at: int) -> Change:
    return lambda lines: lines.pop(_places(lines)[at])


def _twice(at: int) -> Change:
    return lambda lines: lines.insert(_places(lines)[at], lines[_places(lines)[at]])


def _turned(lines: list[bytes]) -> None:
    first, *_rest, last = _places(lines)
    lines[first : last + 1] = reversed(lines[first : last + 1])


def _other_line(lines: list[bytes]) -> None:
    lines.insert(_places(lines)[0], b'{"table":"ticket","id":"00"}\n')


def _as_text(told: bytes) -> Change:
    return lambda lines: lines.insert(_places(lines)[0], told)


@pytest.mark.parametrize(
    "change",
    [
        _with(0, file="../../desk.db"),
        _with(0, file="A" * 64),
        _with(0, file=7),
        _with(-1, file=FAR),
        _with(0, at=1),
        _with(0, at=-1),
        _with(0, at=True),
        _with(0, size=10**12),
        _with(0, size=1.0),
        _with(0, size=0),
        _with(0, base64=""),
        _with(0, base64="AAAA"),
        _with(0, base64="no!base64"),
        _with(0, base64=7),
        _with(0, more=1),
        _with(0, base64="A" * (3 << 20)),
        _twice(0),
        _twice(-1),
        _turned,
        _other_line,
        _as_text(b'{"file":\n'),
        _as_text(b'{"file":"\xff"}\n'),
        _as_text(b'{"file":' + b"[" * 100_000 + b"\n"),
    ],
)
def test_a_line_of_a_file_that_does_not_fit_is_named_and_nothing_stays(
    with_files: Story, kept: Path, tmp_path: Path, change: Change
) -> None:
    lines = exported(with_files.path).splitlines(keepends=True)[:-1]
    change(lines)
    (kept / "kept.jsonl").write_bytes(sealed(lines))
    with pytest.raises(KeepingFailed) as found:
        put_back(fresh(tmp_path), kept / "kept.jsonl")
    assert found.value.code == "keeping.line_broken"
    assert found.value.facts["line"] in range(_places(lines)[0], len(lines) + 1)
    assert not fresh(tmp_path).parent.exists()


def test_a_block_that_is_missing_in_the_middle_is_named(with_files: Story, kept: Path, tmp_path: Path) -> None:
    lines = exported(with_files.path).splitlines(keepends=True)[:-1]
    large = hashlib.sha256(LARGE).hexdigest().encode()
    at = [place for place, line in enumerate(lines) if line.startswith(b'{"file":"' + large)]
    for missing in (at[0], at[1], at[2]):
        (kept / "kept.jsonl").write_bytes(sealed(lines[:missing] + lines[missing + 1 :]))
        with pytest.raises(KeepingFailed) as found:
            put_back(fresh(tmp_path), kept / "kept.jsonl")
        assert found.value.code == "keeping.line_broken"


@pytest.mark.parametrize("missing", [-1, 1, True, "0"])
def test_a_last_line_that_counts_other_files_is_refused(
    with_files: Story, kept: Path, tmp_path: Path, missing: int
) -> None:
    lines = exported(with_files.path).splitlines(keepends=True)[:-1]
    (kept / "kept.jsonl").write_bytes(sealed(lines, missing))
    with pytest.raises(KeepingFailed) as found:
        put_back(fresh(tmp_path), kept / "kept.jsonl")
    assert found.value.code == "keeping.altered"


def test_a_file_that_changes_while_it_is_exported_ends_the_export(with_files: Story) -> None:
    path = folder_of(with_files.path) / hashlib.sha256(LARGE).hexdigest()
    is_spoilt = False

    def write(lines: bytes) -> None:
        nonlocal is_spoilt
        if lines.startswith(b'{"file":"' + path.name.encode()) and not is_spoilt:
            is_spoilt = True
            with path.open("r+b") as file:
                file.truncate(BLOCK_BYTES)

    with pytest.raises(KeepingFailed) as found:
        export_lines(with_files.path, write)
    assert (found.value.code, is_spoilt) == ("keeping.file_changed", True)


def test_a_disk_that_is_full_is_told_and_no_file_stays_half(with_files: Story, kept: Path, tmp_path: Path) -> None:
    (kept / "kept.jsonl").write_bytes(exported(with_files.path))
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (len(LARGE) - 1, before[1]))
        with pytest.raises(StoreError, match=r"store.disk_full"):
            put_back(fresh(tmp_path), kept / "kept.jsonl")
        with pytest.raises(StoreError, match=r"store.disk_full"):
            back_up(with_files.path, kept / "kept.db")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert not fresh(tmp_path).parent.exists()
    assert not list(kept.glob("kept.db*"))
    assert all(CONTENTS[name] == content for name, content in lie_beside(kept / "kept.db").items())
