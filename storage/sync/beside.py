"""Sync beside the keys: a thread that looks at the hub now and then, and at once when something was done here.

It never asks a person anything, takes what comes in small pieces so that keys and acts pass between them, and goes on
after every error: soon where trying again may help, rarely where somebody has to do something first.
"""

from __future__ import annotations

import random
import sqlite3
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from core.errors import DomainError
from storage.engine import open_file
from storage.hub.connecting import HubError
from storage.sync.joined import Joined, joined
from storage.sync.leading import Leading
from storage.sync.once import Pace, Report, Round
from storage.sync.refold import UNFIT
from storage.sync.session import Session
from storage.sync.standing_beside import is_retried_soon

if TYPE_CHECKING:
    from pathlib import Path

    from core.clock import Clock
    from storage.desk import OpenDesk

GENTLE = Pace(ops_in=12, ops_out=100, bytes_out=1 << 16, rest_seconds=0.015)
"""What a key waits behind at most, and how long it is left alone then."""

AT_THE_KEYS_SECONDS = 1.0
"""Since the last key: while nobody presses any, what comes in need not make room for them."""

BARELY_SECONDS = 0.001

UNFORESEEN = (*UNFIT, OSError, sqlite3.DatabaseError)
"""What a hub that lies, or a machine in trouble, may bring about: told, and tried again rarely."""

UNSENT = "SELECT last_n > sent_n AND NOT is_paused FROM hub, store"


class Times(NamedTuple):
    """When to look again, in seconds; each wait is up to a fifth shorter or longer, so that consoles spread out."""

    in_use: float = 2.0
    idle: float = 15.0
    idle_after: float = 60.0
    """Without a key and an act for so long, nobody is in a hurry."""
    offline_first: float = 2.0
    offline_longest: float = 300.0
    stopped: float = 300.0
    """After an error that only a person can mend."""
    gathering: float = 0.2
    """After an act, for what belongs to it."""
    tick: float = 0.25
    """How often the file is asked whether anything was done."""
    following: float = 2.0
    """How often a console that does not sync looks whether it should."""


class _Stopped(Exception):
    """The console is closing."""


class Beside:
    """The sync of one console. `heard` is told, on this thread, of each round that did something and each error."""

    def __init__(
        self,
        desk: OpenDesk,
        clock: Clock,
        open_session: Callable[[Joined], Session],
        heard: Callable[[Report | DomainError], None],
        *,
        times: Times | None = None,
        pace: Pace = GENTLE,
    ) -> None:
        self._path: Path = desk.path
        self._heard = heard
        self._times = times or Times()
        self._round = Round(desk, clock, open_session, tries=1, pace=pace, rest=self._make_room)
        self._leading = Leading(desk.path)
        self._file: sqlite3.Connection | None = None
        self._version: int | None = None
        self._stopping = threading.Event()
        self._woken = threading.Event()
        self._is_asked = False
        self._used_at = time.monotonic()
        self._looked_at = 0.0
        self._jitter = 1.0
        self._failures = 0
        self._error: DomainError | None = None
        self._thread = threading.Thread(target=self.run, name="lampboard-sync", daemon=True)

    @property
    def is_leading(self) -> bool:
        """True while this console syncs for all that have the desk open."""
        return self._leading.is_held

    def start(self) -> None:
        """Sync on a thread from now on."""
        self._thread.start()

    def used(self) -> None:
        """A person is at the keys; called at every one."""
        self._used_at = time.monotonic()

    def ask(self) -> None:
        """Look at once, whatever went wrong before."""
        self.used()
        self._is_asked = True
        self._woken.set()

    def stop(self, seconds: float = 1.0) -> None:
        """End, breaking off whatever is on its way: it is sent or read again another time."""
        self._stopping.set()
        self._woken.set()
        self._round.cut()
        if self._thread.ident is not None:
            self._thread.join(seconds)

    def run(self) -> None:
        """Sync on the calling thread until `stop`."""
        try:
            while not self._stopping.is_set():
                try:
                    self._turn()
                    self._wait()
                except UNFORESEEN as error:
                    self._failed_unforeseen(error)
                    self._wait_after_fault()
        except _Stopped:
            return
        finally:
            self._round.hang_up()
            self._leading.leave()
            self._close_file()

    def _turn(self) -> None:
        """One look at the hub, unless another console does it or there is none."""
        is_asked, self._is_asked = self._is_asked, False
        self._woken.clear()
        if not self._is_joined():
            self._round.hang_up()
            self._leading.leave()
            self._error = None
            return
        if not self._leading.take() and not is_asked:
            return
        self._looked_at = time.monotonic()
        self._jitter = random.uniform(0.8, 1.2)  # noqa: S311 jitter is no secret
        try:
            report = self._round.exchange()
        except DomainError as error:
            self._failed(error)
        else:
            self._failures, self._error = 0, None
            if report.did_something or report.has_turned:
                self._heard(report)
        if not self.is_leading:
            self._round.hang_up()

    def _failed(self, error: DomainError) -> None:
        self._round.hang_up()
        if self._stopping.is_set():
            raise _Stopped
        if error.code == "hub.not_joined":
            return
        self._failures += 1
        self._looked_at = time.monotonic()
        self._error = error
        self._heard(error)

    def _failed_unforeseen(self, error: Exception) -> None:
        told = error if isinstance(error, DomainError) else _fault(error)
        self._round.note_failure(told)
        self._failed(told)

    def _pause(self) -> float:
        """Seconds from the last look to the next, as things stand."""
        times = self._times
        if self._error is None:
            is_in_use = time.monotonic() - self._used_at < times.idle_after
            return self._jitter * (times.in_use if is_in_use else times.idle)
        if is_retried_soon(self._error):
            return self._jitter * min(times.offline_first * 2.0 ** min(self._failures - 1, 30), times.offline_longest)
        return self._jitter * times.stopped

    def _wait(self) -> None:
        """Until the next look is due, somebody asks, or something was done here."""
        while not self._stopping.is_set() and not self._is_asked:
            if not self.is_leading:
                self._woken.wait(self._times.following)
                return
            left = self._looked_at + self._pause() - time.monotonic()
            if left <= 0:
                return
            self._woken.wait(min(left, self._times.tick))
            if self._has_something_to_send() and self._error is None:
                self._rest(self._times.gathering)
                return

    def _wait_after_fault(self) -> None:
        until = time.monotonic() + self._times.stopped * self._jitter
        while not self._stopping.is_set() and not self._is_asked and (left := until - time.monotonic()) > 0:
            self._woken.wait(left)

    def _rest(self, seconds: float) -> None:
        if self._stopping.wait(seconds):
            raise _Stopped

    def _make_room(self, seconds: float) -> None:
        """Between two pieces of work, for whoever is at the keys."""
        is_anybody = time.monotonic() - self._used_at < AT_THE_KEYS_SECONDS
        self._rest(seconds if is_anybody else min(seconds, BARELY_SECONDS))

    def _is_joined(self) -> bool:
        return joined(self._reading()) is not None

    def _has_something_to_send(self) -> bool:
        """Asked of the file only where it was written to since: also by another console of this desk."""
        file = self._reading()
        (version,) = file.execute("PRAGMA data_version").fetchone()
        if version == self._version:
            return False
        self._version = version
        row = file.execute(UNSENT).fetchone()
        if row is None or not row[0]:
            return False
        self.used()
        return True

    def _reading(self) -> sqlite3.Connection:
        if self._file is None:
            self._file = open_file(self._path, read_only=True)
        return self._file

    def _close_file(self) -> None:
        file, self._file = self._file, None
        if file is not None:
            file.close()


def _fault(error: Exception) -> HubError:
    return HubError("hub.fault", reason=f"{type(error).__name__}: {error}"[:300])
