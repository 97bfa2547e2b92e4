"""The call being taken: what is known over the field, the field, what is likely under it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from textual import events
from textual.containers import Horizontal, Vertical

from core.intake import PLACE, SYMPTOM, question_of
from tui.presenters.cells import fit
from tui.presenters.intake_page import CallShown, above, below, choosable, label_of
from tui.presenters.told import VALUE_AT
from tui.widgets.call_fields import CallField, CallKeys, SymptomField, TakesKey
from tui.widgets.ink import Ink
from tui.widgets.line_view import LineView
from tui.widgets.one_line import OneLine

ROOMY_HEIGHT = 30
"""From so many rows on the symptom has two lines to be written in."""


class IntakePane(Vertical):
    """Draws what it is given; what is typed and pressed goes to the call."""

    def __init__(self, ink: Ink, takes: TakesKey, typed: Callable[[str], None], redraw: Callable[[], None]) -> None:
        super().__init__(id="intake")
        self._typed = typed
        self._redraw = redraw
        self.keys = CallKeys(ink, takes, id="call-above")
        self._label = OneLine(ink, id="call-label")
        self._line = CallField(takes, id="call-line", select_on_focus=False, compact=True)
        self._symptom = SymptomField(
            takes, id="call-symptom", soft_wrap=True, show_line_numbers=False, compact=True, tab_behavior="indent"
        )
        # A caret that blinks costs bytes twice a second, for as long as somebody tells their story.
        self._line.cursor_blink = self._symptom.cursor_blink = False
        self._below = LineView(ink, id="call-below")
        self._below.can_focus = False
        self._question = ""

    def compose(self) -> Any:
        """Lines, the field with its label, lines."""
        yield self.keys
        with Horizontal(id="call-row"):
            yield self._label
            yield self._line
            yield self._symptom
        yield self._below

    @property
    def text(self) -> str:
        """What stands in the field of the present question."""
        return self._symptom.text if self._question == SYMPTOM else self._line.value

    @property
    def choosable(self) -> tuple[int, int]:
        """How many open tickets and pieces can be chosen by a key now."""
        return self._choosable

    _choosable = (0, 0)

    def show(self, shown: CallShown, *, is_anew: bool = False) -> None:
        """Show a call; where the question is another one, or the call, the field begins with what the draft has."""
        width, height = self.size.width or self.app.size.width, self.size.height or self.app.size.height - 3
        question = question_of(shown.draft)
        top = above(shown, width, height)
        if question != self._question or is_anew:
            self._ask(question, shown)
        field_height = 0 if question == PLACE else 2 if question == SYMPTOM and height >= ROOMY_HEIGHT else 1
        self.keys.styles.height = height if question == PLACE else len(top)
        self.query_one("#call-row").styles.height = field_height
        self.keys.show(top, [])
        rest = max(0, height - len(top) - field_height)
        self._below.show(below(shown, width, rest) if field_height else [], [])
        self._choosable = choosable(shown, width, height)

    def _ask(self, question: str, shown: CallShown) -> None:
        self._question = question
        self._label.show([(f" {fit(label_of(question), VALUE_AT - 2)} ", "accent bold")])
        self.query_one("#call-row").display = question != PLACE
        self._line.display = question not in (PLACE, SYMPTOM)
        self._symptom.display = question == SYMPTOM
        if question == SYMPTOM:
            self._symptom.load_text(shown.draft.symptom)
            self._symptom.move_cursor(self._symptom.document.end)
        elif question != PLACE:
            self._line.value = shown.draft.typed
            self._line.cursor_position = len(self._line.value)
        self.take_focus()

    def take_focus(self) -> bool:
        """Give the keys to the field of the present question; True when it has them."""
        wanted = self._wanted()
        if self.screen.focused is not wanted:
            self.screen.set_focus(wanted)
        return self.screen.focused is wanted

    def _wanted(self) -> Any:
        return {PLACE: self.keys, SYMPTOM: self._symptom}.get(self._question, self._line)

    def on_input_changed(self, event: Any) -> None:
        """The text of a one-line answer."""
        event.stop()
        if self._question not in (PLACE, SYMPTOM):
            self._typed(self._line.value)

    def on_text_area_changed(self, event: Any) -> None:
        """The text of the symptom."""
        event.stop()
        if self._question == SYMPTOM:
            self._typed(self._symptom.text)

    def on_input_submitted(self, event: Any) -> None:
        """Enter is a key of the call."""
        event.stop()

    def on_resize(self, event: events.Resize) -> None:
        """Lists get the room that there is."""
        self._redraw()
