"""Which keys the last row tells now."""

from __future__ import annotations

from collections.abc import Collection

from tui.actions.all import ACTIONS, key_name
from tui.actions.scene import Scene
from tui.words import _

WHY, REVIEW = "why", "review"
"""Pages over the panes that have keys of their own."""

Hints = list[tuple[str, str]]


def hints(scene: Scene, classes: Collection[str], *, of_page: str = "", of_call: Hints | None = None) -> Hints:
    """Keys and words for what has the screen, else those of the actions that make sense."""
    if of_call is not None and "-asking" not in classes:
        return of_call
    if "-choosing" in classes and "-asking" not in classes:
        return [(_("letter"), _("chooses")), ("j k Enter", _("chooses the row")), ("Esc", _("backs out"))]
    if "-asking" in classes:
        return [("Enter", _("answers")), ("ctrl+u", _("clears")), ("Esc", _("backs out"))]
    if "-writing" in classes:
        return [("ctrl+s", _("done")), ("Esc", _("keeps the draft"))]
    if of_page == REVIEW:
        undo = ("u", _("undo"))
        if scene.reviewed is None:
            return [("Esc", _("closes")), undo]
        told = [("b", _("keeps it")), ("m", _("the other")), ("Enter", _("opens")), undo]
        return [*told, ("j k", _("next")), ("Esc", _("later"))]
    if of_page == WHY:
        told = [("tab", _("next clock")), ("W", _("what if")), ("y", _("copies the answer")), ("Y", _("copies all"))]
        return [("Esc", _("closes")), *told, ("j k", _("moves"))]
    if "-help" in classes:
        return [("Esc", _("closes")), ("j k", _("moves")), ("K", _("all keys"))]
    return [
        (key_name(action.keys[0]), _(action.hint))
        for action in ACTIONS
        if action.hint and action.keys and not action.why_not(scene)
    ]
