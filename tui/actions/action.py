"""The shape of an action."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import ClassVar

from tui.actions.scene import Scene


class Action:
    """One thing a person can do. `keys` are Textual key names, the first one is shown."""

    id: ClassVar[str]
    title: ClassVar[str]
    help: ClassVar[str]
    keys: ClassVar[tuple[str, ...]] = ()
    group: ClassVar[str] = "ticket"
    hint: ClassVar[str] = ""
    """A word for the hint row; without one the action stays out of it."""
    is_dangerous: ClassVar[bool] = False
    for_marked: ClassVar[bool] = False

    def why_not(self, scene: Scene) -> str:
        """Why it makes no sense now, or an empty text."""
        return ""

    def run(self, scene: Scene) -> Awaitable[None] | None:
        """Do it."""
        raise NotImplementedError


class TicketAction(Action):
    """An action on the ticket under the cursor."""

    def why_not(self, scene: Scene) -> str:
        from tui.words import _

        return "" if scene.chosen else _("there is no ticket under the cursor")
