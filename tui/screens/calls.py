"""The calls of the person at the keys: how many wait, which rings, and the one that has the screen.

What takes a call is imported with the first one: the first frame only counts those that wait.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable, Collection
from dataclasses import replace
from typing import TYPE_CHECKING

from core.ids import EntityId
from core.pages import CallDrafts, KeptCall, TicketPage
from tui.clocks import SystemClock
from tui.gateway import Gateway
from tui.presenters.frame import SAVED, SAYS
from tui.widgets.ink import Ink
from tui.words import _

if TYPE_CHECKING:
    from core.caller_shown import CallerShown
    from core.intake import CallDraft
    from core.ports import Applied
    from tui.screens.intaking import Intaking
    from tui.screens.workbench import Workbench

FOCUS_SECONDS = 2.0
"""How often a console that is used says so: `lampboard pop` wants to know which was used last."""
SEAT = "console "
"""A console's place in the state of the desk, by its own name."""


class Calls:
    """Everything a workbench knows of calls."""

    def __init__(self, bench: Workbench, gateway: Gateway, ink: Ink, seen: Callable[[], Collection[str]]) -> None:
        self._bench = bench
        self._gateway = gateway
        self._ink = ink
        self._seen = seen
        self.intaking: Intaking | None = None
        self._kept: tuple[KeptCall, ...] = ()
        self._used_at = -FOCUS_SECONDS
        self._used_timer: asyncio.TimerHandle | None = None
        self._name = ""

    # Counting.

    def count_now(self) -> None:
        """For the first frame."""
        self._kept = self._gateway.page_now(CallDrafts(self._bench.scene.person.id))

    @property
    def waiting(self) -> int:
        """Calls that are not saved, but the one on the screen."""
        present = self.intaking.draft if self.intaking is not None else None
        return sum(1 for one in self._kept if present is None or one.call != present.id)

    async def count(self) -> tuple[KeptCall, ...]:
        """Read again which calls are not saved."""
        self._kept = await self._gateway.page(CallDrafts(self._bench.scene.person.id))
        return self._kept

    def offer(self) -> bool:
        """After the first frame: what a crash or a dropped line left open is offered; False when there is nothing."""
        if self._kept:
            told = _("a call was left with all that was typed; n lists it")
            self._bench.tell(SAYS, told)
        return bool(self._kept)

    # The call on the screen.

    @property
    def is_open(self) -> bool:
        """True while a call has the screen."""
        return self.intaking is not None and self.intaking.draft is not None

    @property
    def takes_keys(self) -> bool:
        """False while an answer is on its way whose question the next key is for."""
        return self._bench.running.is_idle and self.take_focus()

    def take_focus(self) -> bool:
        """Give the keys to the call on the screen; False when there is none."""
        return self.intaking is not None and self.intaking.draft is not None and self.intaking.take_focus()

    async def begin(self) -> None:
        """A call comes in: what is being done stays where it is."""
        await self._open(None)

    async def go_on_with(self, call: EntityId) -> None:
        """A parked call comes back to the screen."""
        await self._open(call)

    async def _open(self, call: EntityId | None) -> None:
        from core.intake import draft_of

        intaking = self._the_intaking()
        await intaking.keep_now()
        drafts = {one.call: draft_of(one.call, one.body) for one in await self.count()}
        seen = next((one.body for one in self._kept if one.call == call), "")
        chosen = drafts.get(call) if call is not None else None
        parked = tuple(draft for draft in drafts.values() if draft.id != call)
        self._bench.make_room_for_call()
        await intaking.begin(chosen, parked, seen)
        self._bench.draw_frame()

    def _the_intaking(self) -> Intaking:
        if self.intaking is None:
            from tui.screens.intaking import Intaking

            self.intaking = Intaking(self._bench, self._gateway, self._ink, self._ended)
        return self.intaking

    def _ended(self) -> None:
        self._bench.running.beside(self._count_and_draw, "calls")
        self._bench.uncovered()

    async def _count_and_draw(self) -> None:
        await self.count()
        self._bench.draw_frame()

    def renamed(self, was: EntityId, call: EntityId) -> None:
        """The desk keeps the call on the screen under another id."""
        if self.intaking is not None and self.intaking.draft is not None and self.intaking.draft.id == was:
            self.intaking.draft = replace(self.intaking.draft, id=call)

    async def keep_now(self) -> None:
        """The program ends."""
        if self.intaking is not None:
            await self.intaking.keep_now()
        if self._used_timer is not None:
            self._used_timer.cancel()
        if self._name:
            await self._gateway.remember(SEAT + self._name, "")

    async def saved(self, draft: CallDraft, applied: Applied) -> None:
        """Say what was saved and when it is due, and put the cursor on its ticket."""
        from tui.presenters.call_saved import saved_words

        ticket = EntityId(bytes.fromhex(str(applied.title.facts["ticket"])))
        await self._bench.go_to_new(ticket)
        page = await self._gateway.page(TicketPage(ticket, entries=1))
        scene = self._bench.scene
        self._bench.tell(SAVED, saved_words(applied.title, draft, page, scene.now, scene.zone))

    # Beside the call.

    async def show_beside(self, page: CallerShown | None, ticket: EntityId | None) -> None:
        """Contract and company of the caller in the panes that are seen; the equipment as of its newest ticket."""
        await self._bench.following.show_caller(page, ticket, self._seen())

    async def renew(self) -> None:
        """The desk changed: count again, and answer what rings."""
        from_before = {one.call for one in self._kept}
        kept = await self.count()
        if self.is_open and self.intaking is not None:
            await self.intaking.renew()
        if self._name and any(one.call not in from_before and self._name in one.body for one in kept):
            await self._answer_ringing(kept)
        self._bench.draw_frame()

    async def _answer_ringing(self, kept: tuple[KeptCall, ...]) -> None:
        """A number that an exchange handed to this console is shown, unless the person is in the middle of a text."""
        from core.intake import SHOWN, WAITS, draft_of

        for one in kept:
            draft = draft_of(one.call, one.body)
            if draft.rung_for != self._name or draft.rung_answer:
                continue
            is_free = not (self.is_open or self._bench.is_busy)
            answered = replace(draft, rung_answer=SHOWN if is_free else WAITS)
            await self._gateway.keep_call(self._bench.scene.person.id, one.call, answered.to_text(), one.body)
            if is_free:
                self._bench.running.action(self._open(one.call))
            else:
                told = _("{number} rings and waits; n or f4 lists it").format(number=draft.called)
                self._bench.tell(SAYS, told)

    def used(self, *, has_come: bool = False) -> None:
        """A key was pressed here, or the terminal came to the front: this console was used last."""
        if self._used_timer is not None:
            return
        wait = 0.0 if has_come else max(0.0, self._used_at + FOCUS_SECONDS - asyncio.get_running_loop().time())
        self._used_timer = asyncio.get_running_loop().call_later(wait, self._say_used)

    def _say_used(self) -> None:
        self._used_timer, self._used_at = None, asyncio.get_running_loop().time()
        self._name = self._name or self._gateway.new_id().hex()
        # The machine's time, not the desk's: a demo desk has one of its own.
        used_ms = SystemClock().now_ms()
        seat = {"pid": os.getpid(), "used_ms": used_ms, "person": self._bench.scene.person.id.hex()}

        async def say() -> None:
            await self._gateway.remember(SEAT + self._name, json.dumps(seat))

        self._bench.running.beside(say, "used")
