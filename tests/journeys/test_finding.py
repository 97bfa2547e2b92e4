"""Finding by keys and in a pipe: from the palette to any ticket, company, person, machine or text of the desk."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.command_line import Account
from tests.support.driver import Desk, Dispatcher, demo_desk, sitting_at


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return demo_desk(tmp_path)


@pytest.fixture
async def anna(desk: Desk) -> AsyncIterator[Dispatcher]:
    async with sitting_at(desk, columns=120, rows=40) as dispatcher:
        yield dispatcher


def one(desk: Desk, query: str) -> tuple[str, ...]:
    with sqlite3.connect(desk.path) as connection:
        row: tuple[str, ...] = connection.execute(query).fetchone()
    connection.close()
    return row


A_CALLER = """
    SELECT k.name, k.phone, c.name, t.number FROM ticket_reporter r JOIN contact k ON k.id = r.contact
    JOIN ticket t ON t.id = r.ticket JOIN company c ON c.id = t.company
    JOIN affiliation a ON a.contact = k.id AND a.company = c.id
    WHERE r.place = 0 AND k.phone <> '' ORDER BY t.opened_at DESC LIMIT 1
"""
A_MACHINE = """
    SELECT e.serial, t.number FROM ticket t JOIN equipment e ON e.id = t.equipment
    WHERE e.serial <> '' ORDER BY t.opened_at DESC LIMIT 1
"""
A_NOTE = """
    SELECT e.text, t.number FROM entry e JOIN ticket t ON t.id = e.ticket
    WHERE e.kind = 'work' AND t.queue_rank = 4 AND length(e.text) > 30 GROUP BY e.text HAVING count(*) = 1 LIMIT 1
"""


async def chooses(anna: Dispatcher, text: str, *seen: str) -> None:
    """Type into the palette, wait for what it finds, take the first."""
    await anna.presses("colon")
    await anna.sees("COMMAND")
    await anna.types(text)
    await anna.sees(*seen)
    await anna.presses("enter")


async def test_a_person_is_found_by_their_number_and_their_record_is_gone_to(anna: Dispatcher, desk: Desk) -> None:
    name, phone, company, _number = one(desk, A_CALLER)
    await chooses(anna, phone, name[:12])
    await anna.sees("EDIT contact", name, phone, company[:12])


async def test_a_machine_is_found_by_its_serial(anna: Dispatcher, desk: Desk) -> None:
    serial, number = one(desk, A_MACHINE)
    await chooses(anna, serial[:7].lower(), serial)
    await anna.sees(f"2 TICKET  {number}", "5 EQUIPMENT")


async def test_a_closed_ticket_is_found_by_words_of_its_story(anna: Dispatcher, desk: Desk) -> None:
    text, number = one(desk, A_NOTE)
    words = " ".join(text.split()[:5])
    await chooses(anna, words, number)
    await anna.sees(f"2 TICKET  {number}")


async def test_what_is_entered_before_the_answer_is_there_is_still_found(anna: Dispatcher, desk: Desk) -> None:
    text, number = one(desk, A_NOTE)
    await anna.commands(" ".join(text.split()[:5]))
    await anna.sees(f"2 TICKET  {number}")


async def test_text_that_is_nowhere_is_refused_in_a_sentence(anna: Dispatcher) -> None:
    await anna.commands("qqxxzz")
    await anna.sees("x REFUSED", "qqxxzz")


# In a pipe.


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Account:
    person = Account(tmp_path_factory.mktemp("finder"))
    person.demo()
    return person


def test_find_lists_the_same_as_its_document(account: Account) -> None:
    document = account.document("--desk", "trial", "find", "drukarka", "--limit", "5")
    told = account.done("--desk", "trial", "find", "drukarka", "--limit", "5")
    assert len(document["tickets"]) == 5 and document["waiting"] == 0
    assert [hit["number"] in told for hit in document["tickets"]] == [True] * 5
    times = [hit["opened_at"] for hit in document["tickets"]]
    assert times == sorted(times, reverse=True)
    for hit in document["tickets"]:
        assert hit["excerpt"][hit["at"] : hit["at"] + hit["length"]].casefold().startswith("druka")


def test_find_tells_who_calls(account: Account) -> None:
    row = account.document("--desk", "trial", "queue", "--view", "open", "--limit", "1")[0]
    ticket = account.document("--desk", "trial", "ticket", "show", row["number"])
    phone = ticket["caller"]["phone"]
    record = account.document("--desk", "trial", "find", *phone.split())["records"][0]
    assert (record["kind"], record["contact_name"]) == ("contact", ticket["caller"]["name"])


@pytest.mark.parametrize("typed", ["'", '"x', "* OR", "\u202e", "%", "-"])
def test_find_answers_hostile_words_with_a_line(account: Account, typed: str) -> None:
    assert account.done("--desk", "trial", "find", "--", typed).endswith("\n")
