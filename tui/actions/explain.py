"""Why a deadline is where it is, and where it were if things were otherwise."""

from __future__ import annotations

from tui.actions.action import TicketAction
from tui.actions.scene import Scene
from tui.words import _, later


class ExplainDeadline(TicketAction):
    id = "sla.explain"
    title = later("Why this deadline")
    help = later("every stretch that counted or did not; tab turns to the next clock, Y copies it for a mail")
    keys = ("d",)
    hint = later("why")

    async def run(self, scene: Scene) -> None:
        await scene.explain("")


class WhatIf(TicketAction):
    id = "sla.what_if"
    title = later("What if")
    help = later("due when, if: priority 1, answered 15:00, waits tomorrow 9:00; nothing is written")
    keys = ("W",)

    async def run(self, scene: Scene) -> None:
        begun = scene.refused_supposition
        text = await scene.ask(_("what if"), begun, example=_("priority 1, answered 15:00, waits 16:00"))
        if text and text.strip():
            await scene.explain(text)
