"""Goal 5: `--version` beside an empty program installed the same way, one list beside `python -c pass`.

The empty program is a script like the one an installer writes for an entry point: the same interpreter in its first
line, then an import of a trivial module's `main`. Its module lies in a package of its own in a folder appended to
`sys.path`, as the console's packages do, so both pay the same search.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.performance.desks import Desk, command
from tests.performance.figures import Figure, missed
from tests.performance.meter import median

RUNS = 15
"""A round of each program."""

VERSION = "--version, process"
LIST = "one-shot list of the queue, process"


def measure(desk: Desk, home: Path, rounds: int) -> list[Figure]:
    """The four programs in turns; a command that fails misses its goal."""
    programs = {
        "empty": [str(empty_entry_point(home))],
        "version": [command("lampboard"), "--version"],
        "pass": [sys.executable, "-c", "pass"],
        "list": [*desk.console, "queue"],
    }
    works = {name: _seconds(argv, desk.env) is not None for name, argv in programs.items()}
    taken: dict[str, list[float]] = {name: [] for name in programs}
    for _ in range(rounds * RUNS):
        for name, argv in programs.items():
            if works[name]:
                taken[name].append((_seconds(argv, desk.env) or float("inf")) * 1000)
    figures = [Figure(5, VERSION, median(taken["version"]), 1.5, "ms", median(taken["empty"]))]
    if works["list"]:
        return [*figures, Figure(5, LIST, median(taken["list"]), 5.0, "ms", median(taken["pass"]))]
    return [*figures, missed(5, f"{LIST}: the command failed", 5.0, "ms")]


def empty_entry_point(home: Path) -> Path:
    """A program that does nothing, in the form an installer gives to an entry point."""
    package = home / "installed" / "empty_program"
    package.mkdir(parents=True, exist_ok=True)
    (package / "__init__.py").write_text('"""Nothing."""\n', encoding="utf-8")
    (package / "__main__.py").write_text("def main():\n    pass\n", encoding="utf-8")
    script = home / "empty-program"
    script.write_text(
        f"#!{sys.executable}\nimport sys\nsys.path.append({str(package.parent)!r})\n"
        "from empty_program.__main__ import main\nif __name__ == '__main__':\n    sys.exit(main())\n",
        encoding="utf-8",
    )
    script.chmod(0o755)
    return script


def _seconds(argv: Sequence[str], env: Mapping[str, str | None]) -> float | None:
    """How long the program took from its start to its end; None when it failed."""
    wanted = {name: value for name, value in {**os.environ, **env}.items() if value is not None}
    began_at = time.perf_counter()
    done = subprocess.run(argv, env=wanted, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    return time.perf_counter() - began_at if done.returncode == 0 else None
