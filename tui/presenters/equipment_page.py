"""A piece of equipment as lines: what it is, whether it is covered, how often it fails, its repairs and its family."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.clock import Instant
from core.text import plain
from tui.presenters.cells import Line, cut, cut_line, fit, line_width
from tui.presenters.times import duration, short_time
from tui.presenters.told import fact, facts, month_and_year, said, section
from tui.words import _, ngettext

if TYPE_CHECKING:
    from core.equipment_shown import EquipmentShown, NoEquipment, Relative, Repair

WIDE = 100
DAY_SECONDS = 86_400


def header_facts(page: EquipmentShown) -> tuple[str, str]:
    """Subject and fact of the pane's header."""
    return page.name or page.serial, _model(page)


def equipment_lines(page: EquipmentShown, width: int, now: Instant, zone: str) -> list[Line]:
    """The equipment for a pane of `width` cells: facts, then its tickets newest first, then its parts."""
    lines = [*_facts(page, width, now), *_repeat(page, width)]
    is_wide = width >= WIDE
    if is_wide:
        count = page.history_in_all
        told = ngettext("{count} ticket, newest first", "{count} tickets, newest first", count).format(count=count)
        lines = [[], *lines, [], section(_("HISTORY"), told, width, _("R is the same fault within 30 days"))]
    again = _times_again(page)
    lines += [repair_line(one, page, width, now, zone, is_marked=again > 1 and one.is_same) for one in page.history]
    if page.history_in_all > len(page.history):
        more = page.history_in_all - len(page.history)
        lines.append(
            cut_line([(" " + _("{count} older tickets are not read here").format(count=more), "faint")], width)
        )
    if is_wide and page.parts:
        lines += [[], section(_("PARTS"), "", width), *(_part_line(part, width) for part in page.parts)]
    return lines


def no_equipment_lines(page: NoEquipment, width: int) -> list[Line]:
    """What to do with a ticket that names no equipment."""
    count = page.equipment_count
    told = ngettext("{company} has {count} piece.", "{company} has {count} pieces.", count)
    known = told.format(company=page.company_name or _("The company"), count=count)
    ask = _("Ask for the number on its label, and note it: repeats are found by it.")
    keys = [("i", _("note")), ("3", _("company"))]
    return said(_("No equipment is named on this ticket."), [known, ask] if count else [ask], keys, width)


def _facts(page: EquipmentShown, width: int, now: Instant) -> list[Line]:
    category = page.category.replace("_", " ")
    model = ", ".join(part for part in (_model(page), category) if part)
    place = ", ".join(part for part in (page.site, page.place) if part)
    lines = [fact(_("model"), [(model or "-", "text")], width), fact(_("site"), [(place or "-", "text")], width)]
    if page.serial and page.serial != page.name:
        lines.append(fact(_("serial"), [(page.serial, "text")], width))
    lines.append(fact(_("covered"), _covered(page), width))
    lines.append(fact(_("warranty"), _warranty(page, now), width))
    lines.append(fact(_("fails"), _fails(page), width))
    if page.parent is not None:
        lines.append(fact(_("part of"), [(_relative(page.parent), "text")], width))
    if page.parts:
        names = ", ".join(plain(part.name, 60) for part in page.parts)
        more = page.parts_in_all - len(page.parts)
        if more:
            names += " " + _("and {count} more").format(count=more)
        lines += facts(_("parts"), names, width, 2)
    if page.derived_by:
        lines.append([(cut(" " + _("derived: {rule}").format(rule=plain(page.derived_by, 200)), width), "muted")])
    return lines


def _model(page: EquipmentShown) -> str:
    return " ".join(part for part in (page.maker, page.model) if part)


def _relative(relative: Relative) -> str:
    told = " ".join(part for part in (relative.name, relative.model) if part)
    return f"{told}, {relative.place}" if relative.place else told


def _covered(page: EquipmentShown) -> Line:
    if page.is_covered:
        return [(_("+ yes, {grade}").format(grade=page.grade.upper() or _("by the contract")), "good")]
    if page.is_covered is False:
        return [(_("x no, the contract leaves it out"), "due")]
    return [(_("the contract says nothing of it") if page.grade else _("no contract says so"), "muted")]


def _warranty(page: EquipmentShown, now: Instant) -> Line:
    until = page.warranty_until
    if until is None:
        return [(_("nothing is known"), "muted")]
    day = month_and_year(until, page.zone)
    if until <= now:
        return [(_("over since {month}").format(month=day), "muted")]
    return [(_("+ to {month}").format(month=day), "good")]


def _fails(page: EquipmentShown) -> Line:
    count, mean = page.faults, page.mean_seconds_between
    if not count:
        return [(_("no fault on record"), "muted")]
    told = ngettext("{count} fault", "{count} faults", count).format(count=count)
    if mean is None:
        return [(told, "text")]
    days = round(mean / DAY_SECONDS)
    every = ngettext("every {count} day", "every {count} days", days).format(count=days)
    if not days:
        every = _("every {time}").format(time=duration(mean))
    return [(every, "text"), (", " + told, "muted")]


def _times_again(page: EquipmentShown) -> int:
    return sum(1 for one in page.history if one.is_same)


def _repeat(page: EquipmentShown, width: int) -> list[Line]:
    times = _times_again(page)
    if times < 2:
        return []
    told = _("{code} {count} times in 30 days").format(code=plain(page.fault_code, 40), count=times)
    return [cut_line([(f" {fit(_('REPEAT R'), 9)} ", "due bold"), (told, "due")], width - 1)]


def repair_line(one: Repair, page: EquipmentShown, width: int, now: Instant, zone: str, *, is_marked: bool) -> Line:
    """One ticket of the equipment: when, mark of the same fault, code, what was done or what is wrong, number."""
    is_here = one.ticket == page.ticket
    head: Line = [(f" {fit(short_time(one.opened_at, now, zone), 5)} ", "muted"), ("R " if is_marked else "  ", "due")]
    number = fit(one.number, 9, right=True) + " "
    room = width - line_width([*head, (number, "")]) - 1
    told = _told(one, is_here=is_here, is_wide=width >= WIDE)
    ink = "strong" if is_here else "due" if is_marked else "text"
    return [*head, (fit(told, room) + " ", ink), (number, "strong" if is_here else "muted")]


def _told(one: Repair, *, is_here: bool, is_wide: bool) -> str:
    texts = [one.fault_code, one.subject, one.done] if is_wide else [one.fault_code, one.done or one.subject]
    if one.is_open and not is_here:
        texts.insert(1, _("open"))
    return ", ".join(plain(text, 300) for text in texts if text)


def _part_line(part: Relative, width: int) -> Line:
    return [(cut(" " + _relative(part), width - 1), "text")]
