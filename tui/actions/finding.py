"""Finding in the list that has the keys."""

from __future__ import annotations

from core.pages import BACKWARD, FORWARD
from tui.actions.action import Action
from tui.actions.scene import Scene
from tui.words import later


class FindInThisList(Action):
    id = "find.in_list"
    title = later("Find here")
    help = later("the first row of this list with these words; it is gone to while they are typed")
    keys = ("slash",)
    group = "find"

    async def run(self, scene: Scene) -> None:
        await scene.find()


class FindNext(Action):
    id = "find.next"
    title = later("Find next")
    help = later("the next row with the words of /")
    keys = ("full_stop",)
    group = "find"

    def run(self, scene: Scene) -> None:
        scene.find_again(FORWARD)


class FindPrevious(Action):
    id = "find.previous"
    title = later("Find previous")
    help = later("the row with the words of / before this one")
    keys = ("comma",)
    group = "find"

    def run(self, scene: Scene) -> None:
        scene.find_again(BACKWARD)
