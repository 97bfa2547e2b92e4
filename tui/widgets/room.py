"""A place for panes: one ground, nothing of its own."""

from __future__ import annotations

from rich.segment import Segment
from textual.containers import Container
from textual.geometry import Region
from textual.strip import Strip


class Room(Container):
    """A container that answers Textual's request for its lines without styling each of them anew.

    On every key Textual asks all containers around a painted line for what lies under it.
    """

    _blank: list[Strip] | None = None

    def render_lines(self, crop: Region) -> list[Strip]:
        """Blank lines on the ground; without colour Textual's own way, which filters styles, is taken."""
        if self.app.no_color:
            return super().render_lines(crop)
        if self._blank is None or len(self._blank) != crop.height or self._blank[0].cell_length != crop.width:
            strip = Strip([Segment(" " * crop.width, self.rich_style)], crop.width)
            self._blank = [strip] * crop.height
        return self._blank

    def notify_style_update(self) -> None:
        """The ground may be another one now."""
        self._blank = None
        super().notify_style_update()
