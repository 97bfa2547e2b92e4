"""Records of a TSV file: a line is a record and a tab ends a cell; there are no quotes and no escapes."""

from __future__ import annotations

from collections.abc import Iterator

from core.text import storable
from storage.importers.source_file import TOO_LONG, LineReader, Record, SourceFile


def read_records(source: SourceFile, encoding: str) -> Iterator[Record]:
    """Every record, the header first; ImportFailed when the file itself is broken. Blank lines are no records."""
    lines = LineReader(source)
    line, width = 0, 0
    with source.reading(lambda: line + 1):
        while True:
            raw, is_cut = lines.next()
            if not raw:
                return
            line += 1
            text, replaced = storable(raw.decode(encoding, errors="surrogateescape"))
            text = text.removesuffix("\n").removesuffix("\r")
            if not text:
                continue
            if is_cut:
                yield Record(line, raw, None, replaced, TOO_LONG)
                continue
            cells: list[str | None] = list(text.split("\t"))
            width = width or len(cells)
            if len(cells) == width:
                yield Record(line, raw, cells, replaced)
            else:
                yield Record(line, raw, None, replaced, f"{len(cells)} cells instead of {width}")
