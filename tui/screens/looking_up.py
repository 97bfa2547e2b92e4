"""What the desk knows of a call: answers to what is typed, the caller's page, faults of the past."""

from __future__ import annotations

from collections.abc import Callable

from core.caller_shown import CallerPage, CallerShown, LastCallers, PastFaults, PastProblem
from core.clock import Instant
from core.finding import CallerHit, FindCallers
from core.ids import EntityId
from core.intake import COMPANY, LEAST_ALIKE, PLACE, SYMPTOM, WHO, CallDraft, alike, letter_groups, question_of
from tui.gateway import Gateway

ASKED, HITS = 40, 9
"""Of so many answers those of the kind that is asked for are shown, at most so many."""
PAST_SHOWN = 5
ENOUGH_TYPED = 3
"""Letters of a symptom from which on past faults are compared with it."""


class LookUp:
    """Answers to an older text or question are dropped; `cursor` is on one of `hits`, or past them on somebody new."""

    def __init__(self, gateway: Gateway, now: Callable[[], Instant]) -> None:
        self._gateway = gateway
        self._now = now
        self._generation = 0
        self.clear()

    def clear(self) -> None:
        """Another call: nothing is known of it."""
        self.callers: tuple[CallerHit, ...] = ()
        self.page: CallerShown | None = None
        self._past: list[tuple[PastProblem, frozenset[str]]] = []
        self._past_of: tuple[EntityId | None, EntityId | None] = (None, None)
        self.turn()

    def turn(self) -> None:
        """Another question: answers to the one before are of no use."""
        self._generation += 1
        self.hits: tuple[CallerHit, ...] = ()
        self._found_for = ("", "")
        self.cursor = 0

    async def read_callers(self) -> None:
        """Those who called last."""
        self.callers = await self._gateway.page(LastCallers())

    def move(self, rows: int, *, is_empty: bool) -> None:
        """Move the cursor over the answers, or over the last callers where nothing is typed."""
        last = len(self.callers) if is_empty else len(self.hits)
        self.cursor = max(0, min(self.cursor + rows, last))

    async def find(self, question: str, text: str, present: Callable[[], str]) -> tuple[CallerHit, ...]:
        """The answers to `text`; they are kept if that still is what `present` says."""
        asked = (question, text)
        if asked == self._found_for:
            return self.hits
        generation = self._generation
        is_company = question == COMPANY
        limit = ASKED if is_company else HITS
        found: tuple[CallerHit, ...] = ()
        if text.strip():
            found = await self._gateway.page(FindCallers(text, limit))
        hits = tuple(hit for hit in found if not is_company or hit.kind == "company")[:HITS]
        if generation == self._generation and text == present():
            self.hits, self._found_for = hits, asked
            self.cursor = min(self.cursor, len(hits))
        return hits

    async def preview(self, is_empty: bool) -> bool:
        """Read the page of whom the cursor is on; False when that was too late."""
        rows: tuple[CallerHit | None, ...] = (None, *self.callers) if is_empty else self.hits
        hit = rows[self.cursor] if self.cursor < len(rows) else None
        generation, cursor = self._generation, self.cursor
        page = await self._read(hit.contact, hit.company, None) if hit is not None else None
        if (generation, cursor) != (self._generation, self.cursor):
            return False
        self.page = page
        return True

    async def read_around(self, draft: CallDraft) -> bool:
        """What is known of the caller, and what was seen before; False when another question was reached meanwhile."""
        if question_of(draft) not in (PLACE, SYMPTOM):
            return False
        generation = self._generation
        page = await self._read(draft.contact, draft.company, draft.site)
        if generation != self._generation:
            return False
        self.page = page
        await self.read_past(draft)
        return True

    async def _read(
        self, contact: EntityId | None, company: EntityId | None, site: EntityId | None
    ) -> CallerShown | None:
        if company is None:
            return None
        page: CallerShown | None = await self._gateway.page(CallerPage(contact, company, self._now(), site))
        return page

    async def read_past(self, draft: CallDraft) -> None:
        """Faults of the past, once for each piece of equipment."""
        about = (draft.company, draft.equipment)
        if draft.company is None or question_of(draft) != SYMPTOM or self._past_of == about:
            return
        past = await self._gateway.page(PastFaults(draft.company, draft.equipment))
        self._past = [(one, letter_groups(f"{one.subject} {one.done}")) for one in past]
        self._past_of = about

    def nearest(self, draft: CallDraft) -> tuple[PastProblem, ...]:
        """Past faults like the symptom, nearest first; the newest while too little is typed."""
        if question_of(draft) != SYMPTOM:
            return ()
        if len(draft.symptom.strip()) < ENOUGH_TYPED:
            return tuple(one for one, _groups in self._past[:PAST_SHOWN])
        typed = letter_groups(draft.symptom)
        scored = [(alike(typed, groups), place) for place, (_one, groups) in enumerate(self._past)]
        near = sorted((-share, place) for share, place in scored if share >= LEAST_ALIKE)
        return tuple(self._past[place][0] for _share, place in near[:PAST_SHOWN])

    def newest_ticket(self, draft: CallDraft) -> EntityId | None:
        """A ticket by which the equipment of the call can be shown."""
        pieces = self.page.pieces if self.page is not None else ()
        piece = next((one for one in pieces if one.id == draft.equipment), None)
        return draft.ticket or (piece.newest_ticket if piece is not None else None)


def is_looked_up(draft: CallDraft) -> bool:
    """True for a question whose answers are looked up as it is typed."""
    return question_of(draft) in (WHO, COMPANY)
