"""The page that explains a ticket's clocks and the row of the queue are computed from the same facts."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from typing import Any

import pytest

from core.clock import Instant
from core.clock_facts import promise
from core.clock_shown import ClockPage, ClockShown, PolicyCalled
from core.clock_state import MET, PAUSED, RUNNING
from core.commands import ChangeDocument, MoveStage
from core.errors import DomainError
from core.ids import EntityId
from core.ledger import BEFORE_NEW_CLOCK, Ledger
from core.ledger import PAUSED as WAITED
from core.pages import RowsById
from core.what_if import ClosedAt
from storage.clock_facts import clock_facts
from storage.clock_page import clock_page
from storage.standing import derived_now, ticket_clocks
from storage.ticket_page import load_ticket
from tests.storage.desk_story import GOLD, Story
from tests.support.fixed import NOON
from tests.support.worlds import world

NOW = Instant(NOON // 1000)
HOUR = 3600


@pytest.fixture(scope="module")
def demo() -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(f"{world(300).as_uri()}?mode=ro&immutable=1", uri=True)
    yield connection
    connection.close()


def tickets(demo: sqlite3.Connection) -> list[EntityId]:
    return [EntityId(found) for (found,) in demo.execute("SELECT id FROM ticket ORDER BY id")]


def test_the_page_and_the_queue_know_the_same_clocks_of_every_ticket(demo: sqlite3.Connection) -> None:
    states: set[int] = set()
    for id_ in tickets(demo):
        ticket, _columns = load_ticket(demo, id_)
        hot, _terms = ticket_clocks(demo, ticket)
        facts = clock_facts(demo, ticket, NOW)
        if facts is None:
            assert {clock.run for clock in hot} == {None}
            continue
        for clock in hot:
            told = promise(clock.kind, facts)
            used = clock.run.used_by(NOW, facts.hours) if clock.run is not None else 0
            assert (told.state, told.due_at, told.used) == (clock.state, clock.due_at, used)
            states.add(clock.state)
    assert states >= {RUNNING, PAUSED, MET}


def test_the_ledger_of_every_ticket_adds_up_to_its_clock(demo: sqlite3.Connection) -> None:
    explained = 0
    for id_ in tickets(demo):
        for ledger in explained_clocks(demo, id_).ledgers:
            assert sum(span.counted for span in ledger.spans) == ledger.promise.used
            ends = [span.until_at for span in ledger.spans]
            assert [ledger.promise.started_at, *ends] == [*(span.from_at for span in ledger.spans), NOW]
            explained += 1
    assert explained > 400


def test_a_row_warns_when_the_page_says_so(demo: sqlite3.Connection) -> None:
    warned = 0
    for id_, clock, told in demo.execute("SELECT id, sla_clock, sla_warnings FROM ticket WHERE sla_warnings <> ''"):
        page = explained_clocks(demo, EntityId(id_))
        levels = [one.at for one in page.warned if one.level.clock == clock and one.at is not None]
        assert [int(at) for at in told.split()] == sorted(levels)
        warned += 1
    assert warned > 10


def explained_clocks(connection: sqlite3.Connection, ticket: EntityId) -> ClockShown:
    page = clock_page(connection, ClockPage(ticket, NOW))
    assert page is not None
    return page


def now(story: Story) -> Instant:
    return Instant(story.clock.now_ms() // 1000)


def page(story: Story, ticket: EntityId, *supposing: tuple[Any, ...]) -> ClockShown:
    shown: ClockShown = story.desk.page_now(ClockPage(ticket, now(story), supposing))
    return shown


def ledger(story: Story, ticket: EntityId, kind: str) -> Ledger:
    return next(one for one in page(story, ticket).ledgers if one.clock == kind)


def change_policy(story: Story, **fields: Any) -> None:
    with story.look() as seen:
        (policy,) = seen.execute("SELECT id FROM policy").fetchone()
    story.act(ChangeDocument("policy", EntityId(policy), json.dumps({**GOLD, **fields}), 1))
    story.desk.finish_rebuild(lambda progress: None)
    story.clock.forward(minutes=1)


def message(story: Story, ticket: EntityId, direction: str) -> None:
    """A message comes in (`<`) or has left the desk (`>`), and the row follows."""

    def write(connection: sqlite3.Connection) -> None:
        connection.execute(
            "INSERT INTO entry (id, ticket, at, kind, direction, contact, text) VALUES (?, ?, ?, 'message', ?, ?, ?)",
            (story.new_id(), ticket, now(story), direction, story.caller, "At four?"),
        )
        derived = derived_now(connection, load_ticket(connection, ticket)[0])
        columns = ", ".join(f"{column} = ?" for column in derived)
        connection.execute(f"UPDATE ticket SET {columns} WHERE id = ?", (*derived.values(), ticket))

    story.desk.write(write).result(20)


def test_a_customers_question_starts_the_update_clock_in_row_and_page(story: Story) -> None:
    change_policy(story, update_seconds={"3": 1800}, warnings=[{"clock": "update", "fraction": 0.5}])
    ticket = story.open_ticket()
    assert [one.clock for one in page(story, ticket).ledgers] == ["first_response", "resolution"]
    story.clock.forward(minutes=10)
    message(story, ticket, "<")
    asked_at = now(story)

    told = ledger(story, ticket, "update").promise
    (row,) = story.desk.page_now(RowsById((ticket,)))
    assert (told.state, told.due_at) == (RUNNING, asked_at + 1800)
    assert row.queue_key == told.late_after and row.warnings == str(asked_at + 900)

    story.clock.forward(minutes=5)
    message(story, ticket, ">")
    told = ledger(story, ticket, "update").promise
    assert (told.state, told.used) == (MET, 300)


def test_a_stage_with_pauses_of_its_own_stops_what_it_names(story: Story) -> None:
    stages = [
        {"stage": "waiting", "party": "vendor", "owner": "vendor", "pauses": []},
        {"stage": "on_site", "owner": "us", "pauses": ["resolution"]},
    ]
    change_policy(story, stages=stages)
    ticket = story.open_ticket()
    story.clock.forward(minutes=10)
    story.act(MoveStage(ticket, "waiting", cause="spare board", party="vendor"))
    story.clock.forward(minutes=10)
    assert ledger(story, ticket, "resolution").promise.used == 1200

    story.act(MoveStage(ticket, "on_site"))
    story.clock.forward(minutes=10)
    told = ledger(story, ticket, "resolution")
    (row,) = story.desk.page_now(RowsById((ticket,)))
    assert (told.promise.state, told.promise.used) == (PAUSED, 1200)
    last = told.spans[-1]
    assert last.why.cause == WAITED and last.why.event is not None and last.why.event.stage == "on_site"
    # The first response still runs, and speaks for the ticket.
    assert row.sla_state == RUNNING
    assert {one.stage: one.used for one in page(story, ticket).stages} == {"waiting": 600, "on_site": 600}


def test_closed_for_long_and_opened_again_a_fresh_clock_begins(story: Story) -> None:
    change_policy(story, reopen_fresh_after_seconds=HOUR)
    ticket = story.open_ticket()
    story.clock.forward(minutes=30)
    story.act(MoveStage(ticket, "resolved", resolution_code="fixed"))
    story.clock.forward(hours=22)
    story.act(MoveStage(ticket, "active"))
    story.clock.forward(minutes=5)

    told = ledger(story, ticket, "resolution")
    assert told.promise.used == 300 and [one.used for one in told.promise.earlier] == [1800]
    assert told.spans[0].why.cause == BEFORE_NEW_CLOCK
    assert sum(span.counted for span in told.spans) == 300
    (row,) = story.desk.page_now(RowsById((ticket,)))
    assert row.sla_state == RUNNING


def test_a_policy_is_supposed_by_its_name_or_by_how_it_begins(story: Story) -> None:
    ticket = story.open_ticket()
    for name in ("Gold", "gold", "GO"):
        assert page(story, ticket, (PolicyCalled(name),)).supposed[0].suppositions == (PolicyCalled("Gold"),)
    with pytest.raises(DomainError, match=r"policy\.unknown"):
        page(story, ticket, (PolicyCalled("Platinum"),))


def test_nothing_is_supposed_before_the_ticket_was_opened(story: Story) -> None:
    ticket = story.open_ticket()
    with pytest.raises(DomainError, match=r"supposition\.before_opening"):
        page(story, ticket, (ClosedAt(Instant(now(story) - 1)),))


def test_a_closed_ticket_is_not_asked_what_if_it_waited(story: Story) -> None:
    ticket = story.open_ticket()
    waits = [one for one in page(story, ticket).supposed if type(one.suppositions[0]).__name__ == "WaitsUntil"]
    story.act(MoveStage(ticket, "resolved", resolution_code="fixed"))
    after = [one for one in page(story, ticket).supposed if type(one.suppositions[0]).__name__ == "WaitsUntil"]
    assert (len(waits), len(after)) == (1, 0)


def test_a_ticket_that_is_not_there_has_no_page(story: Story) -> None:
    assert story.desk.page_now(ClockPage(story.new_id(), now(story), ())) is None
