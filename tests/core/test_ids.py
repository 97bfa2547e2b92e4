"""Ids rise, never repeat, and carry no more than the time they were made at."""

from __future__ import annotations

import random
import uuid

from hypothesis import given
from hypothesis import strategies as st

from core.ids import IdMaker, derived, layout
from tests.support.fixed import NOON, FixedClock, ids_from


def test_an_id_is_a_uuid_of_version_seven_with_the_time_in_front() -> None:
    made = uuid.UUID(bytes=ids_from(1, FixedClock())())
    assert (made.version, made.variant) == (7, uuid.RFC_4122)
    assert made.int >> 80 == NOON


@given(st.integers(0, 2**48 - 1), st.integers(0, 0xFFF), st.binary(min_size=8, max_size=8))
def test_every_bit_of_an_id_is_where_the_standard_wants_it(milliseconds: int, counter: int, tail: bytes) -> None:
    made = int.from_bytes(layout(milliseconds, counter, tail), "big")
    assert made >> 80 == milliseconds
    assert made >> 76 & 0xF == 7
    assert made >> 64 & 0xFFF == counter
    assert made >> 62 & 0b11 == 0b10
    assert made & (2**62 - 1) == int.from_bytes(tail, "big") & (2**62 - 1)


@given(st.lists(st.integers(-5_000, 5_000), max_size=40), st.integers(0, 2**32))
def test_ids_rise_even_when_the_clock_jumps_back_and_forth(jumps: list[int], seed: int) -> None:
    clock, made = FixedClock(), []
    new_id = IdMaker(clock.now_ms, random.Random(seed).randbytes)
    for jump in jumps:
        made += [new_id(), new_id()]
        clock.forward(seconds=jump / 1000)
    assert made == sorted(set(made))


def test_a_burst_of_more_ids_than_a_millisecond_can_count_goes_on_in_the_next() -> None:
    new_id = ids_from(1, FixedClock())
    made = [new_id() for _ in range(0x1000 + 10)]
    assert made == sorted(set(made))
    assert int.from_bytes(made[-1][:6], "big") == NOON + 1


def test_two_makers_with_their_own_chance_never_meet() -> None:
    clock = FixedClock()
    one, other = ids_from(1, clock), ids_from(2, clock)
    assert not {one() for _ in range(500)} & {other() for _ in range(500)}


def test_a_derived_id_is_the_same_wherever_it_is_computed() -> None:
    assert derived(NOON, 3, b"console", b"entry").hex() == "01a20df8830070039375b79b6d36e7a0"


def test_derived_ids_of_different_things_differ() -> None:
    different = ((b"a", b"b"), (b"ab",), (b"b", b"a"), (b"a", b"b", b""), (b"a",))
    assert len({derived(NOON, 0, *parts) for parts in different}) == len(different)


@given(st.integers(0, 2**40), st.integers(1, 2**20), st.binary(max_size=20), st.binary(max_size=20))
def test_derived_ids_sort_by_time(milliseconds: int, later: int, one: bytes, other: bytes) -> None:
    assert derived(milliseconds, 0xFFF, one) < derived(milliseconds + later, 0, other)
