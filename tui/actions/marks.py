"""Mark several tickets and act on all of them at once."""

from __future__ import annotations

from typing import ClassVar

from tui.actions.action import Action, TicketAction
from tui.actions.scene import Scene
from tui.words import _, later


class _Mark(TicketAction):
    group = "marks"
    how: ClassVar[str]

    def run(self, scene: Scene) -> None:
        scene.mark(self.how)


class MarkRow(_Mark):
    id = "mark.row"
    title = later("Mark")
    help = later("mark or unmark this row and go on")
    keys = ("space",)
    how = "one"


class MarkRange(_Mark):
    id = "mark.range"
    title = later("Mark up to here")
    help = later("mark all rows from the last mark to this one")
    keys = ("v",)
    how = "range"


class ActOnMarked(Action):
    id = "mark.act"
    title = later("Act on marked")
    help = later("choose what to do with all marked tickets: one act, one undo")
    keys = ("x",)
    group = "marks"

    def why_not(self, scene: Scene) -> str:
        return "" if scene.marked_count else _("nothing is marked; space marks the row under the cursor")

    async def run(self, scene: Scene) -> None:
        await scene.act_on_marked()
