"""What people did to one thing without knowing of each other: look at both sides and settle it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from core.commands import SettleConflict
from tui.actions.action import Action
from tui.actions.scene import Scene
from tui.words import _, later

if TYPE_CHECKING:
    from core.review_shown import ConflictLine


class ReviewConflicts(Action):
    id = "sync.review"
    title = later("sync: review conflicts")
    help = later("what two people did to one thing without a line: before, yours, theirs; nothing is lost")
    keys = ("R",)
    group = "safety"

    async def run(self, scene: Scene) -> None:
        await scene.review()


class _Settle(Action):
    group = "safety"
    takes_other: ClassVar[bool]

    def why_not(self, scene: Scene) -> str:
        return "" if scene.reviewed is not None else _("R lists the conflicts; there it settles one")

    async def run(self, scene: Scene) -> None:
        line: ConflictLine | None = scene.reviewed
        if line is not None:
            await scene.act(SettleConflict(line.conflict.id, self.takes_other))


class KeepApplied(_Settle):
    id = "conflict.keep"
    title = later("Keep what holds")
    help = later("on the page of conflicts: let it be as it is, the question is closed")
    keys = ("b",)
    takes_other = False


class TakeOther(_Settle):
    id = "conflict.take"
    title = later("Take the other side")
    help = later("on the page of conflicts: put mine back, or take what the other one wanted")
    keys = ("m",)
    takes_other = True
