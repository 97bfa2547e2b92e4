"""One round of sync: read what others did, send what was done here, read it back with its numbers."""

from __future__ import annotations

import random
import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from core.clock import Clock, instant
from core.commands import NumberTicket
from core.operations.envelope import Envelope
from storage.engine import open_file
from storage.hub.connecting import HubError
from storage.sync import incoming, numbers, outgoing
from storage.sync.joined import Cursor, Joined, cursor_of, hash_at, joined, note_sent, note_synced, own_log, unsent
from storage.sync.session import Heads, Session
from storage.sync.state_hash import state_hash
from storage.sync.wire import Arrival

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from storage.desk import OpenDesk

Answer = TypeVar("Answer")

FIRST_WAIT_SECONDS = 0.05
LONGEST_WAIT_SECONDS = 5.0
TRIES = 6
"""Of a round that is asked for; a conversation with a person is not to last for ever."""


@dataclass
class Report:
    """What a round did: operations sent, received from others, refused with their reasons, and set aside."""

    sent: int = 0
    received: int = 0
    refused: dict[int, str] = field(default_factory=dict)
    set_aside: int = 0
    unsent: int = 0
    state: str = ""
    """One hash for everything that consoles share."""
    heads: dict[str, int] = field(default_factory=dict)
    retries: int = 0


class Round:
    """A round of sync of one open desk; `tell` hears of each wait before it begins."""

    def __init__(
        self,
        desk: OpenDesk,
        clock: Clock,
        open_session: Callable[[Joined], Session],
        tell: Callable[[HubError, float], None] = lambda error, seconds: None,
        tries: int = TRIES,
    ) -> None:
        self._desk = desk
        self._clock = clock
        self._open_session = open_session
        self._tell = tell
        self._tries = tries
        self._session: Session | None = None
        self.report = Report()

    def run(self) -> Report:
        """Sync until nothing is left to send and every stream is read to its head; HubError where that cannot be."""
        reading = open_file(self._desk.path, read_only=True)
        try:
            self._run(reading)
        finally:
            reading.close()
            if self._session is not None:
                self._session.close()
        return self.report

    def _run(self, reading: sqlite3.Connection) -> None:
        hub = joined(reading)
        if hub is None:
            raise HubError("hub.not_joined")
        console = own_log(reading).console
        heads = self._heads(hub, console)
        self._compare(reading, heads)
        self._pull(reading, hub, heads)
        self._push(reading, hub, console)
        heads = self._heads(hub, console)
        self._pull(reading, hub, heads)
        self._lease(reading, hub, console)
        if self._number(reading):
            self._push(reading, hub, console)
            heads = self._heads(hub, console)
            self._pull(reading, hub, heads)
        now = instant(self._clock.now_ms())
        self._write(lambda connection: note_synced(connection, now))
        self.report.heads = heads.streams
        self.report.unsent = unsent(reading)
        self.report.state = state_hash(reading)
        (self.report.set_aside,) = reading.execute("SELECT count(*) FROM quarantine").fetchone()

    def _heads(self, hub: Joined, console: bytes) -> Heads:
        return self._asked(hub, lambda session: session.heads(hub.epoch, console))

    def _compare(self, reading: sqlite3.Connection, heads: Heads) -> None:
        """The hub's last operation of this console must be one of this file: else the file is a copy, or an old one."""
        if hash_at(reading, heads.last_n) != heads.last_hash:
            raise HubError("hub.console_copied")
        self._write(lambda connection: note_sent(connection, heads.last_n))

    def _pull(self, reading: sqlite3.Connection, hub: Joined, heads: Heads) -> None:
        here = own_log(reading).console
        for stream, head in heads.streams.items():
            while (cursor := cursor_of(reading, stream)).seq < head:
                arrivals = self._asked(hub, self._pulling(hub, stream, cursor))
                if not arrivals:
                    raise HubError("hub.log_broken", seq=cursor.seq + 1)
                job = self._taking_in(stream, cursor, arrivals, heads.hub_time)
                if self._write(job):
                    self.report.received += sum(one.envelope.console != here for one in arrivals)

    @staticmethod
    def _pulling(hub: Joined, stream: str, cursor: Cursor) -> Callable[[Session], list[Arrival]]:
        return lambda session: session.pull(hub.epoch, stream, cursor)

    @staticmethod
    def _taking_in(
        stream: str, cursor: Cursor, arrivals: list[Arrival], hub_time: int
    ) -> Callable[[sqlite3.Connection], bool]:
        return lambda connection: incoming.take_in(connection, stream, cursor, arrivals, hub_time)

    def _push(self, reading: sqlite3.Connection, hub: Joined, console: bytes) -> None:
        while True:
            (sent_n,) = reading.execute("SELECT sent_n FROM hub").fetchone()
            envelopes = outgoing.next_push(reading, sent_n)
            if not envelopes:
                return
            self._push_some(hub, console, envelopes)

    def _push_some(self, hub: Joined, console: bytes, envelopes: list[Envelope]) -> None:
        answer = self._asked(hub, lambda session: session.push(hub.epoch, console, self._clock.now_ms(), envelopes))
        now = instant(self._clock.now_ms())
        self._write(lambda connection: outgoing.note_answer(connection, answer.last_n, answer.refused, now))
        self.report.sent += len(envelopes) - len(answer.refused)
        self.report.refused |= answer.refused

    def _lease(self, reading: sqlite3.Connection, hub: Joined, console: bytes) -> None:
        if numbers.numbers_left(reading) >= numbers.RENEWED_AT:
            return
        highest = own_log(reading).last_number
        first = self._asked(hub, lambda session: session.lease(hub.epoch, console, numbers.BLOCK, highest))
        self._write(lambda connection: numbers.keep_block(connection, first, numbers.BLOCK))

    def _number(self, reading: sqlite3.Connection) -> bool:
        """Give numbers to what was opened while none was to be had; True when there was such a ticket."""
        waiting = numbers.without_number(reading)[: numbers.numbers_left(reading)]
        (person,) = reading.execute("SELECT person FROM hub").fetchone()
        for ticket in waiting:
            self._desk.submit(NumberTicket(ticket), person).result()
        return bool(waiting)

    def _write(self, job: Callable[[sqlite3.Connection], Answer]) -> Answer:
        def run(connection: Connection) -> Answer:
            driver = connection.connection.driver_connection
            assert isinstance(driver, sqlite3.Connection)
            return job(driver)

        answer: Answer = self._desk.write(run).result()
        return answer

    def _asked(self, hub: Joined, ask: Callable[[Session], Answer]) -> Answer:
        """An answer of the hub, asked again with growing, jittered waits while only the line stands in the way."""
        wait = FIRST_WAIT_SECONDS
        for left in range(self._tries - 1, -1, -1):
            try:
                if self._session is None:
                    self._session = self._open_session(hub)
                return ask(self._session)
            except HubError as error:
                if not error.is_passing or not left:
                    raise
                if error.code != "hub.met_another" and self._session is not None:
                    self._session.close()
                    self._session = None
                seconds = wait * random.uniform(0.5, 1.5)  # noqa: S311 jitter is no secret
                self._tell(error, seconds)
                self.report.retries += 1
                time.sleep(seconds)
                wait = min(2 * wait, LONGEST_WAIT_SECONDS)
        raise AssertionError("the last try answers or raises")
