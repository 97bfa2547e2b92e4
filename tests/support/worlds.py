"""Demo worlds of any size, built once and kept: the ground of tests and measurements on a full desk.

`python -m tests.support.worlds 1000000` builds one ahead of time.
"""

from __future__ import annotations

import ast
import hashlib
import os
import shutil
import sqlite3
import sys
import tempfile
import time
from functools import cache
from pathlib import Path

from core.clock import Instant
from storage.demo.world import fill
from storage.engine import SCHEMA_NUMBER
from storage.new_desk import create_desk
from tests.support.fixed import NOON, FixedClock, ids_from

ROOT = Path(__file__).resolve().parents[2]
SOURCES = (
    "storage/demo/*.py",
    "storage/demo/*.toml",
    "storage/migrations/*.py",
    "storage/migrations/*.sql",
    "storage/rows.py",
    "storage/standing.py",
    "storage/terms.py",
    "storage/clock_events.py",
    "storage/caller_index.py",
    "storage/text_index.py",
    *(
        f"core/{name}.py"
        for name in ("calendar", "clock_runs", "equipment", "ids", "open_time", "policy", "queue", "sla")
    ),
    *(f"core/{name}.py" for name in ("stages", "terms_in_force", "text", "ticket", "timeline", "warning_levels")),
    *(f"core/{name}.py" for name in ("caller_words", "near_words", "search_words")),
)
"""What a world's rows depend on: a change in any of these files makes a new one."""


def cache_folder() -> Path:
    """Where worlds are kept: `LAMPBOARD_WORLDS`, else `lampboard-worlds` in the user's cache folder."""
    own = os.environ.get("LAMPBOARD_WORLDS")
    if own:
        return Path(own)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "lampboard-worlds"


@cache
def _recipe() -> str:
    digest = hashlib.sha256()
    for pattern in SOURCES:
        for path in sorted(ROOT.glob(pattern)):
            digest.update(str(path.relative_to(ROOT)).encode() + b"\0" + _meaning(path) + b"\0")
    return digest.hexdigest()[:16]


def _meaning(path: Path) -> bytes:
    """What a source does, without comments, layout and docstrings: rewording must not cost a world of gigabytes."""
    if path.suffix != ".py":
        return path.read_bytes()
    tree = ast.parse(path.read_bytes())
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list):
            body[:] = [one for one in body if not _is_text(one)]
    return ast.dump(tree).encode()


def _is_text(statement: ast.stmt) -> bool:
    return (
        isinstance(statement, ast.Expr)
        and isinstance(statement.value, ast.Constant)
        and isinstance(statement.value.value, str)
    )


def world(tickets: int, seed: int = 1, now: int = NOON // 1000) -> Path:
    """The closed file of a demo desk with `tickets`, from the cache or built now. Read it only, or take `copy_of`."""
    folder = cache_folder()
    kept = folder / f"schema{SCHEMA_NUMBER}-{_recipe()}-{tickets}-{seed}-{now}.db"
    if kept.exists():
        return kept
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix="building-") as building:
        made = Path(building) / "desk.db"
        build(made, tickets, seed, now)
        made.replace(kept)
    for stale in folder.glob(f"schema*-{tickets}-{seed}-{now}.db"):
        # A world of an older recipe is of no use to anybody, and a large one takes gigabytes.
        if stale != kept:
            stale.unlink(missing_ok=True)
    return kept


def build(path: Path, tickets: int, seed: int = 1, now: int = NOON // 1000) -> None:
    """A new demo desk at `path`, filled and closed, everything in the one file."""
    clock = FixedClock(now * 1000)
    connection = create_desk(path, "Demo", clock, ids_from(seed, clock), is_demo=True)
    try:
        fill(connection, tickets=tickets, seed=seed, now=Instant(now))
    finally:
        connection.close()


def copy_of(path: Path, folder: Path) -> Path:
    """A private copy of a world that may be written to."""
    copied = folder / "desk.db"
    shutil.copyfile(path, copied)
    copied.chmod(0o600)
    return copied


def _main() -> None:
    tickets = int(sys.argv[1])
    began = time.perf_counter()
    path = world(tickets)
    seconds = time.perf_counter() - began
    with sqlite3.connect(f"{path.as_uri()}?immutable=1", uri=True) as connection:
        (entries,) = connection.execute("SELECT count(*) FROM entry").fetchone()
    megabytes = path.stat().st_size / 1e6
    print(f"{path}\n{tickets} tickets, {entries} entries, {megabytes:.0f} MB, ready in {seconds:.1f} s")


if __name__ == "__main__":
    _main()
