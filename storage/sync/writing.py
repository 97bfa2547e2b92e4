"""Jobs of sync on the writer thread: they speak to SQLite itself."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from sqlalchemy import Connection

Answer = TypeVar("Answer")


def on_driver(job: Callable[[sqlite3.Connection], Answer]) -> Callable[[Connection], Answer]:
    """The job for `OpenDesk.write`, which hands over SQLAlchemy's connection."""

    def run(connection: Connection) -> Answer:
        driver = connection.connection.driver_connection
        assert isinstance(driver, sqlite3.Connection)
        return job(driver)

    return run
