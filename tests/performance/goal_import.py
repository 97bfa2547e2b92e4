"""Goals 15 and 16 of an import: 141,712 changes come onto a desk of twenty thousand tickets that is worked on.

`lampboard import` is a process of its own, as it is in life. Goal 15: line moves of an open console meanwhile beside
those of a quiet one, and how long a command waits until it is written; each import has a fresh copy of the desk. Goal
16: the import alone on an empty desk beside bare `executemany` (import_bench.py).
"""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain, cycle
from pathlib import Path
from typing import Any

from core.commands import PostEntry
from core.ids import EntityId
from storage.desk import OpenDesk
from tests.performance.desks import Desk, command
from tests.performance.figures import Figure
from tests.performance.goal_keys import FEWEST_FOR_P99, STROKE
from tests.performance.goal_rebuild import MORE_MS, move
from tests.performance.import_bench import SERVICE_DESK_LOG, measure_import, samples_folder
from tests.performance.meter import SETTLED_SECONDS, Keys, leave, median, program, quantile
from tests.support.fixed import FixedClock, ids_from
from tests.support.worlds import copy_of, world

WORLD_TICKETS = 20_000
IMPORT_FLOOR = 0.08
MOST_IMPORT_SECONDS = 20.0
MOST_WAIT = 0.5
"""A command waits once for the last transaction of an import: at most so much of one that adds all the rows at once."""
COMMAND_PAUSE_SECONDS = 0.03
MOST_SECONDS = 600.0
MOVED = "line move while 141,712 changes are imported"


class ImportGround(Desk):
    """Twenty thousand tickets, as fresh copies: one log can come onto a desk once."""

    def __init__(self, home: Path) -> None:
        super().__init__(home, WORLD_TICKETS)
        self._base = home / "data" / "lampboard" / "desks"
        self._copies = 0

    def lay_out(self) -> None:
        """Another copy, on which nothing was imported."""
        self._copies += 1
        self.name = f"bench-import-{self._copies}"
        self.path = self._base / self.name / "desk.db"
        self.path.parent.mkdir(parents=True)
        copy_of(world(WORLD_TICKETS), self.path.parent)

    @contextmanager
    def importing(self) -> Iterator[subprocess.Popen[bytes]]:
        """The published log on its way onto the desk."""
        told = {**os.environ, **self.env}
        argv = [command("lampboard"), "--desk", self.name, "import", "service-desk-log", str(log())]
        environment = {name: value for name, value in told.items() if value is not None}
        with subprocess.Popen(argv, env=environment, stdout=subprocess.DEVNULL) as started:
            try:
                yield started
                assert started.wait(MOST_SECONDS) == 0, "the import did not end well"
            finally:
                started.kill()


@dataclass(slots=True)
class _Taken:
    quiet: list[float] = field(default_factory=list)
    busy: list[float] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)
    quiet_waits: list[float] = field(default_factory=list)


def log() -> Path:
    """The published log."""
    return samples_folder() / SERVICE_DESK_LOG


def measure(ground: ImportGround, rounds: int) -> list[Figure]:
    """Keys and commands during imports, then imports alone."""
    taken = _Taken()
    wanted = FEWEST_FOR_P99 if rounds > 1 else FEWEST_FOR_P99 // 3
    while len(taken.busy) < wanted:
        _keys_during_an_import(ground, taken)
    _commands_during_an_import(ground, taken)
    alone = measure_import()
    return [*_goal_15(taken, alone["bare_seconds"] * 1000), *_goal_16(alone)]


def _keys_during_an_import(ground: ImportGround, taken: _Taken) -> None:
    ground.lay_out()
    ground.warm()
    with program(ground.console, ground.env) as started:
        started.wait_for(ground.top_rows(1)[0].number, timeout=60)
        started.settle(3 * SETTLED_SECONDS)
        keys = Keys(started, len(taken.busy))
        strokes = chain.from_iterable(cycle((["down"] * STROKE, ["up"] * STROKE)))
        taken.quiet += [move(keys, next(strokes)) * 1000 for _ in range(FEWEST_FOR_P99 // 3)]
        with ground.importing() as importing:
            while importing.poll() is None:
                taken.busy.append(move(keys, next(strokes)) * 1000)
        leave(started)


def _commands_during_an_import(ground: ImportGround, taken: _Taken) -> None:
    ground.lay_out()
    clock = FixedClock(int(ground.now) * 1000)
    desk = OpenDesk(ground.path, clock, ids_from(1, clock))
    connection = ground.connect()
    (person,) = connection.execute("SELECT person FROM store").fetchone()
    (ticket,) = connection.execute("SELECT id FROM ticket ORDER BY opened_at DESC LIMIT 1").fetchone()
    connection.close()

    def act() -> float:
        began = time.perf_counter()
        desk.submit(PostEntry(EntityId(ticket), "note", "Still waiting"), EntityId(person)).result()
        took = (time.perf_counter() - began) * 1000
        time.sleep(COMMAND_PAUSE_SECONDS)
        return took

    act()
    taken.quiet_waits += [act() for _ in range(FEWEST_FOR_P99 // 3)]
    with ground.importing() as importing:
        while importing.poll() is None:
            taken.waits.append(act())
    desk.close()


def _goal_15(taken: _Taken, at_once_ms: float) -> list[Figure]:
    quiet, busy = quantile(taken.quiet, 0.99), quantile(taken.busy, 0.99)
    return [
        # Twice the quiet key or ten milliseconds more, where that is more.
        Figure(15, f"{MOVED}, p99", busy, max(2.0, 1 + MORE_MS / quiet), "ms", quiet),
        Figure(15, f"{MOVED}, p50", median(taken.busy), 2.0, "ms", median(taken.quiet)),
        Figure(15, "a command meanwhile, the longest wait", max(taken.waits), MOST_WAIT, "ms", at_once_ms),
        Figure(15, "a command meanwhile, p50", median(taken.waits), None, "ms", median(taken.quiet_waits)),
    ]


def _goal_16(told: dict[str, Any]) -> list[Figure]:
    name = "import of 141,712 changes"
    return [
        Figure(16, f"{name} beside bare executemany", float(told["ratio"]), IMPORT_FLOOR, "x", at_least=True),
        Figure(16, name, float(told["seconds"]), MOST_IMPORT_SECONDS, "s"),
    ]
