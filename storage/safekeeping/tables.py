"""Which tables an export holds, in which order, and how their rows are put into it."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import NamedTuple

RECORDS = (
    "team",
    "person",
    "territory",
    "company",
    "site",
    "contact",
    "affiliation",
    "model",
    "equipment",
    "calendar",
    "policy",
    "grade",
    "view",
    "document_version",
    "contract",
    "contract_version",
    "ticket",
    "ticket_reporter",
    "ticket_link",
    "entry",
    "call_back",
    "external_id",
    "merged_record",
    "conflict",
)
"""What people call the desk."""

LOG = (
    "operation",
    "stamp",
    "lost_stamp",
    "refused",
    "refused_before",
    "quarantine",
    "base_document",
    "base_stream",
    "moved_reference",
    "purge",
    "purged_operation",
)
"""Who said what and when, what a hub said of it, and what a keeper had folded of it."""

HERE = (
    "hub",
    "hub_cursor",
    "hub_left",
    "chain_sample",
    "number_block",
    "sync_log",
    "action",
    "draft",
    "desk_state",
    "import_batch",
    "import_raw",
    "import_made",
    "rebuild",
)
"""What this file alone knows: its hub, what can be undone, unfinished texts, the lines that imports took."""

EXPORTED = ("store", *RECORDS, *LOG, *HERE)

MADE_AGAIN = (
    "find_changed",
    "find_doc",
    "find_key",
    "find_progress",
    "find_record",
    "find_stale",
    "find_term",
    "find_word",
    "open_by_company",
    "report_stale",
)
"""What follows from the others and is left out."""

DOCUMENTS = frozenset(
    (("operation", "payload"), ("operation", "base"), ("base_document", "body"), ("import_raw", "raw"))
)
"""Bytes that nearly always are text, and are written as such; other bytes are written in hex."""

RESTORED = "restored"
"""Under this name a desk's file remembers when it was put back; that is no part of the desk."""
LEFT_OUT = {"desk_state": f" WHERE name <> '{RESTORED}'"}
"""Rows that are not exported, by table."""


class Column(NamedTuple):
    """A column as the file describes it: `kind` is TEXT, INTEGER, REAL or BLOB, `key` its place in the key, or 0."""

    name: str
    kind: str
    may_be_null: bool
    key: int


class Shape(NamedTuple):
    """A table as it is in the file at hand."""

    table: str
    columns: tuple[Column, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The columns' names, in their order."""
        return tuple(column.name for column in self.columns)

    def places(self, kind: str) -> tuple[int, ...]:
        """Where the columns of a kind stand."""
        return tuple(place for place, column in enumerate(self.columns) if column.kind == kind)

    def rows_in_order(self, names: Sequence[str] = ()) -> str:
        """The query for all rows that are exported, in the one order that does not depend on when they were written."""
        told = ", ".join(f'"{name}"' for name in names or self.names)
        keys = ", ".join(f'"{column.name}"' for column in sorted(self.columns, key=lambda one: one.key) if column.key)
        return f"SELECT {told} FROM {self.table}{LEFT_OUT.get(self.table, '')} ORDER BY {keys}"


def shapes(connection: sqlite3.Connection, tables: Sequence[str] = EXPORTED) -> tuple[Shape, ...]:
    """Those of the tables that the file has: one of an older program may lack some."""
    found: list[Shape] = []
    for table in tables:
        rows = connection.execute(f"PRAGMA table_info({table})").fetchall()
        if rows:
            columns = tuple(Column(name, kind, not has_value, key) for _at, name, kind, has_value, _usual, key in rows)
            found.append(Shape(table, columns))
    return tuple(found)
