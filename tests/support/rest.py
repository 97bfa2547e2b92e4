"""When a console under a pilot is at rest: each key is answered and painted, and nothing is on its way to the store.

A pilot by itself looks whether the processor is idle, for ten milliseconds and more a key; here the work itself is
awaited, on a busy machine as long as it takes and on an idle one not at all.
"""

from __future__ import annotations

import asyncio
import time
import unicodedata
from collections.abc import Awaitable, Callable
from typing import Any

from textual import events
from textual.keys import REPLACED_KEYS, _character_to_key, _get_unicode_name_from_key

from tui.app import Lampboard

REST_SECONDS = 60.0
"""A busy machine is slow, and so is a search on a spoilt desk; a console that does not come to rest is wrong."""
STORE_SECONDS = 0.001
QUIET_TURNS = 2
"""Of the loop, with nothing to do: a timer that is due is heard in the turn after."""
_AWAITED = ("submit", "page", "keep_draft", "keep_call", "remember")


class Rest:
    """Waits for what one application does in this thread's loop."""

    def __init__(self, app: Lampboard) -> None:
        self._app = app
        self._asked = 0
        for name in _AWAITED:
            setattr(app._gateway, name, self._counted(getattr(app._gateway, name)))

    async def after(self, *keys: str) -> None:
        """Press keys by their names, or characters, as fast as they come, and wait until they are answered."""
        assert self._app._driver is not None
        for key in keys:
            event = key_event(key)
            event.set_sender(self._app)
            self._app._driver.send_message(event)
        await self.comes()

    async def comes(self) -> None:
        """Wait until the loop has nothing to do, no key waits for its turn and the store has answered."""
        until = time.monotonic() + REST_SECONDS
        loop: Any = asyncio.get_running_loop()
        quiet = 0
        while quiet < QUIET_TURNS:
            assert time.monotonic() < until, f"no rest within {REST_SECONDS} s"
            await asyncio.sleep(0)
            if loop._ready or self._paints_what_is_due():
                quiet = 0
            elif self._is_awaiting:
                quiet = 0
                await asyncio.sleep(STORE_SECONDS)
            else:
                quiet += 1

    @property
    def _is_awaiting(self) -> bool:
        return self._is_open and bool(self._asked or self._app._type_ahead._waiting)

    @property
    def _is_open(self) -> bool:
        return not self._app._exit and not self._app._closing

    def _paints_what_is_due(self) -> bool:
        """Paint now what Textual would paint in the next frame; False when nothing was due or may be painted."""
        if not self._is_open or not self._is_due():
            return False
        with self._app._context():
            self._app.screen._on_timer_update()
        return not self._is_due()

    def _is_due(self) -> bool:
        screen = self._app.screen
        return bool(
            screen._layout_required
            or screen._scroll_required
            or screen._repaint_required
            or screen._recompose_required
            or screen._dirty_widgets
            or screen._callbacks
        )

    def _counted(self, ask: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        async def asking(*arguments: Any) -> Any:
            self._asked += 1
            try:
                return await ask(*arguments)
            finally:
                self._asked -= 1

        return asking


def key_event(key: str) -> events.Key:
    """The event of a key by its name, or of a character, as a pilot makes it."""
    if len(key) == 1 and not key.isalnum():
        key = _character_to_key(key)
    try:
        character: str | None = unicodedata.lookup(_get_unicode_name_from_key(REPLACED_KEYS.get(key, key)))
    except KeyError:
        character = key if len(key) == 1 else None
    return events.Key(key, character)
