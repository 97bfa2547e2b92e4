"""Stories of sources that are no CSV: the same tickets come out of TSV, JSON lines and XES, plain and gzip."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from storage.importers.failed import ImportFailed
from storage.importers.mapping_file import read_mapping
from storage.importers.read_jsonl import PathBroken, flat, steps_of
from tests.storage.fixtures.import_desk import ImportDesk, published
from tests.storage.test_import_rejects import TICKETS

SHIPPED = Path(__file__).parents[2] / "storage" / "importers" / "mappings"
NAMES = ("id", "opened", "closed", "subject", "text", "state", "customer")
ROWS = (
    ("7", "2024-01-02 10:00", "2024-01-03 11:00", 'Pump "A"', "It hums,\nand\thums", "done", "Acme"),
    ("8", "2024-01-02 10:05", "", "Valve", "", "open", "Żółw & <Söhne>"),
)


def mapping_for(form: str) -> str:
    """The mapping of plain tickets for another format."""
    text = TICKETS.replace('format = "csv"', f'format = "{form}"')
    return text.replace('key = "id"', 'key = "case:id"') if form == "xes" else text


def as_tsv(rows: tuple[tuple[str, ...], ...]) -> bytes:
    """Tabs and line ends cannot stand in a cell of TSV."""
    lines = [NAMES, *(tuple(" ".join(cell.split()) for cell in row) for row in rows)]
    return "".join("\t".join(line) + "\n" for line in lines).encode()


def as_jsonl(rows: tuple[tuple[str, ...], ...]) -> bytes:
    return "".join(json.dumps(dict(zip(NAMES, row, strict=True))) + "\n" for row in rows).encode()


def attribute(name: str, value: str) -> str:
    """One attribute of an event."""
    plain = value.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;").replace("\n", "&#10;")
    return f'<string key="{name}" value="{plain}"/>'.replace("\t", "&#9;")


def event(row: tuple[str, ...]) -> str:
    """A trace with one event."""
    inside = "".join(attribute(name, cell) for name, cell in zip(NAMES[1:], row[1:], strict=True))
    return f"<trace>{attribute('id', row[0])}<event>{inside}</event></trace>\n"


def as_xes(rows: tuple[tuple[str, ...], ...]) -> bytes:
    body = "".join(event(row) for row in rows)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<log>\n{attribute("made", "here")}\n{body}</log>\n'.encode()


WRITERS = {"tsv": as_tsv, "jsonl": as_jsonl, "xes": as_xes}


@pytest.fixture
def desk(tmp_path: Path) -> ImportDesk:
    return ImportDesk(tmp_path)


def put(desk: ImportDesk, form: str, raw: bytes, suffix: str = "") -> tuple[Path, Path]:
    """Mapping and source in the desk's folder."""
    mapping, source = desk.folder / "own.toml", desk.folder / f"log.{form}{suffix}"
    mapping.write_text(mapping_for(form), encoding="utf-8")
    source.write_bytes(raw)
    return mapping, source


def tickets_on(desk: ImportDesk) -> list[tuple[object, ...]]:
    """What became of the rows."""
    return desk.ask(
        "SELECT t.subject, t.stage, datetime(t.opened_at, 'unixepoch'), datetime(t.closed_at, 'unixepoch'), c.name"
        " FROM ticket t JOIN company c ON c.id = t.company ORDER BY t.number"
    )


@pytest.mark.parametrize("form", WRITERS)
@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_the_same_tickets_come_out_of_every_format(desk: ImportDesk, form: str, suffix: str) -> None:
    raw = WRITERS[form](ROWS)
    report = desk.take(*put(desk, form, gzip.compress(raw) if suffix else raw, suffix))
    assert (report.rows_read, report.taken, report.taken_with_flag) == (2, 2, 0)
    assert tickets_on(desk) == [
        ('Pump "A"', "closed", "2024-01-02 09:00:00", "2024-01-03 10:00:00", "Acme"),
        ("Valve", "active", "2024-01-02 09:05:00", None, "Żółw & <Söhne>"),
    ]


@pytest.mark.parametrize("form", ["jsonl", "xes"])
def test_line_ends_and_tabs_stay_in_the_text(desk: ImportDesk, form: str) -> None:
    desk.take(*put(desk, form, WRITERS[form](ROWS)))
    assert ("", "", "It hums,\nand\thums") in desk.entries_of("7")


def test_the_raw_bytes_of_a_line_and_of_an_event_are_kept(desk: ImportDesk) -> None:
    desk.take(*put(desk, "xes", as_xes(ROWS)))
    kept = [raw for (raw,) in desk.ask("SELECT raw FROM import_raw ORDER BY line")]
    assert kept == [event(row).strip().removesuffix("</trace>").encode() for row in ROWS]


def test_events_that_all_stand_in_one_line_are_told_apart_by_their_byte(desk: ImportDesk) -> None:
    raw = as_xes(ROWS).replace(b"\n", b"")
    assert desk.take(*put(desk, "xes", raw)).taken == 2
    places = [place for (place,) in desk.ask("SELECT line FROM import_raw ORDER BY line")]
    assert [raw[place : place + 7] for place in places] == [b"<event>", b"<event>"]


def test_an_event_has_what_its_trace_says_and_nested_attributes_by_their_path(desk: ImportDesk) -> None:
    nested = '<string key="who" value="x"><string key="customer" value="Acme"/></string>'
    raw = as_xes(ROWS[:1]).replace(attribute("customer", "Acme").encode(), nested.encode())
    mapping, source = put(desk, "xes", raw)
    mapping.write_text(mapping_for("xes").replace('from = "customer"', 'from = "who.customer"'), encoding="utf-8")
    desk.take(mapping, source)
    assert tickets_on(desk)[0][4] == "Acme"


def test_a_log_in_another_encoding_is_read_as_it_says_itself(desk: ImportDesk) -> None:
    raw = as_xes(ROWS).decode()
    desk.take(*put(desk, "xes", raw.replace("UTF-8", "UTF-16").encode("utf-16")))
    assert tickets_on(desk)[1][4] == "Żółw & <Söhne>"


def test_numbers_of_json_stay_as_they_are_written_and_lists_are_one_text(desk: ImportDesk) -> None:
    line = dict(zip(NAMES, ROWS[1], strict=True))
    text = json.dumps(line | {"tags": ["a", "b"], "deep": {"n": 0}}).replace('"n": 0', '"n": 1.50')
    mapping, source = put(desk, "jsonl", text.encode())
    kept = 'kept = ["deep.n", "tags", "deep"]'
    mapping.write_text(mapping_for("jsonl").replace('text = "text"', f'text = "text"\n{kept}'), encoding="utf-8")
    desk.take(mapping, source)
    assert json.loads(desk.ask("SELECT extra FROM ticket")[0][0]) == {
        "deep": '{"n":"1.50"}',
        "deep.n": "1.50",
        "tags": "a, b",
    }


def test_a_path_names_fields_of_objects_places_of_lists_and_the_one_of_a_list_with_an_id() -> None:
    assert steps_of("a.0.b c[id=7].d") == ["a", "0", "b c", ("id", "7"), "d"]
    for text in ("", "a.", ".a", "a..b", "a[b", "a[b]", "a[=1]"):
        with pytest.raises(PathBroken):
            steps_of(text)


def test_every_plain_value_of_an_object_has_a_path_that_leads_back_to_it() -> None:
    assert flat({"a": {"b": None, "c": ["x", "y"]}, "d": [{"e": True}], "f": {}}) == {
        "a.b": None,
        "a.c": "x, y",
        "d.0.e": "true",
        "f": "",
    }


@pytest.mark.parametrize(
    ("was", "becomes", "field"),
    [
        ('format = "csv"', 'format = "jsonl"\ndelimiter = ";"', "source"),
        ('format = "csv"', 'format = "xes"\nencoding = "cp1250"', "source"),
        ('format = "csv"', 'format = "tsv"\noptional = ["text"]', "source"),
        ('format = "csv"', 'format = "jsonl"', ""),
        ('text = "text"', 'amounts = { cost = "euro" }', "ticket.amounts.cost"),
        ('row = "ticket"', 'row = "change"', ""),
        ('from = "customer"', "from = []", "records.company"),
    ],
)
def test_what_a_format_has_no_use_for_is_named(was: str, becomes: str, field: str) -> None:
    text = TICKETS.replace(was, becomes).replace('subject = "subject"', 'subject = "sub[ject"')
    with pytest.raises(ImportFailed) as caught:
        read_mapping(text.encode(), "own.toml")
    assert caught.value.facts["field"] == field


def test_the_help_desk_log_is_the_same_as_xes_and_as_csv(desk: ImportDesk) -> None:
    mapping = (SHIPPED / "help-desk-log.toml").read_text(encoding="utf-8")
    for was, becomes in (('"csv"', '"xes"'), ('"case_id"', '"case:concept:name"'), ('"timestamp"', '"time:timestamp"')):
        mapping = mapping.replace(was, becomes)
    own = desk.folder / "help-desk-xes.toml"
    own.write_text(mapping, encoding="utf-8")
    report = desk.take(own, published("italian_helpdesk.xes.gz"))
    assert (report.tickets, report.changes, report.companies, report.contracts) == (4_580, 21_348, 397, 437)
    again = desk.take("help-desk-log", published("italian_helpdesk.csv.gz"), dry_run=True)
    assert (again.new_tickets, again.known_tickets, again.changed_tickets) == (0, 4_580, 0)
