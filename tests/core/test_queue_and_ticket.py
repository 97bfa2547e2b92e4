"""What a lamp says at the edge of each level, and where a ticket may go."""

from __future__ import annotations

import pytest

from core.clock import Instant
from core.clock_state import MET, NONE, PAUSED, RUNNING
from core.errors import Refused
from core.queue import BREACHED, DUE, KEPT, NO_PROMISE, ON_TIME, SOON, WAITS, Lamp, lamp
from core.stages import CLOSED, OPEN, STAGES, WAITING, legal_moves
from core.ticket import Ticket, check_move
from tests.core.examples import NOW, TICKET


@pytest.mark.parametrize(
    ("left", "level"),
    [
        (-1, BREACHED),
        (0, DUE),
        (30 * 60 - 1, DUE),
        (30 * 60, SOON),
        (2 * 3600 - 1, SOON),
        (2 * 3600, ON_TIME),
    ],
)
def test_a_running_clock_lights_its_lamp_by_what_is_left(left: int, level: str) -> None:
    assert lamp(RUNNING, Instant(NOW + left), 0, NOW) == Lamp(level, left)


@pytest.mark.parametrize(("state", "level"), [(PAUSED, WAITS), (MET, KEPT), (NONE, NO_PROMISE)])
def test_a_clock_that_stands_shows_what_was_left(state: int, level: str) -> None:
    assert lamp(state, None, 600, NOW) == Lamp(level, 600)


def ticket_in(stage: str) -> Ticket:
    return Ticket(TICKET, "T-1", "printer", None, NOW, NOW, stage=stage)


@pytest.mark.parametrize("stage", STAGES)
def test_every_stage_leads_somewhere_and_never_to_itself(stage: str) -> None:
    names = [move.name for move in legal_moves(stage)]
    assert names and stage not in names and set(names) <= set(STAGES)


def test_what_is_closed_may_only_be_opened_again() -> None:
    assert [move.name for move in legal_moves("closed")] == ["active"]


def test_nothing_goes_back_to_new() -> None:
    assert not any(move.name == "new" for stage in STAGES for move in legal_moves(stage))


def test_a_ticket_of_another_desk_in_a_stage_we_do_not_know_may_go_everywhere() -> None:
    assert [move.name for move in legal_moves("Awaiting 3rd party")] == list(STAGES)


def test_each_stage_has_a_letter_of_its_own_and_a_class() -> None:
    assert len({stage.letter for stage in STAGES.values()}) == len(STAGES)
    assert {stage.stage_class for stage in STAGES.values()} == {OPEN, WAITING, CLOSED}


def test_a_move_that_is_not_legal_is_refused_with_those_that_are() -> None:
    assert check_move(ticket_in("closed"), "active").name == "active"
    with pytest.raises(Refused) as refused:
        check_move(ticket_in("closed"), "waiting")
    assert (refused.value.code, refused.value.facts["allowed"]) == ("ticket.move_not_legal", ["active"])
