"""Stories of a source that comes a second time: recognised at once, unless something about it has to be read anew."""

from __future__ import annotations

import shutil
import sqlite3
from importlib.resources import files
from pathlib import Path

import pytest

from core.commands import AssignTicket
from core.ids import EntityId
from storage.actor import WriterThread
from storage.importers.report import ImportReport
from tests.storage.fixtures.import_desk import SMALL_SERVICE_DESK, ImportDesk, check_chain
from tests.storage.test_import_rejects import rejects, tickets


@pytest.fixture
def desk(tmp_path: Path) -> ImportDesk:
    """A desk that has the service desk's log already."""
    desk = ImportDesk(tmp_path)
    desk.take("service-desk-log", SMALL_SERVICE_DESK)
    return desk


def again(desk: ImportDesk, mapping: str | Path, source: Path, *, dry_run: bool = False) -> tuple[ImportReport, bool]:
    """The report of one more run, and whether it read rows."""
    phases: set[str] = set()
    report = desk.take(mapping, source, dry_run=dry_run, progress=lambda progress: phases.add(progress.phase))
    return report, "reading" in phases


def test_the_same_source_again_is_known_without_reading_a_row(desk: ImportDesk) -> None:
    before = desk.contents()
    report, has_read = again(desk, "service-desk-log", SMALL_SERVICE_DESK)
    assert desk.contents() == before
    assert (report.new_tickets, report.known_tickets, report.batch, has_read) == (0, 7, None, False)


def test_a_source_known_at_once_has_the_figures_that_reading_it_gives(desk: ImportDesk) -> None:
    at_once, _ = again(desk, "service-desk-log", SMALL_SERVICE_DESK)
    read, has_read = again(desk, "service-desk-log", SMALL_SERVICE_DESK, dry_run=True)
    told, wanted = at_once.to_document(), read.to_document()
    assert has_read
    assert {name for name in told if told[name] != wanted[name]} <= {
        "is_dry_run",
        "is_known_source",
        "samples",
        "seconds",
    }


def test_the_same_source_under_another_name_is_told_by_that_name(desk: ImportDesk) -> None:
    copy = desk.folder / "copy.csv"
    shutil.copy(SMALL_SERVICE_DESK, copy)
    report, has_read = again(desk, "service-desk-log", copy)
    assert (report.source, has_read) == ("copy.csv", False)


def test_a_mapping_of_the_same_name_that_says_something_else_is_read_with(desk: ImportDesk) -> None:
    shipped = files("storage.importers").joinpath("mappings", "service-desk-log.toml").read_text()
    own = desk.folder / "own.toml"
    own.write_text(shipped.replace('"Phone" = "phone"', '"Phone" = "visit"'))
    report, has_read = again(desk, own, SMALL_SERVICE_DESK)
    assert has_read
    assert (report.new_tickets, report.known_tickets + report.changed_tickets) == (0, 7)
    assert report.changed_tickets > 0


def test_rejected_rows_are_read_again_into_their_file(desk: ImportDesk) -> None:
    mapping, source = tickets(desk, "1,2024-01-02,,Good,,open,Acme\n2,soon,,Bad,,open,Acme\n")
    desk.take(mapping, source)
    (desk.folder / "plain.csv.rejects.csv").unlink()
    report, has_read = again(desk, mapping, source)
    assert (report.rejected, report.known_tickets, has_read) == (1, 1, True)
    assert [reason for _, reason, _ in rejects(desk)] == ["time not readable: opened: soon"]


def test_a_ticket_that_somebody_took_since_stays_theirs(desk: ImportDesk) -> None:
    ((ticket,),) = desk.ask("SELECT id FROM ticket WHERE number = 'T-6'")
    writer = WriterThread(desk.path, desk.clock, desk.new_id)
    try:
        writer.submit(AssignTicket(EntityId(ticket), desk.author, None), desk.author).result()
    finally:
        writer.stop()
    report, has_read = again(desk, "service-desk-log", SMALL_SERVICE_DESK)
    assert (report.new_tickets, report.known_tickets, has_read) == (0, 7, False)
    assert desk.ask("SELECT owner FROM ticket WHERE number = 'T-6'") == [(desk.author,)]
    check_chain(desk)


def change_rows(desk: ImportDesk, statement: str) -> None:
    """Leave the desk's rows as another program, or an operation of later, would."""
    connection = sqlite3.connect(desk.path)
    connection.execute(statement)
    connection.commit()
    connection.close()


def test_an_archived_ticket_stays_archived_and_known(desk: ImportDesk) -> None:
    change_rows(desk, "UPDATE ticket SET archived = 1 WHERE number = 'T-6'")
    report, has_read = again(desk, "service-desk-log", SMALL_SERVICE_DESK)
    assert (report.new_tickets, report.known_tickets, has_read) == (0, 7, False)
    assert desk.ask("SELECT archived FROM ticket WHERE number = 'T-6'") == [(1,)]


def test_a_desk_that_lacks_a_ticket_of_the_source_is_compared_row_by_row(desk: ImportDesk) -> None:
    change_rows(desk, "DELETE FROM ticket WHERE number = 'T-6'")
    report, has_read = again(desk, "service-desk-log", SMALL_SERVICE_DESK)
    assert (report.new_tickets, has_read) == (0, True)
