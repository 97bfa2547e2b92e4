"""Stories of exports of other desks: the shipped mappings take fifty tickets of each, whole."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from storage.importers.failed import ImportFailed
from storage.importers.look import look_at
from storage.importers.mapping_file import SHIPPED, load_mapping
from storage.importers.report import ImportReport
from storage.importers.run import run_import
from storage.importers.source_file import Reading
from tests.storage.fixtures.import_desk import ImportDesk, check_chain, check_rows_are_what_the_log_says
from tests.storage.fixtures.vendor_exports import EXPORTS, write_lines

# What no mapping reads: links back to the desk, and the ends of nested objects that say the same again.
LEFT_OUT = {
    "jira-service-management": {"_expands", "_links", "createdDate", "reporter", "requestFieldValues", "currentStatus"},
    "freshdesk": {"stats"},
}


@pytest.fixture
def desk(tmp_path: Path) -> ImportDesk:
    return ImportDesk(tmp_path)


def take(desk: ImportDesk, name: str, source: Path, zone: str | None = None) -> ImportReport:
    """Import the source by a shipped mapping."""
    return run_import(
        desk.path,
        name,
        source,
        author=desk.author,
        clock=desk.clock,
        new_id=desk.new_id,
        reading=Reading(zone=zone or ("Europe/Paris" if name == "glpi" else None)),
    )


@pytest.mark.parametrize("name", EXPORTS)
def test_fifty_tickets_of_an_export_are_taken_without_a_remark(desk: ImportDesk, name: str) -> None:
    report = take(desk, name, write_lines(EXPORTS[name](), desk.folder / "export.jsonl"))
    assert (report.rows_read, report.taken, report.rejected, report.tickets) == (50, 50, 0, 50)
    assert report.flags == {}
    check_chain(desk)
    assert check_rows_are_what_the_log_says(desk) == 50


@pytest.mark.parametrize("name", EXPORTS)
def test_every_documented_field_is_read_or_kept(name: str) -> None:
    columns = load_mapping(name).columns()
    read = {column.partition(".")[0].partition("[")[0] for column in columns}
    documented = {field for ticket in EXPORTS[name]() for field in ticket}
    assert documented - read == LEFT_OUT.get(name, set()) - read


@pytest.mark.parametrize("name", EXPORTS)
def test_an_export_taken_twice_changes_nothing(desk: ImportDesk, name: str) -> None:
    tickets = EXPORTS[name]()
    take(desk, name, write_lines(tickets, desk.folder / "export.jsonl"))
    before = desk.count("operation")
    again = take(desk, name, write_lines(list(reversed(tickets)), desk.folder / "again.jsonl"))
    assert (again.new_tickets, again.known_tickets, again.changed_tickets) == (0, 50, 0)
    assert desk.count("operation") == before


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_mapping_names_whose_data_it_reads(name: str) -> None:
    mapping = load_mapping(name)
    assert (mapping.name, bool(mapping.attribution), bool(mapping.licence)) == (name, True, True)


def test_zammads_states_names_and_firms_are_the_desks(desk: ImportDesk) -> None:
    report = take(desk, "zammad", write_lines(EXPORTS["zammad"](), desk.folder / "z.jsonl"))
    assert (report.companies, report.contacts, report.teams) == (7, 11, 3)
    query = (
        "SELECT t.stage, t.priority, t.owner IS NULL, c.name FROM ticket t JOIN company c ON c.id = t.company"
        " JOIN external_id x ON x.id = t.id WHERE x.key = '71003'"
    )
    assert desk.ask(query) == [("closed", 4, 0, "Invented firm 3")]
    assert desk.ask("SELECT count(*) FROM ticket WHERE owner IS NULL") == [(13,)]


def test_freshdesks_urgent_is_our_first_priority_and_ours_to_close_is_theirs(desk: ImportDesk) -> None:
    take(desk, "freshdesk", write_lines(EXPORTS["freshdesk"](), desk.folder / "f.jsonl"))
    query = "SELECT priority, stage, closed_at - opened_at FROM ticket t JOIN external_id x ON x.id = t.id"
    assert desk.ask(f"{query} WHERE x.key = '4'") == [(1, "closed", 5 * 3600 + 3 * 60)]


def test_jiras_summary_is_found_wherever_it_stands_in_the_list(desk: ImportDesk) -> None:
    take(desk, "jira-service-management", write_lines(EXPORTS["jira-service-management"](), desk.folder / "j.jsonl"))
    query = "SELECT subject, stage FROM ticket t JOIN external_id x ON x.id = t.id WHERE x.key = 'HELPDESK-3'"
    assert desk.ask(query) == [("Invented mouse 2", "closed")]
    assert ("", "", "Invented reason 2") in desk.entries_of("HELPDESK-3")


def test_glpis_wall_clock_needs_its_zone_to_be_told(desk: ImportDesk) -> None:
    source = write_lines(EXPORTS["glpi"](), desk.folder / "g.jsonl")
    with pytest.raises(ImportFailed, match=r"import\.zone_missing"):
        desk.take("glpi", source)
    with pytest.raises(ImportFailed, match=r"import\.zone_unknown"):
        take(desk, "glpi", source, "Europe/Lutetia")
    take(desk, "glpi", source, "Europe/Paris")
    assert desk.ask("SELECT datetime(min(opened_at), 'unixepoch') FROM ticket") == [("2024-03-04 07:00:00",)]


def test_a_zone_is_not_taken_where_the_mapping_says_it(desk: ImportDesk) -> None:
    source = write_lines(EXPORTS["zammad"](), desk.folder / "z.jsonl")
    with pytest.raises(ImportFailed, match=r"import\.zone_not_asked"):
        take(desk, "zammad", source, "Europe/Paris")


def test_what_jira_expands_need_not_be_there(desk: ImportDesk) -> None:
    lean = [{k: v for k, v in t.items() if k not in ("sla", "comments")} for t in EXPORTS["jira-service-management"]()]
    assert take(desk, "jira-service-management", write_lines(lean, desk.folder / "j.jsonl")).taken == 50


def test_a_field_that_an_export_does_not_have_is_named(desk: ImportDesk) -> None:
    lean = [{k: v for k, v in ticket.items() if k != "stats"} for ticket in EXPORTS["freshdesk"]()]
    with pytest.raises(ImportFailed, match=r"import\.column_missing") as caught:
        take(desk, "freshdesk", write_lines(lean, desk.folder / "f.jsonl"))
    assert caught.value.facts["field"] == "stats.closed_at"
    assert desk.count("ticket") == 0


@pytest.mark.parametrize("name", EXPORTS)
def test_the_fixture_says_that_it_is_invented(name: str, tmp_path: Path) -> None:
    tickets = EXPORTS[name]()
    assert all("invented" in json.dumps(ticket).lower() for ticket in tickets)
    assert look_at(write_lines(tickets, tmp_path / "x.jsonl")).written.format == "jsonl"
