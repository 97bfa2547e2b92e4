"""The frame around the panes: row 1 with its counts, pane headers, the tab strip, the prompt and the hints."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from core.pages import Counts, OwedCounts
from core.queue import AGE, ALL_OPEN, COMPANY, EVERYTHING, MINE, MINE_AND_FREE, TEAM, URGENCY, View
from core.text import plain
from tui.presenters.cells import Line, cut, fit, line_width, spread
from tui.words import _, later, ngettext

SAVED, REFUSED, FAILED, READING, SAYS = "saved", "refused", "failed", "reading", "says"
SEVERITY = {
    SAVED: (later("+ SAVED"), "good bold"),
    REFUSED: (later("x REFUSED"), "breach_text bold"),
    FAILED: (later("x FAILED"), "breach_text bold"),
    READING: (later("... READING"), "muted bold"),
    SAYS: ("", "text"),
}
SCOPE_WORDS = {
    MINE_AND_FREE: later("my+unassigned"),
    MINE: later("mine"),
    TEAM: later("my team"),
    ALL_OPEN: later("all open"),
    EVERYTHING: later("all, also closed"),
}
SORT_WORDS = {URGENCY: "", AGE: later("by age"), COMPANY: later("by company")}
SHORTEST_NAME = 3
"""Cells that the name of the view keeps in the narrowest row 1."""


class Status(NamedTuple):
    """What row 1 tells."""

    view: View
    counts: Counts | None
    clock: str
    has_focus: bool = True
    newer: int = 0
    marked: int = 0
    is_demo: bool = False
    person: str = ""
    owed: OwedCounts = OwedCounts(0, 0)
    calls: int = 0
    """Calls that were taken or rang and are not saved."""
    sync: tuple[Line, ...] = ()
    """How the desk stands beside its hub, the longest words first; nothing on a desk that has joined none."""


def status_line(status: Status, width: int) -> Line:
    """Row 1: counts and clock are never cut; the name of the view is."""
    title = (" 1 " + (_("QUEUE") + " " if width >= 100 else ""), "accent bold" if status.has_focus else "muted")
    lit: Line = []
    counts = status.counts
    if counts is not None:
        lit.append((f" {counts.total}{'+' if counts.is_at_least else ''}  ", "text"))
        if counts.breached:
            lit += [(" " + _("{count} BREACHED").format(count=counts.breached) + " ", "tile"), ("  ", "text")]
        if counts.due:
            lit.append((_("{count} due <30m").format(count=counts.due), "due bold"))
        if not counts.breached and not counts.due:
            lit.append((_("no lamp lit"), "good"))
    if status.calls:
        told = ngettext("{count} call waits", "{count} calls wait", status.calls).format(count=status.calls)
        lit.append((f"  {told}", "due bold"))
    right = _right_of_status(status, width, line_width([title, *lit]))
    if status.newer:
        lit.append(("  " + _("{count} newer").format(count=status.newer), "muted"))
    if status.marked:
        lit.append(("  " + _("{count} marked").format(count=status.marked), "strong"))
    room = width - line_width([title, *lit, *right])
    name = cut(view_name(status.view), max(SHORTEST_NAME, room - 1))
    return spread([title, (name, "text"), *lit], right, width)


def _right_of_status(status: Status, width: int, taken: int) -> Line:
    """What stands flush right beside the `taken` cells of the counts; what is owed gives way to counts and clock."""
    right: Line = []
    if status.is_demo:
        right.append((_("DEMO") + "  ", "due bold"))
    if width >= 100:
        right.append((plain(status.person, 30) + "  ", "muted"))
    right.append((f"{status.clock} ", "text"))
    for told in status.sync:
        if taken + line_width([*told, *right]) + SHORTEST_NAME < width:
            right = [*told, *right]
            break
    due, failed = status.owed.calls_due, status.owed.failed_mail
    for count, words in ((due, _("{count} to call back")), (failed, _("{count} mail failed"))):
        owed = (words.format(count=count) + "  ", "due bold")
        if count and taken + line_width([owed, *right]) + SHORTEST_NAME < width:
            right.insert(0, owed)
    return right


def view_name(view: View) -> str:
    """The view in words: scope, order when it is not urgency, whether it is turned round, and its filter."""
    parts = [_(SCOPE_WORDS[view.scope])]
    if SORT_WORDS[view.sort]:
        parts.append(_(SORT_WORDS[view.sort]))
    if view.is_reversed:
        parts.append(_("reversed"))
    if view.filter:
        parts.append(f"[{plain(view.filter, 200)}]")
    return " ".join(parts)


def pane_header(number: int, title: str, subject: str, fact: str, width: int, *, has_focus: bool) -> Line:
    """One row on `raised`: number, title in capitals, what it shows, one fact flush right."""
    ink = "accent bold" if has_focus else "muted bold"
    left: Line = [(f" {number} ", ink if has_focus else "muted"), (title, ink), (f"  {plain(subject, 400)}", "text")]
    return spread(left, [(f" {plain(fact, 200)} " if fact else "", "muted")], width)


def tab_strip(tabs: Iterable[tuple[int, str]], shown: int, subject: str, width: int, *, has_focus: bool) -> Line:
    """The panes behind the lower half of a small screen; the shown one is strong."""
    left: Line = []
    for number, name in tabs:
        ink = ("accent bold" if has_focus else "strong bold") if number == shown else "muted"
        left.append((f" {number} {name} ", ink))
        left.append((" ", "muted"))
    return spread(left, [(cut(f" {plain(subject, 300)}", max(0, width - line_width(left))) + " ", "text")], width)


def prompt_line(severity: str, sentence: str, width: int) -> Line:
    """The severity word first, then one sentence."""
    word, ink = SEVERITY[severity]
    head: Line = [(f" {_(word)} ", ink)] if word else [(" ", "text")]
    return [*head, (cut(sentence, width - line_width(head) - 1), "text")]


def hint_line(hints: Iterable[tuple[str, str]], width: int) -> Line:
    """Keys and words; cut at a whole hint, closer together on small screens."""
    gap = "  " if width >= 100 else " "
    line: Line = [(" ", "text")]
    room = width - 1
    for key, word in hints:
        size = line_width([(f"{key} {word}{gap}", "")])
        if size > room:
            break
        line += [(key, "accent bold"), (f" {word}{gap}", "muted")]
        room -= size
    return line


def option_line(title: str, detail: str, key: str, width: int, *, is_cursor: bool) -> Line:
    """A line of a picker: what, its name for the fluent, and the key that does it without the list."""
    tail = f" {fit(key, 8, right=True)} "
    middle = fit(detail, 22) if width >= 60 else ""
    text = fit(title, max(4, width - 2 - line_width([(middle, "")]) - len(tail)))
    if is_cursor:
        return [(">", "accent bold"), (f"{text} {middle}", "strong"), (tail, "accent bold")]
    return [(f" {text} ", "text"), (middle, "muted"), (tail, "accent bold")]
