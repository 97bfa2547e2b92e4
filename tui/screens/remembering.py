"""Where a person left the desk: view, filter, order and the ticket under the cursor, kept shortly after they change."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

from core.errors import DomainError
from core.ids import EntityId
from core.queue import MINE_AND_FREE, SCOPES, SORTS, URGENCY, View

if TYPE_CHECKING:
    from core.pages import PersonLine
    from tui.gateway import Gateway
    from tui.screens.workbench import Workbench

KEEP_SECONDS = 0.4
"""After the last move: a walk down the list is kept once, and a kill costs no more than its end."""


DEMO_CLOCK = "clock"
"""What the moment of a demo desk is kept under (storage/identity.py)."""


def name_of(person: EntityId) -> str:
    """What a person's place is kept under."""
    return f"place {person.hex()}"


def body_of(view: View, ticket: EntityId | None) -> str:
    """A place as it is kept."""
    kept = {"scope": view.scope, "sort": view.sort, "reversed": view.is_reversed, "filter": view.filter}
    return json.dumps({**kept, "ticket": ticket.hex() if ticket else ""}, ensure_ascii=False)


def place_of(body: str, person: PersonLine) -> tuple[View, EntityId | None]:
    """The view and the ticket of a kept place; whatever cannot be read is as on a new desk."""
    try:
        kept: Any = json.loads(body or "{}")
        ticket = EntityId(bytes.fromhex(kept.get("ticket", ""))) or None
    except (ValueError, AttributeError, TypeError):
        return View(person=person.id, team=person.team), None
    view = View(
        kept.get("scope") if kept.get("scope") in SCOPES else MINE_AND_FREE,
        kept.get("sort") if kept.get("sort") in SORTS else URGENCY,
        kept.get("reversed") is True,
        person.id,
        person.team,
        _readable(kept.get("filter")),
    )
    return view, ticket


def _readable(text: object) -> str:
    """The filter, unless this program cannot read it."""
    if not text or not isinstance(text, str):
        return ""
    from core.query import tidy

    try:
        return tidy(text)
    except DomainError:
        return ""


class Remembering:
    """Keeps the place of whoever sits at the keys."""

    def __init__(self, bench: Workbench, gateway: Gateway) -> None:
        self._bench = bench
        self._gateway = gateway
        self._kept = ""
        self._timer: asyncio.TimerHandle | None = None

    def soon(self) -> None:
        """Something may have changed: keep it when nothing changes for a moment."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(KEEP_SECONDS, self._begin)

    def _begin(self) -> None:
        self._timer = None
        if self._bench.is_attached:
            self._bench.running.beside(self.now, "place")

    async def minute(self) -> None:
        """A demo desk's time goes on from here when it is opened again."""
        if self._bench.scene.is_demo:
            await self._gateway.remember(DEMO_CLOCK, str(self._bench.scene.now))

    async def now(self) -> None:
        """Keep the place at once."""
        person, current = self._bench.scene.person.id, self._bench.queue.current
        body = body_of(self._bench.listing.view, current.id if current else None)
        if body + name_of(person) != self._kept:
            self._kept = body + name_of(person)
            await self._gateway.remember(name_of(person), body)
