"""Taking calls by keys at 80x24, with every key counted: known callers, unknown ones, parked calls, bad moments."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from core.caller_shown import CallerPage
from core.requests import Request
from tests.support.calls import a_caller, drafts, newest_ticket, rows
from tests.support.driver import Desk, Dispatcher, PilotHands, demo_desk, sitting_at
from tui.screens.workbench import Workbench

SYMPTOM = "Skaner na rampie 3 traci zasieg"


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return demo_desk(tmp_path)


async def burst(anna: Dispatcher, *keys: str) -> None:
    """Press keys as fast as a terminal delivers them, none waiting for the screen."""
    assert isinstance(anna.hands, PilotHands)
    from textual import events
    from textual.keys import _character_to_key

    app = anna.hands.pilot.app
    for key in keys:
        name = _character_to_key(key) if len(key) == 1 else key
        app.post_message(events.Key(name, key if len(key) == 1 else None))
    anna.keys_pressed += len(keys)


def workbench_of(anna: Dispatcher) -> Workbench:
    """The screen behind the hands."""
    assert isinstance(anna.hands, PilotHands)
    bench = anna.hands.pilot.app.screen
    assert isinstance(bench, Workbench)
    return bench


async def begins_call(anna: Dispatcher) -> None:
    await anna.presses("n")
    await anna.sees("who is calling")


async def kept(desk: Desk, text: str) -> None:
    """Wait until the draft on the disk holds the text."""
    for _turn in range(300):
        if any(text in body for body in drafts(desk.path)):
            return
        await asyncio.sleep(0.01)
    raise AssertionError(f"{text!r} is not kept: {drafts(desk.path)}")


# Counted journeys.


async def test_a_known_caller_costs_eight_keys_and_the_symptom(desk: Desk) -> None:
    caller = a_caller(desk.path)
    async with sitting_at(desk) as anna:
        await anna.presses("n", *caller.last_four, "enter", "enter")
        await anna.types(SYMPTOM)
        await anna.presses("ctrl+s")
        await anna.sees("+ SAVED", "is yours", "due")

        assert (anna.keys_pressed, anna.letters_typed) == (8, len(SYMPTOM))
        ticket = newest_ticket(desk.path)
        assert await anna.number() == ticket["number"]
        assert (ticket["subject"], ticket["channel"], ticket["company"]) == (SYMPTOM, "phone", caller.company)
        reporters = rows(desk.path, "SELECT contact FROM ticket_reporter WHERE ticket = ?", ticket["id"])
        assert [row["contact"] for row in reporters] == [caller.id]
        assert drafts(desk.path) == []


async def test_a_call_on_an_open_ticket_costs_eight_keys_and_the_symptom(desk: Desk) -> None:
    caller = a_caller(desk.path)
    async with sitting_at(desk) as anna:
        await anna.presses("n", *caller.last_four, "enter", "1")
        await anna.types("still the same")
        await anna.presses("ctrl+s")
        await anna.sees("+ SAVED call added to T-")

        assert anna.keys_pressed == 8
        entry = rows(desk.path, "SELECT * FROM entry WHERE kind = 'call' ORDER BY rowid DESC LIMIT 1")[0]
        assert (entry["text"], entry["direction"], entry["contact"]) == ("still the same", "<", caller.id)
        reporters = rows(desk.path, "SELECT contact FROM ticket_reporter WHERE ticket = ?", entry["ticket"])
        assert caller.id in [row["contact"] for row in reporters]
        number = rows(desk.path, "SELECT number FROM ticket WHERE id = ?", entry["ticket"])[0]["number"]
        await anna.sees(str(number))


async def test_keys_typed_faster_than_the_screen_are_neither_lost_nor_misrouted(desk: Desk) -> None:
    caller = a_caller(desk.path)
    async with sitting_at(desk) as anna:
        await burst(anna, "n", *caller.last_four, "enter", "enter", *"jam x9", "ctrl+s")
        await anna.sees("+ SAVED", "is yours")
        assert newest_ticket(desk.path)["subject"] == "jam x9"
        assert newest_ticket(desk.path)["company"] == caller.company


async def test_an_unknown_number_becomes_contact_company_and_ticket_in_one_flow(desk: Desk) -> None:
    async with sitting_at(desk) as anna:
        await begins_call(anna)
        await anna.types("+49 30 111-22-33")
        await anna.sees("somebody new")
        await anna.presses("enter")
        await anna.sees("who is it")
        await anna.types("Jutta Kranich")
        await anna.presses("enter")
        await anna.sees("of which company")
        await anna.types("Kranich Optik")
        await anna.sees("a new company: Kranich Optik")
        await anna.presses("enter")
        await anna.sees("no contract found")
        await anna.types("Kein Strom")
        await anna.presses("ctrl+s")
        await anna.sees("is yours, no contract found")
        assert anna.keys_pressed == 5

        ticket = newest_ticket(desk.path)
        contact = rows(desk.path, "SELECT * FROM contact WHERE name = 'Jutta Kranich'")[0]
        company = rows(desk.path, "SELECT * FROM company WHERE name = 'Kranich Optik'")[0]
        assert (contact["phone"], contact["phone_digits"]) == ("+49 30 111-22-33", "49301112233")
        assert (ticket["company"], ticket["contract_version"]) == (company["id"], None)

        await anna.undoes()
        await anna.sees("undone: the call that opened")
        archived = rows(desk.path, "SELECT archived FROM company WHERE name = 'Kranich Optik'")
        assert [row["archived"] for row in archived] == [1]


async def test_an_unknown_name_at_a_known_company_is_asked_only_the_number(desk: Desk) -> None:
    caller = a_caller(desk.path)
    async with sitting_at(desk) as anna:
        await begins_call(anna)
        await anna.types("Xaver Unbekannt")
        await anna.sees("somebody new")
        await anna.presses("enter")
        await anna.sees("the number to call back")
        await anna.presses("enter")
        await anna.sees("of which company")
        await anna.types(caller.company_name[:8])
        await anna.sees(f">{caller.company_name}")
        await anna.presses("enter")
        await anna.sees("OPEN HERE", "Xaver Unbekannt")
        await anna.presses("enter")
        await anna.types("no heat")
        await anna.presses("ctrl+s")
        await anna.sees("is yours")
        assert newest_ticket(desk.path)["company"] == caller.company


async def test_a_letter_takes_a_piece_of_equipment_and_its_place(desk: Desk) -> None:
    caller = a_caller(desk.path)
    async with sitting_at(desk) as anna:
        await anna.presses("n", *caller.last_four, "enter", "b")
        await anna.sees(">b ", "priority")
        await anna.types("broken")
        await anna.presses("ctrl+s")
        await anna.sees("is yours")
        assert anna.keys_pressed == 8
        ticket = newest_ticket(desk.path)
        piece = rows(desk.path, "SELECT * FROM equipment WHERE id = ?", ticket["equipment"])[0]
        assert (piece["company"], piece["site"]) == (caller.company, ticket["site"])


async def test_somebody_who_called_lately_costs_five_keys_and_the_symptom(desk: Desk) -> None:
    caller = a_caller(desk.path)
    async with sitting_at(desk) as anna:
        await anna.presses("n", *caller.last_four, "enter", "enter")
        await anna.types("first")
        await anna.presses("ctrl+s")
        await anna.sees("is yours")
        anna.keys_pressed = 0
        await anna.presses("n")
        await anna.sees("LAST CALLERS", caller.name)
        await anna.presses("down", "enter", "enter")
        await anna.types("again")
        await anna.presses("ctrl+s")
        await anna.sees("is yours", "again")
        assert anna.keys_pressed == 5
        assert newest_ticket(desk.path)["company"] == caller.company


async def test_f3_and_a_digit_show_the_due_time_before_saving(desk: Desk) -> None:
    caller = a_caller(desk.path)
    async with sitting_at(desk) as anna:
        await anna.presses("n", *caller.last_four, "enter", "enter")
        await anna.types("smoke")
        await anna.sees("P3 from contract", "response")
        before = next(line for line in (await anna.screen()).split("\n") if line.startswith(" due"))
        await anna.presses("f3", "1")
        await anna.sees("P1 yours")
        assert before not in await anna.screen()
        await anna.presses("ctrl+s")
        await anna.sees("is yours")
        assert newest_ticket(desk.path)["priority"] == 1


# Parked calls.


async def test_escape_parks_and_a_digit_goes_on_letter_by_letter(desk: Desk) -> None:
    caller = a_caller(desk.path)
    async with sitting_at(desk) as anna:
        await anna.presses("n", *caller.last_four, "enter", "enter")
        await anna.types("first call")
        await anna.presses("escape")
        await anna.sees("1 call waits", "call parked")
        await anna.presses("n")
        await anna.types("second")
        await anna.presses("escape")
        await anna.sees("2 calls wait")

        await anna.presses("n")
        await anna.sees("PARKED", caller.name, "second")
        await anna.presses("1", "enter")
        await anna.sees("first call", "1 call waits")
        await anna.presses("ctrl+s")
        await anna.sees("is yours", "1 call waits")
        assert newest_ticket(desk.path)["subject"] == "first call"
        assert len(drafts(desk.path)) == 1


async def test_a_call_that_comes_during_a_call_parks_the_first(desk: Desk) -> None:
    caller = a_caller(desk.path)
    async with sitting_at(desk) as anna:
        await anna.presses("n", *caller.last_four, "enter", "enter")
        await anna.types("half a sen")
        await anna.presses("f4")
        await anna.sees("PARKED", "half a sen")
        await anna.types("zz")
        await anna.presses("escape")
        assert len(drafts(desk.path)) == 2


async def test_a_call_comes_before_a_note_that_is_being_written(desk: Desk) -> None:
    caller = a_caller(desk.path)
    async with sitting_at(desk) as anna:
        await anna.presses("i")
        await anna.sees("NOTE for colleagues")
        await anna.types("remember ")
        await anna.presses("f4", *caller.last_four, "enter", "enter")
        await anna.types("smoke")
        await anna.presses("ctrl+s")
        await anna.sees("is yours", "NOTE for colleagues")
        await anna.types("the key")
        await anna.presses("ctrl+s")
        await anna.sees("note on T-")
        assert rows(desk.path, "SELECT text FROM entry WHERE text = 'remember the key'")


async def test_a_blank_call_leaves_nothing_behind(desk: Desk) -> None:
    async with sitting_at(desk) as anna:
        await begins_call(anna)
        await anna.presses("escape")
        await anna.sees("no call was begun")
        assert drafts(desk.path) == []
        await anna.takes()
        await anna.sees("is yours")


async def test_a_call_is_dropped_by_another_key_than_enter(desk: Desk) -> None:
    async with sitting_at(desk) as anna:
        await begins_call(anna)
        await anna.types("wrong number")
        await anna.presses("f7", "enter")
        await anna.sees("somebody new: wrong number")
        await anna.presses("f7", "y")
        await anna.sees("the call was dropped")
        assert drafts(desk.path) == []


async def test_what_is_typed_is_on_the_disk_while_typing_goes_on(desk: Desk) -> None:
    async with sitting_at(desk) as anna:
        await begins_call(anna)
        for letter in "abcdefgh":
            await anna.types(letter)
            await asyncio.sleep(0.06)
        # The last letter is younger than a quarter of a second, the first ones are not.
        assert any('"typed": "abc' in body for body in drafts(desk.path))


async def test_a_console_that_opens_again_offers_what_was_left(desk: Desk) -> None:
    async with sitting_at(desk) as anna:
        await begins_call(anna)
        await anna.types("half a number 55")
        await kept(desk, "half a number 55")
    async with sitting_at(desk) as anna:
        await anna.sees("1 call waits", "a call was left with all that was typed")
        await anna.presses("n", "1", "enter")
        await anna.sees("half a number 55")


# Back, and what is missing.


async def test_shift_tab_goes_back_with_what_was_typed(desk: Desk) -> None:
    caller = a_caller(desk.path)
    async with sitting_at(desk) as anna:
        await anna.presses("n", *caller.last_four, "enter", "enter")
        await anna.types("smoke")
        await anna.presses("shift+tab")
        await anna.sees("a digit adds this call to it")
        await anna.presses("shift+tab")
        await anna.sees(f"who       {caller.last_four}", caller.name)
        await anna.presses("enter", "enter")
        await anna.sees("symptom   smoke")


async def test_saving_too_early_says_what_is_missing(desk: Desk) -> None:
    caller = a_caller(desk.path)
    async with sitting_at(desk) as anna:
        await begins_call(anna)
        await anna.presses("ctrl+s")
        await anna.sees("x REFUSED first who calls")
        await anna.presses(*caller.last_four, "enter", "ctrl+s")
        await anna.sees("x REFUSED first what it is about")
        await anna.presses("enter", "ctrl+s")
        await anna.sees("x REFUSED first what is wrong")


async def test_an_odd_number_is_kept_and_told(desk: Desk) -> None:
    async with sitting_at(desk) as anna:
        await begins_call(anna)
        await anna.types("Ewa Xyz")
        await anna.presses("enter")
        await anna.sees("the number to call back")
        await anna.types("ask the porter")
        await anna.presses("enter")
        await anna.sees("ask the porter cannot be dialled; it is kept as written")


async def test_a_number_somebody_has_already_is_taken_and_told(desk: Desk) -> None:
    caller = a_caller(desk.path)
    async with sitting_at(desk) as anna:
        await begins_call(anna)
        await anna.types("Ewa Xyz")
        await anna.presses("enter")
        await anna.sees("the number to call back")
        await anna.types(caller.digits)
        await anna.presses("enter")
        await anna.sees(f"that number is also {caller.name}'s")


# Two consoles.


async def test_a_ticket_closed_by_a_colleague_refuses_the_call_and_keeps_it(desk: Desk) -> None:
    caller = a_caller(desk.path)
    async with sitting_at(desk) as anna, sitting_at(desk, "Erik", seed=8) as erik:
        await anna.presses("n", *caller.last_four, "enter", "1")
        await anna.types("still smoking")
        chosen = next(word.rstrip(";") for word in (await anna.screen()).split() if word.endswith(";"))
        await erik.commands(chosen)
        await erik.sees("2 Ticket")
        await erik.closes()
        await erik.sees("is now closed")
        await anna.presses("ctrl+s")
        await anna.sees(f"x REFUSED {chosen} was closed meanwhile", "still smoking")
        await anna.presses("shift+tab", "enter", "ctrl+s")
        await anna.sees("is yours")
        assert newest_ticket(desk.path)["subject"] == "still smoking"


async def test_a_contact_taken_off_the_desk_is_told_once_and_the_call_is_saved(desk: Desk) -> None:
    caller = a_caller(desk.path)
    async with sitting_at(desk) as anna:
        await anna.presses("n", *caller.last_four, "enter", "enter")
        await anna.types("smoke")
        with sqlite3.connect(desk.path) as connection:
            connection.execute("UPDATE contact SET archived = 1 WHERE id = ?", (caller.id,))
        connection.close()
        await anna.presses("ctrl+s")
        await anna.sees(f"{caller.name} was taken off the desk meanwhile")
        await anna.presses("ctrl+s")
        await anna.sees("is yours")


async def test_a_call_saved_while_another_console_changes_the_desk_leaves_the_console_standing(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    caller = a_caller(desk.path)
    async with sitting_at(desk) as anna:
        await anna.presses("n", *caller.last_four, "enter", "enter")
        await anna.types(SYMPTOM)
        bench = workbench_of(anna)
        page, is_saved = bench.gateway.page, asyncio.Event()

        async def slow(request: Request) -> Any:
            answer = await page(request)
            if isinstance(request, CallerPage):
                await is_saved.wait()
            return answer

        with monkeypatch.context() as held:
            held.setattr(bench.gateway, "page", slow)
            renewing = asyncio.create_task(bench.calls.renew())
            await anna.presses("ctrl+s")
            await anna.sees("+ SAVED", "is yours")
            is_saved.set()
            await renewing
        assert newest_ticket(desk.path)["subject"] == SYMPTOM


async def test_two_consoles_on_one_parked_call_write_over_nothing_of_each_other(desk: Desk) -> None:
    async with sitting_at(desk) as anna:
        await begins_call(anna)
        await anna.types("shared ")
        await anna.presses("escape")
        await anna.sees("call parked")
    async with sitting_at(desk) as left, sitting_at(desk, seed=9) as right:
        for console in (left, right):
            await console.presses("n", "1", "enter")
            await console.sees("somebody new: shared")
        await left.types("left")
        await kept(desk, "shared left")
        await right.types("right")
        await right.sees("another console writes on that call too")
        await kept(desk, "shared right")
        assert len(drafts(desk.path)) == 2


async def test_a_call_saved_by_another_console_is_not_saved_twice(desk: Desk) -> None:
    caller = a_caller(desk.path)
    async with sitting_at(desk) as anna:
        await anna.presses("n", *caller.last_four, "enter", "enter")
        await anna.types("smoke")
        await anna.presses("escape")
        await anna.sees("call parked")
    async with sitting_at(desk) as left, sitting_at(desk, seed=9) as right:
        for console in (left, right):
            await console.presses("n", "1", "enter")
            await console.sees("symptom   smoke")
        await left.presses("ctrl+s")
        await left.sees("is yours")
        await right.presses("ctrl+s")
        await right.sees("this call was saved on T-")
        assert len(rows(desk.path, "SELECT id FROM ticket WHERE subject = 'smoke'")) == 1


# Sizes and hostile text.


@pytest.mark.parametrize(("columns", "lines"), [(120, 40), (200, 60)])
async def test_wider_screens_show_the_caller_beside_the_call(columns: int, lines: int, desk: Desk) -> None:
    caller = a_caller(desk.path)
    async with sitting_at(desk, columns=columns, rows=lines) as anna:
        await anna.presses("n", *caller.last_four)
        await anna.sees("4 CONTRACT  C-", "3 COMPANY", "OPEN HERE")
        await anna.presses("enter", "a")
        await anna.sees("5 EQUIPMENT  ", "symptom")
        await anna.presses("escape")
        await anna.sees("2 TICKET", "call parked")


HOSTILE = "\x1b[31mred\x1b]0;owned\x07 [/x] [bold]\u202eevil\x00 ำ́́́"


async def test_hostile_text_pasted_into_each_field_stays_text(desk: Desk) -> None:
    from textual import events

    async with sitting_at(desk) as anna:
        app = workbench_of(anna).app
        await begins_call(anna)
        for question in ("who is it", "of which company"):
            app.post_message(events.Paste(HOSTILE if question == "of which company" else "555 0100 9"))
            await anna.sees("somebody new" if question == "who is it" else "[/x]")
            await anna.presses("enter")
            await anna.sees(question)
        app.post_message(events.Paste(HOSTILE))
        await anna.sees("a new company")
        await anna.presses("enter")
        await anna.sees("symptom")
        app.post_message(events.Paste(HOSTILE))
        await anna.sees("[/x] [bold]")
        await anna.presses("ctrl+s")
        await anna.sees("is yours")
        assert "\x1b" not in await anna.screen()
        assert "\x1b" not in str(newest_ticket(desk.path)["subject"])
