"""Goal 15 of sync: line moves of an open console while a colleague's acts come in as fast as one console writes them.

The colleague is a process of its own that writes three notes and syncs, again and again; the server writes to the disk
as it does for a company. The console on the screen syncs beside its keys, as it is in life.
"""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import chain, cycle
from pathlib import Path

from core.commands import OpenTicket
from tests.faults.desks import Desks, desks
from tests.faults.dying_console import Dying
from tests.performance.desks import Desk
from tests.performance.figures import Figure
from tests.performance.goal_keys import FEWEST_FOR_P99, STROKE
from tests.performance.goal_rebuild import MORE_MS, move
from tests.performance.meter import SETTLED_SECONDS, Keys, leave, median, program, quantile
from tests.support.hub_server import local_server

TICKETS = 300
BEGUN_SECONDS = 3.0
"""After so long what the colleague writes has begun to come in."""
MOVED = "line move while a colleague's acts come in"


class JoinedDesk(Desk):
    """Anna's desk, which has joined a hub, where a program finds it."""

    def __init__(self, home: Path, made: Desks) -> None:
        super().__init__(home, TICKETS)
        self.name = "bench-beside"
        self.path = home / "data" / "lampboard" / "desks" / self.name / "desk.db"
        for number in range(TICKETS):
            made.anna.act(OpenTicket(f"Printer {number} jams", None, 3))
        made.sync(made.anna, made.boris)
        made.anna.desk.close()
        self.path.parent.mkdir(parents=True)
        shutil.copyfile(made.anna.path, self.path)
        self.path.chmod(0o600)
        with closing(sqlite3.connect(self.path, isolation_level=None)) as file:
            file.execute("UPDATE store SET person = ?", (made.anna.person,))


def measure(rounds: int) -> list[Figure]:
    """Quiet keys, then keys while operations come in."""
    wanted = FEWEST_FOR_P99 if rounds > 1 else FEWEST_FOR_P99 // 3
    with (
        tempfile.TemporaryDirectory(prefix="lampboard-bench-") as name,
        local_server(settings=()) as local,
        desks(local.server, Path(name)) as made,
    ):
        desk = JoinedDesk(Path(name) / "home", made)
        with program(desk.console, desk.env) as started:
            started.wait_for(desk.top_rows(1)[0].number, timeout=60)
            started.settle(3 * SETTLED_SECONDS)
            keys = Keys(started, 0)
            strokes = chain.from_iterable(cycle((["down"] * STROKE, ["up"] * STROKE)))
            quiet = [move(keys, next(strokes)) * 1000 for _ in range(wanted)]
            with _colleague(made):
                time.sleep(BEGUN_SECONDS)
                read, began = _read(desk), time.perf_counter()
                busy = [move(keys, next(strokes)) * 1000 for _ in range(wanted)]
                rate = (_read(desk) - read) / (time.perf_counter() - began)
            leave(started)
    at_rest = quantile(quiet, 0.99)
    return [
        # Twice the quiet key or ten milliseconds more, where that is more.
        Figure(15, f"{MOVED}, p99", quantile(busy, 0.99), max(2.0, 1 + MORE_MS / at_rest), "ms", at_rest),
        Figure(15, f"{MOVED}, p50", median(busy), 2.0, "ms", median(quiet)),
        Figure(15, "operations that came in meanwhile", rate, None, "op/s"),
    ]


@contextmanager
def _colleague(made: Desks) -> Iterator[None]:
    made.boris.desk.close()
    writing, is_over = Dying(made.boris, made.ticket, made.url(made.boris), "beside"), threading.Event()

    def hear() -> None:
        while not is_over.is_set():
            writing.wait_for("synced")

    hearing = threading.Thread(target=hear)
    hearing.start()
    try:
        yield
    finally:
        is_over.set()
        hearing.join()
        writing.kill()


def _read(desk: JoinedDesk) -> int:
    with closing(desk.connect()) as connection:
        (seq,) = connection.execute("SELECT seq FROM hub_cursor").fetchone()
    return int(seq)
