"""A new desk from an export: every value is checked at the door, and nothing is kept of a file that is not whole."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import zip_longest
from pathlib import Path
from typing import Any

from storage.attachments import named_files
from storage.caller_index import refresh
from storage.engine import SCHEMA_NUMBER, create_file, explain
from storage.migrations import migrate
from storage.safekeeping.export_file import ExportFile, blocks
from storage.safekeeping.export_lines import Tell
from storage.safekeeping.failed import KeepingFailed
from storage.safekeeping.files_in import TakeFile, take_files
from storage.safekeeping.tables import Shape, shapes
from storage.safekeeping.values_in import MOST, taken_in
from storage.text_index import index_some

ROWS_AT_ONCE = 1000
BYTES_AT_ONCE = 1 << 22


def build_from_lines(export: Path, building: Path, take_file: TakeFile, tell: Tell) -> None:
    """Fill a new file at `building` with the rows of an export, and hand its files of tickets to `take_file`.

    KeepingFailed with line and field of what is unfit. An export of an older program is read into a file of that
    program's schema, which is brought to the present one.
    """
    with ExportFile(export) as file:
        head = file.head()
        schema = head["schema"]
        if schema > SCHEMA_NUMBER:
            raise KeepingFailed("keeping.newer", path=str(export), what="schema", found=schema, known=SCHEMA_NUMBER)
        if schema < 1:
            raise file.broken("schema", "it is counted from 1")
        try:
            with closing(create_file(building, schema)) as connection:
                _Build(connection, file, head["rows"], tell).run(take_file)
                # Only the present schema has triggers for all that finding goes by.
                migrate(connection)
                _make_again(connection)
        except sqlite3.DatabaseError as error:
            raise explain(error, building) from error


class _Build:
    def __init__(self, connection: sqlite3.Connection, file: ExportFile, rows: dict[str, Any], tell: Tell) -> None:
        self._connection = connection
        self._file = file
        self._rows = rows
        self._tell = tell
        self._shapes = shapes(connection)

    def run(self, take_file: TakeFile) -> None:
        connection = self._connection
        self._check_counts()
        # A file that is not finished is thrown away.
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("PRAGMA journal_mode = OFF").fetchone()
        connection.execute("PRAGMA cache_size = -65536")
        connection.execute("PRAGMA mmap_size = 0")
        connection.execute("BEGIN IMMEDIATE")
        indexes = _drop_indexes(connection)
        done, total = 0, sum(self._rows.values())
        for shape in self._shapes:
            for first, block in blocks(self._file, shape.table, self._rows[shape.table], ROWS_AT_ONCE, BYTES_AT_ONCE):
                self._add(shape, first, self._parsed(shape, first, block))
                done += len(block)
                self._tell(done, total)
        named = named_files(connection)
        taken = take_files(self._file, named, take_file)
        self._file.end(len(taken), len(named.standing - taken))
        for statement in indexes:
            connection.execute(statement)
        connection.execute("COMMIT")

    def _check_counts(self) -> None:
        known = [shape.table for shape in self._shapes]
        if list(self._rows) != known:
            strange = sorted(set(self._rows) ^ set(known))[:5]
            raise self._file.broken("rows", f"other tables than this schema has: {', '.join(strange) or 'their order'}")
        for table, count in self._rows.items():
            if type(count) is not int or not 0 <= count <= MOST:
                raise self._file.broken(f"rows.{table}", "no count of rows")
        if self._rows["store"] != 1:
            raise self._file.broken("rows.store", "a desk has one")

    def _parsed(self, shape: Shape, first: int, block: list[bytes]) -> list[tuple[Any, ...]]:
        """The values of each line, checked column by column, which takes a fraction of the time of one by one."""
        names = ("table", *shape.names)
        rows = self._objects(first, block)
        for place, row in enumerate(rows):
            if tuple(row) != names:
                pairs = zip_longest(names, row, fillvalue="nothing")
                wanted, found = next(pair for pair in pairs if pair[0] != pair[1])
                raise self._file.broken(wanted, f"{found} stands in its place", first + place)
        told = list(zip(*(row.values() for row in rows), strict=True))[1:]
        columns = zip(shape.columns, told, strict=True)
        kept = [taken_in(shape.table, column, values, self._at(column.name, first)) for column, values in columns]
        return list(zip(*kept, strict=True))

    def _objects(self, first: int, block: list[bytes]) -> list[dict[str, Any]]:
        try:
            rows = json.loads(b"[" + b",".join(block) + b"]")
            if len(rows) == len(block):
                return list(rows)
        except (ValueError, RecursionError):
            pass
        for place, line in enumerate(block):
            try:
                json.loads(line)
            except (ValueError, RecursionError) as error:
                raise self._file.broken("the line", "no JSON in UTF-8", first + place) from error
        raise self._file.broken("the line", "not one row in each line", first)

    def _at(self, field: str, first: int) -> Callable[[int, str], KeepingFailed]:
        return lambda place, reason: self._file.broken(field, reason, first + place)

    def _add(self, shape: Shape, first: int, rows: list[tuple[Any, ...]]) -> None:
        taken = 0

        def given() -> Iterator[tuple[Any, ...]]:
            nonlocal taken
            for row in rows:
                taken += 1
                yield row

        names = ", ".join(f'"{name}"' for name in shape.names)
        marks = ", ".join("?" * len(shape.names))
        try:
            self._connection.executemany(f"INSERT INTO {shape.table} ({names}) VALUES ({marks})", given())
        except sqlite3.IntegrityError as error:
            raise self._file.broken(shape.table, str(error), first + taken - 1) from error


def _drop_indexes(connection: sqlite3.Connection) -> list[str]:
    """Drop what is made faster afterwards; answers the statements that make it."""
    found = connection.execute(
        "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql LIKE 'CREATE INDEX%' ORDER BY name"
    ).fetchall()
    for name, _sql in found:
        connection.execute(f"DROP INDEX {name}")
    return [sql for _name, sql in found]


def _make_again(connection: sqlite3.Connection) -> None:
    """What finding goes by, and what the file knows of itself for its queries."""
    connection.execute("BEGIN IMMEDIATE")
    refresh(connection)
    index_some(connection)
    connection.execute("COMMIT")
    connection.execute("PRAGMA analysis_limit = 1000")
    connection.execute("ANALYZE")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA journal_mode = WAL").fetchone()
