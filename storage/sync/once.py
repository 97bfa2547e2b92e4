"""One round of sync: read what others did, send what was done here, read it back with its numbers."""

from __future__ import annotations

import random
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from core.clock import Clock, instant
from core.commands import NumberTicket
from core.errors import DomainError
from core.notices import Notice
from core.operations.envelope import Envelope
from storage.engine import open_file
from storage.hub.connecting import HubError
from storage.sync import incoming, numbers, outgoing
from storage.sync.base_documents import History, history
from storage.sync.history import streaming_in
from storage.sync.joined import (
    Cursor,
    Joined,
    cursor_of,
    joined,
    let_send,
    note_synced,
    own_log,
    sent_n,
    unsent,
)
from storage.sync.recovering import AWAITED, RECOVERABLE, check_heads, recover, stood_at
from storage.sync.session import Heads, Session
from storage.sync.state_hash import state_hash
from storage.sync.sync_log import READ_ONLY, log_failure, log_held, log_notices, log_round, trouble
from storage.sync.wire import BYTES_AT_ONCE, OPS_AT_ONCE, Arrival

if TYPE_CHECKING:
    from storage.desk import OpenDesk

Answer = TypeVar("Answer")

FIRST_WAIT_SECONDS = 0.05
LONGEST_WAIT_SECONDS = 5.0
TRIES = 6
"""Of a round that is asked for; a conversation with a person is not to last for ever."""

RECOVERIES = 3
"""How often a round begins anew after it found out that the hub was restored or this file copied."""

SYNCED_NOTED_SECONDS = 60
"""How often a desk on which nothing happens notes that the hub was there."""

LONGEST_WRITE_SECONDS = 600.0
"""An act of another desk may be a whole import."""


@dataclass
class Report:
    """What a round did: operations sent, received from others, refused with their reasons, and set aside."""

    sent: int = 0
    received: int = 0
    refused: dict[int, str] = field(default_factory=dict)
    set_aside: int = 0
    unsent: int = 0
    state: str = ""
    """One hash for everything that consoles share, where it was asked for."""
    heads: dict[str, int] = field(default_factory=dict)
    retries: int = 0
    awaited: int = 0
    """Operations of others that a restored hub has lost and their consoles have not sent again."""
    history: History | None = None
    """How much of the history is here that came folded from a keeper; None where nothing is left to come."""
    unfit: int = 0
    """Documents that could not be read."""
    notices: list[Notice] = field(default_factory=list)
    """What was found out and made good; each is told to a person once."""
    is_held: bool = False
    """True while work of this desk waits for the right to write."""
    has_turned: bool = False
    """True when the round before had failed, or work began to wait for the right to write."""

    @property
    def did_something(self) -> bool:
        """False for a look at a hub where nothing had moved."""
        return bool(self.sent or self.received or self.refused or self.notices)


class Pace(NamedTuple):
    """How much is sent at once and taken in within one transaction, and how long the desk rests in between."""

    ops_in: int
    ops_out: int
    bytes_out: int
    rest_seconds: float


AT_ONCE = Pace(1 << 30, OPS_AT_ONCE, BYTES_AT_ONCE, 0.0)
"""For a round that somebody waits for."""


def _nothing(told: object) -> None:
    """Nobody listens."""


class Round:
    """Rounds of sync of one open desk; `tell` hears of each wait before it begins, `on_step` of every step made."""

    def __init__(
        self,
        desk: OpenDesk,
        clock: Clock,
        open_session: Callable[[Joined], Session],
        tell: Callable[[HubError, float], None] = lambda error, seconds: None,
        tries: int = TRIES,
        *,
        pace: Pace = AT_ONCE,
        rest: Callable[[float], None] = time.sleep,
        on_step: Callable[[Report], None] = _nothing,
    ) -> None:
        self._desk = desk
        self._clock = clock
        self._open_session = open_session
        self._tell = tell
        self._tries = tries
        self._pace = pace
        self._rest = rest
        self._on_step = on_step
        self._session: Session | None = None
        self._file: sqlite3.Connection | None = None
        self._is_cut = False
        self.report = Report()

    def run(self) -> Report:
        """A whole round that a person asked for: they let everything be sent. HubError where that cannot be."""
        self._write(let_send)
        try:
            self.exchange()
            self.report.state = state_hash(self._reading())
        finally:
            self.hang_up()
        return self.report

    def exchange(self, *, sends: bool = True) -> Report:
        """Whatever moved here or there since the last time; the line stays open.

        Nothing is sent without `sends`, nor while the person has not let it. A hub that was restored and a desk that
        was copied are made good on the way; what fails is noted and raised.
        """
        self.report = Report()
        try:
            self._exchange(self._reading(), sends=sends)
        except DomainError as error:
            # A line that was cut because the console closes is no failure.
            if error.code != "hub.not_joined" and not self._is_cut:
                self.note_failure(error)
            raise
        return self.report

    def hang_up(self) -> None:
        """Close the line and the file; the next round opens them again."""
        self._close_line()
        file, self._file = self._file, None
        if file is not None:
            file.close()

    def _close_line(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            session.close()

    def _reading(self) -> sqlite3.Connection:
        if self._file is None:
            self._file = open_file(self._desk.path, read_only=True)
        return self._file

    def cut(self) -> None:
        """Break the line off from another thread, for good."""
        self._is_cut = True
        session = self._session
        if session is not None:
            session.cut()

    def _exchange(self, reading: sqlite3.Connection, *, sends: bool) -> None:
        for left in range(RECOVERIES, -1, -1):
            try:
                self._look(reading, sends=sends)
                return
            except HubError as error:
                if error.code not in RECOVERABLE or not left:
                    raise
                self._recover(reading, error)

    def _recover(self, reading: sqlite3.Connection, error: HubError) -> None:
        hub = joined(reading)
        assert hub is not None
        notices = self._asked(hub, lambda session: recover(self._desk, self._write, session, error))
        self.report.notices += notices
        now = instant(self._clock.now_ms())
        self._write(lambda connection: log_notices(connection, now, notices))

    def _look(self, reading: sqlite3.Connection, *, sends: bool) -> None:
        hub = joined(reading)
        if hub is None:
            raise HubError("hub.not_joined")
        console = own_log(reading).console
        heads = self._heads(reading, hub, console)
        self._pull(reading, hub, heads)
        may_send = sends and not hub.is_paused
        if may_send and self._push(reading, hub, console, heads):
            heads = self._heads(reading, hub, console)
            self._pull(reading, hub, heads)
        self._read_history(reading, hub, heads)
        self._lease(reading, hub, console)
        if may_send and self._number(reading) and self._push(reading, hub, console, heads):
            heads = self._heads(reading, hub, console)
            self._pull(reading, hub, heads)
        self.report.heads = heads.streams
        self.report.unsent = unsent(reading)
        self.report.is_held = outgoing.is_held(reading, sent_n(reading), heads.read_only)
        (self.report.set_aside,) = reading.execute("SELECT count(*) FROM quarantine").fetchone()
        self.report.history = history(reading)
        (self.report.awaited,) = reading.execute(AWAITED).fetchone()
        self._note_done(reading, hub)

    def _note_done(self, reading: sqlite3.Connection, hub: Joined) -> None:
        now, report = instant(self._clock.now_ms()), self.report
        stood = trouble(reading)
        report.has_turned = (stood.error if stood else "") != (READ_ONLY if report.is_held else "")
        is_due = hub.synced_at is None or not 0 <= now - hub.synced_at < SYNCED_NOTED_SECONDS
        if not (report.did_something or report.has_turned or is_due):
            return

        def note(connection: sqlite3.Connection) -> None:
            note_synced(connection, now)
            log_round(
                connection,
                now,
                sent=report.sent,
                received=report.received,
                refused=len(report.refused),
                set_aside=report.set_aside,
                is_held=report.is_held,
            )
            if report.is_held:
                log_held(connection, now)

        self._write_lightly(note)

    def note_failure(self, error: DomainError) -> None:
        """Write down why a round could not go through."""
        now = instant(self._clock.now_ms())
        try:
            self._write_lightly(lambda connection: log_failure(connection, now, error))
        except DomainError:
            # A full disk takes no note of it either; the error itself is told.
            return

    def _heads(self, reading: sqlite3.Connection, hub: Joined, console: bytes) -> Heads:
        before = stood_at(reading)
        heads = self._asked(hub, lambda session: session.heads(hub.epoch, console))
        check_heads(reading, before, heads)
        return heads

    def _pull(self, reading: sqlite3.Connection, hub: Joined, heads: Heads) -> None:
        try:
            for stream, head in heads.streams.items():
                while (cursor := cursor_of(reading, stream)).seq < head:
                    arrivals = self._asked(hub, self._pulling(hub, stream, cursor))
                    if not arrivals:
                        raise HubError("hub.log_broken", seq=cursor.seq + 1)
                    self._take_in(stream, cursor, arrivals, heads.hub_time)
        finally:
            self._desk.is_taking_in = False

    @staticmethod
    def _pulling(hub: Joined, stream: str, cursor: Cursor) -> Callable[[Session], list[Arrival]]:
        return lambda session: session.pull(hub.epoch, stream, cursor)

    def _take_in(self, stream: str, cursor: Cursor, arrivals: list[Arrival], hub_time: int) -> None:
        self._desk.is_taking_in = len(arrivals) > self._pace.ops_in
        for some in whole_acts(arrivals, self._pace.ops_in):
            received = self._write_lightly(self._taking_in(stream, cursor, some, hub_time))
            if received is None:
                # Another console of this desk was faster; where it stands now is read again.
                return
            self.report.received += received
            cursor = Cursor(some[-1].seq, some[-1].chain)
            self._on_step(self.report)
            self._rest(self._pace.rest_seconds)

    @staticmethod
    def _taking_in(
        stream: str, cursor: Cursor, arrivals: Sequence[Arrival], hub_time: int
    ) -> Callable[[sqlite3.Connection], int | None]:
        def take_in(connection: sqlite3.Connection) -> int | None:
            here = own_log(connection).console
            if not incoming.take_in(connection, stream, cursor, arrivals, hub_time):
                return None
            return sum(one.envelope.console != here for one in arrivals)

        return take_in

    def _read_history(self, reading: sqlite3.Connection, hub: Joined, heads: Heads) -> None:
        """Documents that are still to come, a few pages in each round; first those that somebody has worked on."""
        for stream in heads.streams:
            take = streaming_in(reading, stream)
            while take is not None:
                documents = self._asked(hub, take.ask(hub.epoch))
                unfit = self._write(take.take(documents))
                self.report.unfit += len(unfit)
                take = take.next(reading)

    def _push(self, reading: sqlite3.Connection, hub: Joined, console: bytes, heads: Heads) -> bool:
        """Send what is not known to have arrived; True if anything was. What the hub has already it answers again."""
        pace, has_sent = self._pace, False
        while envelopes := outgoing.allowed(
            outgoing.next_push(reading, sent_n(reading), pace.ops_out, pace.bytes_out), heads.last_n, heads.read_only
        ):
            self._push_some(hub, console, envelopes, heads.last_n)
            has_sent = True
            self._on_step(self.report)
            self._rest(pace.rest_seconds)
        return has_sent

    def _push_some(self, hub: Joined, console: bytes, envelopes: list[Envelope], had_n: int) -> None:
        answer = self._asked(hub, lambda session: session.push(hub.epoch, console, self._clock.now_ms(), envelopes))
        now = instant(self._clock.now_ms())
        # The hub may be further than this push: what it refused of the rest it says when that is sent.
        upto = min(answer.last_n, envelopes[-1].n)

        def note(connection: sqlite3.Connection) -> None:
            # Where the hub was left meanwhile, the numbers are those of another console now.
            if own_log(connection).console == console:
                outgoing.note_answer(connection, upto, answer.refused, now)

        self._write(note)
        self.report.sent += sum(had_n < one.n <= upto and one.n not in answer.refused for one in envelopes)
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
            self._desk.submit(NumberTicket(ticket), person).result(LONGEST_WRITE_SECONDS)
        return bool(waiting)

    def _write(self, job: Callable[[sqlite3.Connection], Answer]) -> Answer:
        answer: Answer = self._desk.write(job).result(LONGEST_WRITE_SECONDS)
        return answer

    def _write_lightly(self, job: Callable[[sqlite3.Connection], Answer]) -> Answer:
        answer: Answer = self._desk.write_lightly(job).result(LONGEST_WRITE_SECONDS)
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
                if error.code != "hub.met_another":
                    self._close_line()
                if not error.is_passing or not left:
                    raise
                seconds = wait * random.uniform(0.5, 1.5)  # noqa: S311 jitter is no secret
                self._tell(error, seconds)
                self.report.retries += 1
                self._rest(seconds)
                wait = min(2 * wait, LONGEST_WAIT_SECONDS)
        raise AssertionError("the last try answers or raises")


def whole_acts(arrivals: Sequence[Arrival], most: int) -> Iterator[Sequence[Arrival]]:
    """The same in pieces of about `most`, none of which ends within an act."""
    begin = 0
    for place in range(1, len(arrivals) + 1):
        is_end = place == len(arrivals)
        if is_end or (place - begin >= most and arrivals[place].envelope.txn != arrivals[place - 1].envelope.txn):
            yield arrivals[begin:place]
            begin = place
