"""Views under names: saved by keys, edited as texts, chosen by a letter, kept for everybody or for one alone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.command_line import Account
from tests.support.driver import Desk, Dispatcher, demo_desk, sitting_at


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return demo_desk(tmp_path)


@pytest.fixture
async def anna(desk: Desk) -> AsyncIterator[Dispatcher]:
    async with sitting_at(desk, "Anna", seed=1) as dispatcher:
        yield dispatcher


async def filters(anna: Dispatcher, text: str) -> None:
    """List what a filter asks for."""
    await anna.presses("f")
    await anna.sees("FILTER")
    await anna.presses("ctrl+u")
    await anna.types(text)
    await anna.presses("enter")
    await anna.sees_no_more("FILTER")


async def saves_view(anna: Dispatcher, name: str, *, is_mine: bool = False) -> None:
    """Keep what is listed under a name."""
    await anna.commands("save this view")
    await anna.sees("Save this view as")
    await anna.types(name)
    await anna.presses("enter")
    await anna.sees("for yourself alone")
    await anna.presses("y" if is_mine else "e")
    await anna.sees("+ SAVED")


async def test_a_filter_saved_as_a_view_is_chosen_by_one_letter_later(anna: Dispatcher) -> None:
    await filters(anna, "p:1")
    listed = await anna.rows()
    await saves_view(anna, "Urgent ones")
    await filters(anna, "")
    await anna.sees_no_more("[p:1]")
    await anna.presses("V")
    await anna.sees("Urgent ones", "for everybody")
    await anna.presses("1")
    await anna.sees("[p:1]")
    assert await anna.rows() == listed


async def test_saving_a_view_is_undone_by_one_key(anna: Dispatcher) -> None:
    await saves_view(anna, "Mine today")
    await anna.undoes()
    await anna.sees("undone")
    await anna.presses("V")
    await anna.sees(" List")
    assert "Mine today" not in await anna.screen()


async def test_the_same_name_again_changes_that_view_and_undo_brings_the_old_one_back(anna: Dispatcher) -> None:
    await filters(anna, "p:1")
    await saves_view(anna, "Work")
    await filters(anna, "p:2")
    await saves_view(anna, "work")
    await anna.sees("has version 2")
    await anna.undoes()
    await anna.sees("undone")
    await anna.presses("V")
    await anna.sees("Work")
    await anna.presses("1")
    await anna.sees("[p:1]")


async def test_a_private_view_is_seen_by_nobody_else(desk: Desk, anna: Dispatcher) -> None:
    await saves_view(anna, "Only for me", is_mine=True)
    await saves_view(anna, "For all of us")
    async with sitting_at(desk, "Piotr", seed=2) as piotr:
        await piotr.presses("V")
        await piotr.sees("For all of us")
        assert "Only for me" not in await piotr.screen()


async def test_the_palette_finds_a_saved_view_by_name(anna: Dispatcher) -> None:
    await filters(anna, "owner:-")
    await saves_view(anna, "Unassigned work")
    await filters(anna, "")
    await anna.commands("unassigned work")
    await anna.sees("[owner:-]")


def test_a_view_is_a_text_that_is_checked_like_other_documents(tmp_path: Path) -> None:
    account = Account(tmp_path)
    account.demo()
    edit = ("--desk", "trial", "config", "edit", "view", "Late", "--yes", "--file", "-")
    told = account.done(*edit, told='filter = "sla:breached p:1,2"\ntitle = "Late and urgent"\nletter = "q"\n')
    assert "everybody at this desk may choose it" in told
    shown = account.done("--desk", "trial", "config", "show", "view", "late")
    assert 'filter = "sla:breached p:1,2"' in shown
    assert "view     Late" in account.done("--desk", "trial", "config", "list")
    assert "column 1 of the filter: there is no field slaa" in account.refused(*edit, told='filter = "slaa:x"\n')
    assert "letter must be one letter or digit" in account.refused(*edit, told='letter = "qq"\n')
    assert "did you mean filter" in account.refused(*edit, told='fillter = "p:1"\n')
