"""Take a call."""

from __future__ import annotations

from tui.actions.action import Action
from tui.actions.scene import Scene
from tui.words import later


class NewCall(Action):
    id = "call.new"
    title = later("Take a call")
    help = later("who calls, what it is about, what is wrong; escape parks it, n lists what is parked")
    keys = ("n", "f4")
    hint = later("call")

    async def run(self, scene: Scene) -> None:
        await scene.begin_call()
