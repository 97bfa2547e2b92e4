"""Steps tried and promised calls, by keys alone on a small screen."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.driver import Desk, Dispatcher, demo_desk, sitting_at
from tui.settings import Settings


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return demo_desk(tmp_path)


@pytest.fixture
async def anna(desk: Desk) -> AsyncIterator[Dispatcher]:
    async with sitting_at(desk, settings=Settings(dial_command=("true",))) as dispatcher:
        yield dispatcher


async def marked_for_a_call(anna: Dispatcher, number: str) -> bool:
    """True when the ticket's row says that a promised call is due."""
    (row,) = [line for line in (await anna.screen()).split("\n")[2:12] if number in line]
    return row[71] == "c"


async def test_a_step_is_written_in_two_keys_and_stands_in_the_short_list(anna: Dispatcher) -> None:
    await anna.presses("T")
    await anna.sees("tried on")
    await anna.types("new cable, same error")
    await anna.presses("enter")

    await anna.sees("+ SAVED step on", "tried", "new cable, same error (Anna)")
    assert anna.keys_pressed == 2


async def test_a_call_that_nobody_answered_is_a_note_and_keeps_no_promise(anna: Dispatcher) -> None:
    await anna.calls_back("")
    await anna.sees("told (enter: not reached)")
    await anna.presses("enter")

    await anna.sees("+ SAVED note on", "not reached")


async def test_a_promised_call_comes_due_is_counted_and_settled_from_the_list(desk: Desk, anna: Dispatcher) -> None:
    number = await anna.number()
    await anna.calls_back("1m")
    await anna.sees("+ SAVED call back for")
    assert not await marked_for_a_call(anna, number)
    desk.clock.forward(minutes=2)
    await anna.presses("ctrl+r")
    await anna.sees(" to call back")
    assert await marked_for_a_call(anna, number)

    await anna.presses("C")
    await anna.sees("CALL-BACKS", "!! ", number)
    await anna.presses("enter")
    await anna.sees("Call back ", f"about {number}")
    await anna.presses("m")
    await anna.sees("told (enter: not reached)")
    await anna.types("we come at nine")
    await anna.presses("enter")

    await anna.sees("+ SAVED")
    await anna.sees_no_more(" to call back")
    assert not await marked_for_a_call(anna, number)


async def test_a_note_left_unfinished_is_offered_at_the_next_start_and_goes_on(desk: Desk) -> None:
    async with sitting_at(desk) as before:
        number = await before.number()
        await before.presses("i")
        await before.sees("NOTE for colleagues")
        await before.types("half a sentence")
        await before.presses("escape")
        await before.sees("draft kept")

    async with sitting_at(desk) as after:
        await after.sees(f"unfinished: note on {number}; : unfinished lists all")
        await after.commands("unfinished")
        await after.sees("UNFINISHED", f"note on {number}", "half a sentence")
        await after.presses("enter")
        await after.sees("NOTE for colleagues", "half a sentence")


async def test_a_ticket_that_undo_took_off_the_desk_leaves_the_list(desk: Desk) -> None:
    async with sitting_at(desk) as anna:
        await anna.presses("n")
        await anna.types("+49 30 111-22-33")
        await anna.sees("somebody new")
        await anna.presses("enter", "enter", "enter")
        await anna.sees("no contract found")
        await anna.types("Kein Strom")
        await anna.presses("ctrl+s")
        await anna.sees("is yours")
        number = await anna.number()

        await anna.undoes()

        await anna.sees("undone: ")
        await anna.sees_no_more(f" {number} ")
