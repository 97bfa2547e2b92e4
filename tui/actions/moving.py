"""Moving: in a list, between panes, in and out."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import ClassVar

from tui.actions.action import Action
from tui.actions.scene import Scene
from tui.words import later


class _Move(Action):
    group = "move"
    how: ClassVar[str]

    def run(self, scene: Scene) -> None:
        scene.move_cursor(self.how)


class CursorDown(_Move):
    id = "cursor.down"
    title = later("Down")
    help = later("next row; at the edge the view jumps half a page")
    keys = ("j", "down")
    how = "down"


class CursorUp(_Move):
    id = "cursor.up"
    title = later("Up")
    help = later("row before")
    keys = ("k", "up")
    how = "up"


class PageDown(_Move):
    id = "cursor.page_down"
    title = later("Page down")
    help = later("a whole page on")
    keys = ("pagedown",)
    how = "page_down"


class PageUp(_Move):
    id = "cursor.page_up"
    title = later("Page up")
    help = later("a whole page back")
    keys = ("pageup",)
    how = "page_up"


class HalfPageDown(_Move):
    id = "cursor.half_down"
    title = later("Half a page down")
    help = later("half a page on")
    keys = ("ctrl+d",)
    how = "half_down"


class HalfPageUp(_Move):
    id = "cursor.half_up"
    title = later("Half a page up")
    help = later("half a page back")
    keys = ("ctrl+u",)
    how = "half_up"


class First(_Move):
    id = "cursor.first"
    title = later("First row")
    help = later("to the top of the list")
    keys = ("g", "home")
    how = "first"


class Last(_Move):
    id = "cursor.last"
    title = later("Last row")
    help = later("to the end of the list, however long")
    keys = ("G", "end")
    how = "last"


class _Pane(Action):
    group = "move"
    which: ClassVar[str]

    def run(self, scene: Scene) -> None:
        scene.go_to_pane(self.which)


class QueuePane(_Pane):
    id = "pane.queue"
    title = later("Queue")
    help = later("go to the queue")
    keys = ("1",)
    which = "1"


class TicketPane(_Pane):
    id = "pane.ticket"
    title = later("Ticket")
    help = later("go to the ticket and its timeline")
    keys = ("2",)
    which = "2"


class CompanyPane(_Pane):
    id = "pane.company"
    title = later("Company")
    help = later("go to every ticket of everyone at this company")
    keys = ("3",)
    which = "3"


class ContractPane(_Pane):
    id = "pane.contract"
    title = later("Contract")
    help = later("go to the contract: clocks, units, coverage, payment")
    keys = ("4",)
    which = "4"


class EquipmentPane(_Pane):
    id = "pane.equipment"
    title = later("Equipment")
    help = later("go to the equipment: its repairs, repeats and parts")
    keys = ("5",)
    which = "5"


class NextPane(_Pane):
    id = "pane.next"
    title = later("Next pane")
    help = later("go to the next pane")
    keys = ("tab", "l", "right")
    which = "next"


class PreviousPane(_Pane):
    id = "pane.previous"
    title = later("Previous pane")
    help = later("go to the pane before")
    keys = ("shift+tab", "h", "left")
    which = "previous"


class Open(Action):
    id = "pane.open"
    title = later("Open")
    help = later("open what is under the cursor")
    keys = ("enter",)
    group = "move"

    def run(self, scene: Scene) -> Awaitable[None] | None:
        if scene.reviewed is not None:
            return scene.go_to_reviewed()
        if scene.current is not None:
            scene.go_to_pane("2")
        return None


class Zoom(Action):
    id = "pane.zoom"
    title = later("Zoom")
    help = later("this pane takes all the room, or gives it back")
    keys = ("z",)
    group = "move"

    def run(self, scene: Scene) -> None:
        scene.zoom()


class Back(Action):
    id = "pane.back"
    title = later("Back")
    help = later("one level out; always safe, never quits")
    keys = ("escape",)
    group = "move"

    def run(self, scene: Scene) -> None:
        scene.back()
