"""Under which contract a ticket counted from when on: its retargetings, without those that were taken back."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from core.clock import Instant


class Retargeting(NamedTuple):
    """At `at` the ticket was put from one contract version under another (None: under none), as its entry tells.

    The policy's version in force at `pinned_at` held from then on.
    """

    entry: bytes
    at: Instant
    was: bytes | None
    contract_version: bytes | None
    pinned_at: Instant


def that_hold(told: Iterable[Retargeting], pinned_at: Instant) -> list[Retargeting]:
    """The retargetings of `told`, in order, that were not undone; `pinned_at` is the instant that held before them.

    Undo tells the way back with the pinned instant of before, while a ticket that is put back is pinned to that day.
    """
    held: list[Retargeting] = []
    for one in told:
        if held:
            last = held[-1]
            before = held[-2].pinned_at if len(held) > 1 else pinned_at
            if (one.was, one.contract_version, one.pinned_at) == (last.contract_version, last.was, before):
                held.pop()
                continue
        held.append(one)
    return held
