"""The first start: a few questions in a terminal, and then a desk with somebody at it, or nothing at all."""

from __future__ import annotations

import signal
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.command_line import LAMPBOARD, Account
from tests.support.terminal import PtyProgram
from tests.support.worlds import ROOT
from tui.verbs import machine

FIXTURE = ROOT / "tests" / "storage" / "fixtures" / "small_help_desk_log.csv"


@pytest.fixture
def account(tmp_path: Path) -> Account:
    return Account(tmp_path)


@contextmanager
def starting(account: Account, *arguments: str) -> Iterator[PtyProgram]:
    environment = {**account.environment({"TZ": "Europe/Warsaw"})}
    with PtyProgram([*LAMPBOARD, *arguments], columns=110, rows=36, env=environment, cwd=account.folder) as program:
        program.wait_for("Your name")
        yield program


def answer(program: PtyProgram, *answers: tuple[str, str]) -> None:
    for question, told in answers:
        program.wait_for(question)
        program.type_text(told + "\r")


def seated(account: Account, desk: str = "main") -> tuple[str, str, str]:
    with sqlite3.connect(account.desks / desk / "desk.db") as connection:
        row = connection.execute(
            "SELECT p.name, m.name, p.zone FROM store s JOIN person p ON p.id = s.person JOIN team m ON m.id = p.team"
        ).fetchone()
    return row[0], row[1], row[2]


def test_an_empty_desk_opens_for_the_person_who_answered(account: Account) -> None:
    with starting(account) as program:
        answer(program, ("Your name", "Zoë Łącka"), ("Your team", "Nacht"), ("Your time zone", ""), ("d, i or e", "e"))
        program.wait_for("q quit")
        program.settle(0.3)
        program.press("q")
        assert program.exit_code() == 0
    assert seated(account) == ("Zoë Łącka", "Nacht", "Europe/Warsaw")
    assert [path.name for path in account.desks.glob("*/*.unfinished*")] == []


def test_the_person_is_the_author_of_their_own_entry(account: Account) -> None:
    with starting(account) as program:
        answer(program, ("Your name", "Zoë"), ("Your team", ""), ("Your time zone", ""), ("d, i or e", "e"))
        program.wait_for("QUEUE")
    with sqlite3.connect(account.desks / "main" / "desk.db") as connection:
        (person,) = connection.execute("SELECT person FROM store").fetchone()
        assert connection.execute("SELECT DISTINCT author FROM operation").fetchall() == [(person,)]


def test_a_wrong_zone_is_asked_again_with_the_one_that_was_meant(account: Account) -> None:
    with starting(account) as program:
        answer(program, ("Your name", "Zoë"), ("Your team", ""), ("Your time zone", "bangkok"))
        program.wait_for("there is no zone 'bangkok'; perhaps Asia/Bangkok")
        program.type_text("Asia/Bangkok\r")
        answer(program, ("d, i or e", "x"))
        program.wait_for("answer d, i or e")
        program.type_text("e\r")
        program.wait_for("QUEUE")
    assert seated(account)[2] == "Asia/Bangkok"


def test_a_log_is_brought_in_after_a_slip_in_its_name(account: Account) -> None:
    with starting(account) as program:
        answer(program, ("Your name", "Zoë"), ("Your team", ""), ("Your time zone", ""), ("d, i or e", "i"))
        answer(program, ("Mapping [", "help-desk-log"), ("File (", "nowhere.csv"))
        program.wait_for("there is no file nowhere.csv")
        program.type_text("help-desk-log\r")
        program.settle()
        program.type_text(f"{FIXTURE}\r")
        program.wait_for("4 tickets: 4 new")
        program.type_text("\r")
        program.wait_for("QUEUE")
    assert len(account.document("queue", "--view", "all")) == 4


def test_the_demo_opens_and_the_own_desk_stays_empty_beside_it(account: Account) -> None:
    with starting(account, "--desk", "own") as program:
        answer(program, ("Your name", "Zoë"), ("Your team", ""), ("Your time zone", ""), ("d, i or e", "d"))
        program.wait_for("DEMO", timeout=30)
    assert seated(account, "own")[0] == "Zoë"
    assert account.document("--desk", "own", "queue", "--view", "all") == []
    assert len(account.document("--desk", "demo", "queue", "--view", "all")) == 50


@pytest.mark.parametrize("answers", [0, 3])
def test_ctrl_c_leaves_without_a_trace(account: Account, answers: int) -> None:
    asked = [("Your name", "Zoë"), ("Your team", ""), ("Your time zone", "")]
    with starting(account) as program:
        answer(program, *asked[:answers])
        program.wait_for(["Your name", "Your team", "", "d, i or e"][answers])
        program.settle()
        program.press("ctrl+c")
        assert program.exit_code() == 130
        assert "stopped; nothing half done is kept" in program.text()
    assert not account.desks.exists()


def test_ctrl_c_while_a_log_is_asked_for_leaves_no_half_made_desk(account: Account) -> None:
    with starting(account) as program:
        answer(program, ("Your name", "Zoë"), ("Your team", ""), ("Your time zone", ""), ("d, i or e", "i"))
        program.wait_for("Mapping [")
        program.settle()
        program.press("ctrl+c")
        assert program.exit_code() == 130
    assert list(account.desks.iterdir()) == []


def test_a_start_that_was_killed_is_no_hindrance_to_the_next(account: Account) -> None:
    with starting(account) as program:
        answer(program, ("Your name", "Zoë"), ("Your team", ""), ("Your time zone", ""), ("d, i or e", "i"))
        program.wait_for("Mapping [")
        program.process.send_signal(signal.SIGKILL)
    assert list((account.desks / "main").glob("*.unfinished"))
    assert account.refused("queue").startswith("there is no desk at ")
    with starting(account) as program:
        answer(program, ("Your name", "Olaf"), ("Your team", ""), ("Your time zone", ""), ("d, i or e", "e"))
        program.wait_for("QUEUE")
    assert seated(account)[0] == "Olaf"


def test_without_a_terminal_the_first_start_says_what_to_do(account: Account) -> None:
    told = account.refused()
    assert told.startswith("there is no desk 'main' yet and no terminal to ask who sits at it; ")
    assert not account.desks.exists()


@pytest.mark.parametrize(
    ("variable", "link", "file", "zone"),
    [
        (":Asia/Bangkok", None, "", "Asia/Bangkok"),
        ("/usr/share/zoneinfo/Europe/Kyiv", None, "", "Europe/Kyiv"),
        ("CET-1CEST", "/usr/share/zoneinfo/Europe/Vilnius", "Asia/Tokyo\n", "Europe/Vilnius"),
        ("", None, "Asia/Tokyo\n", "Asia/Tokyo"),
        ("", None, "Middle/Earth\n", "UTC"),
    ],
)
def test_the_zone_offered_is_that_of_the_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str, link: str | None, file: str, zone: str
) -> None:
    monkeypatch.setenv("TZ", variable)
    monkeypatch.setattr(machine, "LOCALTIME", tmp_path / "localtime")
    monkeypatch.setattr(machine, "TIMEZONE", tmp_path / "timezone")
    (tmp_path / "timezone").write_text(file, encoding="utf-8")
    if link is not None:
        (tmp_path / "localtime").symlink_to(link)
    assert machine.machine_zone() == zone


@pytest.mark.parametrize(
    ("told", "meant"),
    [
        ("warsaw", "Europe/Warsaw"),
        ("europe/berlin", "Europe/Berlin"),
        ("Europe/Warsow", "Europe/Warsaw"),
        ("new york", "America/New_York"),
    ],
)
def test_a_zone_that_was_nearly_written_is_found(told: str, meant: str) -> None:
    assert meant in machine.zones_like(told)
