"""Everything a person can do has a name, a sentence and at most its own keys, on every terminal and keyboard."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.support.key_table import BEGIN, END, README, key_table
from tui.actions.action import Action
from tui.actions.all import ACTIONS, BY_ID, GROUPS

BANNED = {"ctrl+a", "ctrl+b", "ctrl+h", "ctrl+i", "ctrl+j", "ctrl+m", "ctrl+z", "ctrl+enter", "ctrl+c"} | {
    "[",
    "]",
    "{",
    "}",
    "\\",
    "left_square_bracket",
    "right_square_bracket",
    "left_curly_bracket",
    "right_curly_bracket",
    "backslash",
}
"""Keys that screen and tmux keep, that terminals send as another key, or that some keyboards need three fingers for."""


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: type(action).__name__)
def test_every_action_says_what_it_is(action: Action) -> None:
    assert action.id and action.id == action.id.lower() and " " not in action.id
    assert action.title.strip() and action.help.strip()
    assert action.group in GROUPS


def test_no_two_actions_have_one_id() -> None:
    assert len(BY_ID) == len(ACTIONS)


def test_no_two_actions_share_a_key() -> None:
    shared = [key for key, count in Counter(key for action in ACTIONS for key in action.keys).items() if count > 1]
    assert shared == []


def test_no_action_has_a_key_that_another_program_or_keyboard_takes() -> None:
    bound = {key for action in ACTIONS for key in action.keys}
    assert sorted(bound & BANNED) == []
    assert sorted(key for key in bound if "alt+" in key or "super+" in key) == []


def test_every_action_class_is_in_the_list() -> None:
    listed = {type(action) for action in ACTIONS}
    known = {kind for kind in _kinds(Action) if kind.__module__.startswith("tui.") and "id" in vars(kind)}
    assert sorted(kind.__name__ for kind in known - listed) == []


def test_the_key_table_in_the_readme_is_the_one_the_actions_make() -> None:
    told = README.read_text(encoding="utf-8")
    assert told.count(BEGIN) == 1 and told.count(END) == 1, "the README has lost the marks of its key table"
    assert told.split(BEGIN)[1].split(END)[0].strip() == key_table().strip(), "run: python -m tests.support.key_table"


def test_every_key_stands_in_the_key_table() -> None:
    table = key_table()
    missing = [action.id for action in ACTIONS if action.keys and action.title not in table]
    assert missing == []


def _kinds(kind: type[Action]) -> set[type[Action]]:
    below: set[type[Action]] = set(kind.__subclasses__())
    for one in kind.__subclasses__():
        below |= _kinds(one)
    return below
