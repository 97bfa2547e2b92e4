"""Three consoles that do anything at any time stay what the design says they are: stories at random, and pinned ones.

The rules are in `sync_machine.py`. `make soak` goes on with other seeds; a bug that was mended becomes a story here.
"""

from __future__ import annotations

import pytest
from hypothesis import seed
from hypothesis.stateful import run_state_machine_as_test

from core.commands import AddRecord, ChangeRecord
from tests.storage.sync_machine import Consoles, of, on
from tests.storage.sync_world import Fault, Ground

EXAMPLES, STEPS, SEED = 60, 40, 20261124
MET = ("name", "tier", "priority", "owner", "stage", "closed", "refused", "died", "hub.line_lost")


@pytest.fixture
def machine(ground: Ground) -> type[Consoles]:
    return on(ground, Consoles)


def test_consoles_that_do_anything_at_any_time_stay_one_desk(machine: type[Consoles]) -> None:
    run_state_machine_as_test(seed(SEED)(machine), settings=of(EXAMPLES, STEPS))
    # What never happened would prove nothing.
    assert {one: machine.met[one] for one in MET if machine.met[one] == 0} == {}


def test_a_refusal_whose_answer_was_lost_is_told_all_the_same(machine: type[Consoles]) -> None:
    story = machine()
    story.begin_with_some_tickets([1, 2])
    story.rights_change(0, "read")
    # The right goes away between the look at the hub and the push.
    story.world.desks[0].wire.is_right_lost_late = True
    story.act([(0, 8, 3)])
    story.sync_over_a_line_that_breaks(0, Fault.LOST_ANSWER, 2)
    story.world.desks[0].wire.is_right_lost_late = False
    story.sync([0])
    story.every_console_and_the_hub_are_what_they_have_to_be()
    story.teardown()


def test_what_the_hub_heard_is_acknowledged_by_its_stamp_alone(machine: type[Consoles]) -> None:
    story = machine()
    story.begin_with_some_tickets([1, 2])
    story.act([(1, 8, 3), (1, 9, 4)])
    story.sync_over_a_line_that_breaks(1, Fault.LOST_REQUEST, 3)
    story.every_console_and_the_hub_are_what_they_have_to_be()
    story.teardown()


def test_a_push_that_comes_again_after_its_refusal_changes_nothing(machine: type[Consoles]) -> None:
    story = machine()
    story.begin_with_some_tickets([3])
    story.what_one_may_not_write_is_refused(2, 8, 3, None, stays=False)
    for which in range(4):
        story.an_old_push_arrives_again(2, which)
        story.an_old_answer_arrives_again(2, which)
        story.every_console_and_the_hub_are_what_they_have_to_be()
    story.teardown()


def test_a_console_killed_between_push_and_pull_goes_on(machine: type[Consoles]) -> None:
    story = machine()
    story.begin_with_some_tickets([3, 4])
    for at in range(1, 6):
        story.everybody_does_much_the_same(9 + at, at)
        story.sync_over_a_line_that_breaks(0, Fault.CRASH, at)
        story.a_console_is_killed_while_it_takes_in(1)
        story.every_console_and_the_hub_are_what_they_have_to_be()
    story.teardown()


def test_a_change_of_a_record_whose_adding_was_refused_makes_none(machine: type[Consoles]) -> None:
    story = machine()
    story.begin_with_some_tickets([1, 2])
    anna, boris = story.world.desks[:2]
    story._act(anna, AddRecord("company", {"name": "Acme", "kind": "customer"}))
    (company,) = anna.seen.execute("SELECT id FROM company WHERE name = 'Acme'").fetchone()
    story.rights_change(0, "read")
    anna.wire.is_right_lost_late = True
    story._sync(anna, Fault.LOST_ANSWER, 2)
    anna.wire.is_right_lost_late = False
    story._act(anna, ChangeRecord("company", company, {"name": "Acme AB"}))
    story.rights_change(0, "write")
    story.sync([0, 1])
    for one in (anna, boris):
        assert one.seen.execute("SELECT name FROM company WHERE id = ?", (company,)).fetchone() is None
    story.every_console_and_the_hub_are_what_they_have_to_be()
    story.teardown()
