"""Write on a ticket: a reply to the customer, a note among ourselves."""

from __future__ import annotations

from core.commands import PostEntry
from tui.actions.action import TicketAction
from tui.actions.scene import Scene
from tui.words import _, later


class Reply(TicketAction):
    id = "ticket.reply"
    title = later("Reply to the customer")
    help = later("write in the ticket pane; ctrl+s, then y, sends; escape keeps the draft")
    keys = ("r", "f6")
    hint = later("reply")

    def run(self, scene: Scene) -> None:
        scene.compose_text("message")


class Note(TicketAction):
    id = "ticket.note"
    title = later("Internal note")
    help = later("write what only colleagues see; ctrl+s saves; escape keeps the draft")
    keys = ("i",)
    for_marked = True

    async def run(self, scene: Scene) -> None:
        if len(scene.chosen) == 1:
            scene.compose_text("note")
            return
        rows = scene.chosen
        text = await scene.ask(_("note on {count} tickets").format(count=len(rows)))
        if text:
            await scene.act(*(PostEntry(row.id, "note", text) for row in rows))
