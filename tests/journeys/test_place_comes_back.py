"""Who comes back finds the list as they left it: view, filter, order and the ticket under the cursor."""

from __future__ import annotations

import sqlite3
import sys
import time
from pathlib import Path

import pytest

from storage.identity import identity_of
from tests.support.driver import TICKETS, Desk, Dispatcher, demo_desk, sitting_at
from tests.support.terminal import PtyProgram
from tests.support.worlds import ROOT, copy_of, world
from tui.screens.remembering import KEEP_SECONDS


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return demo_desk(tmp_path)


async def filters(anna: Dispatcher, text: str) -> None:
    """List what a filter asks for."""
    await anna.presses("f")
    await anna.sees("FILTER")
    await anna.types(text)
    await anna.presses("enter")
    await anna.sees_no_more("FILTER")


async def test_the_time_of_a_demo_desk_goes_on_where_it_was_left_and_never_back(desk: Desk) -> None:
    async with sitting_at(desk) as anna:
        await anna.takes()
        await anna.sees("+ SAVED")
        desk.clock.forward(minutes=10)
        left_ms = desk.clock.now_ms()
        await anna.presses("q")
        await anna.hands.pause()
    assert identity_of(desk.path)[2] == left_ms // 1000 * 1000

    desk.clock.forward(minutes=10)
    async with sitting_at(desk) as anna:
        await anna.undoes()
        await anna.sees("undone: taking")
        acted_ms = desk.clock.now_ms()
    with sqlite3.connect(desk.path) as connection:
        connection.execute("UPDATE desk_state SET body = ? WHERE name = 'clock'", (str(left_ms // 1000),))
    connection.close()
    assert identity_of(desk.path)[2] == acted_ms


async def test_view_filter_order_and_cursor_come_back_at_the_next_start(desk: Desk) -> None:
    async with sitting_at(desk, "Anna") as anna:
        await anna.lists("all open")
        await anna.presses("o")
        await anna.sees("by age")
        await filters(anna, "-p:4")
        await anna.presses("j", "j", "j")
        number = await anna.number()
        await anna.presses("q")
    async with sitting_at(desk, "Anna") as anna:
        await anna.sees("all open by age [-p:4]")
        assert await anna.number() == number


async def test_each_person_has_a_place_of_their_own(desk: Desk) -> None:
    async with sitting_at(desk, "Anna") as anna:
        await filters(anna, "p:1")
        await anna.presses("q")
    async with sitting_at(desk, "Piotr") as piotr:
        assert "[p:1]" not in await piotr.screen()


async def test_a_ticket_far_down_the_list_is_under_the_cursor_again(tmp_path: Path) -> None:
    desk = demo_desk(tmp_path)
    async with sitting_at(desk, "Anna") as anna:
        await anna.lists("all, also closed")
        await anna.presses("G")
        await anna.sees_no_more("reading")
        number = await anna.number()
        await anna.presses("q")
    async with sitting_at(desk, "Anna") as anna:
        await anna.sees(f"{number} ")
        for _ in range(50):
            if await anna.number() == number:
                break
            await anna.sees("q quit")
        assert await anna.number() == number


@pytest.mark.parametrize("body", ["", "{", "[]", '{"scope": "nowhere", "filter": "p:one", "ticket": "zz"}', "1"])
async def test_a_place_that_cannot_be_read_is_as_on_a_new_desk(desk: Desk, body: str) -> None:
    from tui.screens.remembering import name_of

    seat = desk.seat("Anna")
    seat.desk.remember(name_of(seat.person.id), body).result(20)
    seat.desk.close()
    async with sitting_at(desk, "Anna") as anna:
        await anna.sees("my+unassigned")
        assert await anna.rows()


def test_filter_and_cursor_survive_a_kill(tmp_path: Path) -> None:
    home = tmp_path / "data" / "lampboard" / "desks" / "trial"
    home.mkdir(parents=True)
    copy_of(world(TICKETS), home)
    env = {
        "XDG_DATA_HOME": str(tmp_path / "data"),
        "XDG_CONFIG_HOME": str(tmp_path / "config"),
        "XDG_STATE_HOME": str(tmp_path / "state"),
        "PYTHONPATH": str(ROOT),
    }
    argv = [sys.executable, "-m", "tui", "--desk", "trial"]
    with PtyProgram(argv, columns=80, rows=24, cwd=tmp_path, env=env) as program:
        program.wait_for("q quit", timeout=30)
        program.press("f")
        program.wait_for("FILTER")
        program.type_text("-p:4")
        program.press("enter")
        program.wait_for("[-p:4]")
        program.press("j", "j")
        program.settle(0.3)
        cursor = next(line for line in program.text().splitlines() if line.startswith(">"))
        time.sleep(KEEP_SECONDS + 1.0)
        program.kill()
    with PtyProgram(argv, columns=80, rows=24, cwd=tmp_path, env=env) as program:
        program.wait_for("[-p:4]", timeout=30)
        again = next(line for line in program.text().splitlines() if line.startswith(">"))
        assert again[13:21] == cursor[13:21]
        program.press("q")
        assert program.exit_code() == 0
