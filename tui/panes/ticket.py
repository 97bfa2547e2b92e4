"""The ticket under the cursor: facts, then its timeline."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.clock import Instant
from core.ids import EntityId
from tui.panes.beside import PaneBeside
from tui.presenters.cells import Line
from tui.words import later

if TYPE_CHECKING:
    from core.ticket_shown import TicketShown


class TicketPane(PaneBeside):
    """A header and the lines of one ticket; scrolled by the same keys as a list."""

    number = 2
    title = later("TICKET")
    is_zoomed = False

    def about(self, page: TicketShown) -> EntityId:
        """The ticket itself."""
        return page.row.id

    def facts(self, page: TicketShown, now: Instant) -> tuple[str, str]:
        """Number and company, and how long it is open."""
        from tui.presenters.ticket_page import header_fact

        return f"{page.row.number} {page.row.company_name}", header_fact(page, now)

    def grounded(self, page: TicketShown, width: int, height: int, now: Instant) -> list[tuple[Line, str]]:
        """Notes among ourselves lie on a ground of their own."""
        from tui.presenters.ticket_page import ticket_lines

        return [
            (shown.line, shown.ground)
            for shown in ticket_lines(page, width, now, self.zone(), is_zoomed=self.is_zoomed)
        ]
