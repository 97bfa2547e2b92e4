"""Taking a call: what each key of it does, what is read meanwhile, and how it ends."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from string import ascii_lowercase
from typing import TYPE_CHECKING, Any

from core.commands import SaveCall
from core.errors import DomainError
from core.finding import CallerHit, FindCallers
from core.ids import EntityId
from core.intake import (
    COMPANY,
    NUMBER,
    PLACE,
    SYMPTOM,
    WHO,
    CallDraft,
    missing,
    question_of,
)
from core.phones import read_number
from tui.gateway import Gateway
from tui.panes.intake import IntakePane
from tui.presenters.call_words import DROP, PRIORITY, call_hints, gone_words, number_words, what_is_missing
from tui.presenters.caller_card import shown_duplicates
from tui.presenters.frame import FAILED, REFUSED, SAYS
from tui.presenters.intake_page import CallShown
from tui.presenters.sentences import why_not
from tui.screens.keeping import Keeping
from tui.screens.looking_up import LookUp, is_looked_up
from tui.widgets.ink import Ink
from tui.words import _

if TYPE_CHECKING:
    from tui.screens.workbench import Workbench

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
        self._look = LookUp(gateway, lambda: bench.scene.now)
        self.draft: CallDraft | None = None
        self._asks = ""
        self._parked: tuple[CallDraft, ...] = ()
        self._clear()

    def _clear(self) -> None:
        self._look.clear()
        self._accepted: tuple[str, ...] = ()
        self._notice = ""

    # Beginning and ending.

    async def begin(self, draft: CallDraft | None, parked: tuple[CallDraft, ...], seen: str = "") -> None:
        """Open a new call, or go on with a parked one whose kept text is `seen`; the present one is parked."""
        if self.draft is not None:
            await self._keeping.now(self.draft)
        self._clear()
        self._asks = ""
        self._parked = tuple(one for one in parked if draft is None or one.id != draft.id)
        self.draft = draft or CallDraft(self._gateway.new_id(), self._bench.scene.now)
        self._keeping.begin(seen)
        self._notice = gone_words(self.draft)
        await self._the_pane()
        self._bench.add_class("-calling")
        self._draw(is_anew=True)
        await self._look.read_callers()
        await self._read_around()
        if self.draft.typed and is_looked_up(self.draft):
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
        self._look.move(rows, is_empty=self._is_empty)
        self._bench.running.beside(self._preview, "callers")
        self._draw()

    @property
    def _is_empty(self) -> bool:
        """True where the caller is asked for and nothing is typed: those who called last can be taken."""
        return self.draft is not None and question_of(self.draft) == WHO and not self._text.strip()

    @property
    def _text(self) -> str:
        return self._pane.text if self._pane is not None else ""

    def _as_typed(self) -> CallDraft:
        """The draft with what stands in the field, also if nobody has told of it yet."""
        assert self.draft is not None
        return self.draft if question_of(self.draft) == PLACE else self.draft.typing(self._text)

    def _place(self, key: str, character: str) -> None:
        page, draft = self._look.page, self.draft
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
        page = self._look.page
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
            self._look.cursor = 0
            self._bench.running.beside(self._look_up, "callers")
        self._draw()

    async def _look_up(self) -> None:
        if self.draft is None:
            return
        await self._find(question_of(self.draft), self._text)
        self._draw()
        await self._preview()

    async def _find(self, question: str, text: str) -> tuple[CallerHit, ...]:
        return await self._look.find(question, text, lambda: self._text)

    async def _preview(self) -> None:
        """Contract and open tickets of whom the cursor is on."""
        if self.draft is None or question_of(self.draft) != WHO or not await self._look.preview(self._is_empty):
            return
        self._draw()
        await self._bench.calls.show_beside(self._look.page, None)

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
            hits, cursor = await self._find(question, draft.typed), self._look.cursor
            hit = hits[cursor] if cursor < len(hits) else None
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
        if 0 < self._look.cursor <= len(self._look.callers):
            await self._go_on(draft.known(self._look.callers[self._look.cursor - 1]))
        else:
            self._bench.tell(SAYS, _("type who is calling: digits, a name, a company; then enter"))

    async def _say_of_number(self, text: str) -> None:
        """An odd or a known number is told, and taken."""
        number = read_number(text)
        hits = () if number.oddity else await self._gateway.page(FindCallers(number.digits, 3))
        self._notice = number_words(number, hits)
        self._draw()

    async def _go_on(self, draft: CallDraft) -> None:
        """To the next question of `draft`; one that has no answers to choose from is passed."""
        self._look.turn()
        self._notice = gone_words(draft)
        self._bench.tell(SAYS, "")
        self._change(draft)
        await self._read_around()
        draft = self.draft or draft
        page = self._look.page
        if question_of(draft) == PLACE and (page is None or not (page.open_here or page.pieces)):
            self._change(self._about(draft, draft.equipment))
            await self._look.read_past(self.draft or draft)
        self._draw()

    async def _read_around(self) -> None:
        """What is known of the caller, and what was seen before of the equipment."""
        if self.draft is None or not await self._look.read_around(self.draft):
            return
        # The call may have been saved while this was read.
        if self.draft is not None:
            await self._bench.calls.show_beside(self._look.page, self._look.newest_ticket(self.draft))

    async def _back(self) -> None:
        draft = self._as_typed()
        before = draft.back()
        if before == draft:
            return
        if question_of(draft) not in (SYMPTOM, WHO) and draft.typed and not before.typed:
            before = replace(before, typed=draft.typed)
        await self._go_on(before)
        if before.typed and is_looked_up(before):
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
            self._bench.tell(REFUSED, what_is_missing(open_questions[0]))
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
            self._change(replace(draft, id=self._gateway.new_id()))
        await self._read_around()
        self._draw()

    # Showing.

    def _draw(self, *, is_anew: bool = False) -> None:
        draft, pane = self.draft, self._pane
        if draft is None or pane is None:
            return
        shown = CallShown(
            draft,
            self._bench.scene.now,
            self._bench.scene.zone,
            self._look.hits,
            self._look.cursor,
            self._look.page,
            self._look.nearest(draft),
            self._parked,
            self._look.callers,
            self._notice,
        )
        pane.show(shown, is_anew=is_anew)
        self._bench.draw_frame()

    async def renew(self) -> None:
        """The minute passed or somebody changed the desk: what is known of the caller is read again, in place."""
        await self._read_around()
        self._draw()

    def hints(self) -> list[tuple[str, str]]:
        """The keys that work now."""
        return call_hints(question_of(self.draft) if self.draft is not None else WHO, self._asks)
