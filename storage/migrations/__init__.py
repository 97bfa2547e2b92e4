"""Numbered changes of the schema: append-only, each in one transaction, recorded in the file itself."""

from __future__ import annotations

import sqlite3
from importlib.resources import files

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

SCRIPTS = ("0001_first",)
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


def migrate(connection: sqlite3.Connection) -> None:
    """Bring the file to the newest schema and write its number into `user_version`."""
    db = Database(connection)
    migrations.apply(db)
    connection.execute(f"PRAGMA user_version = {len(SCRIPTS)}")
