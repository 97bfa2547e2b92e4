"""Keeping the draft of a call on the disk while it is typed: a pause is not waited for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from core.ids import EntityId
from core.intake import CallDraft
from tui.gateway import Gateway
from tui.presenters.frame import SAYS
from tui.words import _

if TYPE_CHECKING:
    from tui.screens.workbench import Workbench

KEEP_SECONDS = 0.1
"""From a change to its way to the disk, also while typing goes on."""


class Keeping:
    """One call at a time; `_seen` is the text under which the desk knows it."""

    def __init__(self, bench: Workbench, gateway: Gateway) -> None:
        self._bench = bench
        self._gateway = gateway
        self._seen = ""
        self._timer: asyncio.TimerHandle | None = None
        self._writing = asyncio.Lock()

    def begin(self, seen: str) -> None:
        """Another call, kept as `seen`."""
        self._stop()
        self._seen = seen

    def changed(self, draft: Callable[[], CallDraft | None]) -> None:
        """Something of the call changed: it is kept soon, as it stands then."""
        if self._timer is None:
            soon = asyncio.get_running_loop().call_later
            self._timer = soon(KEEP_SECONDS, lambda: self._begin_keeping(draft))

    def _begin_keeping(self, draft: Callable[[], CallDraft | None]) -> None:
        self._timer = None

        async def keep() -> None:
            await self._keep(draft)

        self._bench.running.beside(keep, "call draft", exclusive=False)

    async def now(self, draft: CallDraft) -> CallDraft:
        """Keep it at once; answers it with the id under which it is kept."""
        self._stop()
        return replace(draft, id=await self._keep(lambda: draft) or draft.id)

    async def _keep(self, present: Callable[[], CallDraft | None]) -> EntityId | None:
        async with self._writing:
            # Looked at only now: a call that was saved while this waited must not come back.
            draft = present()
            text = "" if draft is None or draft.is_blank else draft.to_text()
            if draft is None or text == self._seen:
                return None
            kept = await self._gateway.keep_call(self._bench.scene.person.id, draft.id, text, self._seen)
            self._seen = text
            if kept != draft.id:
                self._bench.calls.renamed(draft.id, kept)
                self._bench.tell(SAYS, _("another console writes on that call too; this one is kept beside it"))
            return kept

    async def forget(self, draft: CallDraft) -> None:
        """The person wants it gone."""
        self._stop()
        async with self._writing:
            await self._gateway.keep_call(self._bench.scene.person.id, draft.id, "", self._seen)
            self._seen = ""

    def saved(self) -> None:
        """The act that saved the call has taken its draft with it."""
        self._stop()
        self._seen = ""

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
