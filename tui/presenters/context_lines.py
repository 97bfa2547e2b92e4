"""What to know before speaking, as lines: whom one speaks with, what was tried, who else asked, what was before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.clock import Instant
from core.ids import EntityId
from core.text import plain
from tui.presenters.cells import Line, cut, line_width, spread, wrap
from tui.presenters.names import short_name
from tui.presenters.times import date, date_time, duration, short_time
from tui.words import _, ngettext

if TYPE_CHECKING:
    from core.context import AlsoAsked
    from core.ticket_shown import ContactLine, TicketShown
    from core.timeline import Entry

LABEL_CELLS = 11
NOTE_LINES = 3


def manners(contact: ContactLine | None) -> str:
    """Language and best hours of a contact: `speaks pl, best 8-12`."""
    if contact is None:
        return ""
    told = []
    if contact.language:
        told.append(_("speaks {language}").format(language=plain(contact.language, 20)))
    if contact.best_hours:
        told.append(_("best {hours}").format(hours=plain(contact.best_hours, 60)))
    return ", ".join(told)


def note_lines(contact: ContactLine | None, width: int, *, is_zoomed: bool) -> list[Line]:
    """What colleagues wrote about a contact, to be seen before one speaks with them."""
    if contact is None or not contact.notes.strip():
        return []
    rows = wrap(plain(contact.notes, 600), max(8, width - LABEL_CELLS - 1), NOTE_LINES if is_zoomed else 1)
    kept = rows[: NOTE_LINES if is_zoomed else 1]
    if len(rows) > len(kept):
        kept[-1] = cut(f"{kept[-1]} {rows[len(kept)]}", max(8, width - LABEL_CELLS - 1))
    return [_labelled(_("notes") if place == 0 else "", row, "strong") for place, row in enumerate(kept)]


def tried_lines(page: TicketShown, width: int, now: Instant, zone: str, *, is_zoomed: bool) -> list[Line]:
    """Steps already taken: each on a line of its own, or in short, the last one first."""
    if not page.tried:
        return []
    if not is_zoomed:
        steps = "; ".join(_step(entry, page.names) for entry in reversed(page.tried))
        return [_labelled(_("tried"), cut(f"{len(page.tried)}: {steps}", max(8, width - LABEL_CELLS - 1)), "text")]
    count = len(page.tried)
    told = ngettext("{count} step, oldest first", "{count} steps, oldest first", count).format(count=count)
    lines = [_headed(_("TRIED"), told, width)]
    for entry in page.tried:
        when = f" {short_time(entry.at, now, zone)}  "
        text = plain(entry.text, 2000)
        who = short_name(_who(entry, page.names))
        rows = wrap(text, max(8, width - line_width([(when + who, "")]) - 3), 3)[:3]
        lines.append([(when, "muted"), (f"{who}  ", "muted"), (rows[0] if rows else "", "text")])
        lines += [[(" " * len(f"{when}{who}  "), "muted"), (row, "text")] for row in rows[1:]]
    return lines


def also_lines(page: TicketShown, width: int, now: Instant, zone: str) -> list[Line]:
    """Who else at the company asked about this."""
    if not page.also_asked:
        return []
    told = "; ".join(_asker(asked, page, now, zone) for asked in page.also_asked)
    return [_labelled(_("asked too"), cut(told, max(8, width - LABEL_CELLS - 1)), "due")]


def earlier_lines(page: TicketShown, width: int, now: Instant, zone: str) -> list[Line]:
    """The latest problems before this one."""
    if not page.earlier:
        return []
    about = _("of this equipment") if page.equipment else _("of this company")
    lines = [_headed(_("EARLIER"), about, width)]
    for one in page.earlier:
        outcome, ink = one.done, "muted"
        if one.is_open:
            outcome, ink = _("open"), "text"
        elif one.came_back_after is not None:
            outcome, ink = _("came back after {time}").format(time=duration(one.came_back_after)), "due"
        left: Line = [(f" {date(one.opened_at, zone)} {one.number} ", "muted"), (plain(one.subject, 200), "text")]
        room = max(8, min(40, width // 3))
        lines.append(spread(left, [(cut(plain(outcome, 200), room) + " ", ink)], width))
    return lines


def _asker(asked: AlsoAsked, page: TicketShown, now: Instant, zone: str) -> str:
    name = plain(asked.name, 60) or _("somebody")
    if asked.number == page.row.number:
        return _("{name} on this ticket").format(name=name)
    when = date_time(asked.at, now, zone)
    told = _("{name} {number}, {when}") if asked.is_open else _("{name} {number}, {when}, closed")
    return told.format(name=name, number=asked.number, when=when)


def _step(entry: Entry, names: dict[EntityId, str]) -> str:
    who = short_name(_who(entry, names))
    return f"{plain(entry.text, 120)} ({who})" if who else plain(entry.text, 120)


def _who(entry: Entry, names: dict[EntityId, str]) -> str:
    return names.get(entry.person or entry.contact or EntityId(b""), "")


def _labelled(label: str, text: str, ink: str) -> Line:
    return [(f" {label:<{LABEL_CELLS - 1}}", "muted"), (text, ink)]


def _headed(title: str, told: str, width: int) -> Line:
    return spread([(f" {title}", "muted bold")], [(f"{told} ", "muted")], width)
