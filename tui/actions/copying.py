"""Copy what a colleague or a customer needs to hear."""

from __future__ import annotations

from tui.actions.action import TicketAction
from tui.actions.scene import Scene
from tui.presenters.sentences import stage_word
from tui.words import later


class CopyNumber(TicketAction):
    id = "ticket.copy_id"
    title = later("Copy number")
    help = later("the ticket's number goes to the clipboard; under Why this deadline the answer in a sentence")
    keys = ("y",)
    for_marked = True

    def run(self, scene: Scene) -> None:
        if scene.explained is not None:
            scene.copy(scene.explained.answer())
            return
        scene.copy(" ".join(row.number for row in scene.chosen))


class CopySummary(TicketAction):
    id = "ticket.copy_all"
    title = later("Copy summary")
    help = later("number, company, subject, stage and owner go to the clipboard; under Why all of it, for a mail")
    keys = ("Y",)
    for_marked = True

    def run(self, scene: Scene) -> None:
        if scene.explained is not None:
            scene.copy(scene.explained.text())
            return
        scene.copy(
            "\n".join(
                f"{row.number}  P{row.priority}  {row.company_name}  {row.subject}  "
                f"[{stage_word(row.stage)}]  {row.owner_name or '-'}"
                for row in scene.chosen
            )
        )
