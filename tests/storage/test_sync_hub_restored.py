"""A hub that was restored from an old backup gets back what it lost, from whoever comes back, in whatever order."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from core.commands import AddRecord, ChangeRecord, PostEntry, SetPriority
from core.ids import EntityId
from storage.hub.connecting import HubError
from storage.hub.running import Hub
from storage.sync.joined import Cursor
from tests.storage.desk_story import begin
from tests.storage.hub_story import (
    Console,
    Kept,
    empty_console,
    keep,
    of_story,
    opened,
    settle,
    subjects,
    times_in_log,
)
from tests.support.hub_server import HubServer

OTHERS = ("boris", "clara", "dana")


@dataclass
class Story:
    """Four consoles, their hub, and a copy of that from before the last things that happened. Dana may keep."""

    consoles: tuple[Console, ...]
    backup: str = ""

    @property
    def anna(self) -> Console:
        return self.consoles[0]

    @property
    def boris(self) -> Console:
        return self.consoles[1]

    @property
    def dana(self) -> Console:
        return self.consoles[3]

    def all_sync(self, rounds: int = 2) -> None:
        for _round in range(rounds):
            for console in self.consoles:
                console.sync()

    def back_up(self) -> None:
        self.backup = self.anna.server.backup(self.anna.hub)

    def restore(self, *, is_told: bool = True) -> None:
        """Put the hub back; who runs it says so, or forgets to, and a keeper looks first."""
        self.anna.server.restore(self.anna.hub, self.backup)
        if is_told:
            self.say_so()
        else:
            self.dana.sync()

    def say_so(self) -> None:
        with Hub(self.anna.server.url(self.anna.hub)) as hub:
            hub.restored()


def hub_of(server: HubServer) -> str:
    """An empty hub of the four."""
    name = server.hub("anna", *OTHERS)
    with Hub(server.url(name)) as hub:
        hub.grant("dana", "shared", "keep")
    return name


@pytest.fixture(scope="module")
def kept(hub_server: HubServer, tmp_path_factory: pytest.TempPathFactory) -> Kept:
    folder, hub = tmp_path_factory.mktemp("kept"), hub_of(hub_server)
    others = [
        empty_console(folder / f"{login}.db", hub_server, hub, login, seed=2 + place)
        for place, login in enumerate(OTHERS)
    ]
    consoles = (of_story(begin(folder / "anna.db"), hub_server, hub), *others)
    for console in consoles:
        console.join()
    settle(*consoles)
    return keep(*consoles)


@pytest.fixture
def story(kept: Kept, tmp_path: Path) -> Iterator[Story]:
    with kept.awake(tmp_path) as consoles:
        yield Story(consoles)


def agree(consoles: tuple[Console, ...]) -> bool:
    first = consoles[0].rows()
    return all(console.rows() == first for console in consoles[1:])


def a_busy_day(story: Story, chance: random.Random, acts: int = 16) -> None:
    """Everybody opens tickets and works on each other's, with rounds of sync in between."""
    for _act in range(acts):
        console = chance.choice(story.consoles)
        console.clock.forward(seconds=7)
        with console.look() as seen:
            tickets = [EntityId(row[0]) for row in seen.execute("SELECT id FROM ticket ORDER BY id")]
        if not tickets or chance.random() < 0.35:
            opened(console, f"Matter {chance.random()}")
        elif chance.random() < 0.5:
            console.act(PostEntry(chance.choice(tickets), "note", f"Note {chance.random()}"))
        else:
            ticket = chance.choice(tickets)
            present = console.value("SELECT priority FROM ticket WHERE id = ?", ticket)
            console.act(SetPriority(ticket, chance.choice([one for one in (1, 2, 3, 4) if one != present])))
        if chance.random() < 0.5:
            console.sync()


@pytest.mark.parametrize("is_told", [True, False], ids=["told", "untold"])
@pytest.mark.parametrize("seed", range(3))
def test_everything_that_was_taken_in_is_in_the_log_again_exactly_once(story: Story, seed: int, is_told: bool) -> None:
    chance = random.Random(seed)
    a_busy_day(story, chance)
    story.back_up()
    a_busy_day(story, chance)
    story.all_sync()
    before = times_in_log(story.anna)
    wanted = set(subjects(story.anna))
    story.restore(is_told=is_told)
    assert sum(times_in_log(story.anna).values()) < sum(before.values())
    for console in chance.sample(story.consoles, len(story.consoles)):
        a_busy_day(Story((console,)), chance, acts=3)
        console.sync()
    story.all_sync()
    after = times_in_log(story.anna)
    assert before.keys() <= after.keys()
    assert set(after.values()) == {1}
    assert agree(story.consoles)
    assert wanted <= set(subjects(story.anna))
    for console in story.consoles:
        assert console.value("SELECT count(*) FROM ticket") == console.value(
            "SELECT count(DISTINCT number) FROM ticket"
        )
        assert console.value("SELECT count(*) FROM lost_stamp") == 0
        assert console.value("SELECT count(*) FROM operation WHERE state = 'awaited'") == 0
        assert console.value("SELECT count(*) FROM quarantine") == 0


def test_numbers_leased_after_the_backup_are_not_given_again(story: Story) -> None:
    story.back_up()
    busy = story.consoles[1:3]
    for console in busy:
        for turn in range(32):
            opened(console, f"Matter {turn}")
        console.sync()
    story.restore()
    for console in story.consoles:
        console.sync()
        for turn in range(22):
            opened(console, f"Later matter {turn}")
    story.all_sync()
    with story.anna.look() as seen:
        given = [row[0] for row in seen.execute("SELECT number FROM ticket")]
    assert len(given) == 2 * 32 + 4 * 22
    assert not [number for number in given if "~" in number]


def test_the_next_number_after_a_restore_is_a_round_one_far_on(story: Story) -> None:
    story.back_up()
    story.anna.server.restore(story.anna.hub, story.backup)
    with Hub(story.anna.server.url(story.anna.hub)) as hub:
        first = hub.restored()["next_number"]
        assert first % 10_000 == 0 and first > 1_000
        assert hub.restored()["next_number"] == first + 10_000


def test_a_colleagues_work_stays_in_sight_until_it_comes_back(story: Story) -> None:
    story.back_up()
    ticket = opened(story.boris, "Brand new")
    story.boris.sync()
    story.anna.sync()
    story.anna.act(PostEntry(ticket, "note", "On it"))
    story.restore()
    report = story.anna.sync()
    assert (report.awaited, report.unsent) == (report.awaited, 0) and report.awaited > 0
    assert "Brand new" in subjects(story.anna)
    assert story.anna.value("SELECT count(*) FROM entry WHERE text = 'On it'") == 1
    story.boris.sync()
    assert story.anna.sync().awaited == 0
    assert story.anna.value("SELECT count(*) FROM entry WHERE text = 'On it'") == 1


def test_work_that_reaches_the_log_before_what_it_is_about_counts_all_the_same(story: Story) -> None:
    story.back_up()
    ticket = opened(story.boris, "Brand new")
    firm = story.boris.act(AddRecord("company", {"name": "Nowak", "kind": "customer"})).touched[0]
    story.boris.sync()
    story.anna.sync()
    story.anna.act(SetPriority(ticket, 1))
    story.anna.act(ChangeRecord("company", firm, {"name": "Nowak i syn"}))
    story.anna.sync()
    story.restore()
    for console in (story.anna, story.boris, story.anna):
        console.sync()
    clara = story.consoles[2]
    clara.sync()
    story.boris.sync()
    assert clara.value("SELECT priority FROM ticket WHERE id = ?", ticket) == 1
    assert clara.value("SELECT name FROM company WHERE id = ?", firm) == "Nowak i syn"
    assert agree((story.anna, story.boris, clara))


def test_the_person_is_told_once(story: Story) -> None:
    story.back_up()
    opened(story.anna)
    story.anna.sync()
    story.restore()
    assert [notice.code for notice in story.anna.sync().notices] == ["hub_restored"]
    assert story.anna.sync().notices == []


def test_the_own_log_goes_on_in_one_chain(story: Story) -> None:
    story.back_up()
    opened(story.anna)
    story.anna.sync()
    story.restore()
    opened(story.anna)
    story.anna.sync()
    with story.anna.look() as seen:
        mine = seen.execute("SELECT count(*) FROM operation WHERE console = (SELECT console FROM store)").fetchone()
        assert seen.execute("SELECT last_n, (SELECT sent_n FROM hub) FROM store").fetchone() == (mine[0], mine[0])


def test_a_console_that_was_told_only_of_its_push_sends_it_again(story: Story) -> None:
    opened(story.anna)
    before = times_in_log(story.anna)
    story.back_up()
    from storage.sync import outgoing
    from storage.sync.session import Session

    session = Session(story.anna.url)
    with story.anna.look() as seen:
        console, epoch, sent_n = seen.execute("SELECT s.console, h.epoch, h.sent_n FROM store s, hub h").fetchone()
        answer = session.push(epoch, console, story.anna.clock.now_ms(), outgoing.next_push(seen, sent_n))
    session.close()
    story.anna.desk.write(lambda connection: connection.execute("UPDATE hub SET sent_n = ?", (answer.last_n,))).result(
        20
    )
    story.restore(is_told=False)
    story.anna.sync()
    assert sum(times_in_log(story.anna).values()) > sum(before.values())


def test_another_hub_at_the_same_address_gets_nothing(story: Story, hub_server: HubServer) -> None:
    opened(story.anna)
    empty = hub_server.hub("anna", *OTHERS, "eve")
    story.anna.server.restore(story.anna.hub, empty)
    before = story.anna.rows()
    with pytest.raises(HubError) as refused:
        story.anna.sync()
    assert refused.value.code == "hub.other_epoch"
    assert sum(times_in_log(story.anna).values()) == 0
    assert story.anna.rows() == before


@pytest.mark.parametrize("is_told", [True, False], ids=["told", "untold"])
def test_a_hub_of_before_anybody_joined_takes_everybody_in_again(
    story: Story, hub_server: HubServer, is_told: bool
) -> None:
    opened(story.anna)
    story.all_sync()
    before = times_in_log(story.anna)
    story.backup = hub_of(hub_server)
    story.restore(is_told=is_told)
    story.all_sync()
    assert times_in_log(story.anna) == before
    assert agree(story.consoles)


def test_a_hub_that_lost_nothing_is_not_said_to_be_restored(story: Story) -> None:
    from storage.sync.session import Session

    with story.anna.look() as seen:
        console, epoch = seen.execute("SELECT s.console, h.epoch FROM store s, hub h").fetchone()
        cursor = Cursor(*seen.execute("SELECT seq, chain FROM hub_cursor").fetchone())
    session = Session(story.anna.url)
    assert session.restored_found(epoch, console, "shared", cursor) == epoch
    session.close()


def test_only_a_keeper_is_believed_that_the_hub_was_restored(story: Story) -> None:
    before = story.anna.value("SELECT epoch FROM hub")
    story.back_up()
    opened(story.anna, "Made after the backup")
    story.anna.sync()
    story.anna.server.restore(story.anna.hub, story.backup)
    opened(story.anna, "Unsent")
    log = times_in_log(story.anna)
    with pytest.raises(HubError) as refused:
        story.anna.sync()
    assert refused.value.code == "hub.restored_untold"
    assert times_in_log(story.anna) == log
    assert story.anna.value("SELECT epoch FROM hub") == before
    assert {"Made after the backup", "Unsent"} <= set(subjects(story.anna))
    story.say_so()
    report = story.anna.sync()
    assert ([notice.code for notice in report.notices], report.unsent) == (["hub_restored"], 0)
    story.boris.sync()
    assert {"Made after the backup", "Unsent"} <= set(subjects(story.boris))


def test_a_writer_with_a_chain_of_its_own_making_begins_no_epoch(story: Story) -> None:
    from storage.sync.session import Session

    session = Session(story.anna.url)
    with story.anna.look() as seen:
        console, epoch = seen.execute("SELECT s.console, h.epoch FROM store s, hub h").fetchone()
    for _turn in range(3):
        with pytest.raises(HubError, match=r"hub\.restored_untold"):
            session.restored_found(epoch, console, "shared", Cursor(10**6, bytes(32)))
    assert session.join(console, story.anna.person).epoch == epoch
    session.close()


def test_a_keeper_who_says_it_too_often_is_not_believed(story: Story) -> None:
    from storage.sync.session import Session

    session = Session(story.dana.url)
    with story.dana.look() as seen:
        console, epoch = seen.execute("SELECT s.console, h.epoch FROM store s, hub h").fetchone()
    for _turn in range(10):
        epoch = session.restored_found(epoch, console, "shared", Cursor(10**6, bytes(32)))
    with pytest.raises(HubError) as refused:
        session.restored_found(epoch, console, "shared", Cursor(10**6, bytes(32)))
    session.close()
    assert refused.value.code == "hub.log_differs"


def test_a_desk_that_was_away_during_two_restores_finds_back(story: Story) -> None:
    opened(story.anna, "Before")
    story.anna.sync()
    story.back_up()
    first = story.backup
    opened(story.anna, "First lost")
    story.all_sync(1)
    story.restore()
    story.boris.sync()
    opened(story.boris, "Second lost")
    story.boris.sync()
    story.backup = first
    story.restore()
    story.all_sync()
    assert {"Before", "First lost", "Second lost"} <= set(subjects(story.anna))
    assert agree(story.consoles)
    assert set(times_in_log(story.anna).values()) == {1}
