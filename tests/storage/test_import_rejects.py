"""Stories of rows that cannot be taken and of hostile text: every row is accounted for, every byte is kept."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from storage.importers.failed import ImportFailed
from tests.storage.fixtures.import_desk import SMALL_SERVICE_DESK, ImportDesk

TICKETS = """
name = "plain-tickets"
namespace = "plain"
title = "Plain tickets"
attribution = "Written for this test"
licence = "Apache-2.0"
[source]
format = "csv"
row = "ticket"
[time]
formats = ["%Y-%m-%d %H:%M", "%Y-%m-%d"]
zone = "Europe/Warsaw"
[ticket]
key = "id"
opened_at = "opened"
closed_at = "closed"
subject = "subject"
text = "text"
[stage]
column = "state"
unknown = "reject"
[stage.values]
open = { stage = "active", class = "open" }
done = { stage = "closed", class = "closed" }
[records.company]
from = "customer"
"""
HEADER = "id,opened,closed,subject,text,state,customer\n"


@pytest.fixture
def desk(tmp_path: Path) -> ImportDesk:
    return ImportDesk(tmp_path)


def tickets(desk: ImportDesk, body: str | bytes) -> tuple[Path, Path]:
    """The mapping and a source with the rows of `body`."""
    mapping, source = desk.folder / "plain.toml", desk.folder / "plain.csv"
    mapping.write_text(TICKETS)
    source.write_bytes(HEADER.encode() + (body.encode() if isinstance(body, str) else body))
    return mapping, source


def rejects(desk: ImportDesk) -> list[list[str]]:
    """What stands in the reject file, without its header."""
    path = desk.folder / "plain.csv.rejects.csv"
    with path.open(encoding="utf-8", errors="surrogateescape", newline="") as file:
        header, *rows = list(csv.reader(file))
    assert header == ["line", "reason", "raw"]
    return rows


def test_a_row_that_is_a_ticket_is_opened_and_closed_at_its_times(desk: ImportDesk) -> None:
    desk.take(*tickets(desk, "7,2024-01-02 10:00,2024-01-03 11:00,Pump,It hums,done,Acme\n"))
    query = "SELECT subject, stage, datetime(opened_at, 'unixepoch'), datetime(closed_at, 'unixepoch') FROM ticket"
    assert desk.ask(query) == [("Pump", "closed", "2024-01-02 09:00:00", "2024-01-03 10:00:00")]
    assert [(code, text) for code, _, text in desk.entries_of("7")] == [
        ("ticket.opened", ""),
        ("", "It hums"),
        ("ticket.staged", ""),
    ]


def test_taken_and_rejected_are_all_rows_read(desk: ImportDesk) -> None:
    body = (
        "1,2024-01-02,,Good,,open,Acme\n"
        "2,2024-02-30,,No such day,,open,Acme\n"
        "3,,,No time,,open,Acme\n"
        "4,2024-01-02,,Too few\n"
        "5,2024-01-02,,Nobody knows this stage,,lost,Acme\n"
        ",2024-01-02,,No key,,open,Acme\n"
        "1,2024-01-02,,Twice,,open,Acme\n"
        "\n"
        "8,2024-01-02,,Good too,,done,Acme\n"
    )
    report = desk.take(*tickets(desk, body))
    assert (report.rows_read, report.taken, report.rejected) == (8, 2, 6)
    assert report.reject_reasons == {
        "time not readable": 1,
        "time missing": 1,
        "unreadable": 1,
        "stage not in the mapping": 1,
        "ticket key missing": 1,
        "ticket key stands twice": 1,
    }


def test_the_reject_file_names_line_and_reason_and_keeps_the_row(desk: ImportDesk) -> None:
    desk.take(*tickets(desk, '1,2024-01-02,,Good,,open,Acme\n2,soon,,"say ""x""",,open,Acme\n'))
    assert rejects(desk) == [["3", "time not readable: opened: soon", '2,soon,,"say ""x""",,open,Acme']]


def test_the_reject_file_can_be_put_elsewhere(desk: ImportDesk) -> None:
    elsewhere = desk.folder / "not taken.csv"
    report = desk.take(*tickets(desk, "1,soon,,Bad,,open,Acme\n"), rejects=elsewhere)
    assert report.rejects_path == str(elsewhere)
    assert elsewhere.read_text().count("\n") == 2


def test_a_source_without_bad_rows_makes_no_reject_file(desk: ImportDesk) -> None:
    report = desk.take(*tickets(desk, "1,2024-01-02,,Good,,open,Acme\n"))
    assert (report.rejects_path, list(desk.folder.glob("*.rejects.csv"))) == ("", [])


def test_the_reject_file_never_takes_the_place_of_the_source(desk: ImportDesk) -> None:
    mapping, source = tickets(desk, "1,soon,,Bad,,open,Acme\n")
    before = source.read_bytes()
    with pytest.raises(ImportFailed, match=r"import\.rejects_in_the_way"):
        desk.take(mapping, source, rejects=source)
    assert source.read_bytes() == before


def test_a_quote_that_is_never_closed_costs_its_own_row_only(desk: ImportDesk) -> None:
    rows = "".join(f"{n},2024-01-02,,Row {n},,open,Acme\n" for n in range(2, 40))
    report = desk.take(*tickets(desk, '1,2024-01-02,,"never closed,,open,Acme\n' + rows))
    assert (report.rows_read, report.taken, report.rejected) == (39, 38, 1)
    assert rejects(desk)[0][0] == "2"


def test_a_backslash_is_an_ordinary_character_and_a_doubled_quote_is_one(desk: ImportDesk) -> None:
    desk.take(*tickets(desk, '1,2024-01-02,,"blown \\o"" ring",,open,Acme\n2,2024-01-02,,x,,open,Acme\n'))
    assert desk.ask("SELECT subject FROM ticket ORDER BY number") == [('blown \\o" ring',), ("x",)]


def test_a_cell_of_several_lines_is_one_row_with_all_its_raw_lines(desk: ImportDesk) -> None:
    desk.take(*tickets(desk, '1,2024-01-02,,Two lines,"first\nsecond",open,Acme\n'))
    assert desk.ask("SELECT line, raw FROM import_raw") == [(2, b'1,2024-01-02,,Two lines,"first\nsecond",open,Acme\n')]
    assert ("", "", "first\nsecond") in desk.entries_of("1")


def test_a_zero_character_and_broken_bytes_are_replaced_and_counted_and_kept_raw(desk: ImportDesk) -> None:
    raw = b"1,2024-01-02,,a\0b\xed\xa0\x80c\xff,,open,Acme\n"
    report = desk.take(*tickets(desk, raw))
    assert desk.ask("SELECT subject FROM ticket") == [("a\ufffdb\ufffd\ufffd\ufffdc\ufffd",)]
    assert (report.replaced_characters, report.taken_with_flag) == (5, 1)
    assert desk.ask("SELECT raw FROM import_raw") == [(raw,)]


def test_a_subject_of_a_megabyte_is_stored_whole(desk: ImportDesk) -> None:
    subject = "żółw " * 200_000
    desk.take(*tickets(desk, f"1,2024-01-02,,{subject},,open,Acme\n"))
    assert desk.ask("SELECT subject FROM ticket") == [(subject,)]


def test_control_codes_and_right_to_left_marks_are_stored_as_they_came(desk: ImportDesk) -> None:
    subject = "\x1b[31m[red]\u202eevil\u2066 =cmd|' /C calc'!A0"
    desk.take(*tickets(desk, f"1,2024-01-02,,{subject},,open,Acme\n"))
    assert desk.ask("SELECT subject FROM ticket") == [(subject,)]
    assert json.loads(desk.ask("SELECT payload FROM operation WHERE kind = 'ticket.imported'")[0][0])


def test_a_byte_order_mark_is_not_part_of_the_first_column(desk: ImportDesk) -> None:
    mapping, source = tickets(desk, "1,2024-01-02,,Good,,open,Acme\n")
    source.write_bytes(b"\xef\xbb\xbf" + source.read_bytes())
    assert desk.take(mapping, source).taken == 1


def test_windows_line_ends_are_line_ends(desk: ImportDesk) -> None:
    mapping, source = tickets(desk, "1,2024-01-02,,Good,,open,Acme\n")
    source.write_bytes(source.read_bytes().replace(b"\n", b"\r\n"))
    desk.take(mapping, source)
    assert desk.ask("SELECT subject, company IS NOT NULL FROM ticket") == [("Good", 1)]


def test_a_text_in_another_encoding_is_read_by_what_the_mapping_says(desk: ImportDesk) -> None:
    mapping, source = tickets(desk, "1,2024-01-02,,Łódź,,open,Acme\n".encode("cp1250"))
    mapping.write_text(TICKETS.replace('format = "csv"', 'format = "csv"\nencoding = "cp1250"'))
    desk.take(mapping, source)
    assert desk.ask("SELECT subject FROM ticket") == [("Łódź",)]


def test_a_source_with_only_bad_rows_writes_nothing_to_the_desk(desk: ImportDesk) -> None:
    mapping, source = tickets(desk, "1,soon,,Bad,,open,Acme\n")
    before = desk.contents()
    report = desk.take(mapping, source)
    assert (report.rejected, report.batch) == (1, None)
    assert desk.contents() == before


def test_progress_names_its_phases_and_ends_with_nothing_left(desk: ImportDesk) -> None:
    told: list[tuple[str, float | None]] = []
    desk.take(
        "service-desk-log",
        SMALL_SERVICE_DESK,
        progress=lambda progress: told.append((progress.phase, progress.seconds_left)),
    )
    assert list(dict.fromkeys(phase for phase, _ in told)) == ["reading", "building", "writing"]
    assert told[-1][1] == pytest.approx(0.0, abs=1e-6)
