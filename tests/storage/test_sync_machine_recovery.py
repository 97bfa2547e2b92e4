"""Hubs that are restored and files that are copied, put back and made anew lose nothing: stories at random, and pinned.

The rules are in `sync_recovery_machine.py`. `make soak` goes on with other seeds.
"""

from __future__ import annotations

import pytest
from hypothesis import seed
from hypothesis.stateful import run_state_machine_as_test

from tests.storage.sync_machine import of, on
from tests.storage.sync_recovery_machine import Recovering
from tests.storage.sync_world import Fault, Ground

EXAMPLES, STEPS, SEED = 14, 25, 21
MET = ("restored", "epochs", "renewed", "put back", "documents", "from documents", "alike", "died")


@pytest.fixture
def machine(ground: Ground) -> type[Recovering]:
    return on(ground, Recovering)


def test_desks_and_hubs_that_are_put_back_and_copied_stay_one_desk(machine: type[Recovering]) -> None:
    run_state_machine_as_test(seed(SEED)(machine), settings=of(EXAMPLES, STEPS))
    # What never happened would prove nothing.
    assert {one: machine.met[one] for one in MET if machine.met[one] == 0} == {}


def test_a_refusal_whose_answer_was_lost_is_told_after_a_restore_as_well(machine: type[Recovering]) -> None:
    story = machine()
    story.begin_with_some_tickets([1, 2])
    story.rights_change(0, "read")
    story.act([(0, 8, 3)])
    story.sync_over_a_line_that_breaks(0, Fault.LOST_ANSWER, 2)
    story.the_hub_is_backed_up()
    story.the_hub_is_restored(is_told=True)
    story.sync([0])
    story.teardown()


def test_two_copies_in_turn_and_a_hub_put_back_between_them_lose_nothing(machine: type[Recovering]) -> None:
    story = machine()
    story.begin_with_some_tickets([1, 2])
    story.the_hub_is_backed_up()
    story.a_file_is_copied(1)
    for turn in range(3):
        story.act([(1, 15, turn), (1, 16, turn + 4)])
        story.sync([1, 0])
        story.the_other_copy_is_used()
        story.act([(1, 15, turn + 8)])
        story.the_hub_is_restored(is_told=True)
        story.sync([1, 2])
    story.teardown()
    assert machine.met["signed anew"] > 0
