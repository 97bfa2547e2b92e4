"""Stories of a hub with keepers: Anna's desk with a customer, and Kate and Karl, who may keep."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.ids import EntityId
from storage.hub.running import Hub
from storage.outbox import Outbox
from storage.sync.joined import Joined, joined
from storage.sync.keeper_session import KeeperSession
from storage.sync.keeping import Keeper
from tests.storage.desk_story import begin
from tests.storage.hub_story import Console, empty_console, of_story, settle
from tests.support.hub_server import HubServer

Three = tuple[Console, Console, Console]
KEEPERS = ("kate", "karl")
AWAKE: list[Keeper] = []


def three_desks(folder: Path, server: HubServer) -> Three:
    """Anna's desk with a customer, and those of two keepers, joined and of one state."""
    hub = server.hub("anna", *KEEPERS)
    with Hub(server.url(hub)) as opened:
        for login in KEEPERS:
            opened.grant(login, "shared", "keep")
    anna = of_story(begin(folder / "anna.db"), server, hub)
    kate, karl = (
        empty_console(folder / f"{login}.db", server, hub, login, seed=seed) for seed, login in enumerate(KEEPERS, 2)
    )
    for console in (anna, kate, karl):
        console.join()
    settle(anna, kate, karl)
    return anna, kate, karl


def open_keeper_session(hub: Joined) -> KeeperSession:
    """As a keeper does it."""
    return KeeperSession(hub.url)


def keeper_of(console: Console, postbox: Postbox | None = None) -> Keeper:
    """A keeper on that desk; with a postbox it sends mail, without waiting for anybody to take it back."""

    def mail(clock: Any, holds: Any) -> Outbox:
        assert postbox is not None
        return Outbox(console.desk, console.path, clock, postbox.command, grace_seconds=0, holds=holds)

    keeper = Keeper(console.desk, console.clock, open_keeper_session, None if postbox is None else mail)
    AWAKE.append(keeper)
    return keeper


def close_keepers() -> None:
    """Let every keeper of a story end: a login has few connections."""
    while AWAKE:
        AWAKE.pop().close()


def hub_of(console: Console) -> Joined:
    """The hub as that desk knows it."""
    with console.look() as seen:
        found = joined(seen)
    assert found is not None
    return found


@dataclass(frozen=True)
class Postbox:
    """A mail command that adds a line to a file for each mail it gets."""

    file: Path

    @property
    def command(self) -> tuple[str, ...]:
        """A program that keeps what it is handed."""
        keep = "import sys; open(sys.argv[1], 'a').write(repr(sys.stdin.read()) + '\\n')"
        return (sys.executable, "-c", keep, str(self.file))

    def mails(self) -> list[str]:
        """What was handed over so far."""
        return self.file.read_text().splitlines() if self.file.exists() else []


def reporting(server: HubServer, hub: str, table: str, columns: str = "*") -> list[Any]:
    """Rows of a reporting table."""
    with server.admin(hub) as connection:
        return connection.execute(f"SELECT {columns} FROM report.{table} ORDER BY 1".encode()).fetchall()


def ids_of(console: Console, query: str) -> list[EntityId]:
    """Ids that a query finds on that desk."""
    with console.look() as seen:
        return [EntityId(row[0]) for row in seen.execute(query).fetchall()]
