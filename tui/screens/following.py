"""The panes that follow the cursor: they wait until it rests, so that a held key stays as light as one row."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from core.clock import Instant
from core.ids import EntityId
from core.pages import CompanyPage, CompanyShown, CompanyTickets, QueueRow, Rows, Several, TicketPage
from tui.gateway import Gateway
from tui.panes.company import CompanyPane
from tui.panes.ticket import TicketPane

REST_SECONDS = 0.15
COMPANY_ROWS = 40
"""What the pane shows beside the queue; the rest comes when somebody walks the list."""


class Following:
    """Shows the ticket under the cursor and its company; answers of an older question are dropped."""

    def __init__(self, gateway: Gateway, ticket: TicketPane, company: CompanyPane, now: Callable[[], Instant]) -> None:
        self._gateway = gateway
        self._ticket = ticket
        self._company = company
        self._now = now
        self._generation = 0
        self.shown: EntityId | None = None

    async def show(self, row: QueueRow | None, *, with_company: bool = True) -> None:
        """Show another ticket, or the same one anew."""
        self._generation += 1
        generation = self._generation
        if row is None:
            self.shown = None
            self._ticket.show_ticket(None)
            self._company.show(None)
            return
        requests: list[Any] = [TicketPage(row.id, now=self._now())]
        company = row.company if with_company else None
        if company is not None:
            limit = max(COMPANY_ROWS, self._company.cursor + self._company.size.height)
            requests += [CompanyPage(company, self._now()), CompanyTickets(company, limit=min(limit, 1000))]
        # Both panes are painted in one frame: a second one would wait for Textual's frame timer.
        page, *of_company = await self._gateway.page(Several(tuple(requests)))
        if generation != self._generation:
            return
        self.shown = row.id
        self._ticket.show_ticket(page)
        if of_company:
            self._show_company(*of_company)
        elif with_company:
            self._company.show(None)

    def _show_company(self, page: CompanyShown | None, tickets: Rows) -> None:
        before = (self._company.page, self._company.window.rows)
        if before == (page, list(tickets.rows)):
            return
        self._company.show(page)
        self._company.window.begin_with(tickets, page.ticket_count if page else None)
        self._company.rows_came()

    async def fetch_company(self, direction: str, anchor: tuple[Any, ...] | None) -> None:
        """Rows near the edge of the company's list."""
        page = self._company.page
        if page is None:
            return
        generation = self._generation
        rows = await self._gateway.page(CompanyTickets(page.id, anchor, direction))
        if generation != self._generation:
            return
        window = self._company.window
        if anchor is None:
            window.begin_with(rows, page.ticket_count) if direction == "forward" else window.end_with(rows)
        elif direction == "forward":
            window.append(rows)
        else:
            self._company.shift(window.prepend(rows))
        self._company.rows_came()
