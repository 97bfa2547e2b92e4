"""A connection on which no call waits for ever: a peer that stands but says nothing any more is given up."""

from __future__ import annotations

import math
import time
from collections.abc import Generator
from typing import Any

import psycopg

SLOWEST_BYTES_A_SECOND = 2000
"""What was sent may lie in buffers on the way where nobody sees it move: so fast it does at least."""


class PatientLine(psycopg.Connection[Any]):
    """Psycopg's connection with a limit for silence; whatever moves, however slowly, goes on as long as it takes.

    A call that is given up raises OperationalError and leaves a connection that is good for nothing but to be closed.
    """

    quiet_seconds = math.inf
    sent_bytes = 0
    """About as much as the next call hands over."""

    def wait(self, gen: Any, *told: Any, **named: Any) -> Any:
        """What the call answers."""
        return super().wait(self._watched(gen), *told, **named)

    def _watched(self, call: Any) -> Generator[Any, Any, Any]:
        allowed = self.quiet_seconds + self.sent_bytes / SLOWEST_BYTES_A_SECOND
        moved_at = time.monotonic()
        try:
            wants = next(call)
            while True:
                # Nothing is ready each time that the waiting only looks up from it.
                ready = yield wants
                if ready:
                    moved_at = time.monotonic()
                elif time.monotonic() - moved_at > allowed:
                    raise psycopg.OperationalError(f"no answer for {allowed:.0f} seconds")
                wants = call.send(ready)
        except StopIteration as end:
            return end.value
