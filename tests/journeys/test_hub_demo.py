"""Trying a hub in a minute: two consoles side by side are one desk, and nothing is left when both are closed."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.command_line import LAMPBOARD, Account
from tests.support.terminal import PtyProgram

OF_ANNA, OF_BORIS, AFTER = "my+unassigned 6", "my+unassigned 3", "my+unassigned 2"
"""How many tickets each sees, and Boris once Anna has taken one."""
WAIT_SECONDS = 60.0


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that a server which runs as somebody else may enter."""
    folder = Path(tempfile.mkdtemp(prefix="lampboard-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def demo(account: Account, *, columns: int = 200, **more: str) -> PtyProgram:
    environment: dict[str, str | None] = {**account.environment(), **more}
    return PtyProgram([*LAMPBOARD, "hub", "demo"], columns=columns, rows=50, env=environment, cwd=account.folder)


@pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed here")
def test_two_consoles_side_by_side_are_one_desk_and_leave_nothing_behind(tmp_path: Path, open_folder: Path) -> None:
    account = Account(tmp_path)
    with demo(account, TMPDIR=str(open_folder)) as program:
        program.wait_for(OF_ANNA, timeout=WAIT_SECONDS)
        program.wait_for(OF_BORIS, timeout=WAIT_SECONDS)
        program.press("a")
        program.wait_for(AFTER, timeout=WAIT_SECONDS)
        program.press("q")
        program.settle(1.0)
        program.press("q")
        program.wait_for("the demo has ended; nothing of it is left", timeout=WAIT_SECONDS)
        assert program.exit_code() == 0
    assert list(account.desks.glob("*")) == []
    assert not (tmp_path / "state" / "lampboard" / "hub-demo").exists()
    assert list(open_folder.iterdir()) == []


def test_without_tmux_the_demo_says_what_is_missing(tmp_path: Path) -> None:
    with demo(Account(tmp_path), PATH=str(tmp_path)) as program:
        program.wait_for("install tmux")
        assert program.exit_code() == 2


@pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed here")
def test_a_terminal_too_small_for_two_consoles_is_told_how_large_it_has_to_be(tmp_path: Path) -> None:
    with demo(Account(tmp_path), columns=70) as program:
        program.wait_for("two consoles need")
        assert program.exit_code() == 2
