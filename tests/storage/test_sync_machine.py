"""Three consoles that do anything at any time stay what the design says they are: stories at random, and pinned ones.

The rules are in `sync_machine.py`. `make soak` goes on with other seeds; a bug that was mended becomes a story here.
"""

from __future__ import annotations

import pytest
from hypothesis import seed
from hypothesis.stateful import run_state_machine_as_test

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
    story.act([(0, 8, 3)])
    story.sync_over_a_line_that_breaks(0, Fault.LOST_ANSWER, 2)
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
