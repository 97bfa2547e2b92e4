"""Stories of an imported log: what comes onto the desk, what is told of it, and that the log stays whole."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from core.commands import AssignTicket
from core.ids import EntityId, derived
from storage.actor import WriterThread
from tests.storage.fixtures.import_desk import (
    SMALL_HELP_DESK,
    SMALL_SERVICE_DESK,
    ImportDesk,
    check_chain,
    check_rows_are_what_the_log_says,
)


@pytest.fixture
def desk(tmp_path: Path) -> ImportDesk:
    return ImportDesk(tmp_path)


@pytest.fixture
def worked_on(desk: ImportDesk) -> ImportDesk:
    """The service desk's log on a desk that the story changes."""
    desk.take("service-desk-log", SMALL_SERVICE_DESK)
    return desk


@pytest.fixture(scope="module")
def service_desk(tmp_path_factory: pytest.TempPathFactory) -> ImportDesk:
    """The same for stories that only look."""
    desk = ImportDesk(tmp_path_factory.mktemp("service"))
    desk.take("service-desk-log", SMALL_SERVICE_DESK)
    return desk


@pytest.fixture(scope="module")
def help_desk(tmp_path_factory: pytest.TempPathFactory) -> ImportDesk:
    """The help desk's log, for stories that only look."""
    desk = ImportDesk(tmp_path_factory.mktemp("help"))
    desk.take("help-desk-log", SMALL_HELP_DESK)
    return desk


def test_the_report_counts_what_the_log_holds(desk: ImportDesk) -> None:
    report = desk.take("service-desk-log", SMALL_SERVICE_DESK)
    assert (report.rows_read, report.taken, report.rejected) == (33, 33, 0)
    assert (report.tickets, report.changes, report.new_tickets) == (7, 33, 7)
    assert (report.reopens, report.reopened_tickets) == (2, 1)
    assert (report.companies, report.sites, report.contacts, report.equipment) == (2, 2, 2, 1)
    assert report.flags == {
        "stage not in the mapping": 2,
        "changed before it was opened": 1,
        "earlier than the row before": 1,
    }
    assert report.taken_with_flag == 4


def test_a_gzip_source_is_the_same_as_a_plain_one(desk: ImportDesk, tmp_path: Path) -> None:
    zipped = tmp_path / "log.bin"
    zipped.write_bytes(gzip.compress(SMALL_SERVICE_DESK.read_bytes()))
    assert desk.take("service-desk-log", zipped).changes == 33


def test_an_imported_ticket_has_a_number_of_the_desk_and_its_old_key_as_an_alias(service_desk: ImportDesk) -> None:
    query = "SELECT t.number, x.namespace, x.key FROM ticket t JOIN external_id x ON x.id = t.id ORDER BY x.key LIMIT 2"
    assert service_desk.ask(query) == [("T-1", "uci498", "INC9000001"), ("T-2", "uci498", "INC9000002")]


def test_the_story_of_a_ticket_is_told_in_the_order_of_the_file(service_desk: ImportDesk) -> None:
    codes = [code for code, _, _ in service_desk.entries_of("INC9000001")]
    assert codes == [
        "ticket.opened",
        "ticket.staged",
        "ticket.assigned",
        "import.changed",
        "ticket.staged",
        "ticket.staged",
        "ticket.staged",
        "ticket.staged",
    ]


def test_a_move_is_told_as_the_desks_own_moves_are(service_desk: ImportDesk) -> None:
    data = [json.loads(data) for code, data, _ in service_desk.entries_of("INC9000001") if code == "ticket.staged"]
    assert data[1] == {
        "to": "waiting",
        "stage_class": 1,
        "was": "active",
        "cause": "Awaiting User Info",
        "party": "customer",
        "until": None,
    }


def test_a_changed_group_is_told_in_the_words_of_the_source(service_desk: ImportDesk) -> None:
    changed = [data for code, data, _ in service_desk.entries_of("INC9000001") if code == "import.changed"]
    assert json.loads(changed[0]) == {"what": "assignment_group: Group 93 > Group 92"}


def test_the_fifth_of_march_is_not_the_third_of_may(service_desk: ImportDesk) -> None:
    query = "SELECT datetime(opened_at, 'unixepoch') FROM ticket WHERE number = 'T-1'"
    assert service_desk.ask(query) == [("2024-03-05 08:01:00",)]


def test_a_final_column_is_not_believed_before_the_end(service_desk: ImportDesk) -> None:
    query = "SELECT stage, closed_at, resolution_code FROM ticket WHERE number = 'T-6'"
    assert service_desk.ask(query) == [("waiting", None, "")]


def test_a_ticket_counts_as_closed_from_its_last_resolution_on(service_desk: ImportDesk) -> None:
    query = "SELECT stage, datetime(closed_at, 'unixepoch'), resolution_code FROM ticket WHERE number = 'T-2'"
    assert service_desk.ask(query) == [("closed", "2024-03-13 09:00:00", "code 96")]


def test_a_code_nobody_explains_moves_nothing_and_is_told(service_desk: ImportDesk) -> None:
    told = [(code, data) for code, data, _ in service_desk.entries_of("INC9000003")]
    assert [code for code, _ in told][1:3] == ["import.changed", "import.changed"]
    assert json.loads(told[1][1]) == {"what": "incident_state: -100"}


def test_a_made_up_company_is_marked_and_its_real_site_is_not(service_desk: ImportDesk) -> None:
    query = (
        "SELECT c.name, c.derived_by, s.name, s.derived_by FROM company c JOIN site s ON s.company = c.id ORDER BY 1"
    )
    rule = "one company per location"
    assert service_desk.ask(query) == [
        ("Location 901", rule, "Location 901", ""),
        ("Location 902", rule, "Location 902", ""),
    ]


def test_a_value_that_is_not_known_makes_no_record(service_desk: ImportDesk) -> None:
    assert service_desk.ask("SELECT count(*) FROM company WHERE name LIKE '%?%'") == [(0,)]
    assert service_desk.ask("SELECT company, team, reporter_count FROM ticket WHERE number = 'T-6'") == [
        (None, None, 0)
    ]


def test_the_same_fault_on_the_same_machine_within_thirty_days_is_a_repeat(service_desk: ImportDesk) -> None:
    assert service_desk.ask("SELECT number FROM ticket WHERE is_repeat = 1 ORDER BY 1") == [("T-4",), ("T-5",)]


def test_an_open_ticket_stands_in_the_open_queue_and_a_closed_one_does_not(service_desk: ImportDesk) -> None:
    assert service_desk.ask("SELECT number FROM ticket WHERE queue_rank < 4") == [("T-6",)]


def test_the_raw_line_of_every_row_taken_is_kept(service_desk: ImportDesk) -> None:
    lines = SMALL_SERVICE_DESK.read_bytes().splitlines(keepends=True)
    kept = dict(service_desk.ask("SELECT line, raw FROM import_raw"))
    assert kept == {line: raw for line, raw in enumerate(lines, 1) if line > 1}


def test_the_hash_chain_is_whole_after_an_import(service_desk: ImportDesk) -> None:
    assert check_chain(service_desk) > 7


def test_the_rows_are_what_the_log_says(service_desk: ImportDesk) -> None:
    assert check_rows_are_what_the_log_says(service_desk) == 7


def test_every_console_derives_the_same_ids_of_entries(service_desk: ImportDesk) -> None:
    operations = service_desk.ask("SELECT id, payload FROM operation WHERE kind = 'ticket.imported'")
    for ticket, payload in operations:
        for n, entry in enumerate(json.loads(payload)["entries"]):
            assert entry["id"] == derived(entry["at"] * 1000, n, ticket, n.to_bytes(4, "big")).hex()


def test_the_same_rows_in_another_file_change_nothing(service_desk: ImportDesk, tmp_path: Path) -> None:
    before = service_desk.contents()
    again = tmp_path / "again.csv"
    again.write_bytes(SMALL_SERVICE_DESK.read_bytes().replace(b"\n", b"\r\n"))
    report = service_desk.take("service-desk-log", again)
    assert service_desk.contents() == before
    assert (report.new_tickets, report.known_tickets, report.changed_tickets, report.batch) == (0, 7, 0, None)


def test_of_a_longer_log_only_the_new_tickets_are_taken(worked_on: ImportDesk, tmp_path: Path) -> None:
    lines = SMALL_SERVICE_DESK.read_text().splitlines(keepends=True)
    new = [line.replace("INC9000007", "INC9000008") for line in lines if line.startswith("INC9000007")]
    changed = [line for line in lines if not (line.startswith("INC9000001") and ",Closed," in line)]
    longer = tmp_path / "longer.csv"
    longer.write_text("".join(changed + new))
    report = worked_on.take("service-desk-log", longer)
    assert (report.new_tickets, report.known_tickets, report.changed_tickets) == (1, 6, 1)
    assert [one["key"] for one in report.changed] == ["INC9000001"]
    check_chain(worked_on)


def test_a_dry_run_tells_the_same_figures_and_writes_nothing(desk: ImportDesk) -> None:
    before, files = desk.contents(), sorted(desk.folder.iterdir())
    dry = desk.take("service-desk-log", SMALL_SERVICE_DESK, dry_run=True).to_document()
    assert (desk.contents(), sorted(desk.folder.iterdir())) == (before, files)
    wet = desk.take("service-desk-log", SMALL_SERVICE_DESK).to_document()
    differs = {name for name in dry if dry[name] != wet[name]}
    assert differs <= {"is_dry_run", "samples", "seconds", "batch"}
    assert [sample["key"] for sample in dry["samples"]][:2] == ["INC9000001", "INC9000002"]


def test_rows_of_a_ticket_that_lie_apart_come_together(desk: ImportDesk, tmp_path: Path) -> None:
    header, *lines = SMALL_SERVICE_DESK.read_text().splitlines(keepends=True)
    apart = tmp_path / "apart.csv"
    apart.write_text("".join([header, *lines[0::2], *lines[1::2]]))
    report = desk.take("service-desk-log", apart)
    assert (report.tickets, report.changes) == (7, 33)
    assert desk.ask("SELECT count(*) FROM ticket") == [(7,)]


def test_equal_codes_of_two_columns_are_two_things(help_desk: ImportDesk) -> None:
    names = help_desk.ask("SELECT name FROM company UNION ALL SELECT name FROM model ORDER BY 1")
    assert [name for (name,) in names] == [
        "customer Value 1",
        "customer Value 2",
        "customer Value 3",
        "product Value 1",
        "product Value 2",
        "product Value 3",
    ]


def test_the_contract_is_made_from_the_last_event_and_marked(help_desk: ImportDesk) -> None:
    query = (
        "SELECT t.number, v.grade, k.derived_by, v.derived_by, v.policy FROM ticket t"
        " JOIN contract_version v ON v.id = t.contract_version JOIN contract k ON k.id = v.contract ORDER BY 1"
    )
    rule = "one contract per customer and service level"
    grades = ["service level Value 2", "service level Value 3", "service level Value 3", "service level Value 1"]
    assert help_desk.ask(query) == [(f"T-{n}", grade, rule, rule, None) for n, grade in enumerate(grades, 1)]


def test_giving_a_seriousness_after_the_end_opens_nothing_again(help_desk: ImportDesk) -> None:
    batch = json.loads(help_desk.ask("SELECT report FROM import_batch")[0][0])
    assert (batch["reopens"], batch["reopened_tickets"]) == (1, 1)


def test_a_wall_clock_is_read_in_the_zone_the_mapping_names(help_desk: ImportDesk) -> None:
    opened = help_desk.ask("SELECT datetime(opened_at, 'unixepoch') FROM ticket ORDER BY number")
    assert opened[0] == ("2024-01-10 08:00:00",)
    assert opened[2] == ("2024-07-01 06:00:00",)


def test_the_attribution_is_kept_with_the_batch(help_desk: ImportDesk) -> None:
    ((mapping, source, report),) = help_desk.ask("SELECT mapping, source, report FROM import_batch")
    assert (mapping, source) == ("help-desk-log", "small_help_desk_log.csv")
    assert json.loads(report)["attribution"].startswith("Polato, Mirko (2017)")


def test_both_logs_live_on_one_desk(worked_on: ImportDesk) -> None:
    worked_on.take("help-desk-log", SMALL_HELP_DESK)
    assert worked_on.count("ticket") == 11
    assert worked_on.count("import_batch") == 2
    check_chain(worked_on)


def test_work_goes_on_after_an_import(worked_on: ImportDesk) -> None:
    ((ticket,),) = worked_on.ask("SELECT id FROM ticket WHERE number = 'T-6'")
    writer = WriterThread(worked_on.path, worked_on.clock, worked_on.new_id)
    try:
        command = AssignTicket(EntityId(ticket), worked_on.author, None)
        writer.submit(command, worked_on.author).result()
    finally:
        writer.stop()
    ((owner, extra),) = worked_on.ask("SELECT owner, extra FROM ticket WHERE number = 'T-6'")
    assert (owner, json.loads(extra)["vendor"]) == (worked_on.author, "code 9s")
    check_chain(worked_on)


def test_somebody_who_works_on_the_desk_meanwhile_is_not_overwritten(desk: ImportDesk) -> None:
    desk.take("help-desk-log", SMALL_HELP_DESK)
    ((ticket, owner),) = desk.ask("SELECT id, owner FROM ticket WHERE number = 'T-3'")
    taken: list[bool] = []

    def somebody_takes_a_ticket(progress: object) -> None:
        if getattr(progress, "phase", "") == "building" and not taken:
            taken.append(True)
            writer = WriterThread(desk.path, desk.clock, desk.new_id)
            writer.submit(AssignTicket(EntityId(ticket), desk.author, owner), desk.author).result()
            writer.stop()

    report = desk.take("service-desk-log", SMALL_SERVICE_DESK, progress=somebody_takes_a_ticket)
    assert taken == [True]
    assert (report.new_tickets, report.changes, report.taken_with_flag) == (7, 33, 4)
    assert desk.ask("SELECT owner FROM ticket WHERE number = 'T-3'") == [(desk.author,)]
    check_chain(desk)
