"""`make soak`: the machine of `sync_machine.py` with new seeds until the time is over, adding up over the runs.

    python -m tests.storage.soak_sync [--minutes 10] [--steps 100] [--count-file .soak-count]

Each round has a seed of its own. What is counted is kept in the file, towards 20,000 stories of 100 steps. A story that
goes wrong is printed as hypothesis shrank it, with its seed, and ends the run with 1.
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
from pathlib import Path

from hypothesis import seed
from hypothesis.stateful import run_state_machine_as_test

GOAL = 20_000
STORIES_A_ROUND = 10


def main() -> int:
    """Tell stories, count them, keep the count."""
    options = _options()
    with multiprocessing.get_context("spawn").Pool(options.processes) as pool:
        asked = [(options.minutes * 60, options.steps, options.seed)] * options.processes
        told = pool.starmap(soak, asked)
    before = json.loads(options.count_file.read_text()) if options.count_file.exists() else {}
    stories = before.get("stories", 0) + sum(one for one, _wrong in told)
    steps = before.get("steps", 0) + sum(one for one, _wrong in told) * options.steps
    wrong = [text for _count, text in told if text]
    violations = before.get("violations", 0) + len(wrong)
    kept = {"stories": stories, "steps": steps, "violations": violations}
    options.count_file.write_text(json.dumps(kept) + "\n")
    for text in wrong:
        print(text)
    print(
        f"{sum(one for one, _wrong in told)} stories of {options.steps} steps in this run, {len(wrong)} violations;"
        f" {stories} of {GOAL} stories in all, {violations} violations"
    )
    return 1 if wrong else 0


def soak(seconds: float, steps: int, first_seed: int | None) -> tuple[int, str]:
    """How many stories went well, and the one that did not."""
    from tests.storage.sync_machine import Consoles, of
    from tests.storage.sync_world import lay_ground
    from tests.support.hub_server import running_server

    ended = time.monotonic() + seconds
    with running_server() as server:
        ground, counted, sown = lay_ground(server), 0, first_seed
        machine = type("Consoles", (Consoles,), {"ground": ground, "beginning": None, "met": Counter()})
        try:
            while time.monotonic() < ended:
                number = secrets.randbits(32) if sown is None else sown
                sown = None
                try:
                    run_state_machine_as_test(seed(number)(machine), settings=of(STORIES_A_ROUND, steps, shrinks=True))
                except Exception:  # noqa: BLE001 whatever went wrong is the finding
                    return counted, f"seed {number}\n{traceback.format_exc()}"
                counted += STORIES_A_ROUND
        finally:
            ground.close()
    return counted, ""


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="soak", description="Stories of three consoles with new seeds.")
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--steps", type=int, default=100)
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--seed", type=int, help="the first round's seed, as a run that failed told it")
    parser.add_argument("--count-file", type=Path, default=Path(".soak-count"))
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
