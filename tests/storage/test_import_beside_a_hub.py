"""Stories of imports on a desk that has joined a hub: they travel as operations, and so does taking them back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.commands import PostEntry
from core.ids import EntityId
from storage.importers.failed import ImportFailed
from storage.importers.report import BUILDING, ImportReport, Progress
from storage.importers.run import run_import
from storage.importers.undoing import redo_import, undo_import
from storage.sync.wire import BYTES_AT_ONCE, OPS_AT_ONCE
from tests.storage.fixtures.import_desk import SMALL_SERVICE_DESK
from tests.storage.hub_story import Console, opened, settle, two_desks
from tests.storage.test_import_stopped import COPIES, long_log
from tests.support.hub_server import HubServer

IMPORTED = "SELECT count(*) FROM ticket WHERE archived = 0 AND id IN (SELECT id FROM external_id)"
LARGEST_ACT = "SELECT max(n) FROM (SELECT {} AS n FROM operation GROUP BY txn)"


@pytest.fixture
def both(hub_server: HubServer, tmp_path: Path) -> Iterator[tuple[Console, Console]]:
    anna, boris = two_desks(tmp_path, hub_server)
    anna.join()
    boris.join()
    settle(anna, boris)
    yield anna, boris
    for console in (anna, boris):
        console.desk.close()


def bring_in(console: Console, source: Path, **more: object) -> ImportReport:
    return run_import(
        console.path,
        "service-desk-log",
        source,
        author=console.person,
        clock=console.clock,
        new_id=console.new_id,
        **more,  # type: ignore[arg-type]
    )


def test_an_import_comes_to_the_other_console_and_goes_again_by_its_undo(both: tuple[Console, Console]) -> None:
    anna, boris = both
    bring_in(anna, SMALL_SERVICE_DESK)
    settle(anna, boris)
    assert boris.value(IMPORTED) == 7
    assert anna.rows() == boris.rows()
    options = {"author": anna.person, "clock": anna.clock, "new_id": anna.new_id}
    undo_import(anna.path, anna.desk.write, 1, **options)  # type: ignore[arg-type]
    settle(anna, boris)
    assert boris.value(IMPORTED) == 0
    assert anna.rows() == boris.rows()
    redo_import(anna.path, anna.desk.write, 1, **options)  # type: ignore[arg-type]
    settle(anna, boris)
    assert boris.value(IMPORTED) == 7
    assert anna.rows() == boris.rows()


def test_work_of_a_colleague_on_an_imported_ticket_is_seen_before_it_is_undone(both: tuple[Console, Console]) -> None:
    anna, boris = both
    bring_in(anna, SMALL_SERVICE_DESK)
    settle(anna, boris)
    ticket = EntityId(boris.value("SELECT id FROM ticket WHERE id IN (SELECT id FROM external_id) LIMIT 1"))
    boris.act(PostEntry(ticket, "note", "I called them back"))
    settle(boris, anna)
    with pytest.raises(ImportFailed, match=r"import\.worked_on"):
        undo_import(anna.path, anna.desk.write, 1, author=anna.person, clock=anna.clock, new_id=anna.new_id)


def test_a_long_import_goes_out_in_acts_that_a_push_takes(both: tuple[Console, Console]) -> None:
    anna, boris = both
    bring_in(anna, long_log(anna.path.parent))
    assert anna.value(LARGEST_ACT.format("count(*)")) <= OPS_AT_ONCE
    assert anna.value(LARGEST_ACT.format("sum(length(payload) + length(base))")) <= BYTES_AT_ONCE
    settle(anna, boris)
    assert boris.value(IMPORTED) == 7 * COPIES
    assert anna.rows() == boris.rows()


def test_the_same_log_from_a_colleague_in_the_middle_of_an_import_is_met_with_a_word(
    both: tuple[Console, Console],
) -> None:
    anna, boris = both
    bring_in(boris, SMALL_SERVICE_DESK)
    before = anna.value("SELECT count(*) FROM operation")

    def boris_is_first(progress: Progress) -> None:
        if progress.phase == BUILDING and anna.value("SELECT count(*) FROM external_id") == 0:
            settle(boris, anna)

    with pytest.raises(ImportFailed, match=r"import\.overtaken"):
        bring_in(anna, SMALL_SERVICE_DESK, progress=boris_is_first)
    assert anna.value("SELECT count(*) FROM import_batch") == 0
    assert anna.value("SELECT count(*) FROM operation") > before
    assert bring_in(anna, SMALL_SERVICE_DESK).known_tickets == 7
    settle(anna, boris)
    assert anna.rows() == boris.rows()


def test_a_ticket_opened_by_a_colleague_meanwhile_keeps_a_number_of_its_own(both: tuple[Console, Console]) -> None:
    anna, boris = both
    told: list[int] = []

    def boris_opens(progress: Progress) -> None:
        if progress.phase == BUILDING and not told:
            told.append(1)
            opened(boris)
            settle(boris, anna)

    bring_in(anna, SMALL_SERVICE_DESK, progress=boris_opens)
    settle(anna, boris)
    assert anna.rows() == boris.rows()
    assert anna.value("SELECT count(DISTINCT number) = count(*) FROM ticket") == 1
