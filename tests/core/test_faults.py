"""How often equipment fails, and which faults are the same again."""

from __future__ import annotations

import itertools

import pytest

from core.clock import Instant
from core.equipment import REPEAT_WITHIN_SECONDS
from core.faults import is_same_again, mean_seconds_between

DAY = 86_400


def test_the_mean_time_is_what_the_steps_between_openings_average() -> None:
    openings = [0, 10 * DAY, 14 * DAY, 40 * DAY]
    steps = [later - earlier for earlier, later in itertools.pairwise(openings)]
    mean = mean_seconds_between(len(openings), Instant(openings[0]), Instant(openings[-1]))
    assert mean == sum(steps) // len(steps)


@pytest.mark.parametrize(("count", "first", "last"), [(0, None, None), (1, 5, 5)])
def test_one_fault_or_none_has_no_mean(count: int, first: int | None, last: int | None) -> None:
    at = [None if one is None else Instant(one) for one in (first, last)]
    assert mean_seconds_between(count, at[0], at[1]) is None


@pytest.mark.parametrize(
    ("code", "before", "same"),
    [
        ("E07", 0, True),
        ("E07", REPEAT_WITHIN_SECONDS, True),
        ("E07", REPEAT_WITHIN_SECONDS + 1, False),
        ("E07", -1, False),
        ("E08", 0, False),
    ],
)
def test_the_same_fault_within_thirty_days_before_is_the_same_again(code: str, before: int, same: bool) -> None:
    opened_at = Instant(90 * DAY)
    assert is_same_again(code, Instant(opened_at - before), "E07", opened_at) is same


def test_a_ticket_without_a_fault_code_repeats_nothing() -> None:
    assert not is_same_again("", Instant(0), "", Instant(0))
