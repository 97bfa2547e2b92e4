"""What is left of a ticket's retargetings when some of them were taken back."""

from __future__ import annotations

from core.clock import Instant
from core.retargetings import Retargeting, that_hold

OPENED = Instant(1_000)
GOLD, SILVER = b"gold", b"silver"


def put(at: int, was: bytes | None, now: bytes | None, pinned_at: int | None = None) -> Retargeting:
    """A ticket put under another contract, pinned to that day unless undo or redo tells of another."""
    return Retargeting(str(at).encode(), Instant(at), was, now, Instant(at if pinned_at is None else pinned_at))


def held(*told: Retargeting) -> list[int]:
    return [one.at for one in that_hold(told, OPENED)]


def test_what_was_put_and_taken_back_never_happened() -> None:
    assert held(put(2_000, GOLD, SILVER), put(3_000, SILVER, GOLD, OPENED)) == []


def test_what_is_put_back_under_its_first_contract_later_was_under_the_other_meanwhile() -> None:
    assert held(put(2_000, GOLD, SILVER), put(3_000, SILVER, GOLD)) == [2_000, 3_000]


def test_the_last_of_several_is_taken_back_first() -> None:
    both = (put(2_000, GOLD, SILVER), put(3_000, SILVER, None))
    assert held(*both, put(4_000, None, SILVER, 2_000)) == [2_000]
    assert held(*both, put(4_000, None, SILVER, 2_000), put(5_000, SILVER, GOLD, OPENED)) == []


def test_what_is_done_again_holds_from_then_and_may_be_taken_back_again() -> None:
    again = (put(2_000, GOLD, SILVER), put(3_000, SILVER, GOLD, OPENED), put(4_000, GOLD, SILVER, 2_000))
    assert held(*again) == [4_000]
    assert held(*again, put(5_000, SILVER, GOLD, OPENED)) == []


def test_the_same_contract_as_it_stands_today_is_a_retargeting_too() -> None:
    assert held(put(2_000, GOLD, GOLD), put(3_000, GOLD, GOLD)) == [2_000, 3_000]
    assert held(put(2_000, GOLD, GOLD), put(3_000, GOLD, GOLD, OPENED)) == []
