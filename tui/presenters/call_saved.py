"""What a saved call left behind, in one sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.clock import Instant
from core.clock_state import RUNNING
from core.text import plain
from tui.presenters.caller_card import CLOCK_WORDS
from tui.presenters.times import date_time
from tui.words import _

if TYPE_CHECKING:
    from core.handlers.plan import Title
    from core.intake import CallDraft
    from core.ticket_shown import TicketShown


def saved_words(title: Title, draft: CallDraft, page: TicketShown | None, now: Instant, zone: str) -> str:
    """Ticket, due time, whose it is, and what has to be known of it."""
    facts = title.facts
    number = plain(str(facts.get("number", "")), 40)
    if title.code == "call.added":
        told = _("call added to {number}").format(number=number)
        if facts.get("joined") and draft.contact_name:
            told += _(", {name} reports it too").format(name=plain(draft.contact_name, 60))
        return _("{told}. u undoes it").format(told=told)
    told = _("{number} is yours").format(number=number)
    due = next((clock for clock in (page.clocks if page else ()) if clock.state == RUNNING and clock.due_at), None)
    if due is not None:
        word = _(CLOCK_WORDS.get(due.kind, due.kind))
        told += _(", {clock} due {time}").format(clock=word, time=date_time(due.due_at, now, zone))
    elif not facts.get("has_contract"):
        told += _(", no contract found")
    return _("{told}. u undoes it").format(told=told)
