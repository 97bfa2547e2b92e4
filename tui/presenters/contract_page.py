"""A contract as lines: clocks with what is left, units, coverage in words, and whether it is paid."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.clock import Instant
from core.clock_state import MET, NONE, PAUSED, RUNNING
from core.coverage import HOUR, MONTH
from core.policy import FIRST_RESPONSE, RESOLUTION, UPDATE
from core.queue import BREACHED, DUE, SOON, lamp
from core.text import plain
from tui.presenters.bars import bar
from tui.presenters.cells import Line, cut, cut_line, fit, line_width, spread
from tui.presenters.lamps import clock_words
from tui.presenters.money import money
from tui.presenters.times import date, date_time, duration, local
from tui.presenters.told import VALUE_AT, fact, facts, said, section
from tui.words import _, later, ngettext

if TYPE_CHECKING:
    from core.contract_shown import ContractShown, NoContract, UnitsShown
    from core.sla import Clock

WIDE = 100
WIDE_BESIDE_BAR = 74
"""Cells of a wide line that are not its bar."""
CLOCK_WORDS = {FIRST_RESPONSE: later("response"), UPDATE: later("update"), RESOLUTION: later("resolve")}
MONTHS = (
    *(later("Jan"), later("Feb"), later("Mar"), later("Apr"), later("May"), later("Jun")),
    *(later("Jul"), later("Aug"), later("Sep"), later("Oct"), later("Nov"), later("Dec")),
)
BAR_INKS = {BREACHED: "breach_text", DUE: "due", SOON: "soon"}


def header_facts(page: ContractShown, now: Instant) -> tuple[str, str]:
    """Subject and fact of the pane's header."""
    return page.number, " ".join(part for part in (page.grade.upper(), _until(page, now)) if part)


def contract_lines(
    page: ContractShown, width: int, height: int, now: Instant, zone: str, *, has_header: bool = True
) -> list[Line]:
    """The contract for a pane of `width` cells with room for `height` lines; what does not fit is scrolled to.

    Without a header the first line says which contract it is.
    """
    named = [] if has_header else [_named_line(page, width)]
    if width >= WIDE:
        return [*named, *_wide(page, width, now, zone)]
    return [*named, *_narrow(page, width, height - len(named), now, zone)]


def _named_line(page: ContractShown, width: int) -> Line:
    """Number, grade and period."""
    since = date(page.valid_from, page.zone)
    period = _("from {since}").format(since=since)
    if page.valid_until is not None:
        until = date(page.valid_until, page.zone)
        period = _("{since} to {until}").format(since=since, until=until)
    grade = (f"  {plain(page.grade, 40).upper()}", "text")
    return cut_line([(f" {plain(page.number, 40)}", "strong"), grade, (f"  {period}", "muted")], width)


def no_contract_lines(page: NoContract, width: int, now: Instant) -> list[Line]:
    """What to do with a ticket that nothing was promised for."""
    told = []
    if page.last_number and page.last_until is not None and page.last_until <= now:
        ended = _("{number} of {company} ended on {date}.")
        told.append(ended.format(number=page.last_number, company=page.company_name, date=date(page.last_until, "UTC")))
    elif page.last_number:
        told.append(
            _("{number} of {company} does not hold for it.").format(number=page.last_number, company=page.company_name)
        )
    who = page.manager or _("the account manager")
    told.append(_("Ask {name} before billable work, and note the answer.").format(name=who))
    return said(_("No contract on this ticket: no clock runs."), told, [("i", _("note")), ("3", _("company"))], width)


def _narrow(page: ContractShown, width: int, height: int, now: Instant, zone: str) -> list[Line]:
    rows: list[tuple[Line, Line]] = [
        (_clock_row(page, at, width, now, zone), _clock_bar(page, at, width - 2, now))
        for at in _clocks_shown(page, height)
    ]
    if not rows:
        rows.append(([(cut(" " + _(". no promise on this ticket"), width), "muted")], []))
    if page.units is not None:
        rows.append((_units_row(page.units, width, page.zone), _units_bar(page.units, width - 2)))
    tail = [*_money_lines(page, width, now), *_why(page, width)]
    room = height - len(rows) - len(tail) - 2
    lines: list[Line] = []
    spare = max(0, room)
    for row, row_bar in rows:
        lines.append(row)
        if row_bar and spare:
            lines.append([(" ", "text"), *row_bar])
            spare -= 1
    covers = facts(_("covers"), _words(page.coverage), width, 1 + spare)
    spare = max(0, spare - len(covers) + 1)
    leaves = facts(_("not"), _words(page.exclusions), width, 1 + spare)
    return [*lines, *covers, *leaves, *tail]


def _clocks_shown(page: ContractShown, height: int) -> list[int]:
    """Places of the clocks that are promised; in a small pane the answer that is awaited goes before the first one."""
    promised = [at for at, clock in enumerate(page.clocks) if clock.state != NONE]
    update = next((at for at in promised if page.clocks[at].kind == UPDATE), None)
    if update is None or height > 12:
        return promised
    awaited = page.clocks[update].state == RUNNING
    return [at for at in promised if page.clocks[at].kind != (FIRST_RESPONSE if awaited else UPDATE)]


def _clock_row(page: ContractShown, at: int, width: int, now: Instant, zone: str) -> Line:
    clock = page.clocks[at]
    words = clock_words(clock, now, zone)
    label = (f" {fit(_(CLOCK_WORDS.get(clock.kind, '')), 8)} ", "muted")
    target = (_promised(clock), "text")
    left = [label, target] if line_width([label, target, *words]) < width - 1 else [label]
    return cut_line(spread(left, [*words, (" ", "text")], width), width)


def _promised(clock: Clock) -> str:
    if clock.target is None:
        return ""
    hours = clock.target // 3600
    return f"{hours}h" if clock.target % 3600 == 0 and hours < 1000 else duration(clock.target)


def _clock_bar(page: ContractShown, at: int, width: int, now: Instant) -> Line:
    clock = page.clocks[at]
    if not clock.target:
        return []
    ink = "accent"
    if clock.is_breached(now):
        ink = "breach_text"
    elif clock.state == RUNNING and clock.late_after is not None:
        ink = BAR_INKS.get(lamp(RUNNING, clock.late_after, None, now).level, "accent")
    return bar(page.used[at] / clock.target, width, ink)


def _units_row(units: UnitsShown, width: int, zone: str) -> Line:
    label: Line = [(f" {fit(_unit_word(units), 8)} ", "muted"), (_period(units, zone), "text")]
    left: Line = [*_left(units), (" ", "text")]
    if units.used.untimed:
        untimed = (", " + _("{count} untimed").format(count=units.used.untimed), "muted")
        label += [untimed] if line_width([*label, untimed, *left]) < width else []
    return cut_line(spread(label, left, width), width)


def _left(units: UnitsShown) -> Line:
    left = units.included - units.used.used
    if left < 0:
        over = _("! {count} over {included}").format(count=_number(-left), included=_number(units.included))
        return [(over, "due bold")]
    told = _("{left} of {included} left").format(left=_number(left), included=_number(units.included))
    return [(told, "text" if left else "due")]


def _units_bar(units: UnitsShown, width: int) -> Line:
    if units.included <= 0:
        return []
    share = units.used.used / units.included
    return bar(share, width, "due" if share >= 1 else "accent")


def _untimed(units: UnitsShown, width: int) -> list[Line]:
    count = units.used.untimed
    if not count:
        return []
    told = ngettext("{count} work entry names no time", "{count} work entries name no time", count)
    return [fact("", [(told.format(count=count), "muted")], width)]


def _unit_word(units: UnitsShown) -> str:
    return _("hours") if units.unit == HOUR else plain(units.unit, 40) or _("units")


def _period(units: UnitsShown, zone: str) -> str:
    if units.period == MONTH:
        return _(MONTHS[local(units.since, zone).month - 1])
    return _("whole term")


def _number(amount: float) -> str:
    return f"{round(amount, 1):,g}".replace(",", " ") if amount < 1e6 else f"{amount:.3g}"


def _words(told: tuple[str, ...]) -> str:
    return ", ".join(plain(words, 200).replace("_", " ") for words in told) or "-"


def _until(page: ContractShown, now: Instant) -> str:
    if page.valid_until is None:
        return ""
    day = date(page.valid_until, page.zone)
    return _("ended {date}").format(date=day) if page.valid_until <= now else _("to {date}").format(date=day)


def _money_lines(page: ContractShown, width: int, now: Instant) -> list[Line]:
    paid = _paid(page, now)
    if page.annual_value is not None:
        value = (f"  {plain(money(page.annual_value, page.currency), 60)}{_(' a year')}", "muted")
        paid = [*paid, value] if VALUE_AT + line_width([*paid, value]) < width else paid
    lines = [fact(_("paid"), paid, width)]
    if page.valid_until is not None and page.valid_until <= now:
        lines.append(
            cut_line(
                [
                    (
                        " "
                        + _("! ended {date}: ask before billable work").format(date=date(page.valid_until, page.zone)),
                        "due",
                    )
                ],
                width,
            )
        )
    if page.derived_by:
        lines.append([(cut(" " + _("derived: {rule}").format(rule=plain(page.derived_by, 200)), width), "muted")])
    return lines


def _paid(page: ContractShown, now: Instant) -> Line:
    if page.paid_until is None:
        return [(_("nothing is known"), "muted")]
    day = date(page.paid_until, page.zone)
    if page.paid_until <= now:
        return [(_("x not since {date}").format(date=day), "due")]
    return [(_("yes, to {date}").format(date=day), "good")]


def _why(page: ContractShown, width: int) -> list[Line]:
    if all(clock.state == NONE for clock in page.clocks):
        return []
    return [cut_line([(" d", "accent bold"), (" " + _("why the clocks stand there"), "muted")], width)]


def _wide(page: ContractShown, width: int, now: Instant, zone: str) -> list[Line]:
    lines: list[Line] = [
        [],
        section(_("CLOCKS"), _("d tells why they stand there"), width, _("full bar = the promise used up")),
    ]
    promised = [at for at, clock in enumerate(page.clocks) if clock.state != NONE]
    for at in promised:
        clock = page.clocks[at]
        words = clock_words(clock, now, zone)
        label = _(CLOCK_WORDS.get(clock.kind, ""))
        filled = _clock_bar(page, at, width - WIDE_BESIDE_BAR, now)
        lines += [_wide_row(label, _promised(clock), filled, words, _beside(clock, now, zone), width), []]
    if not promised:
        lines += [[(" " + _(". no promise on this ticket"), "muted")], []]
    if page.units is not None:
        lines += _wide_units(page.units, width, page.zone)
    lines.append(section(_("COVERAGE"), _("in the words of the contract"), width))
    lines += [_clause(words, _("+ covered"), "good", width) for words in page.coverage]
    lines += [_clause(words, _("x not covered"), "due", width) for words in page.exclusions]
    if not page.coverage and not page.exclusions:
        lines.append([(" " + _("the contract names nothing: ask before billable work"), "muted")])
    lines += [[], section(_("MONEY"), "", width), *_money_lines(page, width, now)]
    return lines


def _wide_units(units: UnitsShown, width: int, zone: str) -> list[Line]:
    period = f"{_unit_word(units)}, {_period(units, zone)}"
    filled = _units_bar(units, width - WIDE_BESIDE_BAR)
    until = _("to {date}").format(date=date(Instant(units.until - 1), zone)) if units.until is not None else ""
    return [
        section(_("UNITS"), period, width, _("full bar = all units used, nothing is carried over")),
        _wide_row(_("used"), _number(units.used.used), filled, _left(units), until, width),
        *_untimed(units, width),
        [],
    ]


def _wide_row(label: str, amount: str, filled: Line, words: Line, tail: str, width: int) -> Line:
    cells = max(0, width - WIDE_BESIDE_BAR)
    track: Line = filled or [(" " * cells, "text")]
    left: Line = [(f" {fit(label, 8)} {fit(amount, 7, right=True)}  ", "muted"), *track, ("  ", "text"), *words]
    return cut_line(spread(left, [(f"{tail} ", "muted")], width), width)


def _beside(clock: Clock, now: Instant, zone: str) -> str:
    """What stands flush right where the words of the clock tell no hour."""
    if clock.state == PAUSED:
        return _("no due time while paused")
    if clock.state == MET and clock.ended_at is not None:
        return _("ended {time}").format(time=date_time(clock.ended_at, now, zone))
    return ""


def _clause(words: str, verdict: str, ink: str, width: int) -> Line:
    text = plain(words, 300).replace("_", " ")
    return cut_line([(f" {fit(text, max(20, width // 2))} ", "text"), (verdict, ink)], width)
