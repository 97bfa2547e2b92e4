"""Two consoles that do what comes to mind and meet now and then end as one desk, whatever the order."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.clock import Instant
from core.commands import (
    AddRecord,
    ArchiveRecord,
    AssignTicket,
    ChangeRecord,
    Command,
    MergeRecords,
    MoveStage,
    OpenTicket,
    PlanCallBack,
    PostEntry,
    Redo,
    SetPriority,
    Undo,
)
from core.errors import DomainError
from core.ids import EntityId
from tests.storage.desk_story import begin
from tests.storage.hub_story import Console, Kept, empty_console, keep, of_story
from tests.support.hub_server import HubServer

ACTS = 60
SEEDS = range(3)
STAGES = ("active", "waiting", "resolved", "closed", "new", "on_site")


@pytest.fixture(scope="module")
def kept(hub_server: HubServer, tmp_path_factory: pytest.TempPathFactory) -> Kept:
    folder, hub = tmp_path_factory.mktemp("kept"), hub_server.hub("anna", "boris")
    anna = of_story(begin(folder / "anna.db"), hub_server, hub)
    boris = empty_console(folder / "boris.db", hub_server, hub, "boris", seed=2)
    for console in (anna, boris):
        console.join()
    for _round in range(2):
        anna.sync()
        boris.sync()
    return keep(anna, boris)


@pytest.fixture
def two(kept: Kept, tmp_path: Path) -> Iterator[tuple[Console, ...]]:
    consoles = kept.begin(tmp_path)
    yield consoles
    for console in consoles:
        console.desk.close()


def one_of(console: Console, chance: random.Random, query: str) -> EntityId | None:
    with console.look() as seen:
        found = [EntityId(row[0]) for row in seen.execute(query)]
    return chance.choice(found) if found else None


def wish(console: Console, chance: random.Random) -> Command | None:
    """Anything a person may do next; None where there is nothing to do it to."""
    company = one_of(console, chance, "SELECT id FROM company ORDER BY id")
    ticket = one_of(console, chance, "SELECT id FROM ticket ORDER BY id")
    contact = one_of(console, chance, "SELECT id FROM contact ORDER BY id")
    if ticket is None or company is None or chance.random() < 0.12:
        callers = () if contact is None else (contact,)
        return OpenTicket(f"Matter {chance.random()}", company, chance.choice((1, 3)), reporters=callers)
    owner = console.value("SELECT owner FROM ticket WHERE id = ?", ticket)
    at = Instant(console.clock.now_ms() // 1000 + 3600)
    makers: tuple[Callable[[], Command | None], ...] = (
        lambda: AssignTicket(ticket, chance.choice((console.person, None)), owner),
        lambda: SetPriority(ticket, chance.choice((1, 2, 3, 4))),
        lambda: MoveStage(ticket, chance.choice(STAGES), "part", "vendor"),
        lambda: PostEntry(ticket, "note", f"Note {chance.random()}"),
        lambda: PlanCallBack(ticket, at, "+48 22 555 01 02", contact),
        lambda: AddRecord("company", {"name": f"Firm {chance.random()}", "kind": "customer"}),
        lambda: ChangeRecord("company", company, {"name": f"Firm {chance.random()}"}),
        lambda: ChangeRecord("company", company, {"tier": chance.choice(("gold", "silver", ""))}),
        lambda: ArchiveRecord("company", company, chance.choice((True, False))),
        lambda: _merge(console, chance, company),
        Undo,
        Redo,
    )
    return chance.choice(makers)()


def _merge(console: Console, chance: random.Random, company: EntityId) -> Command | None:
    other = one_of(console, chance, "SELECT id FROM company ORDER BY id")
    return None if other is None else MergeRecords("company", company, other)


@pytest.mark.parametrize("seed", SEEDS)
def test_two_who_act_at_random_end_with_the_same_rows(two: tuple[Console, ...], seed: int) -> None:
    chance = random.Random(seed)
    done = 0
    for _act in range(ACTS):
        console = chance.choice(two)
        console.clock.forward(seconds=chance.choice((0, 1, 60)))
        if chance.random() < 0.15:
            console.sync()
            continue
        asked = wish(console, chance)
        try:
            if asked is not None:
                console.act(asked)
                done += 1
        except DomainError:
            continue
    for console in (*two, *two):
        report = console.sync()
    assert done > ACTS // 3
    assert (report.unsent, report.set_aside, report.refused) == (0, 0, {})
    first, second = (console.rows() for console in two)
    assert {table for table in first if first[table] != second[table]} == set()
