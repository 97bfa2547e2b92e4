"""The bytes of a source, plain or gzip, and the one shape in which every reader hands its records on."""

from __future__ import annotations

import gzip
import hashlib
import io
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Literal, cast

from storage.importers.failed import ImportFailed

GZIP_MAGIC = b"\x1f\x8b"
UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
LARGEST_RECORD_BYTES = 16 << 20
"""A quote that is never closed, or a line without an end, would otherwise swallow any file into memory."""
KEPT_OF_TOO_LONG_BYTES = 64 << 10
TOO_LONG = f"longer than {LARGEST_RECORD_BYTES >> 20} MiB; only its beginning is kept"

UNPACKED_TIMES = 200
UNPACKED_FREELY_BYTES = 256 << 20
"""Real logs shrink to a tenth or a fiftieth; what unpacks to much more than that was made to fill a disk."""

Take = Literal["rows", "whole", "rest"]


@dataclass(frozen=True, slots=True)
class Reading:
    """What the person says of a source: how much of a faulty one is taken, how many bytes may unpack, and the zone.

    `rows`: every row that can be taken, and nothing of a file that breaks off. `whole`: nothing when one row cannot.
    `rest`: also what stands before the place where a file breaks off.
    """

    take: Take = "rows"
    unpack_limit: int | None = None
    zone: str | None = None


@dataclass(slots=True)
class Record:
    """One record of the source: `cells` is None when it could not be read, and `problem` says why.

    `line` is where a person finds it; `at_byte` tells records apart where several stand in one line, else it is -1.
    """

    line: int
    raw: bytes
    cells: list[str | None] | None
    replaced: int = 0
    problem: str = ""
    at_byte: int = -1


class UnpacksTooFar(Exception):
    """A gzip file is larger inside than it may be; the argument is the limit in bytes."""


class _Unpacked(io.RawIOBase):
    """The inside of a gzip file, up to a limit."""

    def __init__(self, file: IO[bytes], limit: int) -> None:
        self._inside = gzip.GzipFile(fileobj=file)
        self._limit = limit
        self._bytes = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        found = self._inside.read1(len(buffer))
        self._bytes += len(found)
        if self._bytes > self._limit:
            raise UnpacksTooFar(self._limit)
        buffer[: len(found)] = found
        return len(found)


class SourceFile:
    """The bytes of a source as they come out of the disk: for progress, for the digest, and unzipped."""

    def __init__(self, path: Path, unpack_limit: int | None = None) -> None:
        self.path = path
        try:
            self._file = cast("io.BufferedReader", path.open("rb", buffering=1 << 18))
            self.bytes_total = path.stat().st_size
            self.digest = hashlib.file_digest(self._file, "sha256").hexdigest()
            self._file.seek(0)
            is_zipped = self._file.read(len(GZIP_MAGIC)) == GZIP_MAGIC
            self._file.seek(0)
        except FileNotFoundError as error:
            raise ImportFailed("import.source_missing", path=str(path)) from error
        except OSError as error:
            raise ImportFailed("import.source_unreadable", path=str(path), reason=error.strerror) from error
        limit = unpack_limit or max(UNPACKED_FREELY_BYTES, UNPACKED_TIMES * self.bytes_total)
        self.lines = io.BufferedReader(_Unpacked(self._file, limit), 1 << 18) if is_zipped else self._file

    @property
    def bytes_read(self) -> int:
        """How far the file on the disk was read."""
        return self._file.tell()

    def broken(self, line: int, reason: str) -> ImportFailed:
        """What is raised when the file itself, not a row of it, cannot be read on."""
        return ImportFailed("import.source_broken", path=str(self.path), line=line, reason=reason)

    @contextmanager
    def reading(self, line: Callable[[], int]) -> Iterator[None]:
        """Faults of the file become ImportFailed with the line that `line` tells at that moment."""
        try:
            yield
        except UnpacksTooFar as error:
            facts = {"line": line(), "limit_mib": error.args[0] >> 20}
            raise ImportFailed("import.source_unpacks_too_far", path=str(self.path), **facts) from error
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            reason = "cut short" if isinstance(error, EOFError) else str(error)
            raise self.broken(line(), reason) from error
        except OSError as error:
            reason = error.strerror or str(error)
            raise ImportFailed("import.source_unreadable", path=str(self.path), reason=reason) from error

    def __enter__(self) -> SourceFile:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()


class LineReader:
    """Raw lines, none longer than a record may be; a byte order mark is no part of the first."""

    def __init__(self, source: SourceFile) -> None:
        self._source = source
        self._is_first = True

    def next(self) -> tuple[bytes, bool]:
        """The next line with its end, and whether it was too long: then only its beginning; empty at the end."""
        raw = self._source.lines.readline(LARGEST_RECORD_BYTES + 1)
        if self._is_first:
            self._is_first = False
            if raw.startswith(UTF16_MARKS):
                raise self._source.broken(1, "written in UTF-16; save it as UTF-8 first")
            raw = raw.removeprefix(b"\xef\xbb\xbf")
        if len(raw) <= LARGEST_RECORD_BYTES:
            return raw, False
        kept, piece = raw[:KEPT_OF_TOO_LONG_BYTES], raw
        while piece and not piece.endswith(b"\n"):
            piece = self._source.lines.readline(1 << 20)
        return kept, True
