"""A company as lines: its years, what keeps coming back, its people, and every ticket as a row."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from core.clock import Instant
from core.pages import QueueRow
from core.text import plain
from tui.presenters.cells import Line, cut, cut_line, fit, line_width
from tui.presenters.lamps import INKS, QUIET, lamp_cells, row_lamp
from tui.presenters.money import money
from tui.presenters.names import short_name
from tui.presenters.times import date, short_time
from tui.words import _, ngettext

if TYPE_CHECKING:
    from core.company_shown import CompanyShown, YearLine
    from core.ticket_shown import ContactLine

BLOCKS = "▁▂▃▄▅▆▇█"
MONTH_LETTERS = "JFMAMJJASOND"
WIDE = 100


def header_facts(page: CompanyShown, width: int) -> tuple[str, str]:
    """Subject and fact of the pane's header."""
    if width < WIDE:
        year = page.years[0] if page.years else None
        counted = _("{open} open, {total} in {year}").format(
            open=page.open_count, total=year.total if year else 0, year=year.year if year else "-"
        )
        return page.name, counted
    sites = ngettext("{count} site", "{count} sites", page.site_count).format(count=page.site_count)
    subject = f"{page.name}  {page.grade or _('no contract')}, {sites}, "
    subject += _("{count} equipment").format(count=page.equipment_count)
    value = money(page.annual_value, page.currency) + _(" a year") if page.annual_value is not None else ""
    until = _("renewal {date}").format(date=date(page.contract_until, "UTC")) if page.contract_until else ""
    return subject, ", ".join(part for part in (value, until) if part)


def head_lines(page: CompanyShown, width: int, height: int, now: Instant, *, has_header: bool = True) -> list[Line]:
    """What stands above the tickets, in at most half of `height`.

    Without a header there are few rows: contract and counts, what keeps coming back, and who may order come first.
    """
    room = max(1, height // 2)
    if not has_header and width < WIDE:
        return _few_lines(page, width, room)
    lines = _wide_head(page, room) if width >= WIDE else _narrow_head(page, width, room)
    return lines[:room]


def _few_lines(page: CompanyShown, width: int, room: int) -> list[Line]:
    until = _("to {date}").format(date=date(page.contract_until, "UTC")) if page.contract_until else ""
    grade = " ".join(part for part in (plain(page.grade, 40).upper() or _("no contract"), until) if part)
    counted = _("{open} open, {total} in all").format(open=page.open_count, total=page.ticket_count)
    first: Line = [(f" {grade}", "strong"), (f"  {counted}", "muted")]
    for year in page.years[:2]:
        drawn: Line = [(f"  {year.year} ", "muted"), (sparkline(year, _scale(page)), "accent")]
        first += drawn if line_width([*first, *drawn]) < width else []
    people = ", ".join(f"{plain(one.name, 40)} ({may_words(one)})" for one in page.contacts)
    last: list[Line] = [[(cut(" " + _("people {people}").format(people=people), width - 1), "text")]] if people else []
    repeats = _repeat_lines(page, width, max(1, room - 1 - len(last)))
    return [cut_line(first, width), *repeats, *last][:room]


def _repeat_lines(page: CompanyShown, width: int, most: int) -> list[Line]:
    lines: list[Line] = []
    for group in page.repeats[: max(0, most)]:
        told = f" R {group.fault_code} {_('{count} times').format(count=len(group.numbers))} {group.equipment}"
        lines.append([(cut(told, width - 1), "due")])
    return lines


def may_words(contact: ContactLine) -> str:
    """What a contact may decide, in two words at most."""
    return _("approves") if contact.may_approve else _("may order") if contact.may_order else _("status only")


def _narrow_head(page: CompanyShown, width: int, room: int) -> list[Line]:
    lines: list[Line] = []
    if page.years:
        years: Line = [(" ", "text")]
        for year in page.years[: 2 if width >= 40 else 1]:
            years += [(f"{year.year} ", "muted"), (sparkline(year, _scale(page)), "accent"), ("  ", "text")]
        lines.append(years)
    lines += _repeat_lines(page, width, room - 4)
    if room >= 8:
        for contact in page.contacts[:3]:
            told = f"{may_words(contact)} {contact.phone}"
            lines.append([(f" {fit(contact.name, 18)} ", "text"), (cut(told, width - 21), "muted")])
    if page.derived_by:
        lines.append([(cut(" " + _("derived: {rule}").format(rule=page.derived_by), width), "muted")])
    return lines


def _wide_head(page: CompanyShown, room: int) -> list[Line]:
    top = max((max(year.months) for year in page.years), default=0)
    told = _("tickets opened per month, full height = {top}, a dot = none").format(top=top)
    lines: list[Line] = [[], [(f" {_('BY YEAR')}", "muted bold"), (f"  {told}", "muted")], []]
    for year in page.years:
        lines += _large_sparkline(year, top)
    if page.years:
        letters = "".join(f"{letter}  " for letter in MONTH_LETTERS)
        lines += [[(" " * 11 + letters, "muted")], []]
    if page.repeats and room > len(lines) + 2:
        lines.append(
            [(f" {_('REPEATS')}", "muted bold"), (f"  {_('same equipment and fault within 30 days')}", "muted")]
        )
        for group in page.repeats[: max(1, room - len(lines) - 2)]:
            times = _("{code} {count} times").format(code=plain(group.fault_code, 20), count=len(group.numbers))
            place = ", ".join(part for part in (group.equipment, group.place) if part)
            tail = _("open now") if group.is_open else _("last {date}").format(date=date(group.last_at, "UTC"))
            lines.append(
                [
                    (f" R {fit(times, 18)} ", "due"),
                    (f"{fit(place, 34)} ", "text"),
                    (fit("  ".join(group.numbers), 40), "muted"),
                    (tail, "strong" if group.is_open else "muted"),
                ]
            )
        lines.append([])
    counted = _("{open} open, {total} in all").format(open=page.open_count, total=page.ticket_count)
    told = _("all people, all sites, newest first")
    lines.append([(f" {_('TICKETS')}", "muted bold"), (f"  {told}, {counted}", "muted")])
    return lines


def _scale(page: CompanyShown) -> int:
    return max((max(year.months) for year in page.years), default=0)


def sparkline(year: YearLine, top: int) -> str:
    """Twelve cells, January first: eighths of the greatest month of all years shown; `.` for none."""
    return "".join("." if count == 0 else BLOCKS[max(1, round(count * 8 / top)) - 1] for count in year.months)


def _large_sparkline(year: YearLine, top: int) -> list[Line]:
    upper, lower = "", ""
    for count in year.months:
        steps = max(1, round(count * 16 / top)) if count and top else 0
        high = BLOCKS[steps - 9] * 2 if steps > 8 else "  "
        low = BLOCKS[min(8, steps) - 1] * 2 if steps else ".."
        upper, lower = f"{upper}{high} ", f"{lower}{low} "
    facts: Line = [
        (f"   {_('{count} tickets').format(count=year.total)}", "text"),
        (f"   {_('{count} late').format(count=year.missed)}", "breach_text" if year.missed else "muted"),
        (f"   {_('{count} repeats').format(count=year.repeats)}", "due" if year.repeats else "muted"),
    ]
    return [[(" " * 11 + upper, "accent")], [(f" {year.year}      ", "muted"), (lower, "accent"), *facts]]


class CompanyColumns(NamedTuple):
    """Widths of a company's ticket row: beside the queue only lamp, ticket and subject; zoomed all of it."""

    width: int

    @property
    def is_wide(self) -> bool:
        """True when who, site and owner have room."""
        return self.width >= WIDE

    @property
    def subject(self) -> int:
        """Cells of the subject, which takes the slack."""
        if self.is_wide:
            return self.width - 78
        return max(4, self.width - (42 if self.has_date else 22))

    @property
    def has_date(self) -> bool:
        """True when the day and the person have room beside lamp, ticket and subject."""
        return self.width >= 70


def columns_head(columns: CompanyColumns) -> Line | None:
    """The row of column names, where there is room for columns."""
    if not columns.is_wide:
        return None
    subject = columns.subject
    told = (
        f" {fit(_('SLA'), 8, right=True)}  {fit(_('P'), 1)} {fit(_('Ticket'), 8)}  {fit(_('Opened'), 6)} "
        f"{fit(_('Who'), 14)} {fit(_('Site, equipment'), 22)} {fit(_('Subject'), subject)}   {fit(_('Owner'), 6)}"
    )
    return [(fit(told, columns.width), "muted")]


def ticket_row(row: QueueRow, columns: CompanyColumns, now: Instant, zone: str, *, is_cursor: bool) -> Line:
    """One ticket of the company."""
    shown = row_lamp(row, now)
    cells = lamp_cells(shown)
    repeat = "R" if row.is_repeat else " "
    if columns.is_wide:
        place = "  ".join(part for part in (row.site_name, row.equipment_name) if part)
        number = f"  {row.priority} {fit(row.number, 8)}  {fit(short_time(row.opened_at, now, zone), 6)} "
        who = f"{fit(row.contact_name, 14)} {fit(place, 22)} "
        texts, tail = (
            f"{fit(row.subject, columns.subject)} ",
            f"{repeat} {fit(short_name(row.owner_name) or '-', 6)} ",
        )
    else:
        number, who = f"  {fit(row.number, 8)} ", ""
        if columns.has_date:
            who = f"{fit(short_time(row.opened_at, now, zone), 6)} {fit(row.contact_name, 12)} "
        texts, tail = fit(row.subject, columns.subject), f" {repeat}"
    lit = INKS[shown.level]
    if is_cursor:
        return [
            (">", "accent bold"),
            (cells, lit if lit == "tile" else "strong bold"),
            (number + who + texts + tail, "strong"),
        ]
    if shown.level in QUIET:
        return [(f" {cells}{number}{who}{texts}{tail}", "faint")]
    return [
        (" ", "text"),
        (cells, lit),
        (number + who, "muted"),
        (texts, "text"),
        (tail, "due" if row.is_repeat else "muted"),
    ]
