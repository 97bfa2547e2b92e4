"""Two consoles and a hub on which people have crossed each other for real, and a screen at one of the consoles."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from core.commands import AssignTicket, MoveStage, OpenTicket, PostEntry, SetPriority
from core.ids import EntityId
from core.pages import People
from storage.desk import OpenDesk
from tests.storage.desk_story import begin
from tests.storage.hub_story import Console, empty_console, of_story
from tests.support.driver import Dispatcher, PilotHands
from tests.support.hub_server import HubServer
from tui.bootstrap import Seat, build_app
from tui.settings import Settings


def two_consoles(folder: Path, server: HubServer) -> tuple[Console, Console]:
    """Anna's desk with a customer and Boris's, both joined and of one state."""
    hub = server.hub("anna", "boris")
    anna = of_story(begin(folder / "anna.db"), server, hub)
    boris = empty_console(folder / "boris.db", server, hub, "boris", seed=2)
    for console in (anna, boris):
        console.join()
    meet(anna, boris)
    return anna, boris


def meet(*consoles: Console) -> None:
    """Everybody sends, then everybody reads."""
    for _round in range(2):
        for console in consoles:
            console.sync()


def opened(anna: Console, boris: Console, *subjects: str) -> list[EntityId]:
    """Tickets that both know."""
    company = EntityId(anna.value("SELECT id FROM company"))
    tickets = [anna.act(OpenTicket(subject, company, 3)).touched[0] for subject in subjects]
    meet(anna, boris)
    return tickets


def cross(anna: Console, boris: Console) -> dict[str, EntityId]:
    """Both set a priority, both take a ticket, one closes what the other writes on; notes are merged without a word."""
    priority, owner, closed = opened(anna, boris, "Printer jams", "No dial tone", "Gate stays shut")
    anna.act(SetPriority(priority, 1))
    anna.act(PostEntry(priority, "note", "Line stops at noon"))
    anna.act(AssignTicket(owner, anna.person, None))
    anna.act(MoveStage(closed, "closed"))
    boris.clock.forward(minutes=10)
    boris.act(SetPriority(priority, 2))
    boris.act(PostEntry(priority, "note", "Spare scanner at dock 2"))
    boris.act(AssignTicket(owner, boris.person, None))
    boris.act(PostEntry(closed, "note", "Still open on my side"))
    meet(anna, boris)
    return {"priority": priority, "owner": owner, "closed": closed}


@asynccontextmanager
async def sitting_at_console(console: Console, *, columns: int = 80, rows: int = 24) -> AsyncIterator[Dispatcher]:
    """The colleague of a console at its screen, under a pilot."""
    console.desk.close()
    console.desk = OpenDesk(console.path, console.clock, console.new_id)
    line = next(line for line in console.desk.page_now(People()) if line.id == console.person)
    app = build_app(Seat(console.desk, line, console.desk.zone_of(line.id), False, console.clock, Settings()))
    async with app.run_test(size=(columns, rows)) as pilot:
        await pilot.pause()
        yield Dispatcher(PilotHands(pilot))
        await pilot.pause()
    assert not app.crash_report, app.crash_report
