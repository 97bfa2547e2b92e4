"""A desk's domain rows as bytes in one fixed order, to compare two desks."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

LOCAL_TABLES = frozenset(
    ("store", "operation", "action", "draft", "desk_state", "import_batch", "import_raw", "import_made")
)


def dump(connection: sqlite3.Connection) -> Iterator[bytes]:
    """Every domain row, one a time: tables by name, rows by primary key."""
    tables = connection.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name"
    ).fetchall()
    for (table,) in tables:
        # The list of migrations done begins with an underscore and knows when they ran; what finding needs is derived.
        if table in LOCAL_TABLES or table.startswith(("_", "find_")):
            continue
        columns = connection.execute(f"PRAGMA table_info({table})").fetchall()
        keys = ", ".join(name for _, name, _, _, _, place in sorted(columns, key=lambda c: c[5]) if place)
        for row in connection.execute(f"SELECT * FROM {table} ORDER BY {keys}"):
            yield f"{table}\t{row!r}\n".encode()
