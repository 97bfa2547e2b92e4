"""Goal 15: line moves while the deadlines of a hundred thousand open tickets are computed again after an edit.

The edit is made by another process of the desk that leaves at once, so that the console on the screen does the work.
Only keys sent while the rebuild was not finished count; where it ends too early, the calendar is edited back.
"""

from __future__ import annotations

import json
import sqlite3
import time
from dataclasses import dataclass, field
from itertools import chain, cycle
from pathlib import Path

from core.clock import Instant
from core.commands import ChangeDocument
from core.ids import EntityId
from storage.desk import OpenDesk
from storage.rebuild import progress
from tests.performance.busy_desk import lay_out_busy_desk
from tests.performance.desks import Desk
from tests.performance.figures import Figure
from tests.performance.goal_keys import FEWEST_FOR_P99, STROKE
from tests.performance.meter import KEY_QUIET_SECONDS, SETTLED_SECONDS, Keys, leave, median, program, quantile
from tests.support.fixed import FixedClock, ids_from

BEGUN_SECONDS = 1.0
"""After so long the console has noticed the edit."""
MOST_REBUILD_SECONDS = 300.0
OWN_FRAME_QUIET_SECONDS = 0.02
"""Silence that ends a line move's own frame: panes that are read again because rows changed come later, apart."""
MORE_MS = 10.0
MOVED = "line move while 100,000 open tickets are rebuilt"


class BusyDesk(Desk):
    """The desk with the hundred thousand open tickets."""

    def __init__(self, home: Path) -> None:
        super().__init__(home, 0)
        self.name = "bench-busy"
        self.path = home / "data" / "lampboard" / "desks" / self.name / "desk.db"
        self.calendar = EntityId(b"")

    def lay_out(self) -> None:
        """Make it, once."""
        if not self.calendar:
            self.calendar = lay_out_busy_desk(self.path)

    def edit(self, number: int) -> None:
        """Another version of the calendar from ever on, every second one with other hours; the editor leaves."""
        clock = FixedClock(int(self.now) * 1000)
        desk = OpenDesk(self.path, clock, ids_from(100 + number, clock))
        connection = self.connect()
        (person,) = connection.execute("SELECT person FROM store").fetchone()
        (body,) = connection.execute("SELECT body FROM calendar WHERE id = ?", (self.calendar,)).fetchone()
        query = "SELECT COALESCE(max(number), 1) FROM document_version WHERE document = ?"
        (seen,) = connection.execute(query, (self.calendar,)).fetchone()
        connection.close()
        document = json.loads(body)
        if number % 2 == 0:
            document["weekly"] = {day: [["06:00", "20:00"]] for day in document["weekly"]}
        command = ChangeDocument("calendar", self.calendar, json.dumps(document), seen, Instant(0))
        desk.submit(command, EntityId(person)).result()
        desk.close()


@dataclass(slots=True)
class _Taken:
    quiet: list[float] = field(default_factory=list)
    busy: list[float] = field(default_factory=list)
    rebuilds: list[float] = field(default_factory=list)
    edits: int = 0


def measure(desk: BusyDesk, rounds: int) -> list[Figure]:
    """Line moves on the busy desk, quiet and during a rebuild, in turns."""
    taken = _Taken()
    desk.lay_out()
    desk.warm()
    wanted = max(FEWEST_FOR_P99 // rounds, 1) if rounds > 1 else FEWEST_FOR_P99
    for number in range(rounds):
        with program(desk.console, desk.env) as started:
            started.wait_for(desk.top_rows(1)[0].number, timeout=60)
            started.settle(3 * SETTLED_SECONDS)
            keys = Keys(started, number)
            strokes = chain.from_iterable(cycle((["down"] * STROKE, ["up"] * STROKE)))
            taken.quiet += [move(keys, next(strokes)) * 1000 for _ in range(wanted)]
            until = len(taken.busy) + wanted
            while len(taken.busy) < until:
                _during_a_rebuild(desk, taken, keys, strokes, until)
            leave(started)
    quiet, busy = quantile(taken.quiet, 0.99), quantile(taken.busy, 0.99)
    return [
        # Twice the quiet key or ten milliseconds more, where that is more.
        Figure(15, f"{MOVED}, p99", busy, max(2.0, 1 + MORE_MS / quiet), "ms", quiet),
        Figure(15, f"{MOVED}, p50", median(taken.busy), 2.0, "ms", median(taken.quiet)),
        Figure(15, "that rebuild, from the edit on", median(taken.rebuilds) * 1000, MOST_REBUILD_SECONDS * 1000, "ms"),
    ]


def move(keys: Keys, stroke: str) -> float:
    """Seconds of a line move's own frame, then as long a wait as between the keys of goal 1."""
    seconds = keys.frame(stroke, quiet_seconds=OWN_FRAME_QUIET_SECONDS).seconds
    time.sleep(KEY_QUIET_SECONDS - OWN_FRAME_QUIET_SECONDS)
    return seconds


def _during_a_rebuild(desk: BusyDesk, taken: _Taken, keys: Keys, strokes: chain[str], until: int) -> None:
    look = sqlite3.connect(f"{desk.path.as_uri()}?mode=ro", uri=True, isolation_level=None)
    desk.edit(taken.edits)
    taken.edits += 1
    began_at = time.perf_counter()
    time.sleep(BEGUN_SECONDS)
    told = progress(look)
    assert told is None or told.done > 0, "the console did not begin"
    while told is not None and len(taken.busy) < until:
        seconds = move(keys, next(strokes))
        told = progress(look)
        if told is not None:
            taken.busy.append(seconds * 1000)
    while progress(look) is not None:
        assert time.perf_counter() - began_at < MOST_REBUILD_SECONDS, "the rebuild does not end"
        time.sleep(0.05)
    taken.rebuilds.append(time.perf_counter() - began_at)
    look.close()
