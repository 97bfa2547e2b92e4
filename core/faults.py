"""How often a piece of equipment fails, and which of its tickets tell of the same fault again."""

from __future__ import annotations

from core.clock import Instant
from core.equipment import REPEAT_WITHIN_SECONDS


def mean_seconds_between(count: int, first_at: Instant | None, last_at: Instant | None) -> int | None:
    """Mean time between the openings of `count` faults, the first and the last given; None below two faults.

    The steps between neighbours add up to the whole stretch, so its ends are all that is needed.
    """
    if count < 2 or first_at is None or last_at is None:
        return None
    return (last_at - first_at) // (count - 1)


def is_same_again(fault_code: str, opened_at: Instant, as_code: str, as_opened_at: Instant) -> bool:
    """True for a fault of the same code opened at or within thirty days before the one it is compared with."""
    return bool(fault_code) and fault_code == as_code and 0 <= as_opened_at - opened_at <= REPEAT_WITHIN_SECONDS
