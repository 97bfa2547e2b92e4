"""Many who commit at their own pace, and who looks for what is new: a cursor over an identity column beside ours."""

from __future__ import annotations

import random
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing

import psycopg

from storage.hub.running import Hub
from storage.sync.incoming import check_arrivals
from storage.sync.session import Session
from tests.faults.desks import TRIES, desks
from tests.faults.result import Row
from tests.storage.hub_story import BEGINNING, Sender
from tests.support.hub_server import HubServer

WRITERS = 16
PAUSING = 0.3
LONGEST_PAUSE_SECONDS = 0.02
NAIVE_MUST_MISS = 0.10
"""Else the load proves nothing about a cursor that misses nothing."""
POLL_SECONDS = 0.002


def committers(server: HubServer, seconds: float) -> list[Row]:
    """Both cursors under the same load in the same run; neither reads again what it has passed."""
    with desks(server) as made:
        logins = [f"writer_{number}" for number in range(WRITERS // 4)]
        with Hub(server.url(made.hub)) as hub, server.admin(made.hub) as admin:
            for login in logins:
                hub.grant(login, "shared", "write")
                # A login has three otherwise.
                admin.execute(f"ALTER ROLE {login} CONNECTION LIMIT 20".encode())
            admin.execute("CREATE TABLE naive (seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, at integer)")
        ended, errors = threading.Event(), list[BaseException]()

        works = [
            *(_thread(_write_naively, errors, server, made.hub, number, ended) for number in range(WRITERS)),
            *(
                _thread(_write, errors, server, made.hub, logins[number % len(logins)], number, ended)
                for number in range(WRITERS)
            ),
        ]
        naive, ours = _Naive(server, made.hub, ended), _Ours(server, made.hub, ended)
        works += [_thread(naive.read, errors), _thread(ours.read, errors)]
        for work in works:
            work.start()
        time.sleep(seconds)
        ended.set()
        for work in works:
            work.join(60)
        if errors:
            raise errors[0]
        with server.admin(made.hub) as admin:
            written = admin.execute("SELECT count(*) FROM naive").fetchone()
            logged = admin.execute("SELECT count(*) FROM lampboard.op").fetchone()
    assert written is not None
    assert logged is not None
    missed, missed_by_naive = logged[0] - ours.read_rows, written[0] - naive.read_rows
    share = missed_by_naive / max(written[0], 1)
    found = f"ours missed {missed} of {logged[0]}; naive cursor missed {share:.0%} of {written[0]}"
    is_fine = missed == 0 and share > NAIVE_MUST_MISS
    return [Row("concurrent committers, delayed commit", f"{WRITERS} writers, {seconds:g} s", found, is_fine)]


def _thread(work: Callable[..., object], errors: list[BaseException], *values: object) -> threading.Thread:
    def run() -> None:
        try:
            work(*values)
        except BaseException as error:  # noqa: BLE001 the one who waits raises it
            errors.append(error)

    return threading.Thread(target=run, daemon=True)


def _pause(chance: random.Random) -> None:
    if chance.random() < PAUSING:
        time.sleep(chance.random() * LONGEST_PAUSE_SECONDS)


def _write_naively(server: HubServer, hub: str, number: int, ended: threading.Event) -> None:
    chance = random.Random(number)
    with psycopg.connect(server.url(hub)) as connection:
        while not ended.is_set():
            with connection.transaction():
                connection.execute("INSERT INTO naive (at) VALUES (%s)", (number,))
                _pause(chance)


def _write(server: HubServer, hub: str, login: str, number: int, ended: threading.Event) -> None:
    """Pushes that are committed late: the stream's lock is held meanwhile."""
    chance = random.Random(100 + number)
    sender = Sender(server, hub, login, 100 + number, person=1 + sum(map(ord, login)) % 90)
    with closing(sender.session):
        connection = sender.session._connection
        while not ended.is_set():
            with connection.transaction():
                sender.push(sender.operation(), now_ms=time.time_ns() // 1_000_000)
                _pause(chance)


class _Reader:
    """Looks for what is new, and counts it, until everybody is done and once more."""

    def __init__(self, server: HubServer, hub: str, ended: threading.Event) -> None:
        self._server, self._hub, self._ended = server, hub, ended
        self.read_rows = 0

    def _looks(self) -> Iterator[None]:
        while not self._ended.is_set():
            yield
            time.sleep(POLL_SECONDS)
        time.sleep(1)
        yield


class _Naive(_Reader):
    """Reads what is beyond the last number that it saw."""

    def read(self) -> None:
        cursor = 0
        with self._server.admin(self._hub) as connection:
            for _look in self._looks():
                rows = connection.execute("SELECT seq FROM naive WHERE seq > %s ORDER BY seq", (cursor,)).fetchall()
                self.read_rows += len(rows)
                cursor = rows[-1][0] if rows else cursor


class _Ours(_Reader):
    """Reads as a console does, and checks chain and numbers."""

    def read(self) -> None:
        cursor = BEGINNING
        with self._server.admin(self._hub) as admin:
            row = admin.execute("SELECT epoch FROM lampboard.hub_meta").fetchone()
        assert row is not None
        epoch: uuid.UUID = row[0]
        with closing(Session(self._server.url(self._hub, "boris"))) as session:
            for _look in self._looks():
                arrivals = session.pull(epoch.bytes, "shared", cursor)
                while arrivals:
                    cursor = check_arrivals(cursor, arrivals)
                    self.read_rows += len(arrivals)
                    arrivals = session.pull(epoch.bytes, "shared", cursor)


def open_transaction(server: HubServer, seconds: float = 10.0) -> list[Row]:
    """Somebody pushes and never commits: others' streams go on, the own one until the server ends it."""
    with desks(server) as made:
        with server.admin(made.hub) as admin:
            admin.execute("INSERT INTO lampboard.stream (id, name) VALUES (7, 'board')")
        with Hub(server.url(made.hub)) as hub:
            hub.grant("mallory", "board", "write")
        holder = Sender(server, made.hub, "mallory", 61)
        other = Sender(server, made.hub, "mallory", 62)
        with closing(holder.session), closing(other.session):
            connection = holder.session._connection
            connection.autocommit = False
            holder.push(holder.operation())
            began = time.perf_counter()
            made.sync(made.boris)
            other.push(other.operation(stream="board"))
            elsewhere = time.perf_counter() - began
            made.anna.note(made.ticket, "behind the lock")
            made.anna.sync(made.url(made.anna), tries=TRIES)
            behind = time.perf_counter() - began
        is_alike = made.are_alike()
    found = f"other stream and pulls in {elsewhere:.2f} s, own stream after {behind:.1f} s"
    is_fine = is_alike and elsewhere < 1.0 and behind < seconds + 5.0
    return [Row("open writing transaction", f"idle limit {seconds:g} s", found, is_fine)]
