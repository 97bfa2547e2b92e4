"""Filters by keys at 80x24: typed, completed, mended where they cannot be read, kept or given up."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from textual.widgets import Input

from tests.support.driver import Dispatcher, PilotHands, at_the_desk


@pytest.fixture
async def anna(tmp_path: Path) -> AsyncIterator[Dispatcher]:
    async with at_the_desk(tmp_path) as dispatcher:
        yield dispatcher


def prompt_field(anna: Dispatcher) -> Input:
    assert isinstance(anna.hands, PilotHands)
    return anna.hands.pilot.app.screen.query_one("#prompt-field", Input)


async def field_text(anna: Dispatcher) -> str:
    """What stands in the prompt row."""
    return prompt_field(anna).value


async def status(anna: Dispatcher) -> str:
    """Row 1."""
    return (await anna.screen()).splitlines()[0]


async def priorities(anna: Dispatcher) -> list[str]:
    """The priority of each row of the queue."""
    shown = (await anna.screen()).splitlines()
    return [line[11] for line in shown if re.match(r".{13}T-\d", line)]


async def filters(anna: Dispatcher, text: str) -> None:
    """Type a filter and list what it asks for."""
    await anna.presses("f")
    await anna.sees("FILTER")
    await anna.types(text)
    await anna.presses("enter")
    await anna.sees_no_more("FILTER")


async def test_a_filter_of_one_priority_costs_five_keys(anna: Dispatcher) -> None:
    await anna.presses("f")
    await anna.sees("FILTER")
    await anna.presses("p", ":" if not isinstance(anna.hands, PilotHands) else "colon", "1", "enter")
    await anna.sees("[p:1]")
    assert set(await priorities(anna)) == {"1"}


async def test_the_filter_stands_in_row_one_beside_the_view_and_its_own_counts(anna: Dispatcher) -> None:
    before = await status(anna)
    await filters(anna, "p:2 -owner:-")
    after = await status(anna)
    assert "my+unassigned [p:2 -owner:-]" in after
    assert before.split()[2] != after.split()[4]


async def test_an_empty_filter_lists_all_again(anna: Dispatcher) -> None:
    before = await anna.rows()
    await filters(anna, "p:1")
    await anna.presses("f", "ctrl+u", "enter")
    await anna.sees_no_more("[p:1]")
    assert await anna.rows() == before


async def test_escape_keeps_the_old_filter(anna: Dispatcher) -> None:
    await filters(anna, "p:1")
    await anna.presses("f")
    await anna.types(" co:zzz")
    await anna.presses("escape")
    await anna.sees_no_more("FILTER")
    assert "[p:1]" in await status(anna)


async def test_the_next_filter_begins_from_the_present_one(anna: Dispatcher) -> None:
    await filters(anna, "p:1,2")
    await anna.presses("f")
    await anna.sees("FILTER")
    assert await field_text(anna) == "p:1,2"


async def test_a_field_and_a_name_of_the_desk_are_completed_by_tab(anna: Dispatcher) -> None:
    await anna.presses("f")
    await anna.sees("FILTER")
    await anna.types("ow")
    await anna.sees("owner:")
    await anna.presses("tab")
    await anna.types("pio")
    await anna.sees("Piotr")
    await anna.presses("tab")
    assert await field_text(anna) == "owner:Piotr "


async def test_down_and_enter_take_a_line_of_the_list_and_enter_again_lists(anna: Dispatcher) -> None:
    await anna.presses("f")
    await anna.sees("FILTER")
    await anna.types("stage:")
    await anna.sees("on_site")
    await anna.presses("down", "enter")
    assert await field_text(anna) == "stage:active "
    await anna.presses("enter")
    await anna.sees("[stage:active]")


async def test_a_filter_that_cannot_be_read_is_told_and_marked_and_mended_by_tab(anna: Dispatcher) -> None:
    await anna.presses("f")
    await anna.sees("FILTER")
    await anna.types("p:1 stage:reslved")
    await anna.presses("enter")
    await anna.sees("column 11 of the filter: stage is never reslved")
    assert prompt_field(anna).selected_text == "reslved"
    await anna.presses("tab")
    assert (await field_text(anna)).strip() == "p:1 stage:resolved"
    await anna.presses("enter")
    await anna.sees("[p:1 stage:resolved]", "No ticket of the view")


async def test_a_priority_that_there_is_not_is_refused_at_its_column(anna: Dispatcher) -> None:
    await anna.presses("f")
    await anna.sees("FILTER")
    await anna.types("co:a p:9")
    await anna.presses("enter")
    await anna.sees("column 8 of the filter: p is never 9; it may be 1, 2, 3, 4")


async def test_an_owner_whom_nobody_is_called_like_is_told_and_mended_by_tab(anna: Dispatcher) -> None:
    await anna.presses("f")
    await anna.sees("FILTER")
    await anna.types("owner:pitor")
    await anna.presses("enter")
    await anna.sees("column 7 of the filter: nobody is called pitor; nearest are Piotr")
    await anna.presses("tab")
    assert (await field_text(anna)).strip() == "owner:Piotr"
    await anna.presses("enter", "j")
    await anna.sees("[owner:Piotr]")


async def test_paging_through_a_filtered_list_keeps_to_the_filter(anna: Dispatcher) -> None:
    await anna.lists("all, also closed")
    await filters(anna, "class:closed p:3")
    await anna.presses("pagedown", "pagedown", "G")
    await anna.sees("[class:closed p:3]")
    assert set(await priorities(anna)) == {"3"}


async def test_a_hostile_text_in_a_filter_is_looked_for_and_does_nothing_else(anna: Dispatcher) -> None:
    await filters(anna, "[red]x[/] '; DROP TABLE ticket; x")
    await anna.sees("No ticket of the view")
    await anna.presses("f", "ctrl+u", "enter")
    await anna.sees_no_more("No ticket of the view")
    assert await anna.rows()
