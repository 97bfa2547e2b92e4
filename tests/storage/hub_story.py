"""Stories of several consoles and one hub: each console with a file, a login and a clock of its own."""

from __future__ import annotations

import shutil
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from core.commands import Command, OpenTicket
from core.ids import EntityId, IdMaker
from core.operations.envelope import FIRST_HASH, Envelope, canonical_json
from core.ports import Applied
from storage.desk import OpenDesk
from storage.hub.connecting import HubError
from storage.hub.running import Hub
from storage.new_desk import Owner, add_owner, create_desk
from storage.sync.joined import Cursor, Joined
from storage.sync.joining import join_hub
from storage.sync.once import Report, Round
from storage.sync.session import PushAnswer, Session
from storage.sync.state_hash import shared_rows
from tests.storage.desk_story import WAIT_SECONDS, Story, begin, copy_desk, look
from tests.support.fixed import NOON, FixedClock, ids_from
from tests.support.hub_server import NOWHERE, HubServer

BEGINNING = Cursor(0, FIRST_HASH)
"""Where a stream begins."""


@dataclass
class Console:
    """An open desk, who sits at it, and the hub it syncs with."""

    path: Path
    desk: OpenDesk
    person: EntityId
    clock: FixedClock
    new_id: IdMaker
    login: str
    server: HubServer
    hub: str

    @property
    def url(self) -> str:
        """The hub as this console's login reaches it."""
        return self.server.url(self.hub, self.login)

    def act(self, command: Command) -> Applied:
        """Do it and wait until it is on the disk."""
        return self.desk.submit(command, self.person).result(WAIT_SECONDS)

    def join(self) -> None:
        """Make this console known to the hub."""
        session = Session(self.url)
        join_hub(self.desk, self.clock, session, self.url, self.person)
        session.close()

    def sync(self, tries: int = 1) -> Report:
        """One round."""
        return Round(self.desk, self.clock, open_session, tries=tries).run()

    @contextmanager
    def look(self) -> Iterator[sqlite3.Connection]:
        """A connection that only reads, closed at the end."""
        with closing(look(self.path)) as seen:
            yield seen

    def copy(self, path: Path) -> None:
        """The file as it stands, at another place."""
        copy_desk(self.path, path)

    def rows(self) -> dict[str, list[str]]:
        """Everything shared, in canonical order."""
        with self.look() as seen:
            return shared_rows(seen)

    def value(self, query: str, *values: object) -> Any:
        """The one value of a query."""
        with self.look() as seen:
            return seen.execute(query, values).fetchone()[0]


Two = tuple[Console, Console]


@dataclass
class Kept:
    """Consoles at rest and their hub, to begin stories from: each gets files and a database of its own."""

    consoles: tuple[Console, ...]
    begun: int = 0

    @contextmanager
    def awake(self, folder: Path) -> Iterator[tuple[Console, ...]]:
        """The same consoles at work in `folder`, closed at the end."""
        self.begun += 1
        server = self.consoles[0].server
        hub = server.database(self.consoles[0].hub)
        awake = tuple(self._opened(console, place, folder, hub) for place, console in enumerate(self.consoles))
        try:
            yield awake
        finally:
            for console in awake:
                console.desk.close()

    def _opened(self, kept: Console, place: int, folder: Path, hub: str) -> Console:
        path = folder / kept.path.name
        shutil.copyfile(kept.path, path)
        path.chmod(0o600)
        clock = FixedClock(kept.clock.now_ms())
        # Other ids than before: what the consoles made so far is in their files.
        new_id = ids_from(1000 * self.begun + place, clock)
        console = replace(kept, path=path, clock=clock, new_id=new_id, desk=OpenDesk(path, clock, new_id), hub=hub)
        with closing(sqlite3.connect(path, isolation_level=None)) as file:
            file.execute("UPDATE hub SET url = ?", (console.url,))
        return console


def keep(*consoles: Console) -> Kept:
    """Put consoles to rest."""
    for console in consoles:
        console.desk.close()
        with closing(sqlite3.connect(console.path)) as file:
            assert file.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0
    return Kept(consoles)


def sync_as_the_right_goes(console: Console) -> Report:
    """A round in which the right to write is taken back between the look at the hub and the push."""

    class Late(Session):
        def push(self, epoch: bytes, here: bytes, now_ms: int, envelopes: Sequence[Envelope]) -> PushAnswer:
            with Hub(console.server.url(console.hub)) as hub:
                hub.revoke(console.login, "shared", "write")
            return super().push(epoch, here, now_ms, envelopes)

    return Round(console.desk, console.clock, lambda hub: Late(hub.url), tries=1).run()


def two_desks(folder: Path, server: HubServer) -> Two:
    """Anna's desk with a customer and Boris's, which is empty; neither has joined the hub."""
    hub = server.hub("anna", "boris")
    anna = of_story(begin(folder / "anna.db"), server, hub)
    return anna, empty_console(folder / "boris.db", server, hub, "boris", seed=2)


def two_consoles(folder: Path, server: HubServer) -> Two:
    """Anna's desk with a customer and Boris's, both joined and of one state."""
    consoles = two_desks(folder, server)
    for console in consoles:
        console.join()
    settle(*consoles)
    return consoles


def settle(*consoles: Console) -> None:
    """Everybody sends, then everybody reads."""
    for _round in range(2):
        for console in consoles:
            console.sync()


def opened(console: Console, subject: str = "Printer jams") -> EntityId:
    """A ticket of the first customer, opened there."""
    company = console.value("SELECT id FROM company")
    return console.act(OpenTicket(subject, EntityId(company), 3)).touched[0]


def subjects(console: Console) -> list[str]:
    """Of every ticket there, sorted."""
    with console.look() as seen:
        return [subject for (subject,) in seen.execute("SELECT subject FROM ticket ORDER BY subject")]


def open_session(hub: Joined) -> Session:
    """As a console does it."""
    return Session(hub.url)


def nobody_there(hub: Joined) -> Session:
    """As a console tries it while the hub's machine is off."""
    return Session(NOWHERE)


def code_of(call: Callable[..., object], *values: object, **named: object) -> str:
    """What the hub, or the way to it, refuses a call with."""
    try:
        call(*values, **named)
    except HubError as error:
        return error.code
    raise AssertionError("it was not refused")


def of_story(story: Story, server: HubServer, hub: str, login: str = "anna") -> Console:
    """The desk of a story as a console that joins."""
    return Console(story.path, story.desk, story.anna, story.clock, story.new_id, login, server, hub)


def empty_console(path: Path, server: HubServer, hub: str, login: str, seed: int) -> Console:
    """A new desk with one colleague on it, who is called as the login."""
    clock = FixedClock()
    new_id = ids_from(seed, clock)
    create_desk(path, "Main", clock, new_id).close()
    person = add_owner(path, clock, new_id, Owner(login.title(), "Day shift", "Europe/Warsaw"))
    return Console(path, OpenDesk(path, clock, new_id), person, clock, new_id, login, server, hub)


class Sender:
    """A console made by hand: it says what it likes, in a chain that fits unless told otherwise."""

    def __init__(self, server: HubServer, hub: str, login: str, number: int, *, person: int | None = None) -> None:
        self.console = bytes([number]) * 16
        self.person = EntityId(bytes([100 + number if person is None else person]) * 16)
        self.session = Session(server.url(hub, login))
        self.welcome = self.session.join(self.console, self.person)
        self.n = 0
        self.last_hash = FIRST_HASH

    def operation(self, **changes: Any) -> Envelope:
        """The next operation of this console, its act its own unless `txn` says otherwise."""
        self.n += 1
        fields = {"entity": "team", "record": (b"%16d" % self.n).hex(), "fields": {"name": "Night"}, "archived": False}
        made = Envelope(
            console=self.console,
            n=self.n,
            txn=bytes([self.n % 256]) * 16,
            stream="shared",
            entity="record",
            id=EntityId(b"%16d" % self.n),
            kind="record.added",
            payload=canonical_json(fields),
            base=b"{}",
            hlc=NOON << 16,
            schema_v=1,
            prev=self.last_hash,
            author=self.person,
        )
        made = replace(made, **changes)
        self.last_hash = made.hash
        return made

    def push(self, *envelopes: Envelope, now_ms: int = NOON) -> Any:
        """Hand them over."""
        return self.session.push(self.welcome.epoch, self.console, now_ms, envelopes)


def hub_log(server: HubServer, hub: str) -> Sequence[Any]:
    """The hub's log as its owner sees it: number, console, n, kind, author."""
    with server.admin(hub) as connection:
        query = "SELECT seq, uuid_send(console), n, kind, uuid_send(author) FROM lampboard.op ORDER BY seq"
        return connection.execute(query).fetchall()


def times_in_log(console: Console) -> Counter[tuple[bytes, int]]:
    """How often each operation, by console and n, stands in that console's hub."""
    return Counter((row[1], row[2]) for row in hub_log(console.server, console.hub))


def hub_refused(server: HubServer, hub: str) -> dict[int, str]:
    """What the hub refused, by number."""
    with server.admin(hub) as connection:
        return dict(connection.execute("SELECT n, reason FROM lampboard.refused ORDER BY n").fetchall())
