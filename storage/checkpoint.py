"""Folding a desk's log into its one file, so that the file can be renamed or copied alone."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from storage.engine import explain


def checkpoint(path: Path) -> None:
    """Write what is in the log to the file at `path` and empty the log; nobody else may have the desk open."""
    try:
        connection = sqlite3.connect(path, isolation_level=None)
        try:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        finally:
            connection.close()
    except sqlite3.DatabaseError as error:
        raise explain(error, path) from error
