"""Every act of a dispatcher at 80x24 by keys alone, and how many keys each one takes."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.driver import Dispatcher, PilotHands, at_the_desk, demo_desk, sitting_at
from tui.actions.all import ACTIONS


@pytest.fixture
async def anna(tmp_path: Path) -> AsyncIterator[Dispatcher]:
    async with at_the_desk(tmp_path) as dispatcher:
        yield dispatcher


async def test_taking_a_ticket_is_one_key(anna: Dispatcher) -> None:
    number = await anna.number()
    assert anna.keys_pressed == 0

    await anna.takes()
    await anna.sees(f"+ SAVED {number} is yours")

    await anna.sees_owner(number, "me")
    assert anna.keys_pressed == 1


async def test_assigning_is_two_keys_and_some_letters_of_the_name(anna: Dispatcher) -> None:
    number = await anna.number()

    await anna.assigns_to("piotr")
    await anna.sees(f"+ SAVED {number} has a new owner")

    await anna.sees_row(number, "Piotr")
    assert (anna.keys_pressed, anna.letters_typed) == (2, 5)


async def test_a_ticket_is_given_back_to_nobody_the_same_way(anna: Dispatcher) -> None:
    number = await anna.number()
    await anna.takes()
    await anna.sees("is yours")

    await anna.assigns_to("nobody")
    await anna.sees(f"{number} is nobody's again")

    await anna.sees_owner(number, "-")


async def test_a_reply_is_one_key_the_text_and_two_keys(anna: Dispatcher) -> None:
    await anna.replies("We are on our way.")
    await anna.sees("NOT SENT: set mail_command in settings.toml", "mail >", "We are on our way.")

    assert (anna.keys_pressed, anna.letters_typed) == (3, len("We are on our way."))


async def test_enter_does_not_send_a_reply(anna: Dispatcher) -> None:
    await anna.begins_reply("Not yet.")
    await anna.presses("ctrl+s")
    await anna.sees("Send the reply on")

    await anna.presses("n")
    await anna.sees("REPLY to")

    assert "SAVED" not in await anna.screen()


async def test_a_note_is_two_keys_and_its_text(anna: Dispatcher) -> None:
    await anna.notes("The gate code is 4711.")
    await anna.sees("+ SAVED note on", "note #", "The gate code is 4711.")

    assert anna.keys_pressed == 2


async def test_an_empty_note_is_refused_with_what_to_do(anna: Dispatcher) -> None:
    await anna.presses("i")
    await anna.sees("NOTE for colleagues")
    await anna.presses("ctrl+s")

    await anna.sees("x REFUSED there is nothing to save", "write something first")


async def test_a_stage_is_two_keys(anna: Dispatcher) -> None:
    number = await anna.number()

    await anna.moves_to("on site")
    await anna.sees(f"+ SAVED {number} is now on site", "new > on site")

    assert anna.keys_pressed == 2


async def test_the_stage_menu_offers_only_legal_moves(anna: Dispatcher) -> None:
    await anna.moves_to("active")
    await anna.sees("is now active")

    await anna.presses("s")
    await anna.sees("Stage of", "now active")

    shown = await anna.screen()
    assert "on site" in shown and "waiting" in shown
    assert " new " not in shown.split("Stage of")[1]


async def test_waiting_is_three_keys_and_the_cause(anna: Dispatcher) -> None:
    number = await anna.number()

    await anna.waits_for("part", because="filter 88-41 is on order")
    await anna.sees(f"+ SAVED {number} is now waiting", "waits for part: filter 88-41 is on order")

    assert (anna.keys_pressed, anna.letters_typed) == (3, 24)


async def test_waiting_without_a_cause_is_refused(anna: Dispatcher) -> None:
    await anna.waits_for("customer", because="")

    await anna.sees("x REFUSED", "needs a cause to wait for; w asks for it")


async def test_a_priority_is_two_keys(anna: Dispatcher) -> None:
    number = await anna.number()

    await anna.sets_priority(4)
    await anna.sees(f"+ SAVED {number} has priority 4")

    await anna.sees_row(number, f" 4 {number}")
    assert anna.keys_pressed == 2


async def test_a_promised_call_is_two_keys_and_the_time(anna: Dispatcher) -> None:
    await anna.calls_back("17:45")
    await anna.sees("call back for", "at 17:45", "call back Stanis")

    assert (anna.keys_pressed, anna.letters_typed) == (2, 5)


async def test_a_time_nobody_can_read_is_asked_again_with_examples_and_the_text_kept(anna: Dispatcher) -> None:
    await anna.calls_back("soonish")

    await anna.sees("that is no time; 15:00, 30m, 2h or tomorrow 9:00", "soonish")


async def test_calling_now_without_a_dial_command_says_which_setting_is_missing(anna: Dispatcher) -> None:
    await anna.calls_back("")

    await anna.sees("no dial command is set (settings.toml, dial_command)")


async def test_what_was_told_by_phone_answers_the_customer(anna: Dispatcher) -> None:
    number = await anna.number()
    await anna.commands("told by phone")
    await anna.sees("when was")
    await anna.types("noonish")
    await anna.presses("enter")
    await anna.sees("that is no time; 15:00 or 2026-11-24 15:00", "noonish")
    await anna.presses(*["backspace"] * 7, "enter")
    await anna.sees("what was")
    await anna.types("we come at four")
    await anna.presses("enter")

    await anna.sees(f"+ SAVED call on {number}", "call >", "we come at four")


async def test_closing_tells_in_the_timeline_how_the_promises_stood(anna: Dispatcher) -> None:
    await anna.closes()

    await anna.sees("SLA: first response")


async def test_a_ticket_counts_by_another_contract_from_the_palette(anna: Dispatcher) -> None:
    number = await anna.number()
    await anna.commands("count by another")
    await anna.sees(f"{number} counts by", "as it stands today", "no contract")
    await anna.types("no contract")
    await anna.presses("enter")
    await anna.sees(f"+ SAVED {number} counts by no contract now", "put under another contract")

    await anna.undoes()
    await anna.sees(f"undone: taking {number} off its contract")


async def test_the_contract_as_it_stands_today_is_the_one_the_ticket_has(anna: Dispatcher) -> None:
    number = await anna.number()
    await anna.commands("count by another")
    await anna.sees(f"{number} counts by")
    await anna.presses("enter")

    await anna.sees(f"+ SAVED {number} counts by its contract as it stands now")


async def test_closing_is_one_key_and_undo_opens_it_again(anna: Dispatcher) -> None:
    number = await anna.number()
    await anna.closes()
    await anna.sees(f"+ SAVED {number} is now closed")

    await anna.undoes()
    await anna.sees(f"undone: moving {number}")

    assert anna.keys_pressed == 2


async def test_undo_and_redo_are_one_key_each(anna: Dispatcher) -> None:
    number = await anna.number()
    await anna.takes()
    await anna.sees("is yours")

    await anna.undoes()
    await anna.sees(f"undone: taking {number}. U does it again")
    await anna.sees_owner(number, "-")

    await anna.redoes()
    await anna.sees(f"done again: taking {number}")
    await anna.sees_owner(number, "me")
    assert anna.keys_pressed == 3


async def test_undo_with_nothing_done_says_so(anna: Dispatcher) -> None:
    await anna.undoes()

    await anna.sees("x REFUSED nothing of yours to undo")


async def test_an_act_is_undone_and_redone_after_a_restart(tmp_path: Path) -> None:
    desk = demo_desk(tmp_path)
    async with sitting_at(desk, seed=1) as anna:
        number = await anna.number()
        await anna.sets_priority(1)
        await anna.sees("has priority 1")

    async with sitting_at(desk, seed=2) as anna:
        await anna.undoes()
        await anna.sees(f"undone: priority 1 of {number}")

    async with sitting_at(desk, seed=3) as anna:
        await anna.redoes()
        await anna.sees(f"done again: priority 1 of {number}")
        await anna.sees_row(number, f" 1 {number}")


async def test_three_marked_tickets_are_taken_as_one_act_and_given_back_by_one_undo(anna: Dispatcher) -> None:
    numbers = (await anna.rows())[:3]

    await anna.marks(3)
    await anna.acts_on_marked("a")
    await anna.sees("+ SAVED done: taking 3 tickets")
    for number in numbers:
        await anna.sees_owner(number, "me")
    assert anna.keys_pressed == 5

    await anna.undoes()
    await anna.sees("undone: taking 3 tickets")
    for number in numbers:
        await anna.sees_owner(number, "-")


async def test_a_range_is_marked_with_two_keys(anna: Dispatcher) -> None:
    await anna.presses("space", "j", "j", "v")

    await anna.sees("4 marked")


async def test_marked_tickets_wait_together_for_one_cause(anna: Dispatcher) -> None:
    await anna.marks(2)
    await anna.acts_on_marked("w")
    await anna.sees(" waits for")
    await anna.presses("v")
    await anna.sees("because")
    await anna.types("the carrier is on strike")
    await anna.presses("enter")

    await anna.sees("done: moving 2 tickets to waiting")


async def test_acting_on_marked_without_a_mark_says_how_to_mark(anna: Dispatcher) -> None:
    await anna.presses("x")

    await anna.sees("x REFUSED nothing is marked; space marks the row under the cursor")


async def test_the_number_and_the_summary_are_copied_with_one_key_each(anna: Dispatcher) -> None:
    assert isinstance(anna.hands, PilotHands)
    number = await anna.number()

    await anna.presses("y")
    await anna.sees("copied 8 characters")
    assert anna.hands.pilot.app.clipboard == number

    await anna.presses("Y")
    await anna.sees("copied ")
    assert anna.hands.pilot.app.clipboard.startswith(f"{number}  P2  Zakłady Łódź  ")


async def test_sorting_keeps_the_cursor_on_its_ticket(anna: Dispatcher) -> None:
    await anna.presses("j", "j")
    number = await anna.number()

    await anna.presses("o")
    await anna.sees("by age")
    assert await anna.number() == number

    await anna.presses("O")
    await anna.sees("by age reversed")
    assert await anna.number() == number
    assert anna.keys_pressed == 4


async def test_the_order_is_the_same_after_a_restart(tmp_path: Path) -> None:
    desk = demo_desk(tmp_path)
    async with sitting_at(desk, seed=1) as anna:
        await anna.lists("all open")
        await anna.presses("o", "o")
        await anna.sees("all open by company")

    async with sitting_at(desk, seed=2) as anna:
        await anna.sees("all open by company")


async def test_every_view_is_two_keys_away(anna: Dispatcher) -> None:
    for scope in ("mine", "my team", "all open", "all, also closed", "my+unassigned"):
        before = anna.keys_pressed
        await anna.lists(scope)
        assert anna.keys_pressed - before == 2


async def test_the_palette_runs_an_act_by_a_word_of_its_name(anna: Dispatcher) -> None:
    number = await anna.number()

    await anna.commands("take it")
    await anna.sees(f"+ SAVED {number} is yours")

    assert (anna.keys_pressed, anna.letters_typed) == (2, 7)


async def test_the_palette_knows_every_action(anna: Dispatcher) -> None:
    await anna.presses("colon")
    await anna.sees("COMMAND")
    seen = await anna.screen()
    for _page in range(20):
        await anna.presses("pagedown")
        seen += await anna.screen()

    missing = [action.title for action in ACTIONS if action.title not in seen]
    assert not missing


async def test_the_palette_narrows_to_what_is_typed(anna: Dispatcher) -> None:
    await anna.presses("colon")
    await anna.sees("COMMAND")
    await anna.types("redo")

    await anna.sees(">Redo")


async def test_a_ticket_is_found_by_its_number_from_the_palette(anna: Dispatcher) -> None:
    wanted = (await anna.rows())[4]

    await anna.commands(wanted)

    await anna.sees_row(wanted, ">")
    assert await anna.number() == wanted


async def test_a_ticket_that_is_not_there_is_refused_by_its_number(anna: Dispatcher) -> None:
    await anna.commands("T-999999")

    await anna.sees("x REFUSED", "T-999999")


async def test_help_is_one_key_and_closes_with_escape(anna: Dispatcher) -> None:
    await anna.presses("question_mark")
    await anna.sees(" HELP", "Take it myself")

    await anna.presses("G")
    await anna.sees("clock stands, the ticket says why")

    await anna.presses("escape")
    await anna.sees_no_more(" HELP")
    assert anna.keys_pressed == 3


async def test_the_key_map_lists_every_action_with_its_keys(anna: Dispatcher) -> None:
    await anna.presses("K")
    await anna.sees("ALL KEYS")
    seen = await anna.screen()
    for _page in range(6):
        await anna.presses("pagedown")
        seen += await anna.screen()

    missing = [action.title for action in ACTIONS if action.title[:21] not in seen]
    assert not missing


async def test_another_person_sits_down_and_their_name_is_on_what_follows(anna: Dispatcher) -> None:
    await anna.commands("user")
    await anna.sees("Who sits here now")
    await anna.types("piotr")
    await anna.presses("enter")
    await anna.sees("Piotr", "sits here now")

    await anna.takes()
    await anna.sees("is yours", "given to Piotr")


async def test_times_are_told_in_the_zone_of_whoever_sits_here_now(anna: Dispatcher) -> None:
    told_before = (await anna.screen()).splitlines()[0].split()[-1]
    await anna.commands("user")
    await anna.types("somchai")
    await anna.presses("enter")
    await anna.sees("Somchai", "sits here now")
    told_after = (await anna.screen()).splitlines()[0].split()[-1]
    hours = (int(told_after[:2]) - int(told_before[:2])) % 24
    assert hours == 6, "Bangkok is six hours ahead of Warsaw in winter"


@pytest.mark.parametrize(
    ("key", "question"),
    [("A", "Assign"), ("s", "Stage of"), ("p", "Priority of"), ("w", "waits for"), ("c", " call "), ("V", "List")],
)
async def test_escape_from_a_question_changes_nothing(key: str, question: str, anna: Dispatcher) -> None:
    before = await anna.rows()
    await anna.presses(key)
    await anna.sees(question)

    await anna.presses("escape")
    await anna.sees("a take r reply")

    assert await anna.rows() == before
    assert "SAVED" not in await anna.screen()
    await anna.takes()
    await anna.sees("is yours")


async def test_ctrl_c_never_kills(anna: Dispatcher) -> None:
    await anna.presses("ctrl+c")

    await anna.sees("press q to leave; everything is saved")


async def test_a_note_on_one_marked_ticket_is_written_on_that_ticket(anna: Dispatcher) -> None:
    number = await anna.number()
    await anna.marks(1)
    assert await anna.number() != number

    await anna.acts_on_marked("i")

    await anna.sees("NOTE for colleagues", f"{number} NOTE for colleagues")


async def test_keys_that_move_between_panes_leave_an_open_question_its_answer(anna: Dispatcher) -> None:
    number = await anna.number()
    await anna.presses("A")
    await anna.sees("Assign ")

    await anna.presses("tab", "f2", "ctrl+r")
    await anna.types("piotr")
    await anna.presses("enter")

    await anna.sees(f"+ SAVED {number} has a new owner")
    await anna.sees_owner(number, "Piotr")


async def test_keys_pressed_while_another_view_is_read_act_on_a_row_of_that_view(anna: Dispatcher) -> None:
    before = await anna.number()
    await anna.presses("V", "a", "G", "r")
    await anna.sees("REPLY to")
    written_on = re.search(r"(T-\d+) REPLY to", await anna.screen())
    assert written_on is not None
    assert written_on[1] != before
    await anna.sees(f"{written_on[1]} REPLY to", f"  {written_on[1]} ")


async def test_the_ticket_pane_shows_the_queues_row_again_after_a_visit_to_the_company(anna: Dispatcher) -> None:
    subject = (await anna.hands.lines())[13]
    await anna.presses("3", "j", "j", "2")
    await anna.sees_no_more(subject)
    await anna.presses("1")
    await anna.sees(subject)
