"""A desk that is open: reads from a small pool, acts on the writer thread, a watch for other consoles."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.clock import Clock
from core.errors import DomainError
from storage.engine import explain, open_file

if TYPE_CHECKING:
    from core.commands import Command
    from core.ids import EntityId, IdMaker
    from core.ports import Applied
    from core.requests import Request
    from storage.actor import WriterThread
    from storage.rebuild import Progress

READERS = 2
REBUILD_SECONDS = 0.01
WATCH_SECONDS = 0.4
REBUILD_SHOWN_SECONDS = 5.0
TAKEN_IN_SHOWN_SECONDS = 2.0
"""While thousands of operations of others come in, the screen reads its lists again this often at most."""
_STANDS = (
    "SELECT NOT EXISTS (SELECT 1 FROM rebuild), last_n, (SELECT sum(seq) FROM hub_cursor),"
    " (SELECT count(*) FROM refused), (SELECT count(*) FROM draft WHERE kind = 'call'),"
    " (SELECT max(about) FROM draft WHERE kind = 'call') FROM store"
)
"""Whether nothing is being computed anew; acts and calls of any console, and what came from a hub."""


class OpenDesk:
    """One desk's file in one process; see `core.ports.DeskStore` for what each method promises."""

    def __init__(self, path: Path, clock: Clock, new_id: IdMaker, *, has_mail_command: bool = False) -> None:
        self.path = path
        self._first = open_file(path, read_only=True)
        self._clock = clock
        self._new_id = new_id
        self._has_mail_command = has_mail_command
        self._writer: WriterThread | None = None
        self._readers: ThreadPoolExecutor | None = None
        self._local = threading.local()
        self._reading: list[sqlite3.Connection] = []
        self._closing = threading.Event()
        self._watcher: threading.Thread | None = None
        self._companions: list[Callable[[], None]] = []
        self.is_taking_in = False
        """True while operations of others come in by many small transactions."""

    def submit(self, command: Command, author: EntityId) -> Future[Applied]:
        """Put a wish in the writer's queue."""
        return self._the_writer().submit(command, author)

    def page(self, request: Request) -> Future[Any]:
        """Answer a read on the pool."""
        if self._readers is None:
            self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="lampboard-reader")
        return self._readers.submit(self._read, request)

    def page_now(self, request: Request) -> Any:
        """Answer a read on the calling thread."""
        from storage.reads import answer

        try:
            return answer(self._first, request)
        except sqlite3.DatabaseError as error:
            raise explain(error, self.path) from error

    def keep_draft(self, author: EntityId, kind: str, about: EntityId, body: str) -> Future[None]:
        """Keep or forget an unfinished text."""
        from storage.drafts import keep_draft

        now = self._clock.now_ms() // 1000
        return self._the_writer().run(lambda connection: keep_draft(connection, author, kind, about, body, now))

    def keep_call(self, author: EntityId, call: EntityId, body: str, seen: str) -> Future[EntityId]:
        """Keep or forget the draft of a call."""
        from storage.calls import keep_call

        now = self._clock.now_ms() // 1000

        return self._the_writer().run_lightly(
            lambda connection: keep_call(connection, self._new_id, author, call, body, seen, now)
        )

    def new_id(self) -> EntityId:
        """An id for a call that comes in now."""
        return self._new_id()

    def remember(self, name: str, body: str) -> Future[None]:
        """Keep a piece of the screen's state."""
        from storage.drafts import remember

        return self._the_writer().run_lightly(lambda connection: remember(connection, name, body))

    def remembered(self, name: str) -> str:
        """What `remember` kept, or an empty text."""
        row = self._first.execute("SELECT body FROM desk_state WHERE name = ?", (name,)).fetchone()
        return row[0] if row else ""

    def zone_of(self, person: EntityId) -> str:
        """The zone a colleague works in."""
        row = self._first.execute("SELECT zone FROM person WHERE id = ?", (person,)).fetchone()
        return (row[0] if row else "") or "UTC"

    def write(self, job: Callable[[sqlite3.Connection], Any]) -> Future[Any]:
        """Run a job of the store's own in a transaction on the writer thread."""
        return self._the_writer().run(job)

    def write_lightly(self, job: Callable[[sqlite3.Connection], Any]) -> Future[Any]:
        """The same for what a hub can tell again: it outlives the program, not a power cut."""
        return self._the_writer().run_lightly(job)

    def stop_before_closing(self, stop: Callable[[], None]) -> None:
        """Have `stop` called when the desk is closed, while it can still be written to."""
        self._companions.append(stop)

    def watch(self, on_change: Callable[[], None]) -> None:
        """Poll the file's change counter; a local file has no better signal between processes."""
        self._watcher = threading.Thread(target=self._watch, args=(on_change,), name="lampboard-watch", daemon=True)
        self._watcher.start()

    def warm_up(self) -> None:
        """Start the writer thread after the first frame is on the screen: it imports what it needs, then goes on with
        what a change of calendar or policy left to compute."""
        self._the_writer().rebuild_in_background()

    def finish_rebuild(self, on_progress: Callable[[Progress], None]) -> None:
        """Compute what a change of calendar or policy left to compute, slice by slice, until nothing is left."""
        while (progress := self._the_writer().slice_of_rebuild(REBUILD_SECONDS).result()) is not None:
            on_progress(progress)
            # Another console that wants to write asks again and again; it has to meet the file free now and then.
            time.sleep(REBUILD_SECONDS / 2)

    def close(self) -> None:
        """End the threads after what is queued was written."""
        while self._companions:
            self._companions.pop()()
        self._closing.set()
        if self._readers is not None:
            self._readers.shutdown(wait=True, cancel_futures=True)
        if self._watcher is not None:
            self._watcher.join(2.0)
        for connection in (self._first, *self._reading):
            connection.close()
        # The writer leaves last: only a connection that may write folds the write-ahead log back into the file.
        if self._writer is not None:
            self._writer.stop()

    def _the_writer(self) -> WriterThread:
        if self._writer is None:
            from storage.actor import WriterThread

            has_mail = self._has_mail_command
            self._writer = WriterThread(self.path, self._clock, self._new_id, has_mail_command=has_mail)
        return self._writer

    def _read(self, request: Request) -> Any:
        from core.pages import Several
        from storage.reads import answer

        if isinstance(request, Several):
            # One after the other: two threads would only wait for each other's turn at the interpreter.
            return tuple(self._read_or_error(one) for one in request.requests)
        connection = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = open_file(self.path, read_only=True)
            self._reading.append(connection)
        try:
            return answer(connection, request)
        except sqlite3.DatabaseError as error:
            raise explain(error, self.path) from error

    def _read_or_error(self, request: Request) -> Any:
        try:
            return self._read(request)
        except DomainError as error:
            return error

    def _watch(self, on_change: Callable[[], None]) -> None:
        connection = open_file(self.path, read_only=True)
        seen = connection.execute("PRAGMA data_version").fetchone()
        was_rebuilt, *stood = connection.execute(_STANDS).fetchone()
        told_at = 0.0
        while not self._closing.wait(WATCH_SECONDS):
            version = connection.execute("PRAGMA data_version").fetchone()
            if version == seen:
                continue
            seen = version
            is_rebuilt, *stands = connection.execute(_STANDS).fetchone()
            if not is_rebuilt and self._writer is not None:
                # Another console may have changed a calendar and left.
                self._writer.look_for_rebuild()
            now = time.monotonic()
            if self.is_taking_in and now - told_at < TAKEN_IN_SHOWN_SECONDS:
                continue
            is_shown_late = not was_rebuilt and now - told_at >= REBUILD_SHOWN_SECONDS
            if stands == stood and not is_shown_late and is_rebuilt == was_rebuilt:
                # A draft typed somewhere, or a slice of a rebuild: that is read again now and then, not each time.
                continue
            stood, was_rebuilt, told_at = stands, is_rebuilt, now
            on_change()
        connection.close()
