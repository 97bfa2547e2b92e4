"""Stories of an import that is taken back as a whole, and brought back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from core.commands import AssignTicket, OpenTicket, Undo
from core.ids import EntityId
from storage.desk import OpenDesk
from storage.importers.failed import ImportFailed
from storage.importers.undoing import Undone, redo_import, undo_import
from tests.storage.fixtures.import_desk import SMALL_HELP_DESK, SMALL_SERVICE_DESK, ImportDesk, check_chain

STANDING = "SELECT count(*) FROM {} WHERE archived = 0 AND id IN (SELECT id FROM import_made WHERE batch = 1)"
RECORDS = ("company", "site", "contact", "affiliation", "team", "person", "equipment")


@pytest.fixture
def desk(tmp_path: Path) -> ImportDesk:
    desk = ImportDesk(tmp_path)
    desk.take("service-desk-log", SMALL_SERVICE_DESK)
    return desk


@contextmanager
def opened(desk: ImportDesk) -> Iterator[OpenDesk]:
    console = OpenDesk(desk.path, desk.clock, desk.new_id)
    try:
        yield console
    finally:
        console.close()


def undo(desk: ImportDesk, n: int = 1, **wish: Any) -> Undone:
    with opened(desk) as console:
        return undo_import(
            desk.path, console.write, n, author=desk.author, clock=desk.clock, new_id=desk.new_id, **wish
        )


def redo(desk: ImportDesk, n: int = 1) -> Undone:
    with opened(desk) as console:
        return redo_import(desk.path, console.write, n, author=desk.author, clock=desk.clock, new_id=desk.new_id)


def standing(desk: ImportDesk, *tables: str) -> list[int]:
    """How many of each that the import made are on the desk."""
    return [desk.ask(STANDING.format(table))[0][0] for table in tables]


def take_a_ticket(desk: ImportDesk, number: str) -> None:
    ((ticket, owner),) = desk.ask("SELECT id, owner FROM ticket WHERE number = ?", number)
    with opened(desk) as console:
        console.submit(AssignTicket(EntityId(ticket), desk.author, owner), desk.author).result()


def test_an_import_is_taken_back_with_everything_that_it_made(desk: ImportDesk) -> None:
    assert sum(standing(desk, "ticket", *RECORDS)) > 10
    done = undo(desk)
    assert standing(desk, "ticket", *RECORDS) == [0] * (1 + len(RECORDS))
    assert (done.tickets, done.left_tickets, done.left_records) == (7, 0, 0)
    check_chain(desk)


def test_what_was_taken_back_is_brought_back(desk: ImportDesk) -> None:
    before = standing(desk, "ticket", *RECORDS)
    undone = undo(desk)
    done = redo(desk)
    assert standing(desk, "ticket", *RECORDS) == before
    assert (done.tickets, done.records) == (undone.tickets, undone.records)
    check_chain(desk)


def test_an_import_on_which_somebody_worked_is_not_taken_back_unasked(desk: ImportDesk) -> None:
    take_a_ticket(desk, "T-7")
    before = desk.contents()
    with pytest.raises(ImportFailed) as caught:
        undo(desk)
    assert (caught.value.code, caught.value.facts["count"], caught.value.facts["numbers"]) == (
        "import.worked_on",
        1,
        "T-7",
    )
    assert desk.contents() == before


def test_tickets_that_somebody_worked_on_can_be_left_with_what_they_need(desk: ImportDesk) -> None:
    take_a_ticket(desk, "T-7")
    done = undo(desk, leave_worked_on=True)
    assert (done.tickets, done.left_tickets) == (6, 1)
    company = "SELECT archived FROM company WHERE id = (SELECT company FROM ticket WHERE number = 'T-7')"
    assert desk.ask("SELECT number FROM ticket WHERE archived = 0") == [("T-7",)]
    assert desk.ask(company) == [(0,)]
    assert done.left_records > 0


def test_a_company_that_a_new_ticket_is_about_stays(desk: ImportDesk) -> None:
    ((company,),) = desk.ask("SELECT id FROM company ORDER BY id LIMIT 1")
    with opened(desk) as console:
        console.submit(OpenTicket("A new one", EntityId(company)), desk.author).result()
    done = undo(desk)
    assert (done.tickets, done.left_records) == (7, 1)
    assert desk.ask("SELECT archived FROM company WHERE id = ?", company) == [(0,)]


def test_another_import_is_not_touched(desk: ImportDesk) -> None:
    desk.take("help-desk-log", SMALL_HELP_DESK)
    ((others,),) = desk.ask("SELECT count(*) FROM import_made WHERE batch = 2 AND entity = 'ticket'")
    undo(desk, 1)
    assert desk.ask("SELECT count(*) FROM ticket WHERE archived = 0") == [(others,)]


def test_what_a_person_archived_stays_archived_when_the_import_comes_back(desk: ImportDesk) -> None:
    with opened(desk) as console:
        console.submit(OpenTicket("Mine", None), desk.author).result()
        console.submit(Undo(), desk.author).result()
    undo(desk)
    redo(desk)
    assert desk.ask("SELECT archived FROM ticket WHERE subject = 'Mine'") == [(1,)]


def test_an_undo_that_was_stopped_goes_on_where_it_was(desk: ImportDesk) -> None:
    def stop(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        undo(desk, watch=stop)
    assert standing(desk, "ticket") == [0]
    assert sum(standing(desk, *RECORDS)) > 0
    assert undo(desk).tickets == 0
    assert standing(desk, "ticket", *RECORDS) == [0] * (1 + len(RECORDS))
    assert redo(desk).tickets == 7


@pytest.mark.parametrize(("first", "code"), [("undo", "import.undone_already"), ("redo", "import.stands_already")])
def test_nothing_is_done_twice(desk: ImportDesk, first: str, code: str) -> None:
    act = undo if first == "undo" else redo
    undo(desk)
    if first == "redo":
        redo(desk)
    with pytest.raises(ImportFailed, match=code):
        act(desk)


def test_an_import_that_is_not_there_is_not_undone(desk: ImportDesk) -> None:
    with pytest.raises(ImportFailed, match=r"import\.unknown"):
        undo(desk, 9)


def test_the_same_source_after_an_undo_says_how_it_comes_back(desk: ImportDesk) -> None:
    undo(desk)
    report = desk.take("service-desk-log", SMALL_SERVICE_DESK)
    assert (report.new_tickets, report.known_tickets, report.undone_batch) == (0, 7, 1)


def test_the_undo_of_an_import_is_no_act_of_the_key(desk: ImportDesk) -> None:
    before = desk.count("action")
    undo(desk)
    assert desk.count("action") == before
