"""Files without room, two processes at one file, and a month away from everything."""

from __future__ import annotations

import threading
import time

from core.commands import PostEntry
from core.errors import DomainError
from storage.sync.outgoing import next_push
from tests.faults.desks import Desks, Seat, desks, make_noise, noise
from tests.faults.dying_console import Dying
from tests.faults.result import Row
from tests.performance.meter import quantile
from tests.storage.desk_story import WAIT_SECONDS, look
from tests.support.hub_server import HubServer
from tests.support.small_disks import NoDisk, filled, small_volume

OPS_A_PUSH = 500
CLEAN_SECONDS = 90.0
INPUT_SECONDS = 0.05
EARLY = "while there was room"


def desk_without_room(server: HubServer) -> list[Row]:
    """A file that may not grow, and one on a small file system that is full."""
    with desks(server) as made:
        rows = [_may_not_grow(made)]
    return [*rows, _on_a_full_volume(server)]


def _may_not_grow(made: Desks) -> Row:
    def limit(pages: str) -> None:
        made.anna.desk.write(lambda one: one.execute(f"PRAGMA max_page_count = {pages}").fetchone()[0]).result(
            WAIT_SECONDS
        )

    made.anna.note(made.ticket, EARLY)
    limit(str(made.anna.value("PRAGMA page_count") + 2))
    refused = _write_until_refused(made.anna, made)
    is_whole, is_read = made.anna.is_whole(), EARLY in made.anna.notes()
    with noise(made, 81) as sender:
        make_noise(sender, 200)
    put_off = ""
    try:
        made.sync(made.anna)
    except (DomainError, OSError) as error:
        put_off = getattr(error, "code", type(error).__name__)
    limit("1073741823")
    is_alike = made.are_alike()
    found = f"refused with {refused}, pull put off with {put_off or 'nothing'}, then alike"
    is_fine = bool(refused and put_off) and is_whole and is_read and is_alike
    return Row("disk full, local: a file that may not grow", "1", found, is_fine)


def _write_until_refused(seat: Seat, made: Desks) -> str:
    for number in range(2000):
        count = seat.notes().total()
        try:
            seat.note(made.ticket, f"{number} " + "x" * 4000)
        except DomainError as error:
            assert seat.notes().total() == count, "a refused act left something"
            return error.code
    return ""


def _on_a_full_volume(server: HubServer) -> Row:
    fault = "disk full, local: a full volume"
    try:
        with small_volume(24) as folder, desks(server, folder) as made:
            made.anna.note(made.ticket, EARLY)
            with filled(folder, 1 << 14):
                refused = _write_until_refused(made.anna, made)
                is_read = EARLY in made.anna.notes()
            made.anna.note(made.ticket, "there is room again")
            is_alike, is_whole = made.are_alike(), made.anna.is_whole()
    except NoDisk as error:
        return Row(fault, "-", str(error), None)
    is_fine = bool(refused) and is_read and is_alike and is_whole
    return Row(fault, "1", f"refused with {refused}, went on when there was room", is_fine)


def two_processes(server: HubServer, acts: int) -> list[Row]:
    """Two consoles at one file, both acting and syncing; one of them dies on the way."""
    with desks(server) as made:
        url = made.url(made.anna)
        made.anna.desk.close()
        first, second = (Dying(made.anna, made.ticket, url, life) for life in ("first", "second"))
        began = time.perf_counter()
        while len(second.saved) < acts // 4:
            second.wait_for("saved")
        saved = second.kill()
        while len(first.saved) < acts:
            first.wait_for("saved")
        first.wait_for("synced")
        saved += first.kill()
        seconds = time.perf_counter() - began
        made.anna.reopen()
        is_alike = made.are_alike()
        notes = made.boris.notes()
        lost = sum(text not in notes for text in saved)
        doubled = made.doubled(made.boris)
        dense = made.anna.value("SELECT count(*) = max(n) FROM operation WHERE console = (SELECT console FROM store)")
    found = f"{lost} lost, {doubled} doubled of {len(saved)} in {seconds:.0f} s, numbers dense: {bool(dense)}"
    is_fine = is_alike and not lost and not doubled and bool(dense)
    return [Row("two processes, one file, one killed", f"{len(saved)} commands", found, is_fine)]


def a_month_away(server: HubServer, pending: int, incoming: int) -> list[Row]:
    """Much was written here and much more elsewhere; reads go on while both meet."""
    with desks(server) as made:
        began = time.perf_counter()
        for number in range(pending):
            made.anna.act(PostEntry(made.ticket, "note", f"Away {number}"))
        with noise(made, 91) as sender:
            for _piece in range(-(-incoming // OPS_A_PUSH)):
                make_noise(sender, min(OPS_A_PUSH, incoming))
        with look(made.anna.path) as seen:
            assert next_push(seen, 0)
        prepared = time.perf_counter() - began
        reads: list[float] = []
        ended = threading.Event()
        reading = threading.Thread(target=_read_on, args=(made.anna, reads, ended))
        reading.start()
        began = time.perf_counter()
        try:
            report = made.sync(made.anna)
        finally:
            seconds = time.perf_counter() - began
            ended.set()
            reading.join(10)
        is_alike = made.are_alike()
    slowest = quantile(reads, 0.99)
    found = (
        f"clean in {seconds:.1f} s, reads meanwhile p99 {slowest * 1000:.0f} ms"
        f" (laid out in {prepared:.0f} s), {report.unsent} unsent"
    )
    is_fine = is_alike and report.unsent == 0 and seconds < CLEAN_SECONDS and slowest < INPUT_SECONDS
    return [Row("a month offline", f"{pending} pending, {incoming} incoming", found, is_fine)]


def _read_on(seat: Seat, reads: list[float], ended: threading.Event) -> None:
    """As a screen does at every key."""
    with look(seat.path) as seen:
        while not ended.is_set():
            began = time.perf_counter()
            seen.execute("SELECT id, number, subject, priority FROM ticket ORDER BY queue_key LIMIT 40").fetchall()
            reads.append(time.perf_counter() - began)
            time.sleep(0.01)
