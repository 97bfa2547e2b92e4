"""Records of a CSV file, streamed with their line numbers and raw bytes."""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterator

from core.text import storable
from storage.importers.source_file import LARGEST_RECORD_BYTES, TOO_LONG, LineReader, Record, SourceFile


class _TooLong(Exception):
    pass


class _Lines:
    """Lines for the CSV reader, remembering the raw ones it took for the record at hand; lines can be put back."""

    def __init__(self, source: SourceFile, encoding: str) -> None:
        self._lines = LineReader(source)
        self._encoding = encoding
        self._put_back: deque[bytes] = deque()
        self.taken: list[bytes] = []
        self._bytes_taken = 0
        self._cut: bytes | None = None
        self.replaced = 0
        self.next_line = 1

    def _next(self) -> bytes:
        raw, is_cut = self._lines.next()
        if is_cut:
            self._cut = raw
        return raw

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        raw = self._put_back.popleft() if self._put_back else self._next()
        if not raw:
            raise StopIteration
        self.taken.append(raw)
        self._bytes_taken += len(raw)
        # A line that was too long for itself is known again when it comes back from behind an open quote.
        if raw is self._cut or self._bytes_taken > LARGEST_RECORD_BYTES:
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
        raw = self._next()
        end = -2 if raw.endswith(b"\r\n") else -1
        text = raw[:end]
        is_whole = raw.endswith(b"\n") and raw is not self._cut
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
    with source.reading(lambda: lines.next_line + len(lines.taken)):
        while True:
            lines.begin_record()
            problem = ""
            cells: list[str] | None = None
            try:
                cells = lines.take_plain(delimiter) or next(reader)
            except StopIteration:
                return
            except _TooLong:
                problem = TOO_LONG if len(lines.taken) == 1 else "a quote that is not closed"
            except csv.Error as error:
                problem = str(error)
            if cells == []:
                continue
            width = len(cells) if width is None and cells is not None else width
            if cells is not None and len(cells) != width:
                problem, cells = f"{len(cells)} cells instead of {width}", None
            if cells is None and len(lines.taken) > 1:
                lines.keep_first_line_only()
                reader = csv.reader(lines, delimiter=delimiter, quotechar='"', doublequote=True, strict=True)
            # A list of texts is a list of texts or None; no type checker believes it.
            yield Record(lines.next_line, b"".join(lines.taken), cells, lines.replaced, problem)  # type: ignore[arg-type]
