"""Writing a reply or a note: the field at the foot of the ticket, its draft, and the key that sends."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from core.commands import PostEntry
from core.pages import QueueRow, TicketPage
from tui.actions.scene import Option, Scene
from tui.gateway import Gateway
from tui.presenters.frame import SAYS
from tui.words import _

if TYPE_CHECKING:
    from textual.screen import Screen

    from core.ids import EntityId
    from tui.widgets.composer import Composer
    from tui.widgets.ink import Ink

KEEP_SECONDS = 0.15
"""A pause in typing after which the draft goes to the disk."""


class Writing:
    """One text at a time, kept as it is typed."""

    def __init__(
        self, screen: Screen[None], ink: Ink, gateway: Gateway, beside: Callable[..., None], go_back: Callable[[], None]
    ) -> None:
        self._screen = screen
        self._ink = ink
        self._gateway = gateway
        self._beside = beside
        self._go_back = go_back
        self._composer: Composer | None = None
        self._row: QueueRow | None = None
        self._kind = ""
        self._contact: EntityId | None = None
        self._to = ""
        self._timer: asyncio.TimerHandle | None = None

    async def begin(self, kind: str, row: QueueRow, scene: Scene) -> None:
        """Open the field with the draft that was kept for this ticket."""
        from core.drafts_left import DraftOf

        page = await self._gateway.page(TicketPage(row.id, entries=1))
        draft = await self._gateway.page(DraftOf(scene.person.id, kind, row.id))
        self._row, self._kind = row, kind
        caller = page.caller if page else None
        self._contact = caller.id if caller else None
        self._to = caller.name if caller else _("the customer")
        composer = await self._the_composer()
        self._screen.add_class("-writing")
        title = _("REPLY to {name}").format(name=self._to) if kind == "message" else _("NOTE for colleagues")
        fact = _("ctrl+s, y sends") if kind == "message" else _("ctrl+s saves")
        if draft:
            fact = _("draft, {fact}").format(fact=fact)
        composer.begin(f"{row.number} {title}", fact, draft)

    async def finish(self, scene: Scene) -> None:
        """Save the note; ask for `y` before a reply leaves."""
        row, composer = self._row, self._composer
        if row is None or composer is None:
            return
        text = composer.field.text
        if self._kind == "message" and text.strip():
            options = [Option(_("yes, send it to {name}").format(name=self._to), "yes", letter="y")]
            options.append(Option(_("no, go on writing"), "no", letter="n"))
            answer = await scene.pick(_("Send the reply on {number}?").format(number=row.number), options)
            if answer != "yes":
                composer.field.focus()
                return
        if await scene.act(PostEntry(row.id, self._kind, text, self._contact)):
            await self._keep(scene, "")
            composer.field.load_text("")
            self._close()
        else:
            composer.field.focus()

    async def leave(self, scene: Scene) -> None:
        """Close the field; the draft stays for the next time."""
        if self._composer is not None:
            text = self._composer.field.text
            await self._keep(scene, text)
            if text:
                scene.tell(SAYS, _("draft kept; r or i goes on writing"))
        self._close()

    def take_focus(self) -> bool:
        """Give the keys to the text being written; False when there is none."""
        if self._row is None or self._composer is None:
            return False
        self._composer.field.focus()
        return True

    async def keep_now(self, scene: Scene) -> None:
        """Keep what is being written at once: the program ends."""
        if self._composer is not None and self._row is not None:
            await self._keep(scene, self._composer.field.text)

    def typed(self, scene: Scene) -> None:
        """The text changed: keep it after a short pause."""
        if self._timer is not None:
            self._timer.cancel()
        if self._row is not None:
            self._timer = asyncio.get_running_loop().call_later(KEEP_SECONDS, self._keep_soon, scene)

    def _keep_soon(self, scene: Scene) -> None:
        if self._composer is not None and self._row is not None:
            self._beside(partial(self._keep, scene, self._composer.field.text), "draft", exclusive=False)

    async def _keep(self, scene: Scene, text: str) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._row is not None:
            await self._gateway.keep_draft(scene.person.id, self._kind, self._row.id, text)

    def _close(self) -> None:
        self._row = None
        self._screen.remove_class("-writing")
        self._go_back()

    async def _the_composer(self) -> Composer:
        if self._composer is None:
            # TextArea is heavy to import; the first frame does not need it.
            from tui.widgets.composer import Composer

            self._composer = Composer(self._ink)
            await self._screen.query_one("#work").mount(self._composer)
        return self._composer
