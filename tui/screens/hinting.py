"""Which keys the last row tells now."""

from __future__ import annotations

from collections.abc import Collection

from tui.actions.all import ACTIONS, key_name
from tui.actions.scene import Scene
from tui.words import _

Hints = list[tuple[str, str]]


def hints(scene: Scene, classes: Collection[str], *, is_explaining: bool, of_call: Hints | None = None) -> Hints:
    """Keys and words for what has the screen, else those of the actions that make sense."""
    if of_call is not None and "-asking" not in classes:
        return of_call
    if "-choosing" in classes and "-asking" not in classes:
        return [(_("letter"), _("chooses")), ("j k Enter", _("chooses the row")), ("Esc", _("backs out"))]
    if "-asking" in classes:
        return [("Enter", _("answers")), ("ctrl+u", _("clears")), ("Esc", _("backs out"))]
    if "-writing" in classes:
        return [("ctrl+s", _("done")), ("Esc", _("keeps the draft"))]
    if is_explaining:
        told = [("tab", _("next clock")), ("W", _("what if")), ("y", _("copies the answer")), ("Y", _("copies all"))]
        return [("Esc", _("closes")), *told, ("j k", _("moves"))]
    if "-help" in classes:
        return [("Esc", _("closes")), ("j k", _("moves")), ("K", _("all keys"))]
    return [
        (key_name(action.keys[0]), _(action.hint))
        for action in ACTIONS
        if action.hint and action.keys and not action.why_not(scene)
    ]
