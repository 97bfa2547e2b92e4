"""Where the program asks the machine for the time and for chance; how long something took is asked where it is told."""

from __future__ import annotations

import os
import time

from core.clock import Clock
from core.ids import IdMaker


class SystemClock:
    """The machine's clock."""

    def now_ms(self) -> int:
        """Milliseconds since 1970 in UTC."""
        return time.time_ns() // 1_000_000


class ClockFrom:
    """A clock that starts at a given moment: a demo desk's time stands still while it is closed."""

    def __init__(self, start_ms: int) -> None:
        self._offset = start_ms - time.time_ns() // 1_000_000

    def now_ms(self) -> int:
        """Milliseconds since 1970 in UTC, as on that desk."""
        return time.time_ns() // 1_000_000 + self._offset


def system_ids(clock: Clock | None = None) -> IdMaker:
    """Ids from a clock (the machine's, if none is given) and the machine's randomness."""
    return IdMaker((clock or SystemClock()).now_ms, os.urandom)
