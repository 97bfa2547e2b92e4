"""A desk's file made anew from its hub, beside the old one, which it replaces when it is whole.

What is in use comes first, as documents that a keeper folded, then the log behind them, then what only the old file
has; closed tickets follow while people work. Whatever stops it leaves the old file as it was.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from core.clock import COUNTER_BITS, Clock, instant
from core.ids import EntityId, IdMaker
from core.operations.envelope import FIRST_HASH, Envelope
from core.state_document import VERSION
from storage.caller_index import refresh_few
from storage.checkpoint import checkpoint
from storage.engine import StoreError, create_file, explain, held_alone, open_file
from storage.hub.connecting import HubError
from storage.safekeeping.newer_work import is_unused
from storage.safekeeping.taking_place import folder_explained, take_the_place
from storage.safekeeping.whole_file import UNFINISHED, sweep
from storage.sync.base_documents import begin_stream, take_documents, waiting_for_documents
from storage.sync.common_part import common_part
from storage.sync.incoming import take_in
from storage.sync.joined import Cursor, FoundBack, cursor_of, found_back, join, own_log
from storage.sync.numbers import BLOCK, keep_block
from storage.sync.refused_work import count_open
from storage.sync.renewing import (
    ids_after,
    keep_refused,
    last_known,
    names_after,
    names_elsewhere,
    place_after,
    rename_in_local_tables,
    sign_anew,
)
from storage.sync.salvage import Identity, Salvaged, salvage

if TYPE_CHECKING:
    from storage.sync.session import Heads, KeptDocument, Session, Welcome

LONG_LOG = 5000
"""Operations, from which documents are read sooner than the log."""

Tell = Callable[[int, int], None]
"""How many documents of how many in use, and operations behind them, are here."""


class MadeAnew(NamedTuple):
    """What came of it: the old file, own operations that were taken along, the numbers of those that were lost.

    `unfit` documents of the hub, and `unreadable` tables of the old file, could not be read.
    """

    before: Path
    unsent: int
    lost: tuple[int, ...]
    unfit: int
    unreadable: tuple[str, ...]
    refused: int
    """Operations that the hub had refused and that nobody had settled: they came along as such."""


def make_anew(
    path: Path,
    clock: Clock,
    new_id: IdMaker,
    open_session: Callable[[str], Session],
    *,
    url: str | None = None,
    tell: Tell = lambda done, total: None,
) -> MadeAnew:
    """Make the desk at `path` anew; `url` where the old file no longer says which hub it had joined.

    StoreError `store.busy` while anybody has it open; HubError where the hub cannot be used.
    """
    building = path.with_name(path.name + UNFINISHED)
    with folder_explained(path):
        sweep(building)
    try:
        with held_alone(path) as old:
            known = salvage(old, path)
            hub_url = url or (known.hub and known.hub.url)
            if hub_url is None:
                is_told = known.identity is not None and "hub" not in known.unreadable
                raise HubError("hub.not_joined" if is_told else "hub.unknown_here")
            with closing(open_session(hub_url)) as session:
                lost, unsent, unfit, still_open = _Building(
                    building, session, hub_url, known, old, clock, new_id, tell
                ).build()
            with folder_explained(path):
                before = take_the_place(building, path, old)
                assert before is not None
    finally:
        with suppress(OSError):
            sweep(building)
    return MadeAnew(before, unsent, lost, unfit, tuple(known.unreadable), still_open)


def is_empty(path: Path) -> bool:
    """Whether nothing but the first colleague is on a desk, and nothing was read from a hub."""
    with closing(open_file(path, read_only=True)) as reading:
        return is_unused(reading)


def is_worth_documents(path: Path, session: Session, epoch: bytes) -> bool:
    """Whether a desk that has just joined does better to begin with documents: it is empty, and the log is long."""
    if not is_empty(path):
        return False
    with closing(open_file(path, read_only=True)) as reading:
        console = own_log(reading).console
    streams = session.heads(epoch, console).streams
    return any(session.folded(epoch, stream).cursor.seq > LONG_LOG for stream in streams)


class _Building:
    def __init__(
        self,
        path: Path,
        session: Session,
        url: str,
        known: Salvaged,
        old: sqlite3.Connection,
        clock: Clock,
        new_id: IdMaker,
        tell: Tell,
    ) -> None:
        self._path = path
        self._session = session
        self._url = url
        self._known = known
        self._old = old
        self._clock = clock
        self._tell = tell
        self._console = new_id()
        self._identity = known.identity or self._as_found(path, known, new_id)
        self._unfit = 0

    def build(self) -> tuple[tuple[int, ...], int, int, int]:
        """Fill the new file; answers what of the own log is lost, unsent, unfit documents and what stays refused."""
        # The hub knows whom a login speaks for, whoever is named here, once it has joined.
        known = self._known
        person = known.hub.person if known.hub else self._identity.person or self._console
        connection = create_file(self._path)
        try:
            # Until it has its name nobody minds a power cut.
            connection.execute("PRAGMA synchronous = OFF")
            self._begin(connection)
            welcome = self._session.join(self._console, person)
            heads = self._session.heads(welcome.epoch, self._console)
            with _transaction(connection):
                now = instant(self._clock.now_ms())
                join(connection, self._url, welcome.epoch, welcome.login, welcome.person, now)
                connection.execute("UPDATE store SET person = ?", (welcome.person,))
                # Documents do not say when they were written to: the hub gave no time after the end of this moment.
                seen = heads.hub_time | ((1 << COUNTER_BITS) - 1)
                connection.execute("UPDATE hub SET hub_time = ?", (seen,))
                connection.execute("UPDATE store SET last_hlc = max(last_hlc, ?)", (seen,))
                # What the person had not let be sent before waits on for that.
                connection.execute("UPDATE hub SET is_paused = ?", (known.hub.is_paused if known.hub else 0,))
            for stream, head in heads.streams.items():
                self._read_stream(connection, welcome, heads, stream, head)
            lost, unsent = self._take_along(connection, welcome)
            first = self._session.lease(welcome.epoch, self._console, BLOCK, self._identity.last_number)
            with _transaction(connection):
                keep_block(connection, first, BLOCK)
            still_open = count_open(connection)
            connection.execute("PRAGMA synchronous = FULL")
            (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
            if found != "ok":
                raise StoreError("store.broken", path=str(self._path), reason=found)
        except sqlite3.DatabaseError as error:
            raise explain(error, self._path) from error
        finally:
            connection.close()
        checkpoint(self._path)
        return lost, unsent, self._unfit, still_open

    def _as_found(self, path: Path, known: Salvaged, new_id: IdMaker) -> Identity:
        """Who the old file was, where it does not say so itself any more."""
        console, last_n = (known.own[-1].console, known.own[-1].n) if known.own else (new_id(), 0)
        now = instant(self._clock.now_ms())
        return Identity(console, last_n, 0, 0, None, path.parent.name, now)

    def _begin(self, connection: sqlite3.Connection) -> None:
        identity = self._identity
        connection.execute(
            "INSERT INTO store (only, console, last_hash, last_hlc, last_number, desk, is_demo, created_at)"
            " VALUES (1, ?, ?, ?, ?, ?, 0, ?)",
            (
                self._console,
                FIRST_HASH,
                identity.last_hlc,
                identity.last_number,
                identity.desk,
                identity.created_at,
            ),
        )

    def _read_stream(
        self, connection: sqlite3.Connection, welcome: Welcome, heads: Heads, stream: str, head: int
    ) -> None:
        folded = self._session.folded(welcome.epoch, stream)
        if folded.doc_version == VERSION and folded.cursor.seq:
            with _transaction(connection):
                begin_stream(connection, stream, folded.cursor, folded.cold)
            total = folded.hot + head - folded.cursor.seq
            self._read_documents(connection, welcome, stream, total)
        done, total = folded.hot, folded.hot + head - folded.cursor.seq
        while (cursor := cursor_of(connection, stream)).seq < head:
            arrivals = self._session.pull(welcome.epoch, stream, cursor)
            if not arrivals:
                raise HubError("hub.log_broken", seq=cursor.seq + 1)
            with _transaction(connection):
                take_in(connection, stream, cursor, arrivals, heads.hub_time)
            done += len(arrivals)
            self._tell(done, total)
        waiting = waiting_for_documents(connection, stream)
        if waiting:
            self._take(connection, stream, self._session.documents_of(welcome.epoch, stream, waiting))

    def _read_documents(self, connection: sqlite3.Connection, welcome: Welcome, stream: str, total: int) -> None:
        after: EntityId | None = None
        done = 0
        while page := self._session.documents(welcome.epoch, stream, hot=True, after=after):
            self._take(connection, stream, page)
            after = page[-1].id
            done += len(page)
            self._tell(done, max(done, total))

    def _take(self, connection: sqlite3.Connection, stream: str, documents: Sequence[KeptDocument]) -> None:
        with _transaction(connection):
            self._unfit += len(take_documents(connection, stream, documents))
            refresh_few(connection)

    def _take_along(self, connection: sqlite3.Connection, welcome: Welcome) -> tuple[tuple[int, ...], int]:
        """What only the old file has: its unsent operations as those of the new console, and local tables."""
        console, last_n = self._identity[:2]
        self._session.join(console, welcome.person)
        sent_n = self._session.heads(welcome.epoch, console).last_n
        unsent = self._unknown_to_the_hub(welcome.epoch, console)
        read = {envelope.n for envelope in (*unsent, *self._known.refused) if envelope.console == console}
        lost = tuple(n for n in range(sent_n + 1, last_n + 1) if n not in read)
        names = names_after(unsent, self._console, names_elsewhere(self._session, welcome.epoch, console, unsent))
        back = self._found_back(welcome.epoch, last_n)
        with _transaction(connection):
            ids = ids_after(connection, unsent, names)
            self._copy_tables(connection, {envelope.txn for envelope in (*unsent, *self._known.refused)})
            keep_refused(connection, self._known.refused)
            rename_in_local_tables(connection, ids)
            count = sign_anew(connection, unsent, self._console, names, ids)
            upto_n = place_after(names, self._console, back.upto_n)
            connection.execute("UPDATE hub SET found_back_n = ?, common_seq = ?", (upto_n, back.common_seq))
        return lost, count

    def _found_back(self, epoch: bytes, last_n: int) -> FoundBack:
        """How far what was unsent in the old file knows the hub's log: where that cannot be found out, not at all."""
        nothing = FoundBack(last_n, 0)
        if self._known.hub is None:
            return nothing
        try:
            before = found_back(self._old)
            cursors = self._old.execute("SELECT stream, seq, chain FROM hub_cursor").fetchall()
            commons = [common_part(self._old, self._session, epoch, stream) for stream, _seq, _chain in cursors]
        except sqlite3.DatabaseError:
            return nothing
        except HubError as error:
            if error.code != "hub.log_cut":
                raise
            return nothing
        if commons == [Cursor(seq, chain) for _stream, seq, chain in cursors]:
            return before
        return FoundBack(last_n, min([one.seq for one in commons] + [before.common_seq] * (before.upto_n > 0)))

    def _unknown_to_the_hub(self, epoch: bytes, console: bytes) -> list[Envelope]:
        own = [(envelope.n, envelope.hash) for envelope in self._known.own]
        known = last_known(self._session, epoch, console, own)
        refused = {(envelope.console, envelope.n) for envelope in self._known.refused}
        return [one for one in self._known.own if one.n > known and (one.console, one.n) not in refused]

    def _copy_tables(self, connection: sqlite3.Connection, acts: set[bytes]) -> None:
        for table, (names, rows) in self._known.tables.items():
            here = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
            if not rows or not set(names) <= set(here):
                continue
            if table == "action":
                rows = [row for row in rows if row[names.index("txn")] in acts]
            places = ", ".join("?" * len(names))
            quoted = ", ".join(f'"{name}"' for name in names)
            connection.executemany(f"INSERT OR IGNORE INTO {table} ({quoted}) VALUES ({places})", rows)


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")
