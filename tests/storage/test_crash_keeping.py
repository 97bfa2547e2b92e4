"""Who is killed while exporting, backing up or restoring leaves the file whole or not there, and the desk intact."""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from storage.attachments import folder_of
from storage.safekeeping.backup import back_up
from storage.safekeeping.restore import restore
from tests.storage.desk_story import check_chain, look
from tests.storage.kept_desks import busy_demo, exported, rewritten, with_field
from tests.support.fixed import FixedClock

ROOT = Path(__file__).resolve().parents[2]
SMOKE_KILLS = 6
LONGEST_SECONDS = {"export": 0.3, "backup": 0.3, "restore": 1.5}
"""How long what is killed takes, about: a kill falls anywhere in it, or in the next one."""


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return busy_demo(tmp_path_factory.mktemp("keeping"))


@pytest.fixture
def desk(busy: Path, tmp_path: Path) -> Path:
    path = tmp_path / "desk" / "desk.db"
    path.parent.mkdir()
    shutil.copyfile(busy, path)
    shutil.copytree(folder_of(busy), folder_of(path))
    return path


def killed(doing: str, seed: int, *paths: Path) -> None:
    """Let it begin, and kill it at a random moment."""
    argv = [sys.executable, "-m", "tests.storage.keeping_console", doing, *map(str, paths)]
    with subprocess.Popen(argv, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n", process.stderr and process.stderr.read()
        time.sleep(random.Random(seed).random() * LONGEST_SECONDS[doing])
        assert process.poll() is None, process.stderr and process.stderr.read()
        process.kill()


def kills(pytestconfig: pytest.Config) -> range:
    """How often, as for the other crash tests: a third of them here each."""
    return range(1, 1 + max(2, int(pytestconfig.getoption("kills", SMOKE_KILLS)) // 3))


def check_desk(path: Path) -> None:
    with closing(look(path)) as seen:
        assert seen.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert check_chain(seen) > 10


def test_an_export_that_is_killed_is_whole_or_not_there(desk: Path, pytestconfig: pytest.Config) -> None:
    file, before = desk.with_name("kept.jsonl"), exported(desk)
    for seed in kills(pytestconfig):
        file.unlink(missing_ok=True)
        killed("export", seed, desk, file)
        if file.exists():
            assert file.read_bytes() == before
    assert exported(desk) == before
    check_desk(desk)


def test_a_backup_that_is_killed_is_whole_with_its_files_or_not_there(desk: Path, pytestconfig: pytest.Config) -> None:
    folder, before = desk.with_name("kept"), exported(desk)
    file = folder / "kept.db"
    for seed in kills(pytestconfig):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        killed("backup", seed, desk, file)
        if file.exists():
            check_desk(file)
            assert exported(file) == before
    assert exported(desk) == before
    check_desk(desk)
    back_up(desk, file, replaces=True)
    assert not list(folder.glob("*.unfinished*"))


def test_a_desk_whose_restoring_is_killed_is_the_old_one_or_the_new_one(
    desk: Path, pytestconfig: pytest.Config, tmp_path: Path
) -> None:
    first, second = tmp_path / "first.db", tmp_path / "second.jsonl"
    back_up(desk, first)
    whole = exported(desk)
    other = rewritten(whole, lambda lines: with_field(lines, "team", "name", "Another state"))
    second.write_bytes(other)
    for seed in kills(pytestconfig):
        killed("restore", seed, desk, first, second)
        assert exported(desk) in (whole, other)
        check_desk(desk)
        for kept in desk.parent.glob("desk.db.before*"):
            check_desk(kept)
    restore(desk, first, FixedClock(), is_sure=True)
    assert exported(desk) == whole
    assert not list(desk.parent.glob("*.unfinished*"))


def test_a_desk_that_is_put_back_and_killed_is_there_with_all_its_files_or_not_at_all(
    desk: Path, pytestconfig: pytest.Config, tmp_path: Path
) -> None:
    first, second = tmp_path / "kept" / "first.db", tmp_path / "second.jsonl"
    first.parent.mkdir()
    back_up(desk, first)
    whole = exported(desk)
    second.write_bytes(whole)
    for seed in kills(pytestconfig):
        for file in (first, second):
            new = tmp_path / f"{seed}-{file.suffix}" / "desk.db"
            killed("restore", seed, new, file)
            if new.exists():
                assert exported(new) == whole
            restore(new, file, FixedClock(), is_sure=True)
            assert exported(new) == whole
