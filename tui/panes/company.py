"""The company-wide pane: every ticket of everyone at one company, all sites, contacts and years."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from textual.geometry import Region

from core.clock import Instant
from core.pages import QueueRow
from tui.presenters.cells import Line
from tui.presenters.company_page import (
    CompanyColumns,
    columns_head,
    head_lines,
    header_facts,
    ticket_row,
)
from tui.presenters.frame import pane_header
from tui.widgets.ink import Ink
from tui.widgets.line_list import LineList
from tui.words import _

if TYPE_CHECKING:
    from core.company_shown import CompanyShown


class CompanyPane(LineList):
    """A header, the years and repeats, then the tickets newest first."""

    def __init__(self, ink: Ink, now: Callable[[], Instant], zone: Callable[[], str], **options: Any) -> None:
        super().__init__(ink, **options)
        self._now = now
        self._zone = zone
        self.page: CompanyShown | None = None
        self.awaits_first = True
        """Nothing was shown yet: the first company is on its way."""
        self.has_header = True
        # Beside the queue only one cursor is to be seen: the one that keys act on.
        self.keeps_cursor = False
        self._head: list[tuple[Line, str]] | None = None
        self._head_for: tuple[object, ...] = ()

    def give_header(self, has_header: bool) -> None:
        """Show the pane's own header, or leave it to the tab strip."""
        if self.has_header != has_header:
            self.has_header = has_header
            self.refresh()

    def show(self, page: CompanyShown | None) -> None:
        """Show another company, or newer facts of the same."""
        is_other = page is None or self.page is None or page.id != self.page.id
        if is_other:
            self.cursor = self.top = 0
            self.window.clear()
        self.page, self.awaits_first = page, False
        self._head = None
        self.refresh()

    def forget(self) -> None:
        """Another company is on its way."""
        if self.page is not None or not self.awaits_first:
            self.show(None)
            self.awaits_first = True

    def head_lines(self) -> list[tuple[Line, str]]:
        """Header, years, repeats, column names; made once for a page and a size."""
        made_for = (self.size, self.has_focus, self.has_header, self.page)
        if self._head is None or self._head_for != made_for:
            self._head, self._head_for = self._make_head(), made_for
        return self._head

    def _make_head(self) -> list[tuple[Line, str]]:
        width = self.size.width
        lines: list[tuple[Line, str]] = []
        if self.has_header:
            subject, fact = header_facts(self.page, width) if self.page else ("", "")
            title = _("COMPANY")
            lines.append((pane_header(3, title, subject, fact, width, has_focus=self.has_focus), "raised"))
        if self.page is None:
            return lines
        lines += [(line, "panel") for line in self._facts_of(self.page)]
        columns = columns_head(CompanyColumns(width))
        return [*lines, (columns, "panel")] if columns else lines

    def _facts_of(self, page: CompanyShown) -> list[Line]:
        return head_lines(page, self.size.width, self.size.height, self._now(), has_header=self.has_header)

    def present(self, row: QueueRow, index: int, *, is_cursor: bool) -> Line:
        """One of the company's tickets as a row; beside the queue the cursor shows only while it has the focus."""
        columns = CompanyColumns(self.size.width)
        return ticket_row(row, columns, self._now(), self._zone(), is_cursor=is_cursor)

    def empty_lines(self) -> list[Line]:
        """What stands here while there is nothing to list."""
        told = _("Nothing to show.") if self.page is None and not self.awaits_first else _("reading")
        return [[(f" {told}", "faint")]]

    def fetch_more(self) -> None:
        """Nobody walks the list while the keys are elsewhere: the pane needs no more than it shows."""
        if self.has_focus:
            super().fetch_more()

    def focus_changed(self) -> None:
        """The header shows who has the keys, and with them comes the cursor."""
        self._head = None
        self.refresh(Region(0, 0, self.size.width, 1))
        self.paint_row(self.cursor)
        self.fetch_more()
