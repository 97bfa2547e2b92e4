"""The tables of a desk as sheets for other programs: a folder with one file a table, whole or not there."""

from __future__ import annotations

import csv
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from storage.engine import explain, explain_folder, open_file
from storage.safekeeping.export_lines import Tell
from storage.safekeeping.failed import KeepingFailed
from storage.safekeeping.tables import RECORDS, Shape, shapes
from storage.safekeeping.whole_file import UNFINISHED, sync_folder
from storage.sync.report_rows import INSTANTS, LEFT_OUT

ROWS_AT_ONCE = 5000
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What a cell begins with that a spreadsheet takes for a formula, or drops to find one behind it."""
QUOTE = "'"


class Sheet(NamedTuple):
    """A table as people call it: the columns that each desk computes for itself are left out."""

    shape: Shape
    names: tuple[str, ...]


Rows = Iterator[list[tuple[Any, ...]]]
WriteSheet = Callable[[Path, Sheet, Rows], None]


def export_sheets(path: Path, folder: Path, write: WriteSheet, tell: Tell = lambda done, total: None) -> dict[str, int]:
    """Hand each table to `write` as it is at this moment, and answer how many rows each has.

    KeepingFailed where the folder is there already and not empty.
    """
    building = folder.with_name(folder.name + UNFINISHED)
    try:
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise KeepingFailed("keeping.exists", path=str(folder))
        with suppress(FileNotFoundError):
            shutil.rmtree(building)
        building.mkdir(parents=True, mode=0o700)
        try:
            counts = _write_all(path, building, write, tell)
            building.replace(folder)
            sync_folder(folder.parent)
        finally:
            with suppress(FileNotFoundError):
                shutil.rmtree(building)
    except OSError as error:
        raise explain_folder(error, folder) from error
    except sqlite3.DatabaseError as error:
        raise explain(error, path) from error
    return counts


def _write_all(path: Path, building: Path, write: WriteSheet, tell: Tell) -> dict[str, int]:
    with closing(open_file(path, read_only=True)) as connection:
        connection.execute("PRAGMA mmap_size = 0")
        connection.execute("BEGIN")
        sheets = [_sheet_of(shape) for shape in shapes(connection, RECORDS)]
        counts = {sheet.shape.table: _count(connection, sheet.shape.table) for sheet in sheets}
        done, total = 0, sum(counts.values())

        def rows_of(sheet: Sheet) -> Rows:
            nonlocal done
            cursor = connection.execute(sheet.shape.rows_in_order(sheet.names))
            while rows := cursor.fetchmany(ROWS_AT_ONCE):
                yield [_shown(sheet, row) for row in rows] if sheet.shape.table == "entry" else rows
                done += len(rows)
                tell(done, total)

        for sheet in sheets:
            write(building, sheet, rows_of(sheet))
    return counts


def _shown(sheet: Sheet, row: tuple[Any, ...]) -> tuple[Any, ...]:
    """An entry without its text if its author took it back: it is for no report."""
    told = dict(zip(sheet.names, row, strict=True))
    return tuple({**told, "text": ""}.values()) if told["hidden"] else row


def _sheet_of(shape: Shape) -> Sheet:
    return Sheet(shape, tuple(name for name in shape.names if name not in LEFT_OUT))


def _count(connection: sqlite3.Connection, table: str) -> int:
    return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])


def write_csv(building: Path, sheet: Sheet, rows: Rows) -> None:
    """`TABLE.csv` in UTF-8: ids in hex, instants as ISO 8601 in UTC, and no text that a spreadsheet would compute."""
    path = building / f"{sheet.shape.table}.csv"
    path.touch(0o600)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(sheet.names)
        is_instant = [name in INSTANTS for name in sheet.names]
        for some in rows:
            writer.writerows([_cell(value, at) for value, at in zip(row, is_instant, strict=True)] for row in some)
        file.flush()
        os.fsync(file.fileno())


def _cell(value: Any, is_instant: bool) -> Any:
    if isinstance(value, str):
        return defused(value)
    if isinstance(value, bytes):
        return value.hex()
    return as_iso(value) if is_instant and value is not None else value


def defused(text: str) -> str:
    """A text that no spreadsheet computes: a quote is put before it, and before one that begins with a quote itself.

    So whoever takes one quote away from the beginning of each cell that has one gets every text back.
    """
    return QUOTE + text if text.startswith((*FORMULA_SIGNS, QUOTE)) else text


def as_iso(at: int) -> str:
    """An instant in UTC; one outside of the years 1 to 9999 stays a number of seconds."""
    try:
        return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (OverflowError, OSError, ValueError):
        return str(at)
