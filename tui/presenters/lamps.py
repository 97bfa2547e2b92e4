"""A lamp in eight cells and in words. Glyph, sign and word carry the meaning; the ink is a bonus."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.clock import Instant
from core.clock_state import MET, NEVER, NONE, PAUSED, RUNNING
from core.pages import QueueRow
from core.queue import BREACHED, DUE, KEPT, NO_PROMISE, ON_TIME, SOON, WAITS, Lamp, lamp
from tui.presenters.cells import Line
from tui.presenters.times import clock_time, date_time, duration, lamp_time
from tui.words import _

if TYPE_CHECKING:
    from core.sla import Clock

LATE = "late"
"""A closed ticket whose promise was not kept; not a lamp that burns, a fact."""

GLYPHS = {BREACHED: "!!", DUE: " !", SOON: " ~", ON_TIME: "  ", WAITS: " =", KEPT: " +", NO_PROMISE: " .", LATE: " x"}
INKS = {
    BREACHED: "tile",
    DUE: "due bold",
    SOON: "soon",
    ON_TIME: "text",
    WAITS: "faint",
    KEPT: "faint",
    NO_PROMISE: "faint",
    LATE: "faint",
}
QUIET = (WAITS, KEPT, NO_PROMISE, LATE)
"""Lamps whose whole row is faint."""

_STATE_OF_RANK = {0: RUNNING, 1: PAUSED, 2: MET, 3: NONE}


def row_lamp(row: QueueRow, now: Instant) -> Lamp:
    """The lamp of a row in a list."""
    if row.queue_rank < 4:
        state = _STATE_OF_RANK[row.queue_rank]
        late_after = Instant(row.queue_key) if state == RUNNING else None
        return lamp(state, late_after, row.queue_key if state == PAUSED else None, now, row.warnings)
    if row.sla_state == NONE:
        return Lamp(NO_PROMISE)
    return Lamp(LATE if row.sla_missed else KEPT)


def lamp_cells(shown: Lamp) -> str:
    """Eight cells: two of glyph, six flush right of time or word."""
    if shown.level in (BREACHED, DUE, SOON, ON_TIME) and shown.seconds is not None:
        seconds = shown.seconds
        # Late by less than a minute still shows a minus and a minute that differs from zero.
        told = lamp_time(min(seconds, -60) if seconds < 0 else seconds)
    else:
        told = {WAITS: _("pause"), KEPT: _("met"), LATE: _("late")}.get(shown.level, "-")
    return f"{GLYPHS[shown.level]}{told:>6}"[:8]


def clock_words(clock: Clock, now: Instant, zone: str) -> Line:
    """One clock in words, with the ink of its lamp."""
    if clock.state == NONE:
        return [(_(". no promise on this ticket"), "muted")]
    left = clock.seconds_left or 0
    if clock.state == MET:
        if clock.is_unanswered:
            return [(_("x closed without an answer"), "breach_text" if clock.is_breached(now) else "muted")]
        if clock.is_breached(now):
            return [(_("x late by {time}").format(time=duration(left)), "breach_text")]
        return [(_("+ met with {time} to spare").format(time=duration(left)), "good")]
    if clock.state == PAUSED:
        return [(_("= paused, {time} left").format(time=duration(left)), "muted")]
    assert clock.due_at is not None
    late_after = clock.late_after if clock.late_after is not None else NEVER
    shown = lamp(RUNNING, late_after, left, now)
    if shown.level == BREACHED:
        return [(_("!! BREACHED {time} ago").format(time=duration(now - late_after)), "breach_text bold")]
    due = clock_time(clock.due_at, zone) if clock.due_at - now < 86_400 else date_time(clock.due_at, now, zone)
    glyph = GLYPHS[shown.level].strip()
    told = _("{time} left, due {due}").format(time=lamp_time(max(0, clock.due_at - now)).strip(), due=due)
    return [(f"{glyph} {told}".strip(), INKS[shown.level])]
