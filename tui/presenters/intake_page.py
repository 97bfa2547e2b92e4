"""A call as lines: who calls, what is open there, what it may be about, and what stands beside the field."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from core.caller_shown import CallerShown, PastProblem, PromiseAt
from core.clock import Instant
from core.intake import COMPANY, NAME, NUMBER, PLACE, SYMPTOM, WHO, CallDraft, question_of, suggested_priority
from core.text import plain
from tui.presenters.caller_card import card_lines, open_lines, piece_lines, promise_words
from tui.presenters.cells import Line, cut, cut_line, fit, spread
from tui.presenters.times import clock_time, duration, short_time
from tui.presenters.told import fact, section
from tui.words import _, later

if TYPE_CHECKING:
    from core.finding import CallerHit

LABELS = {
    WHO: later("who"),
    NAME: later("name"),
    NUMBER: later("number"),
    COMPANY: later("company"),
    SYMPTOM: later("symptom"),
}
QUESTIONS = {
    WHO: later("who is calling: digits of a number, a name, a company, half a serial"),
    NAME: later("who is it; enter passes"),
    NUMBER: later("the number to call back; enter passes"),
    COMPANY: later("of which company; the list narrows, enter passes"),
    SYMPTOM: later("what is wrong"),
}
KINDS = {
    "contact": "",
    "company": later("company"),
    "equipment": later("equipment"),
    "contract": later("contract"),
}
HITS_SHOWN = 9


class CallShown(NamedTuple):
    """What the pane shows: the draft, the answers to what is typed with the cursor on one, what is known beside it.

    `parked` are other calls of the person, `callers` those who called last; both stand where nothing is typed.
    """

    draft: CallDraft
    now: Instant
    zone: str
    hits: tuple[CallerHit, ...] = ()
    cursor: int = 0
    page: CallerShown | None = None
    past: tuple[PastProblem, ...] = ()
    parked: tuple[CallDraft, ...] = ()
    callers: tuple[CallerHit, ...] = ()
    notice: str = ""


def header(shown: CallShown, width: int) -> Line:
    """One row: since when the call runs, and that nothing of it is lost."""
    began = clock_time(shown.draft.started_at, shown.zone)
    left: Line = [(f" {_('CALL')}", "accent bold"), ("  " + _("since {time}").format(time=began), "text")]
    return spread(left, [(_("escape parks it, draft kept") + " ", "muted")], width)


def above(shown: CallShown, width: int, height: int) -> list[tuple[Line, str]]:
    """The lines over the field; `height` is all the room that the pane has."""
    lines: list[tuple[Line, str]] = [(header(shown, width), "raised")]
    question = question_of(shown.draft)
    if question in (PLACE, SYMPTOM):
        lines += [(line, "panel") for line in _known(shown, width)]
        lines += _places(shown, width, height - len(lines), question)
    elif question != WHO:
        lines += [(line, "panel") for line in _told_so_far(shown.draft, width)]
    return lines


def below(shown: CallShown, width: int, height: int) -> list[tuple[Line, str]]:
    """The lines under the field, as many as there is room for."""
    question = question_of(shown.draft)
    if question == SYMPTOM:
        lines = _beside_symptom(shown, width, height)
    elif question in (WHO, COMPANY):
        lines = _answers(shown, question, width, height)
    else:
        lines = [([], "panel"), ([(f" {_(QUESTIONS[question])}", "muted")], "panel")]
    if shown.notice:
        lines = [*lines[: max(0, height - 1)], ([(f" {cut(shown.notice, width - 2)}", "due")], "panel")]
    return lines[:height]


# Who calls.


def _answers(shown: CallShown, question: str, width: int, height: int) -> list[tuple[Line, str]]:
    draft = shown.draft
    if not draft.typed.strip() and question == WHO:
        return _without_text(shown, width)
    lines: list[tuple[Line, str]] = []
    rows = [_hit_line(hit, width) for hit in shown.hits[:HITS_SHOWN]]
    rows.append(_new_line(draft, question, width))
    for place, line in enumerate(rows):
        lines.append(_with_cursor(line, is_cursor=place == shown.cursor))
    if not draft.typed.strip():
        lines += [([], "panel"), ([(f" {_(QUESTIONS[question])}", "muted")], "panel")]
    if shown.page is not None and question == WHO:
        lines.append(([], "panel"))
        lines += [(line, "panel") for line in card_lines(shown.page, draft, shown.now, width, is_preview=True)]
        room = height - len(lines) - 2
        if room > 0:
            lines.append(([], "panel"))
            lines += open_lines(shown.page, draft, shown.now, width, room, letters=False)
    return lines


def _with_cursor(line: Line, *, is_cursor: bool) -> tuple[Line, str]:
    if not is_cursor:
        return line, "panel"
    return [(">", "accent bold"), *((text, "strong") for text, _ink in [(line[0][0][1:], ""), *line[1:]])], "select"


def _hit_line(hit: CallerHit, width: int) -> Line:
    name = hit.contact_name or hit.equipment_name or (hit.contract_number if hit.kind == "contract" else "")
    name = name or hit.company_name
    facts = [hit.role, hit.company_name if hit.company_name != name else "", hit.site_name]
    told = ", ".join(plain(text, 120) for text in facts if text) or _(KINDS.get(hit.kind, "") or "-")
    matched = plain(hit.matched, 60) if hit.matched not in (name, hit.company_name) else ""
    left: Line = [(f" {fit(plain(name, 200), 24)} ", "text"), (told, "muted")]
    return spread(left, [(f" {matched} ", "text")], width)


def _new_line(draft: CallDraft, question: str, width: int) -> Line:
    told = plain(draft.typed.strip(), 60)
    if question == COMPANY:
        words = _("a new company: {name}").format(name=told) if told else _("no company")
    else:
        words = _("somebody new: {told}").format(told=told)
    return cut_line([(f" + {words}", "muted")], width)


def _without_text(shown: CallShown, width: int) -> list[tuple[Line, str]]:
    lines: list[tuple[Line, str]] = [([(f" {_(QUESTIONS[WHO])}", "muted")], "panel")]
    if shown.parked:
        told = _("a digit and enter goes on with it")
        lines += [([], "panel"), (section(_("PARKED"), told, width), "panel")]
        lines += [(_parked_line(place, draft, shown, width), "panel") for place, draft in enumerate(shown.parked, 1)]
    if shown.callers:
        lines += [([], "panel"), (section(_("LAST CALLERS"), _("down and enter takes one"), width), "panel")]
        for place, hit in enumerate(shown.callers, 1):
            lines.append(_with_cursor(_hit_line(hit, width), is_cursor=shown.cursor == place))
    return lines


def _parked_line(place: int, draft: CallDraft, shown: CallShown, width: int) -> Line:
    rings = _("rings") if draft.rung_for and not draft.rung_answer else ""
    told = " ".join(plain(text, 120) for text in (draft.called or "-", draft.subject) if text)
    key = str(place) if place <= 9 else " "
    left: Line = [
        (f" {key} ", "accent bold"),
        (clock_time(draft.started_at, shown.zone), "muted"),
        (f"  {told}", "text"),
    ]
    return spread(left, [(f"{rings} ", "due")], width)


def _told_so_far(draft: CallDraft, width: int) -> list[Line]:
    told = ((_("name"), draft.contact_name), (_("number"), draft.number), (_("company"), draft.company_name))
    return [fact(label, [(text, "text")], width) for label, text in told if text]


# What it is about.


def _known(shown: CallShown, width: int) -> list[Line]:
    if shown.page is not None:
        return card_lines(shown.page, shown.draft, shown.now, width)
    lines = _told_so_far(shown.draft, width)
    if not shown.draft.company:
        lines.append(fact(_("contract"), [(_("no contract found"), "due")], width))
    return lines


def _places(shown: CallShown, width: int, room: int, question: str) -> list[tuple[Line, str]]:
    page, draft = shown.page, shown.draft
    if page is None:
        return []
    opened, pieces = _rooms(page, room, question)
    blank: list[tuple[Line, str]] = [([], "panel")]
    lines: list[tuple[Line, str]] = []
    if opened:
        lines += [*blank, *open_lines(page, draft, shown.now, width, opened)]
    if pieces:
        lines += [*blank, *piece_lines(page, draft, width, pieces)]
    return lines


def _rooms(page: CallerShown, room: int, question: str) -> tuple[int, int]:
    """How many lines the open tickets and the equipment get; each list has a title, and a blank line before it."""
    is_roomy = room >= 24
    # The symptom, what was seen before, priority and due time stand under the lists.
    room = max(6, room - (0 if question == PLACE else 12 if is_roomy else 6))
    opened = 0
    if page.open_here:
        fair = room // 2 - 1 if page.pieces else room - 1
        opened = max(2, min(len(page.open_here) + 1, fair))
    left = room - opened - (1 if opened else 0)
    return opened, min(len(page.pieces) + 1, left - 1) if page.pieces and left >= 3 else 0


def choosable(shown: CallShown, width: int, height: int) -> tuple[int, int]:
    """How many open tickets and pieces of equipment stand there with a key: no key takes what nobody sees."""
    if shown.page is None:
        return 0, 0
    opened, pieces = _rooms(shown.page, height - 1 - len(_known(shown, width)), PLACE)
    return max(0, opened - 1), max(0, pieces - 1)


# The symptom.


def _beside_symptom(shown: CallShown, width: int, height: int) -> list[tuple[Line, str]]:
    tail = _urgency(shown, width)
    room = height - len(tail)
    is_roomy = height >= 10
    lines: list[tuple[Line, str]] = [([], "panel")] if is_roomy else []
    if shown.past and room - len(lines) >= 2:
        about = _("this equipment and its model, nearest first") if shown.draft.equipment else _("at this company")
        lines.append((section(_("SEEN BEFORE"), about, width), "panel"))
        for one in shown.past[: max(1, min(5, room - len(lines) - is_roomy))]:
            lines.append((_past_line(one, shown, width), "panel"))
        if is_roomy:
            lines.append(([], "panel"))
    return [*lines, *((line, "panel") for line in tail)]


def _past_line(one: PastProblem, shown: CallShown, width: int) -> Line:
    if one.is_open:
        outcome, ink = _("open"), "muted"
    elif one.came_back_after is not None:
        outcome, ink = _("x back in {time}").format(time=duration(one.came_back_after).split()[0]), "due"
    else:
        outcome, ink = _("+ worked"), "good"
    tail: Line = [(f" {fit(one.number, 9)} ", "muted"), (f"{fit(outcome, 11)} ", ink)]
    told = plain(one.done or one.subject, 200)
    left: Line = [(f" {fit(short_time(one.opened_at, shown.now, shown.zone), 9)} ", "muted"), (told, "text")]
    return spread(left, tail, width)


def _urgency(shown: CallShown, width: int) -> list[Line]:
    draft = shown.draft
    if draft.ticket is not None:
        told = _("{number}; the caller joins it").format(number=plain(draft.ticket_number, 30))
        return [fact(_("adds to"), [(told, "text")], width)]
    promise = promise_of(shown)
    usual = shown.page is not None and bool(shown.page.promised)
    whence = _("yours") if draft.priority is not None else _("from contract") if usual else _("the usual one")
    first: Line = [(f"P{promise.priority} {whence}", "text")]
    lines = [spread(fact(_("priority"), first, width), [(_("f3 changes") + " ", "muted")], width)]
    lines.append(fact(_("due"), promise_words(promise, shown.now, shown.zone), width))
    return lines


def promise_of(shown: CallShown) -> PromiseAt:
    """What the ticket would be promised, at the priority it would get."""
    promised = shown.page.promised if shown.page is not None else ()
    wanted = shown.draft.priority or suggested_priority([one.priority for one in promised])
    return next((one for one in promised if one.priority == wanted), PromiseAt(wanted, ()))


def label_of(question: str) -> str:
    """What stands before the field."""
    return _(LABELS[question]) if question in LABELS else ""
