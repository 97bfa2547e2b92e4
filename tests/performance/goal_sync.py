"""Sync beside its limits: what SQLite and PostgreSQL do bare, in turns with what a console and a hub do.

The server writes to the disk as it does for a company (`fsync` on). An operation has about 300 bytes. What is compared:

- a command on a desk that has joined a hub, and a bare commit of two rows
- a push of three operations, and a bare commit of one row
- pushes of 500 operations, and COPY of as many rows into a table with the log's two keys
- taking in what others wrote, and a bare `executemany` of one row an operation with three indexes
- pushes of eight consoles into one stream, and eight who lock a row and append
"""

from __future__ import annotations

import os
import sqlite3
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg

from core.commands import PostEntry, SetPriority
from core.operations.envelope import Envelope, canonical_json
from storage.engine import open_file
from storage.sync.incoming import take_in
from storage.sync.joined import Cursor, cursor_of
from storage.sync.session import Session
from tests.performance.figures import Figure
from tests.performance.meter import median
from tests.storage.desk_story import begin
from tests.storage.hub_story import Console, Sender, empty_console, of_story
from tests.support.hub_server import HubServer, local_server

GOAL = 15
COMMITS, PUSHES, PIECES, PIECE = 60, 60, 6, 500
CLIENTS = 8
TEXT = "The customer says that the printer on the second floor jams again since Monday. " * 2

BARE_LOG = (
    "CREATE TABLE bare_log (stream integer, seq bigint, console uuid, n bigint, body text, PRIMARY KEY (stream, seq),"
    " UNIQUE (console, n))"
)
BARE_APPEND = """
CREATE TABLE bare_stream (id integer PRIMARY KEY);
INSERT INTO bare_stream VALUES (1);
CREATE TABLE bare_op (stream integer, seq bigint, body text, PRIMARY KEY (stream, seq));
CREATE FUNCTION bare_append(p_bodies text[]) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE v_seq bigint;
BEGIN
    PERFORM 1 FROM bare_stream WHERE id = 1 FOR NO KEY UPDATE;
    SELECT coalesce(max(seq), 0) INTO v_seq FROM bare_op WHERE stream = 1;
    INSERT INTO bare_op SELECT 1, v_seq + u.nth, u.body FROM unnest(p_bodies) WITH ORDINALITY AS u(body, nth);
    RETURN v_seq;
END $$
"""
BARE_ROWS = "CREATE TABLE bare (id BLOB PRIMARY KEY, a TEXT, b TEXT, c TEXT, d INTEGER, e INTEGER, f INTEGER) STRICT"


def measure(rounds: int) -> list[Figure]:
    """The five ratios."""
    with tempfile.TemporaryDirectory(prefix="lampboard-bench-") as name, local_server(settings=()) as local:
        bench = _Bench(Path(name), local.server)
        try:
            return bench.measure(rounds)
        finally:
            bench.close()


class _Bench:
    """A desk that has joined, a colleague's console, and bare tables beside them."""

    def __init__(self, folder: Path, server: HubServer) -> None:
        self.folder, self.server = folder, server
        self.hub = server.hub("anna", "boris", "mallory")
        self.story = begin(folder / "anna.db")
        self.anna: Console = of_story(self.story, server, self.hub)
        self.anna.join()
        self.tickets = [self.story.open_ticket() for _ticket in range(COMMITS)]
        self.anna.sync()
        self.bare = sqlite3.connect(folder / "bare.db", isolation_level=None)
        self.bare.execute("PRAGMA journal_mode = WAL")
        self.bare.execute("PRAGMA synchronous = FULL")
        for table in ("one", "other"):
            self.bare.execute(f"CREATE TABLE {table} (n INTEGER PRIMARY KEY, body TEXT)")
        self.admin = server.admin(self.hub)
        self.admin.execute(BARE_LOG.encode())
        self.admin.execute(BARE_APPEND.encode())
        self.admin.execute("CREATE TABLE bare_row (n bigint PRIMARY KEY, body text)")
        self.sender = Sender(server, self.hub, "mallory", 1)
        self.turn = 0

    def close(self) -> None:
        """Let go of everything."""
        self.sender.session.close()
        self.admin.close()
        self.bare.close()
        self.anna.desk.close()

    def measure(self, rounds: int) -> list[Figure]:
        """Both sides of each figure in turns."""
        pairs: dict[str, tuple[Callable[[], float], Callable[[], float]]] = {
            "command": (self._command, self._two_rows),
            "push": (self._push, self._one_row),
            "backlog": (self._backlog, self._copy),
            "apply": (self._apply, self._executemany),
            "stream": (self._stream, self._append),
        }
        taken: dict[str, tuple[list[float], list[float]]] = {name: ([], []) for name in pairs}
        for _round in range(rounds):
            self.turn += 1
            for name, (ours, bare) in pairs.items():
                taken[name][0].append(ours())
                taken[name][1].append(bare())
        told = {name: (median(ours), median(bare)) for name, (ours, bare) in taken.items()}
        return [
            Figure(
                GOAL,
                "local command beside a bare commit of two rows",
                told["command"][0],
                4.0,
                "ms",
                told["command"][1],
            ),
            Figure(GOAL, "push of three beside a bare commit of one row", told["push"][0], 3.0, "ms", told["push"][1]),
            _rate("backlog push beside COPY", told["backlog"], 0.2, "op/s"),
            _rate("taking in beside bare executemany", told["apply"], 0.08, "op/s"),
            _rate("one stream beside lock and append", told["stream"], 0.6, "push/s"),
        ]

    def _command(self) -> float:
        def act(number: int) -> None:
            # A ticket has a dozen lines, not hundreds.
            self.anna.act(SetPriority(self.tickets[number], 1 + self.turn % 2))

        self.anna.act(PostEntry(self.tickets[0], "note", TEXT))
        return _milliseconds(act, COMMITS)

    def _two_rows(self) -> float:
        def commit(number: int) -> None:
            self.bare.execute("BEGIN IMMEDIATE")
            for table in ("one", "other"):
                self.bare.execute(f"INSERT INTO {table} (body) VALUES (?)", (TEXT,))
            self.bare.execute("COMMIT")

        return _milliseconds(commit, COMMITS)

    def _push(self) -> float:
        ready = [[self._operation() for _one in range(3)] for _push in range(PUSHES)]
        return _milliseconds(lambda number: self.sender.push(*ready[number]), PUSHES)

    def _one_row(self) -> float:
        first = self.turn * PUSHES
        query = "INSERT INTO bare_row VALUES (%s, %s)"
        return _milliseconds(lambda number: self.admin.execute(query, (first + number, TEXT)), PUSHES)

    def _operation(self) -> Envelope:
        """About 300 bytes of payload."""
        record = (b"%16d" % (self.sender.n + 1)).hex()
        fields = {"entity": "team", "record": record, "fields": {"name": TEXT}, "archived": False}
        return self.sender.operation(payload=canonical_json(fields))

    def _backlog(self) -> float:
        ready = [[self._operation() for _one in range(PIECE)] for _piece in range(PIECES)]
        seconds = _seconds(lambda: [self.sender.push(*piece) for piece in ready])
        return PIECES * PIECE / seconds

    def _copy(self) -> float:
        first, console = self.turn * PIECES * PIECE, os.urandom(16).hex()
        rows = [(1, first + n, console, n, TEXT + TEXT) for n in range(PIECES * PIECE)]

        def copy() -> None:
            with self.admin.cursor() as cursor, cursor.copy("COPY bare_log FROM STDIN") as target:
                for row in rows:
                    target.write_row(row)

        return len(rows) / _seconds(copy)

    def _apply(self) -> float:
        """A new console takes in all that the hub has, in pieces as they come."""
        boris = empty_console(self.folder / f"boris-{self.turn}.db", self.server, self.hub, "boris", seed=40)
        boris.desk.close()
        connection = open_file(boris.path)
        connection.execute("PRAGMA synchronous = NORMAL")
        with closing(Session(boris.url)) as session, closing(connection):
            epoch = self.sender.welcome.epoch
            connection.execute(
                "INSERT INTO hub (only, url, epoch, login, person, joined_at) VALUES (1, '', ?, 'boris', ?, 0)",
                (epoch, boris.person),
            )
            pieces, cursor = [], cursor_of(connection, "shared")
            while arrivals := session.pull(epoch, "shared", cursor):
                pieces.append((cursor, arrivals))
                cursor = Cursor(arrivals[-1].seq, arrivals[-1].chain)

            def apply() -> None:
                for before, some in pieces:
                    connection.execute("BEGIN IMMEDIATE")
                    assert take_in(connection, "shared", before, some, 0)
                    connection.execute("COMMIT")

            seconds = _seconds(apply)
        return sum(len(some) for _before, some in pieces) / seconds

    def _executemany(self) -> float:
        count = PIECES * PIECE * self.turn
        with closing(sqlite3.connect(self.folder / f"rows-{self.turn}.db", isolation_level=None)) as bare:
            bare.execute("PRAGMA journal_mode = WAL")
            bare.execute("PRAGMA synchronous = NORMAL")
            bare.execute(BARE_ROWS)
            for column in "ade":
                bare.execute(f"CREATE INDEX bare_by_{column} ON bare ({column})")
            rows = [(os.urandom(16), TEXT[:40], TEXT, TEXT, n, n * 7, n * 13) for n in range(count)]
            told = "INSERT INTO bare VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET b = excluded.b"

            def write() -> None:
                bare.execute("BEGIN IMMEDIATE")
                bare.executemany(told, rows)
                bare.execute("COMMIT")

            return count / _seconds(write)

    def _stream(self) -> float:
        self.admin.execute("ALTER ROLE mallory CONNECTION LIMIT 50")
        first = 100 + CLIENTS * self.turn
        with _clients(lambda one: Sender(self.server, self.hub, "mallory", first + one, person=101)) as senders:
            ready = [[[one.operation() for _op in range(3)] for _push in range(PUSHES)] for one in senders]
            return _rate_of(lambda client, number: senders[client].push(*ready[client][number]))

    def _append(self) -> float:
        with _connections(lambda: psycopg.connect(self.server.url(self.hub), autocommit=True)) as connections:
            bodies = [TEXT + TEXT] * 3
            return _rate_of(lambda client, _number: connections[client].execute("SELECT bare_append(%s)", (bodies,)))


def _rate(name: str, told: tuple[float, float], limit: float, unit: str) -> Figure:
    return Figure(GOAL, name, told[0], limit, unit, told[1], at_least=True)


def _milliseconds(work: Callable[[int], object], count: int) -> float:
    """The median of so many."""
    taken = []
    for number in range(count):
        began = time.perf_counter()
        work(number)
        taken.append((time.perf_counter() - began) * 1000)
    return median(taken)


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


@contextmanager
def _clients(make: Callable[[int], Sender]) -> Iterator[list[Sender]]:
    made: list[Sender] = []
    try:
        for number in range(CLIENTS):
            made.append(make(number))
        yield made
    finally:
        for one in made:
            one.session.close()


@contextmanager
def _connections(make: Callable[[], psycopg.Connection[Any]]) -> Iterator[list[psycopg.Connection[Any]]]:
    made: list[psycopg.Connection[Any]] = []
    try:
        made += [make() for _client in range(CLIENTS)]
        yield made
    finally:
        for one in made:
            one.close()


def _rate_of(push: Callable[[int, int], object]) -> float:
    """Pushes a second of all clients together, each of whom has so many ready."""
    errors = list[Exception]()

    def run(client: int) -> None:
        try:
            for number in range(PUSHES):
                push(client, number)
        except Exception as error:  # noqa: BLE001 the one who waits raises it
            errors.append(error)

    threads = [threading.Thread(target=run, args=(client,)) for client in range(CLIENTS)]

    def together() -> None:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    seconds = _seconds(together)
    if errors:
        raise errors[0]
    return CLIENTS * PUSHES / seconds


if __name__ == "__main__":
    from tests.performance.figures import table

    print(table(measure(3)))
