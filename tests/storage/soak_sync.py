"""`make soak`: the machines of sync with new seeds until the time is over, adding up over the runs.

    python -m tests.storage.soak_sync [--minutes 10] [--steps 100] [--only consoles] [--count-file .soak-count]

Two machines take turns: three consoles at one hub (`sync_machine.py`), and the same where hub and files are copied and
put back (`sync_recovery_machine.py`). Each round has a seed of its own. What is counted is kept in the file, machine by
machine, towards 20,000 stories of 100 steps of the first. A story that goes wrong is printed as hypothesis shrank it,
with its seed, and ends the run with 1.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import secrets
import sys
import time
import traceback
from collections import Counter
from itertools import cycle
from pathlib import Path
from typing import NamedTuple

from hypothesis import seed
from hypothesis.stateful import run_state_machine_as_test

MACHINES = ("consoles", "recovering")
COUNTED = ("stories", "steps", "violations")
GOAL = 20_000
STORIES_A_ROUND = 10


class Told(NamedTuple):
    """Stories of each machine that went well, and the one that did not: its machine and what is to be said of it."""

    stories: Counter[str]
    wrong: str = ""
    text: str = ""


def main() -> int:
    """Tell stories, count them, keep the count."""
    options = _options()
    asked = (options.minutes * 60, options.steps, options.seed, options.only or MACHINES)
    with multiprocessing.get_context("spawn").Pool(options.processes) as pool:
        told = pool.starmap(soak, [asked] * options.processes)
    kept = json.loads(options.count_file.read_text()) if options.count_file.exists() else {}
    for one in told:
        print(one.text, end="")
    for name in MACHINES:
        stories, violations = sum(one.stories[name] for one in told), sum(one.wrong == name for one in told)
        before = kept.get(name, dict.fromkeys(COUNTED, 0))
        new = dict(zip(COUNTED, (stories, stories * options.steps, violations), strict=True))
        kept[name] = {what: before[what] + new[what] for what in COUNTED}
        goal = f" of {GOAL}" if name == MACHINES[0] else ""
        print(
            f"{name}: {stories} stories of {options.steps} steps in this run, {violations} violations;"
            f" {kept[name]['stories']}{goal} stories in all, {kept[name]['violations']} violations"
        )
    options.count_file.write_text(json.dumps(kept) + "\n")
    return 1 if any(one.wrong for one in told) else 0


def soak(seconds: float, steps: int, first_seed: int | None, names: tuple[str, ...]) -> Told:
    """In a process with a server of its own: rounds of these machines in turn."""
    from tests.storage.sync_machine import Consoles, of, on
    from tests.storage.sync_recovery_machine import Recovering
    from tests.storage.sync_world import lay_ground
    from tests.support.hub_server import running_server

    ended, stories = time.monotonic() + seconds, Counter[str]()
    with running_server() as server:
        ground = lay_ground(server)
        machines = dict(zip(MACHINES, (on(ground, Consoles), on(ground, Recovering)), strict=True))
        try:
            for name in cycle(names):
                if time.monotonic() >= ended:
                    break
                number = secrets.randbits(32) if first_seed is None else first_seed
                first_seed = None
                machine = seed(number)(machines[name])
                try:
                    run_state_machine_as_test(machine, settings=of(STORIES_A_ROUND, steps, shrinks=True))
                except Exception:  # noqa: BLE001 whatever went wrong is the finding
                    again = f"--only {name} --steps {steps} --seed {number}"
                    return Told(stories, name, f"{again}\n{traceback.format_exc()}")
                stories[name] += STORIES_A_ROUND
        finally:
            ground.close()
    return Told(stories)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="soak", description="Stories of three consoles with new seeds.")
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--steps", type=int, default=100)
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--only", nargs=1, choices=MACHINES, help="one of the machines")
    parser.add_argument("--seed", type=int, help="the first round's seed, as a run that failed told it")
    parser.add_argument("--count-file", type=Path, default=Path(".soak-count"))
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
