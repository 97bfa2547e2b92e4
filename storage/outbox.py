"""Hands replies to the configured mail command, each of them at most once, on a thread of its own.

A reply is claimed in the log before the command runs and its end is written there afterwards; the claim is refused when
the reply was taken back or another console claimed it. What was claimed and never ended is not sent again by itself.
A desk that has joined a hub sends nothing: its keeper does, for all of them (storage/sync/keeping.py).
"""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, NamedTuple

from core.clock import Clock, instant, stamp_ms
from core.commands import RecordDelivery
from core.delivery import EXIT_CODE, FAILED, HANDED, HANDING, INTERRUPTED, NOT_STARTED, PUT_BACK, QUEUED, TIMED_OUT
from core.errors import DomainError
from core.ids import EntityId
from core.operations.envelope import Stamp
from core.operations.kinds import decode
from core.operations.operation import created_id
from core.ports import DeskStore
from core.text import plain
from storage.engine import open_file
from storage.safekeeping.tables import RESTORED

GRACE_SECONDS = 10
"""How long a reply waits after it was written, shown again or asked for again: until then undo takes it back."""

TIMEOUT_SECONDS = 60
"""How long the mail command may run before it is killed."""

INTERRUPTED_SECONDS = 120
"""After this a claim without an end belongs to a console that is gone: no command runs longer than its timeout."""

LOOK_SECONDS = 1.0
"""How often the thread looks; a look at a desk where nothing waits is one probe of an empty index."""

LEFT_SECONDS = 30
"""So long a reply is left alone after another keeper's claim of it counted."""

RECORD_SECONDS = 30.0
STDERR_BYTES = 4096

WAITING = (
    "SELECT id, ticket, person, at, delivery FROM entry"
    " WHERE delivery IN ('queued', 'handing') AND hidden = 0 AND person IS NOT NULL ORDER BY at, id"
)
TOUCHED = (
    "SELECT o.kind, o.payload, COALESCE(s.eff, o.hlc), s.seq FROM operation o"
    " LEFT JOIN stamp s ON s.console = o.console AND s.n = o.n"
    " WHERE o.id = ? AND o.kind IN ('entry.hidden', 'delivery.recorded')"
    " AND (o.console, o.n) NOT IN (SELECT console, n FROM quarantine) ORDER BY 3 DESC"
)
WRITTEN_SINCE = (
    "SELECT o.console, o.n, o.hlc FROM operation o LEFT JOIN stamp s ON s.console = o.console AND s.n = o.n"
    " WHERE o.id = ? AND o.kind = 'entry.posted' AND s.seq IS NULL"
)


@dataclass(frozen=True, slots=True)
class WaitingReply:
    """A reply that is queued or claimed since `since_ms`; `author` is the colleague who wrote it."""

    entry: EntityId
    ticket: EntityId
    author: EntityId
    delivery: str
    since_ms: int


class _Claimed(NamedTuple):
    """A reply that this outbox has claimed; without a mail it has failed already, for `reason`."""

    reply: WaitingReply
    eml: bytes
    reason: str


class Outbox:
    """The mail thread of one console. `command` is the program and its arguments, never a shell line.

    `holds` is a keeper's: it answers whether the hub has the claim of a reply as the one that counts, and raises
    DomainError while that cannot be known. Without it an outbox rests on a desk that has joined a hub.
    """

    def __init__(
        self,
        desk: DeskStore,
        path: Path,
        clock: Clock,
        command: tuple[str, ...],
        sender: str = "",
        *,
        grace_seconds: float = GRACE_SECONDS,
        timeout_seconds: float = TIMEOUT_SECONDS,
        look_seconds: float = LOOK_SECONDS,
        holds: Callable[[WaitingReply], bool] | None = None,
    ) -> None:
        self._desk = desk
        self._path = path
        self._clock = clock
        self._command = command
        self._sender = sender
        self._grace_ms = int(grace_seconds * 1000)
        self._timeout_seconds = timeout_seconds
        self._look_seconds = look_seconds
        self._holds = holds
        self._claimed: dict[EntityId, _Claimed] = {}
        self._left_until: dict[EntityId, int] = {}
        self.handed = 0
        """How many replies the command has taken so far."""
        self._connection: sqlite3.Connection | None = None
        self._unrecorded: dict[EntityId, tuple[WaitingReply, str, str]] = {}
        self._stopping = threading.Event()
        self._woken = threading.Event()
        self._thread = threading.Thread(target=self._run, name="lampboard-outbox", daemon=True)

    def start(self) -> None:
        """Look now and from then on regularly; replies of other consoles and verbs on this desk are found too."""
        self._thread.start()

    def wake(self) -> None:
        """Look at once."""
        self._woken.set()

    def end_soon(self) -> None:
        """Begin with no further reply; may be called from anywhere."""
        self._stopping.set()
        self._woken.set()

    def stop(self, seconds: float = 2.0) -> None:
        """End the thread; a command that still runs is left to end by itself, its reply stays claimed."""
        self.end_soon()
        if self._thread.ident is None:
            self._close()
        else:
            self._thread.join(seconds)

    def look(self) -> None:
        """Deal with everything that is due, one reply after the other, on the calling thread."""
        self._record_late()
        for claimed in list(self._claimed.values()):
            self._run_claimed(claimed)
        if self._holds is None and self._reading().execute("SELECT 1 FROM hub").fetchone():
            return
        tried: set[EntityId] = set()
        while not self._stopping.is_set():
            # Read anew after each reply: a command takes its time, and another reply may be taken back meanwhile.
            reply = next((one for one in self._due() if one.entry not in tried), None)
            if reply is None:
                break
            tried.add(reply.entry)
            if reply.delivery == HANDING:
                self._try_record(reply, FAILED, INTERRUPTED)
            elif self._holds is None and reply.since_ms <= put_back_ms(self._reading()):
                # It waited when the file was written from which the desk was put back, and may have left since.
                if self._try_record(reply, HANDING):
                    self._try_record(reply, FAILED, PUT_BACK)
            else:
                self._hand_over(reply)

    def _run(self) -> None:
        try:
            while not self._stopping.is_set():
                try:
                    self.look()
                except (sqlite3.DatabaseError, DomainError):
                    # A desk that cannot be read says so at every key already; mail waits until it can be.
                    self._close()
                self._woken.wait(self._look_seconds)
                self._woken.clear()
        finally:
            self._close()

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _reading(self) -> sqlite3.Connection:
        if self._connection is None:
            self._connection = open_file(self._path, read_only=True)
        return self._connection

    def _due(self) -> Iterator[WaitingReply]:
        now = self._clock.now_ms()
        for reply in waiting_replies(self._reading()):
            if self._holds is None and _is_a_keepers(self._reading(), reply):
                continue
            waited = now - reply.since_ms
            if reply.delivery == HANDING:
                is_ours = reply.entry in self._unrecorded or reply.entry in self._claimed
                if waited >= INTERRUPTED_SECONDS * 1000 and not is_ours:
                    yield reply
            elif self._left_until.get(reply.entry, now) > now:
                continue
            elif not 0 <= waited < self._grace_ms:
                # Below nought the machine's clock was set back; mail must not wait until it has caught up.
                yield reply

    def _hand_over(self, reply: WaitingReply) -> None:
        # The mail classes are heavy to import; a console without mail to send does not need them.
        from storage.letter import Unmailable, as_eml, read_letter

        eml, reason = b"", ""
        try:
            letter = read_letter(self._reading(), reply.entry)
            eml = as_eml(letter, self._sender, instant(self._clock.now_ms()))
        except Unmailable as error:
            reason = str(error)
        if self._try_record(reply, HANDING):
            self._claimed[reply.entry] = _Claimed(reply, eml, reason)
            self._run_claimed(self._claimed[reply.entry])

    def _run_claimed(self, claimed: _Claimed) -> None:
        """Run the command for a reply whose claim counts; while that cannot be known it stays claimed."""
        reply, eml, reason = claimed
        is_held = self._holds is None or self._holds(reply)
        del self._claimed[reply.entry]
        if not is_held:
            self._left_until[reply.entry] = self._clock.now_ms() + LEFT_SECONDS * 1000
            return
        delivery = FAILED
        if eml:
            delivery, reason = hand_to_command(self._command, eml, self._timeout_seconds)
            self.handed += delivery == HANDED
        if not self._try_record(reply, delivery, reason):
            self._unrecorded[reply.entry] = (reply, delivery, reason)

    def _try_record(self, reply: WaitingReply, delivery: str, reason: str = "") -> bool:
        """False when the desk refused: the reply was taken back, somebody else was first, or the disk is full."""
        wish = RecordDelivery(reply.ticket, reply.entry, delivery, reason)
        try:
            self._desk.submit(wish, reply.author).result(RECORD_SECONDS)
        except (DomainError, TimeoutError):
            return False
        return True

    def _record_late(self) -> None:
        """Write the ends that the disk did not take at the time."""
        for entry, (reply, delivery, reason) in list(self._unrecorded.items()):
            if self._try_record(reply, delivery, reason) or self._delivery_now(entry) != HANDING:
                del self._unrecorded[entry]

    def _delivery_now(self, entry: EntityId) -> str:
        row = self._reading().execute("SELECT delivery FROM entry WHERE id = ?", (entry,)).fetchone()
        return row[0] if row else ""


def waiting_replies(connection: sqlite3.Connection) -> Iterator[WaitingReply]:
    """What is queued or claimed, oldest first, each with the time of its last change."""
    for entry, ticket, person, at, delivery in connection.execute(WAITING).fetchall():
        since_ms = max(at * 1000, _touched_ms(connection, ticket, entry))
        yield WaitingReply(EntityId(entry), EntityId(ticket), EntityId(person), delivery, since_ms)


def put_back_ms(connection: sqlite3.Connection) -> int:
    """When this file was put back from a backup or an export, in milliseconds; 0 if it never was."""
    row = connection.execute("SELECT body FROM desk_state WHERE name = ?", (RESTORED,)).fetchone()
    return int(row[0]) if row and row[0].isdecimal() else 0


def count_queued(path: Path) -> int:
    """How many replies at `path` wait for the mail command, claimed by no console; beside a hub none waits for it."""
    connection = open_file(path, read_only=True)
    try:
        if connection.execute("SELECT 1 FROM hub").fetchone():
            return 0
        queued = (reply for reply in waiting_replies(connection) if reply.delivery == QUEUED)
        return sum(not _is_a_keepers(connection, reply) for reply in queued)
    finally:
        connection.close()


def _touched_ms(connection: sqlite3.Connection, ticket: bytes, entry: bytes) -> int:
    """When the entry was last shown again or changed its delivery; 0 if it never was."""
    last = _last_touch(connection, ticket, entry)
    return stamp_ms(last[0]) if last else 0


def _last_touch(connection: sqlite3.Connection, ticket: bytes, entry: bytes) -> tuple[int, int | None] | None:
    """The time of what was last done to an entry, and its number at a hub."""
    for kind, payload, hlc, seq in connection.execute(TOUCHED, (ticket,)):
        if getattr(decode(kind, payload), "entry", None) == entry:
            return hlc, seq
    return None


def _is_a_keepers(connection: sqlite3.Connection, reply: WaitingReply) -> bool:
    """True on a desk that has left a hub for what waited when it left: the keeper there sends it."""
    if connection.execute("SELECT 1 FROM hub_left").fetchone() is None:
        return False
    last = _last_touch(connection, reply.ticket, reply.entry)
    if last is not None:
        return last[1] is not None
    posted = connection.execute(WRITTEN_SINCE, (reply.ticket,)).fetchall()
    stamps = (Stamp(console, n, hlc, reply.author) for console, n, hlc in posted)
    return all(created_id(stamp, b"entry") != reply.entry for stamp in stamps)


def hand_to_command(command: tuple[str, ...], eml: bytes, timeout_seconds: float) -> tuple[str, str]:
    """Run `command` with `eml` on standard input; answers the delivery (handed or failed) and the reason."""
    # A file, not a pipe: were this console killed half way, the command would take the torn mail for the whole one.
    with tempfile.TemporaryFile() as stdin, tempfile.TemporaryFile() as stderr:
        stdin.write(eml)
        stdin.seek(0)
        try:
            process = subprocess.Popen(  # noqa: S603 the person's own program, given as a list
                command,
                stdin=stdin,
                stdout=subprocess.DEVNULL,
                stderr=stderr,
                start_new_session=True,  # no way to the terminal, and a group of its own to be killed with its children
            )
        except (OSError, ValueError):
            return FAILED, f"{NOT_STARTED} {plain(command[0], 150)}"
        try:
            code = process.wait(timeout_seconds)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            return FAILED, f"{TIMED_OUT} {timeout_seconds:g}"
        if code == 0:
            return HANDED, ""
        return FAILED, _first_line(stderr) or f"{EXIT_CODE} {code}"


def _first_line(stderr: IO[bytes]) -> str:
    """The first line with something on it, harmless for the screen, at most 200 characters."""
    stderr.seek(0)
    lines = stderr.read(STDERR_BYTES).decode("utf-8", "replace").splitlines()
    return next((shown for line in lines if (shown := plain(line, 200).strip())), "")
