"""Lines in an ink of their own: nothing for Textual's styles to add, so nothing of it is asked for each line."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest
from typing import Any

from textual import events
from textual.geometry import Region, Size
from textual.strip import Strip
from textual.widget import Widget

from tui.widgets.ink import Ink


class Lines(Widget):
    """A widget without border, padding and title that keeps its lines until they are refreshed.

    Textual's own way dresses and filters every line anew and asks for the widget's size several times a line.
    """

    def __init__(self, ink: Ink, **options: Any) -> None:
        super().__init__(**options)
        self.ink = ink
        self._kept: dict[int, Strip] = {}

    @property
    def size(self) -> Size:
        """All of the widget is content; Textual would work that out from its styles on every question."""
        return self.outer_size

    def refresh_where(self, before: Sequence[object], after: Sequence[object]) -> None:
        """Paint the lines that differ; what stands on each is given from the top."""
        lines = zip_longest(before, after)
        changed = [Region(0, y, self.size.width, 1) for y, (old, new) in enumerate(lines) if old != new]
        if changed:
            self.refresh(*changed)

    def focus_changed(self) -> None:
        """Paint what shows who has the keys."""

    def _on_focus(self, event: events.Focus) -> None:
        # Textual's own would paint all of the widget, whatever of it shows the focus.
        event.prevent_default()
        self.has_focus = True
        if self.parent is not None:
            self.parent.post_message(events.DescendantFocus(self))

    def _on_blur(self, event: events.Blur) -> None:
        event.prevent_default()
        self.has_focus = False
        if self.parent is not None:
            self.parent.post_message(events.DescendantBlur(self))

    def watch_has_focus(self, _has_focus: bool) -> None:
        """No style of these widgets depends on the focus."""
        self.focus_changed()

    def draw_line(self, y: int, width: int) -> Strip:
        """Line `y` in `width` cells."""
        raise NotImplementedError

    def render_line(self, y: int) -> Strip:
        """Textual's question for one line."""
        return self.draw_line(y, self.size.width)

    def render_lines(self, crop: Region) -> list[Strip]:
        """The lines under `crop`; without colour Textual's own way, which filters styles, is taken."""
        if self.app.no_color:
            return super().render_lines(crop)
        width, kept = self.size.width, self._kept
        strips = []
        for y in crop.line_range:
            strip = kept.get(y)
            if strip is None:
                strip = kept[y] = self.draw_line(y, width)
            strips.append(strip)
        if crop.x == 0 and crop.width == width:
            return strips
        return [strip.crop(crop.x, crop.right) for strip in strips]

    def _set_dirty(self, *regions: Region) -> None:
        super()._set_dirty(*regions)
        if not regions:
            self._kept.clear()
        for region in regions:
            for y in region.line_range:
                self._kept.pop(y, None)
