"""Deadlines computed again after an edit: in small slices, by whoever has the desk open, and never lost half way."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core.clock import Instant
from core.commands import ChangeDocument, MoveStage, SetPriority, Undo
from core.errors import DomainError
from core.ids import EntityId
from storage.actor import WriterThread
from storage.desk import OpenDesk
from storage.engine import open_file
from storage.rebuild import TICKETS_AT_ONCE, Progress, is_pending, progress, take_slice
from tests.storage.desk_story import OFFICE, WAIT_SECONDS, Story, check_rows, look

ROOT = Path(__file__).resolve().parents[2]
TICKETS = 12 * TICKETS_AT_ONCE + 7
CLOSED_TODAY = {**OFFICE, "holidays": ["2026-11-24"]}
CLOSED_TOMORROW = {**OFFICE, "holidays": ["2026-11-24", "2026-11-25"]}
NO_TIME = 0.0
"""Seconds of a slice that ends after one ticket."""


@pytest.fixture
def story(story: Story) -> Story:
    for number in range(TICKETS):
        story.open_ticket(f"Ticket {number}", priority=1 + 2 * (number % 2))
        story.clock.forward(minutes=1)
    story.sit_down()
    return story


def calendar(path: Path) -> EntityId:
    with look(path) as seen:
        return EntityId(seen.execute("SELECT id FROM calendar").fetchone()[0])


def edit(story: Story, body: dict[str, Any], seen: int = 1) -> None:
    story.act(ChangeDocument("calendar", calendar(story.path), json.dumps(body), seen, Instant(0)))


def keys(path: Path) -> list[int]:
    """The sort keys of all tickets in order of opening."""
    with look(path) as seen:
        return [key for (key,) in seen.execute("SELECT queue_key FROM ticket ORDER BY opened_at, id")]


def sliced(path: Path, count: int, seconds: float = NO_TIME) -> None:
    """Slices as a console's writer takes them, each in a transaction."""
    connection = open_file(path)
    for _ in range(count):
        connection.execute("BEGIN IMMEDIATE")
        take_slice(connection, seconds)
        connection.execute("COMMIT")
    connection.close()


def wait_until(is_so: Callable[[], bool]) -> None:
    ends_at = time.monotonic() + WAIT_SECONDS
    while not is_so():
        assert time.monotonic() < ends_at, "it did not come about"
        time.sleep(0.02)


def is_rebuilt(path: Path) -> bool:
    with look(path) as seen:
        return not is_pending(seen)


def checked(path: Path) -> int:
    with look(path) as seen:
        return check_rows(seen)


def test_an_edit_notes_what_is_to_be_rebuilt_in_the_transaction_of_the_act(story: Story) -> None:
    before = keys(story.path)
    edit(story, CLOSED_TODAY)
    with look(story.path) as seen:
        told = progress(seen)
        assert told is not None
        assert (told.done, told.total) == (0, TICKETS)
    assert keys(story.path) == before


def test_a_rebuild_gives_every_open_ticket_what_the_calendar_says_now(story: Story) -> None:
    before = keys(story.path)
    told: list[Progress] = []
    edit(story, CLOSED_TODAY)
    story.desk.finish_rebuild(told.append)
    assert is_rebuilt(story.path)
    assert all(ours != theirs for ours, theirs in zip(keys(story.path), before, strict=True))
    assert checked(story.path) == TICKETS
    assert all(one.done <= one.total == TICKETS for one in told)


def test_a_rebuild_that_was_killed_goes_on_where_it_stood(story: Story) -> None:
    edit(story, CLOSED_TODAY)
    before = keys(story.path)
    script = (
        "import sys, time\n"
        "from pathlib import Path\n"
        "from tests.storage.test_rebuild import sliced\n"
        "sliced(Path(sys.argv[1]), 40)\n"
        "connection = __import__('storage.engine').engine.open_file(Path(sys.argv[1]))\n"
        "connection.execute('BEGIN IMMEDIATE')\n"
        "from storage.rebuild import take_slice\n"
        "take_slice(connection, 0.0)\n"
        "print('ready', flush=True)\n"
        "time.sleep(60)\n"
    )
    argv = [sys.executable, "-c", script, str(story.path)]
    dying = subprocess.Popen(argv, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE)
    assert dying.stdout is not None
    assert dying.stdout.readline() == b"ready\n"
    dying.kill()
    dying.communicate()
    with look(story.path) as seen:
        told = progress(seen)
        assert told is not None
        assert told.done == 40  # the one that was not committed is not counted, nor written
    changed = [ours != theirs for ours, theirs in zip(keys(story.path), before, strict=True)]
    assert changed == [True] * 40 + [False] * (TICKETS - 40)
    story.desk.finish_rebuild(lambda told: None)
    assert checked(story.path) == TICKETS


def test_a_second_edit_during_a_rebuild_begins_it_anew(story: Story) -> None:
    edit(story, CLOSED_TODAY)
    sliced(story.path, 50)
    edit(story, CLOSED_TOMORROW, seen=2)
    story.desk.finish_rebuild(lambda told: None)
    assert checked(story.path) == TICKETS


def test_undo_during_a_rebuild_gives_every_ticket_its_old_deadline(story: Story) -> None:
    before = keys(story.path)
    edit(story, CLOSED_TODAY)
    sliced(story.path, 50)
    story.act(Undo())
    story.desk.finish_rebuild(lambda told: None)
    assert keys(story.path) == before
    assert checked(story.path) == TICKETS


def test_acts_between_slices_stay_as_they_were_done(story: Story) -> None:
    edit(story, CLOSED_TODAY)
    sliced(story.path, 20)
    with look(story.path) as seen:
        tickets = [EntityId(ticket) for (ticket,) in seen.execute("SELECT id FROM ticket ORDER BY opened_at, id")]
    for ticket in (tickets[3], tickets[19], tickets[20], tickets[-1]):
        story.act(SetPriority(ticket, 4), MoveStage(ticket, "waiting", "part", "vendor"))
    story.act(MoveStage(tickets[30], "closed"))
    story.open_ticket()
    story.desk.finish_rebuild(lambda told: None)
    assert checked(story.path) == TICKETS + 1


def test_two_rebuilds_of_two_documents_are_both_finished(story: Story) -> None:
    edit(story, CLOSED_TODAY)
    with look(story.path) as seen:
        (policy, body) = seen.execute("SELECT id, body FROM policy").fetchone()
    story.act(ChangeDocument("policy", EntityId(policy), body, 1))
    story.desk.finish_rebuild(lambda told: None)
    assert is_rebuilt(story.path)
    assert checked(story.path) == TICKETS


def test_a_ticket_whose_terms_cannot_be_read_does_not_hold_up_the_others(story: Story) -> None:
    edit(story, CLOSED_TODAY)
    with sqlite3.connect(story.path) as other:
        other.execute("UPDATE document_version SET body = '{\"tz\": 7}'")
    with pytest.raises(DomainError):
        story.open_ticket()
    story.desk.finish_rebuild(lambda told: None)
    assert is_rebuilt(story.path)


def test_a_console_that_opens_the_desk_goes_on_with_what_another_left(story: Story) -> None:
    edit(story, CLOSED_TODAY)
    sliced(story.path, 10)
    story.desk.warm_up()
    wait_until(lambda: is_rebuilt(story.path))
    assert checked(story.path) == TICKETS


def test_a_console_takes_over_what_another_edited_and_left(story: Story) -> None:
    here = OpenDesk(story.path, story.clock, story.new_id)
    here.warm_up()
    here.watch(lambda: None)
    time.sleep(0.1)
    edit(story, CLOSED_TODAY)
    wait_until(lambda: is_rebuilt(story.path))
    here.close()
    assert checked(story.path) == TICKETS


def test_two_consoles_share_a_rebuild_and_act_meanwhile(story: Story) -> None:
    other = OpenDesk(story.path, story.clock, story.new_id)
    for desk in (story.desk, other):
        desk.warm_up()
        desk.watch(lambda: None)
    with look(story.path) as seen:
        tickets = [EntityId(ticket) for (ticket,) in seen.execute("SELECT id FROM ticket ORDER BY opened_at, id")]
    edit(story, CLOSED_TODAY)
    for ticket in tickets[::10]:
        other.submit(SetPriority(ticket, 4), story.anna).result(WAIT_SECONDS)
    wait_until(lambda: is_rebuilt(story.path))
    other.close()
    assert checked(story.path) == TICKETS


def test_what_is_asked_for_goes_before_the_rebuild(story: Story) -> None:
    writer = WriterThread(story.path, story.clock, story.new_id)
    writer.rebuild_in_background()
    edit(story, CLOSED_TODAY)
    writer.look_for_rebuild()
    with look(story.path) as seen:
        ticket = EntityId(seen.execute("SELECT id FROM ticket ORDER BY opened_at DESC, id DESC").fetchone()[0])
    writer.submit(SetPriority(ticket, 4), story.anna).result(WAIT_SECONDS)
    # The last ticket of the order was written with the new hours by the act itself.
    wait_until(lambda: is_rebuilt(story.path))
    writer.stop()
    assert checked(story.path) == TICKETS


def test_a_rebuild_whose_file_refuses_is_left_for_later_and_acts_go_on(story: Story) -> None:
    edit(story, CLOSED_TODAY)
    with sqlite3.connect(story.path) as other:
        other.execute(
            "CREATE TRIGGER full BEFORE UPDATE ON ticket WHEN new.queue_key <> old.queue_key AND new.priority <> 4"
            " BEGIN SELECT RAISE(ABORT, 'no room'); END"
        )
    story.desk.warm_up()
    with look(story.path) as seen:
        ticket = EntityId(seen.execute("SELECT id FROM ticket").fetchone()[0])
    time.sleep(0.2)
    story.act(SetPriority(ticket, 4))
    with look(story.path) as seen:
        told = progress(seen)
        assert told is not None
        assert told.done == 0


def test_a_slice_reads_the_open_tickets_from_an_index(story: Story) -> None:
    edit(story, CLOSED_TODAY)
    asked: list[str] = []
    connection = open_file(story.path)
    connection.set_trace_callback(asked.append)
    take_slice(connection, NO_TIME)
    connection.set_trace_callback(None)
    (query,) = [query for query in asked if query.startswith("SELECT t.*")]
    steps = [step[3] for step in connection.execute(f"EXPLAIN QUERY PLAN {query}")]
    connection.close()
    assert "SEARCH t USING INDEX ticket_open_by_age" in steps[0]
    assert not [step for step in steps if "SCAN t" in step or "TEMP B-TREE" in step]
