"""The only door between the screen and the store: wishes and reads go in, answers are awaited on the event loop.

An asker that may be overtaken keeps a generation of its own and drops answers of an older one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from core.errors import DomainError
from core.pages import Several

if TYPE_CHECKING:
    from concurrent.futures import Future

    from core.commands import Command
    from core.ids import EntityId
    from core.ports import Applied, DeskStore
    from core.requests import Request


class Gateway:
    """Awaits the store's futures; nothing here blocks the loop but `page_now`, which is for the first frame."""

    def __init__(self, store: DeskStore) -> None:
        self._store = store

    async def submit(self, command: Command, author: EntityId) -> Applied:
        """Perform a wish; raises DomainError when it is refused or the store failed."""
        return await asyncio.wrap_future(self._store.submit(command, author))

    async def page(self, request: Request) -> Any:
        """Answer a read."""
        return await asyncio.wrap_future(self._store.page(request))

    async def pages(self, *requests: Request) -> tuple[Any, ...]:
        """Answer several reads in one go on one thread; raises the DomainError of the first that cannot be read."""
        answers: tuple[Any, ...] = await self.page(Several(requests))
        for answer in answers:
            if isinstance(answer, DomainError):
                raise answer
        return answers

    def begin_page(self, request: Request) -> Future[Any]:
        """Begin a read whose answer may not be wanted in the end."""
        return self._store.page(request)

    def page_now(self, request: Request) -> Any:
        """Answer a read at once: for the first frame only."""
        return self._store.page_now(request)

    async def keep_draft(self, author: EntityId, kind: str, about: EntityId, body: str) -> None:
        """Keep an unfinished text; an empty one is forgotten."""
        await asyncio.wrap_future(self._store.keep_draft(author, kind, about, body))

    async def keep_call(self, author: EntityId, call: EntityId, body: str, seen: str) -> EntityId:
        """Keep the draft of a call that was last known as `seen`; answers the id under which it is kept."""
        return await asyncio.wrap_future(self._store.keep_call(author, call, body, seen))

    def new_id(self) -> EntityId:
        """An id for a call that comes in now."""
        return self._store.new_id()

    async def remember(self, name: str, body: str) -> None:
        """Keep a piece of the screen's state."""
        await asyncio.wrap_future(self._store.remember(name, body))

    def remembered(self, name: str) -> str:
        """What `remember` kept in an earlier run."""
        return self._store.remembered(name)

    def watch(self, on_change: Callable[[], None]) -> None:
        """Call back on a thread of the store when another console wrote."""
        self._store.watch(on_change)
