"""A hub from the command line: set up, looked at, joined, and two desks that become one."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from storage.hub.migrations import NEWEST
from tests.support.command_line import LAMPBOARD, Account, colleague
from tests.support.hub_server import KEYED, HubServer
from tests.support.terminal import PtyProgram

PASSWORD = "correct horse battery"


def told(answer: str) -> list[str]:
    return answer.splitlines()


def test_two_desks_become_one_by_the_command_line(tmp_path: Path, hub_server: HubServer) -> None:
    anna, boris = colleague(tmp_path, "anna"), colleague(tmp_path, "boris")
    hub = hub_server.hub("anna", "boris")
    assert told(anna.done("login", hub_server.url(hub, "anna")))[0] == "this desk has joined as anna"
    boris.done("login", hub_server.url(hub, "boris"))
    anna.done("ticket", "new", "--new-company", "Acme", "--subject", "Printer jams")
    assert anna.done("sync", "--once").startswith("sent ")
    his = boris.document("sync", "--once")
    assert his["received"] > 0 and his["unsent"] == 0
    assert [row["subject"] for row in boris.document("queue", "--view", "open")] == ["Printer jams"]
    assert anna.document("sync", "--once")["state"] == his["state"]


def test_a_hub_is_set_up_opened_for_a_login_looked_at_and_closed_again(tmp_path: Path, hub_server: HubServer) -> None:
    person, url = Account(tmp_path), hub_server.url(hub_server.database())
    person.done("hub", "init", url)
    person.done("hub", "grant", "anna", "shared", "write", "--url", url)
    assert person.document("hub", "status", "--url", url)["streams"][0]["members"] == {"anna": "write"}
    assert "  anna: write" in told(person.done("hub", "status", "--url", url))
    person.done("hub", "revoke", "anna", "shared", "read", "--url", url)
    assert person.document("hub", "status", "--url", url)["streams"][0]["members"] == {}


def test_a_desk_becomes_the_first_of_a_hub_with_all_it_has(tmp_path: Path, hub_server: HubServer) -> None:
    anna, url = colleague(tmp_path, "anna"), hub_server.url(hub_server.database())
    anna.done("ticket", "new", "--new-company", "Acme", "--subject", "Printer jams")
    lines = told(anna.done("hub", "init", url, "--from-local"))
    assert lines[0].startswith("this desk has joined as postgres and sent ")
    assert anna.document("sync", "--once")["unsent"] == 0
    status = anna.document("hub", "status", "--url", url)
    assert status["streams"][0]["members"] == {"postgres": "keep"}
    assert status["streams"][0]["head"] == anna.document("hub", "keep", "--once")["streams"]["shared"]


def test_a_demo_desk_is_brought_to_no_hub_and_none_is_made(tmp_path: Path, hub_server: HubServer) -> None:
    person, url = Account(tmp_path), hub_server.url(hub_server.database())
    person.demo()
    assert "demo desk" in person.refused("--desk", "trial", "hub", "init", url, "--from-local")
    person.done("hub", "init", url)


def test_an_audit_finds_what_was_entered_on_two_desks_and_says_so_by_its_exit_code(
    tmp_path: Path, hub_server: HubServer
) -> None:
    anna, boris = colleague(tmp_path, "anna"), colleague(tmp_path, "boris")
    hub = hub_server.hub("anna", "boris")
    for person in (anna, boris):
        person.done("login", hub_server.url(hub, person.folder.name))
    anna.done("ticket", "new", "--new-company", "Acme", "--subject", "Printer jams")
    assert told(anna.done("hub", "audit")) == ["nothing was found that should not be"]
    boris.done("ticket", "new", "--new-company", "ACME", "--subject", "Lift")
    found = boris.run("hub", "audit")
    assert found.returncode == 1
    assert "company ACME is there twice" in found.stdout or "company Acme is there twice" in found.stdout
    (one,) = json.loads(boris.run("hub", "audit", "--json").stdout)
    assert (one["check"], one["table"]) == ("twice", "company")


def test_a_hub_that_is_set_up_already_says_so(tmp_path: Path, hub_server: HubServer) -> None:
    person, url = Account(tmp_path), hub_server.url(hub_server.hub())
    assert (
        person.refused("hub", "init", url) == "there is a hub in that database already; lampboard hub status shows it"
    )
    assert told(person.done("hub", "upgrade", "--url", url)) == [f"the hub has schema {NEWEST} already"]


def test_a_desk_without_a_hub_has_nothing_to_sync_with(tmp_path: Path) -> None:
    assert colleague(tmp_path, "anna").refused("sync", "--once") == (
        "this desk has joined no hub; lampboard login URL joins one"
    )


def test_a_demo_desk_joins_no_hub(tmp_path: Path) -> None:
    person = Account(tmp_path)
    person.demo()
    assert "demo desk" in person.refused("--desk", "trial", "login", "postgresql://anna@db.example.org/desk")


def test_a_password_in_an_address_is_refused_and_not_told_again(tmp_path: Path) -> None:
    answer = colleague(tmp_path, "anna").refused("login", "postgresql://anna:hidden@db.example.org/desk")
    assert answer.startswith("the address must hold no password") and "hidden" not in answer


def passwords_in(folder: Path) -> Iterator[Path]:
    for path in folder.rglob("*"):
        if path.is_file() and PASSWORD.encode() in path.read_bytes():
            yield path


def test_a_password_is_said_once_and_kept_nowhere(tmp_path: Path, hub_server: HubServer) -> None:
    anna, hub = colleague(tmp_path, "anna"), hub_server.hub()
    grant = ("hub", "grant", KEYED, "shared", "write", "--set-password", "--url", hub_server.url(hub))
    anna.done(*grant, told=f"{PASSWORD}\n")
    url = hub_server.url(hub, KEYED)
    assert anna.refused("login", url).startswith("the hub does not let this login in")
    joined = anna.run("login", url, env={"PGPASSWORD": PASSWORD})
    assert joined.returncode == 0, joined.stderr
    assert anna.run("sync", "--once", env={"PGPASSWORD": PASSWORD}).returncode == 0
    assert list(passwords_in(tmp_path)) == []
    with closing(sqlite3.connect(anna.desks / "main" / "desk.db")) as seen:
        assert seen.execute("SELECT url FROM hub").fetchone() == (url,)


def seated(person: Account, desk: str) -> tuple[str, str, str]:
    with closing(sqlite3.connect(person.desks / desk / "desk.db")) as seen:
        query = (
            "SELECT p.name, m.name, p.zone FROM store s JOIN person p ON p.id = s.person JOIN team m ON m.id = p.team"
        )
        name, team, zone = seen.execute(query).fetchone()
    return name, team, zone


def test_joining_on_a_new_machine_makes_the_desk_for_who_is_named(tmp_path: Path, hub_server: HubServer) -> None:
    keeper, hub = Account(tmp_path), hub_server.hub("keeper")
    url = hub_server.url(hub, "keeper")
    given = ("--name", "Keeper", "--team", "Night", "--zone", "Europe/Warsaw", "--yes")
    lines = told(keeper.done("--desk", "keeper", "login", url, *given))
    assert lines[:2] == ["the desk keeper is made for Keeper, Night, Europe/Warsaw", "this desk has joined as keeper"]
    assert seated(keeper, "keeper") == ("Keeper", "Night", "Europe/Warsaw")
    assert keeper.document("--desk", "keeper", "sync", "--once")["unsent"] == 0


def test_joining_without_a_desk_or_a_terminal_names_the_options_and_makes_nothing(tmp_path: Path) -> None:
    person, url = Account(tmp_path), "postgresql://anna@db.example.org/desk"
    assert person.refused("login", url).startswith(
        "there is no desk 'main' yet and no terminal to ask who sits at it; say it with --name NAME, and --team NAME"
    )
    assert person.refused("login", url, "--name", " ") == "--name: a name needs letters"
    assert "perhaps Europe/Warsaw" in person.refused("login", url, "--name", "Anna", "--zone", "warsaw")
    assert person.refused("login", "db.example.org", "--name", "Anna").startswith(
        "db.example.org is no address of a hub"
    )
    assert not person.desks.exists()


def test_joining_without_a_desk_asks_at_a_terminal_who_sits_there(tmp_path: Path, hub_server: HubServer) -> None:
    tmp_path.joinpath("anna").mkdir()
    person, url = Account(tmp_path / "anna"), hub_server.url(hub_server.hub("anna"), "anna")
    environment = person.environment({"TZ": "Europe/Warsaw"})
    asking = [*LAMPBOARD, "login", url, "--yes"]
    with PtyProgram(asking, columns=110, rows=36, env=environment, cwd=person.folder) as program:
        for question, answer in (("Your name", "Zoë"), ("Your team", "Night"), ("Your time zone", "")):
            program.wait_for(question)
            program.type_text(f"{answer}\r")
        program.wait_for("from now on an open console does this by itself")
        assert program.exit_code() == 0
    assert seated(person, "main") == ("Zoë", "Night", "Europe/Warsaw")
