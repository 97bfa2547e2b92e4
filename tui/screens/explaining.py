"""The page over the panes that explains a ticket's deadlines: which clock it shows, and what was supposed."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from core.clock import Instant
from core.errors import DomainError
from core.ids import EntityId
from tui.gateway import Gateway
from tui.presenters.cells import Line, line_width, spread, width_of
from tui.widgets.line_view import LineView
from tui.words import _

if TYPE_CHECKING:
    from core.clock_shown import ClockShown, PolicyCalled
    from core.what_if import Supposition

    Suppositions = tuple[tuple[Supposition | PolicyCalled, ...], ...]


MOST_SUPPOSED = 8


class Explaining:
    """Open while `page` is there."""

    def __init__(self, gateway: Gateway, view: LineView, now: Callable[[], Instant], zone: Callable[[], str]) -> None:
        self._gateway = gateway
        self._view = view
        self._now = now
        self._zone = zone
        self._place = 0
        self._supposing: Suppositions = ()
        self.page: ClockShown | None = None

    async def show(self, ticket: EntityId, clock: str, supposing: Suppositions = ()) -> None:
        """Explain the clocks of a ticket, `clock` first; what is supposed is told before the usual questions."""
        is_same = self.page is not None and self.page.row.id == ticket
        if is_same:
            # What was supposed before stays beside it, to be compared.
            supposing = tuple(dict.fromkeys((*supposing, *self._supposing)))[:MOST_SUPPOSED]
        page = await self._read(ticket, supposing)
        is_new = supposing if not is_same else supposing != self._supposing
        kinds = [ledger.clock for ledger in page.ledgers]
        self.page, self._supposing = page, supposing
        self._place = kinds.index(clock) if clock in kinds else 0
        if not is_same:
            self._view.top = 0
        if supposing and is_new:
            self._view.top = self._place_of_suppositions()
        self.draw()

    async def renew(self) -> None:
        """The same as of now; closed meanwhile, it stays closed."""
        shown = self.page
        if shown is None:
            return
        page = await self._read(shown.row.id, self._supposing)
        if self.page is not shown:
            return
        clock = self.clock
        kinds = [ledger.clock for ledger in page.ledgers]
        self.page = page
        self._place = kinds.index(clock) if clock in kinds else 0
        self.draw()

    async def _read(self, ticket: EntityId, supposing: Suppositions) -> ClockShown:
        from core.clock_shown import ClockPage

        page: ClockShown | None = await self._gateway.page(ClockPage(ticket, self._now(), supposing))
        if page is None:
            raise DomainError("ticket.unknown")
        return page

    def _place_of_suppositions(self) -> int:
        from tui.presenters.ledger_page import what_if_place

        assert self.page is not None
        return what_if_place(self.page, self._place, self._view.app.size.width, self._zone())

    @property
    def clock(self) -> str:
        """The kind of the clock that is shown."""
        return self.page.ledgers[self._place].clock if self.page is not None and self.page.ledgers else ""

    def turn(self, step: int) -> None:
        """Another clock of the ticket."""
        if self.page is not None and self.page.ledgers:
            self._place = (self._place + step) % len(self.page.ledgers)
            self._view.top = 0
            self.draw()

    def draw(self) -> None:
        """Make the lines anew: another page, clock or size."""
        page, width = self.page, self._view.app.size.width
        if page is None:
            return
        # Not at the top: the first frame explains nothing.
        from tui.presenters.ledger_page import clock_tabs, ledger_lines, title_of

        subject, fact = title_of(page, page.ledgers[self._place]) if page.ledgers else (page.row.number, "")
        title: Line = [(f" {_('WHY THIS DEADLINE')}", "accent bold"), (f"  {subject}", "text")]
        # On a small screen the versions stand below: the ticket's number goes before them.
        room = line_width(title) + width_of(fact) + 3 <= width
        head = [(spread(title, [(f" {fact} ", "muted")] if room else [], width), "raised")]
        if len(page.ledgers) > 1:
            head.append((clock_tabs(page, self._place, width), "panel"))
        lines = ledger_lines(page, self._place, width, self._zone())
        if not room:
            lines += [[], [(f" {fact}", "muted")]]
        self._view.show(head, [(line, "panel") for line in lines], keep_place=True)

    def close(self) -> None:
        """Nothing is explained any more."""
        self.page, self._supposing = None, ()

    def answer(self) -> str:
        """How the shown clock stands, in a sentence."""
        from tui.presenters.ledger_page import answer_text

        assert self.page is not None
        return answer_text(self.page, self._place, self._zone()) if self.page.ledgers else self.page.row.number

    def text(self) -> str:
        """Every clock as text, for a mail."""
        from tui.presenters.ledger_page import ledger_text

        assert self.page is not None
        return ledger_text(self.page, self._zone())
