"""One figure for everything that consoles share: equal where two of them have read the same and sent everything."""

from __future__ import annotations

import hashlib
import json
import sqlite3

SHARED = (
    "affiliation",
    "calendar",
    "call_back",
    "company",
    "conflict",
    "contact",
    "contract",
    "contract_version",
    "document_version",
    "entry",
    "external_id",
    "equipment",
    "grade",
    "merged_record",
    "model",
    "person",
    "policy",
    "site",
    "team",
    "territory",
    "ticket",
    "ticket_reporter",
    "view",
)
DERIVED = frozenset(
    (
        "queue_rank",
        "queue_key",
        "sla_clock",
        "sla_state",
        "sla_missed",
        "sla_warnings",
        "company_sort",
        "is_repeat",
    )
)
"""Columns of a ticket that each console computes for itself, when it comes to it."""


def shared_rows(connection: sqlite3.Connection) -> dict[str, list[str]]:
    """Every shared row as canonical text, by table, in one order."""
    return {table: _rows(connection, table) for table in SHARED}


def state_hash(connection: sqlite3.Connection) -> str:
    """SHA-256 over `shared_rows`, in hex."""
    digest = hashlib.sha256()
    for table, rows in shared_rows(connection).items():
        digest.update(f"{table} {len(rows)}\n".encode())
        for row in rows:
            digest.update(row.encode("utf-8", "surrogatepass") + b"\n")
    return digest.hexdigest()


def _rows(connection: sqlite3.Connection, table: str) -> list[str]:
    names = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
    kept = [name for name in names if name not in DERIVED]
    quoted = ", ".join(f'"{name}"' for name in kept)
    rows = connection.execute(f"SELECT {quoted} FROM {table}")
    return sorted(json.dumps([_told(value) for value in row]) for row in rows)


def _told(value: object) -> object:
    return {"bytes": value.hex()} if isinstance(value, bytes) else value
