"""A console in a process of its own that acts and syncs until it is killed, and tells what it called saved."""

from __future__ import annotations

import itertools
import multiprocessing
from collections.abc import Sequence
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from core.commands import OpenTicket
from core.ids import EntityId
from core.operations.envelope import Envelope
from storage.sync.joined import Cursor, FoundBack
from storage.sync.once import Round
from storage.sync.session import NEVER, PushAnswer, Session
from storage.sync.wire import Arrival
from tests.faults.desks import Seat

TURNS_A_TICKET = 20
MOMENTS = ("command", "push", "pull")


class _Telling(Session):
    """Tells when it begins to push and to pull."""

    def __init__(self, url: str, told: Connection) -> None:
        super().__init__(url)
        self._told = told

    def push(
        self,
        epoch: bytes,
        console: bytes,
        now_ms: int,
        envelopes: Sequence[Envelope],
        found_back: FoundBack = NEVER,
    ) -> PushAnswer:
        self._told.send(("push", ""))
        return super().push(epoch, console, now_ms, envelopes, found_back)

    def pull(self, epoch: bytes, stream: str, cursor: Cursor) -> list[Arrival]:
        self._told.send(("pull", ""))
        return super().pull(epoch, stream, cursor)


def live(path: str, login: str, person: bytes, ticket: bytes, url: str, life: str, told: Connection) -> None:
    """Write notes and sync; each note is told once it was called saved."""
    seat = Seat(Path(path), login, EntityId(person))
    told.send(("awake", ""))
    for turn in itertools.count():
        if turn % TURNS_A_TICKET == TURNS_A_TICKET - 1:
            ticket = seat.act(OpenTicket(f"Matter {life} {turn}", None, 3))
        for note in range(3):
            text = f"{life}-{turn}-{note}"
            told.send(("command", ""))
            seat.note(EntityId(ticket), text)
            told.send(("saved", text))
        Round(seat.desk, seat.clock, lambda hub: _Telling(url, told)).run()
        told.send(("synced", ""))


class Dying:
    """Such a process; `wait_for` one of its moments, then `kill` it."""

    def __init__(self, seat: Seat, ticket: EntityId, url: str, life: str) -> None:
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(
            ["tests.faults.dying_console", "storage.actor", "storage.unit_of_work", "psycopg"]
        )
        self._heard, told = context.Pipe(duplex=False)
        values = (str(seat.path), seat.login, bytes(seat.person), bytes(ticket), url, life, told)
        self._process: ForkServerProcess = context.Process(target=live, args=values, daemon=True)
        self._process.start()
        told.close()
        self.saved: list[str] = []

    def wait_for(self, moment: str, seconds: float = 30) -> None:
        """Until the process says that it is about to."""
        while self._heard.poll(seconds):
            word, text = self._heard.recv()
            if word == "saved":
                self.saved.append(text)
            if word == moment:
                return
        raise TimeoutError(f"no {moment} came")

    def kill(self) -> list[str]:
        """End it as nothing can be helped against; what it had called saved."""
        self._process.kill()
        self._process.join(10)
        while True:
            try:
                word, text = self._heard.recv()
            except (EOFError, OSError):
                break
            if word == "saved":
                self.saved.append(text)
        self._heard.close()
        return self.saved
