"""Who sits at a desk and what time it is there, read in one row: all that a reading verb needs to know of itself."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path
from typing import Any

from core.errors import DomainError
from storage.engine import explain, open_file
from storage.identity import known_by_hub, read_identity
from storage.queue_sql import queue_query, queue_text


class Sitting:
    """A desk open for reading, the person at it, their team and zone, and the second it is there."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path = path
        self.connection = connection
        person, is_demo, last_ms = read_identity(connection)
        row = connection.execute("SELECT id, name, team, zone FROM person WHERE id = ?", (person,)).fetchone()
        if row is None and (known := known_by_hub(connection)) is not None:
            query = "SELECT id, name, team, zone FROM person WHERE id = ?"
            row = connection.execute(query, known[:1]).fetchone() or (*known, None, "")
        if row is None:
            raise DomainError("desk.nobody_sits", path=str(path))
        self.person: bytes = row[0]
        self.name: str = row[1]
        self.team: bytes | None = row[2]
        self.zone: str = row[3] or "UTC"
        self.is_demo = is_demo
        # A demo desk's time stands still while nobody has it open.
        self.now = last_ms // 1000 if is_demo else int(time.time())

    def queue(
        self, scope: str, sort: str, limit: int, *, is_reversed: bool, filter_text: str = ""
    ) -> list[tuple[Any, ...]]:
        """Rows of `EXCERPT` in the order of the console, as plain tuples: objects would cost more than the SQL.

        QueryError for a filter that cannot be read.
        """
        try:
            if filter_text:
                query, bound = self._filtered(scope, sort, is_reversed, filter_text)
            else:
                query, bound = queue_query(scope, sort, self.person, self.team, is_reversed=is_reversed)
            return self.connection.execute(query, [*bound, limit]).fetchall()
        except sqlite3.DatabaseError as error:
            raise explain(error, self.path) from error

    def _filtered(self, scope: str, sort: str, is_reversed: bool, filter_text: str) -> tuple[str, list[Any]]:
        from core.clock import Instant
        from core.ids import EntityId
        from core.queue import View
        from storage.filtered_queue import narrowed

        team = None if self.team is None else EntityId(self.team)
        view = View(scope, sort, is_reversed, EntityId(self.person), team, filter_text)
        rows = narrowed(self.connection, view, Instant(self.now))
        return queue_text(rows.table, rows.condition, sort, is_reversed=is_reversed), rows.values

    def page(self, request: Any) -> Any:
        """The page a request of `core.pages` asks for."""
        from storage.reads import answer

        try:
            return answer(self.connection, request)
        except sqlite3.DatabaseError as error:
            raise explain(error, self.path) from error

    def close(self) -> None:
        """Close the file."""
        self.connection.close()


def open_sitting(path: Path) -> Sitting:
    """Open the desk at `path` for reading."""
    connection = open_file(path, read_only=True)
    try:
        return Sitting(path, connection)
    except sqlite3.DatabaseError as error:
        connection.close()
        raise explain(error, path) from error
    except DomainError:
        connection.close()
        raise
