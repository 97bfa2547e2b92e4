"""The real program in a real pseudo-terminal: start, act, leave, come back, resize, be killed, refuse to start."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import sqlite3
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.driver import TICKETS, Dispatcher, PtyHands
from tests.support.terminal import PtyProgram
from tests.support.worlds import ROOT, copy_of, world

NAME = "trial"
SETTLED = 1.0
"""Seconds of silence after which the panes that follow have surely been read again."""


class Home:
    """A person's folders, with a demo desk of the name `trial` in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.desk = folder / "data" / "lampboard" / "desks" / NAME / "desk.db"
        self.settings = folder / "config" / "lampboard" / "settings.toml"
        self.desk.parent.mkdir(parents=True)
        self.settings.parent.mkdir(parents=True)
        copy_of(world(TICKETS), self.desk.parent)

    def environment(self) -> dict[str, str | None]:
        """What the program is to find these folders by."""
        return {
            "XDG_DATA_HOME": str(self.folder / "data"),
            "XDG_CONFIG_HOME": str(self.folder / "config"),
            "XDG_STATE_HOME": str(self.folder / "state"),
            "PYTHONPATH": str(ROOT),
            "NO_COLOR": None,
            "TZ": None,
        }

    @contextmanager
    def console(
        self, columns: int = 80, rows: int = 24, env: Mapping[str, str | None] | None = None
    ) -> Iterator[PtyProgram]:
        """The program on the desk."""
        argv = [sys.executable, "-m", "tui", "--desk", NAME]
        wanted = {**self.environment(), **(env or {})}
        with PtyProgram(argv, columns=columns, rows=rows, cwd=self.folder, env=wanted) as program:
            yield program


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


@contextmanager
def sitting(home: Home, columns: int = 80, rows: int = 24) -> Iterator[tuple[Dispatcher, PtyProgram]]:
    with home.console(columns, rows) as program:
        program.wait_for("q quit", timeout=20)
        program.settle(0.3)
        yield Dispatcher(PtyHands(program)), program


async def test_an_act_outlives_quitting_and_is_undone_after_a_restart(home: Home) -> None:
    with sitting(home) as (anna, program):
        number = await anna.number()
        await anna.takes()
        await anna.sees(f"+ SAVED {number} is yours")
        await anna.presses("q")
        assert program.exit_code() == 0

    with sitting(home) as (anna, program):
        await anna.sees_owner(number, "me")
        await anna.undoes()
        await anna.sees(f"undone: taking {number}")
        await anna.sees_owner(number, "-")


async def test_the_hard_acts_take_the_same_keys_in_a_terminal(home: Home) -> None:
    with sitting(home) as (anna, _program):
        await anna.replies("Somebody is on the way.")
        await anna.sees("NOT SENT", "Somebody is on the way.")
        await anna.waits_for("part", because="a fuse")
        await anna.sees("is now waiting", "waits for part: a fuse")
        await anna.sets_priority(1)
        await anna.sees("has priority 1")
        await anna.assigns_to("piotr")
        await anna.sees("has a new owner")

        assert (anna.keys_pressed, anna.letters_typed) == (3 + 3 + 2 + 2, 23 + 6 + 5)


def test_keys_sent_in_one_burst_answer_the_questions_they_were_meant_for(home: Home) -> None:
    with home.console() as program:
        program.wait_for("q quit", timeout=20)
        program.settle(0.3)

        program.type_text("wpa spare fuse\r")

        program.wait_for("is now waiting", timeout=5)
        program.wait_for("waits for part: a spare fuse")


def test_a_name_typed_at_once_after_assign_runs_no_other_command(home: Home) -> None:
    with home.console() as program:
        program.wait_for("q quit", timeout=20)
        program.settle(0.3)

        program.type_text("Apiotr\r")

        program.wait_for("has a new owner", timeout=5)


def test_start_and_a_line_stay_small(home: Home) -> None:
    with home.console() as program:
        program.wait_for("q quit", timeout=20)
        program.settle(0.5)
        started = program.bytes_since(0)
        program.frame("down", 0.3)
        program.settle(0.4)

        lines = [program.frame("down", 0.1).byte_count for _ in range(3)]

        assert started < 30_000
        assert sorted(lines)[1] < 900, lines


def test_a_window_is_resized_live_and_too_small_a_one_waits_for_room(home: Home) -> None:
    with home.console() as program:
        program.wait_for("q quit", timeout=20)
        program.wait_for("caller", timeout=20)
        program.settle(SETTLED)
        before = program.text()

        program.resize(200, 60)
        program.wait_for("1 QUEUE")
        program.wait_for("COMPANY")
        program.settle()
        assert any(len(line) > 190 for line in program.screen.lines())

        program.resize(20, 5)
        program.wait_for("waits")
        program.press("a", "X")
        program.settle()
        assert "SAVED" not in program.text()

        program.resize(80, 24)
        program.wait_for("q quit")
        program.wait_for("caller")
        program.settle(SETTLED)
        assert program.text() == before


def test_a_reply_that_a_kill_interrupted_is_offered_again(home: Home) -> None:
    with home.console() as program:
        program.wait_for("q quit", timeout=20)
        program.settle(0.3)
        program.press("r")
        program.wait_for("REPLY to")
        program.type_text("The technician is on the train")
        program.settle(0.6)
        os.kill(program.process.pid, signal.SIGKILL)
        assert program.exit_code() == -signal.SIGKILL

    with home.console() as program:
        program.wait_for("q quit", timeout=20)
        program.settle(0.3)
        program.press("r")
        program.wait_for("draft,")
        program.wait_for("The technician is on the train")


@pytest.mark.parametrize("ending", ["q", "ctrl+q", "SIGTERM", "SIGHUP"])
def test_leaving_gives_the_terminal_back(ending: str, home: Home) -> None:
    with home.console() as program:
        program.wait_for("q quit", timeout=20)
        program.settle(0.3)
        assert b"\x1b[?1049h" in program.stream

        if ending.startswith("SIG"):
            os.kill(program.process.pid, getattr(signal, ending))
        else:
            program.press(ending)
        program.exit_code()

        told = bytes(program.stream)
        assert told.rfind(b"\x1b[?1049l") > told.rfind(b"\x1b[?1049h"), "still on the alternate screen"
        assert told.rfind(b"\x1b[?25h") > told.rfind(b"\x1b[?25l"), "the cursor is still hidden"
        assert "QUEUE" not in program.screen.text()


# Starts that cannot be: one sentence, exit code 2, nothing touched.


def refusal(home: Home, columns: int = 80, rows: int = 24, env: Mapping[str, str | None] | None = None) -> str:
    with home.console(columns, rows, env) as program:
        assert program.exit_code(20) == 2, program.text()
        assert b"\x1b[?1049h" not in program.stream, "a screen was opened"
        said = program.stream.decode().strip()
    assert said.startswith("lampboard: "), said
    assert len(said.splitlines()) == 1 and "Traceback" not in said, said
    return said


def test_a_terminal_of_20_by_5_is_refused_with_the_size_it_takes(home: Home) -> None:
    assert "the terminal is 20x5; the console needs 40x12" in refusal(home, 20, 5)


@pytest.mark.parametrize("term", [None, "", "dumb"])
def test_without_a_terminal_that_can_draw_the_variable_to_set_is_named(term: str | None, home: Home) -> None:
    assert "set it, for instance TERM=xterm-256color" in refusal(home, env={"TERM": term})


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("theme = ", "is not valid TOML"),
        ("colour = 'blue'", "there is no setting 'colour'; known are"),
        ("mail_command = 'sendmail'", "mail_command must be a list of texts"),
        ("theme = 'nowhere'", "lampboard/settings.toml: there is no theme 'nowhere'; known are"),
        ("theme = '../../etc/passwd'", "theme"),
    ],
)
def test_broken_settings_are_told_with_file_and_place(text: str, told: str, home: Home) -> None:
    home.settings.write_text(text, encoding="utf-8")

    said = refusal(home)

    assert told in said
    assert home.settings.read_text(encoding="utf-8") == text


def make_foreign(desk: Path) -> None:
    desk.unlink()
    with sqlite3.connect(desk) as connection:
        connection.execute("CREATE TABLE recipe (name TEXT)")
    connection.close()


def make_text(desk: Path) -> None:
    desk.write_text("Dear diary, today the lamps were green. " * 200, encoding="utf-8")


def make_newer(desk: Path) -> None:
    connection = sqlite3.connect(desk)
    connection.execute("PRAGMA user_version = 99")
    connection.close()


def make_empty(desk: Path) -> None:
    desk.write_bytes(b"")


def make_truncated(desk: Path) -> None:
    with desk.open("r+b") as file:
        file.truncate(20_000)


def make_corrupt(desk: Path) -> None:
    with desk.open("r+b") as file:
        file.seek(8192)
        file.write(b"\xff" * (desk.stat().st_size - 8192))


@pytest.mark.parametrize(
    ("harm", "told"),
    [
        (make_foreign, "is not a desk of Lampboard"),
        (make_text, "is damaged"),
        (make_newer, "newer Lampboard (schema 99"),
        (make_empty, "is not a desk of Lampboard"),
        (make_truncated, "is damaged"),
        (make_corrupt, "is damaged"),
    ],
)
def test_a_desk_that_cannot_be_read_is_told_and_not_touched(
    harm: Callable[[Path], None], told: str, home: Home
) -> None:
    harm(home.desk)
    before = home.desk.read_bytes()

    said = refusal(home)

    assert told in said and str(home.desk) in said
    assert home.desk.read_bytes() == before


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that other users may pass through; the usual one for tests is closed to them."""
    with tempfile.TemporaryDirectory(prefix="lampboard-") as made:
        Path(made).chmod(0o755)
        yield Path(made)


@pytest.mark.skipif(os.getuid() != 0 or shutil.which("setpriv") is None, reason="needs to become another user")
@pytest.mark.parametrize(("folder_mode", "told"), [(0o755, "cannot be written"), (0o700, "lampboard: ")])
def test_a_folder_of_another_user_is_told(folder_mode: int, told: str, open_folder: Path) -> None:
    home = Home(open_folder)
    for path in home.folder.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)
    home.desk.parent.chmod(folder_mode)
    nobody = pwd.getpwnam("nobody")
    argv = ["setpriv", f"--reuid={nobody.pw_uid}", f"--regid={nobody.pw_gid}", "--clear-groups"]
    argv += [sys.executable, "-m", "tui", "--desk", NAME]
    with PtyProgram(argv, columns=80, rows=24, cwd="/", env=home.environment()) as program:
        code = program.exit_code(20)
        said = program.stream.decode().strip()

    assert code == 2, said
    assert told in said and len(said.splitlines()) == 1 and "Traceback" not in said
