"""The first paint of a screen: all of it laid out, then painted once and at once."""

from __future__ import annotations

from collections.abc import Iterable

from textual.events import ScreenResume
from textual.reactive import Reactive
from textual.screen import Screen
from textual.widget import Widget


class PaintedOnce(Screen[None]):
    """A screen that is not drawn while it is put together, and does not wait for the frame timer when it stands.

    Textual by itself draws a screen that an application holds back in a batch, throws that away, waits for the next
    frame and then paints twice.
    """

    focused: Reactive[Widget | None] = Reactive(None, repaint=False)
    """As Textual has it, but all of the screen is not painted anew whenever the keys go elsewhere."""
    _holds_paint = False

    def hold_paint(self) -> None:
        """Nothing is drawn until `paint_first`."""
        self._holds_paint = True

    def _on_screen_resume(self, event: ScreenResume) -> None:
        """Textual's own handler follows: it would style again what was styled as it was put together."""
        if self._holds_paint:
            event.refresh_styles = False

    def paint_first(self) -> None:
        """Paint what stands; whoever asked for paint before is served by this one."""
        self._holds_paint = False
        self._layout_required, self._repaint_required = True, False
        self.paint_now()

    def paint_now(self, widgets: Iterable[Widget] = ()) -> None:
        """Paint those `widgets` that asked for it in one frame, without the loop's turns until Textual would."""
        for widget in widgets:
            if widget._repaint_required:
                widget._repaint_required = False
                self._dirty_widgets.add(widget)
        self._on_timer_update()

    def _compositor_refresh(self) -> None:
        if not self._holds_paint:
            super()._compositor_refresh()
