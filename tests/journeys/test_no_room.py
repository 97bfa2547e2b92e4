"""Where nothing more can be written: one sentence, exit code 2, and nothing half made left to fill the disk."""

from __future__ import annotations

import resource
import subprocess
from pathlib import Path

import pytest

from tests.support.command_line import LAMPBOARD, Account
from tests.support.small_disks import run_on_small_disk

DISK_FULL = "lampboard: the disk is full: nothing was changed; make room and try again\n"
DISK_FAILED = "lampboard: the disk failed (disk I/O error): nothing was changed\n"
DEMO = (*LAMPBOARD, "demo", "--no-open", "--tickets", "2000")


@pytest.fixture
def account(tmp_path: Path) -> Account:
    return Account(tmp_path)


def into_the_full_device(account: Account, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    """`lampboard` with its standard output where no byte has room."""
    with Path("/dev/full").open("w") as full:
        return subprocess.run(
            [*LAMPBOARD, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=full,
            stderr=subprocess.PIPE,
            env=account.environment(env),
            cwd=account.folder,
            encoding="utf-8",
            timeout=60,
            check=False,
        )


@pytest.mark.parametrize("kilobytes", [20, 300, 3072])
@pytest.mark.parametrize("tickets", ["2000", "20000"])
def test_a_demo_that_fills_the_disk_is_refused_and_leaves_nothing_behind(
    account: Account, kilobytes: int, tickets: str
) -> None:
    disk = account.folder / "data"
    disk.mkdir()
    answer = run_on_small_disk(account, disk, kilobytes, *DEMO[:-1], tickets)
    assert (answer.returncode, answer.stderr, answer.stdout) == (2, DISK_FULL, "")


def test_a_demo_whose_file_may_not_grow_is_refused_and_leaves_nothing_behind(account: Account) -> None:
    answer = subprocess.run(
        DEMO,
        env=account.environment(),
        cwd=account.folder,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (500_000, 500_000)),
    )
    assert (answer.returncode, answer.stdout) == (2, "")
    assert answer.stderr in (DISK_FULL, DISK_FAILED)
    assert [path for path in account.folder.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize(
    "verb",
    [
        ("queue", "--view", "all", "--limit", "1000"),
        ("queue", "--json"),
        ("ticket", "show", "T-104000"),
        ("ticket", "take", "T-104000"),
        ("--help",),
        ("--version",),
    ],
)
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_output_that_nobody_can_take_is_told_in_one_sentence(
    account: Account, verb: tuple[str, ...], unbuffered: str
) -> None:
    account.demo()
    desk = ("--desk", "trial") if not verb[0].startswith("--") else ()
    answer = into_the_full_device(account, *desk, *verb, PYTHONUNBUFFERED=unbuffered)
    wanted = (
        "lampboard: standard output cannot be written (No space left on device); acts that were asked for are saved\n"
    )
    assert (answer.returncode, answer.stderr) == (2, wanted)


def test_an_act_whose_answer_had_no_room_is_saved_all_the_same(account: Account) -> None:
    account.demo()
    listed = account.document("--desk", "trial", "queue", "--view", "open", "--limit", "300")
    number = next(row["number"] for row in listed if not row["owner"])
    into_the_full_device(account, "--desk", "trial", "ticket", "take", number)
    assert account.document("--desk", "trial", "ticket", "show", number)["owner"]
