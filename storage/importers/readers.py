"""The reader a mapping asks for: records whose cells stand at known places, whatever the format of the file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from storage.importers import read_csv, read_jsonl, read_tsv, read_xes
from storage.importers.failed import ImportFailed
from storage.importers.fields import Wanted
from storage.importers.mapping import Mapping
from storage.importers.source_file import Record, SourceFile, Take


class SourceRecords:
    """The records of a source; `places` says where in their cells each column of the mapping stands."""

    def __init__(self, file: SourceFile, mapping: Mapping, take: Take = "rows") -> None:
        self._file = file
        self._mapping = mapping
        self._takes_rest = take == "rest"
        self._wanted: Wanted | None = None
        self._is_empty = True
        self.replaced_in_header = 0
        source = mapping.source
        if source.format == "csv":
            self._open_with_header(read_csv.read_records(file, source.delimiter, source.encoding))
        elif source.format == "tsv":
            self._open_with_header(read_tsv.read_records(file, source.encoding))
        else:
            self._wanted = wanted = Wanted(mapping.columns(), source.optional)
            self.places = {name: place for place, name in enumerate(wanted.names)}
            is_xes = source.format == "xes"
            self._records = (
                read_xes.read_records(file, wanted)
                if is_xes
                else read_jsonl.read_records(file, source.encoding, wanted)
            )

    def __iter__(self) -> Iterator[Record]:
        """Every record; where the file breaks off, ImportFailed, or a last record that says so."""
        try:
            for record in self._records:
                self._is_empty = False
                yield record
        except ImportFailed as failed:
            if not self._takes_rest or failed.code != "import.source_broken":
                raise
            line, reason = failed.facts["line"], failed.facts["reason"]
            assert isinstance(line, int)
            self._is_empty = False
            yield Record(line, b"", None, problem=f"the file breaks off here: {reason}")

    def check_columns(self) -> None:
        """After the last record: ImportFailed when a field that the mapping names never came."""
        wanted = self._wanted
        if wanted is None:
            return
        if self._is_empty:
            raise self._file.broken(1, "empty")
        # Without a single readable record nothing is known of its fields; the rejects say why.
        if wanted.found and wanted.missing is not None:
            raise _missing(self._file.path, wanted.missing, self._mapping.name, wanted.found)

    def _open_with_header(self, records: Iterator[Record]) -> None:
        self._records = records
        header = next(records, None)
        if header is None or header.cells is None:
            raise self._file.broken(1, header.problem if header else "empty")
        names = [name or "" for name in header.cells]
        self.places = _places_in(names, self._mapping.columns(), self._file.path, self._mapping.name)
        self.replaced_in_header = header.replaced


def _places_in(header: list[str], wanted: list[str], path: Path, mapping: str) -> dict[str, int]:
    """The place of each column; ImportFailed for one that is missing or stands twice."""
    places: dict[str, int] = {}
    for place, name in enumerate(header):
        if name in places and name in wanted:
            raise ImportFailed("import.column_twice", path=str(path), field=name, line=1)
        places.setdefault(name, place)
    for name in wanted:
        if name not in places:
            raise _missing(path, name, mapping, header[:60])
    return places


def _missing(path: Path, name: str, mapping: str, found: list[str]) -> ImportFailed:
    return ImportFailed("import.column_missing", path=str(path), field=name, line=1, mapping=mapping, found=found)
