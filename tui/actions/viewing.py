"""What the queue lists and in which order."""

from __future__ import annotations

from core.queue import SCOPES, SORTS
from core.text import plain
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
    help = later("my and unassigned, mine, my team, all open, all tickets of all years, or a saved view")
    keys = ("V",)
    group = "find"

    async def run(self, scene: Scene) -> None:
        letters = dict(zip(SCOPES, "umtoa", strict=True))
        present = scene.view
        options = [
            Option(_(SCOPE_WORDS[scope]), present._replace(scope=scope), letter=letters[scope]) for scope in SCOPES
        ]
        free = [letter for letter in "123456789bcdefghijklnpqrsvwxyz" if letter not in letters.values()]
        for saved in await scene.saved_views():
            letter = saved.letter if saved.letter in free else next(iter(free), "")
            free = [other for other in free if other != letter]
            detail = _("yours alone") if saved.person else _("for everybody")
            options.append(Option(plain(saved.title, 60), saved.over(present), detail, letter))
        view = await scene.pick(_("List"), options)
        if view is not None:
            scene.list_view(view)


class SaveView(Action):
    id = "view.save"
    title = later("Save this view")
    help = later("keep scope, filter and order under a name, for everybody or for yourself")
    group = "find"

    async def run(self, scene: Scene) -> None:
        name = await scene.ask(_("Save this view as"))
        if name is None or not name.strip():
            return
        options = [
            Option(_("for everybody at this desk"), False, letter="e"),
            Option(_("for yourself alone"), True, letter="y"),
        ]
        is_mine = await scene.pick(_("Save {name}").format(name=plain(name.strip(), 60)), options)
        if is_mine is not None:
            await scene.save_view(name.strip(), is_mine=is_mine)


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
    help = later("read the list again in its true order; on a desk with a hub sync now")
    keys = ("ctrl+r",)
    group = "safety"

    async def run(self, scene: Scene) -> None:
        await scene.renew()
