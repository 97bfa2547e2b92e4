"""Take back, do again."""

from __future__ import annotations

from core.commands import Redo, Undo
from tui.actions.action import Action
from tui.actions.scene import Scene
from tui.words import later


class UndoLast(Action):
    id = "undo"
    title = later("Undo")
    help = later("take back your last act, also after a restart; a line says what it was")
    keys = ("u",)
    group = "safety"
    hint = later("undo")

    async def run(self, scene: Scene) -> None:
        await scene.act(Undo())


class RedoLast(Action):
    id = "redo"
    title = later("Redo")
    help = later("do again what was taken back last")
    keys = ("U",)
    group = "safety"

    async def run(self, scene: Scene) -> None:
        await scene.act(Redo())
