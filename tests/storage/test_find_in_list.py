"""Finding in a list finds what stands in it, in its order, as far down as it goes."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Any

import pytest

from core.clock import Instant
from core.finding import FindInList, FoundInList
from core.ids import EntityId
from core.pages import BACKWARD, FORWARD, CompanyTickets, QueuePage, QueueRow
from core.queue import ALL_OPEN, EVERYTHING, SORTS, View
from core.row_text import said_by, sought_words
from storage.engine import open_file
from storage.reads import answer
from tests.support.fixed import NOON
from tests.support.worlds import world

NOW = Instant(NOON // 1000)


@pytest.fixture(scope="module")
def desk() -> Iterator[sqlite3.Connection]:
    connection = open_file(world(300), read_only=True)
    yield connection
    connection.close()


def lists(desk: sqlite3.Connection) -> list[QueuePage | CompanyTickets]:
    (company,) = desk.execute("SELECT company FROM ticket GROUP BY company ORDER BY count(*) DESC").fetchone()
    queues = [QueuePage(View(scope, sort), limit=1_000, now=NOW) for scope in (ALL_OPEN, EVERYTHING) for sort in SORTS]
    filtered = QueuePage(View(EVERYTHING, filter="p:1,2"), limit=1_000, now=NOW)
    return [*queues, filtered, CompanyTickets(EntityId(company), limit=1_000)]


def found_by_eye(rows: list[QueueRow], words: str) -> int | None:
    """The place of the first row that holds the words."""
    wanted = sought_words(words)
    return next((place for place, row in enumerate(rows) if all(word in said_by(row) for word in wanted)), None)


@pytest.mark.parametrize("words", ["drukarka", "DRUKARKA lodz", "T-1040", "anna", "เครื่อง", "no such text", "кр"])
@pytest.mark.parametrize("direction", [FORWARD, BACKWARD])
def test_the_first_row_that_holds_the_words_is_found_from_any_place(
    desk: sqlite3.Connection, words: str, direction: str
) -> None:
    for wanted in lists(desk):
        rows = list(answer(desk, wanted).rows)
        if direction == BACKWARD:
            rows.reverse()
        for start in (0, 1, len(rows) // 2):
            anchor = rows[start - 1].key if start else None
            asked = wanted._replace(anchor=anchor, direction=direction)
            found: FoundInList = answer(desk, FindInList(asked, words))
            place = found_by_eye(rows[start:], words)
            assert (found.row.id if found.row else None) == (None if place is None else rows[start + place].id)
            assert place is None or found.passed == place + 1


def test_what_is_not_found_in_some_rows_is_looked_for_behind_them(desk: sqlite3.Connection) -> None:
    wanted = QueuePage(View(EVERYTHING, SORTS[1]), limit=1_000, now=NOW)
    rows = answer(desk, wanted).rows
    target = rows[250]
    anchor: tuple[Any, ...] | None = None
    passed = 0
    while True:
        found: FoundInList = answer(desk, FindInList(wanted._replace(anchor=anchor), target.number, most=40))
        passed += found.passed
        if found.row is not None or found.goes_on is None:
            break
        anchor = found.goes_on
    assert found.row is not None and (found.row.id, passed) == (target.id, 251)
    assert found.row.key == target.key


def test_the_end_of_the_list_is_told(desk: sqlite3.Connection) -> None:
    wanted = QueuePage(View(ALL_OPEN), now=NOW)
    assert answer(desk, FindInList(wanted, "no such text")) == FoundInList(None, 5_000, None)
