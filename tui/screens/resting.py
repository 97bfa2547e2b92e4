"""When the cursor rests: what stands beside it is read, laid out and painted in steps while no key comes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

REST_SECONDS = 0.15
"""How long no key came when the panes follow."""
READ_SECONDS, MAKE_SECONDS = 0.09, 0.125
"""When in this time their pages are read, on another thread, and their lines made: at its end they are only painted."""


class Resting:
    """Counts from the last move; a move begins it anew."""

    def __init__(self, read: Callable[[], None], make: Callable[[], None], follow: Callable[[], None]) -> None:
        self._steps = ((READ_SECONDS, read), (MAKE_SECONDS, make), (REST_SECONDS, follow))
        self._since = 0.0
        self._timer: asyncio.TimerHandle | None = None

    def begin(self, moved_at: float) -> None:
        """The cursor moved, at a time of the loop's clock."""
        self.stop()
        self._since = moved_at
        self._await(0)

    def stop(self) -> None:
        """Something else has the room beside the cursor."""
        if self._timer is not None:
            self._timer.cancel()

    def _await(self, step: int) -> None:
        # A bare timer of the loop: Textual's own starts a task each, and this one is set anew on every move.
        self._timer = asyncio.get_running_loop().call_at(self._since + self._steps[step][0], self._take, step)

    def _take(self, step: int) -> None:
        self._steps[step][1]()
        if step + 1 < len(self._steps):
            self._await(step + 1)
