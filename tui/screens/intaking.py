"""Taking a call: what each key of it does, what is read meanwhile, and how it ends."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from string import ascii_lowercase
from typing import TYPE_CHECKING, Any

from core.call_number import read_number
from core.caller_shown import CallerShown, PastProblem
from core.commands import SaveCall
from core.errors import DomainError
from core.ids import EntityId
from core.intake import (
    COMPANY,
    LEAST_ALIKE,
    NUMBER,
    PLACE,
    SYMPTOM,
    WHO,
    CallDraft,
    alike,
    letter_groups,
    missing,
    question_of,
)
from core.pages import CallerHit, CallerPage, FindCallers, LastCallers, PastFaults
from tui.gateway import Gateway
from tui.panes.intake import IntakePane
from tui.presenters.caller_card import shown_duplicates
from tui.presenters.frame import FAILED, REFUSED, SAYS
from tui.presenters.intake_page import CallShown
from tui.presenters.sentences import why_not
from tui.screens.keeping import Keeping
from tui.widgets.ink import Ink
from tui.words import _

if TYPE_CHECKING:
    from tui.screens.workbench import Workbench

ASKED, HITS = 40, 9
"""Of so many answers those of the kind that is asked for are shown, at most so many."""
PAST_SHOWN = 5
PRIORITY, DROP = "priority", "drop"
MOVES = {"up": -1, "down": 1, "pageup": -5, "pagedown": 5}
DOUBTS = ("call.contact_gone", "call.contact_elsewhere", "call.company_gone", "call.equipment_gone")


class Intaking:
    """The call that has the screen; the others are parked."""

    def __init__(self, bench: Workbench, gateway: Gateway, ink: Ink, ended: Callable[[], None]) -> None:
        self._bench = bench
        self._gateway = gateway
        self._ink = ink
        self._ended = ended
        self._pane: IntakePane | None = None
        self._keeping = Keeping(bench, gateway)
        self.draft: CallDraft | None = None
        self._asks = ""
        self._clear()

    def _clear(self) -> None:
        self._hits: tuple[CallerHit, ...] = ()
        self._found_for: tuple[str, str] = ("", "")
        self._cursor = 0
        self._page: CallerShown | None = None
        self._past: list[tuple[PastProblem, frozenset[str]]] = []
        self._past_of: tuple[EntityId | None, EntityId | None] = (None, None)
        self._callers: tuple[CallerHit, ...] = ()
        self._accepted: tuple[str, ...] = ()
        self._notice = ""
        self._generation = 0

    # Beginning and ending.

    async def begin(self, draft: CallDraft | None, parked: tuple[CallDraft, ...], seen: str = "") -> None:
        """Open a new call, or go on with a parked one whose kept text is `seen`; the present one is parked."""
        if self.draft is not None:
            await self._keeping.now(self.draft)
        generation = self._generation + 1
        self._clear()
        self._generation = generation
        self._asks = ""
        self._parked = tuple(one for one in parked if draft is None or one.id != draft.id)
        self.draft = draft or CallDraft(self._gateway.new_call(), self._bench.scene.now)
        self._keeping.begin(seen)
        await self._the_pane()
        self._bench.add_class("-calling")
        self._draw(is_anew=True)
        self._callers = await self._gateway.page(LastCallers())
        await self._read_around()
        if self.draft.typed and question_of(self.draft) in (WHO, COMPANY):
            await self._look_up()
        self._draw()

    async def _the_pane(self) -> IntakePane:
        if self._pane is None:
            self._pane = IntakePane(self._ink, self.takes, self._typed, self._draw)
            await self._bench.query_one("#left").mount(self._pane)
        return self._pane

    def _close(self) -> None:
        self.draft = None
        self._bench.remove_class("-calling")
        self._ended()

    async def keep_now(self) -> None:
        """The program ends: what is typed goes to the disk first."""
        if self.draft is not None:
            await self._keeping.now(self._as_typed())

    def take_focus(self) -> bool:
        """Give the keys to the field; True when it has them."""
        return self._pane is not None and self._pane.take_focus()

    # Keys.

    def takes(self, key: str, character: str) -> bool:
        """Do what a key means in a call; False for what is text of the field."""
        if self.draft is None:
            return False
        if self._asks:
            self._answer(self._asks, key, character)
            return True
        run = self._bench.running.action
        acts: dict[str, Callable[[], Any]] = {
            "escape": self._park,
            "ctrl+s": self._save,
            "f8": self._save,
            "shift+tab": self._back,
        }
        if key in acts:
            run(acts[key]())
            return True
        if key in ("f3", "f7"):
            self._ask(PRIORITY if key == "f3" else DROP)
            return True
        question = question_of(self.draft)
        if question == PLACE:
            self._place(key, character)
            return True
        if question == SYMPTOM:
            return False
        if key in ("enter", "tab"):
            run(self._accept())
            return True
        if key in MOVES:
            self._move(MOVES[key])
            return True
        return False

    def _ask(self, what: str) -> None:
        assert self.draft is not None
        if what == PRIORITY and self.draft.ticket is not None:
            self._bench.tell(SAYS, _("an open ticket keeps its priority; p changes it when the call is saved"))
            return
        self._asks = what
        told = _("priority 1 to 4; 0 leaves it to the contract")
        self._bench.tell(SAYS, told if what == PRIORITY else _("drop this call and its text? y drops it, n keeps it"))

    def _answer(self, what: str, key: str, character: str) -> None:
        assert self.draft is not None
        self._asks = ""
        self._bench.tell(SAYS, "")
        if what == PRIORITY and character and character in "01234":
            self._change(self._as_typed().urgent(int(character) or None))
        elif what == DROP and character == "y":
            self._bench.running.action(self._drop())
        elif key == "f3" and what == PRIORITY:
            self._ask(PRIORITY)
        self._draw()

    def _move(self, rows: int) -> None:
        assert self.draft is not None
        is_empty = question_of(self.draft) == WHO and not self._text.strip()
        last = len(self._callers) if is_empty else len(self._hits)
        self._cursor = max(0, min(self._cursor + rows, last))
        self._bench.running.beside(self._preview, "callers")
        self._draw()

    @property
    def _text(self) -> str:
        return self._pane.text if self._pane is not None else ""

    def _as_typed(self) -> CallDraft:
        """The draft with what stands in the field, also if nobody has told of it yet."""
        assert self.draft is not None
        return self.draft if question_of(self.draft) == PLACE else self.draft.typing(self._text)

    def _place(self, key: str, character: str) -> None:
        page, draft = self._page, self.draft
        assert draft is not None
        tickets, pieces = self._pane.choosable if self._pane is not None else (0, 0)
        chosen: CallDraft | None = None
        if key == "enter":
            chosen = self._about(draft, draft.equipment)
        elif page is not None and character and character in "123456789"[:tickets]:
            row = shown_duplicates(page, draft)[int(character) - 1].row
            chosen = draft.on_ticket(row.id, row.number)
        elif page is not None and character and character in ascii_lowercase[:pieces]:
            chosen = self._about(draft, page.pieces[ascii_lowercase.index(character)].id)
        if chosen is not None:
            self._bench.running.action(self._go_on(chosen))
        elif len(character) == 1 and character.isprintable():
            self._bench.tell(SAYS, _("{key} is none of these; enter goes on without").format(key=character))

    def _about(self, draft: CallDraft, equipment: EntityId | None) -> CallDraft:
        page = self._page
        pieces = page.pieces if page is not None else ()
        piece = next((one for one in pieces if one.id == equipment), None)
        site = (page.site.id, page.site.name) if page is not None and page.site is not None else None
        if piece is None:
            return draft.about(equipment, draft.equipment_name if equipment else "", site)
        return draft.about(piece.id, piece.name, (piece.site, piece.site_name) if piece.site else site)

    # Answers to what is typed.

    def _typed(self, text: str) -> None:
        if self.draft is None:
            return
        question = question_of(self.draft)
        if text == (self.draft.symptom if question == SYMPTOM else self.draft.typed):
            return
        self._notice = ""
        self._change(self.draft.typing(text))
        if question in (WHO, COMPANY):
            self._cursor = 0
            self._bench.running.beside(self._look_up, "callers")
        self._draw()

    async def _look_up(self) -> None:
        await self._find(self._text)
        self._draw()
        await self._preview()

    async def _find(self, text: str) -> tuple[CallerHit, ...]:
        """The answers to `text`; an answer to an older text is dropped."""
        assert self.draft is not None
        question = question_of(self.draft)
        asked = (question, text)
        if asked == self._found_for:
            return self._hits
        generation = self._generation
        is_company = question == COMPANY
        limit = ASKED if is_company else HITS
        hits = await self._gateway.page(FindCallers(text, limit)) if text.strip() else ()
        if is_company:
            hits = tuple(hit for hit in hits if hit.kind == "company")
        if generation == self._generation and text == self._text:
            self._hits, self._found_for = tuple(hits[:HITS]), asked
            self._cursor = min(self._cursor, len(self._hits))
        return tuple(hits[:HITS])

    async def _preview(self) -> None:
        """Contract and open tickets of whom the cursor is on."""
        if self.draft is None or question_of(self.draft) != WHO:
            return
        hits = self._hits if self._text.strip() else ((None, *self._callers) if self._callers else ())
        hit = hits[self._cursor] if self._cursor < len(hits) else None
        generation = self._generation
        page = await self._caller(hit.contact, hit.company) if hit is not None and hit.company else None
        if generation != self._generation or self.draft is None or question_of(self.draft) != WHO:
            return
        self._page = page
        self._draw()
        await self._bench.calls.show_beside(page, None)

    async def _caller(
        self, contact: EntityId | None, company: EntityId | None, site: EntityId | None = None
    ) -> CallerShown | None:
        if company is None:
            return None
        page: CallerShown | None = await self._gateway.page(CallerPage(contact, company, self._bench.scene.now, site))
        return page

    # From question to question.

    async def _accept(self) -> None:
        draft = self._as_typed()
        question = question_of(draft)
        typed = draft.typed.strip()
        if question == WHO and not typed:
            await self._accept_last_caller(draft)
        elif question == WHO and typed.isascii() and typed.isdigit() and 0 < int(typed) <= min(9, len(self._parked)):
            # The digit was an address, not a part of a call.
            await self._keeping.forget(draft)
            self.draft = None
            await self._bench.calls.go_on_with(self._parked[int(typed) - 1].id)
        elif question in (WHO, COMPANY) and typed:
            hits = await self._find(draft.typed)
            hit = hits[self._cursor] if self._cursor < len(hits) else None
            if question == WHO:
                await self._go_on(draft.known(hit) if hit is not None else draft.unknown())
            elif hit is not None and hit.company is not None:
                await self._go_on(draft.at_company(hit.company, hit.company_name))
            else:
                await self._go_on(draft.answered(COMPANY))
        else:
            await self._go_on(draft.answered(question))
            if question == NUMBER and typed:
                await self._say_of_number(typed)

    async def _accept_last_caller(self, draft: CallDraft) -> None:
        if 0 < self._cursor <= len(self._callers):
            await self._go_on(draft.known(self._callers[self._cursor - 1]))
        else:
            self._bench.tell(SAYS, _("type who is calling: digits, a name, a company; then enter"))

    async def _say_of_number(self, text: str) -> None:
        """An odd or a known number is told, and taken."""
        number = read_number(text)
        if number.oddity:
            self._notice = _("{number} cannot be dialled; it is kept as written").format(number=number.written)
        else:
            hits = await self._gateway.page(FindCallers(number.digits, 3))
            others = ", ".join(hit.contact_name for hit in hits if hit.kind == "contact")
            if others:
                self._notice = _("that number is also {names}'s; it is kept").format(names=others)
        self._draw()

    async def _go_on(self, draft: CallDraft) -> None:
        """To the next question of `draft`; one that has no answers to choose from is passed."""
        self._generation += 1
        self._hits, self._found_for, self._cursor, self._notice = (), ("", ""), 0, ""
        self._bench.tell(SAYS, "")
        self._change(draft)
        await self._read_around()
        draft = self.draft or draft
        page = self._page
        if question_of(draft) == PLACE and (page is None or not (page.open_here or page.pieces)):
            self._change(self._about(draft, draft.equipment))
            await self._read_past()
        self._draw()

    async def _read_around(self) -> None:
        """What is known of the caller, and what was seen before of the equipment."""
        draft = self.draft
        if draft is None or question_of(draft) not in (PLACE, SYMPTOM):
            return
        generation = self._generation
        page = await self._caller(draft.contact, draft.company, draft.site)
        if generation != self._generation:
            return
        self._page = page
        await self._read_past()
        piece = next((one for one in (page.pieces if page else ()) if one.id == draft.equipment), None)
        ticket = draft.ticket or (piece.newest_ticket if piece is not None else None)
        await self._bench.calls.show_beside(page, ticket)

    async def _read_past(self) -> None:
        draft = self.draft
        if draft is None or draft.company is None or question_of(draft) != SYMPTOM:
            return
        if self._past_of != (draft.company, draft.equipment):
            past = await self._gateway.page(PastFaults(draft.company, draft.equipment))
            self._past = [(one, letter_groups(f"{one.subject} {one.done}")) for one in past]
            self._past_of = (draft.company, draft.equipment)

    async def _back(self) -> None:
        draft = self._as_typed()
        before = draft.back()
        if before == draft:
            return
        if question_of(draft) not in (SYMPTOM, WHO) and draft.typed and not before.typed:
            before = replace(before, typed=draft.typed)
        await self._go_on(before)
        if before.typed and question_of(before) in (WHO, COMPANY):
            await self._look_up()

    def _change(self, draft: CallDraft) -> None:
        self.draft = draft
        self._keeping.changed(lambda: self.draft)

    # The end of a call.

    async def _park(self) -> None:
        draft = self._as_typed()
        self.draft = draft
        await self._keeping.now(draft)
        self._close()
        if draft.is_blank:
            self._bench.tell(SAYS, _("no call was begun"))
        else:
            self._bench.tell(SAYS, _("call parked with all that was typed; n lists it"))

    async def _drop(self) -> None:
        if self.draft is not None:
            await self._keeping.forget(self.draft)
            self._close()
            self._bench.tell(SAYS, _("the call was dropped"))

    async def _save(self) -> None:
        draft = self.draft = self._as_typed()
        open_questions = missing(draft)
        if open_questions:
            self._bench.tell(REFUSED, self._what_is_missing(open_questions[0]))
            return
        draft = self.draft = await self._keeping.now(draft)
        wish = SaveCall(
            draft.id,
            draft.started_at,
            draft.symptom,
            draft.ticket,
            draft.contact,
            draft.contact_name,
            draft.number,
            draft.company,
            draft.company_name,
            draft.site,
            draft.equipment,
            draft.priority,
            self._accepted,
            draft.is_unknown,
        )
        try:
            applied = await self._gateway.submit(wish, self._bench.scene.person.id)
        except DomainError as error:
            await self._refused(error, draft)
            return
        self._keeping.saved()
        self._close()
        await self._bench.calls.saved(draft, applied)

    async def _refused(self, error: DomainError, draft: CallDraft) -> None:
        """Nothing is lost by a refusal; a doubt that was told is passed by saving once more."""
        self._bench.tell(FAILED if error.code.startswith("store.") else REFUSED, why_not(error))
        if error.code in DOUBTS:
            self._accepted = (*self._accepted, error.code)
        elif error.code == "call.saved_already":
            await self._keeping.forget(draft)
            self._change(replace(draft, id=self._gateway.new_call()))
        await self._read_around()
        self._draw()

    def _what_is_missing(self, question: str) -> str:
        told = {
            WHO: _("first who calls: enter takes the row under the cursor"),
            PLACE: _("first what it is about: a digit, a letter, or enter for neither"),
            SYMPTOM: _("first what is wrong; then ctrl+s saves"),
        }
        return told.get(question, _("enter goes to the next question"))

    # Showing.

    def _draw(self, *, is_anew: bool = False) -> None:
        draft, pane = self.draft, self._pane
        if draft is None or pane is None:
            return
        shown = CallShown(
            draft,
            self._bench.scene.now,
            self._bench.scene.zone,
            self._hits,
            self._cursor,
            self._page,
            self._nearest(draft),
            self._parked,
            self._callers,
            self._notice,
        )
        pane.show(shown, is_anew=is_anew)
        self._bench.draw_frame()

    def redraw(self) -> None:
        """The minute or the size changed."""
        self._draw()

    async def renew(self) -> None:
        """Somebody changed the desk: what is known of the caller is read again, in place."""
        await self._read_around()
        self._draw()

    def _nearest(self, draft: CallDraft) -> tuple[PastProblem, ...]:
        """Past faults like the symptom, nearest first; all of them while nothing is typed."""
        if question_of(draft) != SYMPTOM:
            return ()
        typed = letter_groups(draft.symptom)
        if len(draft.symptom.strip()) < 3:
            return tuple(one for one, _groups in self._past[:PAST_SHOWN])
        scored = [(alike(typed, groups), place) for place, (_one, groups) in enumerate(self._past)]
        near = sorted((-share, place) for share, place in scored if share >= LEAST_ALIKE)
        return tuple(self._past[place][0] for _share, place in near[:PAST_SHOWN])

    def hints(self) -> list[tuple[str, str]]:
        """The keys that work now."""
        draft = self.draft
        question = question_of(draft) if draft is not None else WHO
        if self._asks == PRIORITY:
            return [("1-4", _("priority")), ("0", _("as the contract says"))]
        if self._asks == DROP:
            return [("y", _("drops the call")), ("n", _("keeps it"))]
        after = [("shift+tab", _("back")), ("Esc", _("park")), ("f7", _("drop"))]
        if question == PLACE:
            return [("1-9", _("adds to it")), ("a-z", _("takes it")), ("Enter", _("neither")), *after]
        if question == SYMPTOM:
            return [("ctrl+s", _("save")), ("f3", _("priority")), *after, ("f8", _("save"))]
        return [("Enter", _("takes it")), ("Down", _("next row")), *after[1:], ("ctrl+u", _("clears"))]
