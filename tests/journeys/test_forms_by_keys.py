"""Master data by keys at 80x24: one field a line, kept as it is typed, saved as one act, refused at its field."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from textual import events

from tests.support.driver import Desk, Dispatcher, PilotHands, at_the_desk, demo_desk, sitting_at


@pytest.fixture
async def anna(tmp_path: Path) -> AsyncIterator[Dispatcher]:
    async with at_the_desk(tmp_path) as dispatcher:
        await dispatcher.sees("caller")
        yield dispatcher


def rows(desk: Desk, query: str, *values: object) -> list[tuple[Any, ...]]:
    with sqlite3.connect(desk.path) as connection:
        found = connection.execute(query, values).fetchall()
    connection.close()
    return found


async def fills(anna: Dispatcher, *texts: str) -> None:
    """Type a text into each field and go to the next."""
    for text in texts:
        if text:
            await anna.types(text)
        await anna.presses("enter")


async def lines(anna: Dispatcher) -> list[str]:
    return (await anna.screen()).split("\n")


async def test_a_company_is_entered_on_a_form(anna: Dispatcher) -> None:
    await anna.commands("New company")
    await anna.sees("NEW company", "*name", "must be filled in", "ctrl+s saves")
    await fills(anna, "Huta Wschód", "vendor", "A", "", "pl")
    await anna.sees("4 changed")

    await anna.presses("ctrl+s")

    await anna.sees("+ SAVED company Huta Wschód. u undoes it")
    await anna.sees_no_more("NEW company")


async def test_a_saved_form_is_taken_back_by_one_key(tmp_path: Path) -> None:
    desk = demo_desk(tmp_path)
    async with sitting_at(desk) as anna:
        await anna.commands("New company")
        await anna.sees("NEW company")
        await fills(anna, "Huta Wschód")
        await anna.presses("ctrl+s")
        await anna.sees("+ SAVED company Huta Wschód")
        await anna.undoes()
        await anna.sees("undone: adding company Huta Wschód")
    assert rows(desk, "SELECT archived FROM company WHERE name = 'Huta Wschód'") == [(1,)]


async def test_the_caller_gets_a_second_number_and_best_hours_while_the_ticket_is_open(tmp_path: Path) -> None:
    desk = demo_desk(tmp_path)
    async with sitting_at(desk) as anna:
        await anna.sees("caller")
        await anna.commands("Edit contact")
        await anna.sees("EDIT contact", "more phones", "best hours", "may approve")
        await anna.presses("enter", "enter", "ctrl+u")
        await anna.types("+48 600 555 999, 112 113")
        await anna.presses("down", "down", "down", "ctrl+u")
        await anna.types("after 14:00")
        await anna.presses("ctrl+s")
        await anna.sees("+ SAVED contact", "changed:", "more phones")
    ((numbers, hours),) = rows(desk, "SELECT other_phones, best_hours FROM contact WHERE other_phones LIKE '%112 113%'")
    assert (json.loads(numbers), hours) == (["+48 600 555 999", "112 113"], "after 14:00")


async def test_a_new_contact_is_at_the_company_of_the_ticket_and_both_are_one_act(tmp_path: Path) -> None:
    desk = demo_desk(tmp_path)
    async with sitting_at(desk) as anna:
        await anna.sees("caller")
        await anna.commands("New contact")
        await anna.sees("NEW contact", "company")
        await fills(anna, "Ewa Żak", "42 555 09 09")
        await anna.presses("ctrl+s")
        await anna.sees("+ SAVED contact Ewa Żak")
        query = "SELECT a.archived FROM affiliation a JOIN contact k ON k.id = a.contact WHERE k.name = 'Ewa Żak'"
        assert rows(desk, query) == [(0,)]
        await anna.undoes()
        await anna.sees("undone: adding contact Ewa Żak")
    assert rows(desk, query) == [(1,)]
    assert rows(desk, "SELECT archived FROM contact WHERE name = 'Ewa Żak'") == [(1,)]


async def test_what_cannot_stay_puts_the_cursor_on_its_field_and_says_why(anna: Dispatcher) -> None:
    await anna.commands("New contact")
    await anna.sees("NEW contact")
    await fills(anna, "Ewa Żak", "reception", "", "ewa at firm")
    await anna.presses("ctrl+s")
    await anna.sees("x REFUSED phone: reception is no telephone number")

    await anna.presses("ctrl+u")
    await anna.types("112 113")
    await anna.presses("ctrl+s")
    await anna.sees("x REFUSED mail: ewa at firm is no mail address")

    await anna.presses("ctrl+u", "f8")
    await anna.sees("+ SAVED contact Ewa Żak")


async def test_a_company_that_is_there_already_is_told_and_saved_by_saving_once_more(tmp_path: Path) -> None:
    desk = demo_desk(tmp_path)
    async with sitting_at(desk) as anna:
        await anna.commands("New company")
        await anna.sees("NEW company")
        await fills(anna, "hotel BALTIC")
        await anna.presses("ctrl+s")
        await anna.sees("x REFUSED there is a company Hotel Baltic already; saving again keeps both")
        assert rows(desk, "SELECT count(*) FROM company WHERE name = 'hotel BALTIC'") == [(0,)]
        await anna.presses("f8")
        await anna.sees("+ SAVED company hotel BALTIC. u undoes it")


async def test_another_name_typed_after_a_doubt_is_looked_at_anew(anna: Dispatcher) -> None:
    await anna.commands("New company")
    await anna.sees("NEW company")
    await fills(anna, "Hotel Baltic")
    await anna.presses("ctrl+s")
    await anna.sees("there is a company Hotel Baltic already")
    await anna.presses("ctrl+u")
    await anna.types("Młyny Północ")
    await anna.presses("ctrl+s")
    await anna.sees("there is a company Młyny Północ already")


async def test_a_missing_name_is_asked_for_where_it_belongs(anna: Dispatcher) -> None:
    await anna.commands("New company")
    await anna.sees("NEW company")
    await anna.presses("down", "down", "down")
    await anna.presses("ctrl+s")
    await anna.sees("x REFUSED name is missing: a company needs it")
    await anna.types("Huta")
    await anna.presses("ctrl+s")
    await anna.sees("+ SAVED company Huta")


async def test_a_reference_is_chosen_from_what_the_letters_leave(tmp_path: Path) -> None:
    desk = demo_desk(tmp_path)
    async with sitting_at(desk) as anna:
        await anna.commands("New site")
        await anna.sees("NEW site")
        await fills(anna, "Hala 3")
        await anna.presses("ctrl+u")
        await anna.types("mlyny")
        await anna.sees("Młyny Północ")
        await anna.presses("enter", "ctrl+s")
        await anna.sees("+ SAVED site Hala 3")
    query = "SELECT c.name FROM site s JOIN company c ON c.id = s.company WHERE s.name = 'Hala 3'"
    assert rows(desk, query) == [("Młyny Północ",)]


async def test_a_reference_to_nothing_is_refused_where_it_was_typed(anna: Dispatcher) -> None:
    await anna.commands("New site")
    await anna.sees("NEW site")
    await fills(anna, "Hala 3")
    await anna.presses("ctrl+u")
    await anna.types("nobody at all")
    await anna.presses("enter")
    await anna.sees("there is no company nobody at all")


async def test_escape_keeps_what_was_typed_and_the_form_goes_on_with_it(anna: Dispatcher) -> None:
    await anna.commands("New company")
    await anna.sees("NEW company")
    await fills(anna, "Huta Wschód", "vendor")
    await anna.presses("escape")
    await anna.sees("draft kept")

    await anna.commands("New company")
    await anna.sees("NEW company", "Huta Wschód", "vendor", "as you left it")
    await anna.presses("ctrl+s")
    await anna.sees("+ SAVED company Huta Wschód")

    await anna.commands("New company")
    await anna.sees("NEW company", "must be filled in")
    assert "Huta" not in (await anna.screen()).split("NEW company")[1].split("\n")[1]


async def test_what_was_typed_outlives_the_program_for_the_person_who_typed_it(tmp_path: Path) -> None:
    desk = demo_desk(tmp_path)
    async with sitting_at(desk) as anna:
        await anna.commands("New company")
        await anna.sees("NEW company")
        await anna.types("Huta Wsch")
        await anna.hands.pause()
        for _time in range(100):
            if rows(desk, "SELECT 1 FROM draft WHERE kind = 'form.company' AND body LIKE '%Huta Wsch%'"):
                break
            await anna.hands.pause()
    async with sitting_at(desk) as anna:
        await anna.commands("New company")
        await anna.sees("NEW company", "Huta Wsch", "as you left it")
        await anna.presses("f7")
        await anna.sees("drop what was typed?")
        await anna.presses("y")
        await anna.sees_no_more("Huta Wsch")
    assert rows(desk, "SELECT count(*) FROM draft WHERE kind = 'form.company'") == [(0,)]
    async with sitting_at(desk, "Piotr") as piotr:
        await piotr.commands("New company")
        await piotr.sees("NEW company", "must be filled in")


async def test_two_consoles_on_one_form_the_second_learns_what_changed_and_loses_nothing(tmp_path: Path) -> None:
    desk = demo_desk(tmp_path)
    async with sitting_at(desk) as anna, sitting_at(desk, "Piotr", seed=8) as piotr:
        for person in (anna, piotr):
            await person.sees("caller")
            await person.lists("all open")
            await person.presses("g")
            await person.sees("caller")
            await person.commands("Edit company")
            await person.sees("EDIT company")
            await person.presses("down", "down", "ctrl+u")
        await anna.types("Gold")
        await piotr.types("Iron")
        await anna.presses("ctrl+s")
        await anna.sees("+ SAVED company")

        await piotr.presses("ctrl+s")
        await piotr.sees("x REFUSED tier of", "changed meanwhile: now Gold")
        assert any("Iron" in line for line in await lines(piotr))
        await piotr.presses("ctrl+s")
        await piotr.sees("+ SAVED company")
    assert rows(desk, "SELECT count(*) FROM company WHERE tier = 'Iron'") == [(1,)]


@pytest.mark.parametrize("entity", ["site", "equipment", "contract"])
async def test_the_form_of_what_a_ticket_names_opens_from_the_ticket(tmp_path: Path, entity: str) -> None:
    desk = demo_desk(tmp_path)
    via = "contract_version" if entity == "contract" else entity
    number, record = rows(
        desk,
        f"SELECT number, {via} FROM ticket WHERE {via} IS NOT NULL AND queue_rank < 4 ORDER BY number LIMIT 1",
    )[0]
    if entity == "contract":
        ((record,),) = rows(desk, "SELECT contract FROM contract_version WHERE id = ?", record)
    column = {"site": "name", "equipment": "serial", "contract": "number"}[entity]
    ((shown,),) = rows(desk, f"SELECT {column} FROM {entity} WHERE id = ?", record)
    async with sitting_at(desk) as anna:
        await anna.commands(number)
        await anna.sees(number)
        await anna.commands(f"Edit {entity}")
        await anna.sees(f"EDIT {entity}", shown)


async def test_two_of_the_same_company_become_one_and_two_again(tmp_path: Path) -> None:
    desk = demo_desk(tmp_path)
    tickets = "SELECT count(*) FROM ticket t JOIN company c ON c.id = t.company WHERE c.name = 'Młyny Północ'"
    async with sitting_at(desk) as anna:
        before = rows(desk, tickets)
        await anna.commands("Merge two companies")
        await anna.sees("MERGE which company")
        await anna.types("hotel baltic")
        await anna.presses("enter")
        await anna.sees("is the same company as")
        await anna.types("mlyny polnoc")
        await anna.presses("enter")
        await anna.sees("+ SAVED company Hotel Baltic is now Młyny Północ")
        assert rows(desk, tickets) > before
        await anna.undoes()
        await anna.sees("undone: merging company Hotel Baltic into Młyny Północ")
        assert rows(desk, tickets) == before


async def test_a_company_cannot_become_a_part_of_its_own_part(tmp_path: Path) -> None:
    desk = demo_desk(tmp_path)
    with sqlite3.connect(desk.path) as connection:
        connection.execute(
            "UPDATE company SET parent = (SELECT id FROM company WHERE name = 'Hotel Baltic')"
            " WHERE name = 'Młyny Północ'"
        )
    connection.close()
    async with sitting_at(desk) as anna:
        await anna.commands("Edit record")
        await anna.sees("Edit a")
        await anna.presses("enter")
        await anna.sees("EDIT company")
        await anna.types("hotel baltic")
        await anna.presses("enter")
        await anna.sees("EDIT company  Hotel Baltic")
        await anna.presses("down", "down", "down")
        await anna.types("mlyny polnoc")
        await anna.sees("Młyny Północ")
        await anna.presses("enter", "ctrl+s")
        await anna.sees("x REFUSED part of would lead round in a circle: Hotel Baltic > Młyny")


async def test_a_contract_on_a_form_takes_over_its_grade_where_nothing_was_typed(tmp_path: Path) -> None:
    desk = demo_desk(tmp_path)
    async with sitting_at(desk) as anna:
        await anna.commands("New contract")
        await anna.sees("NEW contract")
        await fills(anna, "G-1", "", "2026-01-01", "", "Gold", "", "", "printers", "toner, ink")
        await anna.presses("up", "ctrl+u", "ctrl+s")
        await anna.sees("+ SAVED contract G-1, 3 fields from grade Gold. u undoes it")
        query = (
            "SELECT k.archived, p.name, v.included_units, v.unit, v.coverage, v.exclusions FROM contract k"
            " JOIN contract_version v ON v.contract = k.id JOIN policy p ON p.id = v.policy WHERE k.number = 'G-1'"
        )
        assert rows(desk, query) == [(0, "Gold 24/7", 40, "hour", '["printers"]', "")]
        await anna.undoes()
        await anna.sees("undone: adding contract G-1")
        assert rows(desk, query)[0][0] == 1


HOSTILE = "\x1b[31m[/x] [bold]\u202e\u200b\x00 '; DROP --\nq\n:quit\n" + "y" * 3000


@pytest.mark.parametrize("entity", ["company", "contact", "equipment", "contract", "person", "site", "team"])
async def test_hostile_text_pasted_into_each_field_stays_text_in_its_field(anna: Dispatcher, entity: str) -> None:
    assert isinstance(anna.hands, PilotHands)
    app = anna.hands.pilot.app
    await anna.commands("New record")
    await anna.sees("Enter a new")
    await anna.types(entity)
    await anna.presses("enter")
    await anna.sees(f"NEW {entity}")
    for _field in range(16):
        assert app.focused is not None
        app.focused.post_message(events.Paste(HOSTILE))
        await anna.hands.pause()
        await anna.presses("down" if _field % 2 else "shift+tab", "down")
        assert app.focused is not None and app.focused.id == "form-line"
    await anna.presses("ctrl+s")
    await anna.sees("x REFUSED")
    shown = await anna.screen()
    assert "\x1b" not in shown and "\u202e" not in shown
    await anna.presses("escape")
    await anna.sees("draft kept")


async def test_f7_and_y_close_a_form_and_n_keeps_it(tmp_path: Path) -> None:
    desk = demo_desk(tmp_path)
    async with sitting_at(desk) as anna:
        await anna.commands("New company")
        await anna.sees("NEW company")
        await anna.types("Huta")
        await anna.presses("f7", "n")
        await anna.sees("NEW company", "Huta")
        await anna.presses("f7", "y")
        await anna.sees("dropped; nothing was changed")
        await anna.sees_no_more("NEW company")
    assert rows(desk, "SELECT count(*) FROM company WHERE name LIKE 'Huta%'") == [(0,)]
    assert rows(desk, "SELECT count(*) FROM draft WHERE kind = 'form.company'") == [(0,)]


async def test_a_new_contract_needs_the_day_from_which_it_holds(anna: Dispatcher) -> None:
    await anna.commands("New contract")
    await anna.sees("NEW contract")
    await fills(anna, "G-7")
    await anna.presses("ctrl+s")
    await anna.sees("x REFUSED in force from is missing: a contract needs it")
    await anna.types("2026-01-01")
    await anna.presses("ctrl+s")
    await anna.sees("+ SAVED contract G-7")


async def test_the_palette_goes_to_the_form_of_the_contract_or_person_that_was_typed(anna: Dispatcher) -> None:
    await anna.commands("C-2001")
    await anna.sees("EDIT contract  C-2001", "in force from")
    await anna.presses("escape")
    await anna.sees_no_more("EDIT contract")

    await anna.presses("colon")
    await anna.sees("COMMAND")
    await anna.types("rafal sikora")
    await anna.sees("Rafał Sikora")
    await anna.presses("enter")
    await anna.sees("EDIT contact  Rafał Sikora", "orders up to")


async def test_a_call_comes_before_a_form_and_the_form_is_there_again_after_it(anna: Dispatcher) -> None:
    await anna.commands("New company")
    await anna.sees("NEW company")
    await anna.types("Huta")
    await anna.presses("f4")
    await anna.sees_no_more("NEW company")
    await anna.presses("escape")
    await anna.sees("NEW company", "Huta")
    await anna.types(" Wschód")
    await anna.presses("ctrl+s")
    await anna.sees("+ SAVED company Huta Wschód")


async def test_letters_typed_fast_after_the_palette_are_text_of_the_form(anna: Dispatcher) -> None:
    await anna.presses("colon", *"New company", "enter", *"Aqua", "ctrl+s")
    await anna.sees("+ SAVED company Aqua")


async def test_the_whole_form_of_a_contact_is_seen_at_80x24_and_at_200x60(tmp_path: Path) -> None:
    for columns, height in ((80, 24), (200, 60)):
        folder = tmp_path / str(columns)
        folder.mkdir()
        async with at_the_desk(folder, columns=columns, rows=height) as anna:
            await anna.sees("caller")
            await anna.commands("Edit contact")
            await anna.sees("*name", "phone", "notes", "company", "orders up to", "currency", "since", "until")


async def test_what_a_ticket_is_about_is_chosen_among_the_equipment_of_its_company(anna: Dispatcher) -> None:
    number = await anna.number()
    await anna.presses("e")
    await anna.sees(f"{number} is about")
    await anna.types("no equip")
    await anna.presses("enter")
    await anna.sees(f"+ SAVED {number} is about no equipment")
    assert anna.keys_pressed == 2

    await anna.undoes()
    await anna.sees("undone: taking")
