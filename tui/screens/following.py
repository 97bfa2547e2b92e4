"""The panes that follow the cursor: they wait until it rests, so that a held key stays as light as one row."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Any, NamedTuple

from core.clock import Instant
from core.errors import DomainError
from core.ids import EntityId
from core.pages import CompanyPage, CompanyTickets, ContractPage, EquipmentPage, QueueRow, Rows, Several, TicketPage
from tui.gateway import Gateway
from tui.panes.beside import PaneBeside
from tui.panes.company import CompanyPane
from tui.panes.contract import ContractPane
from tui.panes.equipment import EquipmentPane
from tui.panes.ticket import TicketPane
from tui.presenters.sentences import why_not

if TYPE_CHECKING:
    from concurrent.futures import Future

    from core.caller_shown import CallerShown
    from core.company_shown import CompanyShown

COMPANY_ROWS = 40
"""What the pane shows beside the queue; the rest comes when somebody walks the list."""


class Followers(NamedTuple):
    """The panes that follow; the ticket is read always, the others where they are seen."""

    ticket: TicketPane
    company: CompanyPane
    contract: ContractPane
    equipment: EquipmentPane


class Following:
    """Shows the ticket under the cursor and what is known around it; answers of an older question are dropped."""

    def __init__(self, gateway: Gateway, panes: Followers, now: Callable[[], Instant]) -> None:
        self._gateway = gateway
        self._panes = panes
        self._now = now
        self._generation = 0
        self._shown: dict[str, EntityId] = {}
        """The ticket that each pane was last read for, by the pane's name."""
        self._ahead: _Ahead | None = None

    @property
    def has_begun(self) -> bool:
        """True once a ticket was shown."""
        return bool(self._shown)

    def is_shown(self, row: QueueRow | None, names: Collection[str]) -> bool:
        """True when the panes called `names` and the ticket's own stand for the ticket in `row`."""
        return row is not None and all(self._shown.get(name) == row.id for name in ("ticket", *names))

    async def show(self, row: QueueRow | None, names: Collection[str], *, keeps_company: bool = False) -> None:
        """Show another ticket, or the same one anew, in the panes called `names`; the others forget what they showed.

        With `keeps_company` the company's pane is not read and counts as read.
        """
        self._generation += 1
        generation = self._generation
        self._ahead = None
        if row is None:
            self._shown.clear()
            self._panes.company.show(None)
            for pane in (self._panes.ticket, self._panes.contract, self._panes.equipment):
                pane.show_page(None)
            return
        # All panes are painted in one frame: a second one would wait for Textual's frame timer.
        requests = self._requests(row, _to_read(names, keeps_company=keeps_company))
        answers = await self._gateway.page(Several(tuple(requests.values())))
        if generation == self._generation:
            self._draw(row, names, dict(zip(requests, answers, strict=True)), keeps_company=keeps_company)

    def look_ahead(self, row: QueueRow | None, names: Collection[str], *, keeps_company: bool = False) -> None:
        """Begin to read what `show` is going to ask for if the cursor stays where it is."""
        self._ahead = None
        if row is not None:
            requests = self._requests(row, _to_read(names, keeps_company=keeps_company))
            answers = self._gateway.begin_page(Several(tuple(requests.values())))
            self._ahead = _Ahead(row.id, requests, answers)

    def make_ready(self) -> None:
        """Make the lines of what was read ahead, while the cursor still rests."""
        pages = self._ahead.pages() if self._ahead is not None else {}
        for name, pane in self._lined():
            pane.make_ready(pages.get(name))

    def forget_ahead(self) -> None:
        """The cursor moved on, or the desk changed."""
        self._ahead = None

    def show_ahead(self, row: QueueRow | None, names: Collection[str], *, keeps_company: bool = False) -> bool:
        """Show what was read ahead; False when that is not here yet, or is not what `show` would ask for."""
        ahead, self._ahead = self._ahead, None
        if ahead is None or row is None or ahead.ticket != row.id:
            return False
        answers = ahead.pages()
        wanted = self._requests(row, _to_read(names, keeps_company=keeps_company))
        if answers.keys() != wanted.keys():
            return False
        self._generation += 1
        self._draw(row, names, answers, keeps_company=keeps_company)
        return True

    def _draw(self, row: QueueRow, names: Collection[str], answers: dict[str, Any], *, keeps_company: bool) -> None:
        read = _to_read(names, keeps_company=keeps_company)
        self._shown = {name: seen for name, seen in self._shown.items() if seen == row.id}
        self._shown |= dict.fromkeys(("ticket", *names), row.id)
        self._panes.ticket.show_page(_told(answers["ticket"]))
        if "company" in answers:
            self._show_company(_told(answers["company"]), _told(answers["company tickets"]))
        elif "company" in read:
            self._panes.company.show(None)
        elif not keeps_company and "company" not in self._shown:
            self._panes.company.forget()
        for name, pane in self._lined()[1:]:
            self._show_beside(name, pane, answers.get(name), is_read=name in read)

    def _lined(self) -> tuple[tuple[str, PaneBeside], ...]:
        panes = self._panes
        return ("ticket", panes.ticket), ("contract", panes.contract), ("equipment", panes.equipment)

    def _show_beside(self, name: str, pane: PaneBeside, answer: Any, *, is_read: bool) -> None:
        if isinstance(answer, DomainError):
            self._shown.pop(name, None)
            pane.fail(why_not(answer))
        elif is_read:
            pane.show_page(answer)
        elif name not in self._shown:
            pane.forget()

    async def show_caller(self, page: CallerShown | None, ticket: EntityId | None, names: Collection[str]) -> None:
        """Contract and company of a caller, and the equipment that `ticket` is about, in the panes called `names`."""
        self._generation += 1
        generation = self._generation
        self._ahead = None
        # Whatever is shown now is not what the list's cursor is on.
        self._shown.clear()
        panes = self._panes
        if page is None:
            panes.company.show(None)
            panes.contract.show_page(None)
            panes.equipment.show_page(None)
            return
        now, limit = self._now(), max(COMPANY_ROWS, panes.company.size.height)
        requests: dict[str, Any] = {}
        if "company" in names:
            requests["company"] = CompanyPage(page.company, now)
            requests["company tickets"] = CompanyTickets(page.company, limit=limit)
        if "equipment" in names and ticket is not None:
            requests["equipment"] = EquipmentPage(ticket)
        answers = dict(zip(requests, await self._gateway.page(Several(tuple(requests.values()))), strict=True))
        if generation != self._generation:
            return
        panes.contract.show_page(page.contract)
        if "company" in answers:
            self._show_company(_told(answers["company"]), _told(answers["company tickets"]))
        panes.equipment.show_page(_told(answers.get("equipment")))

    async def renew_clocks(self, row: QueueRow | None) -> None:
        """The contract as of now: how much of a promise is used up goes on with the minutes."""
        if row is None or self._shown.get("contract") != row.id:
            return
        generation = self._generation
        page = await self._gateway.page(ContractPage(row.id, self._now()))
        if generation == self._generation:
            self._panes.contract.show_page(page)

    def _requests(self, row: QueueRow, read: Collection[str]) -> dict[str, Any]:
        requests: dict[str, Any] = {"ticket": TicketPage(row.id, now=self._now())}
        if "company" in read and row.company is not None:
            pane = self._panes.company
            limit = min(1000, max(COMPANY_ROWS, pane.cursor + pane.size.height))
            requests["company"] = CompanyPage(row.company, self._now())
            requests["company tickets"] = CompanyTickets(row.company, limit=limit)
        if "contract" in read:
            requests["contract"] = ContractPage(row.id, self._now())
        if "equipment" in read:
            requests["equipment"] = EquipmentPage(row.id)
        return requests

    def _show_company(self, page: CompanyShown | None, tickets: Rows) -> None:
        pane = self._panes.company
        if (pane.page, pane.window.rows) == (page, list(tickets.rows)):
            return
        pane.show(page)
        pane.window.begin_with(tickets, page.ticket_count if page else None)
        pane.rows_came()

    async def fetch_company(self, direction: str, anchor: tuple[Any, ...] | None) -> None:
        """Rows near the edge of the company's list."""
        pane = self._panes.company
        page = pane.page
        if page is None:
            return
        generation = self._generation
        rows = await self._gateway.page(CompanyTickets(page.id, anchor, direction))
        if generation != self._generation:
            return
        window = pane.window
        if anchor is None:
            window.begin_with(rows, page.ticket_count) if direction == "forward" else window.end_with(rows)
        elif direction == "forward":
            window.append(rows)
        else:
            pane.shift(window.prepend(rows))
        pane.rows_came()


class _Ahead(NamedTuple):
    """Pages that are read while the cursor rests: for which ticket, what was asked, the answers on their way."""

    ticket: EntityId
    requests: dict[str, Any]
    answers: Future[Any]

    def pages(self) -> dict[str, Any]:
        """The answers by name; none while they are on their way, or when one of them could not be read."""
        if not self.answers.done() or self.answers.exception() is not None:
            return {}
        answers = self.answers.result()
        is_whole = not any(isinstance(answer, DomainError) for answer in answers)
        return dict(zip(self.requests, answers, strict=True)) if is_whole else {}


def _to_read(names: Collection[str], *, keeps_company: bool) -> set[str]:
    return {name for name in names if name != "company" or not keeps_company}


def _told(answer: Any) -> Any:
    """A page that was read; one without which nothing can be shown raises."""
    if isinstance(answer, DomainError):
        raise answer
    return answer
