"""Mail that did not leave is told: a reply that waits when the console closes, and one that the command refused."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from storage.desk import OpenDesk
from storage.new_desk import Owner
from storage.outbox import Outbox, count_queued
from tests.support.command_line import LAMPBOARD, Account
from tests.support.terminal import PtyProgram
from tui.clocks import SystemClock, system_ids
from tui.verbs.making import make_desk

WAITS = "1 reply waits for the mail command; it goes out when a console of this desk is open"


@pytest.fixture
def account(tmp_path: Path) -> Account:
    """Anna, with a desk of her own, one ticket with a caller, and a mail command."""
    account = Account(tmp_path)
    clock = SystemClock()
    path = account.desks / "own" / "desk.db"
    make_desk(path, "own", Owner("Anna Nowak", "Dispatch", "Europe/Warsaw"), clock, system_ids(clock))
    who = ("--new-company", "Ny AB", "--contact", "Ola Svensson", "--email", "ola@ny.example")
    account.done("--desk", "own", "ticket", "new", *who, "--subject", "Crane 7 stands still", "--take")
    settings = tmp_path / "config" / "lampboard" / "settings.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text('mail_command = ["true"]\n', encoding="utf-8")
    return account


@contextmanager
def sitting(account: Account) -> Iterator[PtyProgram]:
    environment = {**account.environment()}
    argv = [*LAMPBOARD, "--desk", "own"]
    with PtyProgram(argv, columns=120, rows=30, env=environment, cwd=account.folder) as program:
        program.wait_for("q quit", timeout=20)
        program.settle(0.3)
        yield program


def reply_and_leave(program: PtyProgram) -> None:
    program.press("r")
    program.wait_for("REPLY to")
    program.type_text("We are on our way")
    program.settle(0.3)
    program.press("ctrl+s")
    program.settle(0.3)
    program.press("y")
    program.wait_for("waits for the mail command")
    program.press("q")
    assert program.exit_code() == 0


def test_leaving_before_a_reply_went_out_says_that_it_waits(account: Account) -> None:
    with sitting(account) as program:
        reply_and_leave(program)
        assert WAITS.encode() in bytes(program.stream)
    assert count_queued(account.desks / "own" / "desk.db") == 1


def test_leaving_with_nothing_waiting_says_nothing(account: Account) -> None:
    with sitting(account) as program:
        program.press("q")
        assert program.exit_code() == 0
        assert b"for the mail command" not in bytes(program.stream)


def test_a_mail_that_failed_while_nobody_looked_stands_in_row_1(account: Account) -> None:
    with sitting(account) as program:
        reply_and_leave(program)
    path, clock = account.desks / "own" / "desk.db", SystemClock()
    desk = OpenDesk(path, clock, system_ids(clock), has_mail_command=True)
    try:
        Outbox(desk, path, clock, ("false",), grace_seconds=0).look()
    finally:
        desk.close()
    with sitting(account) as program:
        assert "1 mail failed" in program.text().splitlines()[0]
