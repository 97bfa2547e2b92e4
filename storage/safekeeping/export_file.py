"""An export that is read: line by line, each with its number, as bytes whose digest the last line has to name."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import zlib
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from storage.safekeeping.export_lines import FORMAT
from storage.safekeeping.failed import KeepingFailed

GZIP_MAGIC = b"\x1f\x8b"
LONGEST_LINE_BYTES = 1 << 29
LONGEST_FILE_LINE_BYTES = 1 << 21
"""A block of a file of a ticket is a MiB (storage/safekeeping/file_lines.py)."""

BEGINS_WITH = b'{"lampboard_export":'
ENDS_WITH = b'{"end":'
FILE_BEGINS_WITH = b'{"file":'
FIRST_WITH_FILES = 2
HEAD: dict[str, tuple[type, str]] = {
    "lampboard_export": (int, "a whole number"),
    "schema": (int, "a whole number"),
    "desk": (str, "a text"),
    "is_demo": (bool, "true or false"),
    "rows": (dict, "a count for each table"),
}


class ExportFile:
    """The export at a path, plain or gzip. Every failure is a KeepingFailed that names the file and the line."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._digest = hashlib.sha256()
        self.line = 0
        """The number of the line that was read last, counted from 1."""
        self._format = FORMAT
        self._waiting = b""
        try:
            self._file = path.open("rb")
            self.bytes_total = os.fstat(self._file.fileno()).st_size
            is_zipped = self._file.read(len(GZIP_MAGIC)) == GZIP_MAGIC
            self._file.seek(0)
        except OSError as error:
            raise unreadable(path, error) from error
        self._lines: IO[bytes] = (
            io.BufferedReader(gzip.GzipFile(fileobj=self._file), 1 << 18) if is_zipped else self._file
        )

    @property
    def bytes_read(self) -> int:
        """How far the file on the disk was read."""
        return self._file.tell()

    def head(self) -> dict[str, Any]:
        """The first line, checked."""
        line = self._read()
        if not line.startswith(BEGINS_WITH):
            raise KeepingFailed("keeping.unknown_file", path=str(self._path))
        self._digest.update(line)
        try:
            head: dict[str, Any] = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise self.broken("the line", "no JSON") from error
        if type(head["lampboard_export"]) is int and head["lampboard_export"] > FORMAT:
            raise KeepingFailed(
                "keeping.newer", path=str(self._path), what="format", found=head["lampboard_export"], known=FORMAT
            )
        for name, (kind, told) in HEAD.items():
            if type(head.get(name)) is not kind:
                raise self.broken(name, f"{told} is wanted")
        self._format = head["lampboard_export"]
        if self._format < 1:
            raise self.broken("lampboard_export", "it is counted from 1")
        return head

    def block(self, prefix: bytes, most: int, most_bytes: int) -> list[bytes]:
        """The next lines, at most so many; each has to begin with `prefix`."""
        block: list[bytes] = []
        size = 0
        while len(block) < most and size < most_bytes:
            line = self._read()
            if not line.startswith(prefix):
                raise self._unexpected(line, prefix)
            if not line.endswith(b"\n"):
                raise self._cut_short()
            block.append(line)
            size += len(line)
        self._digest.update(b"".join(block))
        return block

    def file_line(self) -> bytes | None:
        """The next line with bytes of a file of a ticket; None where another kind of line is next."""
        if self._format < FIRST_WITH_FILES:
            return None
        line = self._read(most_bytes=LONGEST_FILE_LINE_BYTES)
        if not line.startswith(FILE_BEGINS_WITH):
            self._waiting = line
            self.line -= 1
            return None
        if not line.endswith(b"\n"):
            raise self._cut_short()
        self._digest.update(line)
        return line

    def end(self, files: int, missing: int) -> None:
        """The last line, which has to tell how many there are before it and what they are, and of the files."""
        lines, sha256 = self.line, self._digest.hexdigest()
        wanted: dict[str, Any] = {"lines": lines, "sha256": sha256}
        if self._format >= FIRST_WITH_FILES:
            wanted |= {"files": files, "missing": missing}
        line = self._read()
        if not line.startswith(ENDS_WITH):
            raise self._unexpected(line, ENDS_WITH)
        try:
            told = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise self._cut_short() from error
        if told != {"end": wanted}:
            raise KeepingFailed("keeping.altered", path=str(self._path))
        if self._read(is_end_expected=True):
            raise self.broken("the line", "it stands behind the last one")

    def broken(self, field: str, reason: str, line: int | None = None) -> KeepingFailed:
        """What is wrong in a line, the last one that was read unless another is named."""
        return KeepingFailed(
            "keeping.line_broken", path=str(self._path), line=line or self.line, field=field, reason=reason
        )

    def _read(self, *, is_end_expected: bool = False, most_bytes: int | None = None) -> bytes:
        most_bytes = most_bytes or LONGEST_LINE_BYTES
        try:
            line = self._waiting or self._lines.readline(most_bytes + 1)
        except EOFError as error:
            raise self._cut_short() from error
        except (zlib.error, gzip.BadGzipFile) as error:
            raise self.broken("the bytes", str(error), self.line + 1) from error
        except OSError as error:
            raise unreadable(self._path, error) from error
        if not line and not is_end_expected:
            raise self._cut_short()
        self._waiting = b""
        self.line += 1
        if len(line) > most_bytes:
            raise self.broken("the line", f"it is longer than {most_bytes >> 20} MiB")
        return line

    def _unexpected(self, line: bytes, prefix: bytes) -> KeepingFailed:
        if not line.endswith(b"\n"):
            return self._cut_short()
        wanted = "the last line" if prefix == ENDS_WITH else f"a row of {prefix[10:-2].decode()}"
        return self.broken("the line", f"{wanted} was to come here, as the first line counts them")

    def _cut_short(self) -> KeepingFailed:
        return KeepingFailed("keeping.cut_short", path=str(self._path), line=self.line)

    def __enter__(self) -> ExportFile:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()


def unreadable(path: Path, error: OSError) -> KeepingFailed:
    """What the folder or the disk says of a file that is to be read."""
    if isinstance(error, FileNotFoundError):
        return KeepingFailed("keeping.no_file", path=str(path))
    return KeepingFailed("keeping.unreadable", path=str(path), reason=error.strerror or str(error))


def is_export(path: Path) -> bool:
    """Whether a file begins as an export does, plain or gzip; False for what cannot be read."""
    try:
        # A pipe would be emptied, and is not waited for.
        if not path.is_file():
            return False
        with path.open("rb") as file:
            begin = file.read(len(BEGINS_WITH))
            if not begin.startswith(GZIP_MAGIC):
                return begin == BEGINS_WITH
            file.seek(0)
            with gzip.GzipFile(fileobj=file) as inside:
                return inside.read(len(BEGINS_WITH)) == BEGINS_WITH
    except (OSError, EOFError, zlib.error):
        return False


def blocks(file: ExportFile, table: str, count: int, most: int, most_bytes: int) -> Iterator[tuple[int, list[bytes]]]:
    """The `count` lines of a table in blocks, each with the number of its first line."""
    prefix = f'{{"table":"{table}",'.encode()
    while count > 0:
        first = file.line + 1
        block = file.block(prefix, min(most, count), most_bytes)
        count -= len(block)
        yield first, block
