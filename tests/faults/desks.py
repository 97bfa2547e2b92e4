"""Consoles for faults: Anna's desk with a ticket to write on, Boris's, and a colleague who only makes noise."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from core.commands import Command, OpenTicket, PostEntry
from core.ids import EntityId, IdMaker
from storage.desk import OpenDesk
from storage.sync.once import Report, Round
from storage.sync.session import Session
from tests.storage.desk_story import WAIT_SECONDS, begin, look
from tests.storage.hub_story import Sender, empty_console, keep, of_story
from tests.support.hub_server import HubServer

TRIES = 12


class SkewedClock:
    """The machine's time, wrong by as much as one likes."""

    skew_ms = 0

    def now_ms(self) -> int:
        """Milliseconds since 1970 in UTC, as this console believes."""
        return time.time_ns() // 1_000_000 + self.skew_ms


class Seat:
    """A desk's file and who works at it, by the machine's clock."""

    def __init__(self, path: Path, login: str, person: EntityId) -> None:
        self.path, self.login, self.person = path, login, person
        self.clock = SkewedClock()
        self.desk = self._open()

    def _open(self) -> OpenDesk:
        return OpenDesk(self.path, self.clock, IdMaker(self.clock.now_ms, os.urandom))

    def reopen(self) -> None:
        """As the next process finds it."""
        self.desk.close()
        self.desk = self._open()

    def act(self, command: Command) -> EntityId:
        """Do it and wait until it is on the disk; the first thing that it touched."""
        return self.desk.submit(command, self.person).result(WAIT_SECONDS).touched[0]

    def note(self, ticket: EntityId, text: str) -> None:
        """Write a note."""
        self.act(PostEntry(ticket, "note", text))

    def sync(self, url: str, tries: int = TRIES) -> Report:
        """One round over a line."""
        return Round(self.desk, self.clock, lambda hub: Session(url), tries=tries).run()

    def value(self, query: str, *values: object) -> Any:
        """The one value of a query."""
        with closing(look(self.path)) as seen:
            return seen.execute(query, values).fetchone()[0]

    def notes(self) -> Counter[str]:
        """How often each note is there."""
        with closing(look(self.path)) as seen:
            return Counter(text for (text,) in seen.execute("SELECT text FROM entry WHERE kind = 'note'"))

    def is_whole(self) -> bool:
        """Whether the file is in order."""
        with closing(look(self.path)) as seen:
            return bool(seen.execute("PRAGMA integrity_check").fetchone() == ("ok",))


@dataclass
class Desks:
    """Two seats at one hub, and a ticket that both know."""

    server: HubServer
    hub: str
    anna: Seat
    boris: Seat
    ticket: EntityId
    folder: Path

    def url(self, seat: Seat) -> str:
        """The hub without anything in between."""
        return self.server.url(self.hub, seat.login)

    def sync(self, *seats: Seat) -> Report:
        """Rounds without anything in between; the last one's report."""
        report = Report()
        for seat in seats:
            report = seat.sync(self.url(seat))
        return report

    def are_alike(self) -> bool:
        """Whether both show the same once both have sent and read everything."""
        states = [self.sync(seat).state for seat in (self.anna, self.boris, self.anna, self.boris)]
        return states[2] == states[3]

    def logged_twice(self) -> int:
        """Operations that the hub has more than once; 0 unless something is broken."""
        with self.server.admin(self.hub) as admin:
            row = admin.execute("SELECT count(*) - count(DISTINCT (console, n)) FROM lampboard.op").fetchone()
        assert row is not None
        return int(row[0])

    def doubled(self, *seats: Seat) -> int:
        """What the hub, or one of these seats, has more than once."""
        return self.logged_twice() + sum(count > 1 for seat in seats for count in seat.notes().values())

    def is_dense(self) -> bool:
        """Whether the hub's log has no holes."""
        with self.server.admin(self.hub) as admin:
            row = admin.execute("SELECT count(*) = coalesce(max(seq), 0) FROM lampboard.op").fetchone()
        assert row is not None
        return bool(row[0])


@contextmanager
def desks(server: HubServer, below: Path | None = None) -> Iterator[Desks]:
    """Both seats, joined and alike, their files in a folder that goes with them."""
    with TemporaryDirectory(prefix="lampboard-faults-", dir=below) as name:
        folder = Path(name)
        hub = server.hub("anna", "boris", "mallory")
        first = of_story(begin(folder / "anna.db"), server, hub)
        second = empty_console(folder / "boris.db", server, hub, "boris", seed=2)
        for console in (first, second):
            console.join()
        keep(first, second)
        anna, boris = Seat(first.path, "anna", first.person), Seat(second.path, "boris", second.person)
        try:
            ticket = anna.act(OpenTicket("Printer jams", None, 3))
            made = Desks(server, hub, anna, boris, ticket, folder)
            made.sync(anna, boris)
            yield made
        finally:
            anna.desk.close()
            boris.desk.close()


@contextmanager
def noise(made: Desks, number: int = 6) -> Iterator[Sender]:
    """A colleague whose many records everybody has to read."""
    sender = Sender(made.server, made.hub, "mallory", number)
    try:
        yield sender
    finally:
        sender.session.close()


def make_noise(sender: Sender, count: int) -> None:
    """So many operations in one push."""
    sender.push(*(sender.operation() for _ in range(count)), now_ms=time.time_ns() // 1_000_000)
