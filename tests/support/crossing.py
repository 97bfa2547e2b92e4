"""People who cross each other for real on two consoles of one hub, and a screen at one of the consoles."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from core.commands import AssignTicket, MoveStage, PostEntry, SetPriority
from core.ids import EntityId
from core.pages import People
from storage.desk import OpenDesk
from tests.storage.hub_story import Console, opened, settle
from tests.support.driver import Dispatcher, PilotHands
from tui.bootstrap import Seat, build_app
from tui.settings import Settings


def cross(anna: Console, boris: Console) -> dict[str, EntityId]:
    """Both set a priority, both take a ticket, one closes what the other writes on; notes are merged without a word."""
    priority, owner, closed = (opened(anna, told) for told in ("Printer jams", "No dial tone", "Gate stays shut"))
    settle(anna, boris)
    anna.act(SetPriority(priority, 1))
    anna.act(PostEntry(priority, "note", "Line stops at noon"))
    anna.act(AssignTicket(owner, anna.person, None))
    anna.act(MoveStage(closed, "closed"))
    boris.clock.forward(minutes=10)
    boris.act(SetPriority(priority, 2))
    boris.act(PostEntry(priority, "note", "Spare scanner at dock 2"))
    boris.act(AssignTicket(owner, boris.person, None))
    boris.act(PostEntry(closed, "note", "Still open on my side"))
    settle(anna, boris)
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
