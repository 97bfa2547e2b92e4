"""The one writer thread of a console: jobs in, futures out, a stop sentinel at the end.

What acts need is imported here, on this thread, so that the first frame does not wait for SQLAlchemy.
"""

from __future__ import annotations

import queue
import sqlite3
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from core.clock import Clock
from core.commands import Command, Redo, Undo
from core.errors import DomainError
from core.ids import EntityId, IdMaker
from core.ports import Applied
from storage.engine import BUSY_MILLISECONDS, explain, open_file

if TYPE_CHECKING:
    from storage.rebuild import Progress

Answer = TypeVar("Answer")

SLICE_SECONDS = 0.002
INDEX_SECONDS = 0.006
"""Larger than the others: each slice is a segment of the index, and many small ones have to be merged."""
PAUSE_SECONDS = 0.003
"""Between slices of a rebuild the screen's thread has the interpreter for itself, and other consoles the file."""
YIELD_SECONDS = 0.5
"""How long to leave a rebuild to another console that is at it."""
RETRY_SECONDS = 5.0
"""How long to leave a rebuild alone after the file refused."""


class WriterThread:
    """Performs acts one by one on one connection; another console's writer waits its turn in SQLite."""

    def __init__(self, path: Path, clock: Clock, new_id: IdMaker, *, has_mail_command: bool = False) -> None:
        self._path = path
        self._clock = clock
        self._new_id = new_id
        self._has_mail_command = has_mail_command
        self._jobs: queue.SimpleQueue[tuple[Callable[[], Any], Future[Any]] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="lampboard-writer", daemon=True)
        self._file: sqlite3.Connection | None = None
        self._is_stopped = False
        self._is_rebuilding = False
        self._pause: float | None = None
        """Seconds until the next slice of a rebuild; None while there is none."""
        self._left_at: Progress | None = None
        self._thread.start()

    def submit(self, command: Command, author: EntityId) -> Future[Applied]:
        """Perform `command` for `author`; the future holds Applied, or the DomainError that refused it."""
        return self._put(lambda: self._perform(command, author))

    def run(self, job: Callable[[sqlite3.Connection], Answer]) -> Future[Answer]:
        """Run `job` in a transaction of its own; for local tables that are not part of the log."""
        return self._put(lambda: self._in_transaction(job))

    def run_lightly(self, job: Callable[[sqlite3.Connection], Answer]) -> Future[Answer]:
        """The same for what is written at every other key: it outlives the program, not a power cut."""
        return self._put(lambda: self._without_waiting_for_the_disk(job))

    def rebuild_in_background(self) -> None:
        """From now on go on with rebuilds whenever nothing is asked for, also with those of other consoles."""
        self._is_rebuilding = True
        self.look_for_rebuild()

    def look_for_rebuild(self) -> None:
        """Look whether there is one; every job is followed by such a look."""
        self.run(lambda connection: None)

    def slice_of_rebuild(self, seconds: float) -> Future[Progress | None]:
        """Go on with a rebuild for about `seconds`; the future holds None when it is finished."""
        from storage.rebuild import take_slice

        return self._put(lambda: self._without_waiting_for_the_disk(lambda file: take_slice(file, seconds)))

    def stop(self, seconds: float = 2 * BUSY_MILLISECONDS / 1000) -> None:
        """Finish what is queued and end the thread; it may have to wait for another console's act."""
        if not self._is_stopped:
            self._is_stopped = True
            self._jobs.put(None)
        self._thread.join(seconds)

    def _put(self, job: Callable[[], Answer]) -> Future[Answer]:
        future: Future[Answer] = Future()
        # From here on nobody can cancel it: what was asked for just before leaving is still written.
        future.set_running_or_notify_cancel()
        self._jobs.put((job, future))
        return future

    def _run(self) -> None:
        while (job := self._next_job()) is not None:
            work, future = job
            try:
                future.set_result(work())
            except sqlite3.DatabaseError as error:
                future.set_exception(explain(error, self._path))
            except Exception as error:  # noqa: BLE001 the writer's door: whatever went wrong reaches the asker
                future.set_exception(error)
            if self._is_rebuilding and self._pause is None:
                self._pause = self._pause_of_rebuild()
        if self._file is not None:
            self._file.close()

    def _next_job(self) -> tuple[Callable[[], Any], Future[Any]] | None:
        """What was asked for; when nothing was in a pause, a slice of the rebuild."""
        if self._pause is None:
            return self._jobs.get()
        try:
            return self._jobs.get(timeout=self._pause)
        except queue.Empty:
            # If it fails nobody hears of it, and what is not done stays noted in the file.
            self._pause = RETRY_SECONDS
            return self._rebuild_a_little, Future()

    def _rebuild_a_little(self) -> None:
        """One slice of a rebuild, and how long to rest after it."""
        from storage.rebuild import progress, take_slice

        def work(file: sqlite3.Connection) -> tuple[Progress | None, float]:
            stands_at = progress(file)
            # Where it stands elsewhere than it was left, another console is at it.
            if None not in (stands_at, self._left_at) and stands_at != self._left_at:
                return stands_at, YIELD_SECONDS
            return take_slice(file, SLICE_SECONDS), PAUSE_SECONDS

        self._left_at, pause = self._without_waiting_for_the_disk(work)
        if self._left_at is not None:
            self._pause = pause
            return
        began_at = time.monotonic()
        is_more = self._without_waiting_for_the_disk(_look_at_some)
        # A long text takes what it takes; as long again everybody else has the interpreter.
        self._pause = max(PAUSE_SECONDS, time.monotonic() - began_at) if is_more else None

    def _pause_of_rebuild(self) -> float | None:
        from storage.caller_index import is_stale
        from storage.rebuild import is_pending
        from storage.text_index import is_behind

        file = self._file
        try:
            is_one = file is not None and (is_pending(file) or is_stale(file) or is_behind(file))
        except sqlite3.DatabaseError:
            return RETRY_SECONDS
        return PAUSE_SECONDS if is_one else None

    def _without_waiting_for_the_disk(self, job: Callable[[sqlite3.Connection], Answer]) -> Answer:
        """In a transaction that a power cut may take back: what it computes can be computed again."""
        self._the_file().execute("PRAGMA synchronous = NORMAL")
        try:
            return self._in_transaction(job)
        finally:
            self._the_file().execute("PRAGMA synchronous = FULL")

    def _perform(self, command: Command, author: EntityId) -> Applied:
        from storage.undo import is_hopeless, pass_over
        from storage.unit_of_work import UnitOfWork

        def work(file: sqlite3.Connection) -> Applied:
            has_mail = self._has_mail_command
            return UnitOfWork(file, self._clock, self._new_id, author, has_mail_command=has_mail).perform(command)

        try:
            return self._in_transaction(work)
        except DomainError as error:
            if isinstance(command, Undo | Redo) and is_hopeless(error):
                self._in_transaction(lambda file: pass_over(file, author, command))
            raise

    def _in_transaction(self, job: Callable[[sqlite3.Connection], Answer]) -> Answer:
        file = self._the_file()
        file.execute("BEGIN IMMEDIATE")
        try:
            answer = job(file)
            file.execute("COMMIT")
        except BaseException:
            # After a failed write SQLite has rolled back already; a second time would hide the first error.
            if file.in_transaction:
                file.execute("ROLLBACK")
            raise
        return answer

    def _the_file(self) -> sqlite3.Connection:
        if self._file is None:
            self._file = open_file(self._path)
        return self._file


def _look_at_some(file: sqlite3.Connection) -> bool:
    """A slice of what callers and texts are found by; True while something is left."""
    from storage.caller_index import refresh
    from storage.text_index import index_some

    return refresh(file, SLICE_SECONDS) or index_some(file, INDEX_SECONDS)
