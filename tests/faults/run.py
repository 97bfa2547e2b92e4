"""`make faults`: real processes, a real server and a line that goes wrong as told; a table of what was found.

    python -m tests.faults.run [--full] [--only kills,acks,...] [--version 15]

With `--full` the counts are those of the plan, which takes hours. `LAMPBOARD_TEST_HUB` names another server than the
wheel's for all but restarts and full volumes; `--version` takes this machine's PostgreSQL for those too. The exit code
is 1 when something is broken.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from typing import NamedTuple

from tests.faults import committers, hub_faults, kills, lines, local_faults, recoveries
from tests.faults.result import Row, table
from tests.support.hub_server import HubServer, LocalServer, NoServer, local_server, running_server


class Counts(NamedTuple):
    """How often each is tried."""

    kills: int
    acks: int
    replays: int
    cuts: int
    seconds: float
    edits: int
    restarts: int
    poison: int
    commands: int
    pending: int
    incoming: int
    bootstraps: int
    restores: int
    copies: int


USUAL = Counts(60, 1_000, 60, 20, 20.0, 100, 5, 100, 600, 500, 20_000, 40, 20, 20)
FULL = Counts(500, 5_000, 400, 100, 60.0, 1_000, 50, 1_000, 10_000, 5_000, 200_000, 300, 100, 100)
SMOKE = Counts(2, 12, 10, 2, 1.5, 3, 1, 6, 16, 20, 1_000, 2, 2, 2)


def faults(server: HubServer, local: Callable[[], LocalServer], counts: Counts) -> dict[str, Callable[[], list[Row]]]:
    """Every fault by its name."""
    return {
        "kills": lambda: kills.killed(server, counts.kills),
        "acks": lambda: lines.lost_acks(server, counts.acks),
        "replays": lambda: lines.replayed(server, counts.replays),
        "lines": lambda: lines.broken_lines(server, counts.cuts),
        "committers": lambda: committers.committers(server, counts.seconds),
        "open": lambda: committers.open_transaction(server),
        "clocks": lambda: hub_faults.wrong_clocks(server, counts.edits),
        "restarts": lambda: hub_faults.restarted(local(), counts.restarts),
        "hub-room": lambda: hub_faults.hub_without_room(max(3, counts.cuts // 4)),
        "desk-room": lambda: local_faults.desk_without_room(server),
        "processes": lambda: local_faults.two_processes(server, counts.commands),
        "poison": lambda: hub_faults.poisoned(server, counts.poison),
        "parents": lambda: hub_faults.parents_and_children(server, counts.cuts),
        "month": lambda: local_faults.a_month_away(server, counts.pending, counts.incoming),
        "bootstrap": lambda: recoveries.killed_bootstraps(server, counts.bootstraps),
        "restores": lambda: recoveries.restored_hubs(server, counts.restores),
        "copies": lambda: recoveries.copied_desks(server, counts.copies),
    }


def main() -> int:
    """Try, print, judge."""
    options = _options()
    rows: list[Row] = []
    with ExitStack() as stack:
        server = stack.enter_context(running_server()) if options.version is None else None
        started: list[LocalServer] = []

        def local() -> LocalServer:
            if not started:
                started.append(stack.enter_context(local_server(options.version)))
            return started[0]

        try:
            named = faults(server or local().server, local, FULL if options.full else USUAL)
        except NoServer as error:
            print(f"skipped: {error}")
            return 0
        for name, try_it in named.items():
            if options.only and name not in options.only:
                continue
            began = time.monotonic()
            found = _tried(name, try_it)
            rows += found
            told = ", ".join(f"{row.fault}: {row.found}" for row in found)
            print(f"{name} ({time.monotonic() - began:.0f} s): {told}", file=sys.stderr, flush=True)
    print(table(rows))
    return 1 if any(row.is_fine is False for row in rows) else 0


def _tried(name: str, try_it: Callable[[], list[Row]]) -> list[Row]:
    try:
        return try_it()
    except Exception as error:  # noqa: BLE001 the other faults are tried all the same
        return [Row(name, "-", f"{type(error).__name__}: {error}"[:200], is_fine=False)]


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="faults", description="What goes wrong, and what is lost by it.")
    parser.add_argument("--full", action="store_true", help="the counts of the plan")
    parser.add_argument("--only", default="", help="some of them by name")
    parser.add_argument("--version", type=int, help="this machine's PostgreSQL of a version")
    options = parser.parse_args()
    options.only = set(filter(None, options.only.split(",")))
    return options


if __name__ == "__main__":
    sys.exit(main())
