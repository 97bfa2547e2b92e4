"""Why a deadline is where it is, by keys alone at 80x24: opened, turned, asked what if, copied, left again."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.journeys.test_real_terminal import Home
from tests.support.driver import Dispatcher, PilotHands, at_the_desk, demo_desk, sitting_at

WHY = "WHY THIS DEADLINE"


@pytest.fixture
async def anna(tmp_path: Path) -> AsyncIterator[Dispatcher]:
    async with at_the_desk(tmp_path) as dispatcher:
        yield dispatcher


def clipboard(person: Dispatcher) -> str:
    assert isinstance(person.hands, PilotHands)
    return person.hands.pilot.app.clipboard


async def asks_what_if(person: Dispatcher, text: str) -> None:
    await person.presses("W")
    await person.sees(" what if ")
    await person.types(text)
    await person.presses("enter")


async def test_why_is_one_key_and_escape_leads_back(anna: Dispatcher) -> None:
    number = await anna.number()

    await anna.presses("d")
    await anna.sees(f"{WHY}  {number}", "promised", "Counted", "Esc closes")
    assert anna.keys_pressed == 1

    await anna.presses("escape")
    await anna.sees_no_more(WHY)
    await anna.sees("a take")
    assert await anna.number() == number


async def test_tab_turns_to_the_next_clock_and_l_and_h_too(anna: Dispatcher) -> None:
    await anna.presses("d")
    await anna.sees("first response, P")

    for key in ("tab", "h", "l"):
        clock = "first response" if key == "h" else "resolution"
        await anna.presses(key)
        await anna.sees(f"{clock}, P")
    assert anna.keys_pressed == 4


async def test_what_if_is_two_keys_and_its_text_from_the_queue(anna: Dispatcher) -> None:
    await asks_what_if(anna, "priority 1, closed now")
    await anna.sees(WHY, "WHAT IF", "priority P1, closed ")
    assert (anna.keys_pressed, anna.letters_typed) == (2, len("priority 1, closed now"))


async def test_what_was_supposed_before_stays_beside_it_until_the_page_is_left(anna: Dispatcher) -> None:
    await anna.presses("d")
    await anna.sees(WHY)
    await asks_what_if(anna, "closed now")
    await anna.sees(" closed ")
    await asks_what_if(anna, "waits vendor tomorrow 9:00")
    await anna.sees("waits for vendor until", " closed ")

    await anna.presses("escape", "d")
    await anna.sees(WHY)
    assert "vendor until" not in await anna.screen()


async def test_a_supposition_nobody_understands_is_refused_and_can_be_mended(anna: Dispatcher) -> None:
    await asks_what_if(anna, "priority 1, clozed now")
    await anna.sees("x REFUSED try priority 1, policy NAME")

    await anna.presses("W")
    await anna.sees(" what if priority 1, clozed now")
    await anna.presses(*["backspace"] * len("clozed now"))
    await anna.types("closed now")
    await anna.presses("enter")
    await anna.sees("priority P1, closed ")


async def test_escape_closes_the_page_also_after_a_question_on_it(anna: Dispatcher) -> None:
    await anna.presses("d")
    await anna.sees(WHY)
    await asks_what_if(anna, "banana")
    await anna.sees("REFUSED")

    await anna.presses("escape")
    await anna.sees_no_more(WHY)
    await anna.sees("a take")
    assert "next clock" not in await anna.screen()


async def test_the_answer_and_all_of_it_go_to_the_clipboard(anna: Dispatcher) -> None:
    number = await anna.number()
    await anna.presses("d")
    await anna.sees(WHY)

    await anna.presses("y")
    await anna.sees("copied ")
    assert clipboard(anna).startswith(f"{number} first response: ") and "\n" not in clipboard(anna)

    await anna.presses("Y")
    await anna.sees("copied ")
    text = clipboard(anna)
    assert f"{number} first response, P" in text and f"{number} resolution, P" in text and "= counted of" in text


async def test_the_page_follows_a_priority_change_and_its_undo(anna: Dispatcher) -> None:
    number = await anna.number()
    await anna.presses("d")
    await anna.sees(f"{number} first response, P2")

    await anna.sets_priority(4)
    await anna.sees(f"{number} first response, P4")
    await anna.undoes()
    await anna.sees(f"{number} first response, P2", "undone")


async def test_a_question_on_the_page_is_seen_below_it(anna: Dispatcher) -> None:
    await anna.presses("d")
    await anna.sees(WHY)
    for key, question in (("p", "Priority of"), ("s", "Stage of"), ("colon", "Take it myself"), ("r", "REPLY to")):
        await anna.presses(key)
        await anna.sees(question, WHY)
        await anna.presses("escape")
        await anna.sees("next clock")


async def test_keys_act_on_the_ticket_that_is_explained_when_it_has_left_the_list(anna: Dispatcher) -> None:
    number = await anna.number()
    await anna.presses("d")
    await anna.sees(f"{WHY}  {number}")

    await anna.closes()
    await anna.sees(f"{number} is now closed")
    await anna.presses("y")
    await anna.sees("copied ")
    assert clipboard(anna).startswith(number)

    await anna.sets_priority(4)
    await anna.sees(f"{number} has priority 4")


async def test_another_ticket_is_explained_from_its_beginning(anna: Dispatcher) -> None:
    await anna.presses("d")
    await anna.sees(WHY)
    await anna.presses("tab", "G", "escape", "j", "d")
    await anna.sees(f"{WHY}  {await seen_number(anna)}", "promised")


async def seen_number(person: Dispatcher) -> str:
    line = next(line for line in await person.hands.lines() if WHY in line)
    return line.split()[3]


async def test_a_ticket_gone_to_by_its_number_is_the_one_that_is_explained(anna: Dispatcher) -> None:
    await anna.lists("all, also closed")
    await anna.presses("G")
    number = await anna.number()
    await anna.lists("mine")
    await anna.presses("g")

    await anna.commands(number)
    await anna.sees(f"{number} ")
    await anna.presses("d")
    await anna.sees(f"{WHY}  {number}")


async def test_a_colleagues_change_reaches_the_page(tmp_path: Path) -> None:
    desk = demo_desk(tmp_path)
    async with sitting_at(desk) as anna, sitting_at(desk, "Piotr", seed=8) as piotr:
        number = await anna.number()
        await anna.presses("d")
        await anna.sees(f"{number} first response, P2")
        await piotr.commands(number)
        await piotr.sees(number)
        await piotr.sets_priority(1)
        await anna.sees(f"{number} first response, P1")


def test_in_a_real_terminal_the_page_opens_turns_and_survives_a_resize(tmp_path: Path) -> None:
    home = Home(tmp_path)
    with home.console() as program:
        program.wait_for("a take")
        program.press("d")
        program.wait_for(WHY)
        program.press("tab")
        program.wait_for(" resolution, P")
        for columns, rows in ((200, 60), (60, 20), (80, 24)):
            program.resize(columns, rows)
            program.wait_for("Counted")
        program.press("escape")
        program.wait_for("a take")
        assert WHY not in program.text()
