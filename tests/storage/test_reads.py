"""The windows of the queue: put side by side they are the whole list, in order, each row once, by an index."""

from __future__ import annotations

import itertools
import re
import sqlite3
from collections.abc import Iterator
from typing import Any, cast

import pytest

from core.clock import Instant
from core.drafts_left import DraftOf
from core.finding import FindTickets
from core.ids import EntityId
from core.pages import (
    BACKWARD,
    FORWARD,
    CompanyPage,
    CompanyTickets,
    ContractPage,
    EquipmentPage,
    Owed,
    People,
    QueueCounts,
    QueuePage,
    Rows,
    RowsById,
    TicketPage,
)
from core.queue import ALL_OPEN, DUE_SOON_SECONDS, EVERYTHING, MINE, MINE_AND_FREE, SCOPES, SORTS, TEAM, View
from core.requests import Request
from core.stages import CLOSED
from core.timeline import told_before
from storage.clock_events import CLOCK_ENTRIES
from storage.documents import LATER_VERSIONS
from storage.engine import open_file
from storage.reads import answer
from storage.terms import (
    CALENDAR_OF,
    CLOSING_DAYS,
    CONTRACT_TERMS,
    PINNED_AT,
    RETARGETINGS,
    TERMS_OF_TICKET,
    VERSIONS,
)
from tests.support.fixed import NOON
from tests.support.worlds import world

NOW = Instant(NOON // 1000)
VIEWS = [*itertools.product(SCOPES, SORTS, (False, True))]


@pytest.fixture(scope="module")
def desk() -> Iterator[sqlite3.Connection]:
    connection = open_file(world(300), read_only=True)
    yield connection
    connection.close()


@pytest.fixture(scope="module")
def owner(desk: sqlite3.Connection) -> EntityId:
    """Who has the most open tickets."""
    query = "SELECT owner FROM ticket WHERE queue_rank < 4 AND owner IS NOT NULL GROUP BY owner ORDER BY count(*) DESC"
    found: EntityId = desk.execute(query).fetchone()[0]
    return found


@pytest.fixture(scope="module")
def company(desk: sqlite3.Connection) -> EntityId:
    """Who has the most tickets."""
    found: EntityId = desk.execute("SELECT company FROM ticket GROUP BY company ORDER BY count(*) DESC").fetchone()[0]
    return found


def view_of(desk: sqlite3.Connection, owner: EntityId, scope: str, sort: str, is_reversed: bool) -> View:
    (team,) = desk.execute("SELECT team FROM person WHERE id = ?", (owner,)).fetchone()
    return View(scope, sort, is_reversed, owner, team)


def bare(desk: sqlite3.Connection, view: View) -> list[bytes]:
    """Every ticket of the view in its order, by a plain sort of everything in memory."""
    rows = desk.execute(
        "SELECT id, queue_rank, queue_key, priority, opened_at, company_sort, owner, team FROM ticket"
    ).fetchall()
    wanted = {
        MINE: lambda row: row[1] < 4 and row[6] == view.person,
        MINE_AND_FREE: lambda row: row[1] < 4 and row[6] in (view.person, None),
        TEAM: lambda row: row[1] < 4 and row[7] == view.team,
        ALL_OPEN: lambda row: row[1] < 4,
        EVERYTHING: lambda row: row[1] < 5,
    }[view.scope]
    order: dict[str, Any] = {
        "urgency": lambda row: (row[1], row[2], row[3], row[0]),
        "age": lambda row: (row[4], row[0]),
        "company": lambda row: (row[5].encode(), row[4], row[0]),
    }
    return [row[0] for row in sorted(filter(wanted, rows), key=order[view.sort], reverse=view.is_reversed)]


def walk(desk: sqlite3.Connection, view: View, direction: str, limit: int) -> list[bytes]:
    """Every row of the view, window by window from one end to the other."""
    anchor: tuple[Any, ...] | None = None
    found: list[bytes] = []
    for _ in range(400):
        page: Rows = answer(desk, QueuePage(view, anchor, direction, limit))
        ids: list[bytes] = [row.id for row in page.rows]
        assert len(ids) <= limit
        found = found + ids if direction == FORWARD else ids + found
        if page.at_end if direction == FORWARD else page.at_start:
            return found
        anchor = page.rows[-1 if direction == FORWARD else 0].key
    raise AssertionError("the list never ended")


@pytest.mark.parametrize(("scope", "sort", "is_reversed"), VIEWS)
@pytest.mark.parametrize("direction", [FORWARD, BACKWARD])
@pytest.mark.parametrize("limit", [1, 7, 50])
def test_windows_side_by_side_are_the_whole_list(
    desk: sqlite3.Connection, owner: EntityId, scope: str, sort: str, is_reversed: bool, direction: str, limit: int
) -> None:
    if limit == 1 and scope == EVERYTHING:
        limit = 3  # all three hundred one by one would only take longer
    view = view_of(desk, owner, scope, sort, is_reversed)
    assert walk(desk, view, direction, limit) == bare(desk, view)


@pytest.mark.parametrize(("scope", "sort", "is_reversed"), VIEWS)
def test_a_window_says_where_the_list_begins_and_ends(
    desk: sqlite3.Connection, owner: EntityId, scope: str, sort: str, is_reversed: bool
) -> None:
    view = view_of(desk, owner, scope, sort, is_reversed)
    everything = bare(desk, view)
    top, end = (answer(desk, QueuePage(view, None, direction, 5)) for direction in (FORWARD, BACKWARD))
    assert [row.id for row in top.rows] == everything[:5]
    assert [row.id for row in end.rows] == everything[-5:]
    assert (top.at_start, end.at_end) == (True, True)
    assert (top.at_end, end.at_start) == (len(everything) <= 5, len(everything) <= 5)


def test_a_window_of_the_exact_size_is_the_end(desk: sqlite3.Connection, owner: EntityId) -> None:
    view = view_of(desk, owner, MINE, "urgency", False)
    count = len(bare(desk, view))
    assert answer(desk, QueuePage(view, limit=count)).at_end
    assert not answer(desk, QueuePage(view, limit=count - 1)).at_end


@pytest.mark.parametrize("scope", SCOPES)
def test_counts_are_those_of_the_list(desk: sqlite3.Connection, owner: EntityId, scope: str) -> None:
    view = view_of(desk, owner, scope, "urgency", False)
    counts = answer(desk, QueueCounts(view, NOW))
    listed = bare(desk, view)
    lamps = [
        key - NOW
        for ticket, rank, key in desk.execute("SELECT id, queue_rank, queue_key FROM ticket")
        if ticket in set(listed) and rank == 0
    ]
    assert counts.total == len(listed)
    assert counts.breached == sum(left < 0 for left in lamps)
    assert counts.due == sum(0 <= left < DUE_SOON_SECONDS for left in lamps)


def test_a_companys_tickets_are_told_newest_first_in_windows(desk: sqlite3.Connection, company: EntityId) -> None:
    newest_first = [
        ticket
        for (ticket,) in desk.execute(
            "SELECT id FROM ticket WHERE company = ? AND archived = 0 ORDER BY opened_at DESC, id DESC", (company,)
        )
    ]
    found: list[bytes] = []
    anchor = None
    while True:
        page = answer(desk, CompanyTickets(company, anchor, limit=4))
        found += [row.id for row in page.rows]
        if page.at_end:
            break
        anchor = page.rows[-1].key
    assert found == newest_first


def test_rows_by_id_are_the_same_excerpts(desk: sqlite3.Connection, owner: EntityId) -> None:
    listed = {row.id: row for row in answer(desk, QueuePage(view_of(desk, owner, ALL_OPEN, "age", False))).rows}
    stranger = EntityId(bytes(16))
    for row in answer(desk, RowsById((*listed, stranger))):
        assert (row.number, row.subject, row.queue_key) == (
            listed[row.id].number,
            listed[row.id].subject,
            listed[row.id].queue_key,
        )
    assert len(answer(desk, RowsById((*listed, stranger)))) == len(listed)


def test_a_ticket_page_tells_its_story_newest_first(desk: sqlite3.Connection, owner: EntityId) -> None:
    (ticket,) = desk.execute("SELECT ticket FROM entry GROUP BY ticket ORDER BY count(*) DESC").fetchone()
    page = answer(desk, TicketPage(ticket, entries=5))
    whole = answer(desk, TicketPage(ticket))
    assert [told_before(entry) for entry in whole.entries] == sorted(map(told_before, whole.entries), reverse=True)
    assert page.entries == whole.entries[:5]
    assert page.entries_in_all == len(whole.entries) > 5


def test_what_is_not_there_has_no_page(desk: sqlite3.Connection) -> None:
    nobody = EntityId(bytes(16))
    assert answer(desk, TicketPage(nobody)) is None
    assert answer(desk, CompanyPage(nobody, NOW)) is None
    assert answer(desk, DraftOf(nobody, "reply", nobody)) == ""


def test_a_ticket_is_found_by_the_beginning_of_its_number(desk: sqlite3.Connection) -> None:
    (number,) = desk.execute("SELECT max(number) FROM ticket").fetchone()
    found = answer(desk, FindTickets(f" {number} "))
    assert number in [row.number for row in found]
    assert all(row.number.startswith(number[:4]) for row in answer(desk, FindTickets(number[:4], limit=500)))
    assert answer(desk, FindTickets("nothing like it")) == ()


def test_colleagues_stand_with_what_is_theirs(desk: sqlite3.Connection) -> None:
    open_tickets = dict(
        desk.execute("SELECT owner, count(*) FROM ticket WHERE stage_class <> ? AND archived = 0 GROUP BY 1", (CLOSED,))
    )
    people = answer(desk, People())
    assert people
    assert {line.id: line.open_count for line in people} == {line.id: open_tickets.get(line.id, 0) for line in people}


# No query of the screen reads a whole table or sorts what an index could bring in order.


def plans(desk: sqlite3.Connection, request: Request) -> list[str]:
    """What SQLite does for every query that a request asks, one line a step."""
    asked: list[tuple[str, Any]] = []

    class Listening:
        def execute(self, query: str, values: Any = ()) -> sqlite3.Cursor:
            asked.append((query, values))
            return desk.execute(query, values)

    answer(cast(sqlite3.Connection, Listening()), request)
    return [
        f"{step[3]} in {query}"
        for query, values in asked
        for step in desk.execute(f"EXPLAIN QUERY PLAN {query}", values)
    ]


def whole_tables(steps: list[str]) -> list[str]:
    small = ("SCAN p", "SCAN CONSTANT ROW", "SCAN (")
    return [
        step
        for step in steps
        if step.startswith("SCAN") and "INDEX" not in step.split(" in ")[0] and not step.startswith(small)
    ]


def sorted_anew(steps: list[str]) -> list[str]:
    return [step for step in steps if "TEMP B-TREE" in step]


@pytest.mark.parametrize(("scope", "sort", "is_reversed"), VIEWS)
@pytest.mark.parametrize("direction", [FORWARD, BACKWARD])
def test_a_window_of_the_queue_comes_from_an_index_in_its_order(
    desk: sqlite3.Connection, owner: EntityId, scope: str, sort: str, is_reversed: bool, direction: str
) -> None:
    view = view_of(desk, owner, scope, sort, is_reversed)
    anchor = answer(desk, QueuePage(view, limit=2)).rows[-1].key
    for start in (None, anchor):
        steps = plans(desk, QueuePage(view, start, direction))
        assert whole_tables(steps) == []
        if scope == MINE and sort != "urgency":
            # One person's open tickets are few: they are found by their owner and then put in order.
            assert any("ticket_by_owner" in step for step in steps)
        else:
            assert sorted_anew(steps) == []


@pytest.mark.parametrize("direction", [FORWARD, BACKWARD])
def test_a_window_of_a_companys_tickets_comes_from_an_index_in_its_order(
    desk: sqlite3.Connection, company: EntityId, direction: str
) -> None:
    anchor = answer(desk, CompanyTickets(company, limit=2)).rows[-1].key
    for start in (None, anchor):
        steps = plans(desk, CompanyTickets(company, start, direction))
        assert whole_tables(steps) == []
        assert sorted_anew(steps) == []


@pytest.mark.parametrize("scope", SCOPES)
def test_counting_reads_an_index(desk: sqlite3.Connection, owner: EntityId, scope: str) -> None:
    steps = plans(desk, QueueCounts(view_of(desk, owner, scope, "urgency", False), NOW))
    assert whole_tables(steps) == []


def test_no_page_reads_a_whole_table(desk: sqlite3.Connection, owner: EntityId, company: EntityId) -> None:
    (ticket,) = desk.execute("SELECT ticket FROM entry GROUP BY ticket ORDER BY count(*) DESC").fetchone()
    for request in (
        TicketPage(ticket),
        ContractPage(ticket, NOW),
        EquipmentPage(ticket),
        CompanyPage(company, NOW),
        RowsById((ticket,)),
        FindTickets("T-1"),
        DraftOf(owner, "reply", ticket),
        Owed(owner, NOW),
    ):
        assert whole_tables(plans(desk, request)) == []


def test_what_an_act_reads_of_a_ticket_comes_from_an_index(desk: sqlite3.Connection) -> None:
    log = "SELECT n, kind FROM operation WHERE id = ? ORDER BY n"
    of_contracts = (CONTRACT_TERMS, TERMS_OF_TICKET, PINNED_AT, RETARGETINGS, CALENDAR_OF, LATER_VERSIONS)
    asked = (CLOCK_ENTRIES, VERSIONS, CLOSING_DAYS, *of_contracts, log)
    steps = [
        step[3]
        for query in asked
        for step in desk.execute(
            f"EXPLAIN QUERY PLAN {query}",
            (bytes(16),) * len(set(re.findall(r"\?\d+", query)) or re.findall(r"\?", query)),
        )
    ]
    # A ticket's own operations are few and may be put in order.
    assert [step for step in steps if not step.startswith(("SEARCH", "SCALAR SUBQUERY", "USE TEMP B-TREE FOR"))] == []
