"""The ticket under the cursor: facts, then its timeline."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from core.clock import Instant
from core.pages import TicketShown
from tui.presenters.cells import Line
from tui.presenters.frame import pane_header
from tui.presenters.ticket_page import header_fact, ticket_lines
from tui.widgets.ink import Ink
from tui.widgets.line_view import LineView
from tui.words import _


class TicketPane(LineView):
    """A header and the lines of one ticket; scrolled by the same keys as a list."""

    def __init__(self, ink: Ink, now: Callable[[], Instant], zone: Callable[[], str], **options: Any) -> None:
        super().__init__(ink, **options)
        self._now = now
        self._zone = zone
        self.page: TicketShown | None = None
        self.awaits_first = True
        """Nothing was shown yet: the first ticket is on its way."""
        self.has_header = True
        self.is_zoomed = False

    def give_header(self, has_header: bool) -> None:
        """Show the pane's own header, or leave it to the tab strip."""
        if self.has_header != has_header:
            self.has_header = has_header
            self.draw()

    def show_ticket(self, page: TicketShown | None) -> None:
        """Show another ticket from its top, or newer facts of the same in place."""
        is_same = page is not None and self.page is not None and page.row.id == self.page.row.id
        self.page, self.awaits_first = page, False
        self.draw(keep_place=is_same)

    def draw(self, *, keep_place: bool = True) -> None:
        """Make the lines anew: the page, the size, the minute or the focus changed."""
        width = self.size.width
        if not width:
            return
        head: list[tuple[Line, str]] = []
        if self.has_header:
            subject = f"{self.page.row.number} {self.page.row.company_name}" if self.page else ""
            fact = header_fact(self.page, self._now()) if self.page else ""
            head = [(pane_header(2, _("TICKET"), subject, fact, width, has_focus=self.has_focus), "raised")]
        if self.page is None:
            told = _("reading") if self.awaits_first else _("Nothing to show.")
            self.show(head, [([(f" {told}", "faint")], "panel")])
            return
        lines = ticket_lines(self.page, width, self._now(), self._zone(), is_zoomed=self.is_zoomed)
        self.show(head, [(shown.line, shown.ground) for shown in lines], keep_place=keep_place)

    def on_resize(self) -> None:
        """Texts break elsewhere in another width."""
        self.draw()

    def on_focus(self) -> None:
        """The header shows who has the keys."""
        self.draw()

    def on_blur(self) -> None:
        """The header shows that the keys are elsewhere."""
        self.draw()
