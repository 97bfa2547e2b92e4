"""Lines that lose answers, are cut, half open, slow, or reset every third connection; and what comes twice or late."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from functools import partial

from core.commands import OpenTicket
from storage.hub.connecting import HubError
from storage.sync import incoming
from storage.sync.joined import joined
from storage.sync.outgoing import next_push
from storage.sync.session import Session
from tests.faults.desks import Desks, desks, make_noise, noise
from tests.faults.result import Row
from tests.storage.desk_story import WAIT_SECONDS, look
from tests.storage.hub_story import BEGINNING
from tests.support.fault_proxy import Fate, FaultProxy, fault_proxy, of_function
from tests.support.hub_server import HubServer

NOTES_A_TICKET = 50
REPAIR_SECONDS = 60.0
POLL_SECONDS = 2.0


def lost_acks(server: HubServer, pushes: int) -> list[Row]:
    """The answer to each push is lost with p = 0.3."""
    with desks(server) as made, fault_proxy(server.address) as line:
        chance, pushed = random.Random(5), [0]

        def fate() -> Fate:
            pushed[0] += 1
            return Fate.LOSE_ANSWER if chance.random() < 0.3 else Fate.PASS

        line.fate = of_function("hub_push", fate)
        written, url, ticket = 0, line.url(made.hub, "anna"), made.ticket
        while pushed[0] < pushes:
            if written % NOTES_A_TICKET == 0:
                ticket = made.anna.act(OpenTicket(f"Matter {written}", None, 3))
            made.anna.note(ticket, f"Note {written}")
            written += 1
            made.anna.sync(url)
        line.fate = lambda query: Fate.PASS
        is_alike = made.are_alike()
        once = sum(count == 1 for count in made.boris.notes().values())
        lost = line.counted.fates[Fate.LOSE_ANSWER]
        is_fine = is_alike and once == written and not made.logged_twice() and made.is_dense()
        return [Row("lost ack", f"{pushed[0]} pushes, {lost} answers lost", f"{once}/{written} exactly once", is_fine)]


def replayed(server: HubServer, requests: int) -> list[Row]:
    """Every push and pull again, one to five times, shuffled."""
    with desks(server) as made:
        chance = random.Random(6)
        for number in range(requests):
            made.anna.note(made.ticket, f"Note {number}")
        made.sync(made.anna)
        with look(made.anna.path) as seen:
            hub = joined(seen)
            assert hub is not None
            (console,) = seen.execute("SELECT console FROM store").fetchone()
            envelopes = next_push(seen, 0)
        made.sync(made.boris)
        with server.admin(made.hub) as admin:
            log = "SELECT md5(string_agg(encode(chain, 'hex'), '' ORDER BY seq)) FROM lampboard.op"
            before = admin.execute(log).fetchone(), made.sync(made.boris).state
            asked: list[Callable[[], object]] = []
            session, reading = Session(made.url(made.anna)), Session(made.url(made.boris))
            pieces = [envelopes[at : at + 7] for at in range(0, len(envelopes), 7)]
            for piece in pieces:
                asked += [partial(session.push, hub.epoch, console, 0, piece)] * chance.randint(1, 5)
            late = reading.pull(hub.epoch, "shared", BEGINNING)

            def again() -> None:
                job = made.boris.desk.write(lambda one: incoming.take_in(one, "shared", BEGINNING, late, 0))
                assert job.result(WAIT_SECONDS) is False

            asked += [again] * len(pieces)
            chance.shuffle(asked)
            for ask in asked:
                ask()
            session.close()
            reading.close()
            after = admin.execute(log).fetchone(), made.sync(made.boris).state
        found = "log and state unchanged" if before == after else "something changed"
        return [Row("duplicate, late, reordered delivery", f"{len(asked)} repeats", found, before == after)]


def broken_lines(server: HubServer, notes: int, bytes_a_second: int = 2000) -> list[Row]:
    """Cut, half open, slow, and 30 % of connections reset."""
    with desks(server) as made:
        return [
            _repaired(made, "network cut and mended", notes, _cut),
            _repaired(made, "half open line", max(1, notes // 4), _half_open),
            _slow(made, bytes_a_second),
            _reset(made, notes),
        ]


def _cut(line: FaultProxy) -> None:
    line.line.is_down = True
    line.cut()
    time.sleep(0.3)
    line.line.is_down = False


def _half_open(line: FaultProxy) -> None:
    line.line.is_half_open = True
    time.sleep(1.0)
    # The line comes back; what stood on it before is gone.
    line.cut()
    line.line.is_half_open = False


def _repaired(made: Desks, name: str, times: int, harm: Callable[[FaultProxy], None]) -> Row:
    longest = 0.0
    with fault_proxy(made.server.address) as line, noise(made, 30 + len(name)) as sender:
        url = line.url(made.hub, "anna")
        for number in range(times):
            made.anna.note(made.ticket, f"{name} {number}")
            make_noise(sender, 20)
            line.line.delay_seconds = 0.02
            harming = threading.Timer(0.1, harm, (line,))
            harming.start()
            _sync_for_ever(made, url)
            harming.join()
            mended = time.perf_counter()
            line.line.delay_seconds = 0.0
            _sync_for_ever(made, url)
            longest = max(longest, time.perf_counter() - mended)
    is_alike = made.are_alike()
    is_fine = is_alike and longest < REPAIR_SECONDS and not made.logged_twice()
    return Row(name, f"{times} times", f"clean {longest:.2f} s after the repair at most", is_fine)


def _sync_for_ever(made: Desks, url: str) -> None:
    """As a console does that goes on polling."""
    for _poll in range(30):
        try:
            made.anna.sync(url, tries=3)
        except HubError as error:
            if not error.is_passing:
                raise
            time.sleep(POLL_SECONDS / 10)
        else:
            return
    raise TimeoutError("no round came through")


def _slow(made: Desks, bytes_a_second: int) -> Row:
    with fault_proxy(made.server.address) as line:
        line.line.bytes_a_second = bytes_a_second
        made.anna.note(made.ticket, "over a slow line")
        began = time.perf_counter()
        report = made.anna.sync(line.url(made.hub, "anna"))
        seconds = time.perf_counter() - began
    is_fine = made.are_alike() and report.unsent == 0 and seconds < REPAIR_SECONDS
    return Row(f"slow line, {bytes_a_second} B/s", "1 round", f"clean in {seconds:.1f} s", is_fine)


def _reset(made: Desks, notes: int) -> Row:
    with fault_proxy(made.server.address) as line:
        line.line.reset_share = 0.3
        for number in range(notes):
            made.anna.note(made.ticket, f"reset {number}")
            _sync_for_ever(made, line.url(made.hub, "anna"))
        resets = line.counted.resets
    is_fine = made.are_alike() and made.sync(made.anna).unsent == 0 and not made.logged_twice()
    return Row("30 % of connections reset", f"{notes} rounds, {resets} resets", "all sent, alike", is_fine)
