"""How a clock stands: the states that rows keep, lamps show and the queue is ordered by."""

from __future__ import annotations

from core.clock import Instant
from core.open_time import LATEST

RUNNING, PAUSED, MET, NONE = 0, 1, 2, 3
"""States of a clock, in the order in which the queue shows them."""

NEVER = Instant(LATEST)
"""The `late_after` of a clock that cannot become late: behind every other in the queue."""
