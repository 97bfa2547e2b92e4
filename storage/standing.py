"""The derived values of a ticket's row: which lamp it shows and where it stands in the queue.

They can be computed again at any time from the ticket, its timeline and its contract; nothing else may write them.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from typing import Any

from core.clock import Instant
from core.clock_state import MET, NONE, PAUSED, RUNNING
from core.sla import Clock, ClockEvent, clocks, standing
from core.stages import CLOSED, WAITING
from core.text import fold
from core.ticket import Ticket
from core.timeline import TO_CUSTOMER
from storage.terms import Terms, terms_of

RANK_RUNNING, RANK_PAUSED, RANK_MET, RANK_NONE, RANK_CLOSED, RANK_ARCHIVED = range(6)

CLOCK_ENTRIES = (
    "SELECT at, code, direction, data FROM entry WHERE ticket = ? AND hidden = 0"
    " AND (code = 'ticket.staged' OR (direction = '>' AND kind IN ('message', 'call')"
    " AND delivery NOT IN ('not_sent', 'failed'))) ORDER BY at, id"
)
"""A reply that did not leave the desk answers nobody: until it is sent the clock runs on."""
COMPANY_NAME = "SELECT name FROM company WHERE id = ?"


def clock_events(opened_at: Instant, rows: Iterable[tuple[int, str, str, str]]) -> list[ClockEvent]:
    """The clock events in rows of `CLOCK_ENTRIES`, after the opening."""
    events = [ClockEvent(opened_at, "opened")]
    for at, code, direction, data in rows:
        if code == "ticket.staged":
            events.append(ClockEvent(Instant(at), "stage", int(json.loads(data)["stage_class"])))
        elif direction == TO_CUSTOMER:
            events.append(ClockEvent(Instant(at), "answered"))
    return events


def derived_now(connection: sqlite3.Connection, ticket: Ticket, company_name: str | None = None) -> dict[str, Any]:
    """The derived columns of `ticket` as its timeline, terms and company stand in the file."""
    if company_name is None:
        found = connection.execute(COMPANY_NAME, (ticket.company,)).fetchone()
        company_name = found[0] if found else ""
    events = connection.execute(CLOCK_ENTRIES, (ticket.id,)).fetchall()
    return derived_columns(ticket, ticket_clocks(ticket, events, terms_of(connection, ticket)), company_name)


def derived_columns(ticket: Ticket, both: tuple[Clock, Clock], company_name: str) -> dict[str, Any]:
    """The derived columns of `ticket` whose clocks are `both`."""
    stands = standing(both)
    if ticket.archived:
        rank, key = RANK_ARCHIVED, 0
    elif ticket.stage_class == CLOSED:
        # Newest closed first, with every column of the index in one direction.
        rank, key = RANK_CLOSED, -(ticket.closed_at or ticket.changed_at)
    elif stands.state == RUNNING and stands.late_after is not None:
        # Not when it is due: a promise used up at closing is late only once the desk has opened again.
        rank, key = RANK_RUNNING, int(stands.late_after)
    elif stands.state == PAUSED or ticket.stage_class == WAITING:
        rank, key = RANK_PAUSED, stands.seconds_left or 0
    elif stands.state == MET:
        rank, key = RANK_MET, ticket.opened_at
    else:
        rank, key = RANK_NONE, ticket.opened_at
    promised = any(clock.state != NONE for clock in both)
    return {
        "queue_rank": rank,
        "queue_key": key,
        "sla_clock": stands.clock,
        "sla_state": stands.state if promised else NONE,
        "sla_missed": int(stands.missed),
        "company_sort": fold(company_name)[:80],
        "sla_warnings": "",
    }


def ticket_clocks(ticket: Ticket, rows: Iterable[tuple[int, str, str, str]], terms: Terms) -> tuple[Clock, Clock]:
    """First response and resolution of `ticket` from rows of `CLOCK_ENTRIES` under its terms."""
    return clocks(clock_events(ticket.opened_at, rows), ticket.priority, terms.policy, terms.hours)
