"""What a person reads without the console: the queue, a ticket, a company; in a pipe, for a script, or by eye."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.support.command_line import LAMPBOARD, Account

HEAVY = ("textual", "sqlalchemy", "pydantic", "sqlite_utils", "keyring", "asyncio", "rich.console")
ACTING = [chr(code) for code in (*range(0x20), *range(0x7F, 0xA0), 0x202E, 0x2066, 0x200F) if code != 0x0A]


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Account:
    person = Account(tmp_path_factory.mktemp("reader"))
    person.demo()
    return person


def test_the_queue_lists_the_most_urgent_ticket_first(account: Account) -> None:
    lines = account.done("--desk", "trial", "queue", "--view", "open").splitlines()
    listed = account.document("--desk", "trial", "queue", "--view", "open")
    assert lines[0].split() == ["SLA", "P", "Stage", "Ticket", "Owner", "Company", "Subject"]
    assert [row["number"] for row in listed] == [line[22:32].strip() for line in lines[1:]]
    left = [row["seconds_left"] for row in listed if row["lamp"] in ("breached", "due", "soon", "on_time")]
    assert left == sorted(left) and left


def test_the_queue_as_json_tells_each_row_with_hex_ids_and_times_in_utc(account: Account) -> None:
    row = account.document("--desk", "trial", "queue", "--view", "all", "--limit", "1")[0]
    assert set(row) == {
        "id", "number", "subject", "company_id", "company", "stage", "priority", "owner_id", "owner", "lamp",
        "seconds_left", "is_repeat", "reporter_count", "opened_at", "warnings",
    }  # fmt: skip
    assert len(bytes.fromhex(row["id"])) == 16
    assert row["opened_at"].endswith("Z")


def test_the_queue_lists_fifty_tickets_unless_told_otherwise(account: Account) -> None:
    assert len(account.document("--desk", "trial", "queue", "--view", "all")) == 50
    assert len(account.document("--desk", "trial", "queue", "--view", "all", "--limit", "7")) == 7


def test_an_owner_whom_nobody_is_called_like_is_refused_at_their_column(account: Account) -> None:
    told = account.refused("--desk", "trial", "queue", "--filter", "p:1 owner:zzz")
    assert told.startswith("column 11 of the filter: nobody is called zzz; nearest are ")


def test_a_filter_leaves_of_the_queue_what_it_asks_for(account: Account) -> None:
    every = account.document("--desk", "trial", "queue", "--view", "open")
    left = account.document("--desk", "trial", "queue", "--view", "open", "--filter", "p:1,2 -owner:-")
    assert left == [row for row in every if row["priority"] <= 2 and row["owner"]] and left != every
    assert "SLA" in account.done("--desk", "trial", "queue", "--view=all", "--filter", "class:closed").splitlines()[0]


def test_a_filter_that_cannot_be_read_says_at_which_column_and_what_was_meant(account: Account) -> None:
    assert account.refused("--desk", "trial", "queue", "--filter", "p:1 compny:acme").startswith(
        "column 5 of the filter: there is no field compny; nearest are company, "
    )
    told = account.refused("--desk", "trial", "--", "queue", "--filter", "stage:reslved")
    assert told.startswith("column 7 of the filter: stage is never reslved; it may be resolved, ")


def test_the_desk_may_be_named_by_the_environment(account: Account) -> None:
    answer = account.run("queue", env={"LAMPBOARD_DESK": "trial"})
    assert answer.returncode == 0 and answer.stdout.count("\n") > 1


def test_a_ticket_is_shown_with_its_clocks_in_words_and_its_story_newest_first(account: Account) -> None:
    number = account.document("--desk", "trial", "queue", "--view", "open", "--limit", "1")[0]["number"]
    told = account.done("--desk", "trial", "ticket", "show", number.lower())
    document = account.document("--desk", "trial", "ticket", "show", number)
    assert told.startswith(f"{number}  {document['subject']}\n")
    assert "BREACHED" in told and document["lamp"] == "breached"
    times = [entry["at"] for entry in document["entries"]]
    assert times == sorted(times, reverse=True) and times
    assert [clock["kind"] for clock in document["clocks"]] == ["first_response", "update", "resolution"]
    for entry in document["entries"]:
        assert all(line in told for line in entry["text"].splitlines())


def test_a_company_is_shown_by_a_part_of_its_name_without_diacritics(account: Account) -> None:
    name = next(
        row["company"]
        for row in account.document("--desk", "trial", "queue", "--view", "all", "--limit", "300")
        if row["company"].startswith("Zakłady Łódź")
    )
    told = account.done("--desk", "trial", "company", "show", "zaklady lodz", "--limit", "2")
    document = account.document("--desk", "trial", "company", "show", "zaklady lodz", "--limit", "2")
    assert told.startswith(f"{name}\n") and document["name"] == name
    assert len(document["tickets"]) == 2
    assert all(contact["name"] in told for contact in document["contacts"])
    assert all(sum(year["months"]) == year["total"] for year in document["years"])


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (
            ("ticket", "show", "T-0"),
            "there is no ticket 'T-0' on this desk; lampboard queue --view all lists the numbers",
        ),
        (("ticket", "show", "T-1"), "there is no ticket 'T-1'; there are T-"),
        (("company", "show", "Nobody & Sons"), "there is no company 'Nobody & Sons' on this desk; "),
        (("company", "show", "e"), "company 'e' may be "),
        (("queue", "--limit", "0"), "invalid value for '--limit': 0 is not in the range"),
        (("queue", "--view", "mine,team"), "invalid value for '--view': 'mine,team' is not one of"),
        (("ticket", "sing"), "no such command 'sing'"),
        (("sing",), "there is no verb 'sing'; there are demo, queue, ticket, company, contact, contract, "),
    ],
)
def test_a_wrong_name_is_answered_with_one_sentence_that_helps(
    account: Account, arguments: tuple[str, ...], sentence: str
) -> None:
    assert account.refused("--desk", "trial", *arguments).startswith(sentence)


def test_a_desk_that_is_not_there_is_refused_with_its_path(account: Account) -> None:
    told = account.refused("--desk", "elsewhere", "queue")
    assert told.startswith("there is no desk at ") and "/elsewhere/desk.db" in told


def test_a_desks_name_cannot_lead_out_of_the_folder(account: Account) -> None:
    assert account.refused("--desk", "../trial", "queue").startswith("'../trial' is no name for a desk")


@pytest.mark.parametrize(
    "verb", [("queue", "--view", "all", "--limit", "300"), ("ticket", "show"), ("company", "show")]
)
def test_a_reader_that_has_seen_enough_ends_the_verb_in_silence(account: Account, verb: tuple[str, ...]) -> None:
    row = account.document("--desk", "trial", "queue", "--view", "all", "--limit", "1")[0]
    subject = {"ticket": (row["number"],), "company": (row["company"],)}.get(verb[0], ())
    reading, writing = os.pipe()
    os.close(reading)
    try:
        answer = subprocess.run(
            [*LAMPBOARD, "--desk", "trial", *verb, *subject],
            stdout=writing, stderr=subprocess.PIPE, env=account.environment(), check=False, timeout=60,
        )  # fmt: skip
    finally:
        os.close(writing)
    assert (answer.returncode, answer.stderr) == (0, b"")


@pytest.mark.parametrize("form", [(), ("--json",)])
def test_a_terminal_that_knows_no_utf_8_gets_escapes_and_no_traceback(account: Account, form: tuple[str, ...]) -> None:
    plain_ascii = {"LC_ALL": "C", "PYTHONIOENCODING": "ascii:strict", "PYTHONUTF8": "0"}
    answer = account.run("--desk", "trial", "queue", "--view", "all", *form, env=plain_ascii)
    assert (answer.returncode, answer.stderr) == (0, "")
    assert answer.stdout.isascii() and "\\u" in answer.stdout


@pytest.mark.parametrize(
    "verb", [("queue",), ("queue", "--json"), ("ticket", "show", "T-0"), ("company", "show", "Zakłady Łódź")]
)
def test_a_reading_verb_imports_nothing_heavy(account: Account, verb: tuple[str, ...]) -> None:
    answer = account.run("--desk", "trial", *verb, env={"PYTHONPROFILEIMPORTTIME": "1"})
    imported = {
        line.rsplit("|", 1)[1].strip() for line in answer.stderr.splitlines() if line.startswith("import time:")
    }
    assert "sqlite3" in imported
    assert {name for name in imported for heavy in HEAVY if name == heavy or name.startswith(f"{heavy}.")} == set()


def test_the_queue_is_listed_without_click_and_without_dataclasses(account: Account) -> None:
    answer = account.run("--desk", "trial", "queue", env={"PYTHONPROFILEIMPORTTIME": "1"})
    imported = {
        line.rsplit("|", 1)[1].strip() for line in answer.stderr.splitlines() if line.startswith("import time:")
    }
    assert answer.returncode == 0
    assert imported.isdisjoint({"click", "dataclasses", "inspect", "rich", "json", "storage.reads"})


def test_text_from_outside_reaches_the_terminal_without_its_power(tmp_path: Path) -> None:
    person = Account(tmp_path)
    person.demo()
    hostile = "a" + "".join(character for character in ACTING if character != "\0") + "\x1b]0;owned\x07z"
    made = person.document(
        "--desk", "trial", "ticket", "new", "--new-company", hostile, "--subject", hostile, "--text", hostile
    )
    shown = person.done("--desk", "trial", "ticket", "show", made["number"])
    shown += person.done("--desk", "trial", "queue", "--view", "open", "--limit", "500")
    shown += person.done("--desk", "trial", "company", "show", "owned")
    assert "owned" in shown
    assert [hex(ord(character)) for character in ACTING if character in shown] == []


def test_json_keeps_hostile_text_whole_and_harmless(tmp_path: Path) -> None:
    person = Account(tmp_path)
    person.demo()
    hostile = "a" + "".join(character for character in ACTING if character != "\0") + "z"
    made = person.document("--desk", "trial", "ticket", "new", "--new-company", "Ny AB", "--subject", hostile)
    raw = person.done("--desk", "trial", "ticket", "show", made["number"], "--json")
    assert person.document("--desk", "trial", "ticket", "show", made["number"])["subject"] == hostile.strip()
    assert [hex(ord(character)) for character in ACTING if character in raw] == []
