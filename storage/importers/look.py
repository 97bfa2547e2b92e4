"""A first look at a file that no mapping is known for: how it is written, and what stands in its columns."""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from core.text import storable
from storage.importers import read_csv, read_jsonl, read_tsv, read_xes
from storage.importers.source_file import UTF16_MARKS, Record, SourceFile
from storage.importers.times import TimeReader

ROWS_LOOKED_AT = 50_000
MOST_COLUMNS = 400
MOST_VALUES = 500
LONGEST_VALUE = 200
_BEGINNING_BYTES = 1 << 16
UNKNOWN_TEXTS = ("", "?", "-", "null", "NULL", "None", "N/A", "n/a", "\\N")
DELIMITERS = (",", ";", "\t", "|")
_CLOCKS = (" %H:%M:%S.%f", " %H:%M:%S", " %H:%M", "")
_DAYS_FIRST = tuple(f"%d{sign}%m{sign}%Y" for sign in "/.-")
_MONTHS_FIRST = tuple(f"%m{sign}%d{sign}%Y" for sign in "/.-")
TIME_FORMATS = (
    *(f"%Y-%m-%dT%H:%M:%S{rest}" for rest in (".%f%z", "%z", ".%f", "")),
    "%Y-%m-%dT%H:%M%z",
    "%Y-%m-%d %H:%M:%S %z",
    "%Y-%m-%d %H:%M:%S%z",
    *(f"{day}{clock}" for day in ("%Y-%m-%d", "%Y/%m/%d", *_DAYS_FIRST, *_MONTHS_FIRST) for clock in _CLOCKS),
)
Fields = dict[str, str | None]


@dataclass(slots=True)
class Written:
    """How a file is written; `encoding` is a guess when it is not utf-8."""

    format: str
    delimiter: str = ","
    encoding: str = "utf-8"


@dataclass(slots=True)
class Column:
    """What stands in a column: how often it is known, its values with their counts, the time formats that fit all.

    `other_order` is the format with day and month the other way round, when it fits all values as well.
    """

    name: str
    rows: int = 0
    known: int = 0
    values: dict[str, int] = field(default_factory=dict)
    has_more_values: bool = False
    unknown: set[str] = field(default_factory=set)
    distinct: set[int] = field(default_factory=set)
    longest: int = 0
    formats: list[str] = field(default_factory=list)
    other_order: str = ""
    changes_within_key: bool = False

    @property
    def is_time(self) -> bool:
        """Every value known is a time."""
        return bool(self.formats)

    def add(self, text: str | None) -> None:
        """One more row."""
        self.rows += 1
        if text is None or text in UNKNOWN_TEXTS:
            self.unknown.add(text or "")
            return
        self.known += 1
        self.distinct.add(hash(text))
        self.longest = max(self.longest, len(text))
        shown = text[:LONGEST_VALUE]
        if shown in self.values or len(self.values) < MOST_VALUES:
            self.values[shown] = self.values.get(shown, 0) + 1
        else:
            self.has_more_values = True

    def most_common(self, limit: int) -> list[tuple[str, int]]:
        """The commonest values and their counts."""
        return sorted(self.values.items(), key=lambda item: -item[1])[:limit]


@dataclass(slots=True)
class Look:
    """What was seen; `has_more` when the file goes on behind the rows that were looked at."""

    written: Written
    columns: dict[str, Column]
    rows: int
    broken_rows: int
    has_more: bool


def look_at(source: Path, unpack_limit: int | None = None) -> Look:
    """Read the beginning of a file; ImportFailed when it cannot be read at all."""
    with SourceFile(source, unpack_limit) as file, file.reading(lambda: 1):
        written = _how_written(file, file.lines.read1(_BEGINNING_BYTES))
    with SourceFile(source, unpack_limit) as file:
        look = Look(written, {}, 0, 0, False)
        rows = _rows_of(file, written)
        for _, fields in islice(rows, ROWS_LOOKED_AT):
            if fields is None:
                look.broken_rows += 1
            else:
                _add_row(look, fields)
            look.rows += 1
        look.has_more = next(rows, None) is not None
    for column in look.columns.values():
        _add_missing(column, look.rows - look.broken_rows)
        column.formats, column.other_order = _formats_of(column.values)
    if not look.columns:
        raise file.broken(1, "empty")
    return look


def changes_within(source: Path, look: Look, key: str, unpack_limit: int | None = None) -> None:
    """Mark the columns whose values differ between the rows of one key."""
    last: dict[str, Fields] = {}
    constant = dict(look.columns)
    with SourceFile(source, unpack_limit) as file:
        for _, fields in islice(_rows_of(file, look.written), ROWS_LOOKED_AT):
            if fields is None or (whose := fields.get(key)) is None:
                continue
            before = last.setdefault(whose, fields)
            for name in [name for name in constant if before.get(name) != fields.get(name)]:
                constant.pop(name).changes_within_key = True


def _how_written(file: SourceFile, beginning: bytes) -> Written:
    if beginning.startswith(UTF16_MARKS) and b"<\x00" not in beginning[:8] and b"\x00<" not in beginning[:8]:
        raise file.broken(1, "written in UTF-16; save it as UTF-8 first")
    start = beginning.removeprefix(b"\xef\xbb\xbf").lstrip()
    if start.startswith((b"<", b"\xff\xfe<", b"\xfe\xff\x00<")):
        return Written("xes")
    encoding = _encoding_of(beginning)
    if start.startswith(b"{"):
        return Written("jsonl", encoding=encoding)
    if start.startswith(b"["):
        raise file.broken(1, "one JSON list; write one object on each line first")
    first = start.partition(b"\n")[0].decode("latin-1")
    delimiter = max(DELIMITERS, key=first.count)
    if delimiter == "\t" and b'"' not in beginning:
        return Written("tsv", encoding=encoding)
    return Written("csv", delimiter, encoding)


def _encoding_of(beginning: bytes) -> str:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(beginning)
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def _rows_of(file: SourceFile, written: Written) -> Iterator[tuple[Record, Fields | None]]:
    if written.format == "xes":
        for record, attributes in read_xes.read_events(file):
            yield record, None if record.problem else {**attributes}
    elif written.format == "jsonl":
        for record, found in read_jsonl.read_objects(file, written.encoding):
            yield record, None if found is None else {n: v for n, v in read_jsonl.flat(found).items() if _is_path(n)}
    else:
        is_tsv = written.format == "tsv"
        yield from _below_header(
            read_tsv.read_records(file, written.encoding)
            if is_tsv
            else read_csv.read_records(file, written.delimiter, written.encoding)
        )


def _is_path(name: str) -> bool:
    """A mapping can name the field."""
    try:
        return bool(read_jsonl.steps_of(name)) and storable(name)[1] == 0
    except read_jsonl.PathBroken:
        return False


def _below_header(records: Iterator[Record]) -> Iterator[tuple[Record, Fields | None]]:
    header = next(records, None)
    names = [name or "" for name in header.cells or []] if header else []
    for record in records:
        yield record, None if record.cells is None else dict(zip(names, record.cells, strict=False))


def _add_row(look: Look, fields: Fields) -> None:
    for name, text in fields.items():
        column = look.columns.get(name)
        if column is None:
            if len(look.columns) >= MOST_COLUMNS or not name:
                continue
            column = look.columns[name] = Column(name)
            _add_missing(column, look.rows - look.broken_rows)
        column.add(text)


def _add_missing(column: Column, rows: int) -> None:
    """A field that a record does not have is not known there."""
    if column.rows < rows:
        column.unknown.add("")
        column.rows = rows


def _formats_of(values: Iterable[str]) -> tuple[list[str], str]:
    """The format that reads every value, or several where no single one does; and one with day and month swapped."""
    known = list(values)
    if not known or not known[0][:1].isdigit():
        return [], ""
    alone = [text for text in TIME_FORMATS if _reads_all(text, known)]
    if alone:
        other = next((text for text in alone[1:] if text[:2] != alone[0][:2]), "")
        return alone[:1], other if alone[0].startswith("%d") else ""
    left, together = known, []
    for text in TIME_FORMATS:
        reader = TimeReader([text], "UTC")
        rest = [value for value in left if reader.read(value) is None]
        if len(rest) < len(left):
            together.append(text)
            left = rest
    is_mixed = len({"%z" in text for text in together}) > 1 or {"%d", "%m"} <= {text[:2] for text in together}
    return ([], "") if left or is_mixed else (together, "")


def _reads_all(text: str, values: list[str]) -> bool:
    reader = TimeReader([text], "UTC")
    return all(reader.read(value) is not None for value in values)
