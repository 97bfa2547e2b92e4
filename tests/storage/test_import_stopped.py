"""Stories of imports that end before they are visible: nothing shows, all of it is swept, another run takes all."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from core.commands import AssignTicket, OpenTicket, PostEntry
from core.errors import DomainError
from core.ids import EntityId
from storage.actor import WriterThread
from storage.auditor import audit_rows
from storage.desk import OpenDesk
from storage.engine import StoreError, open_file
from storage.importers.coming import sweep_file
from storage.importers.failed import ImportFailed
from storage.importers.figures import import_figures
from storage.importers.report import BUILDING, WRITING, Progress
from storage.sync.leading import IMPORT, Leading
from storage.text_index import index_file, is_behind
from tests.storage.fixtures.import_desk import SMALL_HELP_DESK, SMALL_SERVICE_DESK, ImportDesk, check_chain

SHOWN = ("ticket", "operation", "external_id", "company", "contact", "person", "ticket_reporter")
LIGHT_KILLS, SMOKE_KILLS = 10, 3
"""Where fewer than so many kills are asked for, a short log is killed a few times."""
ROOT = Path(__file__).resolve().parents[2]
COPIES = 150
"""Of the small log, under other keys: enough for several slices."""


@pytest.fixture
def desk(tmp_path: Path) -> ImportDesk:
    return ImportDesk(tmp_path)


def long_log(folder: Path, copies: int = COPIES) -> Path:
    """The small log so many times, each time with other tickets."""
    header, *lines = SMALL_SERVICE_DESK.read_text().splitlines(keepends=True)
    path = folder / "long.csv"
    rows = (line.replace("INC9", f"INC{copy:04d}9") for copy in range(copies) for line in lines)
    path.write_text("".join([header, *rows]))
    return path


def stop_in(phase: str) -> object:
    """A person's ctrl+c when a phase is met."""

    def on_progress(progress: Progress) -> None:
        if progress.phase == phase:
            raise KeyboardInterrupt

    return on_progress


@contextmanager
def left_behind(desk: ImportDesk, source: Path) -> Iterator[None]:
    """A desk on which an import was killed in the middle of its slices."""
    child = subprocess.Popen(importing(desk, source), cwd=ROOT, stdout=subprocess.PIPE)
    assert child.stdout is not None
    try:
        assert child.stdout.readline() == b"building\n"
        deadline = time.monotonic() + 30
        while not desk.count("import_made") and time.monotonic() < deadline:
            time.sleep(0.002)
    finally:
        child.send_signal(signal.SIGKILL)
        child.communicate()
    yield


def importing(desk: ImportDesk, source: Path) -> list[str]:
    return [sys.executable, "-m", "tests.storage.importing", str(desk.path), str(source), desk.author.hex()]


@pytest.mark.parametrize("phase", [BUILDING, WRITING])
def test_an_import_that_is_stopped_leaves_the_desk_as_it_was(desk: ImportDesk, phase: str) -> None:
    source, before = long_log(desk.folder), desk.contents()
    with pytest.raises(KeyboardInterrupt):
        desk.take("service-desk-log", source, progress=stop_in(phase))  # type: ignore[arg-type]
    assert desk.contents() == before


def test_a_killed_import_shows_nothing(desk: ImportDesk) -> None:
    before = desk.contents()
    with left_behind(desk, long_log(desk.folder)):
        now = desk.contents()
    assert {table: now[table] for table in SHOWN} == {table: before[table] for table in SHOWN}
    assert len(now["entry"]) > 0, "it was killed before the first slice"


def test_the_auditor_finds_nothing_wrong_with_an_import_under_way(desk: ImportDesk) -> None:
    with left_behind(desk, long_log(desk.folder)):
        connection = open_file(desk.path, read_only=True)
        assert list(audit_rows(connection)) == []
        connection.close()


def test_the_next_console_sweeps_what_a_killed_import_left(desk: ImportDesk) -> None:
    before = desk.contents()
    with left_behind(desk, long_log(desk.folder)):
        console = OpenDesk(desk.path, desk.clock, desk.new_id)
        console.warm_up()
        deadline = time.monotonic() + 30
        while desk.count("import_batch") and time.monotonic() < deadline:
            time.sleep(0.01)
        console.close()
    assert desk.contents() == before


def test_a_note_written_after_the_sweep_is_found(desk: ImportDesk) -> None:
    """The index of full text goes by row numbers, and those of swept entries are given again."""
    desk.take("help-desk-log", SMALL_HELP_DESK)
    ((ticket,),) = desk.ask("SELECT id FROM ticket LIMIT 1")
    with left_behind(desk, long_log(desk.folder)):
        index_file(desk.path)
        assert sweep_file(desk.path)
    writer = WriterThread(desk.path, desk.clock, desk.new_id)
    writer.submit(PostEntry(EntityId(ticket), "note", "the zebra jams"), desk.author).result()
    writer.stop()
    connection = open_file(desk.path)
    assert is_behind(connection)
    connection.close()


def test_numbers_of_a_stopped_import_are_given_again_only_where_nobody_counted_on(desk: ImportDesk) -> None:
    with left_behind(desk, long_log(desk.folder)):
        assert desk.ask("SELECT last_number FROM store") == [(7 * COPIES,)]
        sweep_file(desk.path)
    assert desk.ask("SELECT last_number FROM store") == [(0,)]
    assert desk.take("service-desk-log", SMALL_SERVICE_DESK).new_tickets == 7
    assert desk.ask("SELECT min(number), max(number) FROM ticket") == [("T-1", "T-7")]


def test_two_imports_onto_one_desk_do_not_run_at_once(desk: ImportDesk) -> None:
    other = Leading(desk.path, IMPORT)
    assert other.take()
    with pytest.raises(ImportFailed, match=r"import\.runs_already"):
        desk.take("service-desk-log", SMALL_SERVICE_DESK)
    assert not sweep_file(desk.path), "what runs is not swept"
    other.leave()
    assert desk.take("service-desk-log", SMALL_SERVICE_DESK).new_tickets == 7


def test_a_dry_run_asks_for_no_turn(desk: ImportDesk) -> None:
    other = Leading(desk.path, IMPORT)
    assert other.take()
    assert desk.take("service-desk-log", SMALL_SERVICE_DESK, dry_run=True).new_tickets == 7
    other.leave()


def test_what_others_do_while_an_import_builds_is_in_the_log_before_it(desk: ImportDesk) -> None:
    desk.take("help-desk-log", SMALL_HELP_DESK)
    ((ticket,),) = desk.ask("SELECT id FROM ticket LIMIT 1")
    writer = WriterThread(desk.path, desk.clock, desk.new_id)
    owners = iter([desk.author, None] * 1_000)
    worked = 0

    def work(progress: Progress) -> None:
        nonlocal worked
        if progress.phase == BUILDING or (progress.phase == WRITING and not worked):
            seen = desk.ask("SELECT owner FROM ticket WHERE id = ?", ticket)[0][0]
            writer.submit(AssignTicket(EntityId(ticket), next(owners), seen), desk.author).result(10)
            worked += 1

    report = desk.take("service-desk-log", long_log(desk.folder), progress=work)
    writer.stop()
    assert (report.new_tickets, worked > 0) == (7 * COPIES, True)
    check_chain(desk)
    ((last_of_others,),) = desk.ask("SELECT max(n) FROM operation WHERE kind = 'ticket.assigned'")
    ((first_of_import,),) = desk.ask(
        "SELECT min(n) FROM operation WHERE id IN (SELECT id FROM import_made WHERE batch = ?)", report.batch
    )
    assert last_of_others < first_of_import


def test_a_ticket_opened_while_an_import_builds_has_a_number_of_its_own(desk: ImportDesk) -> None:
    opened: list[int] = []

    def work(progress: Progress) -> None:
        if progress.phase == BUILDING and not opened:
            writer = WriterThread(desk.path, desk.clock, desk.new_id)
            writer.submit(OpenTicket("Hot", None), desk.author).result(10)
            writer.stop()
            opened.append(1)

    desk.take("service-desk-log", long_log(desk.folder), progress=work)
    assert desk.ask("SELECT number FROM ticket WHERE subject = 'Hot'") == [(f"T-{7 * COPIES + 1}",)]
    assert desk.count("ticket") == 7 * COPIES + 1


def test_a_command_waits_for_the_last_transaction_of_an_import_however_long(
    desk: ImportDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.engine.BUSY_MILLISECONDS", 50)
    writer = WriterThread(desk.path, desk.clock, desk.new_id)
    writer.submit(OpenTicket("Before", None), desk.author).result(10)
    holder = open_file(desk.path)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match=r"store\.busy"):
        writer.submit(OpenTicket("Refused", None), desk.author).result(10)
    holder.execute("INSERT INTO import_batch (n, at, state) VALUES (1, 0, 'coming')")
    holder.execute("COMMIT")
    holder.execute("BEGIN IMMEDIATE")
    waiting = writer.submit(OpenTicket("Waited", None), desk.author)
    time.sleep(0.3)
    assert not waiting.done()
    holder.execute("DELETE FROM import_batch")
    holder.execute("COMMIT")
    waiting.result(10)
    writer.stop()
    assert desk.ask("SELECT subject FROM ticket ORDER BY id") == [("Before",), ("Waited",)]


def check_whole_or_absent(desk: ImportDesk, tickets: int) -> bool:
    """Everything of the import shows or nothing; True where it does."""
    ((shown,),) = desk.ask("SELECT count(*) FROM ticket")
    ((standing,),) = desk.ask("SELECT count(*) FROM import_batch WHERE state = ''")
    ((logged,),) = desk.ask("SELECT count(*) FROM operation WHERE kind = 'ticket.imported'")
    ((named,),) = desk.ask("SELECT count(*) FROM external_id WHERE entity = 'ticket'")
    assert (shown, logged, named) in ((0, 0, 0), (tickets, tickets, tickets))
    assert standing == (shown > 0)
    check_chain(desk)
    assert desk.ask("PRAGMA integrity_check") == [("ok",)]
    return bool(shown)


def run_and_kill(desk: ImportDesk, source: Path, after_seconds: float | None) -> float:
    """Import in a process that is killed so long after it began to build; how long it went on without that."""
    child = subprocess.Popen(importing(desk, source), cwd=ROOT, stdout=subprocess.PIPE)
    assert child.stdout is not None
    assert child.stdout.readline() == b"building\n"
    began = time.monotonic()
    if after_seconds is None:
        assert child.wait(60) == 0
    else:
        time.sleep(after_seconds)
        child.kill()
    child.communicate()
    return time.monotonic() - began


def test_an_import_killed_at_any_moment_is_whole_or_absent_and_a_second_run_completes_it(
    tmp_path: Path, pytestconfig: pytest.Config
) -> None:
    kills = int(pytestconfig.getoption("kills"))
    is_smoke = kills <= LIGHT_KILLS
    copies = COPIES // 4 if is_smoke else COPIES
    source, tickets = long_log(tmp_path, copies), 7 * copies
    whole = ImportDesk(tmp_path / "whole")
    longest = run_and_kill(whole, source, None)
    wanted = figures_of(whole)
    for seed in range(SMOKE_KILLS if is_smoke else kills):
        desk = ImportDesk(tmp_path / str(seed))
        # Up to three kills of one import after the other, as a person who tries again would meet them.
        for again in range(1 + seed % 3):
            run_and_kill(desk, source, random.Random(100 * seed + again).random() * longest)
            if check_whole_or_absent(desk, tickets):
                break
        desk.take("service-desk-log", source)
        assert check_whole_or_absent(desk, tickets)
        assert figures_of(desk) == wanted


def figures_of(desk: ImportDesk) -> list[dict[str, object]]:
    """What `lampboard report import-figures` tells, and how much of everything is there."""
    connection = open_file(desk.path, read_only=True)
    counts = {table: desk.count(table) for table in (*SHOWN, "entry", "import_raw", "import_made")}
    told = [{**one, "imports": len(one["imports"])} for one in import_figures(connection)]
    connection.close()
    return [*told, counts]


def test_an_error_in_the_middle_leaves_nothing(desk: ImportDesk) -> None:
    before = desk.contents()

    def fail(progress: Progress) -> None:
        if progress.phase == WRITING:
            raise DomainError("import.overtaken")

    with pytest.raises(DomainError):
        desk.take("service-desk-log", SMALL_SERVICE_DESK, progress=fail)
    assert desk.contents() == before
