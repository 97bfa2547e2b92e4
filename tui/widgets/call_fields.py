"""The fields of a call: one line for who calls, several for what is wrong. Their keys are the call's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from textual import events

from tui.widgets.composer import ComposerField
from tui.widgets.ink import Ink
from tui.widgets.line_view import LineView
from tui.widgets.prompt import PromptField

TakesKey = Callable[[str, str], bool]
"""Answers whether the call took a key, given its name and its character; what it leaves is text."""


def _offer(event: events.Key, takes: TakesKey) -> None:
    if takes(event.key, event.character or ""):
        event.stop()
        event.prevent_default()


class CallField(PromptField):
    """One line of an answer."""

    def __init__(self, takes: TakesKey, **options: Any) -> None:
        super().__init__(**options)
        self._takes = takes

    async def on_key(self, event: events.Key) -> None:
        """Keys that are no text belong to the call; Textual asks the classes above for the others."""
        _offer(event, self._takes)


class SymptomField(ComposerField):
    """What is wrong, in as many lines as it takes."""

    def __init__(self, takes: TakesKey, **options: Any) -> None:
        super().__init__(**options)
        self._takes = takes

    async def _on_key(self, event: events.Key) -> None:
        _offer(event, self._takes)


class CallKeys(LineView):
    """The lines over the field; where nothing is typed they have the keys, and every key is an answer."""

    def __init__(self, ink: Ink, takes: TakesKey, **options: Any) -> None:
        super().__init__(ink, **options)
        self._takes = takes

    def on_key(self, event: events.Key) -> None:
        """No letter runs a command by chance."""
        if event.key != "ctrl+q":
            self._takes(event.key, event.character or "")
            event.stop()
            event.prevent_default()
