"""How fast an import is beside what SQLite alone would need for the same rows: goal 16 of the plan."""

from __future__ import annotations

import os
import sqlite3
import tempfile
import time
from pathlib import Path
from typing import Any

from storage.importers.run import run_import
from storage.new_desk import Owner, add_owner, create_desk
from tests.support.fixed import FixedClock, ids_from

SERVICE_DESK_LOG = "uci498_incident_event_log.csv.gz"
WRITTEN = (
    "operation",
    "entry",
    "ticket",
    "ticket_reporter",
    "external_id",
    "company",
    "site",
    "contact",
    "affiliation",
    "team",
    "person",
    "equipment",
    "import_batch",
    "import_raw",
    "import_made",
)


def samples_folder() -> Path:
    """The folder of the published logs: `LAMPBOARD_SAMPLES`, or `shared/data` beside the checkout."""
    root = Path(os.environ.get("LAMPBOARD_SAMPLES", Path(__file__).parents[3] / "shared"))
    return root / "data" if (root / "data").is_dir() else root


def measure_import(source: Path | None = None) -> dict[str, Any]:
    """Seconds and rows of importing the service-desk log, and `ratio`: bare executemany's seconds over the import's.

    The bare side gets the very rows the import wrote, read beforehand, into the same tables with all their indexes, in
    one transaction with the same pragmas. Both are the better of two runs, taken in turn.
    """
    source = source or samples_folder() / SERVICE_DESK_LOG
    imports: list[float] = []
    bares: list[float] = []
    changes = rows = 0
    for _ in range(2):
        with tempfile.TemporaryDirectory(prefix="lampboard-bench-") as folder:
            desk, seconds, changes = _import(Path(folder), source)
            imports.append(seconds)
            seconds, rows = _insert_bare(Path(folder), desk)
            bares.append(seconds)
    return {
        "seconds": round(min(imports), 2),
        "bare_seconds": round(min(bares), 2),
        "changes": changes,
        "rows": rows,
        "ratio": round(min(bares) / min(imports), 3),
    }


def _import(folder: Path, source: Path) -> tuple[Path, float, int]:
    clock = FixedClock()
    new_id = ids_from(1, clock)
    desk = folder / "import" / "desk.db"
    create_desk(desk, "bench", clock, new_id).close()
    author = add_owner(desk, clock, new_id, Owner("Ann", "Desk", "UTC"))
    began = time.perf_counter()
    report = run_import(desk, "service-desk-log", source, author=author, clock=clock, new_id=new_id)
    return desk, time.perf_counter() - began, report.changes


def _insert_bare(folder: Path, imported: Path) -> tuple[float, int]:
    with sqlite3.connect(imported) as connection:
        rows = {name: connection.execute(f"SELECT * FROM {name}").fetchall() for name in WRITTEN}
    clock = FixedClock()
    connection = create_desk(folder / "bare" / "desk.db", "bench", clock, ids_from(2, clock))
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA cache_size = -65536")
    began = time.perf_counter()
    connection.execute("BEGIN IMMEDIATE")
    for name, values in rows.items():
        connection.executemany(f"INSERT INTO {name} VALUES ({', '.join('?' * len(values[0]))})", values)
    connection.execute("COMMIT")
    seconds = time.perf_counter() - began
    connection.close()
    return seconds, sum(map(len, rows.values()))


if __name__ == "__main__":
    print(measure_import())
