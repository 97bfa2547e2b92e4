"""Three consoles and a hub whose clock and lines are ours: everything that the machine of sync does to them."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any, TypeVar

import psycopg

from core.commands import Command
from core.ids import EntityId, IdMaker
from core.operations.envelope import Envelope
from storage.desk import OpenDesk
from storage.hub.connecting import HubError
from storage.sync import incoming
from storage.sync.joined import Cursor, Joined, cursor_of
from storage.sync.once import Report, Round
from storage.sync.session import Heads, PushAnswer, Session, Welcome
from storage.sync.state_hash import shared_rows
from storage.sync.wire import Arrival
from tests.storage.desk_story import WAIT_SECONDS, begin, look
from tests.storage.hub_story import empty_console, keep, of_story
from tests.support.fixed import NOON, FixedClock, ids_from
from tests.support.hub_server import HubServer

Answer = TypeVar("Answer")
LOGINS = ("anna", "boris", "clara")
OWN_CLOCK = """
SET ROLE lampboard_owner;
CREATE TABLE lampboard.shown_clock (ms bigint NOT NULL);
INSERT INTO lampboard.shown_clock VALUES ({noon});
CREATE OR REPLACE FUNCTION lampboard.hub_now_ms() RETURNS bigint LANGUAGE sql VOLATILE
AS $$ SELECT c.ms FROM lampboard.shown_clock c $$;
RESET ROLE;
"""
TABLES = (
    "SELECT c.relname FROM pg_class c JOIN pg_namespace s ON s.oid = c.relnamespace"
    " WHERE s.nspname = 'lampboard' AND c.relkind = 'r' AND c.relname <> 'schema_version' ORDER BY 1"
)


class Fault(Enum):
    """What goes wrong with one call of a round."""

    LOST_REQUEST = "it never reached the hub"
    LOST_ANSWER = "the hub did it and nobody heard"
    CRASH = "the console died before it wrote the answer down"


class Died(Exception):
    """The console ended here; not one of ours, so that nobody catches it."""


class Wire(Session):
    """A session that is kept from round to round and goes wrong at one call, counted from the round's first."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._connection = session._connection
        self.fault: Fault | None = None
        self.calls_left = 0
        self.is_right_lost_late = False
        self.pushes: list[tuple[bytes, int, list[Envelope]]] = []
        self.pulls: list[tuple[str, Cursor, list[Arrival]]] = []

    def close(self) -> None:
        """Kept for the next round."""

    def hang_up(self) -> None:
        """Now it ends."""
        self._session.close()

    def heads(self, epoch: bytes, console: bytes) -> Heads:
        heads = self._call(lambda: self._session.heads(epoch, console))
        # As if the right to write went away only after this answer.
        return heads._replace(read_only=frozenset()) if self.is_right_lost_late else heads

    def push(self, epoch: bytes, console: bytes, now_ms: int, envelopes: Sequence[Envelope]) -> PushAnswer:
        self.pushes.append((epoch, now_ms, list(envelopes)))
        return self._call(lambda: self._session.push(epoch, console, now_ms, envelopes))

    def pull(self, epoch: bytes, stream: str, cursor: Cursor) -> list[Arrival]:
        def ask() -> list[Arrival]:
            arrivals = self._session.pull(epoch, stream, cursor)
            self.pulls.append((stream, cursor, arrivals))
            return arrivals

        return self._call(ask)

    def lease(self, epoch: bytes, console: bytes, count: int, highest: int) -> int:
        return self._call(lambda: self._session.lease(epoch, console, count, highest))

    def join(self, console: bytes, person: bytes) -> Welcome:
        return self._call(lambda: self._session.join(console, person))

    def chains_at(self, epoch: bytes, stream: str, seqs: Sequence[int]) -> dict[int, bytes]:
        return self._call(lambda: self._session.chains_at(epoch, stream, seqs))

    def hashes_of(self, epoch: bytes, console: bytes, numbers: Sequence[int]) -> dict[int, bytes]:
        return self._call(lambda: self._session.hashes_of(epoch, console, numbers))

    def restored_found(self, epoch: bytes, console: bytes, stream: str, cursor: Cursor) -> bytes:
        return self._call(lambda: self._session.restored_found(epoch, console, stream, cursor))

    def _call(self, ask: Callable[[], Answer]) -> Answer:
        if self.fault is None:
            return ask()
        self.calls_left -= 1
        if self.calls_left > 0:
            return ask()
        fault, self.fault = self.fault, None
        if fault is Fault.LOST_REQUEST:
            raise HubError("hub.line_lost", reason="as told")
        ask()
        if fault is Fault.LOST_ANSWER:
            raise HubError("hub.line_lost", reason="as told")
        raise Died


def copy_file(source: Path, target: Path) -> None:
    """The file of a desk as it is on the disk now."""
    for ending in ("", "-wal"):
        if Path(f"{source}{ending}").exists():
            shutil.copyfile(f"{source}{ending}", f"{target}{ending}")
    target.chmod(0o600)


@dataclass
class Desk:
    """A console of the world."""

    login: str
    path: Path
    console: bytes
    person: EntityId
    clock: FixedClock
    new_id: IdMaker
    wire: Wire
    desk: OpenDesk
    name: str
    is_offline: bool = False
    lives: int = 0

    def __post_init__(self) -> None:
        self.seen = look(self.path)
        """A connection that only reads."""

    def act(self, command: Command) -> None:
        """Do it and wait until it is on the disk."""
        self.desk.submit(command, self.person).result(WAIT_SECONDS)

    def sync(self, fault: Fault | None = None, at: int = 1) -> Report:
        """One round; with a fault at one of its calls HubError or Died, unless the round had fewer calls."""
        self.wire.fault, self.wire.calls_left = fault, at

        def line(hub: Joined) -> Session:
            if self.is_offline:
                raise HubError("hub.no_server", url="", reason="as told")
            return self.wire

        try:
            return Round(self.desk, self.clock, line, tries=1).run()
        finally:
            self.wire.fault = None

    def reopen(self) -> None:
        """What a process that was killed left on the disk is opened by the next one."""
        self.lives += 1
        path = self.path.with_name(f"{self.name}-{self.lives}.db")
        copy_file(self.path, path)
        self.go_on_from(path)

    def go_on_from(self, path: Path) -> None:
        """Another file is the desk's from now on."""
        self.close()
        self.path, self.desk, self.seen = path, OpenDesk(path, self.clock, self.new_id), look(path)

    def close(self) -> None:
        """Let go of the file."""
        self.seen.close()
        self.desk.close()

    def break_off(self, work: Callable[[sqlite3.Connection], object]) -> None:
        """Do something in a transaction that never ends well."""

        def job(connection: Any) -> None:
            work(connection)
            raise Died

        try:
            self.desk.write(job).result(WAIT_SECONDS)
        except Died:
            return
        raise AssertionError("a transaction that died went through")

    def take_in_again(self, stream: str, cursor: Cursor, arrivals: list[Arrival]) -> bool:
        """An answer that comes late."""
        job = self.desk.write(lambda one: incoming.take_in(one, stream, cursor, arrivals, 0))
        return bool(job.result(WAIT_SECONDS))

    @property
    def epoch(self) -> bytes:
        """The hub's epoch as it knows it."""
        found: tuple[bytes] = self.seen.execute("SELECT epoch FROM hub").fetchone()
        return found[0]

    @property
    def cursor(self) -> Cursor:
        """How far it has read."""
        return cursor_of(self.seen, "shared")

    def rows(self) -> dict[str, list[str]]:
        """Everything shared."""
        return shared_rows(self.seen)


@dataclass
class Ground:
    """What worlds are begun from: files of consoles at rest, and a hub that goes back to its beginning."""

    server: HubServer
    hub: str
    kept: dict[str, tuple[Path, bytes, EntityId]]
    sessions: dict[str, Session]
    admin: psycopg.Connection[Any]
    tables: list[str]
    folder: Path
    worlds: int = 0

    def reset_hub(self) -> None:
        """The hub as it was when everybody had joined."""
        self._copy("kept", "lampboard", self.tables)

    def back_up(self) -> None:
        """Keep the hub as it is now."""
        self._copy("lampboard", "backup", self.tables)

    def restore(self) -> None:
        """The hub as it was then; the time is what it is."""
        self._copy("backup", "lampboard", [name for name in self.tables if name != "shown_clock"])

    def _copy(self, source: str, target: str, tables: list[str]) -> None:
        told = [f"TRUNCATE {', '.join(f'{target}.{name}' for name in tables)}"]
        told += [f"INSERT INTO {target}.{name} SELECT * FROM {source}.{name}" for name in tables]
        with self.admin.transaction():
            self.admin.execute("SET LOCAL session_replication_role = replica")
            self.admin.execute("; ".join(told).encode())

    def close(self) -> None:
        """Let go of the hub and the files."""
        for session in self.sessions.values():
            session.close()
        self.admin.close()
        shutil.rmtree(self.folder, ignore_errors=True)


@dataclass
class World:
    """The consoles of one story, awake."""

    ground: Ground
    folder: Path
    desks: list[Desk]
    hub_ms: int = NOON
    people: dict[bytes, tuple[str, bytes]] = field(default_factory=dict)

    def pass_time(self, seconds: float) -> None:
        """It passes everywhere."""
        self.hub_ms += int(seconds * 1000)
        self.ground.admin.execute("UPDATE lampboard.shown_clock SET ms = %s", (self.hub_ms,))
        for desk in self.desks:
            desk.clock.forward(seconds=seconds)

    def grant(self, login: str, rights: str | None) -> None:
        """What a login may do from now on."""
        admin = self.ground.admin
        if rights is None:
            admin.execute("DELETE FROM lampboard.member WHERE role_name = %s", (login,))
        else:
            admin.execute(
                "INSERT INTO lampboard.member VALUES (1, %s, %s)"
                " ON CONFLICT (stream, role_name) DO UPDATE SET rights = excluded.rights",
                (login, rights),
            )

    def close(self) -> None:
        """Close every desk and forget its files."""
        for desk in self.desks:
            desk.close()
        shutil.rmtree(self.folder, ignore_errors=True)


def lay_ground(server: HubServer) -> Ground:
    """Three consoles that have joined and read everything: one with a desk, two that came to it."""
    # A disk that only pretends to be one is enough for stories in which no machine loses power.
    memory = Path("/dev/shm")
    folder = Path(tempfile.mkdtemp(prefix="lampboard-machine-", dir=memory if memory.is_dir() else None))
    hub = server.hub(*LOGINS)
    admin = server.admin(hub)
    admin.execute(OWN_CLOCK.format(noon=NOON).encode())
    anna = of_story(begin(folder / "anna.db"), server, hub)
    others = [
        empty_console(folder / f"{login}.db", server, hub, login, seed=place)
        for place, login in enumerate(LOGINS[1:], 2)
    ]
    consoles = (anna, *others)
    for one in consoles:
        one.join()
    for _round in range(2):
        for one in consoles:
            one.sync()
    kept = {one.login: (one.path, one.value("SELECT console FROM store"), one.person) for one in consoles}
    keep(*consoles)
    tables = [name for (name,) in admin.execute(TABLES)]
    for schema in ("kept", "backup"):
        admin.execute(f"CREATE SCHEMA {schema}".encode())
        for name in tables:
            admin.execute(f"CREATE TABLE {schema}.{name} AS SELECT * FROM lampboard.{name}".encode())
    sessions = {login: Session(server.url(hub, login)) for login in LOGINS}
    return Ground(server, hub, kept, sessions, admin, tables, folder)


def awake(ground: Ground) -> World:
    """A new story."""
    ground.worlds += 1
    ground.reset_hub()
    folder = ground.folder / str(ground.worlds)
    folder.mkdir()
    desks = []
    for place, (login, (kept, console, person)) in enumerate(ground.kept.items()):
        path = folder / kept.name
        shutil.copyfile(kept, path)
        path.chmod(0o600)
        clock = FixedClock()
        new_id = ids_from(10 + place, clock)
        wire = Wire(ground.sessions[login])
        desks.append(Desk(login, path, console, person, clock, new_id, wire, OpenDesk(path, clock, new_id), login))
    people = {desk.console: (desk.login, bytes(desk.person)) for desk in desks}
    return World(ground, folder, desks, people=people)
