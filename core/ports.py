"""What the screen may ask of the store, and nothing else of it is known there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future

    from core.commands import Command
    from core.handlers.plan import Title
    from core.ids import EntityId
    from core.requests import Request


class Applied(NamedTuple):
    """An act that is on the disk: its title and the entities it touched, in the order of the act."""

    title: Title
    touched: tuple[EntityId, ...]


class DeskStore(Protocol):
    """A desk that answers reads from a pool and takes acts one by one on its writer thread."""

    def submit(self, command: Command, author: EntityId) -> Future[Applied]:
        """Put a wish in the writer's queue; the future ends with `Applied`, a DomainError or a storage error."""

    def page(self, request: Request) -> Future[Any]:
        """Answer a read on the pool."""

    def page_now(self, request: Request) -> Any:
        """Answer a read at once on the calling thread: for the first frame only."""

    def keep_draft(self, author: EntityId, kind: str, about: EntityId, body: str) -> Future[None]:
        """Keep an unfinished text; an empty one is forgotten."""

    def keep_call(self, author: EntityId, call: EntityId, body: str, seen: str) -> Future[EntityId]:
        """Keep the draft of a call that was last known as `seen`; answers the id under which it is kept.

        It is another one when another console has written the same call meanwhile. An empty body is forgotten.
        """

    def new_id(self) -> EntityId:
        """An id for a call that comes in now."""

    def remember(self, name: str, body: str) -> Future[None]:
        """Keep a piece of the screen's state: view, filter, cursor."""

    def remembered(self, name: str) -> str:
        """What `remember` kept, or an empty text."""

    def watch(self, on_change: Callable[[], None]) -> None:
        """Call back, on a thread of the store, within a second after another console wrote to the same desk."""

    def close(self) -> None:
        """End the threads after what is queued was written."""
