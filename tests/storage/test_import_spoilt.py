"""Stories of files in which bytes were changed, lost, doubled and put in at random: each one is answered."""

from __future__ import annotations

import csv
import gzip
import io
import tomllib
from contextlib import suppress
from pathlib import Path
from random import Random

import pytest

from storage.importers.check_row import Rejected, RowCheck
from storage.importers.failed import ImportFailed
from storage.importers.mapping_file import read_mapping
from storage.importers.readers import SourceRecords
from storage.importers.sketch import sketch_mapping
from storage.importers.source_file import SourceFile, Take
from tests.storage.test_import_formats import NAMES, ROWS, as_jsonl, as_tsv, as_xes, mapping_for

CASES = 80
PUT_IN = [b'"', b"\0", b"<", b"&", b"\xff", b"\n", b"\r", b"\t", b"{", b"[", b",", b"\xef\xbf\xbf", b"1e999"]
PUT_IN += [b"\\u0000", b"\\ud800", b"<event>", b"</event>", b"</trace>", b"<!DOCTYPE x>", b"<list>", b"&#0;"]


def as_csv(rows: tuple[tuple[str, ...], ...]) -> bytes:
    """The rows with a header."""
    text = io.StringIO()
    csv.writer(text).writerows([NAMES, *rows])
    return text.getvalue().encode()


WRITERS = {"csv": as_csv, "tsv": as_tsv, "jsonl": as_jsonl, "xes": as_xes}


def spoilt(raw: bytes, chance: Random) -> bytes:
    """The bytes after some accidents."""
    spoiling = bytearray(raw)
    for _ in range(chance.choice([1, 2, 5, 30])):
        at, length = chance.randrange(len(spoiling) + 1), chance.randrange(50)
        accident = chance.randrange(5)
        if accident == 0:
            spoiling[at : at + 1] = bytes([chance.randrange(256)])
        elif accident == 1:
            spoiling[at:at] = chance.choice(PUT_IN)
        elif accident == 2:
            del spoiling[at : at + length]
        elif accident == 3:
            spoiling[at:at] = spoiling[at : at + length]
        else:
            del spoiling[chance.randrange(len(spoiling) + 1) :]
    return _zipped(bytes(spoiling), chance) if chance.random() < 0.3 else bytes(spoiling)


def _zipped(raw: bytes, chance: Random) -> bytes:
    packed = bytearray(gzip.compress(raw, mtime=0))
    if chance.random() < 0.5:
        packed[chance.randrange(2, len(packed))] = chance.randrange(256)
    return bytes(packed)


def check_reading(path: Path, form: str, take: Take) -> None:
    """Every record is taken or rejected with a reason, or the file is refused with one."""
    mapping = read_mapping(mapping_for(form).encode(), "own.toml")
    places: set[int] = set()
    with suppress(ImportFailed), SourceFile(path) as file:
        records = SourceRecords(file, mapping, take)
        check = RowCheck(mapping, records.places)
        for record in records:
            try:
                row = check.take(record)
            except Rejected:
                continue
            assert row.line not in places
            places.add(row.line)
            for cell in row.cells:
                # A lone surrogate could not be encoded.
                assert cell is None or b"\0" not in cell.encode()
        records.check_columns()


def check_proposal(path: Path) -> None:
    """What is proposed is a mapping but for its blanks."""
    try:
        proposed = sketch_mapping(path).mapping
    except ImportFailed:
        return
    tomllib.loads(proposed)
    answered = proposed.replace('zone = "?"', 'zone = "UTC"')
    if 'formats = ["?"]' not in answered and 'opened_at = "?"' not in answered and ', "?"]' not in answered:
        read_mapping(answered.encode(), "proposed.toml")


@pytest.mark.parametrize("form", WRITERS)
def test_whatever_happened_to_a_file_it_is_answered(form: str, tmp_path: Path) -> None:
    chance = Random(f"spoilt {form}")
    path = tmp_path / "log"
    for _ in range(CASES):
        path.write_bytes(spoilt(WRITERS[form](ROWS * chance.choice([1, 3, 40])), chance))
        check_reading(path, form, chance.choice(["rows", "rest"]))
        check_proposal(path)


def test_an_encoding_that_nobody_knows_is_named(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(as_xes(ROWS).replace(b"UTF-8", b"UTP-8"))
    with pytest.raises(ImportFailed) as caught, SourceFile(path) as file:
        list(SourceRecords(file, read_mapping(mapping_for("xes").encode(), "own.toml")))
    assert (caught.value.code, "UTP-8" in str(caught.value.facts["reason"])) == ("import.source_broken", True)
