"""Running what a person asked for beside the keys, and holding back keys that came before its question was open."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from core.errors import DomainError
from tui.presenters.frame import FAILED, REFUSED
from tui.presenters.sentences import why_not

if TYPE_CHECKING:
    from textual.screen import Screen
    from textual.worker import Worker

ACTION = "action"

Work = Callable[[], Awaitable[None]]


class Running:
    """Work in progress on one screen."""

    def __init__(self, screen: Screen[None], tell: Callable[[str, str], None]) -> None:
        self._screen = screen
        self._tell = tell
        self._begun = 0
        self._awaiting_store = 0
        self._stored = asyncio.Event()
        self._stored.set()

    def beside(self, work: Work, group: str, *, exclusive: bool = True) -> None:
        """Let work run beside the keys; what the store refuses is said, a fault of ours ends the program openly.

        Exclusive work takes the place of what its group has begun, or not even begun.
        """
        is_action = group == ACTION
        self._begun += is_action

        async def guarded() -> None:
            await self._guarded(work, is_action=is_action)

        _worker: Worker[None] = self._screen.run_worker(guarded, group=group, exclusive=exclusive, exit_on_error=True)

    def action(self, work: Awaitable[None]) -> None:
        """Let an action of the person run; several may be on their way."""
        self.beside(lambda: work, ACTION, exclusive=False)

    @contextmanager
    def awaiting_store(self) -> Iterator[None]:
        """While an action only waits for the store, keys may pass: it asks nothing more."""
        self._awaiting_store += 1
        self._stored.clear()
        try:
            yield
        finally:
            self._awaiting_store -= 1
            if not self._awaiting_store:
                self._stored.set()

    async def stored(self) -> None:
        """Wait until what was done is on the disk: an action that reads sees what the one before it did."""
        await self._stored.wait()

    @property
    def is_idle(self) -> bool:
        """True when no action is on its way."""
        return not self._begun

    @property
    def lets_keys_pass(self) -> bool:
        """False while an action is on its way to its next question: keys that come early belong to that one."""
        return self._begun <= self._awaiting_store

    async def _guarded(self, work: Work, *, is_action: bool) -> None:
        try:
            await work()
        except DomainError as error:
            self._tell(FAILED if error.code.startswith("store.") else REFUSED, why_not(error))
        finally:
            self._begun -= is_action
