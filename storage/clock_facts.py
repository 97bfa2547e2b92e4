"""All that a ticket's clocks are explained from: its events with their authors, its terms with names and versions."""

from __future__ import annotations

import json
import sqlite3
from functools import partial

from core.clock import Instant
from core.clock_facts import ClockFacts, NamedVersion, in_order
from core.clock_runs import Hours
from core.documents import FIRST_NUMBER
from core.policy import Policy
from core.restatements import Announcement
from core.ticket import Ticket
from storage.clock_events import CLOCK_ENTRIES, clock_events
from storage.documents import later_versions
from storage.terms import calendar_parts, hours_of, policy_at, terms_of, terms_pinned_at
from storage.zone_data import zone_data_version

POLICY_OF = "SELECT policy FROM contract_version WHERE id = ?"
NAMES = (
    "SELECT p.id, p.name FROM person p JOIN entry e ON e.person = p.id WHERE e.ticket = :ticket"
    " UNION SELECT k.id, k.name FROM contact k JOIN entry e ON e.contact = k.id WHERE e.ticket = :ticket"
)
ANNOUNCED = "SELECT at, data FROM entry WHERE ticket = ? AND code = 'sla.announced' AND hidden = 0 ORDER BY at, id"


def clock_facts(connection: sqlite3.Connection, ticket: Ticket, now: Instant) -> ClockFacts | None:
    """What the clocks of `ticket` are computed from; None where nothing was promised."""
    terms = terms_of(connection, ticket)
    if terms.policy is None or terms.hours is None:
        return None
    names = dict(connection.execute(NAMES, {"ticket": ticket.id}).fetchall())
    rows = connection.execute(CLOCK_ENTRIES, (ticket.id,)).fetchall()
    events = clock_events(ticket, rows, partial(policy_at, connection), names)
    (policy,) = connection.execute(POLICY_OF, (ticket.contract_version,)).fetchone()
    pinned_at = terms_pinned_at(connection, ticket)
    policy_numbers = [one.number for one in later_versions(connection, policy) if one.begins_by(pinned_at)]
    return ClockFacts(
        in_order(events),
        ticket.priority,
        terms.policy,
        terms.hours,
        now,
        [FIRST_NUMBER, *policy_numbers][-1],
        tuple(NamedVersion(part.name, part.number) for part in calendar_parts(connection, ticket)),
        zone_data_version(),
        _stage_calendars(connection, terms.policy),
    )


def announcements(connection: sqlite3.Connection, ticket: Ticket) -> tuple[Announcement, ...]:
    """What was said of the ticket's clocks when it was closed, in order."""
    found = []
    for at, data in connection.execute(ANNOUNCED, (ticket.id,)):
        for said in json.loads(data)["clocks"]:
            due_at = None if said["due_at"] is None else Instant(said["due_at"])
            found.append(Announcement(said["clock"], Instant(at), said["is_breached"], due_at, said["used"]))
    return tuple(found)


def named_policies(connection: sqlite3.Connection, now: Instant) -> dict[str, Policy]:
    """Every policy of the desk in its version in force, by name: what a supposition may name."""
    found = {}
    for document, name, body in connection.execute("SELECT id, name, body FROM policy WHERE archived = 0"):
        later = [one.body for one in later_versions(connection, document) if one.begins_by(now)]
        found[name] = Policy.from_document(json.loads([body, *later][-1]))
    return found


def _stage_calendars(connection: sqlite3.Connection, policy: Policy) -> dict[str, Hours]:
    found: dict[str, Hours] = {}
    for name in {stage.calendar for stage in policy.stages if stage.calendar}:
        row = connection.execute(
            "SELECT id, body FROM calendar WHERE name = ? AND archived = 0 ORDER BY id LIMIT 1", (name,)
        ).fetchone()
        if row is not None:
            later = later_versions(connection, row[0])
            found[name] = hours_of(row[1], tuple((one.valid_from or 0, one.body) for one in later))
    return found
