"""Goal 2: what a page, a filter's key, opening a ticket and another order cost beside a bare application's key; and
goal 7 for filtered lists: the first page where an index leads or the list is walked in its order."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from sqlite3 import Connection

from core.ids import EntityId
from core.pages import QueueCounts, QueuePage
from core.queue import AGE, ALL_OPEN, EVERYTHING, URGENCY, View
from storage.reads import answer
from tests.performance.desks import Desk
from tests.performance.figures import Figure
from tests.performance.goal_keys import MINIMAL
from tests.performance.meter import SETTLED_SECONDS, KeyFrame, Keys, leave, median, program, quantile
from tests.performance.minimal_app import FIRST_WORDS

BARE_KEYS = 40
PAGES = 10
ACTS = 5
TYPED = "p:1,2 -owner:me sla:<2h"
REPEATS = 20
SLOWEST_MS = 5.0

LED = ("p:1", "p:<=2 -owner:-", "owner:me", "owner:-", "sla:breached", "sla:<30m", "opened:7d", "repeat:yes")
"""Met by many rows of the list, or by the head of its own index."""
FREE = ("cat:ups", "fault:E07", "grade:gold", "country:=PL", "type:question channel:mail", "repeat:yes -p:4")
"""No index fits: the list is walked from its newest end."""


@dataclass(slots=True)
class _Taken:
    bare: list[KeyFrame] = field(default_factory=list)
    pages: list[KeyFrame] = field(default_factory=list)
    typed: list[KeyFrame] = field(default_factory=list)
    opened: list[KeyFrame] = field(default_factory=list)
    sorted: list[KeyFrame] = field(default_factory=list)


def measure(desk: Desk, rounds: int) -> list[Figure]:
    """Keys in turns with the bare application, then the queries."""
    taken = _Taken()
    for number in range(rounds):
        _bare_round(desk, taken, number)
        _console_round(desk, taken, number)
    return [*_key_figures(taken), *_query_figures(desk)]


def _bare_round(desk: Desk, taken: _Taken, number: int) -> None:
    with program(MINIMAL, desk.env) as started:
        started.wait_for(FIRST_WORDS, timeout=60)
        started.settle(SETTLED_SECONDS)
        keys = Keys(started, number)
        taken.bare += [keys.frame(key) for key in ["down", "up"] * (BARE_KEYS // 2)]
        leave(started)


def _console_round(desk: Desk, taken: _Taken, number: int) -> None:
    desk.warm()
    with program(desk.console, desk.env) as started:
        started.wait_for(desk.top_rows(1)[0].number, timeout=60)
        started.settle(3 * SETTLED_SECONDS)
        keys = Keys(started, number)

        def each(wanted: list[str], into: list[KeyFrame]) -> None:
            for key in wanted:
                into.append(keys.frame(key))
                started.settle(SETTLED_SECONDS)

        each(["pagedown"] * PAGES + ["pageup"] * PAGES, taken.pages)
        for _ in range(ACTS):
            each(["enter"], taken.opened)
            started.press("1")
            started.settle(SETTLED_SECONDS)
        # Three orders: as many turns bring the first one back, which the desk remembers.
        each(["o"] * 6, taken.sorted)
        started.press("f")
        started.settle(SETTLED_SECONDS)
        each(list(TYPED), taken.typed)
        # The desk remembers the cursor; the next start begins at the top again.
        for key in ("escape", "g"):
            started.press(key)
            started.settle(SETTLED_SECONDS)
        leave(started)


def _key_figures(taken: _Taken) -> Iterator[Figure]:
    bare = median([frame.seconds * 1000 for frame in taken.bare])
    for name, frames, goal in (
        ("page move", taken.pages, 3.0),
        ("filter key", taken.typed, 4.0),
        ("open a ticket", taken.opened, 4.0),
        ("sort", taken.sorted, 5.0),
    ):
        yield Figure(2, f"{name}, p50", median([frame.seconds * 1000 for frame in frames]), goal, "ms", bare)


def _query_figures(desk: Desk) -> Iterator[Figure]:
    connection = desk.connect()
    try:
        names = _names_of_few(connection)
        yield _slowest(desk, connection, "filtered, first page", [*LED, *names], goal=SLOWEST_MS)
        yield _slowest(desk, connection, "filtered freely over all years, newest", FREE, goal=None)
        yield _slowest(desk, connection, "filtered, counts", [*LED, *names], goal=None, is_count=True)
    finally:
        connection.close()


def _names_of_few(connection: Connection) -> list[str]:
    """Filters by a name that leads to its tickets."""
    queries = {
        "co": "SELECT name FROM company WHERE archived = 0 ORDER BY id DESC LIMIT 1",
        "eq": "SELECT serial FROM equipment WHERE serial <> '' ORDER BY id DESC LIMIT 1",
        "contract": "SELECT number FROM contract ORDER BY id DESC LIMIT 1",
    }
    run = connection.execute
    return [f'{name}:="{run(query).fetchone()[0]}"' for name, query in queries.items()]


def _slowest(
    desk: Desk, connection: Connection, kind: str, filters: Iterable[str], *, goal: float | None, is_count: bool = False
) -> Figure:
    slowest, slowest_name = 0.0, ""
    views = [View(ALL_OPEN, URGENCY), View(ALL_OPEN, AGE, True), View(EVERYTHING, URGENCY), View(EVERYTHING, AGE, True)]
    if goal is None and not is_count:
        views = views[3:]
    for text in filters:
        for view in views:
            wanted = view._replace(filter=text, person=EntityId(desk.view.person or b""), team=desk.view.team)
            page = QueuePage(wanted, limit=100, now=desk.now)
            work = partial(answer, connection, QueueCounts(wanted, desk.now) if is_count else page)
            work()
            times = []
            for _ in range(REPEATS):
                began_at = time.thread_time()
                work()
                times.append((time.thread_time() - began_at) * 1000)
            if (p95 := quantile(times, 0.95)) > slowest:
                slowest, slowest_name = p95, f"{text}, {view.scope} by {view.sort}"
    return Figure(7, f"{kind}, p95 of the slowest ({slowest_name})", slowest, goal, "ms")
