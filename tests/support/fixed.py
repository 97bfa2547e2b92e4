"""A clock that stands still until it is moved, and ids from a seed: the ground every story of the desk stands on."""

from __future__ import annotations

import random
from datetime import UTC, datetime

from core.ids import IdMaker

NOON = int(datetime(2026, 11, 24, 14, 32, tzinfo=UTC).timestamp() * 1000)


class FixedClock:
    """Shows the same millisecond until `forward` moves it."""

    def __init__(self, now_ms: int = NOON) -> None:
        self._now_ms = now_ms

    def now_ms(self) -> int:
        """Milliseconds since 1970 in UTC."""
        return self._now_ms

    def forward(self, *, seconds: float = 0, minutes: float = 0, hours: float = 0) -> None:
        """Let time pass."""
        self._now_ms += int((seconds + 60 * minutes + 3600 * hours) * 1000)


def ids_from(seed: int, clock: FixedClock) -> IdMaker:
    """Ids that are the same in every run."""
    return IdMaker(clock.now_ms, random.Random(seed).randbytes)
