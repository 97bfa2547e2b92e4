"""Records of a CSV file, plain or gzip, streamed with their line numbers and raw bytes."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import zlib
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO

from core.text import storable
from storage.importers.failed import ImportFailed

GZIP_MAGIC = b"\x1f\x8b"
LARGEST_RECORD_BYTES = 64 << 20
"""A quote that is never closed would otherwise swallow the rest of any file into memory."""


@dataclass(slots=True)
class Record:
    """One record of the source: `cells` is None when it could not be read, and `problem` says why."""

    line: int
    raw: bytes
    cells: list[str] | None
    replaced: int = 0
    problem: str = ""


class _TooLong(Exception):
    pass


class SourceFile:
    """The bytes of a source as they come out of the disk: for progress, for the digest, and unzipped."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._file = path.open("rb")
            self.bytes_total = path.stat().st_size
            self.digest = hashlib.file_digest(self._file, "sha256").hexdigest()
            self._file.seek(0)
            is_zipped = self._file.read(len(GZIP_MAGIC)) == GZIP_MAGIC
            self._file.seek(0)
        except FileNotFoundError as error:
            raise ImportFailed("import.source_missing", path=str(path)) from error
        except OSError as error:
            raise ImportFailed("import.source_unreadable", path=str(path), reason=error.strerror) from error
        self.lines: IO[bytes] = (
            io.BufferedReader(gzip.GzipFile(fileobj=self._file), 1 << 18) if is_zipped else self._file
        )

    @property
    def bytes_read(self) -> int:
        """How far the file on the disk was read."""
        return self._file.tell()

    def __enter__(self) -> SourceFile:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()


class _Lines:
    """Lines for the CSV reader, remembering the raw ones it took for the record at hand; lines can be put back."""

    def __init__(self, source: SourceFile, encoding: str) -> None:
        self._source = source
        self._encoding = encoding
        self._put_back: deque[bytes] = deque()
        self.taken: list[bytes] = []
        self._bytes_taken = 0
        self.replaced = 0
        self.next_line = 1

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        raw = self._put_back.popleft() if self._put_back else self._source.lines.readline()
        if not raw:
            raise StopIteration
        if self.next_line + len(self.taken) == 1:
            raw = raw.removeprefix(b"\xef\xbb\xbf")
        self.taken.append(raw)
        self._bytes_taken += len(raw)
        if self._bytes_taken > LARGEST_RECORD_BYTES:
            raise _TooLong
        if raw.isascii() and b"\0" not in raw:
            return raw.decode("ascii")
        # Bytes that are no text in the encoding become lone surrogates here and U+FFFD with the others.
        text, replaced = storable(raw.decode(self._encoding, errors="surrogateescape"))
        self.replaced += replaced
        return text

    def take_plain(self, delimiter: str) -> list[str] | None:
        """The cells of the next line if they can be had by splitting it; a line that needs the CSV reader waits."""
        if self._put_back:
            return None
        raw = self._source.lines.readline()
        end = -2 if raw.endswith(b"\r\n") else -1
        text = raw[:end]
        is_whole = raw.endswith(b"\n") and len(raw) <= LARGEST_RECORD_BYTES
        if is_whole and text and raw.isascii() and not (b'"' in text or b"\r" in text or b"\0" in text):
            self.taken.append(raw)
            return text.decode("ascii").split(delimiter)
        if raw:
            self._put_back.append(raw)
        return None

    def begin_record(self) -> None:
        """Forget the lines of the record before."""
        self.next_line += len(self.taken)
        self.taken = []
        self._bytes_taken = 0
        self.replaced = 0

    def keep_first_line_only(self) -> None:
        """Put back what a quote that was not closed swallowed behind its own line."""
        self._put_back.extendleft(reversed(self.taken[1:]))
        del self.taken[1:]


def read_records(source: SourceFile, delimiter: str, encoding: str) -> Iterator[Record]:
    """Every record, the header first; ImportFailed when the file itself is broken. Blank lines are no records.

    A record with too few or too many cells is a problem of its own line: lines it swallowed are read again.
    """
    csv.field_size_limit(LARGEST_RECORD_BYTES)
    lines = _Lines(source, encoding)
    width: int | None = None
    reader = csv.reader(lines, delimiter=delimiter, quotechar='"', doublequote=True, strict=True)
    while True:
        lines.begin_record()
        problem, cells = "", None
        try:
            cells = lines.take_plain(delimiter) or next(reader)
        except StopIteration:
            return
        except _TooLong:
            problem = "longer than 64 MiB, or a quote that is not closed"
        except csv.Error as error:
            problem = str(error)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            line = lines.next_line + len(lines.taken)
            reason = "cut short" if isinstance(error, EOFError) else str(error)
            path = str(source.path)
            raise ImportFailed("import.source_broken", path=path, line=line, reason=reason) from error
        except OSError as error:
            reason = error.strerror or str(error)
            raise ImportFailed("import.source_unreadable", path=str(source.path), reason=reason) from error
        if cells == []:
            continue
        width = len(cells) if width is None and cells is not None else width
        if cells is not None and len(cells) != width:
            problem, cells = f"{len(cells)} cells instead of {width}", None
        if cells is None and len(lines.taken) > 1:
            lines.keep_first_line_only()
            reader = csv.reader(lines, delimiter=delimiter, quotechar='"', doublequote=True, strict=True)
        yield Record(lines.next_line, b"".join(lines.taken), cells, lines.replaced, problem)


def check_header(header: list[str], wanted: list[str], path: Path, mapping: str) -> dict[str, int]:
    """The place of each column; ImportFailed for one that is missing or stands twice."""
    places: dict[str, int] = {}
    for place, name in enumerate(header):
        if name in places and name in wanted:
            raise ImportFailed("import.column_twice", path=str(path), field=name, line=1)
        places.setdefault(name, place)
    for name in wanted:
        if name not in places:
            raise ImportFailed(
                "import.column_missing", path=str(path), field=name, line=1, mapping=mapping, found=header[:60]
            )
    return places
