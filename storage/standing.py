"""The derived values of a ticket's row: which lamp it shows and where it stands in the queue.

They can be computed again at any time from the ticket, its timeline and its contract; nothing else may write them.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from functools import partial
from typing import Any

from core.clock_state import MET, NONE, PAUSED, RUNNING
from core.policy import KINDS
from core.sla import Clock, Standing, every_clock, standing
from core.stages import CLOSED, WAITING
from core.text import fold
from core.ticket import Ticket
from core.warning_levels import warnings
from storage.clock_events import CLOCK_ENTRIES, clock_events
from storage.terms import NO_TERMS, Terms, policy_at, terms_of

NO_CLOCKS = tuple(Clock(kind, NONE) for kind in KINDS)

RANK_RUNNING, RANK_PAUSED, RANK_MET, RANK_NONE, RANK_CLOSED, RANK_ARCHIVED = range(6)

COMPANY_NAME = "SELECT name FROM company WHERE id = ?"


def derived_now(connection: sqlite3.Connection, ticket: Ticket, company_name: str | None = None) -> dict[str, Any]:
    """The derived columns of `ticket` as its timeline, terms and company stand in the file."""
    if company_name is None:
        found = connection.execute(COMPANY_NAME, (ticket.company,)).fetchone()
        company_name = found[0] if found else ""
    every, terms = ticket_clocks(connection, ticket)
    return derived_columns(ticket, every, company_name, terms)


def derived_columns(
    ticket: Ticket, every: Sequence[Clock], company_name: str, terms: Terms = NO_TERMS
) -> dict[str, Any]:
    """The derived columns of `ticket` whose clocks under `terms` are `every`."""
    stands = standing(every)
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
    promised = any(clock.state != NONE for clock in every)
    return {
        "queue_rank": rank,
        "queue_key": key,
        "sla_clock": stands.clock,
        "sla_state": stands.state if promised else NONE,
        "sla_missed": int(stands.missed),
        "company_sort": fold(company_name)[:80],
        "sla_warnings": _warnings(stands, every, terms),
    }


def ticket_clocks(connection: sqlite3.Connection, ticket: Ticket) -> tuple[tuple[Clock, ...], Terms]:
    """First response, update and resolution of `ticket`, as far as they were promised, and its terms."""
    terms = terms_of(connection, ticket)
    if terms.policy is None or terms.hours is None:
        return NO_CLOCKS, terms
    rows = connection.execute(CLOCK_ENTRIES, (ticket.id,)).fetchall()
    events = clock_events(ticket, rows, partial(policy_at, connection))
    return every_clock(events, ticket.priority, terms.policy, terms.hours), terms


def _warnings(stands: Standing, every: Sequence[Clock], terms: Terms) -> str:
    """The instants at which the speaking clock warns, in order."""
    if stands.state != RUNNING or terms.policy is None or terms.hours is None or not terms.policy.warnings:
        return ""
    clock = next(clock for clock in every if clock.kind == stands.clock)
    told = (warned.at for warned in warnings(clock, terms.policy, terms.hours))
    return " ".join(str(at) for at in sorted(at for at in told if at is not None))
