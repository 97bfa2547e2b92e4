"""Calls in the real program: killed while typing, rung by an exchange, on the screen of whoever was there last."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.calls import a_caller, drafts
from tests.support.command_line import Account
from tests.support.terminal import PtyProgram

SURE_SECONDS = 0.25
"""A letter that is older is on the disk, whatever happens."""


@pytest.fixture
def account(tmp_path: Path) -> Account:
    return Account(tmp_path)


@contextmanager
def console(account: Account) -> Iterator[PtyProgram]:
    argv = [sys.executable, "-m", "tui", "--desk", "trial"]
    env = {**account.environment(), "NO_COLOR": None}
    with PtyProgram(argv, cwd=account.folder, env=env) as program:
        program.wait_for("q quit", timeout=30)
        yield program


def begin_call(program: PtyProgram) -> None:
    program.press("n")
    program.wait_for("who is calling")


def test_letters_older_than_a_quarter_of_a_second_survive_a_kill(account: Account) -> None:
    path = account.demo()
    caller = a_caller(path)
    text = "Skaner na rampie 3 traci zasieg, gdy wozek wjezdza na hale, i tak od rana co dwie minuty"
    typed: list[tuple[float, int]] = []
    with console(account) as program:
        begin_call(program)
        program.type_text(caller.last_four)
        program.wait_for(caller.name)
        program.press("enter")
        program.wait_for("a digit adds this call to it")
        program.press("enter")
        program.wait_for("priority")
        for place, letter in enumerate(text, 1):
            program.type_text(letter)
            typed.append((time.monotonic(), place))
            program.settle(0.015)
        killed_at = time.monotonic()
        program.kill()
    sure = max((place for at, place in typed if at <= killed_at - SURE_SECONDS), default=0)
    assert sure > len(text) // 2
    (body,) = drafts(path)
    kept = json.loads(body)["symptom"]
    assert text.startswith(kept)
    assert len(kept) >= sure, f"{len(kept)} letters of {sure} are kept"
    with console(account) as program:
        program.wait_for("1 call waits")
        program.press("n")
        program.wait_for("PARKED")
        program.type_text("1")
        program.press("enter")
        program.wait_for(kept[:40])


def test_keys_in_one_burst_take_a_whole_call(account: Account) -> None:
    path = account.demo()
    caller = a_caller(path)
    with console(account) as program:
        program.type_text("n" + caller.last_four + "\r\rjam x9\x13")
        program.wait_for("is yours", timeout=20)
        with sqlite3.connect(path) as connection:
            found = connection.execute("SELECT subject, company FROM ticket ORDER BY rowid DESC LIMIT 1").fetchone()
        connection.close()
        assert found == ("jam x9", caller.company)


# An exchange.


def test_a_number_is_shown_in_the_console_that_was_used_last(account: Account) -> None:
    caller = a_caller(account.demo())
    with console(account) as first, console(account) as second:
        second.press("j")
        first.settle(0.5)
        # What a terminal sends when its window comes to the front.
        first.type_text("\x1b[I")
        first.settle(0.5)
        told = rung(account, first, f"+{caller.digits}")
        assert told["answer"] == "shown" and told["contact"] == caller.name
        first.wait_for(caller.name)
        first.wait_for("Enter takes it")
        second.settle(0.6)
        assert "Enter takes it" not in second.text()
        assert "1 call waits" in second.text()


def rung(account: Account, screen: PtyProgram, *arguments: str) -> dict[str, object]:
    """What `lampboard pop` says while the console goes on."""
    argv = [sys.executable, "-m", "tui", "--desk", "trial", "pop", *arguments, "--json"]
    run = subprocess.Popen(argv, env=account.environment(), cwd=account.folder, stdout=subprocess.PIPE, text=True)
    while run.poll() is None:
        screen.settle(0.05)
    assert run.stdout is not None
    answer: dict[str, object] = json.loads(run.stdout.read())
    return answer


def test_a_number_that_rings_during_a_call_waits_and_writes_over_nothing(account: Account) -> None:
    caller = a_caller(account.demo())
    with console(account) as program:
        begin_call(program)
        program.type_text("Ewa half a na")
        program.wait_for("somebody new: Ewa half a na")
        told = rung(account, program, caller.digits)
        assert told["answer"] == "waits"
        program.wait_for("rings and waits")
        assert "Ewa half a na" in program.text() and "1 call waits" in program.text()


def test_without_a_console_the_call_waits_for_who_sat_there_last(account: Account) -> None:
    caller = a_caller(account.demo())
    told = account.done("--desk", "trial", "pop", caller.digits)
    assert "no console of this desk is open; the call waits for" in told
    assert caller.name in told
    with console(account) as program:
        program.wait_for("1 call waits")
        program.press("n")
        program.wait_for(caller.digits)


def test_a_console_that_was_killed_is_not_rung(account: Account) -> None:
    caller = a_caller(account.demo())
    with console(account) as program:
        program.press("j")
        program.settle(0.5)
        program.kill()
    assert account.document("--desk", "trial", "pop", caller.digits)["answer"] == "queued"


def test_a_number_of_somebody_archived_says_whose_it_was_there_and_on_the_screen(account: Account) -> None:
    account.demo()
    desk = ("--desk", "trial")
    account.done(
        *desk, "contact", "new", "--name", "Olo Wilk", "--company", "Hotel Baltic", "--phone", "+48 58 777 12 34"
    )
    account.done(*desk, "contact", "archive", "Olo Wilk")
    told = account.done(*desk, "pop", "058 777 12 34")
    assert "058 777 12 34: Olo Wilk, Hotel Baltic (archived); no console of this desk is open" in told
    with console(account) as program:
        program.press("n")
        program.wait_for("PARKED")
        program.type_text("1")
        program.press("enter")
        program.wait_for("that was the number of Olo Wilk, Hotel Baltic, who is archived")


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        ("anonymous", "there is no number in"),
        ("", "there is no number in"),
        ("1", "too short"),
        ("\x1b]0;owned\x07", "is too short"),
        ("'; DROP TABLE ticket; -- 555", "is no telephone number"),
        ("9" * 400, "too long"),
    ],
)
def test_a_number_that_is_none_is_refused_in_words(account: Account, number: str, reason: str) -> None:
    path = account.demo()
    told = account.refused("--desk", "trial", "pop", "--", number)
    assert reason in told and "\x1b" not in told
    assert drafts(path) == []
