"""Stories of the two published logs: the figures that others printed must come out of our import."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from storage.engine import open_file
from storage.importers.figures import import_figures
from storage.importers.report import ImportReport
from tests.storage.fixtures.import_desk import (
    ImportDesk,
    check_chain,
    check_rows_are_what_the_log_says,
    published,
)

Imported = tuple[ImportDesk, ImportReport]


@pytest.fixture(scope="module")
def service_desk(tmp_path_factory: pytest.TempPathFactory) -> Imported:
    """The incident log of a service desk, imported once."""
    source = published("uci498_incident_event_log.csv.gz")
    desk = ImportDesk(tmp_path_factory.mktemp("service"))
    return desk, desk.take("service-desk-log", source)


@pytest.fixture(scope="module")
def help_desk(tmp_path_factory: pytest.TempPathFactory) -> Imported:
    """The help desk log of a software vendor, imported once."""
    source = published("italian_helpdesk.csv.gz")
    desk = ImportDesk(tmp_path_factory.mktemp("help"))
    return desk, desk.take("help-desk-log", source)


def test_the_service_desk_has_its_tickets_and_changes(service_desk: Imported) -> None:
    desk, report = service_desk
    assert (report.rows_read, report.taken, report.rejected) == (141_712, 141_712, 0)
    assert (report.tickets, report.changes) == (24_918, 141_712)
    assert (desk.count("ticket"), desk.count("import_raw")) == (24_918, 141_712)


def test_the_service_desk_made_its_sla_in_63_percent_of_its_tickets(service_desk: Imported) -> None:
    _, report = service_desk
    assert (report.sla_made, report.sla_told, report.to_document()["sla_made_percent"]) == (15_803, 24_918, 63.42)


def test_moves_that_our_workflow_has_not_are_taken_and_reported(service_desk: Imported) -> None:
    _, report = service_desk
    assert report.foreign_moves == {"resolved > waiting": 2}


def test_the_published_figures_can_be_counted_again_from_the_desk(service_desk: Imported) -> None:
    desk, report = service_desk
    connection = open_file(desk.path, read_only=True)
    (figures,) = import_figures(connection)
    connection.close()
    assert (figures["tickets"], figures["changes"], figures["sla_made_percent"]) == (24_918, 141_712, 63.42)
    assert (figures["reopens"], figures["reopened_tickets"]) == (331, 275)
    assert figures["companies"] == report.companies


def test_the_service_desk_reopened_331_times_in_275_tickets(service_desk: Imported) -> None:
    _, report = service_desk
    assert (report.reopens, report.reopened_tickets) == (331, 275)


def test_the_reopens_can_be_counted_from_the_timeline(service_desk: Imported) -> None:
    desk, _ = service_desk
    moves = desk.ask(
        "SELECT ticket, json_extract(data, '$.stage_class') FROM entry WHERE code = 'ticket.staged'"
        " ORDER BY ticket, at, id"
    )
    reopens = [
        before[0] for before, after in pairwise(moves) if before[0] == after[0] and before[1] == 2 and after[1] != 2
    ]
    assert (len(reopens), len(set(reopens))) == (331, 275)


def test_the_service_desk_knows_its_places_groups_and_callers(service_desk: Imported) -> None:
    _, report = service_desk
    assert (report.sites, report.teams, report.contacts, report.equipment) == (224, 78, 5_244, 50)


def test_the_five_unexplained_codes_are_flagged(service_desk: Imported) -> None:
    _, report = service_desk
    assert report.flags == {
        "stage not in the mapping": 5,
        "changed before it was opened": 5,
        "earlier than the row before": 1,
    }


def test_the_big_logs_chain_is_whole_and_its_rows_are_what_it_says(service_desk: Imported) -> None:
    desk, _ = service_desk
    assert check_chain(desk) > 24_918
    assert check_rows_are_what_the_log_says(desk, every=50) > 400


def test_the_help_desk_has_its_tickets_events_companies_and_contracts(help_desk: Imported) -> None:
    desk, report = help_desk
    assert (report.tickets, report.changes, report.companies, report.contracts) == (4_580, 21_348, 397, 437)
    assert (desk.count("ticket"), desk.count("import_raw"), desk.count("company")) == (4_580, 21_348, 397)


def test_the_help_desk_leaves_the_tickets_open_that_never_ended(help_desk: Imported) -> None:
    desk, _ = help_desk
    assert desk.ask("SELECT count(*) FROM ticket WHERE stage <> 'closed'") == [(23,)]


def test_the_second_run_of_the_help_desk_changes_nothing(help_desk: Imported) -> None:
    desk, _ = help_desk
    before = {name: desk.count(name) for name in ("operation", "entry", "ticket", "external_id", "import_batch")}
    report = desk.take("help-desk-log", Path(published("italian_helpdesk.csv.gz")))
    assert (report.new_tickets, report.known_tickets) == (0, 4_580)
    assert {name: desk.count(name) for name in before} == before


@pytest.fixture(scope="module")
def excavators(tmp_path_factory: pytest.TempPathFactory) -> Imported:
    """The work orders of five excavators, imported once."""
    source = published("excavator_work_orders.csv.gz")
    desk = ImportDesk(tmp_path_factory.mktemp("excavators"))
    return desk, desk.take("excavator-work-orders", source)


def test_all_work_orders_are_taken_on_five_machines(excavators: Imported) -> None:
    desk, report = excavators
    assert (report.rows_read, report.taken, report.rejected) == (5_485, 5_485, 0)
    assert (report.tickets, report.equipment, report.companies, report.sites) == (5_485, 5, 1, 1)
    assert desk.ask("SELECT count(*) FROM ticket WHERE stage_class = 2 AND equipment IS NOT NULL") == [(5_485,)]


def test_the_cost_of_the_work_orders_comes_out_to_the_cent_and_one_is_not_known(excavators: Imported) -> None:
    _, report = excavators
    assert report.amounts == {"Cost": {"currency": "AUD", "sum": "17506068.13", "known": 5_484, "unknown": 1}}
    assert report.flags == {"repeats an earlier row exactly": 358, "Cost is no number": 1}


def test_the_broken_line_is_taken_with_what_is_left_of_it(excavators: Imported) -> None:
    desk, _ = excavators
    assert desk.ask("SELECT subject, extra FROM ticket WHERE subject = 'won'") == [("won", '{"PMType":"t swing"}')]
    assert desk.ask("SELECT raw FROM import_raw WHERE line = 3454") == [(b"2003-12-31,B,won,t swing,PM01\n",)]


def test_what_was_made_up_of_the_work_orders_says_so(excavators: Imported) -> None:
    desk, _ = excavators
    assert desk.ask("SELECT DISTINCT derived_by FROM ticket") == [
        ("every work order of the history counts as done on its day",)
    ]
    assert desk.ask("SELECT derived_by FROM company UNION ALL SELECT derived_by FROM site") == [
        ("one operator for all machines",),
        ("one site for all machines",),
    ]


def test_a_work_order_is_known_again_by_its_content(excavators: Imported) -> None:
    desk, _ = excavators
    again = desk.take("excavator-work-orders", published("excavator_work_orders.csv.gz"), dry_run=True)
    assert (again.new_tickets, again.known_tickets, again.changed_tickets) == (0, 5_485, 0)
