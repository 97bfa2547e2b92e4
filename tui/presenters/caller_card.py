"""The parts of a call that are known: the caller's card, open tickets by digits, equipment by letters."""

from __future__ import annotations

from collections.abc import Sequence
from string import ascii_lowercase
from typing import TYPE_CHECKING, TypeVar

from core.clock import Instant
from core.clock_state import NONE
from core.contract_shown import ContractShown
from core.intake import CallDraft, OpenHere, likely_duplicates
from core.policy import FIRST_RESPONSE, RESOLUTION, UPDATE
from core.text import plain
from tui.presenters.cells import Line, fit, spread
from tui.presenters.lamps import INKS, lamp_cells, row_lamp
from tui.presenters.money import money
from tui.presenters.names import short_name
from tui.presenters.times import clock_time, duration, local
from tui.presenters.told import fact, section
from tui.words import _, later, ngettext

if TYPE_CHECKING:
    from core.caller_shown import CallerCard, CallerShown, Piece, PromiseAt

Thing = TypeVar("Thing")

DIGITS = 9
CLOCK_WORDS = {FIRST_RESPONSE: later("response"), UPDATE: later("update"), RESOLUTION: later("resolve")}
DAYS = (later("Mon"), later("Tue"), later("Wed"), later("Thu"), later("Fri"), later("Sat"), later("Sun"))


def card_lines(
    page: CallerShown, draft: CallDraft, now: Instant, width: int, *, is_preview: bool = False
) -> list[Line]:
    """Who calls, what they may do, what one should know before speaking, and what the contract says."""
    lines = [] if is_preview else [_who(page, draft, width)]
    if not is_preview and page.contact is not None:
        lines.append(fact(_("rights"), [(_rights(page), "text")], width))
        if about := _about(page.contact):
            lines.append(fact(_("know"), [(about, "due" if page.contact.notes else "text")], width))
    lines.append(_contract(page, draft, now, width))
    return lines


def _who(page: CallerShown, draft: CallDraft, width: int) -> Line:
    card = page.contact
    site = draft.site_name or (page.site.name if page.site else "")
    told = [draft.contact_name or (card.line.name if card else _("caller not named")), page.company_name, site]
    who: Line = [(", ".join(plain(text, 200) for text in told if text), "text")]
    if card is not None and (card.is_gone or card.has_left):
        who.append(("  " + (_("x off the desk") if card.is_gone else _("x no longer there")), "due"))
    number = draft.number or (card.line.phone if card else "")
    return spread(fact(_("who"), who, width), [(f" {plain(number, 40)} ", "muted")], width)


def _rights(page: CallerShown) -> str:
    assert page.contact is not None
    line = page.contact.line
    role = plain(line.role, 60)
    if line.may_approve:
        told = _("may order and approve")
    elif line.may_order:
        limit = "" if line.order_limit is None else money(line.order_limit, line.currency)
        told = _("may order up to {limit}").format(limit=limit) if limit else _("may order")
    else:
        told = _("may not order")
    if page.approver is not None and not line.may_approve:
        who = f"{plain(page.approver.name, 60)} {plain(page.approver.phone, 40)}".strip()
        told += _(", above: {name}").format(name=who)
    return ", ".join(text for text in (role, told) if text)


def _about(card: CallerCard) -> str:
    numbers = _("also {numbers}").format(numbers=", ".join(card.other_phones)) if card.other_phones else ""
    return ", ".join(text for text in (card.notes, card.language, card.best_hours, numbers) if text)


def _contract(page: CallerShown, draft: CallDraft, now: Instant, width: int) -> Line:
    contract = page.contract
    if not isinstance(contract, ContractShown):
        return fact(_("contract"), [(_("no contract found"), "due bold")], width)
    told = [contract.grade.upper() or contract.number]
    if contract.units is not None:
        left = contract.units.included - contract.units.used.used
        unit = _("h") if contract.units.unit == "hour" else plain(contract.units.unit, 30)
        counted = _("{left} of {included} {unit} left") if left >= 0 else _("{left} over {included} {unit}")
        told.append(counted.format(left=f"{abs(left):,.4g}", included=contract.units.included, unit=unit))
    paid = contract.paid_until
    if paid is not None:
        told.append(_("paid") if paid > now else _("not paid"))
    verdict = _covered(next((one.is_covered for one in page.pieces if one.id == draft.equipment), None))
    first = fact(_("contract"), [(", ".join(told), "text" if paid is None or paid > now else "due")], width)
    return spread(first, [(f" {verdict[0]} ", verdict[1])] if verdict[0] else [], width)


def _covered(is_covered: bool | None) -> tuple[str, str]:
    if is_covered is None:
        return "", "text"
    return (_("+ COVERED"), "good bold") if is_covered else (_("x NOT COVERED"), "due bold")


def open_lines(
    page: CallerShown, draft: CallDraft, now: Instant, width: int, most: int, *, letters: bool = True
) -> list[tuple[Line, str]]:
    """The open tickets of the company in at most `most` lines, each with the digit that adds the call to it."""
    if not page.open_here:
        return [([(f" {_('nothing is open there')}", "muted")], "panel")]
    duplicates = shown_duplicates(page, draft)
    rows = max(1, most - 1)
    kept = _around(duplicates, next((at for at, one in enumerate(duplicates) if one.row.id == draft.ticket), 0), rows)
    hidden = page.open_count - len(kept)
    told = _("a digit adds this call to it") if letters else ""
    more = ngettext("{count} more", "{count} more", hidden).format(count=hidden) if hidden > 0 else ""
    lines: list[tuple[Line, str]] = [(section(_("OPEN HERE"), told, width, more), "panel")]
    for place, one in kept:
        is_chosen = one.row.id == draft.ticket
        digit = str(place + 1) if letters and place < DIGITS else " "
        lines.append((_open_line(one, digit, now, width, is_chosen=is_chosen), "select" if is_chosen else "panel"))
    return lines


def shown_duplicates(page: CallerShown, draft: CallDraft) -> tuple[OpenHere, ...]:
    """The open tickets in the order of their digits."""
    return likely_duplicates(page.open_here, draft.equipment if not draft.is_placed else None)


def _open_line(one: OpenHere, digit: str, now: Instant, width: int, *, is_chosen: bool) -> Line:
    row = one.row
    lamp = row_lamp(row, now)
    name = fit(row.equipment_name or "-", 6)
    who = _("same caller") if one.is_of_caller and width >= 100 else ""
    tail = f" {fit(who, 12) if width >= 100 else ''}{name} {fit(short_name(row.owner_name) or '-', 7)}"
    if is_chosen:
        told = f"{lamp_cells(lamp)}  {fit(row.number, 8)}  {plain(row.subject, 300)}"
        return spread([(">", "accent bold"), (f"{digit}  {told}", "strong")], [(tail, "strong")], width)
    left: Line = [(f" {digit} ", "accent bold"), (" ", "text"), (lamp_cells(lamp), INKS[lamp.level])]
    left += [(f"  {fit(row.number, 8)}  ", "muted"), (plain(row.subject, 300), "text")]
    return spread(left, [(tail, "muted")], width)


def piece_lines(page: CallerShown, draft: CallDraft, width: int, most: int) -> list[tuple[Line, str]]:
    """Equipment in at most `most` lines, each with the letter that takes it."""
    pieces = page.pieces
    rows = max(1, most - 1)
    at = next((place for place, piece in enumerate(pieces) if piece.id == draft.equipment), 0)
    kept = _around(pieces, at, rows)
    enter = _("enter keeps it") if draft.equipment is not None else _("enter = none of these")
    told = _("a letter takes it, {enter}").format(enter=enter)
    hidden = len(pieces) - len(kept)
    is_more = page.more_pieces or hidden > 0
    more = _("more by their serial") if page.more_pieces else _("{count} more").format(count=hidden)
    lines: list[tuple[Line, str]] = [(section(_("EQUIPMENT"), told, width, more if is_more else ""), "panel")]
    for place, piece in kept:
        is_chosen = piece.id == draft.equipment
        line = _piece_line(piece, ascii_lowercase[place], width, is_chosen=is_chosen)
        lines.append((line, "select" if is_chosen else "panel"))
    return lines


def _piece_line(piece: Piece, letter: str, width: int, *, is_chosen: bool) -> Line:
    verdict, ink = _verdict(piece)
    place = ", ".join(plain(text, 60) for text in (piece.place, piece.site_name) if text)
    name, model = fit(piece.name, 9), fit(piece.model, 17 if width < 100 else 22)
    tail: Line = [(f" {verdict} ", "strong" if is_chosen else ink)]
    if is_chosen:
        return spread([(">", "accent bold"), (f"{letter}  {name} {model} {place}", "strong")], tail, width)
    left: Line = [(f" {letter}  ", "accent bold"), (f"{name} ", "muted"), (f"{model} ", "text"), (place, "text")]
    return spread(left, tail, width)


def _verdict(piece: Piece) -> tuple[str, str]:
    if piece.repeats > 1:
        return _("R {code} {count} in 30 days").format(code=plain(piece.fault_code, 20), count=piece.repeats), "due"
    if piece.open_number:
        return _("open {number}").format(number=piece.open_number), "muted"
    if piece.is_covered is None:
        return "", "muted"
    return (_("+ covered"), "good") if piece.is_covered else (_("not covered"), "due")


def promise_words(promise: PromiseAt, now: Instant, zone: str) -> Line:
    """When the ticket would be due, clock by clock."""
    line: Line = []
    for clock in promise.clocks:
        if clock.state == NONE or clock.due_at is None or clock.target is None:
            continue
        due = _due(clock.due_at, now, zone)
        told = _("{clock} {due} in {time}").format(
            clock=_(CLOCK_WORDS[clock.kind]), due=due, time=duration(clock.target)
        )
        line += [(("   " if line else "") + told, "text")]
    return line or [(_("nothing is promised"), "muted")]


def _due(at: Instant, now: Instant, zone: str) -> str:
    then, today = local(at, zone), local(now, zone)
    if then.date() == today.date():
        return clock_time(at, zone)
    if at - now < 6 * 86_400:
        return f"{_(DAYS[then.weekday()])} {then:%H:%M}"
    return f"{then:%d.%m. %H:%M}"


def _around(things: Sequence[Thing], at: int, rows: int) -> list[tuple[int, Thing]]:
    """As many things as there are rows, with their places: from the first one, or so that the one `at` is seen."""
    first = max(0, min(at - rows + 1, len(things) - rows)) if at >= rows else 0
    return list(enumerate(things))[first : first + rows]
