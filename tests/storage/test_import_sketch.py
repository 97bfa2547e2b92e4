"""Stories of a file without a mapping: one is proposed, and it works once its questions are answered."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from core.text import plain_lines
from storage.importers.failed import ImportFailed
from storage.importers.sketch import Sketch, sketch_mapping
from tests.storage.fixtures.import_desk import SMALL_HELP_DESK, SMALL_SERVICE_DESK, ImportDesk, published
from tests.storage.fixtures.vendor_exports import EXPORTS, write_lines
from tests.storage.test_import_formats import ROWS, as_jsonl, as_xes

PARKING = """Vorgang;Gemeldet am;Erledigt am;Kunde;Stadt;Titel;Zustand;Dringlichkeit;Bearbeiter
"""
LIFTS = (
    "Case No|Reported|Finished|Customer|Location|Asset|Summary|Status|Severity|Assigned To|Via\n"
    "L-1|13.02.2024 08:10|13.02.2024 11:00|Harbour Hotel|Gdynia|LIFT-7|Doors do not close|Done|Critical|Ola|Phone\n"
    "L-2|14.02.2024 09:20||Harbour Hotel|Gdynia|LIFT-8|Hums at night|Waiting for parts|Low|Jan|E-mail\n"
    "L-3|15.02.2024 10:30||Old Mill|Łódź|LIFT-1|Inspection|Open|Medium||Phone\n"
)


@pytest.fixture
def desk(tmp_path: Path) -> ImportDesk:
    return ImportDesk(tmp_path)


def answered(sketch: Sketch, zone: str = "Europe/Warsaw", order: str = "") -> str:
    """The proposed mapping with its blanks filled in as its questions ask."""
    text = sketch.mapping.replace('zone = "?"', f'zone = "{zone}"')
    return text.replace('"?"', f'"{order}"') if order else text


def put(desk: ImportDesk, name: str, raw: bytes) -> Path:
    """A file of these bytes in the desk's folder."""
    path = desk.folder / name
    path.write_bytes(raw)
    return path


def mapping_in(desk: ImportDesk, text: str) -> Path:
    """The mapping as a file."""
    path = desk.folder / "proposed.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_log_that_was_never_seen_is_taken_by_the_mapping_proposed_for_it(desk: ImportDesk) -> None:
    source = put(desk, "lifts.csv", LIFTS.encode())
    sketch = sketch_mapping(source)
    assert len(sketch.questions) == 1
    assert "zone" in sketch.questions[0]
    report = desk.take(mapping_in(desk, answered(sketch)), source)
    assert (report.taken, report.rejected, report.flags) == (3, 0, {})
    query = (
        "SELECT t.subject, t.stage, t.stage_class, t.priority, t.channel, c.name, s.name, e.inventory_number"
        " FROM ticket t JOIN company c ON c.id = t.company JOIN site s ON s.id = t.site"
        " JOIN equipment e ON e.id = t.equipment ORDER BY t.number"
    )
    assert desk.ask(query) == [
        ("Doors do not close", "done", 2, 1, "phone", "Harbour Hotel", "Gdynia", "LIFT-7"),
        ("Hums at night", "waiting", 1, 4, "mail", "Harbour Hotel", "Gdynia", "LIFT-8"),
        ("Inspection", "open", 0, 3, "phone", "Old Mill", "Łódź", "LIFT-1"),
    ]
    assert desk.ask("SELECT datetime(min(opened_at), 'unixepoch') FROM ticket") == [("2024-02-13 07:10:00",)]


def test_as_long_as_a_question_is_open_the_mapping_says_which_line(desk: ImportDesk) -> None:
    source = put(desk, "lifts.csv", LIFTS.encode())
    sketch = sketch_mapping(source)
    with pytest.raises(ImportFailed) as caught:
        desk.take(mapping_in(desk, sketch.mapping), source)
    facts = caught.value.facts
    assert (caught.value.code, facts["field"]) == ("import.mapping_broken", "time.zone")
    lines = sketch.mapping.split("\n")
    assert isinstance(facts["line"], int)
    assert lines[facts["line"] - 1] == 'zone = "?"'
    assert lines[facts["line"] - 2].startswith("# QUESTION 1: ")


def test_days_and_months_that_cannot_be_told_apart_are_asked_for(desk: ImportDesk) -> None:
    text = LIFTS.replace("13.02.2024", "03.02.2024").replace("14.02.2024", "04.02.2024").replace("15.02", "05.02")
    source = put(desk, "lifts.csv", text.encode())
    sketch = sketch_mapping(source)
    assert len(sketch.questions) == 2
    assert "day or month first" in sketch.questions[0]
    desk.take(mapping_in(desk, answered(sketch, order="%m.%d.%Y %H:%M")), source)
    assert desk.ask("SELECT date(min(opened_at), 'unixepoch') FROM ticket") == [("2024-03-02",)]


@pytest.mark.parametrize("small", [SMALL_SERVICE_DESK, SMALL_HELP_DESK])
def test_a_log_in_the_shape_of_the_public_ones_is_taken(desk: ImportDesk, small: Path) -> None:
    sketch = sketch_mapping(small)
    known = desk.take("service-desk-log" if small is SMALL_SERVICE_DESK else "help-desk-log", small, dry_run=True)
    report = desk.take(mapping_in(desk, answered(sketch)), small)
    assert (report.rows_read, report.taken, report.tickets) == (known.rows_read, known.taken, known.tickets)
    assert report.people == known.people


@pytest.mark.parametrize("name", EXPORTS)
def test_the_export_of_another_desk_is_taken(desk: ImportDesk, name: str) -> None:
    source = write_lines(EXPORTS[name](), desk.folder / "export.jsonl")
    report = desk.take(mapping_in(desk, answered(sketch_mapping(source))), source)
    assert (report.taken, report.tickets, report.rejected) == (50, 50, 0)


@pytest.mark.parametrize(
    ("name", "tickets"),
    [
        ("uci498_incident_event_log.csv.gz", 24_918),
        ("italian_helpdesk.csv.gz", 4_580),
        ("italian_helpdesk.xes.gz", 4_580),
        ("excavator_work_orders.csv.gz", 5_485),
    ],
)
def test_the_published_logs_are_taken(desk: ImportDesk, name: str, tickets: int) -> None:
    source = published(name)
    report = desk.take(mapping_in(desk, answered(sketch_mapping(source))), source, dry_run=True)
    assert (report.tickets, report.rejected) == (tickets, 0)


def test_events_and_objects_are_recognised_by_how_they_begin(desk: ImportDesk) -> None:
    for name, raw, written in (("a.log", as_xes(ROWS), "xes"), ("b.log", as_jsonl(ROWS), "jsonl")):
        assert tomllib.loads(sketch_mapping(put(desk, name, raw)).mapping)["source"]["format"] == written


def test_tabs_are_tsv_and_semicolons_are_a_delimiter(desk: ImportDesk) -> None:
    tabs = tomllib.loads(sketch_mapping(put(desk, "a.txt", LIFTS.replace("|", "\t").encode())).mapping)["source"]
    semicolons = tomllib.loads(sketch_mapping(put(desk, "b.txt", LIFTS.replace("|", ";").encode())).mapping)["source"]
    assert tabs["format"] == "tsv"
    assert (semicolons["format"], semicolons["delimiter"]) == ("csv", ";")


def test_a_file_that_is_no_utf_8_says_so_in_the_proposal(desk: ImportDesk) -> None:
    source = put(desk, "old.csv", LIFTS.replace("Łódź", "Würzburg").encode("cp1252"))
    sketch = sketch_mapping(source)
    assert tomllib.loads(sketch.mapping)["source"]["encoding"] == "cp1252"
    desk.take(mapping_in(desk, answered(sketch)), source)
    assert desk.ask("SELECT count(*) FROM site WHERE name = 'Würzburg'") == [(1,)]


def test_a_file_without_names_that_are_known_still_gets_a_whole_mapping(desk: ImportDesk) -> None:
    rows = "".join(f"{n};0{n}.03.2024;;Firma;Miasto;Tytuł {n};nowy;1;Ola\n" for n in range(1, 8))
    sketch = sketch_mapping(put(desk, "parking.csv", (PARKING + rows).encode()))
    assert any("opened" in question for question in sketch.questions)
    assert tomllib.loads(sketch.mapping)["ticket"]["key"] == "Vorgang"


def test_every_value_is_quoted_so_that_none_acts_as_toml_or_on_the_screen(desk: ImportDesk) -> None:
    evil = 'x"\\]\n[source]\nformat = "evil" # \x1b[31m\u202e\x7f'
    quoted = evil.replace('"', '""')
    source = put(desk, "evil.csv", f'id,state,opened\n1,"{quoted}",2024-01-02\n2,open,2024-01-03\n'.encode())
    text = sketch_mapping(source).mapping
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f\u202e]", text)
    assert plain_lines(text) == text.split("\n")
    document = tomllib.loads(text)
    assert document["source"]["format"] == "csv"
    assert evil in document["stage"]["values"]


def test_the_proposal_counts_the_values_of_every_column(desk: ImportDesk) -> None:
    sketch = sketch_mapping(put(desk, "lifts.csv", LIFTS.encode()))
    via = next(column for column in sketch.columns if column["name"] == "Via")
    assert (via["known"], via["distinct"], via["values"]) == (3, 2, {"Phone": 2, "E-mail": 1})
    assert '"Phone" = "phone"  # 2 rows' in sketch.mapping


@pytest.mark.parametrize(("raw", "reason"), [(b"", "empty"), (b'[{"a": 1}]', "one JSON list"), (b"<a/>", "no XES")])
def test_what_cannot_be_read_gets_no_proposal(desk: ImportDesk, raw: bytes, reason: str) -> None:
    with pytest.raises(ImportFailed) as caught:
        sketch_mapping(put(desk, "log", raw))
    assert reason in str(caught.value.facts["reason"])
