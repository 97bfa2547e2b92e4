"""Finding in the list that has the keys, by keys at 80x24."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.driver import Dispatcher, PilotHands, at_the_desk
from tui.panes.queue import QueuePane


@pytest.fixture
async def anna(tmp_path: Path) -> AsyncIterator[Dispatcher]:
    async with at_the_desk(tmp_path) as dispatcher:
        yield dispatcher


async def finds(anna: Dispatcher, words: str) -> None:
    """Look for words."""
    await anna.presses("slash")
    await anna.sees("Enter answers")
    await anna.types(words)
    await anna.presses("enter")
    await anna.sees_no_more("Enter answers")


async def next_one(anna: Dispatcher, key: str = "full_stop") -> str:
    """The ticket that the next, or the one before, is."""
    before = await anna.number()
    await anna.presses(key)
    for _ in range(100):
        if await anna.number() != before:
            break
        await anna.sees("q quit")
    return await anna.number()


async def test_the_cursor_goes_to_the_row_while_its_words_are_typed(anna: Dispatcher) -> None:
    await anna.presses("slash")
    await anna.sees("Enter answers")
    await anna.types("suan")
    assert await anna.number() == "T-104246"
    await anna.presses("enter")
    await anna.sees_no_more("Enter answers")
    assert await anna.number() == "T-104246"


async def test_diacritics_and_case_do_not_count(anna: Dispatcher) -> None:
    await finds(anna, "ZAKLADY przenos")
    assert await anna.number() == "T-104258"


async def test_escape_puts_the_cursor_back(anna: Dispatcher) -> None:
    before = await anna.number()
    await anna.presses("slash")
    await anna.sees("Enter answers")
    await anna.types("suan")
    await anna.presses("escape")
    await anna.sees_no_more("Enter answers")
    assert await anna.number() == before


async def test_the_next_and_the_one_before_are_one_key_each_and_the_list_begins_again_at_its_end(
    anna: Dispatcher,
) -> None:
    await finds(anna, "mlyny")
    first = await anna.number()
    second = await next_one(anna)
    assert second not in (first, "")
    assert await next_one(anna, "comma") == first
    seen = [first]
    while (number := await next_one(anna)) != first:
        seen.append(number)
        assert len(seen) < 20
    await anna.sees("began again at the top")


async def test_what_stands_in_no_row_is_told_and_the_cursor_stays(anna: Dispatcher) -> None:
    before = await anna.number()
    await finds(anna, "no such text")
    await anna.sees("no row here holds no such text")
    assert await anna.number() == before


async def test_before_anything_was_looked_for_the_key_says_what_to_do(anna: Dispatcher) -> None:
    await anna.presses("full_stop")
    await anna.sees("nothing was looked for yet; / asks for words")


async def test_a_row_far_below_those_in_memory_is_found_by_a_read(tmp_path: Path) -> None:
    async with at_the_desk(tmp_path) as anna:
        await anna.lists("all, also closed")
        await anna.presses("G")
        await anna.sees_no_more("reading")
        oldest = await anna.number()
        await anna.presses("g")
        await finds(anna, oldest)
        await anna.sees(">", oldest)
        assert await anna.number() == oldest
        assert isinstance(anna.hands, PilotHands)
        queue = anna.hands.pilot.app.screen.query_one("#queue", QueuePane)
        assert queue.cursor == queue.window.total - 1


async def test_the_company_list_is_found_in_too(anna: Dispatcher) -> None:
    await anna.presses("3")
    await anna.sees("2026 ", "T-104234")
    await finds(anna, "kurtyna")
    await anna.presses("r")
    await anna.sees("T-104198 REPLY to")


async def test_the_ticket_pane_goes_to_the_line(anna: Dispatcher) -> None:
    await anna.presses("2")
    await finds(anna, "caller")
    assert isinstance(anna.hands, PilotHands)
    assert "caller" in await anna.screen()
