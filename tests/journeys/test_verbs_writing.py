"""Acts from the command line: each is one operation with an author, undone and seen on the console like any other."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.command_line import Account

DESK = ("--desk", "trial")


@pytest.fixture
def account(tmp_path: Path) -> Account:
    person = Account(tmp_path)
    person.demo()
    return person


def a_free_ticket(account: Account) -> str:
    listed = account.document(*DESK, "queue", "--view", "open", "--limit", "300")
    return str(next(row["number"] for row in listed if not row["owner"] and row["stage"] == "new"))


def story(account: Account, number: str) -> list[tuple[str, str]]:
    entries = account.document(*DESK, "ticket", "show", number)["entries"]
    return [(entry["kind"], entry["text"] or entry["code"]) for entry in entries]


def authors(account: Account) -> set[bytes]:
    with sqlite3.connect(account.desks / "trial" / "desk.db") as connection:
        return {author for (author,) in connection.execute("SELECT author FROM operation")}


def test_a_new_ticket_carries_what_the_caller_said(account: Account) -> None:
    made = account.document(
        *DESK, "ticket", "new", "--company", "zaklady lodz", "--subject", "Drukarka nie drukuje",
        "--text", "Od rana nic nie wychodzi", "--priority", "2", "--take",
    )  # fmt: skip
    shown = account.document(*DESK, "ticket", "show", made["number"])
    assert (made["done"], shown["subject"], shown["priority"]) == ("ticket.opened", "Drukarka nie drukuje", 2)
    assert shown["owner"] and shown["contract"]
    assert story(account, made["number"])[0] == ("call", "Od rana nic nie wychodzi")


def test_a_ticket_for_a_new_company_brings_company_and_caller_onto_the_desk(account: Account) -> None:
    made = account.document(
        *DESK, "ticket", "new", "--new-company", "Ny AB", "--contact", "Ola Svensson", "--subject", "Hej"
    )
    shown = account.document(*DESK, "ticket", "show", made["number"])
    company = account.document(*DESK, "company", "show", "ny ab")
    assert (shown["company"], shown["caller"]["name"]) == ("Ny AB", "Ola Svensson")
    assert [contact["name"] for contact in company["contacts"]] == ["Ola Svensson"]


def test_a_known_caller_is_found_by_a_part_of_their_name(account: Account) -> None:
    listed = account.document(*DESK, "queue", "--view", "all", "--limit", "1")[0]
    contact = account.document(*DESK, "company", "show", listed["company"])["contacts"][0]["name"]
    first = contact.split()[0].lower()
    made = account.document(
        *DESK, "ticket", "new", "--company", listed["company"], "--contact", first, "--subject", "Again"
    )
    assert account.document(*DESK, "ticket", "show", made["number"])["caller"]["name"] == contact


def contact_row(account: Account, name: str) -> tuple[str, ...]:
    with sqlite3.connect(account.desks / "trial" / "desk.db") as connection:
        found = connection.execute("SELECT email, phone, phone_digits FROM contact WHERE name = ?", (name,))
        return tuple(found.fetchone())


def test_a_caller_whom_nobody_knew_comes_onto_the_desk_with_address_and_number(account: Account) -> None:
    new = (*DESK, "ticket", "new", "--company", "zaklady lodz", "--contact")
    made = account.document(
        *new, "Ola Nowa", "--email", "ola@lodz.example", "--phone", "+48 (42) 555-01", "--subject", "Hej"
    )
    caller = account.document(*DESK, "ticket", "show", made["number"])["caller"]
    assert (caller["name"], contact_row(account, "Ola Nowa")) == (
        "Ola Nowa",
        ("ola@lodz.example", "+48 (42) 555-01", "484255501"),
    )
    again = account.document(*new, "ola nowa", "--subject", "Hej again")
    assert account.document(*DESK, "ticket", "show", again["number"])["caller"]["name"] == "Ola Nowa"
    company = account.document(*DESK, "company", "show", made["company"])
    assert [contact["name"] for contact in company["contacts"]].count("Ola Nowa") == 1


def test_a_caller_of_a_new_company_has_an_address_for_replies(account: Account) -> None:
    who = ("--new-company", "Ny AB", "--contact", "Ola Svensson", "--email", "ola@ny.example")
    account.done(*DESK, "ticket", "new", *who, "--subject", "Hej")
    assert contact_row(account, "Ola Svensson") == ("ola@ny.example", "", "")


@pytest.mark.parametrize(
    ("caller", "sentence"),
    [
        (("--contact", "Ola", "--email", "ola"), "'ola' is no address; write it as name@example.com"),
        (("--contact", "Ola", "--email", "a@b.c, d@e.f"), "'a@b.c, d@e.f' is no address; write it as name@example.com"),
        (("--contact", "Ola", "--email", "-t@b.example"), "'-t@b.example' is no address; write it as name@example.com"),
        (("--contact", "Ola", "--phone", "none"), "'none' is no number; write it as +48 22 555 01 02"),
        (("--contact", " "), "--contact needs a name"),
        (("--email", "ola@b.example"), "--email and --phone belong to a person; name them with --contact NAME"),
    ],
)
def test_a_caller_who_cannot_be_reached_so_is_refused_and_nothing_is_opened(
    account: Account, caller: tuple[str, ...], sentence: str
) -> None:
    assert account.refused(*DESK, "ticket", "new", "--new-company", "Ny AB", "--subject", "Hej", *caller) == sentence
    assert account.refused(*DESK, "company", "show", "Ny AB").startswith("there is no company")


def test_a_known_caller_keeps_their_address(account: Account) -> None:
    new = (*DESK, "ticket", "new", "--subject", "Hej", "--contact", "Ola Svensson", "--email", "ola@ny.example")
    account.done(*new, "--new-company", "Ny AB")
    assert account.refused(*new, "--company", "Ny AB") == (
        "Ola Svensson is known at Ny AB already; leave --email and --phone out"
    )


def test_a_note_is_read_from_standard_input_whole(account: Account) -> None:
    number = a_free_ticket(account)
    assert account.done(*DESK, "ticket", "note", number, "-", told="first\n\nłast\n") == f"note on {number}\n"
    assert story(account, number)[0] == ("note", "first\n\nłast")


def test_what_was_told_by_phone_is_written_down_at_the_time_of_the_call(account: Account) -> None:
    made = account.document(*DESK, "ticket", "new", "--company", "zaklady lodz", "--subject", "Drukarka")
    noted = (*DESK, "ticket", "note", made["number"], "we come at four", "--said-at")
    assert account.done(*noted, "15:32") == f"call on {made['number']}\n"
    shown = account.document(*DESK, "ticket", "show", made["number"])
    entry = shown["entries"][0]
    assert (entry["kind"], entry["direction"], entry["text"]) == ("call", ">", "we come at four")
    assert entry["at"] == shown["opened_at"]
    assert {clock["kind"]: clock["state"] for clock in shown["clocks"]}["first_response"] == "met"
    assert account.refused(*noted, "15:33").startswith("that time is still to come; for another day write its date")
    assert account.refused(*noted, "2026-11-23 15:33").startswith(f"{made['number']} was not open at that time")
    assert account.refused(*noted, "soon") == "'soon' is no time; write it as 15:00 or '2026-11-24 15:00'"


def test_a_ticket_is_put_under_a_contract_of_its_company_by_number_and_off_it(account: Account) -> None:
    made = account.document(*DESK, "ticket", "new", "--company", "zaklady lodz", "--subject", "Drukarka")
    verb = (*DESK, "ticket", "contract", made["number"])
    (own,) = account.document(*verb)
    assert (own["number"], own["is_present"]) == (
        account.document(*DESK, "ticket", "show", made["number"])["contract"],
        True,
    )
    assert account.done(*verb).startswith(f"> {own['number']} ")
    assert account.done(*verb, "--none") == f"{made['number']} counts by no contract now\n"
    assert account.document(*verb) == [{**own, "is_present": False}]
    assert account.refused(*verb, "--none") == f"{made['number']} counts by no contract already"
    assert account.done(*verb, own["number"].lower()) == f"{made['number']} counts by its contract as it stands now\n"
    shown = account.document(*DESK, "ticket", "show", made["number"])
    assert (shown["contract"], story(account, made["number"])[0]) == (own["number"], ("system", "ticket.retargeted"))


def test_a_contract_that_its_company_does_not_have_is_refused_with_those_it_has(account: Account) -> None:
    made = account.document(*DESK, "ticket", "new", "--company", "zaklady lodz", "--subject", "Drukarka")
    verb = (*DESK, "ticket", "contract", made["number"])
    (own,) = account.document(*verb)
    assert account.refused(*verb, "K-0") == (
        f"{made['number']} may count by these contracts: {own['number']}; there is no 'K-0' among them"
    )
    assert account.refused(*verb, "K-0", "--none") == "give a contract or --none, not both"


def test_a_taken_ticket_is_mine_and_says_so_once_more(account: Account) -> None:
    number = a_free_ticket(account)
    assert account.done(*DESK, "ticket", "take", number) == f"{number} is yours\n"
    assert number in {row["number"] for row in account.document(*DESK, "queue", "--view", "mine")}
    assert account.refused(*DESK, "ticket", "take", number) == f"{number} is yours already"


def test_a_ticket_waits_only_with_a_cause_and_somebody_who_has_to_act(account: Account) -> None:
    number = a_free_ticket(account)
    assert "needs a cause" in account.refused(*DESK, "ticket", "stage", number, "waiting")
    assert "needs somebody" in account.refused(*DESK, "ticket", "stage", number, "waiting", "--cause", "gearbox")
    account.done(*DESK, "ticket", "stage", number, "waiting", "--cause", "gearbox", "--party", "vendor")
    shown = account.document(*DESK, "ticket", "show", number)
    assert (shown["stage"], shown["waiting_cause"], shown["waiting_party"]) == ("waiting", "gearbox", "vendor")
    assert "waiting for vendor: gearbox" in account.done(*DESK, "ticket", "show", number)


def test_an_illegal_move_is_refused_with_the_legal_ones(account: Account) -> None:
    number = a_free_ticket(account)
    told = account.refused(*DESK, "ticket", "stage", number, "new")
    assert told == f"{number} cannot go from new to new; it can go to active, on_site, waiting, resolved, closed"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("new", "--subject", "x"), "say whose ticket it is with --company NAME or --new-company NAME"),
        (("new", "--company", "a", "--new-company", "b", "--subject", "x"), "say whose ticket it is"),
        (("new", "--company", "Nobody", "--subject", "x"), "there is no company 'Nobody' on this desk; "),
        (("new", "--new-company", "Zakłady Łódź", "--subject", "x"), "'Zakłady Łódź' is on this desk already"),
        (
            ("new", "--company", "Zakłady Łódź", "--contact", "a", "--subject", "x"),
            "person 'a' at Zakłady Łódź may be ",
        ),
        (("new", "--company", "Zakłady Łódź", "--subject", " "), "a ticket needs a subject"),
        (("note", "T-0", "x"), "there is no ticket 'T-0' on this desk"),
    ],
)
def test_what_cannot_be_written_changes_nothing(account: Account, words: tuple[str, ...], sentence: str) -> None:
    assert account.refused(*DESK, "ticket", *words).startswith(sentence)
    assert authors(account) == set()


def test_every_act_has_the_person_of_the_desk_as_its_author(account: Account) -> None:
    number = a_free_ticket(account)
    account.done(*DESK, "ticket", "take", number)
    account.done(*DESK, "ticket", "note", number, "mine")
    with sqlite3.connect(account.desks / "trial" / "desk.db") as connection:
        (person,) = connection.execute("SELECT person FROM store").fetchone()
    assert authors(account) == {person}


def test_bytes_that_are_no_text_are_kept_as_a_sign_of_their_loss(account: Account) -> None:
    number = a_free_ticket(account)
    account.done(*DESK, "ticket", "note", number, "a\udcffz")
    assert story(account, number)[0] == ("note", "a\ufffdz")


WITHOUT_RIGHTS = """
import os, sys
from tui.command_line import run
import tui.presenters.sentences

number = sys.argv[1]
sys.argv = ["lampboard", "--desk", "warm", "ticket", "note", number, "as the owner"]
assert run() == 0  # whoever drops root may not be able to import any more
if os.geteuid() == 0:
    os.setgid(65534)
    os.setuid(65534)
sys.argv = ["lampboard", "--desk", "trial", "ticket", "note", number, "as a stranger"]
sys.exit(run())
"""


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that strangers may enter; those of pytest are closed to them."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


def test_a_desk_that_may_not_be_written_is_told_in_one_sentence(open_folder: Path) -> None:
    person = Account(open_folder)
    person.demo("warm")
    desk = person.demo()
    number = a_free_ticket(person)
    for path in [desk.parent, *desk.parent.iterdir()]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    answer = subprocess.run(
        [sys.executable, "-c", WITHOUT_RIGHTS, number],
        capture_output=True, encoding="utf-8", env=person.environment(), timeout=60, check=False,
    )  # fmt: skip
    assert (answer.returncode, answer.stdout) == (2, f"note on {number}\n"), answer.stderr
    assert answer.stderr.startswith(f"lampboard: {desk} cannot be written (") and answer.stderr.count("\n") == 1
    assert os.access(desk, os.R_OK)
