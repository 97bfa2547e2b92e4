"""Stories of files that are broken or made to break: each is answered with its line, and the desk stays whole."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from core.errors import DomainError
from storage.importers.report import ImportReport
from storage.importers.run import run_import
from storage.importers.source_file import Reading
from tests.storage.fixtures.import_desk import ImportDesk
from tests.storage.test_import_formats import ROWS, as_jsonl, as_xes, attribute, event, put
from tests.storage.test_import_rejects import HEADER, TICKETS

ROOT = Path(__file__).parents[2]
GOOD = "1,2024-01-02,,Good,,open,Acme\n"
MIB = 1 << 20


@pytest.fixture
def desk(tmp_path: Path) -> ImportDesk:
    return ImportDesk(tmp_path)


def csv_of(desk: ImportDesk, raw: bytes, name: str = "log.csv") -> tuple[Path, Path]:
    """The mapping of plain tickets and a source of these bytes."""
    mapping, source = desk.folder / "own.toml", desk.folder / name
    mapping.write_text(TICKETS, encoding="utf-8")
    source.write_bytes(raw)
    return mapping, source


def take(desk: ImportDesk, files: tuple[Path, Path], reading: Reading) -> ImportReport:
    """Import as the person chose."""
    return run_import(
        desk.path, files[0], files[1], author=desk.author, clock=desk.clock, new_id=desk.new_id, reading=reading
    )


def refused(desk: ImportDesk, files: tuple[Path, Path], reading: Reading | None = None) -> tuple[str, object, str]:
    """Code, line and reason of an import that was refused; the desk is as it was."""
    before = desk.contents()
    with pytest.raises(DomainError) as caught:
        take(desk, files, reading or Reading())
    assert desk.contents() == before
    facts = caught.value.facts
    return caught.value.code, facts.get("line"), str(facts.get("reason", ""))


def log_with(body: str) -> bytes:
    """An event log with that inside."""
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<log>\n{body}</log>\n'.encode()


def test_a_document_type_is_refused_before_its_entities_are_read(desk: ImportDesk) -> None:
    entities = "".join(f'<!ENTITY e{n + 1} "&e{n};&e{n};&e{n};&e{n};&e{n};&e{n};&e{n};&e{n};">' for n in range(30))
    raw = f'<?xml version="1.0"?>\n<!DOCTYPE log [<!ENTITY e0 "ha">{entities}]>\n<log>&e30;</log>'.encode()
    code, line, reason = refused(desk, put(desk, "xes", raw))
    assert (code, line) == ("import.source_broken", 2)
    assert "document type" in reason


def test_an_entity_that_nobody_declared_is_refused(desk: ImportDesk) -> None:
    code, line, reason = refused(desk, put(desk, "xes", log_with(event(ROWS[0]) + "<trace>&lol;</trace>")))
    assert (code, line, reason) == ("import.source_broken", 4, "undefined entity")


def test_tags_nested_without_end_are_refused_at_the_line_where_they_become_too_deep(desk: ImportDesk) -> None:
    code, line, reason = refused(desk, put(desk, "xes", log_with("<trace>\n" + "<a>\n" * 100_000)))
    assert (code, line) == ("import.source_broken", 34)
    assert "deeper than 32" in reason


def test_what_is_no_event_log_is_refused_by_its_first_tag(desk: ImportDesk) -> None:
    code, line, reason = refused(desk, put(desk, "xes", b"\n<html><body>log in first</body></html>"))
    assert (code, line) == ("import.source_broken", 2)
    assert "html" in reason


def test_a_log_that_was_cut_short_names_line_and_attribute(desk: ImportDesk) -> None:
    raw = as_xes(ROWS)[:-100]
    code, line, reason = refused(desk, put(desk, "xes", raw))
    assert (code, line) == ("import.source_broken", 5)
    assert "at the attribute" in reason


def test_whoever_takes_the_rest_gets_the_events_before_the_break(desk: ImportDesk) -> None:
    report = take(desk, put(desk, "xes", as_xes(ROWS)[:-100]), Reading(take="rest"))
    assert (report.rows_read, report.taken, report.rejected) == (2, 1, 1)
    text = (desk.folder / "log.xes.rejects.csv").read_text(encoding="utf-8")
    assert "the file breaks off here" in text


def test_whoever_takes_the_rest_gets_the_rows_before_a_gzip_file_ends_too_early(desk: ImportDesk) -> None:
    rows = "".join(f"{n},2024-01-02,,Row {n * 7919},,open,Acme\n" for n in range(6_000))
    files = csv_of(desk, gzip.compress((HEADER + rows).encode())[:-5_000], "log.csv.gz")
    code, line, reason = refused(desk, files)
    assert (code, reason) == ("import.source_broken", "cut short")
    report = take(desk, files, Reading(take="rest"))
    assert report.taken + report.rejected == report.rows_read == report.taken + 1
    assert line == report.taken + 2


def test_whoever_takes_it_whole_gets_nothing_when_one_row_cannot_be_taken(desk: ImportDesk) -> None:
    files = csv_of(desk, (HEADER + GOOD + "2,soon,,Bad,,open,Acme\n").encode())
    assert refused(desk, files, Reading(take="whole")) == ("import.not_whole", 3, "time not readable: opened: soon")
    assert take(desk, files, Reading()).taken == 1


def test_bytes_of_an_event_that_are_no_text_are_replaced_counted_and_kept_raw(desk: ImportDesk) -> None:
    raw = as_xes(ROWS).replace(b"Valve", b"V\xed\xa0\x80\x00\xff")
    report = desk.take(*put(desk, "xes", raw))
    assert (report.taken, report.flags, report.replaced_characters) == (2, {"characters replaced": 1}, 5)
    assert desk.ask("SELECT subject FROM ticket WHERE stage = 'active'") == [("V" + "\ufffd" * 5,)]
    assert any(b"V\xed\xa0\x80\x00\xff" in kept for (kept,) in desk.ask("SELECT raw FROM import_raw"))


def test_zero_characters_and_lone_surrogates_of_json_become_signs_and_are_counted(desk: ImportDesk) -> None:
    line = as_jsonl(ROWS[1:]).replace(b"Valve", b"a\\u0000b\\ud800c\xff")
    report = desk.take(*put(desk, "jsonl", line))
    assert desk.ask("SELECT subject FROM ticket") == [("a\ufffdb\ufffdc\ufffd",)]
    assert (report.replaced_characters, report.taken_with_flag) == (3, 1)


def test_a_line_that_is_no_object_costs_its_own_row_only(desk: ImportDesk) -> None:
    bad = [b'{"id": 1', b"[1, 2]", b"[" * 200_000, b'{"id": NaN, "opened": ' + b"9" * 50_000 + b"}", b"\xff\xfe"]
    report = desk.take(*put(desk, "jsonl", b"\n".join([*bad, as_jsonl(ROWS)])))
    assert (report.rows_read, report.taken, report.rejected) == (7, 2, 5)
    assert report.reject_reasons == {"unreadable": 4, "time not readable": 1}


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le"])
def test_a_file_in_utf_16_is_refused_at_its_first_line(desk: ImportDesk, encoding: str) -> None:
    code, line, _ = refused(desk, csv_of(desk, (HEADER + GOOD).encode(encoding)))
    assert (code, line) in [("import.source_broken", 1), ("import.column_missing", 1)]


def test_a_gzip_file_that_unpacks_too_far_is_refused_and_can_be_allowed(desk: ImportDesk) -> None:
    bomb = gzip.compress((HEADER + GOOD).encode()) + gzip.compress(b"a" * MIB) * 64
    files = csv_of(desk, bomb, "log.csv.gz")
    assert refused(desk, files, Reading(unpack_limit=32 * MIB))[:2] == ("import.source_unpacks_too_far", 3)
    report = take(desk, files, Reading(unpack_limit=65 * MIB))
    assert (report.taken, report.rejected) == (1, 1)


def test_a_gzip_file_of_zeros_is_refused_without_being_told(desk: ImportDesk) -> None:
    files = csv_of(desk, gzip.compress(HEADER.encode()) + gzip.compress(bytes(MIB)) * 257, "log.csv.gz")
    assert refused(desk, files)[0] == "import.source_unpacks_too_far"


CHILD = """
import re, sys
from pathlib import Path
from storage.importers.run import run_import
from tests.support.fixed import FixedClock, ids_from

desk, mapping, source, author = Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]), bytes.fromhex(sys.argv[4])
clock = FixedClock()
report = run_import(desk, mapping, source, author=author, clock=clock, new_id=ids_from(5, clock))
print(report.taken, report.rejected, re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux tells how much memory was used")
def test_a_line_of_half_a_gigabyte_is_rejected_with_its_beginning_in_little_memory(desk: ImportDesk) -> None:
    mapping, source = csv_of(desk, HEADER.encode())
    with source.open("r+b") as file:
        # A hole: the line takes no room on the disk.
        file.truncate(512 * MIB)
        file.seek(0, os.SEEK_END)
        file.write(b"\n" + GOOD.encode())
    arguments = [sys.executable, "-c", CHILD, str(desk.path), str(mapping), str(source), desk.author.hex()]
    ended = subprocess.run(
        arguments, capture_output=True, text=True, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=False
    )
    taken, rejected, kib = (int(word) for word in ended.stdout.split())
    assert (taken, rejected) == (1, 1)
    assert kib < 256 * 1024
    assert (desk.folder / "log.csv.rejects.csv").stat().st_size < MIB


def test_an_event_that_is_too_long_costs_itself_only(desk: ImportDesk) -> None:
    long = "".join(f'<string key="k{n}" value="{"v" * 900}"/>' for n in range(20_000))
    body = f"<trace>{attribute('id', '9')}<event>{long}</event></trace>\n{event(ROWS[0])}"
    report = desk.take(*put(desk, "xes", log_with(body)))
    assert (report.rows_read, report.taken, report.rejected) == (2, 1, 1)


def test_a_tag_that_never_ends_is_refused(desk: ImportDesk) -> None:
    raw = log_with(event(ROWS[0]))[:-7] + b'<trace><string key="x" value="' + b"a" * (17 * MIB)
    code, line, reason = refused(desk, put(desk, "xes", raw))
    assert (code, line) == ("import.source_broken", 4)
    assert "longer than 16 MiB" in reason


def test_a_cell_of_a_line_that_is_too_long_does_not_come_back_as_a_row(desk: ImportDesk) -> None:
    body = '1,2024-01-02,,"opened here,,open,Acme\n' + "x" * (17 * MIB) + ",a,b,c,d,e,f\n" + GOOD.replace("1,", "2,", 1)
    report = desk.take(*csv_of(desk, (HEADER + body).encode()))
    assert (report.taken, report.rejected) == (1, 2)


def test_a_time_that_the_clock_skips_is_taken_as_if_it_had_not_and_flagged(desk: ImportDesk) -> None:
    rows = "1,2024-03-31 02:30,,Skipped,,open,Acme\n2,2024-03-31 03:30,,Shown,,open,Acme\n"
    report = desk.take(*csv_of(desk, (HEADER + rows).encode()))
    assert report.flags == {"a time that the clock skips": 1}
    assert desk.ask("SELECT DISTINCT datetime(opened_at, 'unixepoch') FROM ticket") == [("2024-03-31 01:30:00",)]


def test_columns_that_were_swapped_are_named_with_their_line(desk: ImportDesk) -> None:
    rows = "1,Acme,,Pump,,open,2024-01-02\n2,2024-01-03,2024-01-02,Ended before it began,,done,Acme\n"
    report = desk.take(*csv_of(desk, (HEADER + rows).encode()))
    assert report.flags == {"closed before it was opened": 1}
    rejected = (desk.folder / "log.csv.rejects.csv").read_text(encoding="utf-8").splitlines()
    assert rejected[1].startswith("2,time not readable: opened: Acme,")


@pytest.mark.parametrize("form", ["jsonl", "xes"])
def test_a_field_that_no_record_has_is_named_beside_those_that_there_are(desk: ImportDesk, form: str) -> None:
    raw = (as_jsonl if form == "jsonl" else as_xes)(ROWS).replace(b"customer", b"client")
    with pytest.raises(DomainError) as caught:
        desk.take(*put(desk, form, raw))
    facts = caught.value.facts
    assert (caught.value.code, facts["field"]) == ("import.column_missing", "customer")
    assert "client" in json.dumps(facts["found"])
    assert desk.count("ticket") == 0


@pytest.mark.parametrize("form", ["tsv", "jsonl", "xes"])
def test_an_empty_source_of_any_format_is_said(desk: ImportDesk, form: str) -> None:
    assert refused(desk, put(desk, form, b""))[:2] == ("import.source_broken", 1)
