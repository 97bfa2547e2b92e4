"""A pane that shows one page: header, lines, and what stands there while there are none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, NamedTuple

from core.clock import Instant
from core.ids import EntityId
from tui.presenters.cells import Line
from tui.presenters.frame import pane_header
from tui.widgets.ink import Ink
from tui.widgets.line_view import LineView
from tui.words import _


class _Made(NamedTuple):
    """The lines of a page, and what they were made for."""

    page: Any
    drawn_for: tuple[object, ...]
    head: list[tuple[Line, str]]
    body: list[tuple[Line, str]]


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
        self._made: _Made | None = None

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

    def make_ready(self, page: Any) -> None:
        """Make the lines of a page that `show_page` is going to be asked for."""
        if page is not None and self.size.width:
            self._made = made = self._make(page)
            for line, ground in (*made.head, *made.body)[: self.size.height]:
                self.ink.strip(line, self.size.width, ground)

    def draw(self, *, keep_place: bool = True) -> None:
        """Make the lines anew: the page, the size, the minute or the focus changed."""
        made, self._made = self._made, None
        if not self.size.width:
            return
        if made is None or made.page is not self.page or made.drawn_for != self._drawn_for():
            made = self._make(self.page)
        self.show(made.head, made.body, keep_place=keep_place)

    def _drawn_for(self) -> tuple[object, ...]:
        return (self.size, self.has_header, self.has_focus, self.now() // 60)

    def _make(self, page: Any) -> _Made:
        width, height = self.size
        head: list[tuple[Line, str]] = []
        if self.has_header:
            subject, fact = self.facts(page, self.now()) if page is not None else ("", "")
            title = _(self.title)
            head = [(pane_header(self.number, title, subject, fact, width, has_focus=self.has_focus), "raised")]
        return _Made(page, self._drawn_for(), head, self._body(page, width, height - len(head)))

    def _body(self, page: Any, width: int, height: int) -> list[tuple[Line, str]]:
        if page is not None:
            return self.grounded(page, width, height, self.now())
        if self._failure:
            from tui.presenters.told import not_read

            return [(line, "panel") for line in not_read(self._failure, width)]
        return [([(f" {_('reading') if self._awaits else _('Nothing to show.')}", "faint")], "panel")]

    def on_resize(self) -> None:
        """Texts break elsewhere in another width."""
        self.draw()

    def focus_changed(self) -> None:
        """The header shows who has the keys."""
        self.draw()
