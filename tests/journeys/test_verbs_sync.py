"""Joining, syncing, settling what was refused, and leaving, as a person does it at the command line."""

from __future__ import annotations

import json
import signal
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from storage.desk import OpenDesk
from storage.engine import open_file
from storage.hub.connecting import HubError
from storage.hub.running import Hub
from storage.sync.once import Round
from storage.sync.session import Session
from tests.support.command_line import LAMPBOARD, Account, colleague
from tests.support.hub_server import NOWHERE, HubServer
from tui.clocks import SystemClock, system_ids


@pytest.fixture
def hub(hub_server: HubServer) -> str:
    return hub_server.hub("anna", "boris")


@pytest.fixture
def anna(tmp_path: Path) -> Account:
    """Anna, with a customer, a contact and a ticket on her desk."""
    person = colleague(tmp_path, "anna")
    person.done("ticket", "new", "--new-company", "Acme", "--subject", "Printer jams")
    return person


@pytest.fixture
def boris(tmp_path: Path) -> Account:
    return colleague(tmp_path, "boris")


def value(person: Account, query: str) -> Any:
    with closing(open_file(person.desks / "main" / "desk.db", read_only=True)) as seen:
        return seen.execute(query).fetchone()[0]


def moved_to(person: Account, url: str) -> None:
    with closing(sqlite3.connect(person.desks / "main" / "desk.db", isolation_level=None)) as file:
        file.execute("UPDATE hub SET url = ?", (url,))


def may_write(server: HubServer, hub: str, login: str, *, is_allowed: bool) -> None:
    with Hub(server.url(hub)) as running:
        if is_allowed:
            running.grant(login, "shared", "write")
        else:
            running.revoke(login, "shared", "write")


def subjects(person: Account) -> list[str]:
    return sorted(row["subject"] for row in person.document("queue", "--view", "open"))


def test_joining_shows_what_would_be_sent_and_no_sends_nothing(
    anna: Account, boris: Account, hub_server: HubServer, hub: str
) -> None:
    anna.done("login", hub_server.url(hub, "anna"), "--yes")
    boris.done("ticket", "new", "--new-company", "ACME", "--subject", "No dial tone")
    told = boris.done("login", hub_server.url(hub, "boris"), told="n\n").splitlines()
    assert told[0] == "this desk has joined as boris"
    assert told[1].startswith("read ") and told[1] != "read 0 operations of others"
    assert any(line.split() == ["1", "new", "tickets"] for line in told)
    assert any(line.split() == ["1", "new:", "company"] for line in told)
    assert any(line.startswith("  T-1 becomes T-1~") for line in told)
    assert "  company ACME" in told
    assert told[-1].startswith("nothing was sent")
    assert subjects(boris) == ["No dial tone", "Printer jams"]
    anna.done("sync", "--once")
    assert subjects(anna) == ["Printer jams"]

    assert boris.document("sync", "--once")["unsent"] == 0
    anna.done("sync", "--once")
    assert subjects(anna) == ["No dial tone", "Printer jams"]


def test_a_yes_at_joining_sends_everything(anna: Account, hub_server: HubServer, hub: str) -> None:
    told = anna.done("login", hub_server.url(hub, "anna"), told="y\n").splitlines()
    assert told[-1].startswith("sent ") and value(anna, "SELECT last_n = sent_n FROM store, hub") == 1


def test_the_log_tells_what_came_and_went_and_what_stood_in_the_way(
    anna: Account, hub_server: HubServer, hub: str
) -> None:
    anna.done("login", hub_server.url(hub, "anna"), "--yes")
    moved_to(anna, NOWHERE)
    for _again in range(2):
        assert anna.run("sync", "--once").returncode == 2
    newest, first = anna.document("sync", "log")
    assert (newest["error"], newest["times"]) == ("hub.no_server", 2)
    assert first["sent"] == value(anna, "SELECT last_n FROM store") and first["error"] is None
    lines = anna.done("sync", "log", "--most", "1").splitlines()
    assert len(lines) == 1 and "2 times: nobody answers at postgresql://127.0.0.1:1/desk" in lines[0]


def test_a_round_that_is_tried_again_tells_each_reason_once(anna: Account, hub_server: HubServer, hub: str) -> None:
    anna.done("login", hub_server.url(hub, "anna"), "--yes")
    moved_to(anna, NOWHERE)
    answer = anna.run("sync", "--once")
    why, end = answer.stderr.splitlines()
    assert why.startswith("lampboard: nobody answers at ") and why.endswith(" (going on by itself)")
    assert (answer.returncode, end) == (2, "lampboard: given up for now; nothing is lost")


def refused_note(anna: Account, server: HubServer, hub: str) -> int:
    """A note that the hub refused, because the right to write was gone for a while; the number of its operation."""
    anna.done("login", server.url(hub, "anna"), "--yes")
    anna.done("ticket", "note", "T-1", "Rollers are worn,\nordered new ones")
    refused = refused_all(anna, server, hub)
    may_write(server, hub, "anna", is_allowed=True)
    assert list(refused.values()) == ["no_right"]
    return next(iter(refused))


def refused_all(person: Account, server: HubServer, hub: str, *, is_heard: bool = True) -> dict[int, str]:
    """What the hub refused of a push before which the right to write went away; its answer may be lost."""
    path = person.desks / "main" / "desk.db"

    class Late(Session):
        def push(self, *told: Any) -> Any:
            may_write(server, hub, "anna", is_allowed=False)
            answer = super().push(*told)
            if not is_heard:
                raise HubError("hub.line_lost", reason="cut")
            return answer

    desk = OpenDesk(path, SystemClock(), system_ids(SystemClock()))
    try:
        return Round(desk, SystemClock(), lambda joined: Late(joined.url), tries=1).run().refused
    except HubError:
        return {}
    finally:
        desk.close()


def test_what_the_hub_refused_is_told_with_its_reason(anna: Account, hub_server: HubServer, hub: str) -> None:
    anna.done("login", hub_server.url(hub, "anna"), "--yes")
    anna.done("ticket", "note", "T-1", "Rollers are worn")
    refused_all(anna, hub_server, hub, is_heard=False)
    lines = anna.done("sync", "--once").splitlines()
    assert lines[0].startswith("sent 0, received 0, refused 1")
    assert "was refused: in a stream you may not write" in lines[1]


def test_a_desk_that_may_only_read_loses_nothing_and_still_opens(
    anna: Account, boris: Account, hub_server: HubServer, hub: str
) -> None:
    anna.done("login", hub_server.url(hub, "anna"), "--yes")
    may_write(hub_server, hub, "boris", is_allowed=False)
    boris.done("ticket", "new", "--new-company", "Globex", "--subject", "No dial tone")
    told = boris.done("login", hub_server.url(hub, "boris"), "--yes").splitlines()
    assert "you may read this hub; what was done here stays on this desk until you may write" in told
    assert subjects(boris) == ["No dial tone", "Printer jams"]
    report = boris.document("sync", "--once")
    assert report["refused"] == [] and report["read_only"] and report["unsent"] > 1
    assert f"{report['unsent']} operations will stay on this desk until you may write" in boris.done("sync", "--once")
    may_write(hub_server, hub, "boris", is_allowed=True)
    assert boris.document("sync", "--once")["unsent"] == 0
    anna.done("sync", "--once")
    assert subjects(anna) == ["No dial tone", "Printer jams"]


def test_a_desk_whose_person_the_hub_refused_opens_and_sends_them_again(
    anna: Account, hub_server: HubServer, hub: str
) -> None:
    url = hub_server.url(hub, "anna")
    anna.done("login", url, told="n\n")
    refused = refused_all(anna, hub_server, hub)
    assert value(anna, "SELECT count(*) FROM person") == 0
    may_write(hub_server, hub, "anna", is_allowed=True)
    assert subjects(anna) == []
    for n in refused:
        anna.run("sync", "resend", str(n))
    assert anna.document("sync", "--once")["unsent"] == 0
    assert subjects(anna) == ["Printer jams"]
    assert value(anna, "SELECT count(*) FROM person p JOIN store s ON s.person = p.id") == 1


def test_what_was_refused_is_shown_whole_and_sent_again(
    anna: Account, boris: Account, hub_server: HubServer, hub: str
) -> None:
    n = refused_note(anna, hub_server, hub)
    shown = anna.done("sync", "log", "--refused")
    assert f"operation {n}, " in shown and "note on T-1" in shown
    assert "refused: in a stream you may not write" in shown
    assert "    text: Rollers are worn," in shown and "ordered new ones" in shown
    assert anna.done("sync", "resend", str(n)).startswith("note on T-1")
    assert anna.document("sync", "--once")["sent"] == 1
    assert [one["settled"] for one in anna.document("sync", "log", "--refused")] == ["resent"]
    assert "settled already" in anna.refused("sync", "resend", str(n))
    boris.done("login", hub_server.url(hub, "boris"), "--yes")
    assert value(boris, "SELECT count(*) FROM entry WHERE text LIKE 'Rollers are worn,%'") == 1


def test_what_was_refused_may_be_given_up(anna: Account, hub_server: HubServer, hub: str) -> None:
    n = refused_note(anna, hub_server, hub)
    anna.done("sync", "drop", str(n))
    assert anna.document("sync", "log", "--refused")[0]["settled"] == "dropped"
    assert anna.document("sync", "log", "--refused")[0]["payload"]["text"].startswith("Rollers")
    assert anna.document("sync", "--once")["sent"] == 0


def test_what_was_never_refused_is_not_sent_again(anna: Account, hub_server: HubServer, hub: str) -> None:
    anna.done("login", hub_server.url(hub, "anna"), "--yes")
    assert anna.refused("sync", "resend", "1") == (
        "operation 1 was not refused; lampboard sync log --refused lists those that were"
    )


def test_a_desk_that_leaves_keeps_all_it_knows_and_joins_the_same_hub_again(
    anna: Account, boris: Account, hub_server: HubServer, hub: str
) -> None:
    for name, person in (("anna", anna), ("boris", boris)):
        person.done("login", hub_server.url(hub, name), "--yes")
    console = value(anna, "SELECT hex(console) FROM store")
    anna.done("ticket", "note", "T-1", "Written before leaving")
    assert "one of its own again" in anna.done("logout", "--keep")
    assert anna.refused("sync", "--once") == "this desk has joined no hub; lampboard login URL joins one"
    assert value(anna, "SELECT hex(console) FROM store") != console
    anna.done("ticket", "new", "--company", "Acme", "--subject", "Alone")
    boris.done("sync", "--once")
    boris.done("ticket", "note", "T-1", "Written while she was away")

    boris.done("sync", "--once")
    told = anna.done("login", hub_server.url(hub, "anna"), "--yes").splitlines()
    assert "read 1 operation of others" in told
    boris.done("sync", "--once")
    hers, his = anna.document("sync", "--once"), boris.document("sync", "--once")
    assert subjects(boris) == ["Alone", "Printer jams"]
    assert hers["state"] == his["state"]


def test_a_desk_that_left_a_hub_joins_no_other(anna: Account, hub_server: HubServer, hub: str) -> None:
    anna.done("login", hub_server.url(hub, "anna"), "--yes")
    anna.done("logout", "--keep")
    other = hub_server.database()
    with Hub(hub_server.url(other)) as made:
        made.init()
        made.grant("anna", "shared", "write")
    assert "holds what another hub" in anna.refused("login", hub_server.url(other, "anna"), "--yes")


def test_a_desk_that_never_sent_anything_leaves_as_it_came(anna: Account, hub_server: HubServer, hub: str) -> None:
    console = value(anna, "SELECT hex(console) FROM store")
    anna.done("login", hub_server.url(hub, "anna"), told="n\n")
    anna.done("logout", "--keep")
    assert value(anna, "SELECT hex(console) FROM store") == console
    anna.done("login", hub_server.url(hub, "anna"), "--yes")
    assert value(anna, "SELECT last_n = sent_n FROM store, hub") == 1


def test_a_desk_with_unsent_work_is_neither_left_nor_erased(anna: Account, hub_server: HubServer, hub: str) -> None:
    anna.done("login", hub_server.url(hub, "anna"), "--yes")
    anna.done("ticket", "note", "T-1", "Nobody has this")
    moved_to(anna, NOWHERE)
    for how in (("--keep",), ("--erase", "--yes")):
        left = anna.run("logout", *how)
        assert left.returncode == 2 and "1 operation of this desk is nowhere but here" in left.stderr
    assert value(anna, "SELECT count(*) FROM hub") == 1


def test_refused_work_has_to_be_settled_before_leaving(anna: Account, hub_server: HubServer, hub: str) -> None:
    n = refused_note(anna, hub_server, hub)
    assert "1 operation was refused by the hub" in anna.refused("logout", "--keep")
    anna.done("sync", "drop", str(n))
    anna.done("logout", "--keep")


def test_a_desk_is_erased_with_all_its_files_after_its_last_work_was_sent(
    anna: Account, boris: Account, hub_server: HubServer, hub: str
) -> None:
    anna.done("login", hub_server.url(hub, "anna"), "--yes")
    anna.done("ticket", "note", "T-1", "The last word")
    assert "nothing was erased" in anna.done("logout", "--erase", told="n\n")
    assert (anna.desks / "main" / "desk.db").exists()
    anna.done("logout", "--erase", told="y\n")
    assert not (anna.desks / "main").exists()
    boris.done("login", hub_server.url(hub, "boris"), "--yes")
    assert value(boris, "SELECT count(*) FROM entry WHERE text = 'The last word'") == 1


def test_a_desk_that_is_open_elsewhere_is_not_erased(anna: Account, hub_server: HubServer, hub: str) -> None:
    anna.done("login", hub_server.url(hub, "anna"), "--yes")
    with closing(open_file(anna.desks / "main" / "desk.db")):
        assert "another console has this desk open" in anna.refused("logout", "--erase", "--yes")
    assert value(anna, "SELECT count(*) FROM hub") == 1
    assert value(anna, "PRAGMA journal_mode") == "wal"


def test_sync_goes_on_until_ctrl_c_with_a_line_for_each_round_that_did_something(
    anna: Account, boris: Account, hub_server: HubServer, hub: str
) -> None:
    for name, person in (("anna", anna), ("boris", boris)):
        person.done("login", hub_server.url(hub, name), "--yes")
    running = subprocess.Popen(
        [*LAMPBOARD, "sync", "--json"],
        env=boris.environment(),
        cwd=boris.folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    assert running.stdout is not None
    try:
        anna.done("ticket", "note", "T-1", "Seen by Boris")
        anna.done("sync", "--once")
        received = json.loads(running.stdout.readline())
        boris.done("ticket", "note", "T-1", "Seen by Anna")
        sent = json.loads(running.stdout.readline())
    finally:
        running.send_signal(signal.SIGINT)
        rest, complaints = running.communicate(timeout=20)
    assert (running.returncode, rest, complaints) == (0, "", "")
    assert (received["received"], received["sent"]) == (1, 0)
    assert (sent["received"], sent["sent"]) == (0, 1)
