"""What two did without knowing of each other, settled by keys alone at 80x24 on a desk with a real hub."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from core.commands import SettleConflict
from core.ids import EntityId
from core.review_shown import ReviewPage, ReviewShown
from tests.storage.hub_story import Console, Kept, Two, keep, settle, two_consoles
from tests.support.crossed import crossed, put
from tests.support.crossing import cross, sitting_at_console
from tests.support.driver import Dispatcher, demo_desk, sitting_at
from tests.support.hub_server import HubServer

PAGE = "CONFLICTS"


@pytest.fixture(scope="module")
def kept(hub_server: HubServer, tmp_path_factory: pytest.TempPathFactory) -> tuple[Kept, dict[str, EntityId]]:
    anna, boris = two_consoles(tmp_path_factory.mktemp("crossed"), hub_server)
    tickets = cross(anna, boris)
    return keep(anna, boris), tickets


@pytest.fixture
def two(kept: tuple[Kept, dict[str, EntityId]], tmp_path: Path) -> Iterator[Two]:
    """Anna and Boris, who have crossed each other three times."""
    with kept[0].awake(tmp_path) as (anna, boris):
        yield anna, boris


@pytest.fixture
def tickets(kept: tuple[Kept, dict[str, EntityId]]) -> dict[str, EntityId]:
    return kept[1]


@pytest.fixture
async def anna(two: Two) -> AsyncIterator[Dispatcher]:
    async with sitting_at_console(two[0]) as dispatcher:
        yield dispatcher


def open_fields(console: Console) -> list[str]:
    page: ReviewShown = console.desk.page_now(ReviewPage())
    return [line.conflict.field for line in page.lines]


def of_ticket(console: Console, column: str, ticket: EntityId) -> object:
    return console.value(f"SELECT {column} FROM ticket WHERE id = ?", ticket)


async def opens(person: Dispatcher, *fields: str) -> None:
    """Open the page and go down to the conflict about a field."""
    await person.presses("R")
    await person.sees(PAGE, "3 to look at, nothing is lost")
    for field in fields:
        for _ in range(3):
            if heading(await person.hands.lines(), field):
                break
            await person.presses("j")
        assert heading(await person.hands.lines(), field)


def heading(lines: list[str], field: str) -> bool:
    return any(line.startswith(" T-") and f" {field} " in f"{line} " and not line.startswith(" T-  ") for line in lines)


async def test_the_page_shows_both_sides_and_which_of_them_holds(anna: Dispatcher) -> None:
    await opens(anna, "priority")
    await anna.sees("BEFORE", "YOURS", "THEIRS  applied", "the later one holds, by the hub's time")
    await anna.sees("P3", "P1", "P2", "b      keep P2", "m      put mine back: P1", "b keeps it m the other")


async def test_what_was_merged_without_a_question_is_told(two: Two) -> None:
    async with sitting_at_console(two[0], columns=120, rows=40) as anna:
        await opens(anna, "priority")
        await anna.sees(
            "ALSO CHANGED  merged without a question", "wrote: Line stops", "wrote: Spare scanner at dock 2"
        )


async def test_each_priority_tells_the_deadline_it_would_give(anna: Dispatcher) -> None:
    await opens(anna, "priority")
    await anna.sees(" due ")
    told = [due for line in await anna.hands.lines() for due in re.findall(r"due (\w{3} \d\d\.\d\d \d\d:\d\d)", line)]
    assert len(told) > 1 and len(set(told)) == len(told), "P3 and P1 are due at different times"


async def test_one_key_keeps_what_holds_and_the_next_conflict_is_there(
    anna: Dispatcher, two: Two, tickets: dict[str, EntityId]
) -> None:
    await opens(anna, "priority")
    await anna.presses("b")
    await anna.sees("+ SAVED", "stays as it is", "2 to look at, nothing is lost")
    assert "priority" not in open_fields(two[0])
    assert of_ticket(two[0], "priority", tickets["priority"]) == 2


async def test_one_key_takes_the_other_side_and_undo_brings_the_question_back(
    anna: Dispatcher, two: Two, tickets: dict[str, EntityId]
) -> None:
    await opens(anna, "priority")
    await anna.presses("m")
    await anna.sees("+ SAVED", "2 to look at")
    assert of_ticket(two[0], "priority", tickets["priority"]) == 1

    await anna.undoes()
    await anna.sees("undone", "3 to look at")
    assert of_ticket(two[0], "priority", tickets["priority"]) == 2
    assert "priority" in open_fields(two[0])

    # The cursor is on it: another answer is one to the same question.
    await anna.presses("b")
    await anna.sees("+ SAVED", "2 to look at")
    assert "priority" not in open_fields(two[0])


async def test_what_is_settled_here_is_settled_at_the_other_console(
    anna: Dispatcher, two: Two, tickets: dict[str, EntityId]
) -> None:
    await opens(anna, "owner")
    await anna.presses("m")
    await anna.sees("2 to look at")

    settle(*two)

    assert sorted(open_fields(two[1])) == ["closed", "priority"]
    assert of_ticket(two[1], "owner", tickets["owner"]) == two[1].person


async def test_what_was_closed_without_a_colleagues_note_is_opened_again(
    anna: Dispatcher, two: Two, tickets: dict[str, EntityId]
) -> None:
    await opens(anna, "closed")
    await anna.sees("YOURS  applied", "wrote: Still open on my", "leave it closed", "open it again")
    await anna.presses("m")
    await anna.sees("2 to look at")
    assert of_ticket(two[0], "stage", tickets["closed"]) == "active"


async def test_any_other_change_by_keys_settles_it_too(
    anna: Dispatcher, two: Two, tickets: dict[str, EntityId]
) -> None:
    await opens(anna, "priority")
    await anna.sets_priority(4)
    await anna.sees("has priority 4", "2 to look at")
    assert of_ticket(two[0], "priority", tickets["priority"]) == 4
    assert "priority" not in open_fields(two[0])


async def test_a_colleague_who_settles_it_first_takes_it_off_the_page(anna: Dispatcher, two: Two) -> None:
    await opens(anna)
    page: ReviewShown = two[1].desk.page_now(ReviewPage())
    two[1].act(SettleConflict(page.lines[0].conflict.id, False))
    settle(two[1], two[0])
    await anna.sees("2 to look at")


async def test_enter_goes_to_the_ticket_and_its_pane_says_that_a_conflict_waits(
    anna: Dispatcher, tickets: dict[str, EntityId]
) -> None:
    await opens(anna, "priority")
    await anna.presses("enter")
    await anna.sees_no_more(PAGE)
    await anna.sees("Printer jams", "! CONFLICT: two changed it at once; R shows both sides")


async def test_the_queue_marks_tickets_with_an_open_conflict_until_it_is_settled(anna: Dispatcher) -> None:
    await anna.sees_row("T-1", " ! ")
    await anna.sees_row("T-2", " ! me")
    await anna.presses("R")
    await anna.sees("owner")
    await anna.presses("b")
    await anna.sees("T-2 stays as it is")
    await anna.presses("escape")
    await anna.sees_row("T-2", "   me")


async def test_escape_leaves_everything_as_it_was(anna: Dispatcher, two: Two) -> None:
    number = await anna.number()
    await opens(anna, "owner")
    await anna.presses("escape")
    await anna.sees_no_more(PAGE)
    await anna.sees("a take")
    assert await anna.number() == number
    assert len(open_fields(two[0])) == 3


async def test_help_and_why_lie_over_the_page_and_lead_back_to_it(anna: Dispatcher) -> None:
    await opens(anna, "priority")
    for key, sign in (("question_mark", " HELP"), ("d", "WHY THIS DEADLINE")):
        await anna.presses(key)
        await anna.sees(sign)
        await anna.presses("escape")
        await anna.sees(PAGE, "3 to look at", "b keeps it")
        assert heading(await anna.hands.lines(), "priority")


async def test_the_page_is_found_by_its_name_and_begins_on_the_ticket_under_the_cursor(anna: Dispatcher) -> None:
    number = await anna.number()
    await anna.commands("review conflicts")
    await anna.sees(PAGE)
    row = next(line for line in await anna.hands.lines() if line.startswith(">"))
    assert number in row


async def test_the_last_one_settled_leaves_one_strong_sentence(anna: Dispatcher) -> None:
    await opens(anna)
    for left in (2, 1):
        await anna.presses("b")
        await anna.sees(f"{left} to look at")
    await anna.presses("b")
    await anna.sees("Nobody has crossed anybody.", "Esc closes")
    await anna.presses("b")
    await anna.sees("x REFUSED")


async def test_enter_on_a_record_opens_its_form(tmp_path: Path) -> None:
    desk = demo_desk(tmp_path)
    crossed(desk.path)
    async with sitting_at(desk) as anna:
        await anna.presses("R")
        await anna.sees(PAGE, "5 to look at")
        await anna.presses(*"jjj", "enter")
        await anna.sees_no_more(PAGE)
        await anna.sees("zakład Łódź", "address")


async def test_a_long_list_moves_under_its_cursor_and_tells_the_place(tmp_path: Path) -> None:
    desk = demo_desk(tmp_path)
    first = crossed(desk.path)[0]
    put(desk.path, *(replace(first, id=EntityId(bytes([number]) * 16)) for number in range(50, 80)))
    async with sitting_at(desk) as anna:
        await anna.presses("R")
        await anna.sees("35 to look at", "1 of 35")
        for key, place in (("G", 35), ("k", 34), ("g", 1), ("pagedown", 6), ("down", 7)):
            await anna.presses(key)
            await anna.sees(f" {place} of 35")
            assert sum(line.startswith(">") for line in await anna.hands.lines()) == 1


async def test_outside_the_page_its_keys_settle_nothing(anna: Dispatcher, two: Two) -> None:
    await anna.presses("b")
    await anna.sees("x REFUSED R lists the conflicts; there it settles one")
    await anna.presses("m")
    assert len(open_fields(two[0])) == 3
