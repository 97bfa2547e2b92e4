"""A pane that shows one page: header, lines, and what stands there while there are none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from core.clock import Instant
from core.ids import EntityId
from tui.presenters.cells import Line
from tui.presenters.frame import pane_header
from tui.widgets.ink import Ink
from tui.widgets.line_view import LineView
from tui.words import _


class PaneBeside(LineView):
    """Presenters of the pages are imported with the first page, which no first frame waits for."""

    number: ClassVar[int]
    title: ClassVar[str]

    def __init__(self, ink: Ink, now: Callable[[], Instant], zone: Callable[[], str], **options: Any) -> None:
        super().__init__(ink, **options)
        self.now = now
        self.zone = zone
        self.page: Any = None
        self.has_header = True
        self._awaits = True
        self._failure = ""

    def facts(self, page: Any, now: Instant) -> tuple[str, str]:
        """Subject and fact of the header."""
        raise NotImplementedError

    def lines(self, page: Any, width: int, height: int, now: Instant) -> list[Line]:
        """The page as lines on the pane's own ground."""
        raise NotImplementedError

    def grounded(self, page: Any, width: int, height: int, now: Instant) -> list[tuple[Line, str]]:
        """The same, each line with its ground."""
        return [(line, "panel") for line in self.lines(page, width, height, now)]

    def about(self, page: Any) -> EntityId:
        """The ticket that a page is about."""
        ticket: EntityId = page.ticket
        return ticket

    def give_header(self, has_header: bool) -> None:
        """Show the pane's own header, or leave it to the tab strip."""
        if self.has_header != has_header:
            self.has_header = has_header
            self.draw()

    def show_page(self, page: Any) -> None:
        """Show the page of another ticket from its top, or newer facts of the same in place."""
        is_same = page is not None and self.page is not None and self.about(page) == self.about(self.page)
        self.page, self._awaits, self._failure = page, False, ""
        self.draw(keep_place=is_same)

    def forget(self) -> None:
        """The page of another ticket is on its way."""
        self.page, self._awaits, self._failure = None, True, ""
        self.draw(keep_place=False)

    def fail(self, reason: str) -> None:
        """The page could not be read."""
        self.page, self._awaits, self._failure = None, False, reason
        self.draw(keep_place=False)

    def draw(self, *, keep_place: bool = True) -> None:
        """Make the lines anew: the page, the size, the minute or the focus changed."""
        width = self.size.width
        if not width:
            return
        head: list[tuple[Line, str]] = []
        if self.has_header:
            subject, fact = self.facts(self.page, self.now()) if self.page is not None else ("", "")
            title = _(self.title)
            head = [(pane_header(self.number, title, subject, fact, width, has_focus=self.has_focus), "raised")]
        self.show(head, self._body(width, self.size.height - len(head)), keep_place=keep_place)

    def _body(self, width: int, height: int) -> list[tuple[Line, str]]:
        if self._failure:
            from tui.presenters.told import not_read

            return [(line, "panel") for line in not_read(self._failure, width)]
        if self.page is None:
            return [([(f" {_('reading') if self._awaits else _('Nothing to show.')}", "faint")], "panel")]
        return self.grounded(self.page, width, height, self.now())

    def on_resize(self) -> None:
        """Texts break elsewhere in another width."""
        self.draw()

    def on_focus(self) -> None:
        """The header shows who has the keys."""
        self.draw()

    def on_blur(self) -> None:
        """The header shows that the keys are elsewhere."""
        self.draw()
