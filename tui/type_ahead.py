"""Keys in the order they were pressed: each waits until what the one before it began is ready for it.

Without this a name typed fast after `A` would run commands, because the question it answers is not open yet.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any

from textual.app import App
from textual.events import Event

LOOK_AGAIN_SECONDS = 0.004
SETTLE_SECONDS = 0.02
"""A single key is painted first; whether it is done is asked after that, or as soon as another key comes."""


class TypeAhead:
    """Lets one key at a time into the application."""

    def __init__(
        self,
        app: App[Any],
        let_in: Callable[[Event], Awaitable[None]],
        is_ready: Callable[[], bool],
        begins_nothing: Callable[[Event], bool],
    ) -> None:
        self._app = app
        self._let_in = let_in
        self._is_ready = is_ready
        self._begins_nothing = begins_nothing
        self._waiting: deque[Event] = deque()
        self._is_busy = False
        self._way: list[Any] = []
        self._timer: asyncio.TimerHandle | None = None

    async def take(self, event: Event) -> None:
        """Let a key in now, or when those before it are done."""
        if not self._is_busy and self._begins_nothing(event):
            # A cursor move asks no question that a later key could answer: it pays for no order.
            await self._let_in(event)
            return
        self._waiting.append(event)
        if self._is_busy:
            self._settle()
        else:
            await self._next()

    async def _next(self) -> None:
        self._is_busy = bool(self._waiting)
        if not self._waiting:
            return
        if not self._is_ready():
            # The loop's own timer: Textual drops one that another thread delays past its whole interval at its start.
            asyncio.get_running_loop().call_later(LOOK_AGAIN_SECONDS, self._app.call_later, self._next)
            return
        # A key goes to the focus, what it means comes back from there: twice from the focus out to the application.
        way = [*(self._app.focused or self._app.screen).ancestors_with_self]
        await self._let_in(self._waiting.popleft())
        self._way = [way[0], *way, *way]
        self._timer = asyncio.get_running_loop().call_later(SETTLE_SECONDS, self._settle)
        if self._waiting:
            self._settle()

    def _settle(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
            self._follow(self._way, 0)

    def _follow(self, way: list[Any], place: int) -> None:
        while place < len(way):
            if way[place].call_later(self._follow, way, place + 1):
                return
            place += 1
        self._app.call_later(self._next)
