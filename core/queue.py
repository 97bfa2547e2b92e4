"""The order of the queue and what a lamp says: urgency first, because position itself is information."""

from __future__ import annotations

from typing import NamedTuple

from core.clock import Instant
from core.clock_state import MET, NONE, PAUSED, RUNNING
from core.ids import EntityId

PRIORITIES = (1, 2, 3, 4)

DUE_SOON_SECONDS = 30 * 60
DUE_LATER_SECONDS = 2 * 3600

BREACHED, DUE, SOON, ON_TIME, WAITS, KEPT, NO_PROMISE = (
    "breached",
    "due",
    "soon",
    "on_time",
    "paused",
    "met",
    "none",
)


class Lamp(NamedTuple):
    """What the SLA column shows: a level and the seconds to the deadline (negative when late, frozen when paused)."""

    level: str
    seconds: int | None = None


def lamp(state: int, late_after: Instant | None, seconds_left: int | None, now: Instant, warnings: str = "") -> Lamp:
    """The lamp of a ticket whose speaking clock is in `state`; at `late_after` it is not late yet.

    Once the first of `warnings` (instants parted by blanks) is reached, a ticket is no longer simply on time.
    """
    if state == RUNNING and late_after is not None:
        left = late_after - now
        if left < 0:
            return Lamp(BREACHED, left)
        if left < DUE_SOON_SECONDS:
            return Lamp(DUE, left)
        is_warned = bool(warnings) and int(warnings.partition(" ")[0]) <= now
        return Lamp(SOON if is_warned or left < DUE_LATER_SECONDS else ON_TIME, left)
    return Lamp({PAUSED: WAITS, MET: KEPT, NONE: NO_PROMISE}.get(state, NO_PROMISE), seconds_left)


URGENCY, AGE, COMPANY = "urgency", "age", "company"
SORTS = (URGENCY, AGE, COMPANY)

MINE_AND_FREE, MINE, TEAM, ALL_OPEN, EVERYTHING = "my+unassigned", "mine", "team", "open", "all"
SCOPES = (MINE_AND_FREE, MINE, TEAM, ALL_OPEN, EVERYTHING)


class View(NamedTuple):
    """Which tickets the queue lists and in which order; `person` and `team` are who is at the keys.

    `filter` narrows them (core/query.py), as text, because the first frame of most desks has none to read.
    """

    scope: str = MINE_AND_FREE
    sort: str = URGENCY
    is_reversed: bool = False
    person: EntityId | None = None
    team: EntityId | None = None
    filter: str = ""
