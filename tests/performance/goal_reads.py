"""Goals 6 and 7: the pages of the screen at full size, beside bare sqlite3, and each query's own time.

The bare baseline is what a person would write by hand over sqlite3 for the same data: its statements stand below,
run on the same connection, and their tuples are left as they come. Reads and baseline alternate.

Goal 7 takes the processor time of the reading thread: the warm file waits for no disk, and on a shared machine the
twentieth part of the wall clock tells of its other programs, not of an index.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, TypeVar

from core.finding import FindTickets
from core.ids import EntityId
from core.pages import BACKWARD, CompanyPage, CompanyTickets, People, QueueCounts, QueuePage, RowsById, TicketPage
from core.queue import SCOPES, SORTS, View
from core.requests import Request
from storage.reads import answer
from tests.performance.desks import Desk
from tests.performance.figures import Figure
from tests.performance.meter import median, quantile

TOP = 100
COMPANY_ROWS = 50
BUSIEST = 20
RUNS = 20
"""A round of each pair in goal 6."""
REPEATS = 60
"""Of each query in goal 7."""
SLOWEST_MS = 5.0

BARE_ROW = """
    SELECT t.id, t.number, t.subject, t.company, c.name, t.stage, t.stage_class, t.priority, t.owner, p.name,
           t.queue_rank, t.queue_key, t.sla_state, t.sla_missed, t.is_repeat, t.reporter_count, t.opened_at
"""
BARE_QUEUE = (
    BARE_ROW
    + """
    FROM ticket t LEFT JOIN company c ON c.id = t.company LEFT JOIN person p ON p.id = t.owner
    WHERE t.queue_rank < 4 AND (t.owner = ? OR t.owner IS NULL)
    ORDER BY t.queue_rank, t.queue_key, t.priority, t.id LIMIT ?
"""
)
BARE_COMPANY_TICKETS = (
    BARE_ROW
    + """, k.name, s.name, e.inventory_number, e.serial
    FROM ticket t LEFT JOIN company c ON c.id = t.company LEFT JOIN person p ON p.id = t.owner
    LEFT JOIN ticket_reporter r ON r.ticket = t.id AND r.place = 0 LEFT JOIN contact k ON k.id = r.contact
    LEFT JOIN site s ON s.id = t.site LEFT JOIN equipment e ON e.id = t.equipment
    WHERE t.company = ? AND t.archived = 0 ORDER BY t.opened_at DESC, t.id DESC LIMIT ?
"""
)
BARE_COMPANY = (
    """
    SELECT name, kind, tier, annual_value, currency, derived_by,
           (SELECT count(*) FROM site WHERE company = c.id AND archived = 0),
           (SELECT count(*) FROM equipment WHERE company = c.id AND archived = 0),
           (SELECT count(*) FROM ticket WHERE company = c.id AND queue_rank < 4),
           (SELECT count(*) FROM ticket WHERE company = c.id AND archived = 0)
    FROM company c WHERE c.id = ?
    """,
    """
    SELECT v.grade, k.number, v.valid_until FROM contract k JOIN contract_version v ON v.contract = k.id
    WHERE k.company = ? AND k.archived = 0 ORDER BY v.valid_from DESC LIMIT 1
    """,
    """
    SELECT strftime('%Y', opened_at, 'unixepoch'), strftime('%m', opened_at, 'unixepoch'), count(*),
           sum(sla_missed), sum(is_repeat)
    FROM ticket WHERE company = ? AND opened_at >= unixepoch('2024-01-01') AND archived = 0 GROUP BY 1, 2
    """,
    """
    SELECT t.equipment, t.fault_code, t.number, t.opened_at, t.queue_rank, e.inventory_number, e.serial, e.place
    FROM ticket t LEFT JOIN equipment e ON e.id = t.equipment
    WHERE t.company = ? AND t.archived = 0 AND t.is_repeat > 0 ORDER BY t.opened_at DESC, t.id DESC
    """,
    """
    SELECT k.id, k.name, a.role, k.phone, k.email, a.may_order, a.may_approve, a.order_limit, a.currency
    FROM affiliation a JOIN contact k ON k.id = a.contact WHERE a.company = ? AND k.archived = 0
    ORDER BY a.may_approve DESC, a.may_order DESC, k.name LIMIT 50
    """,
)
BARE_TICKET = (
    """
    SELECT t.*, c.name, p.name, s.name, s.zone, e.serial, e.place, m.maker, m.name, k.name, k.phone, k.email
    FROM ticket t LEFT JOIN company c ON c.id = t.company LEFT JOIN person p ON p.id = t.owner
    LEFT JOIN site s ON s.id = t.site LEFT JOIN equipment e ON e.id = t.equipment LEFT JOIN model m ON m.id = e.model
    LEFT JOIN ticket_reporter r ON r.ticket = t.id LEFT JOIN contact k ON k.id = r.contact
    WHERE t.id = ?
    """,
    "SELECT * FROM entry WHERE ticket = ? ORDER BY at DESC, id DESC",
)

Work = Callable[[], object]
T = TypeVar("T")


def measure(desk: Desk, rounds: int) -> list[Figure]:
    """Ratios of goal 6, then the slowest p95 of each kind of query of goal 7."""
    connection = desk.connect()
    try:
        return [*_beside_bare(connection, desk, rounds), *_each_query(connection, desk)]
    finally:
        connection.close()


def _beside_bare(connection: sqlite3.Connection, desk: Desk, rounds: int) -> Iterator[Figure]:
    run = connection.execute
    companies = busiest_companies(connection)
    tickets = [row.id for row in desk.top_rows(TOP)]

    def alternate(ours: Callable[[Any], object], bare: Callable[[Any], object], of: list[T]) -> tuple[float, float]:
        taken: tuple[list[float], list[float]] = ([], [])
        for number in range(rounds * RUNS * len(of)):
            one = of[number % len(of)]
            for work, times in zip((ours, bare), taken, strict=True):
                times.append(_milliseconds(partial(work, one)))
        skipped = len(of)  # the first turn prepares statements and reads pages
        return median(taken[0][skipped:]), median(taken[1][skipped:])

    def company(one: EntityId) -> None:
        answer(connection, CompanyPage(one, desk.now))
        answer(connection, CompanyTickets(one, limit=COMPANY_ROWS))

    def bare_company(one: EntityId) -> None:
        for statement in BARE_COMPANY:
            run(statement, (one,)).fetchall()
        run(BARE_COMPANY_TICKETS, (one, COMPANY_ROWS)).fetchall()

    def bare_ticket(one: EntityId) -> None:
        for statement in BARE_TICKET:
            run(statement, (one,)).fetchall()

    ours, bare = alternate(
        lambda view: answer(connection, QueuePage(view, limit=TOP)),
        lambda view: run(BARE_QUEUE, (view.person, TOP)).fetchall(),
        [desk.view],
    )
    yield Figure(6, f"queue, top {TOP}", ours, 2.0, "ms", bare)
    ours, bare = alternate(company, bare_company, companies)
    yield Figure(6, f"company page with {COMPANY_ROWS} tickets, busiest companies", ours, 2.0, "ms", bare)
    ours, bare = alternate(lambda one: answer(connection, TicketPage(one)), bare_ticket, tickets)
    yield Figure(6, "one ticket", ours, 12.0, "ms", bare)


def _each_query(connection: sqlite3.Connection, desk: Desk) -> Iterator[Figure]:
    for kind, requests in _kinds(connection, desk):
        slowest, slowest_name = 0.0, ""
        for name, request in requests:
            answer(connection, request)
            times = [_milliseconds(partial(answer, connection, request), time.thread_time) for _ in range(REPEATS)]
            p95 = quantile(times, 0.95)
            if p95 > slowest:
                slowest, slowest_name = p95, name
        yield Figure(7, f"{kind}, p95 of the slowest ({slowest_name})", slowest, SLOWEST_MS, "ms")


def _kinds(connection: sqlite3.Connection, desk: Desk) -> Iterator[tuple[str, list[tuple[str, Request]]]]:
    views = [
        desk.view._replace(scope=scope, sort=sort, is_reversed=is_reversed)
        for scope in SCOPES
        for sort in SORTS
        for is_reversed in (False, True)
    ]
    companies = busiest_companies(connection)
    yield "queue, first page", [(_name(view), QueuePage(view)) for view in views]
    yield "queue, next pages", [(_name(view), page) for view in views for page in _next_pages(connection, view)]
    yield "queue, last page", [(_name(view), QueuePage(view, None, BACKWARD)) for view in views]
    counted = [desk.view._replace(scope=scope) for scope in SCOPES]
    yield "queue, counts", [(view.scope, QueueCounts(view, desk.now)) for view in counted]
    yield "company, tickets", [(f"{at + 1}.", CompanyTickets(one)) for at, one in enumerate(companies)]
    yield "company, page", [(f"{at + 1}.", CompanyPage(one, desk.now)) for at, one in enumerate(companies)]
    window = tuple(row.id for row in desk.top_rows(320))
    yield "rows of a window again", [(f"{len(window)} rows", RowsById(window))]
    yield "one ticket", [(row.number, TicketPage(row.id)) for row in desk.top_rows(BUSIEST)]
    number = desk.top_rows(1)[0].number
    yield "find by number", [(f"{length} signs", FindTickets(number[:length])) for length in (3, 5, len(number))]
    yield "colleagues", [("all", People())]


def _next_pages(connection: sqlite3.Connection, view: View) -> Iterator[Request]:
    page = answer(connection, QueuePage(view))
    for _ in range(2):
        if page.at_end:
            return
        request = QueuePage(view, page.rows[-1].key)
        yield request
        page = answer(connection, request)


def _name(view: View) -> str:
    return f"{view.scope} by {view.sort}{' reversed' if view.is_reversed else ''}"


def busiest_companies(connection: sqlite3.Connection) -> list[EntityId]:
    """The companies with the most tickets, most first."""
    found = connection.execute(
        "SELECT company FROM ticket WHERE company IS NOT NULL GROUP BY company ORDER BY count(*) DESC LIMIT ?",
        (BUSIEST,),
    )
    return [EntityId(company) for (company,) in found]


def _milliseconds(work: Work, clock: Callable[[], float] = time.perf_counter) -> float:
    began_at = clock()
    work()
    return (clock() - began_at) * 1000
