"""An export: every row of a desk as a line of JSON, from one moment, in one order; docs/safe-keeping.md has the format.

Two desks with the same rows export the same bytes, whenever and wherever: nothing here tells the time or the machine.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

from storage.attachments import named_files
from storage.engine import explain, open_file
from storage.safekeeping.file_lines import put_files
from storage.safekeeping.files_along import Files
from storage.safekeeping.tables import DOCUMENTS, LEFT_OUT, Shape, shapes

FORMAT = 2
ROWS_AT_ONCE = 500
SIGNS_AT_ONCE = 1 << 22
"""A block of lines ends when it has so many rows or signs; a row of many megabytes is a block of its own."""

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode
# What could act on a terminal, or hide from who reads: DEL, C1 controls, marks of direction, invisible joiners, tags.
_ACTING = re.compile(
    "[\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
)

Write = Callable[[bytes], object]
Tell = Callable[[int, int], None]
"""How many rows of how many are done."""


class Exported(NamedTuple):
    """What an export holds: rows by table, its lines but the last, their digest, files of tickets."""

    rows: dict[str, int]
    lines: int
    sha256: str
    files: Files


def export_lines(
    path: Path, write: Write, tell: Tell = lambda done, total: None, *, has_files: bool = True
) -> Exported:
    """Hand the desk at `path` to `write` as it is at this moment, while consoles go on working; memory stays small.

    Without files those of the tickets are only counted, as missing in it.
    """
    try:
        with closing(open_file(path, read_only=True)) as connection:
            # Pages of the file that are mapped would count as memory of ours.
            connection.execute("PRAGMA mmap_size = 0")
            connection.execute("BEGIN")
            return rows_as_lines(connection, write, tell, path if has_files else None)
    except sqlite3.DatabaseError as error:
        raise explain(error, path) from error


def rows_as_lines(
    connection: sqlite3.Connection,
    write: Write,
    tell: Tell = lambda done, total: None,
    files_beside: Path | None = None,
) -> Exported:
    """The same in the caller's transaction, of a file of any schema, with the files beside the desk at that path."""
    return _Export(connection, write, tell).run(files_beside)


class _Export:
    def __init__(self, connection: sqlite3.Connection, write: Write, tell: Tell) -> None:
        self._connection = connection
        self._write = write
        self._tell = tell
        self._digest = hashlib.sha256()
        self._lines = 0

    def run(self, files_beside: Path | None) -> Exported:
        connection = self._connection
        (schema,) = connection.execute("PRAGMA user_version").fetchone()
        desk, is_demo = connection.execute("SELECT desk, is_demo FROM store").fetchone()
        tables = shapes(connection)
        rows = {shape.table: _count(connection, shape.table) for shape in tables}
        head = {"lampboard_export": FORMAT, "schema": schema, "desk": desk, "is_demo": bool(is_demo), "rows": rows}
        self._put([line_of(head)])
        done, total = 0, sum(rows.values())
        for shape in tables:
            for block in _blocks(shape, connection.execute(shape.rows_in_order())):
                self._put(block)
                done += len(block)
                self._tell(done, total)
        named = named_files(connection)
        files, put = Files(missing=len(named.standing)), frozenset[str]()
        if files_beside is not None:
            files, put = put_files(files_beside, named, lambda line: self._put([line]))
        lines, sha256 = self._lines, self._digest.hexdigest()
        end = {"lines": lines, "sha256": sha256, "files": len(put), "missing": len(named.standing - put)}
        self._write(line_of({"end": end}).encode())
        return Exported(rows, lines, sha256, files)

    def _put(self, lines: list[str]) -> None:
        encoded = "".join(lines).encode()
        self._digest.update(encoded)
        self._lines += len(lines)
        self._write(encoded)


def _count(connection: sqlite3.Connection, table: str) -> int:
    return int(connection.execute(f"SELECT count(*) FROM {table}{LEFT_OUT.get(table, '')}").fetchone()[0])


def _blocks(shape: Shape, rows: Iterator[tuple[Any, ...]]) -> Iterator[list[str]]:
    block: list[str] = []
    signs = 0
    keys = ("table", *shape.names)
    told = [
        (place, _document if (shape.table, shape.columns[place].name) in DOCUMENTS else bytes.hex)
        for place in shape.places("BLOB")
    ]
    reals = shape.places("REAL")
    for row in rows:
        values: list[Any] = list(row)
        for place, as_told in told:
            if values[place] is not None:
                values[place] = as_told(values[place])
        for place in reals:
            if values[place] is not None and not math.isfinite(values[place]):
                values[place] = str(values[place])
        line = line_of(dict(zip(keys, (shape.table, *values), strict=True)))
        block.append(line)
        signs += len(line)
        if len(block) >= ROWS_AT_ONCE or signs >= SIGNS_AT_ONCE:
            yield block
            block, signs = [], 0
    if block:
        yield block


def line_of(document: dict[str, Any]) -> str:
    """A document as a line that can be shown anywhere without acting."""
    line = _encode(document)
    if not line.isascii() or "\x7f" in line:
        line = _ACTING.sub(_escaped, line)
    return f"{line}\n"


def _escaped(found: re.Match[str]) -> str:
    units = found[0].encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))


def _document(value: bytes) -> str | dict[str, str]:
    """Bytes that are text as that text, others in hex."""
    try:
        return value.decode()
    except UnicodeDecodeError:
        return {"hex": value.hex()}
