"""The page on which conflicts are settled, as lines: the list, the sides of one of them in three columns, the keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from core.clock import Instant
from core.clock_state import PAUSED, RUNNING
from core.conflicts import Side
from core.ids import EntityId
from core.queue import DUE_SOON_SECONDS
from core.record_fields import DESK_ENTITIES
from core.text import plain
from tui.presenters.cells import Line, cut, cut_line, fit, line_width, spread, width_of, wrap
from tui.presenters.lamps import INKS, lamp_cells, row_lamp
from tui.presenters.ledger_words import day_time
from tui.presenters.review_words import (
    between_words,
    choices,
    did_words,
    field_word,
    heads,
    record_word,
    rule_words,
    value_lines,
    who,
)
from tui.presenters.times import date_time
from tui.words import _, ngettext

if TYPE_CHECKING:
    from core.review_shown import BesideShown, ConflictLine, ReviewShown

KEEP, TAKE = "b", "m"
"""The keys that settle; the actions bind them."""

STACKED = 60
"""Below so many cells the sides stand one below the other."""
BETWEEN = 100
"""From so many cells on the list tells who met whom."""
LOWEST_WITH_BLANKS = 30
"""Rows of a terminal from which blank rows part what belongs together."""
VALUE_LINES = 40


class Looking(NamedTuple):
    """Who looks, when and where: whose `you` it is, and how times are told."""

    me: EntityId | None
    now: Instant
    zone: str


def rows_shown(height: int, count: int) -> int:
    """How many conflicts the list shows on a page of `height` rows; the rest is for the sides."""
    return min(count, max(3, height // 4))


def head_lines(
    page: ReviewShown, cursor: int, top: int, rows: int, width: int, look: Looking
) -> list[tuple[Line, str]]:
    """The title and the list, each line with its ground."""
    count = page.in_all
    told = ngettext("{count} to look at, nothing is lost", "{count} to look at, nothing is lost", count)
    title: Line = [(f" {_('CONFLICTS')}", "accent bold"), (f"  {_('sync review')}", "text")]
    fact = told.format(count=count) + " "
    if line_width(title) + width_of(fact) + 2 > width:
        fact = f"{count} "
    lines = [(spread(title, [(fact, "muted")], width), "raised")]
    if not page.lines:
        return lines
    columns = _Columns.for_width(width)
    lines.append((cut_line([(columns.head(), "muted")], width), "panel"))
    for place in range(top, min(top + rows, len(page.lines))):
        is_cursor = place == cursor
        line = _row(page.lines[place], page, columns, look, is_cursor=is_cursor)
        lines.append((cut_line(line, width), "select" if is_cursor else "panel"))
    if rows < len(page.lines):
        told = _("{place} of {count}").format(place=cursor + 1, count=len(page.lines))
        if count > len(page.lines):
            told += " " + _("({count} in all)").format(count=count)
        lines.append(([(fit(told + " ", width, right=True), "muted")], "panel"))
    return [*lines, (_of_one(page.lines[cursor], width)[0], "raised")]


class _Columns(NamedTuple):
    """Cells of the list's columns; what holds takes the slack, or who met whom where there is room for it."""

    company: int
    field: int
    applied: int
    between: int
    width: int

    @staticmethod
    def for_width(width: int) -> _Columns:
        company = 18 if width >= 160 else 16 if width >= 72 else 10
        field = 16 if width >= BETWEEN else 11
        room = width - 11 - 9 - company - 1 - field - 1
        if width < BETWEEN:
            return _Columns(company, field, max(4, room - 1), 0, width)
        applied = max(24, room // 3)
        return _Columns(company, field, applied, max(0, room - applied - 2), width)

    def head(self) -> str:
        """Their names."""
        return self._text(fit(_("SLA"), 8, right=True), _("Ticket"), _("Company"), _("Field"), _("Holds"), _("Between"))

    def _text(self, lamp: str, ticket: str, company: str, field: str, applied: str, between: str) -> str:
        return f" {lamp}  {self.after_lamp(ticket, company, field, applied, between)}"

    def after_lamp(self, ticket: str, company: str, field: str, applied: str, between: str) -> str:
        told = f"{fit(ticket, 8)} {fit(company, self.company)} {fit(field, self.field)} {fit(applied, self.applied)}"
        return f"{told} {fit(between, self.between)}" if self.between else told


def _row(line: ConflictLine, page: ReviewShown, columns: _Columns, look: Looking, *, is_cursor: bool) -> Line:
    conflict = line.conflict
    shown = row_lamp(line.row, look.now) if line.row is not None else None
    cells = lamp_cells(shown) if shown is not None else " " * 8
    ink = INKS[shown.level] if shown is not None else "text"
    value = value_lines(line, conflict.applied.value, page.names, look.now, look.zone)[0]
    holds = f"{value} ({_whose(line, page, look)})"
    between = between_words(conflict, look.me, page.names, look.now, look.zone)
    name = line.company or line.name if line.row is not None else line.name
    rest = columns.after_lamp(record_word(line), name, field_word(conflict), holds, between)
    if is_cursor:
        return [(">", "accent bold"), (cells, ink if ink == "tile" else "strong bold"), (f"  {rest}", "strong")]
    return [(" ", "text"), (cells, ink), (f"  {rest}", "text")]


def _whose(line: ConflictLine, page: ReviewShown, look: Looking) -> str:
    told = heads(line.conflict, look.me, page.names)
    head = told.first if told.applied_is_first else told.second
    is_word = line.conflict.applied.author == look.me or line.conflict.other.author == look.me
    return head.lower() if is_word else head


def _of_one(line: ConflictLine, width: int) -> tuple[Line, bool]:
    """The heading of the sides: which field of what and, where there is room (the second answer), why one holds."""
    told = " ".join((record_word(line), field_word(line.conflict)))
    if line.row is None:
        told = " ".join((record_word(line), plain(line.name, 200), field_word(line.conflict)))
    rule = rule_words(line.conflict)
    has_room = width_of(told) + width_of(rule) + 4 <= width
    return spread([(f" {told}", "muted bold")], [(rule + " ", "muted")] if has_room else [], width), has_room


def body_lines(
    line: ConflictLine, page: ReviewShown, beside: BesideShown | None, width: int, height: int, look: Looking
) -> list[Line]:
    """The sides of one conflict, what the keys do, and what was merged without a question."""
    blank: list[Line] = [[]] if height >= LOWEST_WITH_BLANKS else []
    lines = _about(line, width)
    if not _of_one(line, width)[1]:
        lines.append([(f" {cut(rule_words(line.conflict), width - 2)}", "muted")])
    lines += [*blank, *_sides(line, page, beside, width, look), []]
    lines += [*_keys(line, page, width, look), *blank]
    if beside is not None:
        lines += _restated(beside, width, look)
        lines += _merged(beside, width, look)
    return [cut_line(one, width) for one in lines]


def _about(line: ConflictLine, width: int) -> list[Line]:
    if line.row is not None:
        return [
            spread(
                [(f" {plain(line.row.subject, 400)}", "strong bold")], [(f"{plain(line.company, 60)} ", "text")], width
            )
        ]
    return [[(f" {plain(line.name, 200)}", "strong bold"), (f"  {plain(line.company, 100)}", "text")]]


def _sides(line: ConflictLine, page: ReviewShown, beside: BesideShown | None, width: int, look: Looking) -> list[Line]:
    conflict = line.conflict
    told = heads(conflict, look.me, page.names)
    first, second = (conflict.applied, conflict.other) if told.applied_is_first else (conflict.other, conflict.applied)
    step = (width - 4) // 3 if width >= STACKED else width - 4
    room = step - 2
    columns = [_before(line, page, beside, room, look)]
    for head, side in ((told.first, first), (told.second, second)):
        is_applied = side is conflict.applied
        columns.append(_side(line, side, head, page, beside, room, look, is_applied=is_applied))
    if width < STACKED:
        return [[("  ", "text"), *one] for column in columns for one in [*column, []]][:-1]
    lines: list[Line] = []
    for place in range(max(len(column) for column in columns)):
        shown: Line = [("  ", "text")]
        for column in columns:
            cells = column[place] if place < len(column) else []
            shown += [*cells, (" " * (step - line_width(cells)), "text")]
        lines.append(shown)
    return lines


def _before(line: ConflictLine, page: ReviewShown, beside: BesideShown | None, room: int, look: Looking) -> list[Line]:
    value = line.conflict.before
    told = value_lines(line, value, page.names, look.now, look.zone)
    lines: list[Line] = [[(cut(_("BEFORE"), room), "muted bold")]]
    lines += [[(part, "text")] for one in told for part in wrap(one, room, VALUE_LINES)]
    return lines + _deadline(value, beside, room, look)


def _side(
    line: ConflictLine,
    side: Side,
    head: str,
    page: ReviewShown,
    beside: BesideShown | None,
    room: int,
    look: Looking,
    *,
    is_applied: bool,
) -> list[Line]:
    mark = f"  {_('applied')}" if is_applied else ""
    title = cut(head, room - width_of(mark)) + mark
    value, *more = value_lines(line, side.value, page.names, look.now, look.zone)
    lines: list[Line] = [[(title, "good bold" if is_applied else "muted bold")]]
    lines += [[(part, "strong bold")] for part in wrap(value, room, VALUE_LINES)]
    lines += [[(part, "text")] for one in more for part in wrap(one, room, VALUE_LINES)]
    by = _("{name}, {time}").format(name=who(side.author, look.me, page.names), time=day_time(side.at, look.zone))
    lines += [[(part, "muted")] for part in wrap(by, room, 3)]
    return lines + _deadline(side.value, beside, room, look)


def _deadline(value: object, beside: BesideShown | None, room: int, look: Looking) -> list[Line]:
    """When the ticket were due with this priority, where that is what differs."""
    promise = beside.deadlines.get(value) if beside is not None and isinstance(value, int) else None
    if promise is None:
        return []
    if promise.state == PAUSED:
        return [[(part, "muted")] for part in wrap(_("no date to resolve it while it waits"), room, 2)]
    if promise.state != RUNNING or promise.due_at is None:
        return []
    told = _("resolve due {at}").format(at=day_time(promise.due_at, look.zone))
    if width_of(told) > room:
        told = _("due {at}").format(at=day_time(promise.due_at, look.zone))
    if promise.breached_by:
        return [[(part, "breach_text")] for part in wrap(_("{due}, breached").format(due=told), room, 2)]
    ink = "due" if promise.due_at - look.now < DUE_SOON_SECONDS else "muted"
    return [[(cut(told, room), ink)]]


def _keys(line: ConflictLine, page: ReviewShown, width: int, look: Looking) -> list[Line]:
    keep, take = choices(line, look.me, page.names, look.now, look.zone)
    rows = [(KEEP, *keep), (TAKE, *take)]
    if line.row is not None:
        rows.append(("Enter", _("open the ticket"), _("any other change of it by you settles it too")))
    elif line.conflict.entity in DESK_ENTITIES:
        rows.append(("Enter", _("open the record"), _("any other change of it by you settles it too")))
    rows.append(("Esc", _("later"), _("it stays in row 1 as CONFLICT")))
    does = min(36, max(22, width // 3)) if width >= STACKED else width - 10
    return [
        [
            (f" {fit(key, 7)}", "accent bold"),
            (fit(told, does), "text"),
            (f" {cut(follows, width - does - 10)}", "muted"),
        ]
        for key, told, follows in rows
    ]


def _restated(beside: BesideShown, width: int, look: Looking) -> list[Line]:
    if not beside.restated:
        return []
    from tui.presenters.ledger_words import CLOCK_WORDS, restated_words

    lines: list[Line] = [[(f" {_('SLA RESTATED')}", "muted bold"), (f"  {_('what was said stays')}", "muted")]]
    for one in beside.restated:
        told = f"{_(CLOCK_WORDS[one.announcement.clock])}: {restated_words(one, look.zone)}"
        lines += [[(f" {part}", "due")] for part in wrap(told, width - 2, 2)]
    return [*lines, []]


def _merged(beside: BesideShown, width: int, look: Looking) -> list[Line]:
    if not beside.merged:
        return []
    told = _("merged without a question")
    hidden = beside.merged_in_all - len(beside.merged)
    if hidden:
        told = _("{told}, {count} more before these").format(told=told, count=hidden)
    lines: list[Line] = [[(f" {_('ALSO CHANGED')}", "muted bold"), (f"  {told}", "muted")]]
    for one in beside.merged:
        did = _("{name}, {time}: {did}").format(
            name=who(one.author, look.me, beside.names),
            time=date_time(one.at, look.now, look.zone),
            did=did_words(one.kind, one.told),
        )
        lines.append([(f"  + {cut(did, width - 5)}", "text")])
    return lines


def empty_lines() -> list[Line]:
    """What stands there where nothing waits to be settled."""
    indent = " " * 10
    return [
        [],
        [(indent + _("Nobody has crossed anybody."), "strong bold")],
        [(indent + _("Whatever was done at the same time was merged without a question."), "text")],
        [],
        [(indent + "Esc", "accent bold"), (" " + _("leads back to the queue"), "muted")],
    ]
