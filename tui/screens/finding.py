"""Finding in the list that has the keys: as it is typed in what is in memory, then by reads as far as the list goes."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from core.finding import FindInList, FoundInList
from core.pages import BACKWARD, FORWARD, CompanyTickets, QueuePage, QueueRow, Rows
from core.row_text import said_by, sought_words
from core.text import fold
from tui.presenters.frame import READING, REFUSED, SAYS
from tui.widgets.line_list import LineList
from tui.widgets.line_view import LineView
from tui.words import _

if TYPE_CHECKING:
    from tui.screens.workbench import Workbench

ROWS_AROUND = 200
READS_UNTIL_TOLD = 2
"""After so many reads without an answer the prompt row says that the list is long."""

Pane = LineList | LineView


class Finding:
    """What was looked for last, and the way to the next row that holds it."""

    def __init__(self, bench: Workbench) -> None:
        self._bench = bench
        self._words = ""
        self._said: dict[bytes, tuple[QueueRow, str]] = {}

    async def ask(self) -> None:
        """Ask for words; the cursor goes to the first row that holds them while they are typed."""
        pane = self._bench.pane_with_keys
        guide = FindGuide(self, pane)
        text = await self._bench.asking.ask_guided(_("Find"), "", guide, has_list=False)
        if not text or not text.strip():
            guide.go_back()
            return
        self._words = text
        guide.go_back()
        self._begin(pane, FORWARD, includes_this=True)

    def again(self, direction: str) -> None:
        """The next row that holds what was looked for last, or the one before."""
        if not self._words:
            self._bench.tell(REFUSED, _("nothing was looked for yet; / asks for words"))
            return
        self._begin(self._bench.pane_with_keys, direction, includes_this=False)

    def _begin(self, pane: Pane, direction: str, *, includes_this: bool) -> None:
        if isinstance(pane, LineView):
            self._tell_view(pane.find(sought_words(self._words), 1 if direction == FORWARD else -1))
            return
        self._bench.running.beside(partial(self._go, pane, direction, includes_this=includes_this), "find")

    def _tell_view(self, how: str) -> None:
        told = {"": self._nothing(), "wrapped": _("went on from the other end")}
        self._bench.tell(REFUSED if not how else SAYS, told.get(how, ""))

    # Lists.

    def place_in_memory(self, pane: LineList, text: str, start: int) -> int | None:
        """The first row from a place on that holds the words, as far as rows are in memory."""
        return next(self._places(pane, sought_words(text), range(start, pane.window.total)), None)

    def _places(self, pane: LineList, words: tuple[str, ...], places: range) -> Iterator[int]:
        for place in places:
            row = pane.window.row(place)
            if row is None:
                return
            if all(word in self._said_by(row) for word in words):
                yield place

    def _said_by(self, row: QueueRow) -> str:
        known = self._said.get(row.id)
        if known is None or known[0] is not row:
            if len(self._said) > 5_000:
                self._said.clear()
            known = self._said[row.id] = (row, said_by(row))
        return known[1]

    async def _go(self, pane: LineList, direction: str, *, includes_this: bool) -> None:
        """To the next row that holds the words; past the end the list begins again."""
        step = 1 if direction == FORWARD else -1
        start = pane.cursor if includes_this else pane.cursor + step
        places = range(start, pane.window.total) if step > 0 else range(start, -1, -1)
        words = sought_words(self._words)
        place = next(self._places(pane, words, places), None)
        if place is not None:
            self._arrive(pane, place, "")
            return
        asked, key = self._list_of(pane), self._edge(pane, places)
        if asked is None:
            return
        found, place = await self._read(asked, key, direction)
        note = ""
        if found is None:
            found, place = await self._read(asked, None, direction)
            note = _("began again at the top") if step > 0 else _("went on from the end")
        if found is None:
            self._bench.tell(REFUSED, self._nothing())
            return
        await self._show(pane, asked, found, place, direction, note, from_edge=note == "")

    def _edge(self, pane: LineList, places: range) -> tuple[object, ...] | None:
        """The key of the last row in memory in the direction of the search."""
        rows = pane.window.rows
        if not rows:
            return None
        return rows[-1].key if places.step > 0 else rows[0].key

    def _list_of(self, pane: LineList) -> QueuePage | CompanyTickets | None:
        """What the list of a pane is read with."""
        bench = self._bench
        if pane is bench.queue:
            return QueuePage(bench.listing.view, limit=ROWS_AROUND, now=bench.scene.now)
        company = bench.company_shown
        return CompanyTickets(company, limit=ROWS_AROUND) if company is not None else None

    async def _read(
        self, asked: QueuePage | CompanyTickets, key: tuple[object, ...] | None, direction: str
    ) -> tuple[QueueRow | None, int]:
        """The row behind a key that holds the words, and how many rows that is from there."""
        passed, reads = 0, 0
        while True:
            request = FindInList(asked._replace(anchor=key, direction=direction), self._words)
            found: FoundInList = await self._bench.gateway.page(request)
            passed, reads = passed + found.passed, reads + 1
            if found.row is not None or found.goes_on is None:
                return found.row, passed
            key = found.goes_on
            if reads >= READS_UNTIL_TOLD:
                self._bench.tell(READING, _("{count} rows looked at; any / . or , stops it").format(count=passed))

    async def _show(
        self,
        pane: LineList,
        asked: QueuePage | CompanyTickets,
        row: QueueRow,
        passed: int,
        direction: str,
        note: str,
        *,
        from_edge: bool,
    ) -> None:
        """Put rows around the one found into memory and the cursor on it."""
        window = pane.window
        if from_edge:
            edge = window.first + len(window.rows) - 1 if direction == FORWARD else window.first
        else:
            edge = -1 if direction == FORWARD else window.total
        place = max(0, edge + passed if direction == FORWARD else edge - passed)
        if window.index_of(row.id) is None:
            gateway = self._bench.gateway
            before: Rows = await gateway.page(asked._replace(anchor=row.key, direction=BACKWARD))
            after: Rows = await gateway.page(asked._replace(anchor=row.key, direction=FORWARD))
            window.begin_around(before, row, after, place)
        at = window.index_of(row.id)
        self._arrive(pane, at if at is not None else place, note)

    def _arrive(self, pane: LineList, place: int, note: str) -> None:
        pane.move_to(place)
        pane.rows_came()
        self._bench.tell(SAYS, note)

    def _nothing(self) -> str:
        return _("no row here holds {words}").format(words=self._words)


class FindGuide:
    """Follows the words while they are typed; `asking` tells it of every key."""

    def __init__(self, finding: Finding, pane: Pane) -> None:
        self._finding = finding
        self._pane = pane
        self._start = pane.cursor if isinstance(pane, LineList) else pane.top

    def typed(self, text: str, cursor: int) -> None:
        """The first row from where the cursor stood, as far as rows are in memory."""
        if not isinstance(self._pane, LineList):
            return
        place = self._finding.place_in_memory(self._pane, text, self._start) if fold(text).strip() else None
        self._pane.move_to(self._start if place is None else place)

    def go_back(self) -> None:
        """The cursor where it stood."""
        if isinstance(self._pane, LineList):
            self._pane.move_to(self._start)

    def moved(self) -> None:
        """There is no list to point at."""

    def taken(self) -> None:
        """There is nothing to complete."""

    def entered(self, text: str) -> bool:
        """Enter ends the question."""
        return False
