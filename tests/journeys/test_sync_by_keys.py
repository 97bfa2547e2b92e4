"""Row 1 says how the desk stands beside its hub, rows say what is not sent, and no window ever opens for it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from core.commands import AssignTicket, OpenTicket
from core.ids import EntityId
from storage.hub.running import Hub
from storage.sync.leading import Leading
from tests.storage.hub_story import (
    Console,
    Kept,
    Two,
    keep,
    opened,
    settle,
    sync_as_the_right_goes,
    two_consoles,
)
from tests.support.driver import Desk, demo_desk, sitting_at
from tests.support.hub_server import NOWHERE, HubServer
from tui.presenters.sync_words import JUST_NOW_SECONDS


@pytest.fixture(scope="module")
def kept(hub_server: HubServer, tmp_path_factory: pytest.TempPathFactory) -> Kept:
    """Anna's desk with one ticket and Boris's, joined and of one state."""
    anna, boris = two_consoles(tmp_path_factory.mktemp("kept"), hub_server)
    opened(anna)
    settle(anna, boris)
    return keep(anna, boris)


@pytest.fixture
def two(kept: Kept, tmp_path: Path) -> Iterator[Two]:
    with kept.awake(tmp_path) as (anna, boris):
        yield anna, boris


@pytest.fixture
def anna(two: Two) -> Console:
    return two[0]


@pytest.fixture
def boris(two: Two) -> Console:
    return two[1]


def desk_of(console: Console) -> Desk:
    return Desk(console.path, console.clock)


def hub_moves(console: Console, url: str) -> None:
    """The desk looks for its hub elsewhere."""
    job = "UPDATE hub SET url = ?"
    console.desk.write(lambda one: one.execute(job, (url,)) and None).result(10)


async def test_row_1_says_that_the_desk_is_in_step(anna: Console) -> None:
    async with sitting_at(desk_of(anna), "Anna") as dispatcher:
        await dispatcher.sees("sync now  ", " 15:32")


async def test_a_restored_hub_that_was_found_back_to_is_told_once_below(anna: Console) -> None:
    backup = anna.server.backup(anna.hub)
    anna.act(OpenTicket("Made after the backup", None, 3))
    anna.sync()
    anna.server.restore(anna.hub, backup)
    with Hub(anna.server.url(anna.hub)) as hub:
        hub.restored()
    async with sitting_at(desk_of(anna), "Anna") as dispatcher:
        await dispatcher.sees("the hub was restored from a backup: ")
        await dispatcher.takes()
        await dispatcher.sees_row("T-1", " me")
        await dispatcher.sees("sync now  ")
        assert "restored" not in await dispatcher.screen()
    async with sitting_at(desk_of(anna), "Anna") as dispatcher:
        await dispatcher.sees("sync now  ")
        assert "restored" not in await dispatcher.screen()


async def test_while_the_history_comes_in_row_1_says_how_far_and_a_ticket_is_not_said_to_be_none(anna: Console) -> None:
    hub_moves(anna, NOWHERE)
    begun = "INSERT INTO base_stream (stream, seq, chain, done, total) VALUES ('shared', 0, zeroblob(32), 40, 100)"
    anna.desk.write(lambda one: one.execute(begun) and None).result(10)
    async with sitting_at(desk_of(anna), "Anna") as dispatcher:
        await dispatcher.sees("history 40 %")
        await dispatcher.commands("T-99")
        await dispatcher.sees("no ticket T-99 here yet; the history is still coming in, try again")


async def test_what_a_colleague_does_elsewhere_stands_here_and_back(anna: Console, boris: Console) -> None:
    async with sitting_at(desk_of(anna), "Anna", seed=5) as hers, sitting_at(desk_of(boris), "Boris", seed=6) as his:
        await his.sees("Printer jams")
        await hers.takes()
        await his.sees_row("T-1", "Anna")
        await his.sets_priority(1)
        await hers.sees_row("T-1", " 1 T-1")


async def test_without_a_line_row_1_tells_since_when_and_the_row_what_is_not_sent(anna: Console) -> None:
    hub_moves(anna, NOWHERE)
    async with sitting_at(desk_of(anna), "Anna") as dispatcher:
        await dispatcher.sees("OFFLINE since 15:32")
        await dispatcher.takes()
        await dispatcher.sees("+ SAVED", "OFFLINE since 15:32, ", " unsent")
        await dispatcher.sees_row("T-1", "* me")
        hub_moves(anna, anna.url)
        await dispatcher.presses("ctrl+r")
        await dispatcher.sees("sync now  ", " 15:32")
        assert "*" not in await dispatcher.row("T-1")


async def test_while_the_right_to_write_is_missing_row_1_says_that_an_act_stays_here(anna: Console) -> None:
    with Hub(anna.server.url(anna.hub)) as hub:
        hub.revoke("anna", "shared", "write")
    async with sitting_at(desk_of(anna), "Anna") as dispatcher:
        await dispatcher.sees("sync now")
        await dispatcher.takes()
        await dispatcher.sees("READ ONLY, 1 unsent", "stays on this desk until you may write")
        await dispatcher.sees_owner("T-1", "me")


async def test_what_the_hub_refused_is_counted_in_row_1(anna: Console) -> None:
    anna.act(AssignTicket(EntityId(anna.value("SELECT id FROM ticket")), anna.person, None))
    sync_as_the_right_goes(anna)
    async with sitting_at(desk_of(anna), "Anna") as dispatcher:
        await dispatcher.sees("REFUSED ")
        await dispatcher.sees_owner("T-1", "-")


async def test_a_sync_that_only_a_person_can_mend_says_so_once_in_a_sentence(anna: Console) -> None:
    with Hub(anna.server.url(anna.hub)) as hub:
        hub.revoke("anna", "shared", "read")
    async with sitting_at(desk_of(anna), "Anna") as dispatcher:
        await dispatcher.sees("SYNC: NO RIGHT", "sync has stopped: the hub does not let this login do that")
        await dispatcher.takes()
        await dispatcher.sees("+ SAVED", "SYNC: NO RIGHT")


async def test_a_desk_without_a_hub_says_nothing_of_sync(tmp_path: Path) -> None:
    async with sitting_at(demo_desk(tmp_path), columns=200, rows=60) as dispatcher:
        await dispatcher.takes()
        await dispatcher.sees("is yours")
        assert "sync" not in (await dispatcher.hands.lines())[0]


async def test_the_time_of_the_last_sync_grows_while_nobody_syncs(anna: Console) -> None:
    anna.clock.forward(seconds=JUST_NOW_SECONDS + 60)
    with closing(anna.desk):
        hub_moves(anna, NOWHERE)
        # Another console of the desk has the lock and is slow.
        leading = Leading(anna.path)
        assert leading.take()
        async with sitting_at(desk_of(anna), "Anna") as dispatcher:
            await dispatcher.sees("sync 3m ago")
        leading.leave()
