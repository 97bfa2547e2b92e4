"""The palette: any action, view, ticket, record or text by what is typed of it, and where choosing one leads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.queue import SCOPES, View
from tui.actions.all import ACTIONS, BY_ID, key_name
from tui.actions.scene import Option
from tui.gateway import Gateway
from tui.presenters.frame import REFUSED, SAYS, SCOPE_WORDS
from tui.screens.reaching import NOT_YET, Found, Reaching
from tui.words import _

if TYPE_CHECKING:
    from tui.screens.asking import Asking
    from tui.screens.scene import DeskScene

FORM_ONLY = ("contact", "contract")
"""What has no newest ticket to go to first."""


class Palette:
    """Asks once, and goes where the answer says."""

    def __init__(self, scene: DeskScene, asking: Asking, gateway: Gateway) -> None:
        self._scene = scene
        self._asking = asking
        self._reaching = Reaching(gateway)

    async def open(self) -> None:
        """Choose any action or view by name, or find a ticket, company, person, machine or text of the desk."""
        hint = _("a name, a number, any text")
        options = [*_acts(), *await self._views()]
        finds = self._reaching.options
        chosen = await self._asking.pick(_("COMMAND"), options, hint, takes_other_text=True, finds=finds)
        scene = self._scene
        if isinstance(chosen, Found):
            await self._go_to(chosen)
        elif isinstance(chosen, View):
            scene.list_view(chosen)
        elif chosen in BY_ID:
            scene.run(BY_ID[chosen])
        elif chosen:
            sentence = _("there is no command and no ticket {number} on this desk")
            if scene.is_history_coming:
                sentence = _("no ticket {number} here yet; the history is still coming in, try again")
            scene.tell(REFUSED, sentence.format(number=chosen))

    async def _views(self) -> list[Option]:
        present = self._scene.view
        scopes = [(_(SCOPE_WORDS[scope]), present._replace(scope=scope)) for scope in SCOPES]
        saved = [(one.title, one.over(present)) for one in await self._scene.saved_views()]
        return [Option(_("view: {name}").format(name=name), view, "view") for name, view in (*scopes, *saved)]

    async def _go_to(self, found: Found) -> None:
        scene = self._scene
        if found.kind == "ticket":
            await scene.go_to_ticket(found.id)
            return
        if found.kind == NOT_YET:
            scene.tell(SAYS, found.name)
            return
        row = None if found.kind in FORM_ONLY else await self._reaching.newest_ticket(found)
        if row is None:
            await scene.fill_form(found.kind, found.id)
            return
        await scene.visit(row)
        scene.go_to_pane(found.pane)


def _acts() -> list[Option]:
    return [
        Option(_(action.title), action.id, action.id, shown_key=key_name(action.keys[0]) if action.keys else "")
        for action in ACTIONS
    ]
