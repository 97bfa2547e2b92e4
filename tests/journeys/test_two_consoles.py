"""Two colleagues at two consoles on one desk: each sees what the other does, and neither undoes it unawares."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from core.commands import OpenTicket
from tests.support.driver import Desk, Dispatcher, PilotHands, demo_desk, sitting_at
from tui.app import Lampboard

SOON_SECONDS = 1.0
"""How long a colleague's act may take to be seen."""


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return demo_desk(tmp_path)


@pytest.fixture
async def anna(desk: Desk) -> AsyncIterator[Dispatcher]:
    async with sitting_at(desk, "Anna", seed=1) as dispatcher:
        yield dispatcher


@pytest.fixture
async def piotr(desk: Desk, anna: Dispatcher) -> AsyncIterator[Dispatcher]:
    async with sitting_at(desk, "Piotr", seed=2) as dispatcher:
        yield dispatcher


async def test_a_take_is_seen_by_the_other_without_a_key(anna: Dispatcher, piotr: Dispatcher) -> None:
    number = await anna.number()
    await anna.takes()
    await anna.sees("is yours")

    await piotr.sees_owner(number, "Anna")


async def test_rows_do_not_move_under_the_others_cursor(anna: Dispatcher, piotr: Dispatcher) -> None:
    await piotr.presses("j")
    before, under_cursor = await piotr.rows(), await piotr.number()

    await anna.presses("j")
    await anna.sets_priority(4)
    await anna.sees("has priority 4")
    await piotr.sees_row(under_cursor, f" 4 {under_cursor}")

    assert await piotr.rows() == before
    assert await piotr.number() == under_cursor


async def test_taking_what_the_other_took_is_refused_with_a_sentence(
    desk: Desk, anna: Dispatcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with sitting_at(desk, "Piotr", seed=2) as piotr:
        assert isinstance(piotr.hands, PilotHands)
        number = await piotr.number()
        app = piotr.hands.pilot.app
        assert isinstance(app, Lampboard)
        monkeypatch.setattr(app.workbench, "desk_changed", lambda: None)  # he has not looked up yet
        await anna.takes()
        await anna.sees("is yours")

        await piotr.takes()

        await piotr.sees("x REFUSED", f"{number} was taken or given to somebody else meanwhile; look again")
        await piotr.sees_owner(number, "Anna")


async def test_undo_takes_back_ones_own_act_and_never_the_colleagues(anna: Dispatcher, piotr: Dispatcher) -> None:
    number = await anna.number()
    await anna.takes()
    await anna.sees("is yours")
    await piotr.sees_owner(number, "Anna")

    await piotr.undoes()

    await piotr.sees("x REFUSED nothing of yours to undo")
    await anna.sees_owner(number, "me")


async def test_a_new_ticket_waits_as_newer_until_the_list_is_renewed(desk: Desk, anna: Dispatcher) -> None:
    before = await anna.rows()
    seat = desk.seat("Piotr", seed=3)
    try:
        command = OpenTicket(subject="Brama nie otwiera się od rana", company=None, priority=1)
        seat.desk.submit(command, seat.person.id).result(10)
    finally:
        seat.desk.close()

    await anna.sees("1 newer", within=SOON_SECONDS + 1)
    assert await anna.rows() == before

    await anna.presses("ctrl+r")
    await anna.sees_no_more("newer")
    assert "1 newer" not in await anna.screen()


async def test_both_consoles_write_at_once_and_nothing_is_lost(anna: Dispatcher, piotr: Dispatcher) -> None:
    await piotr.presses("j")
    await anna.takes()
    await piotr.takes()
    hers, his = await anna.number(), await piotr.number()
    await anna.sees("is yours")
    await piotr.sees("is yours")

    await anna.sees_owner(his, "Piotr")
    await piotr.sees_owner(hers, "Anna")
