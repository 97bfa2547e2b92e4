"""Help and key map as pages, made from the actions."""

from __future__ import annotations

from tui.actions.all import ACTIONS, GROUPS, key_name
from tui.presenters.cells import Line, spread
from tui.presenters.help_page import KeyRow, help_lines
from tui.words import _


def help_for(width: int) -> tuple[Line, list[Line]]:
    """What can be done here, and what lamps and marks say."""
    title = spread([(f" {_('HELP')}", "accent bold")], [(_("escape closes, K all keys") + " ", "muted")], width)
    return title, help_lines(_groups(only_with_keys=True), width, everything=False)


def key_map(width: int) -> tuple[Line, list[Line]]:
    """Every action with its keys and id."""
    title = spread([(f" {_('ALL KEYS')}", "accent bold")], [(_("escape closes, j k move") + " ", "muted")], width)
    return title, help_lines(_groups(only_with_keys=False), width, everything=True)


def _groups(*, only_with_keys: bool) -> list[tuple[str, list[KeyRow]]]:
    groups: list[tuple[str, list[KeyRow]]] = []
    for group, name in GROUPS.items():
        rows = [
            (" ".join(key_name(key) for key in action.keys), _(action.title), _(action.help))
            for action in ACTIONS
            if action.group == group and (action.keys or not only_with_keys)
        ]
        groups.append((_(name), rows))
    return groups
