"""Exports, backups and desks put back at the command line: figures, sentences of refusal, full disks, open consoles."""

from __future__ import annotations

import gzip
import importlib.util
import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from storage.safekeeping.files_along import Files
from storage.safekeeping.newer_work import NewerWork
from storage.safekeeping.restore import Restored
from storage.safekeeping.verified import Verified
from tests.support.command_line import LAMPBOARD, Account
from tests.support.fixed import NOON
from tests.support.terminal import PtyProgram
from tui.verbs.restore import in_words

DISK_FULL = "lampboard: the disk is full: nothing was changed; make room and try again\n"
TRIAL = ("--desk", "trial")


@pytest.fixture
def account(tmp_path: Path) -> Account:
    made = Account(tmp_path)
    made.demo()
    return made


def files(account: Account) -> list[str]:
    """What lies in the account's folder and beside its desk."""
    beside = (path for path in (account.desks / "trial").iterdir() if not path.name.endswith(("-wal", "-shm")))
    return sorted(path.name for path in (*account.folder.glob("kept*"), *beside))


def test_a_desk_is_exported_and_put_back_under_another_name(account: Account) -> None:
    assert account.done(*TRIAL, "export", "kept.jsonl").startswith("kept.jsonl: 300 tickets, ")
    told = account.done("--desk", "other", "restore", "kept.jsonl")
    assert told.startswith("the desk other is as it was at ") and ": 300 tickets, 0 operations\n" in told
    queue = ("queue", "--view", "all", "--limit", "1000")
    assert account.document("--desk", "other", *queue) == account.document(*TRIAL, *queue)
    account.done("--desk", "other", "export", "again.jsonl")
    assert (account.folder / "again.jsonl").read_bytes() == (account.folder / "kept.jsonl").read_bytes()


def test_an_export_says_in_json_what_it_holds(account: Account) -> None:
    told = account.document(*TRIAL, "export", "kept.jsonl")
    lines = (account.folder / "kept.jsonl").read_bytes().splitlines()
    assert json.loads(lines[-1]) == {
        "end": {"lines": told["lines"], "sha256": told["sha256"], "files": 0, "missing": 0}
    }
    assert (told["lines"], told["rows"]["ticket"]) == (len(lines) - 1, 300)
    assert (account.folder / "kept.jsonl").stat().st_mode & 0o777 == 0o600


def test_a_zipped_export_is_the_same_and_the_same_each_time(account: Account) -> None:
    for name in ("kept.jsonl", "kept.jsonl.gz", "kept2.jsonl.gz"):
        account.done(*TRIAL, "export", name)
    plain, once, twice = (path.read_bytes() for path in sorted(account.folder.glob("kept*"), key=lambda p: len(p.name)))
    assert once == twice
    assert gzip.decompress(once) == plain
    account.done("--desk", "other", "restore", "kept.jsonl.gz")


def test_an_export_goes_into_a_pipe_and_ends_where_the_reader_has_seen_enough(account: Account) -> None:
    account.done(*TRIAL, "export", "kept.jsonl")
    ran = subprocess.run(
        [*LAMPBOARD, *TRIAL, "export", "-"], env=account.environment(), cwd=account.folder, capture_output=True
    )
    assert (ran.stdout, ran.stderr, ran.returncode) == ((account.folder / "kept.jsonl").read_bytes(), b"", 0)
    head = subprocess.run(
        ["sh", "-c", f"{' '.join(LAMPBOARD)} --desk trial export - | head -n 1; echo $?"],
        env=account.environment(),
        cwd=account.folder,
        capture_output=True,
    )
    assert head.stdout.splitlines()[0].startswith(b'{"lampboard_export":2,')
    assert head.stderr == b""


def test_an_export_is_not_poured_onto_a_terminal(account: Account) -> None:
    with PtyProgram([*LAMPBOARD, *TRIAL, "export", "-"], env=account.environment(), cwd=account.folder) as program:
        assert program.exit_code() == 2
        assert "an export is not for reading on a terminal" in program.text()
        assert "lampboard_export" not in program.text()


@pytest.mark.parametrize("words", [[], ["kept.jsonl", "--csv", "kept"], ["--csv", "kept", "--parquet", "kept2"]])
def test_an_export_has_one_place_to_go_to(account: Account, words: list[str]) -> None:
    assert account.refused(*TRIAL, "export", *words).startswith("name one file, or - for standard output, or --csv")
    assert files(account) == ["desk.db"]


@pytest.mark.parametrize("verb", ["export", "backup"])
def test_nothing_is_written_over_unless_that_is_said(account: Account, verb: str) -> None:
    (account.folder / "kept.x").write_text("mine")
    told = account.refused(*TRIAL, verb, "kept.x")
    assert told == "kept.x is there already; choose another name (a file is written over with --replace)"
    assert (account.folder / "kept.x").read_text() == "mine"
    account.done(*TRIAL, verb, "kept.x", "--replace")
    account.done("--desk", "other", "restore", "kept.x")


@pytest.mark.parametrize("verb", [("export", "--replace"), ("backup", "--replace"), ("restore", "--yes")])
def test_the_desk_itself_is_no_file_to_write_or_to_read(account: Account, verb: tuple[str, ...]) -> None:
    desk = account.desks / "trial" / "desk.db"
    before = account.done(*TRIAL, "export", "-")
    told = account.refused(*TRIAL, *verb, str(desk))
    assert told == f"{desk} is the desk itself; name another file"
    assert account.done(*TRIAL, "export", "-") == before


def test_tables_are_written_as_sheets(account: Account) -> None:
    told = account.document(*TRIAL, "export", "--csv", "kept")
    assert told["rows"]["ticket"] == 300
    assert len((account.folder / "kept" / "team.csv").read_text().splitlines()) == told["rows"]["team"] + 1
    assert account.refused(*TRIAL, "export", "--csv", "kept").startswith("kept is there already; ")


@pytest.mark.skipif(importlib.util.find_spec("pyarrow") is not None, reason="the extra lampboard[parquet] is installed")
def test_without_the_extra_parquet_is_refused_in_a_sentence(account: Account) -> None:
    told = account.refused(*TRIAL, "export", "--parquet", "kept")
    assert told == "writing Parquet needs the extra parquet; install lampboard[parquet], then try again"
    assert files(account) == ["desk.db"]


def test_a_backup_without_a_name_gets_one_beside_the_desks(account: Account) -> None:
    told = account.document(*TRIAL, "backup")
    path = Path(told["path"])
    assert path.parent == account.folder / "data" / "lampboard" / "backups"
    assert path.name.startswith("trial-20") and path.name.endswith("Z.db")
    assert (told["tickets"], told["bytes"]) == (300, path.stat().st_size)
    folder = account.folder / "kept"
    folder.mkdir()
    account.done(*TRIAL, "backup", "kept")
    assert [made.name[:8] for made in folder.iterdir()] == ["trial-20"]


def number_of(account: Account) -> str:
    number: str = account.document(*TRIAL, "queue", "--view", "open", "--limit", "1")[0]["number"]
    return number


def test_newer_work_is_not_replaced_in_silence_and_comes_back(account: Account) -> None:
    account.done(*TRIAL, "backup", "kept.db")
    number = number_of(account)
    account.done(*TRIAL, "ticket", "note", number, "newer work")
    told = account.refused(*TRIAL, "restore", "kept.db")
    assert told.startswith("the desk trial has 1 operation (the newest of ")
    assert told.endswith(
        ") that kept.db has not; nothing was changed, --yes puts the file in its place and keeps the other beside"
    )
    answer = account.document(*TRIAL, "restore", "kept.db", "--yes")
    assert (answer["only_there"]["operations"], answer["hub"]) == (1, None)
    shown = account.done(*TRIAL, "ticket", "show", number)
    assert "newer work" not in shown
    assert files(account) == ["desk.db", "desk.db.before", "kept.db"]
    account.done(*TRIAL, "restore", answer["kept_as"])
    assert "newer work" in account.done(*TRIAL, "ticket", "show", number)


def test_a_desk_that_is_open_is_backed_up_and_exported_but_not_put_back(account: Account) -> None:
    argv = [*LAMPBOARD, *TRIAL]
    with PtyProgram(argv, columns=120, rows=40, env=account.environment(), cwd=account.folder) as console:
        console.wait_for("T-")
        account.done(*TRIAL, "backup", "kept.db")
        account.done(*TRIAL, "export", "kept.jsonl")
        for file in ("kept.db", "kept.jsonl"):
            told = account.refused(*TRIAL, "restore", file, "--yes")
            assert told.endswith("is open in another console or program; close it there, then try again")
        console.press("q")
        assert console.exit_code() == 0
    assert files(account) == ["desk.db", "kept.db", "kept.jsonl"]


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        (b"Dear Sir", "kept.x is neither a backup nor an export of Lampboard; nothing was changed"),
        (b"", "kept.x is cut short after line 0: it is not whole; nothing was changed"),
        (b"\x1f\x8b\x08\x00", "kept.x is cut short after line 0: it is not whole; nothing was changed"),
        (b"SQLite format 3\0" + bytes(200), "kept.x is damaged (file is not a database); take another backup,"),
        (b'{"lampboard_export":9}\n', "kept.x was written by a newer Lampboard (format 9, this one knows 2);"),
        (b'{"lampboard_export":1,\n', "kept.x is unfit at line 1, the line: no JSON; nothing was changed"),
        (
            b'{"lampboard_export":1}\n',
            "kept.x is unfit at line 1, schema: a whole number is wanted; nothing was changed",
        ),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_in_a_sentence(account: Account, given: bytes, wanted: str) -> None:
    (account.folder / "kept.x").write_bytes(given)
    for desk in ("trial", "other"):
        assert account.refused("--desk", desk, "restore", "kept.x", "--yes").startswith(wanted)
    assert files(account) == ["desk.db", "kept.x"]
    assert not (account.desks / "other").exists()


def test_what_a_restore_leaves_to_a_person_is_told() -> None:
    restored = Restored(
        Verified(3, 40, NOON),
        Path("/d/desk.db.before"),
        NewerWork(operations=2, unsent=1, drafts=1, newest_ms=NOON),
        waiting=1,
        hub="postgresql://anna@hub/desk",
        files=Files(there=3, new=2, missing=1),
    )
    first, kept, files, missing, unsent, mail, hub = in_words("main", restored)
    assert first == "the desk main is as it was at 2026-11-24T14:32:00Z: 3 tickets, 40 operations"
    assert kept.endswith("; in it alone: 2 operations (the newest of 2026-11-24T14:32:00Z) and 1 unfinished text")
    assert (files, missing) == (
        "  3 files of tickets beside the desk, 2 of them new",
        "  1 file of a ticket is missing: it is not on this machine, so not beside the desk",
    )
    assert "1 operation in it was never sent; lampboard --desk unsent restore /d/desk.db.before makes" in unsent
    assert "1 reply waited for the mail command then" in mail
    assert "it has joined postgresql://anna@hub/desk: the next sync brings what the hub has" in hub


def test_a_value_with_escape_sequences_is_told_without_them(account: Account) -> None:
    account.done(*TRIAL, "export", "kept.jsonl")
    whole = (account.folder / "kept.jsonl").read_bytes()
    (account.folder / "kept.jsonl").write_bytes(whole.replace(b'"rows":{', b'"rows":{"\\u001b[31mred":1,', 1))
    told = account.refused("--desk", "other", "restore", "kept.jsonl")
    assert "unfit at line 1, rows: other tables than this schema has:  [31mred" in told


def on_a_small_disk(account: Account, kilobytes: int, *verb: str) -> subprocess.CompletedProcess[str]:
    """`lampboard` beside a disk of its own at `disk`; what lies on it afterwards is its standard output."""
    unshare = shutil.which("unshare")
    if unshare is None:
        pytest.skip("this machine cannot make a disk of its own for a test")
    disk = account.folder / "disk"
    disk.mkdir(exist_ok=True)
    as_root = ["--mount"] if os.getuid() == 0 else ["--user", "--map-root-user", "--mount"]
    mounted = f'mount -t tmpfs -o size={kilobytes}k tmpfs "$0" || exit 99; "$@"; code=$?; find "$0" -type f; exit $code'
    answer = subprocess.run(
        [unshare, *as_root, "sh", "-c", mounted, str(disk), *LAMPBOARD, *verb],
        env=account.environment(),
        cwd=account.folder,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    if answer.returncode == 99 or answer.stderr.startswith("unshare"):
        pytest.skip("this machine does not let a test mount a disk of its own")
    return answer


@pytest.mark.parametrize("kilobytes", [4, 100, 1000])
@pytest.mark.parametrize(
    "verb", [("export", "disk/kept.jsonl"), ("backup", "disk/kept.db"), ("export", "--csv", "disk/kept")]
)
def test_a_full_disk_leaves_nothing_half_written(account: Account, kilobytes: int, verb: tuple[str, ...]) -> None:
    answer = on_a_small_disk(account, kilobytes, *TRIAL, *verb)
    assert (answer.returncode, answer.stderr, answer.stdout) == (2, DISK_FULL, "")


@pytest.mark.parametrize("kilobytes", [4, 100, 2500])
@pytest.mark.parametrize("file", ["kept.jsonl", "kept.db"])
def test_a_desk_that_finds_no_room_to_come_back_is_not_there(account: Account, kilobytes: int, file: str) -> None:
    account.done(*TRIAL, "backup" if file.endswith(".db") else "export", file)
    (account.folder / "disk").mkdir()
    shutil.move(account.folder / "data", account.folder / "before")
    (account.folder / "data").symlink_to(account.folder / "disk")
    answer = on_a_small_disk(account, kilobytes, "--desk", "other", "restore", file)
    assert (answer.returncode, answer.stderr, answer.stdout) == (2, DISK_FULL, "")


def test_output_that_nobody_can_take_is_told_in_one_sentence(account: Account) -> None:
    with Path("/dev/full").open("w") as full:
        ran = subprocess.run(
            [*LAMPBOARD, *TRIAL, "export", "-"],
            env=account.environment(),
            cwd=account.folder,
            stdout=full,
            stderr=subprocess.PIPE,
        )
    assert ran.returncode == 2
    assert ran.stderr.startswith(b"lampboard: standard output cannot be written (No space left on device)")
    assert len(ran.stderr.splitlines()) == 1


def test_progress_is_shown_where_somebody_watches_and_leaves_a_clean_line(account: Account) -> None:
    argv = [*LAMPBOARD, *TRIAL, "export", "kept.jsonl"]
    with PtyProgram(argv, columns=100, rows=10, env=account.environment(), cwd=account.folder) as program:
        assert program.exit_code() == 0
        assert program.text().strip().startswith("kept.jsonl: 300 tickets")


def test_files_of_tickets_go_along_and_what_is_missing_is_said(account: Account) -> None:
    number = number_of(account)
    for name in ("photo.txt", "plan.txt"):
        (account.folder / name).write_text(f"the {name}")
        account.done(*TRIAL, "attachment", "add", number, name)
    assert account.done(*TRIAL, "backup", "kept.db").endswith("\n  2 files of tickets beside it in attachments\n")
    assert account.document(*TRIAL, "backup", "again.db")["files"] == {
        "there": 2,
        "new": 0,
        "missing": 0,
        "altered": 0,
    }
    assert account.done(*TRIAL, "export", "kept.jsonl").endswith("\n  2 files of tickets in the export\n")
    told = account.done(*TRIAL, "export", "light.jsonl.gz", "--without-files")
    assert told.endswith("\n  without the files of tickets, 2\n")
    for file in ("kept.db", "kept.jsonl"):
        told = account.done("--desk", file[5:], "restore", file)
        assert told.endswith("\n  2 files of tickets beside the desk\n")
        listed = account.document("--desk", file[5:], "attachment", "list", number)
        assert [one["is_here"] for one in listed] == [True, True]
    (account.folder / "attachments" / listed[0]["hash"]).unlink()
    answer = account.document("--desk", "third", "restore", "light.jsonl.gz")
    assert answer["files"] == {"there": 1, "new": 1, "missing": 1, "altered": 0}
    told = account.done("--desk", "fourth", "restore", "light.jsonl.gz")
    assert told.endswith("\n  1 file of a ticket is missing: it is not on this machine, so not beside the desk\n")
    account.done("--desk", "fourth", "restore", "kept.jsonl")
    assert account.done("--desk", "fourth", "attachment", "save", number, "1", "out.txt")
    assert (account.folder / "out.txt").read_text() == "the photo.txt"


@pytest.mark.parametrize("name", ["kept.jsonl", "kept.jsonl.gz"])
def test_who_imports_an_export_is_told_of_restore(account: Account, name: str) -> None:
    account.done(*TRIAL, "export", name)
    wanted = f"{name} is an export of Lampboard; lampboard --desk NAME restore {name} makes a desk of it"
    for words in ((name,), ("service-desk-log", name), ("--sketch", name)):
        assert account.refused(*TRIAL, "import", *words) == wanted
