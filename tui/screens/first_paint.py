"""The first paint of a screen: all of it laid out, then painted once and at once."""

from __future__ import annotations

from textual.screen import Screen


class PaintedOnce(Screen[None]):
    """A screen that is not drawn while it is put together, and does not wait for the frame timer when it stands.

    Textual by itself draws a screen that an application holds back in a batch, throws that away, waits for the next
    frame and then paints twice.
    """

    _holds_paint = False

    def hold_paint(self) -> None:
        """Nothing is drawn until `paint_first`."""
        self._holds_paint = True

    def paint_first(self) -> None:
        """Paint what stands; whoever asked for paint before is served by this one."""
        self._holds_paint = False
        self._layout_required, self._repaint_required = True, False
        self._on_timer_update()

    def _compositor_refresh(self) -> None:
        if not self._holds_paint:
            super()._compositor_refresh()
