"""The program itself: command list, help, who sits here, leaving."""

from __future__ import annotations

from tui.actions.action import Action
from tui.actions.scene import Option, Scene
from tui.words import _, later


class Palette(Action):
    id = "palette"
    title = later("Command")
    help = later("every action, ticket and view by name")
    keys = ("colon", "ctrl+p", "f2")
    group = "find"
    hint = later("cmd")

    async def run(self, scene: Scene) -> None:
        await scene.open_palette()


class Help(Action):
    id = "help"
    title = later("Help")
    help = later("what can be done here, and what lamps and marks say")
    keys = ("question_mark", "f1")
    group = "safety"
    hint = later("help")

    def run(self, scene: Scene) -> None:
        scene.show_help("pane")


class Keys(Action):
    id = "keys"
    title = later("All keys")
    help = later("the whole key map")
    keys = ("K",)
    group = "safety"

    def run(self, scene: Scene) -> None:
        scene.show_help("keys")


class ChangePerson(Action):
    id = "user"
    title = later("user: change the person at the keys")
    help = later("at shift change; what is done from then on carries the new name")
    group = "safety"

    async def run(self, scene: Scene) -> None:
        people = await scene.people()
        options = [Option(person.name, person, person.team_name) for person in people]
        person = await scene.pick(_("Who sits here now"), options)
        if person is not None:
            await scene.sit_down(person)


class Quit(Action):
    id = "quit"
    title = later("Quit")
    help = later("leave at once: everything is saved, drafts are kept")
    keys = ("q", "ctrl+q")
    group = "safety"
    hint = later("quit")

    def run(self, scene: Scene) -> None:
        scene.leave()
