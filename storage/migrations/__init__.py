"""Numbered changes of the schema: append-only, in one transaction, recorded in the file itself."""

from __future__ import annotations

import sqlite3
from importlib.resources import files

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

SCRIPTS = (
    "0001_first",
    "0002_documents",
    "0003_contacts",
    "0004_finding",
    "0005_callers",
    "0006_context",
    "0007_merging",
    "0008_full_text",
    "0009_views",
    "0010_grades",
    "0011_sync",
    "0012_imports",
    "0013_purges",
)
migrations = Migrations("lampboard")


def _register(name: str) -> None:
    @migrations(name=name)
    def run(db: Database) -> None:
        script = files("storage.migrations").joinpath(f"{name}.sql").read_text(encoding="utf-8")
        for statement in script.split(";\n"):
            if statement.strip():
                db.conn.execute(statement)


for _name in SCRIPTS:
    _register(_name)


def migrate(connection: sqlite3.Connection, stop_before: str | None = None) -> None:
    """Bring the file to the newest schema, or to that before a script, and write its number into `user_version`."""
    # One lock over looking and changing: of two programs that find an old file, the second must find it changed.
    connection.execute("BEGIN IMMEDIATE")
    try:
        db = Database(connection)
        migrations.apply(db, stop_before=stop_before)
        number = SCRIPTS.index(stop_before) if stop_before else len(SCRIPTS)
        connection.execute(f"PRAGMA user_version = {number}")
        connection.execute("COMMIT")
    except BaseException:
        # A full disk makes SQLite roll back by itself.
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
