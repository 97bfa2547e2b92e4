"""From runs to strips: the one place where a role becomes a colour."""

from __future__ import annotations

from collections.abc import Mapping

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from tui.presenters.cells import Line, width_of

MOST_KEPT = 2000
"""Strips kept, some twenty screens of lines."""


class Ink:
    """Styles by ink and ground of one palette, made once each; lines that were made lately are kept."""

    def __init__(self, roles: Mapping[str, str]) -> None:
        self._roles = roles
        self._styles: dict[tuple[str, str], Style] = {}
        self._strips: dict[tuple[tuple[tuple[str, str], ...], int, str], Strip] = {}

    def style(self, ink: str, ground: str) -> Style:
        """The style of `ink` (`muted`, `accent bold`, `tile`) on `ground`."""
        style = self._styles.get((ink, ground))
        if style is None:
            role, _, weight = ink.partition(" ")
            if role == "tile":
                style = Style(color=self._roles["breach_ink"], bgcolor=self._roles["breach_fill"], bold=True)
            else:
                bold = True if weight == "bold" else None
                style = Style(color=self._roles[role], bgcolor=self._roles[ground], bold=bold)
            self._styles[ink, ground] = style
        return style

    def strip(self, line: Line, width: int, ground: str) -> Strip:
        """The line in exactly `width` cells on `ground`."""
        made_of = (tuple(line), width, ground)
        strip = self._strips.get(made_of)
        if strip is None:
            if len(self._strips) >= MOST_KEPT:
                self._strips.clear()
            strip = self._strips[made_of] = self._make(line, width, ground)
        return strip

    def blank(self, width: int, ground: str) -> Strip:
        """An empty line on `ground`."""
        return self.strip([], width, ground)

    def _make(self, line: Line, width: int, ground: str) -> Strip:
        segments = [Segment(text, self.style(ink, ground)) for text, ink in line if text]
        length = sum(width_of(text) for text, _ink in line)
        if length < width:
            segments.append(Segment(" " * (width - length), self.style("text", ground)))
        strip = Strip(Segment.simplify(segments), max(length, width))
        return strip if length <= width else strip.crop(0, width)
