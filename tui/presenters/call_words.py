"""What a call says in the prompt and hint rows: its keys, what is missing, what is odd about a number."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from core.intake import COMPANY, NAME, PLACE, SYMPTOM, WHO, question_of
from core.text import plain
from tui.words import _

if TYPE_CHECKING:
    from core.finding import CallerHit
    from core.intake import CallDraft
    from core.phones import CallNumber

PRIORITY, DROP = "priority", "drop"
"""What a call may ask back with one key."""


def call_hints(question: str, asks: str) -> list[tuple[str, str]]:
    """The keys that work at a question, or those that answer what is asked back."""
    if asks == PRIORITY:
        return [("1-4", _("priority")), ("0", _("as the contract says"))]
    if asks == DROP:
        return [("y", _("drops the call")), ("n", _("keeps it"))]
    after = [("shift+tab", _("back")), ("Esc", _("park")), ("f7", _("drop"))]
    if question == PLACE:
        return [("1-9", _("adds to it")), ("a-z", _("takes it")), ("Enter", _("neither")), *after]
    if question == SYMPTOM:
        return [("ctrl+s", _("save")), ("f3", _("priority")), *after, ("f8", _("save"))]
    return [("Enter", _("takes it")), ("Down", _("next row")), *after, ("ctrl+u", _("clears"))]


def what_is_missing(question: str) -> str:
    """Why a call cannot be saved yet, and the key that helps."""
    told = {
        WHO: _("first who calls: enter takes the row under the cursor"),
        PLACE: _("first what it is about: a digit, a letter, or enter for neither"),
        SYMPTOM: _("first what is wrong; then ctrl+s saves"),
    }
    return told.get(question, _("enter goes to the next question"))


def gone_words(draft: CallDraft) -> str:
    """Whose number it was that rings, while it is asked who calls; empty where nobody was taken off the desk."""
    if not draft.gone_name or question_of(draft) not in (WHO, NAME, COMPANY):
        return ""
    who = ", ".join(name for name in (draft.gone_name, draft.gone_company) if name)
    return _("that was the number of {who}, who is archived").format(who=plain(who, 200))


def number_words(number: CallNumber, hits: Iterable[CallerHit]) -> str:
    """What one has to know of a number that was given; nothing keeps it from being taken."""
    if number.oddity:
        return _("{number} cannot be dialled; it is kept as written").format(number=number.written)
    others = ", ".join(plain(hit.contact_name, 60) for hit in hits if hit.kind == "contact")
    return _("that number is also {names}'s; it is kept").format(names=others) if others else ""
