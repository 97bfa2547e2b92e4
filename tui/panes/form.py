"""A record's form: the fields over the one that is being filled in, that one, the fields under it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from textual import events
from textual.containers import Horizontal, Vertical

from tui.presenters.form_page import VALUE_AT, FormShown, form_lines, label_cells
from tui.widgets.call_fields import CallField, TakesKey
from tui.widgets.ink import Ink
from tui.widgets.line_view import LineView
from tui.widgets.one_line import OneLine


class FormPane(Vertical):
    """Draws what it is given; what is typed and pressed goes to whoever fills the form in."""

    def __init__(self, ink: Ink, takes: TakesKey, typed: Callable[[str], None], redraw: Callable[[], None]) -> None:
        super().__init__(id="form")
        self._typed = typed
        self._redraw = redraw
        self._above = LineView(ink, id="form-above")
        self._label = OneLine(ink, id="form-label")
        self._line = CallField(takes, id="form-line", select_on_focus=False, compact=True)
        self._below = LineView(ink, id="form-below")
        self._above.can_focus = self._below.can_focus = False

    def compose(self) -> Any:
        """Lines, the field with its label, lines."""
        yield self._above
        with Horizontal(id="form-row"):
            yield self._label
            yield self._line
        yield self._below

    @property
    def text(self) -> str:
        """What stands in the field."""
        return self._line.value

    def show(self, shown: FormShown, *, is_anew: bool) -> None:
        """Show a form; `is_anew` when the field is another one, or its text did not come from the keys."""
        width, height = self.size.width or self.app.size.width, self.size.height or self.app.size.height - 3
        above, below = form_lines(shown, width, height)
        self._above.styles.height = len(above)
        self._above.show(above, [])
        self._label.show([(label_cells(shown.fields[shown.place]), "accent bold")])
        self._label.styles.width = VALUE_AT
        if is_anew:
            self._line.value = shown.texts[shown.place]
            self._line.cursor_position = len(self._line.value)
        self._below.show(below, [])
        self.take_focus()

    def take_focus(self) -> bool:
        """Give the keys to the field; True when it has them."""
        if self.screen.focused is not self._line:
            self.screen.set_focus(self._line)
        return self.screen.focused is self._line

    def on_input_changed(self, event: Any) -> None:
        """The text of the field."""
        event.stop()
        self._typed(self._line.value)

    def on_input_submitted(self, event: Any) -> None:
        """Enter is a key of the form."""
        event.stop()

    def on_resize(self, event: events.Resize) -> None:
        """The fields get the room that there is."""
        self._redraw()
