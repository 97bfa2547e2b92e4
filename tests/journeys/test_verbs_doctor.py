"""`lampboard doctor` on machines and terminals of every kind: a line for each thing, and what to do."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import termios
import time
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.command_line import LAMPBOARD, Account
from tests.support.hub_server import HubServer
from tests.support.terminal import PtyProgram

DESK = ("--desk", "trial")


@pytest.fixture
def account(tmp_path: Path) -> Account:
    person = Account(tmp_path)
    desk = person.demo()
    desk.parent.chmod(0o700)
    return person


def checks(account: Account, *more: str, code: int = 0) -> dict[str, str]:
    answer = account.run(*DESK, "doctor", "--json", *more)
    assert answer.returncode == code, answer.stderr
    told = json.loads(answer.stdout)
    assert told["is_well"] == (code == 0)
    return {one["code"]: one["level"] for one in told["checks"]}


@pytest.mark.parametrize("more", [(), ("--full",)])
def test_a_desk_that_is_well_ends_with_code_0_and_no_wrong_line(account: Account, more: tuple[str, ...]) -> None:
    assert "wrong" not in checks(account, *more).values()
    told = account.done(*DESK, "doctor", *more)
    assert "ok       database" in told
    assert "ok       hub        none joined" in told


def test_what_is_wrong_ends_with_code_1_and_says_what_to_do(account: Account) -> None:
    path = account.desks / "trial" / "desk.db"
    path.chmod(0o644)
    answer = account.run(*DESK, "doctor")
    assert answer.returncode == 1
    assert "may be read by others, first: " in answer.stdout
    assert str(path) in answer.stdout
    assert "> chmod -R go= FOLDER" in answer.stdout


def test_a_broken_file_is_told_as_one_and_everything_else_is_still_looked_at(account: Account) -> None:
    path = account.desks / "trial" / "desk.db"
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    found = checks(account, code=1)
    assert found["store"] == "wrong"
    assert {"versions", "room", "rights"} <= set(found)


def test_pages_of_garbage_are_wrong(account: Account) -> None:
    path = account.desks / "trial" / "desk.db"
    with closing(sqlite3.connect(path)) as other:
        (page_size,) = other.execute("PRAGMA page_size").fetchone()
    whole = bytearray(path.read_bytes())
    at = len(whole) // page_size // 2 * page_size
    whole[at : at + 40 * page_size] = os.urandom(40 * page_size)
    path.write_bytes(bytes(whole))
    found = checks(account, code=1)
    assert "wrong" in (found.get("integrity_broken"), found.get("store"))


def test_where_there_is_no_desk_yet_the_rest_is_told(tmp_path: Path) -> None:
    person = Account(tmp_path)
    answer = person.run("doctor")
    assert answer.returncode == 0
    assert "warning  desk       there is no desk called main yet" in answer.stdout


def test_a_setting_that_names_no_program_and_a_file_that_is_no_toml_are_told(account: Account) -> None:
    settings = account.folder / "config" / "lampboard" / "settings.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text('dial_command = ["no-such-program", "{number}"]\n')
    settings.chmod(0o600)
    assert checks(account)["command_missing"] == "warning"
    settings.write_text("mail_command = [\n")
    assert checks(account, code=1)["settings_broken"] == "wrong"


def test_a_hub_that_nobody_answers_at_is_a_warning_with_what_is_unsent(account: Account) -> None:
    with closing(sqlite3.connect(account.desks / "trial" / "desk.db", isolation_level=None)) as desk:
        desk.execute(
            "INSERT INTO hub (only, url, epoch, login, person, joined_at)"
            " VALUES (1, 'postgresql://anna@127.0.0.1:1/desk?sslmode=disable', ?, 'anna', ?, 0)",
            (bytes(16), bytes(16)),
        )
    found = checks(account)
    assert found["hub_unreached"] == "warning"


def in_a_terminal(account: Account, columns: int = 100, rows: int = 40, **env: str | None) -> str:
    usual = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "NO_COLOR": None, "TMUX": None, "STY": None}
    wanted = {**account.environment(), **usual, **env}
    argv = [*LAMPBOARD, *DESK, "doctor"]
    with PtyProgram(argv, columns=columns, rows=rows, cwd=account.folder, env=wanted) as program:
        program.wait_for("disk ", 30)
        program.settle()
        return program.stream.decode().replace("\r\n", "\n")


def test_in_a_terminal_the_cells_of_four_scripts_are_asked_for(account: Account) -> None:
    told = in_a_terminal(account)
    assert "ok       terminal   xterm-256color, 100x40" in told
    assert "ok       colours    true colour" in told
    for script in ("Latin", "Cyrillic", "Polish", "Thai"):
        assert f"ok       width      {script}: " in told
    assert told.count("as reckoned") == 4


def test_colours_and_multiplexers_are_told_by_their_variables(account: Account) -> None:
    assert "off, as NO_COLOR is set" in in_a_terminal(account, NO_COLOR="1")
    assert "warning  colours    16 colours" in in_a_terminal(account, TERM="linux", COLORTERM=None)
    told = in_a_terminal(account, TERM="screen", COLORTERM=None, STY="1.pts")
    assert "inside screen" in told
    assert "warning  clipboard  screen takes no OSC 52" in told


def test_a_window_that_is_too_small_is_told(account: Account) -> None:
    assert "wrong    terminal   xterm-256color, 60x11" in in_a_terminal(account, columns=60, rows=11)


def test_a_terminal_that_never_answers_costs_a_second_and_its_keys_are_not_eaten_for_ever(account: Account) -> None:
    ours, theirs = os.openpty()
    termios.tcsetwinsize(theirs, (40, 120))
    began = time.monotonic()
    process = subprocess.Popen(
        [*LAMPBOARD, *DESK, "doctor"],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        cwd=account.folder,
        env=account.environment({"TERM": "xterm-256color"}),
        start_new_session=True,
    )
    os.close(theirs)
    told = b""
    try:
        while piece := os.read(ours, 4096):
            told += piece
    except OSError:
        pass  # the other end is gone
    finally:
        os.close(ours)
    assert process.wait(30) == 0
    assert b"the terminal did not answer" in told
    assert b"is reckoned as 21 cells" in told
    assert time.monotonic() - began < 20


def test_a_hub_that_answers_is_told_with_what_is_unsent(tmp_path: Path, hub_server: HubServer) -> None:
    hub = hub_server.hub("anna")
    person = Account(tmp_path)
    person.own_desk("Anna")
    person.done("login", hub_server.url(hub, "anna"), "--yes")
    (line,) = [one for one in person.document("doctor")["checks"] if one["about"] == "hub"]
    assert (line["code"], line["level"], line["facts"]["unsent"]) == ("hub", "ok", 0)
    assert f"anna at {hub_server.url(hub, 'anna')}: answers in " in line["told"]
    assert person.refused("purge", "anna@example.org", "--yes").startswith("this desk has joined the hub ")
