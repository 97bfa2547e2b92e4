"""`Dispatcher`: a person at the console, in the desk's verbs, with every key counted.

    async with at_the_desk(folder) as anna:                  # the application under a pilot, clock standing still
        await anna.takes()
        await anna.sees("is yours")
        assert anna.keys_pressed == 1

The same verbs drive the real program in a pseudo-terminal: `Dispatcher(PtyHands(program))`.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Protocol

from textual.pilot import Pilot

from core.pages import People
from core.stages import STAGES
from storage.desk import OpenDesk
from tests.support.fixed import FixedClock, ids_from
from tests.support.rest import Rest
from tests.support.terminal import PtyProgram
from tests.support.worlds import copy_of, world
from tui.actions.move_ticket import PARTY_LETTERS
from tui.app import Lampboard
from tui.bootstrap import Seat, build_app
from tui.settings import Settings

TICKETS = 300
SCOPE_LETTERS = {"my+unassigned": "u", "mine": "m", "my team": "t", "all open": "o", "all, also closed": "a"}
WAIT_SECONDS = 15.0
"""How long a person looks for something; a busy machine is slow, a screen that never shows it is wrong."""
_NUMBER = re.compile(r"T-\d+")


class Hands(Protocol):
    """What a person does with any terminal: press, type, look."""

    async def press(self, *keys: str) -> None:
        """Press keys by their names."""

    async def type_text(self, text: str) -> None:
        """Type a text character by character."""

    async def lines(self) -> list[str]:
        """The rows of the screen now."""

    async def pause(self) -> None:
        """Let the program go on for a moment."""


class PilotHands:
    """Hands on an application that runs in this process."""

    def __init__(self, pilot: Pilot[None]) -> None:
        self.pilot = pilot
        assert isinstance(pilot.app, Lampboard)
        self._rest = Rest(pilot.app)

    async def press(self, *keys: str) -> None:
        """Press keys; each is answered before the next."""
        for key in keys:
            await self._rest.after(key)

    async def type_text(self, text: str) -> None:
        """Type a text at once; blanks and signs are keys by name to a pilot."""
        await self._rest.after(*text)

    async def lines(self) -> list[str]:
        """The rows of the screen as drawn; a console that ended with a fault shows nothing more."""
        fault = self.pilot.app._exception
        if fault is not None:
            raise fault
        return screen_lines(self.pilot.app)

    async def pause(self) -> None:
        """Let messages and threads be heard, and what waits for a moment come."""
        await asyncio.sleep(0.005)
        await self._rest.comes()


class PtyHands:
    """Hands on the real program in a pseudo-terminal."""

    def __init__(self, program: PtyProgram) -> None:
        self.program = program

    async def press(self, *keys: str) -> None:
        """Press keys; the pace is a fast person's, so that each key finds the answer to the one before."""
        for key in keys:
            self.program.press(key)
            self.program.settle(0.06)

    async def type_text(self, text: str) -> None:
        """Type a text at once."""
        self.program.type_text(text)
        self.program.settle(0.06)

    async def lines(self) -> list[str]:
        """The rows of the screen."""
        return self.program.text().split("\n")

    async def pause(self) -> None:
        """Wait for a moment."""
        await asyncio.sleep(0.01)


def screen_lines(app: object) -> list[str]:
    """The text of an application's screen, row by row, without blanks at the end."""
    assert isinstance(app, Lampboard)
    strips = app.screen._compositor.render_strips(app.size)
    return [strip.text.rstrip() for strip in strips]


class Dispatcher:
    """A person at the keys. `keys_pressed` counts keys, `letters_typed` the characters of texts."""

    def __init__(self, hands: Hands) -> None:
        self.hands = hands
        self.keys_pressed = 0
        self.letters_typed = 0

    # Seeing.

    async def screen(self) -> str:
        """Everything on the screen."""
        return "\n".join(await self.hands.lines())

    async def sees(self, *texts: str, within: float = WAIT_SECONDS) -> None:
        """Wait until all of the texts stand on the screen."""
        until = time.monotonic() + within
        while True:
            shown = await self.screen()
            missing = [text for text in texts if text not in shown]
            if not missing:
                return
            assert time.monotonic() < until, f"{missing} not seen within {within} s on:\n{shown}"
            await self.hands.pause()

    async def sees_no_more(self, text: str, within: float = WAIT_SECONDS) -> None:
        """Wait until the text has gone from the screen."""
        until = time.monotonic() + within
        while text in (shown := await self.screen()):
            assert time.monotonic() < until, f"{text!r} still stands after {within} s on:\n{shown}"
            await self.hands.pause()

    async def row(self, number: str) -> str:
        """The queue's row of a ticket, or an empty text."""
        rows = [line for line in await self.hands.lines() if _is_row(line) and number in line]
        return rows[0] if rows else ""

    async def sees_row(self, number: str, text: str, within: float = WAIT_SECONDS) -> None:
        """Wait until the queue's row of a ticket holds the text."""
        until = time.monotonic() + within
        while text not in (row := await self.row(number)):
            assert time.monotonic() < until, f"{text!r} not in the row of {number}: {row!r}"
            await self.hands.pause()

    async def sees_owner(self, number: str, owner: str) -> None:
        """Wait until the row of a ticket ends with its owner's name, `me` or `-`."""
        until = time.monotonic() + WAIT_SECONDS
        while not (row := await self.row(number)).endswith(f" {owner}"):
            assert time.monotonic() < until, f"{owner!r} does not own {row!r}"
            await self.hands.pause()

    async def rows(self) -> list[str]:
        """The numbers of the tickets in the queue as shown, from the top."""
        found = (_NUMBER.search(line) for line in await self.hands.lines() if _is_row(line))
        return [match[0] for match in found if match]

    async def number(self) -> str:
        """The ticket under the cursor of the queue."""
        for line in await self.hands.lines():
            if line.startswith(">") and (match := _NUMBER.search(line)):
                return match[0]
        raise AssertionError(f"no row has the cursor on:\n{await self.screen()}")

    # Pressing.

    async def presses(self, *keys: str) -> None:
        """Press keys by name, each counted."""
        self.keys_pressed += len(keys)
        await self.hands.press(*keys)

    async def types(self, text: str) -> None:
        """Type a text, counted apart from keys."""
        self.letters_typed += len(text)
        await self.hands.type_text(text)

    # The verbs of the desk.

    async def takes(self) -> None:
        """Take the ticket under the cursor."""
        await self.presses("a")

    async def assigns_to(self, name: str) -> None:
        """Give it to a colleague, or to `nobody`."""
        await self.presses("A")
        await self.sees("Assign ")
        await self.types(name)
        await self.presses("enter")

    async def begins_reply(self, text: str) -> None:
        """Write a reply and do not send it."""
        await self.presses("r")
        await self.sees("REPLY to")
        await self.types(text)

    async def replies(self, text: str) -> None:
        """Write to the customer and send it."""
        await self.begins_reply(text)
        await self.presses("ctrl+s")
        await self.sees("Send the reply on")
        await self.presses("y")

    async def notes(self, text: str) -> None:
        """Write what only colleagues see."""
        await self.presses("i")
        await self.sees("NOTE for colleagues")
        await self.types(text)
        await self.presses("ctrl+s")

    async def moves_to(self, stage: str) -> None:
        """Change the stage by the menu."""
        await self.presses("s")
        await self.sees("Stage of")
        await self.presses(STAGES[stage.replace(" ", "_")].letter)

    async def sets_priority(self, priority: int) -> None:
        """Change the priority."""
        await self.presses("p")
        await self.sees("Priority of")
        await self.presses(str(priority))

    async def waits_for(self, party: str, because: str) -> None:
        """Say whom the ticket waits for and why."""
        await self.presses("w")
        await self.sees(" waits for")
        await self.presses(PARTY_LETTERS[party])
        await self.sees("because")
        await self.types(because)
        await self.presses("enter")

    async def calls_back(self, when: str) -> None:
        """Promise a call."""
        await self.presses("c")
        await self.sees(" call ")
        await self.types(when)
        await self.presses("enter")

    async def closes(self) -> None:
        """Close the ticket."""
        await self.presses("X")

    async def marks(self, count: int) -> None:
        """Mark as many rows from the cursor on."""
        await self.presses(*["space"] * count)
        await self.sees(f"{count} marked")

    async def acts_on_marked(self, letter: str) -> None:
        """Choose what to do with all marked rows."""
        await self.presses("x")
        await self.sees("marked ticket")
        await self.presses(letter)

    async def lists(self, scope: str) -> None:
        """Choose what the queue lists."""
        await self.presses("V")
        await self.sees(" List")
        await self.presses(SCOPE_LETTERS[scope])
        await self.sees(f" {scope} ")

    async def commands(self, name: str) -> None:
        """Run an action by name from the palette."""
        await self.presses("colon" if isinstance(self.hands, PilotHands) else ":")
        await self.sees("COMMAND")
        await self.types(name)
        await self.presses("enter")

    async def undoes(self) -> None:
        """Take back the last act."""
        await self.presses("u")

    async def redoes(self) -> None:
        """Do it again."""
        await self.presses("U")


def _is_row(line: str) -> bool:
    return bool(re.match(r"[> ](!!| !| ~|  | =| \+| \.| x)", line)) and bool(_NUMBER.match(line[13:21]))


class Desk:
    """A desk's file with the clock that everybody at it shares."""

    def __init__(self, path: Path, clock: FixedClock) -> None:
        self.path = path
        self.clock = clock

    def seat(self, person: str = "", *, seed: int = 7, settings: Settings | None = None) -> Seat:
        """The desk opened by a colleague, by name; without one by whom the demo world seats first."""
        wanted = settings or Settings()
        desk = OpenDesk(self.path, self.clock, ids_from(seed, self.clock), has_mail_command=bool(wanted.mail_command))
        people = desk.page_now(People())
        seated = desk._first.execute("SELECT person FROM store").fetchone()[0]
        line = next(line for line in people if (person in line.name if person else line.id == seated))
        return Seat(desk, line, desk.zone_of(line.id), True, self.clock, wanted)


def demo_desk(folder: Path, tickets: int = TICKETS) -> Desk:
    """A private copy of a small demo world at a fixed moment."""
    return Desk(copy_of(world(tickets), folder), FixedClock())


@asynccontextmanager
async def sitting_at(
    desk: Desk,
    person: str = "",
    *,
    columns: int = 80,
    rows: int = 24,
    seed: int = 7,
    settings: Settings | None = None,
) -> AsyncIterator[Dispatcher]:
    """A colleague at the console of a desk, under a pilot."""
    seat = desk.seat(person, seed=seed, settings=settings)
    app = build_app(seat)
    try:
        async with app.run_test(size=(columns, rows)) as pilot:
            hands = PilotHands(pilot)
            await hands.pause()
            yield Dispatcher(hands)
            # The pilot's end cancels what still runs; a frame that is due is let out first.
            await hands.pause()
    finally:
        seat.desk.close()
    assert not app.crash_report, app.crash_report


@asynccontextmanager
async def at_the_desk(folder: Path, *, columns: int = 80, rows: int = 24) -> AsyncIterator[Dispatcher]:
    """The first colleague at a desk of their own."""
    async with sitting_at(demo_desk(folder), columns=columns, rows=rows) as dispatcher:
        yield dispatcher
