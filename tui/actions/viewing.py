"""What the queue lists and in which order."""

from __future__ import annotations

from core.queue import SCOPES, SORTS
from tui.actions.action import Action
from tui.actions.scene import Option, Scene
from tui.presenters.frame import SCOPE_WORDS
from tui.words import _, later


class Filter(Action):
    id = "find.filter"
    title = later("Filter")
    help = later("only the tickets that it asks for, as p:1 co:acme sla:<30m; an empty one lists all again")
    keys = ("f",)
    group = "find"

    async def run(self, scene: Scene) -> None:
        await scene.ask_filter()


class ChooseView(Action):
    id = "view.choose"
    title = later("Choose view")
    help = later("my and unassigned, mine, my team, all open, or all tickets of all years")
    keys = ("V",)
    group = "find"

    async def run(self, scene: Scene) -> None:
        letters = dict(zip(SCOPES, "umtoa", strict=True))
        options = [Option(_(SCOPE_WORDS[scope]), scope, letter=letters[scope]) for scope in SCOPES]
        scope = await scene.pick(_("List"), options)
        if scope is not None:
            scene.list_view(scene.view._replace(scope=scope))


class Sort(Action):
    id = "sort.next"
    title = later("Sort")
    help = later("by urgency, by age, by company")
    keys = ("o",)
    group = "find"

    def run(self, scene: Scene) -> None:
        following = SORTS[(SORTS.index(scene.view.sort) + 1) % len(SORTS)]
        scene.list_view(scene.view._replace(sort=following))


class ReverseSort(Action):
    id = "sort.reverse"
    title = later("Reverse")
    help = later("turn the order round")
    keys = ("O",)
    group = "find"

    def run(self, scene: Scene) -> None:
        scene.list_view(scene.view._replace(is_reversed=not scene.view.is_reversed))


class Renew(Action):
    id = "sync.now"
    title = later("Refresh")
    help = later("read the list again in its true order")
    keys = ("ctrl+r",)
    group = "safety"

    async def run(self, scene: Scene) -> None:
        await scene.renew()
