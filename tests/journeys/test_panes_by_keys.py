"""Contract and equipment by keys: where they stand at each size, that they follow, and what they say when empty."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from tests.support.driver import Desk, Dispatcher, PilotHands, at_the_desk, demo_desk, sitting_at


def _pilot(dispatcher: Dispatcher) -> Any:
    assert isinstance(dispatcher.hands, PilotHands)
    return dispatcher.hands.pilot


def rewrite(desk: Desk, statement: str) -> None:
    """Change the desk's rows before anybody sits down."""
    with sqlite3.connect(desk.path) as connection:
        connection.execute(statement)
    connection.close()


async def header(anna: Dispatcher, title: str) -> str:
    """The header of a pane, from its number on."""
    for line in (await anna.screen()).split("\n"):
        if match := re.search(rf" \d {title} .*", line):
            return match[0]
    return ""


async def test_at_120_columns_all_five_panes_are_seen_and_follow_the_cursor(tmp_path: Path) -> None:
    async with at_the_desk(tmp_path, columns=120, rows=40) as anna:
        await anna.sees("4 CONTRACT  C-", "3 COMPANY", "5 EQUIPMENT  ", "covers", "model  ", "paid  ")
        before = await header(anna, "EQUIPMENT")

        await anna.presses("j")
        await anna.sees_no_more(before)

        number = await anna.number()
        await anna.sees(f"2 TICKET  {number}")


async def test_the_right_column_keeps_its_heights_at_120x40_and_200x60(tmp_path: Path) -> None:
    for columns, rows in ((120, 40), (200, 60)):
        folder = tmp_path / str(columns)
        folder.mkdir()
        async with at_the_desk(folder, columns=columns, rows=rows) as anna:
            await anna.sees("4 CONTRACT  C-")
            lines = (await anna.screen()).split("\n")
            titles = (" 4 CONTRACT", " 3 COMPANY", " 5 EQUIPMENT")
            tops = [next(y for y, line in enumerate(lines) if title in line) for title in titles]
            assert tops == [1, 12, 24]


async def test_four_and_five_turn_the_tabs_of_a_small_screen(tmp_path: Path) -> None:
    async with at_the_desk(tmp_path) as anna:
        await anna.sees("2 Ticket", "3 Company", "4 Contract", "5 Equipment", "caller")

        await anna.presses("4")
        await anna.sees("covers", "paid", "why the clocks stand there")
        assert "caller" not in await anna.screen()

        await anna.presses("5")
        await anna.sees("model", "warranty", "fails")
        assert "covers  " not in await anna.screen()

        await anna.presses("escape")
        await anna.sees("caller")
        assert anna.keys_pressed == 3


async def test_eight_rows_tell_first_which_contract_holds_and_what_keeps_coming_back(tmp_path: Path) -> None:
    async with at_the_desk(tmp_path) as anna:
        await anna.presses("4")
        await anna.sees("C-2001  GOLD  18.05.2025 to 03.08.2027", "resolve", "paid", "why the clocks stand there")
        await anna.presses("3")
        await anna.sees("GOLD to 03.08.2027", "open, ", "R DFS 2 times A-440", "people Rafał Sikora (may order)")
        below = (await anna.screen()).split("people ")[1]
        assert len(re.findall(r"T-\d{6}", below)) >= 4


async def test_the_tab_key_goes_through_all_five_panes_and_round(tmp_path: Path) -> None:
    async with at_the_desk(tmp_path) as anna:
        for sign in ("caller", "2026 ", "covers", "model", " 1 my+unassigned"):
            await anna.presses("tab")
            await anna.sees(sign)
        await anna.presses("shift+tab")
        await anna.sees("model", "fails")


async def test_a_zoomed_contract_tells_every_clause_and_gives_the_room_back(tmp_path: Path) -> None:
    async with at_the_desk(tmp_path, columns=120, rows=40) as anna:
        await anna.presses("4", "z")
        await anna.sees("CLOCKS", "UNITS", "COVERAGE", "+ covered", "x not covered", "MONEY", "full bar")
        assert " 1 QUEUE" in await anna.screen() and "5 EQUIPMENT" not in await anna.screen()

        await anna.presses("5")
        await anna.sees("HISTORY", "newest first", "5 EQUIPMENT")
        assert "4 CONTRACT" not in await anna.screen()

        await anna.presses("escape")
        await anna.sees("4 CONTRACT", "3 COMPANY", "2 TICKET")


async def test_only_the_pane_that_is_seen_is_read_on_a_small_screen(tmp_path: Path) -> None:
    async with at_the_desk(tmp_path) as anna:
        await anna.presses("j")
        await anna.sees(f"{await anna.number()} ", "caller")
        screen = _pilot(anna).app.screen
        assert (screen._company.page, screen._contract.page, screen._equipment.page) == (None, None, None)

        await anna.presses("5")
        await anna.sees("warranty")
        assert (screen._company.page, screen._contract.page) == (None, None)


async def test_the_ledger_is_one_key_from_the_contract(tmp_path: Path) -> None:
    async with at_the_desk(tmp_path) as anna:
        await anna.presses("4")
        await anna.sees("d why the clocks stand there")
        await anna.presses("d")
        await anna.sees("WHY")
        await anna.presses("escape")
        await anna.sees("covers", "why the clocks stand there")


async def test_a_small_screen_shows_the_contract_of_the_ticket_gone_to(tmp_path: Path) -> None:
    async with at_the_desk(tmp_path) as anna:
        await anna.presses("4")
        await anna.sees("covers")
        first = await anna.number()
        await anna.presses("1", "j", "j")
        number = await anna.number()
        assert number != first
        app = _pilot(anna).app

        await anna.presses("4")
        await anna.sees(f"{number} ", "covers", "paid")

        (ticket,) = sqlite3.connect(tmp_path / "desk.db").execute("SELECT id FROM ticket WHERE number = ?", (number,))
        assert app.screen._contract.page.ticket == ticket[0]


async def test_a_key_pressed_right_after_the_company_acts_on_the_companys_row(tmp_path: Path) -> None:
    async with at_the_desk(tmp_path) as anna:
        await anna.presses("3", "a")
        # The company's newest ticket is the person's own, the one under the queue's cursor is nobody's.
        await anna.sees("x REFUSED T-", "is yours already")
        shown = await anna.screen()
        number = re.search(r"REFUSED (T-\d+)", shown)
        assert number is not None
        assert [line for line in shown.split("\n") if line.startswith(">") and number[1] in line]


@pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=str)
async def test_a_ticket_without_contract_or_equipment_says_what_to_do(size: tuple[int, int], tmp_path: Path) -> None:
    desk = demo_desk(tmp_path)
    rewrite(desk, "UPDATE ticket SET contract_version = NULL, equipment = NULL")
    async with sitting_at(desk, columns=size[0], rows=size[1]) as anna:
        await anna.presses("4")
        await anna.sees("No contract on this ticket", "before billable work", "i note")
        await anna.presses("5")
        await anna.sees("No equipment is named on this ticket.", "label", "3 company")


async def test_an_empty_queue_leaves_every_pane_with_nothing_to_show(tmp_path: Path) -> None:
    desk = demo_desk(tmp_path)
    rewrite(desk, "UPDATE ticket SET queue_rank = 5, archived = 1")
    async with sitting_at(desk, columns=120, rows=40) as anna:
        await anna.sees("4 CONTRACT", "5 EQUIPMENT", "Nothing to show.")
        assert "reading" not in await anna.screen()


async def test_a_page_that_cannot_be_read_says_so_in_its_pane_and_leaves_the_others(tmp_path: Path) -> None:
    desk = demo_desk(tmp_path)
    rewrite(desk, "ALTER TABLE contract_version RENAME COLUMN exclusions TO gone")
    async with sitting_at(desk, columns=120, rows=40) as anna:
        await anna.sees("x This could not be read", "ctrl+r reads it again", "3 COMPANY", "caller")


async def test_turning_from_small_to_large_fills_the_panes_that_come_into_sight(tmp_path: Path) -> None:
    async with at_the_desk(tmp_path) as anna:
        await anna.sees("caller")
        await _pilot(anna).resize_terminal(120, 40)
        await anna.sees("covers", "model", "3 COMPANY", " open, ")


async def test_used_up_time_goes_on_with_the_minutes(tmp_path: Path) -> None:
    desk = demo_desk(tmp_path)
    async with sitting_at(desk, columns=120, rows=40) as anna:
        await anna.presses("j")
        await anna.sees(f"2 TICKET  {await anna.number()}", "covers")
        app = _pilot(anna).app
        before = app.screen._contract.page.used
        desk.clock.forward(minutes=7)
        app.screen._minute_passed()
        for _ in range(100):
            await anna.hands.pause()
            if app.screen._contract.page.used != before:
                break
        grown = [later - earlier for earlier, later in zip(before, app.screen._contract.page.used, strict=True)]
        assert set(grown) <= {0, 420} and 420 in grown
