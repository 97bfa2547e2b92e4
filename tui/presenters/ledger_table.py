"""The table of a ledger: each stretch of time with what it counted, the sum up to then, and why."""

from __future__ import annotations

from core.clock import Instant
from core.ledger import TO_COME, Ledger
from tui.presenters.cells import Line, fit, wrap
from tui.presenters.ledger_folding import Row, rows_of
from tui.presenters.ledger_words import cause_words, day_time, hours
from tui.words import _

BAR_CELLS = 16
WIDE, MIDDLE, NARROW = 120, 100, 64
"""From here on there is room for bars; for how long a stretch was; for its end and its reason in one line."""
WHY_LINES = 4


def table(ledger: Ledger, width: int, zone: str) -> list[Line]:
    """Heads, rows, and the sum that is the clock."""
    lines: list[Line] = [[(_head(width), "muted")]]
    for row in rows_of(ledger.spans, zone):
        lines += _row(row, ledger, width, zone)
    if ledger.coming is not None:
        lines += _row(Row(ledger.coming), ledger, width, zone)
    used, target = ledger.promise.used, ledger.promise.target or 0
    indent = " " * _before_sum(width)
    told = _("= counted of {target}").format(target=hours(target))
    lines.append([(f"{indent}{fit('-----', 8, right=True)}", "faint")])
    lines.append([(f"{indent}{fit(hours(used), 8, right=True)}", "strong bold"), (f"   {told}", "good")])
    return [*lines, []]


def _column(width: int) -> int:
    return 17 if width >= MIDDLE else 16


def _before_sum(width: int) -> int:
    times = 1 if width < NARROW else 2
    return 1 + times * _column(width) + (7 if width >= MIDDLE else 0) + 8


def _head(width: int) -> str:
    column = _column(width)
    head = f" {fit(_('From'), column)}"
    head += fit(_("To"), column) if width >= NARROW else ""
    head += fit(_("Length"), 7, right=True) if width >= MIDDLE else ""
    head += f"{fit(_('Counted'), 8, right=True)}{fit(_('Sum'), 8, right=True)}"
    return head + (f"  {_('Why')}" if width >= NARROW else "")


def _row(row: Row, ledger: Ledger, width: int, zone: str) -> list[Line]:
    span, column = row.span, _column(width)
    is_coming = span.why.cause == TO_COME
    ink = "due" if is_coming else "text" if span.counted else "faint"
    told = f" {_time(span.from_at, zone, column)}"
    told += _time(span.until_at, zone, column) if width >= NARROW else ""
    told += fit(hours(span.seconds), 7, right=True) if width >= MIDDLE else ""
    counted = fit(_counted(row) if span.counted else "-", 8, right=True)
    line: Line = [(told, ink), (counted, f"{ink} bold" if span.counted else ink)]
    line.append((fit(hours(span.total), 8, right=True), ink))
    why = cause_words(span, ledger, row.days)
    if width < NARROW:
        return [line, *([(f"   {part}", ink)] for part in wrap(why, width - 4, WHY_LINES))]
    begins = _before_sum(width) + 8 + 2
    bar = _bar(row, ledger) if width >= WIDE else []
    room = width - begins - 1 - (BAR_CELLS + 2 if bar else 0)
    first, *more = wrap(why, room, WHY_LINES)
    line.append((f"  {fit(first, room)}", ink))
    return [[*line, *bar], *([(f"{' ' * begins}{part}", ink)] for part in more)]


def _time(at: Instant, zone: str, column: int) -> str:
    return fit(day_time(at, zone), column)


def _counted(row: Row) -> str:
    """Minutes of the sums before and after, not of the stretch: what is shown adds up to what is shown."""
    before = row.span.total - row.span.counted
    return hours(row.span.total // 60 * 60 - before // 60 * 60)


def _bar(row: Row, ledger: Ledger) -> Line:
    target = ledger.promise.target
    if not target:
        return []
    span = row.span
    ink = "due" if span.why.cause == TO_COME else "accent" if span.counted else "faint"
    share = span.total / target
    cells = max(0, min(BAR_CELLS, round(share * BAR_CELLS)))
    if 0 < share < 1:
        cells = max(1, min(BAR_CELLS - 1, cells))
    return [("  " + "━" * cells, ink), ("─" * (BAR_CELLS - cells), "faint")]
