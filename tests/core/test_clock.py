"""Stamps never go backwards, whatever the machine's clock does."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from core.clock import COUNTER_BITS, HybridClock, instant, stamp_ms
from tests.support.fixed import NOON

walls = st.lists(st.integers(0, 2**47), min_size=2, max_size=60)


@given(walls)
def test_every_stamp_is_above_the_one_before(walls: list[int]) -> None:
    clock = HybridClock()
    stamps = [clock.tick(wall) for wall in walls]
    assert all(earlier < later for earlier, later in pairwise(stamps))


@given(walls)
def test_a_stamp_is_never_behind_the_wall_clock(walls: list[int]) -> None:
    clock = HybridClock()
    assert all(stamp_ms(clock.tick(wall)) >= wall for wall in walls)


def test_a_clock_that_is_not_set_back_tells_the_true_millisecond() -> None:
    clock = HybridClock()
    assert [stamp_ms(clock.tick(NOON + step)) - NOON for step in (0, 1, 2, 50)] == [0, 1, 2, 50]


def test_a_clock_set_back_an_hour_goes_on_from_the_last_stamp() -> None:
    clock = HybridClock()
    last = clock.tick(NOON)
    assert clock.tick(NOON - 3_600_000) == last + 1


def test_a_burst_beyond_the_counter_moves_the_millisecond_on() -> None:
    clock = HybridClock()
    first = clock.tick(NOON)
    for _ in range(1 << COUNTER_BITS):
        last = clock.tick(NOON)
    assert last - first == 1 << COUNTER_BITS
    assert stamp_ms(last) == NOON + 1


def test_a_stamp_seen_from_elsewhere_is_never_given_again() -> None:
    clock = HybridClock()
    clock.witness((NOON + 9_000) << COUNTER_BITS)
    assert clock.tick(NOON) == ((NOON + 9_000) << COUNTER_BITS) + 1


def test_an_old_stamp_from_elsewhere_changes_nothing() -> None:
    clock = HybridClock(NOON << COUNTER_BITS)
    clock.witness(5)
    assert clock.last == NOON << COUNTER_BITS


def test_a_clock_goes_on_after_a_restart_from_what_was_kept() -> None:
    before = HybridClock()
    kept = before.tick(NOON)
    assert HybridClock(kept).tick(NOON - 10) > kept


def test_an_instant_is_the_whole_second_that_holds_the_millisecond() -> None:
    assert [instant(milliseconds) for milliseconds in (0, 999, 1000, 1999)] == [0, 0, 1, 1]
