"""Hubs that are restored and files that are copied, put back and made anew lose nothing: stories at random, and pinned.

The rules are in `sync_recovery_machine.py`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest
from hypothesis import seed
from hypothesis.stateful import run_state_machine_as_test

from tests.storage.sync_machine import of
from tests.storage.sync_recovery_machine import Recovering
from tests.storage.sync_world import Fault, Ground, lay_ground
from tests.support.hub_server import HubServer

EXAMPLES, STEPS, SEED = 20, 30, 20261124
MET = ("restored", "epochs", "renewed", "signed anew", "put back", "documents", "from documents", "alike", "died")


@pytest.fixture(scope="module")
def ground(hub_server: HubServer) -> Iterator[Ground]:
    laid = lay_ground(hub_server)
    yield laid
    laid.close()


@pytest.fixture
def machine(ground: Ground) -> type[Recovering]:
    return type("Recovering", (Recovering,), {"ground": ground, "beginning": None, "met": Counter()})


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
