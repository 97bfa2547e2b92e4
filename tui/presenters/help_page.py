"""Help as lines: the keys by group, then what lamps and marks say; all of it from the actions themselves."""

from __future__ import annotations

from collections.abc import Iterable

from core.queue import BREACHED, DUE, KEPT, NO_PROMISE, ON_TIME, SOON, WAITS, Lamp
from tui.presenters.cells import Line, fit
from tui.presenters.lamps import INKS, lamp_cells
from tui.words import _, later

LAMPS = (
    (Lamp(BREACHED, -720), later("breached, minus is minutes late; also counted in row 1")),
    (Lamp(DUE, 1080), later("under 30 minutes left")),
    (Lamp(SOON, 4200), later("under 2 hours left, or a warning of the policy is reached")),
    (Lamp(ON_TIME, 16200), later("on time")),
    (Lamp(WAITS), later("clock stands, the ticket says why")),
    (Lamp(KEPT), later("promise kept")),
    (Lamp(NO_PROMISE), later("no promise on this ticket")),
)
MARKS = (
    ("R", later("repeat: same equipment and fault within 30 days")),
    ("&", later("more than one reporter")),
    ("c", later("a call promised on it is due")),
    ("*", later("done here and not sent to the hub yet")),
    ("!", later("a conflict on it waits; R shows both sides")),
    ("x", later("marked; x acts on all of them")),
    ("<", later("said by the customer")),
    (">", later("sent to the customer")),
    ("#", later("internal note, never shown to the customer")),
    ("=", later("done by the system or an act of ours")),
)

KeyRow = tuple[str, str, str]
"""Keys, title, help."""


def help_lines(groups: Iterable[tuple[str, list[KeyRow]]], width: int, *, everything: bool) -> list[Line]:
    """Groups of keys, each action on a line; with `everything` also ids and what has no key."""
    lines: list[Line] = [[]]
    for name, rows in groups:
        lines.append([(f" {name}", "muted bold")])
        for keys, title, told in rows:
            lines.append(
                [
                    (f" {fit(keys, 14)} ", "accent bold"),
                    (f"{fit(title, 22)} ", "text"),
                    (fit(told, max(0, width - 40)), "muted"),
                ]
            )
        lines.append([])
    if not everything:
        lines.append([(f" {_('LAMPS')}", "muted bold"), (f"  {_('what column SLA says')}", "muted")])
        lines += [
            [(" ", "text"), (lamp_cells(lamp), INKS[lamp.level]), (f"   {_(told)}", "text")] for lamp, told in LAMPS
        ]
        lines += [
            [],
            [(f" {_('MARKS')}", "muted bold"), (f"  {_('before the owner, in the timeline, in lists')}", "muted")],
        ]
        lines += [[(f" {mark}", "strong bold"), (f"          {_(told)}", "text")] for mark, told in MARKS]
    return lines
