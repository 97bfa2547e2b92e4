"""A keeper: a console like any other that also writes down what it folded and sends what the others wrote.

One at a time is at work, by a lease that the hub's clock measures; others follow along and take over when it ends.
Nothing is wrong where two are: documents never become older, and of a reply's claims the first in the hub's log counts.
"""

from __future__ import annotations

import random
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from core.clock import COUNTER_BITS, Clock, instant
from core.delivery import HANDING
from core.state_document import VERSION
from storage.engine import open_file
from storage.hub.connecting import HubError
from storage.outbox import Outbox, WaitingReply
from storage.sync.documents_kept import in_parcels, touched, written
from storage.sync.joined import Joined, cursor_of, joined, own_log, unsent
from storage.sync.keeper_session import KeeperSession, Lease
from storage.sync.once import Report, Round
from storage.sync.recovering import RECOVERABLE
from storage.sync.refold import stamped_state
from storage.sync.report_rows import (
    TABLES,
    Parcel,
    all_rows,
    changed_rows,
    forget_marks,
    is_all_stale,
    newest_mark,
    watch_rows,
)

if TYPE_CHECKING:
    from storage.desk import OpenDesk

Answer = TypeVar("Answer")

LEASE_SECONDS = 90
LOOK_SECONDS = 2.0
LONGEST_WAIT_SECONDS = 300.0


@dataclass
class Kept:
    """What one look did; `other` is the console at work where it is another's turn, for `seconds_left` at least."""

    sync: Report | None = None
    other: bytes | None = None
    seconds_left: float = 0.0
    documents: int = 0
    unwritable: int = 0
    """Records that came from no program of ours, of which no document can be made."""
    rows: int = 0
    mails: int = 0


class HubClock:
    """The console's clock set right by the hub's: replies are due, and claims old, by one clock for all keepers."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._ahead_ms = 0

    def now_ms(self) -> int:
        """Milliseconds since 1970 on the hub, as far as it was heard."""
        return self._clock.now_ms() + self._ahead_ms

    def heard(self, hub_ms: int) -> None:
        """Set it."""
        self._ahead_ms = hub_ms - self._clock.now_ms()


class Keeper:
    """A keeper on an open desk. `mail` makes its outbox from a clock and the question whether a claim counts."""

    def __init__(
        self,
        desk: OpenDesk,
        clock: Clock,
        open_session: Callable[[Joined], KeeperSession],
        mail: Callable[[Clock, Callable[[WaitingReply], bool]], Outbox] | None = None,
        tell: Callable[[HubError, float], None] = lambda error, seconds: None,
    ) -> None:
        self._desk = desk
        self._clock = clock
        self._hub_clock = HubClock(clock)
        self._open_session = open_session
        self._tell = tell
        self._session: KeeperSession | None = None
        self._outbox = None if mail is None else mail(self._hub_clock, self._holds)
        self._is_first = True

    def run(
        self,
        stopping: threading.Event,
        on_look: Callable[[Kept], None],
        *,
        look_seconds: float = LOOK_SECONDS,
        is_rebuilding: bool = False,
    ) -> None:
        """Look again and again until `stopping`; a line that is down is waited for, with growing, jittered waits."""
        wait = look_seconds
        while not stopping.is_set():
            try:
                on_look(self.look(is_rebuilding=is_rebuilding))
                wait, is_rebuilding = look_seconds, False
            except HubError as error:
                if not error.is_passing and error.code != "hub.not_the_keeper":
                    raise
                wait = min(2 * wait, LONGEST_WAIT_SECONDS)
                self._tell(error, wait)
            stopping.wait(wait * random.uniform(0.75, 1.25))  # noqa: S311 jitter is no secret

    def end_soon(self) -> None:
        """Begin nothing new; may be called from anywhere."""
        if self._outbox is not None:
            self._outbox.end_soon()

    def close(self) -> None:
        """Give the lease back, so that another keeper need not wait for its end, and hang up."""
        if self._outbox is not None:
            self._outbox.stop()
        if self._session is None:
            return
        with suppress(HubError):
            self._lease(0)
        self._hang_up()

    def look(self, *, is_rebuilding: bool = False) -> Kept:
        """Sync, and where it is this keeper's turn send mail and write down what is new.

        A hub that was restored is found back to on the way, as every console does it.
        """
        try:
            return self._look(is_rebuilding=is_rebuilding)
        except HubError as error:
            if error.code not in RECOVERABLE:
                raise
        # The round makes good what was found, or says why only a person can.
        report = self._round()
        kept = self._look(is_rebuilding=is_rebuilding)
        kept.sync = kept.sync or report
        return kept

    def _look(self, *, is_rebuilding: bool) -> Kept:
        try:
            lease = self._lease(LEASE_SECONDS)
            kept = Kept(self._sync())
            if not lease.is_held:
                kept.other, kept.seconds_left = lease.console, lease.seconds_left
                return kept
            if self._outbox is not None:
                before = self._outbox.handed
                self._outbox.look()
                kept.mails = self._outbox.handed - before
                if self._read(unsent):
                    kept.sync = self._sync()
            self._write_documents(kept)
            self._write_reports(kept, is_all=is_rebuilding)
            return kept
        except HubError as error:
            if error.is_passing:
                self._hang_up()
            raise

    # Talk.

    def _sync(self, *, is_certain: bool = False) -> Report | None:
        """A round, unless the hub has nothing new and the desk nothing unsent; with `is_certain` in any case."""
        with self._looking() as reading:
            hub, console = self._joined(reading), own_log(reading).console
            heads = self._talk(hub).heads(hub.epoch, console)
            self._hub_clock.heard(heads.hub_time >> COUNTER_BITS)
            is_read = all(cursor_of(reading, stream).seq == head for stream, head in heads.streams.items())
            if is_read and not unsent(reading) and not self._is_first and not is_certain:
                return None
        return self._round()

    def _round(self) -> Report:
        round_ = Round(self._desk, self._clock, self._open_session, self._tell)
        if self._is_first:
            # Who starts a keeper lets everything be sent.
            report = round_.run()
            self._is_first = False
            return report
        try:
            return round_.exchange()
        finally:
            round_.hang_up()

    def _lease(self, seconds: int) -> Lease:
        with self._looking() as reading:
            hub, console = self._joined(reading), own_log(reading).console
        return self._talk(hub).lease_keeping(hub.epoch, console, seconds)

    def _talk(self, hub: Joined) -> KeeperSession:
        if self._session is None:
            self._session = self._open_session(hub)
        return self._session

    def _hang_up(self) -> None:
        if self._session is not None:
            self._session.close()
            self._session = None

    def _holds(self, reply: WaitingReply) -> bool:
        """Whether the hub has this desk's claim of a reply as the one that counts."""
        self._sync(is_certain=True)
        with self._looking() as reading:
            state = stamped_state(reading, reply.ticket)
            claim = state.writers.get(f"delivery:{reply.entry.hex()}")
            entry = state.known_entries.get(reply.entry)
            if claim is None or entry is None or claim.value != HANDING:
                return False
            return claim.stamp.console == own_log(reading).console and not entry.hidden

    # What is written down.

    def _write_documents(self, kept: Kept) -> None:
        # One snapshot: another process on this desk may read on from the hub meanwhile.
        with self._snapshot() as reading:
            hub, console = self._joined(reading), own_log(reading).console
            session = self._talk(hub)
            for stream in session.heads(hub.epoch, console).kept:
                folded, here = session.folded(hub.epoch, stream), cursor_of(reading, stream)
                is_old = folded.doc_version != VERSION
                if here.seq == 0 or (folded.cursor.seq >= here.seq and not is_old):
                    continue
                records = touched(reading, stream, 0 if is_old else folded.cursor.seq, here.seq)
                now = instant(self._hub_clock.now_ms())
                for parcel in in_parcels(self._counted(written(reading, one, now), kept) for one in records):
                    session.keep(hub.epoch, console, stream, parcel, here, is_whole=False)
                    session.lease_keeping(hub.epoch, console, LEASE_SECONDS)
                session.keep(hub.epoch, console, stream, (), here, is_whole=True)

    @staticmethod
    def _counted(document: Any, kept: Kept) -> Any:
        if document is None:
            kept.unwritable += 1
        else:
            kept.documents += 1
        return document

    def _write_reports(self, kept: Kept, *, is_all: bool) -> None:
        self._write(watch_rows)
        with self._snapshot() as reading:
            upto = newest_mark(reading)
            if not upto and not is_all:
                return
            hub, console = self._joined(reading), own_log(reading).console
            session = self._talk(hub)
            parcels = _from_the_beginning(reading) if is_all or is_all_stale(reading) else _changed(reading, upto)
            with session.at_once():
                for parcel, is_first in parcels:
                    session.report(hub.epoch, console, *parcel, is_all=is_first)
                    kept.rows += len(parcel.rows)
        self._write(lambda connection: forget_marks(connection, upto))

    # The desk's file.

    @contextmanager
    def _looking(self) -> Iterator[sqlite3.Connection]:
        with closing(open_file(self._desk.path, read_only=True)) as reading:
            yield reading

    @contextmanager
    def _snapshot(self) -> Iterator[sqlite3.Connection]:
        with self._looking() as reading:
            reading.execute("BEGIN")
            yield reading

    def _read(self, query: Callable[[sqlite3.Connection], Answer]) -> Answer:
        with self._looking() as reading:
            return query(reading)

    @staticmethod
    def _joined(reading: sqlite3.Connection) -> Joined:
        hub = joined(reading)
        if hub is None:
            raise HubError("hub.not_joined")
        return hub

    def _write(self, job: Callable[[sqlite3.Connection], Any]) -> None:
        self._desk.write(job).result()


def _changed(reading: sqlite3.Connection, upto: int) -> Iterator[tuple[Parcel, bool]]:
    return ((parcel, False) for parcel in changed_rows(reading, upto))


def _from_the_beginning(reading: sqlite3.Connection) -> Iterator[tuple[Parcel, bool]]:
    for table in TABLES:
        for place, parcel in enumerate(all_rows(reading, table)):
            yield parcel, place == 0
