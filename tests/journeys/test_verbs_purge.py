"""Somebody asks to be forgotten, and the person at the desk does it from the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.command_line import LAMPBOARD, Account
from tests.support.terminal import PtyProgram

DESK = ("--desk", "trial")


@pytest.fixture
def account(tmp_path: Path) -> Account:
    person = Account(tmp_path)
    person.demo()
    return person


def a_caller(account: Account) -> None:
    account.done(*DESK, "contact", "new", "--name", "Zofia Wójcicka-Żmuda", "--company", "Hotel Baltic",
                 "--phone", "+48 61 555 77 01", "--email", "zofia@huta.example")  # fmt: skip
    account.done(*DESK, "ticket", "new", "--company", "Hotel Baltic", "--contact", "Zofia Wójcicka-Żmuda", "--subject",
                 "The lift of Zofia Wójcicka-Żmuda stands", "--text", "ring 061/555-77-01")  # fmt: skip


def test_a_purge_is_shown_then_done_and_the_ticket_is_still_told(account: Account) -> None:
    a_caller(account)
    shown = account.document(*DESK, "purge", "Wójcicka")
    assert shown["own"]["addresses"] == ["zofia@huta.example"]
    assert (shown["tickets"], shown["places"]["ticket"]) == (1, 1)
    assert account.document(*DESK, "purge", "Wójcicka") == shown
    done = account.document(*DESK, "purge", "61 555 77 01", "--yes")
    assert (done["places"], done["found"]) == (shown["places"], [])
    assert not any("Wójcicka".encode() in file.read_bytes() for file in account.desks.rglob("*") if file.is_file())
    (hit,) = account.document(*DESK, "find", "lift of a purged")["tickets"]
    told = account.done(*DESK, "ticket", "show", hit["number"])
    assert "The lift of a purged person stands" in told
    assert "ring a purged number" in told


def test_without_a_yes_nothing_is_erased_where_nobody_can_be_asked(account: Account) -> None:
    a_caller(account)
    answer = account.run(*DESK, "purge", "Wójcicka")
    assert answer.returncode == 2
    assert "erased wherever it stands: Zofia Wójcicka-Żmuda, zofia@huta.example, +48 61 555 77 01" in answer.stdout
    assert answer.stderr == "lampboard: nobody can be asked here; add --yes to erase it\n"
    assert account.document(*DESK, "contact", "show", "Wójcicka")["email"] == "zofia@huta.example"


def test_who_is_meant_must_be_plain(account: Account) -> None:
    assert account.refused(*DESK, "purge") == "say who is to be erased: a name, a number, a mail address or an id"
    assert account.refused(*DESK, "purge", "Nobody Atall") == (
        "there is no contact 'Nobody Atall' on this desk; lampboard contact list shows them"
    )
    assert account.refused(*DESK, "purge", "nobody@nowhere.example", "--yes") == (
        "nothing on this desk names nobody@nowhere.example; nothing was erased"
    )
    assert "may be" in account.refused(*DESK, "purge", "a", "--yes")


def test_who_was_purged_is_not_purged_again_and_finishing_may_be_said_at_any_time(account: Account) -> None:
    a_caller(account)
    account.done(*DESK, "purge", "Wójcicka", "--yes")
    assert account.refused(*DESK, "purge", "a purged person", "--yes") == (
        "that person was purged already; nothing is left to erase"
    )
    assert account.document(*DESK, "purge", "--finish") == {"removed": []}


@pytest.mark.parametrize(("answer", "is_erased"), [("n", False), ("y", True)])
def test_in_a_terminal_it_asks_and_does_what_is_answered(account: Account, answer: str, is_erased: bool) -> None:
    a_caller(account)
    argv = [*LAMPBOARD, *DESK, "purge", "Wójcicka"]
    wanted = {**account.environment(), "TERM": "xterm-256color"}
    with PtyProgram(argv, columns=160, rows=30, cwd=account.folder, env=wanted) as program:
        program.wait_for("There is no undo", 30)
        program.press(answer, "enter")
        program.wait_for("the file was written anew" if is_erased else "nothing was erased", 30)
    names = [one["name"] for one in account.document(*DESK, "contact", "list", "--archived", "--limit", "9999")]
    assert ("Zofia Wójcicka-Żmuda" in names, "a purged person" in names) == (not is_erased, is_erased)
