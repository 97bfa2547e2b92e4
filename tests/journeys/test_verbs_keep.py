"""A keeper as a process of its own: at work, waiting for its turn, ended by a signal, and once for cron."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from core.commands import AddRecord, OpenTicket, PostEntry
from storage.desk import OpenDesk
from storage.hub.running import Hub
from storage.new_desk import Owner
from tests.support.command_line import LAMPBOARD, Account, colleague
from tests.support.fixed import FixedClock, ids_from
from tests.support.hub_server import HubServer
from tui.clocks import SystemClock
from tui.verbs.making import make_desk

KEEP_MAIL = "import sys; open(sys.argv[1], 'a').write(sys.stdin.read())"


@pytest.fixture
def hub(hub_server: HubServer) -> str:
    name = hub_server.hub("anna", "kate", "karl")
    with Hub(hub_server.url(name)) as opened:
        for login in ("kate", "karl"):
            opened.grant(login, "shared", "keep")
    return name


def joined(folder: Path, name: str, server: HubServer, hub: str) -> Account:
    person = colleague(folder, name)
    person.done("login", server.url(hub, name))
    person.done("sync", "--once")
    return person


@contextmanager
def keeping(person: Account) -> Iterator[subprocess.Popen[str]]:
    """A keeper that goes on until it is ended."""
    process = subprocess.Popen(
        [*LAMPBOARD, "hub", "keep", "--json"],
        env=person.environment(),
        cwd=person.folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        encoding="utf-8",
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


def next_look(process: subprocess.Popen[str]) -> Any:
    """What the keeper says next."""
    assert process.stdout is not None
    return json.loads(process.stdout.readline())


def test_a_keeper_works_until_it_is_told_to_end_and_gives_its_turn_back(
    tmp_path: Path, hub_server: HubServer, hub: str
) -> None:
    kate, karl = (joined(tmp_path, name, hub_server, hub) for name in ("kate", "karl"))
    for person, number in ((kate, signal.SIGTERM), (karl, signal.SIGINT)):
        with keeping(person) as process:
            assert next_look(process)["keeper"] is None
            process.send_signal(number)
            assert process.wait(30) == 0


def test_a_keeper_says_whose_turn_it_is_and_waits(tmp_path: Path, hub_server: HubServer, hub: str) -> None:
    kate, karl = (joined(tmp_path, name, hub_server, hub) for name in ("kate", "karl"))
    with keeping(kate) as process:
        assert next_look(process)["documents"] > 0
        assert "keeps this hub for" in karl.done("hub", "keep", "--once")


def replied_a_minute_ago(folder: Path) -> Account:
    """Anna, who wrote to a customer before her desk joined anything."""
    anna = Account(folder / "anna")
    path = anna.desks / "main" / "desk.db"
    clock = FixedClock(SystemClock().now_ms() - 60_000)
    new_id = ids_from(1, clock)
    person = make_desk(path, "main", Owner("Anna", "Dispatch", "Europe/Warsaw"), clock, new_id)
    desk = OpenDesk(path, clock, new_id, has_mail_command=True)
    contact = (
        desk.submit(AddRecord("contact", {"name": "Ewa", "email": "ewa@example.com"}), person).result(10).touched[0]
    )
    ticket = desk.submit(OpenTicket("Lift", None), person).result(10).touched[0]
    desk.submit(PostEntry(ticket, "message", "We are on our way.", contact), person).result(10)
    desk.close()
    return anna


def test_a_keeper_run_once_writes_down_what_is_new_and_sends_mail(
    tmp_path: Path, hub_server: HubServer, hub: str
) -> None:
    anna, kate = replied_a_minute_ago(tmp_path), joined(tmp_path, "kate", hub_server, hub)
    anna.done("login", hub_server.url(hub, "anna"))
    anna.done("sync", "--once")
    mails = tmp_path / "mails"
    settings = kate.folder / "config" / "lampboard" / "settings.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text(f"mail_command = {json.dumps([sys.executable, '-c', KEEP_MAIL, str(mails)])}\n")
    looks = [kate.document("hub", "keep", "--once") for _time in range(2)]
    assert [look["mails"] for look in looks] == [1, 0]
    assert looks[0]["documents"] > 0 and looks[0]["rows"] > 0
    assert "ewa@example.com" in mails.read_text()


def test_a_login_without_the_right_keeps_nothing(tmp_path: Path, hub_server: HubServer, hub: str) -> None:
    anna = joined(tmp_path, "anna", hub_server, hub)
    answer = anna.run("hub", "keep", "--once")
    assert answer.returncode == 2
    assert "the hub does not let this login do that" in answer.stderr


def test_a_keeper_of_a_desk_that_has_joined_nothing_says_so(tmp_path: Path) -> None:
    answer = colleague(tmp_path, "anna").run("hub", "keep", "--once")
    assert answer.returncode == 2
    assert "this desk has joined no hub" in answer.stderr
