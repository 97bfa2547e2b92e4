"""What was begun and not finished: offered after a crash, a dropped line or a shift."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.ids import EntityId
from core.text import plain
from tui.actions.action import Action
from tui.actions.scene import Option, Scene
from tui.presenters.frame import SAYS
from tui.words import _, later

if TYPE_CHECKING:
    from core.drafts_left import DraftLeft

KIND_WORDS = {"message": later("reply on {number}"), "note": later("note on {number}")}


class Unfinished(Action):
    id = "draft.list"
    title = later("Unfinished texts")
    help = later("replies, notes and forms that were begun and not saved; enter goes on with one")
    group = "safety"

    async def run(self, scene: Scene) -> None:
        left = await scene.drafts_left()
        if not left:
            scene.tell(SAYS, _("nothing is unfinished"))
            return
        options = [Option(draft_name(one), one, _beginning(one)) for one in left]
        chosen: DraftLeft | None = await scene.pick(_("UNFINISHED"), options, hint=_("enter goes on with one"))
        if chosen is None:
            return
        if chosen.entity:
            is_new = not any(chosen.about)
            await scene.fill_form(chosen.entity, None if is_new else EntityId(chosen.about))
        elif chosen.number:
            await scene.go_to_ticket(chosen.about)
            scene.compose_text(chosen.kind)


def draft_name(one: DraftLeft) -> str:
    """What was begun, in words."""
    if one.kind in KIND_WORDS:
        return _(KIND_WORDS[one.kind]).format(number=one.number or "?")
    return _("form: {entity}").format(entity=one.entity)


def _beginning(one: DraftLeft) -> str:
    return "" if one.entity else plain(one.body, 60)
