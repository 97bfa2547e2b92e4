"""What was promised for a ticket: the policy version it is pinned to, and the calendar of each of its contracts, in all
its versions, with the closing days of the ticket's site laid over it."""

from __future__ import annotations

import json
import sqlite3
from functools import lru_cache
from typing import NamedTuple

from core.calendar import Calendar, CalendarVersions
from core.calendar_document import ClosingDays, read_closing_days
from core.clock import Instant
from core.clock_runs import Hours
from core.documents import FIRST_NUMBER
from core.ids import EntityId
from core.retargetings import that_hold
from core.sla import Policy
from core.ticket import Ticket
from storage.clock_events import retargeting
from storage.documents import later_versions

CONTRACT_TERMS = (
    "SELECT v.policy, p.body, v.calendar, c.body FROM contract_version v JOIN policy p ON p.id = v.policy"
    " JOIN calendar c ON c.id = v.calendar WHERE v.id = ?"
)
TERMS_OF_TICKET = (
    "SELECT v.policy, p.body, v.calendar, c.body,"
    " EXISTS (SELECT 1 FROM operation o WHERE o.id = ?1 AND o.kind = 'ticket.retargeted')"
    " OR EXISTS (SELECT 1 FROM base_document b WHERE b.id = ?1 AND b.was_retargeted = 1)"
    " FROM contract_version v JOIN policy p ON p.id = v.policy JOIN calendar c ON c.id = v.calendar WHERE v.id = ?2"
)
"""Whether it was ever retargeted is asked of the log: a ticket's acts are few where its timeline may be long."""
VERSIONS = (
    "SELECT document, valid_from, body FROM document_version WHERE document IN (?, ?) AND archived = 0"
    " ORDER BY document, valid_from, number, id"
)
RETARGETINGS = (
    "SELECT id, at, data FROM entry WHERE ticket = ? AND code = 'ticket.retargeted' AND hidden = 0 ORDER BY at, id"
)
CALENDAR_OF = (
    "SELECT c.id, c.name, c.body FROM contract_version v JOIN policy p ON p.id = v.policy"
    " JOIN calendar c ON c.id = v.calendar WHERE v.id = ?"
)
CLOSING_DAYS = "SELECT closing_days FROM site WHERE id = ?"
PINNED_AT = (
    "SELECT data FROM entry WHERE ticket = ? AND code = 'ticket.retargeted' AND hidden = 0"
    " ORDER BY at DESC, id DESC LIMIT 1"
)

Changes = tuple[tuple[int, str], ...]
"""Later versions of a document as `(valid_from, body)`, in the order in which they come into force."""


class Terms(NamedTuple):
    """Policy and open time of a ticket; both None where nothing was promised."""

    policy: Policy | None = None
    hours: Hours | None = None


NO_TERMS = Terms()


class CalendarPart(NamedTuple):
    """A version of a calendar by name and number, and from when on it counts for a ticket (None: from ever)."""

    since: Instant | None
    name: str
    number: int
    body: str


def terms_of(connection: sqlite3.Connection, ticket: Ticket) -> Terms:
    """What holds for `ticket`, from the rows of its contract version, documents and site."""
    found = connection.execute(TERMS_OF_TICKET, (ticket.id, ticket.contract_version)).fetchone()
    if found is None:
        return NO_TERMS
    policy, policy_body, calendar, calendar_body, was_retargeted = found
    changes: dict[bytes, list[tuple[int, str]]] = {}
    for document, valid_from, body in connection.execute(VERSIONS, (policy, calendar)):
        changes.setdefault(document, []).append((valid_from, body))
    if policy in changes:
        pinned_at = terms_pinned_at(connection, ticket) if was_retargeted else ticket.opened_at
        policy_body = [policy_body, *(body for since, body in changes[policy] if since <= pinned_at)][-1]
    later = tuple(changes.get(calendar, ()))
    if was_retargeted:
        first, *others = calendar_parts(connection, ticket)
        calendar_body, later = first.body, tuple((part.since or 0, part.body) for part in others)
    return Terms(_policy(policy_body), hours_of(calendar_body, later, _closing_days_text(connection, ticket.site)))


def calendar_parts(connection: sqlite3.Connection, ticket: Ticket) -> list[CalendarPart]:
    """The versions of calendars that count for `ticket`, in order: of each contract's calendar for its own time.

    Time without a contract counts by the calendar of before it, or, at the beginning, of after it.
    """
    parts: list[CalendarPart] = []
    stretches = _calendars_in_turn(connection, ticket)
    for place, (since, calendar, name, body) in enumerate(stretches):
        until = stretches[place + 1][0] if place + 1 < len(stretches) else None
        begun = CalendarPart(since, name, FIRST_NUMBER, body)
        later: list[CalendarPart] = []
        for number, valid_from, text, _note in later_versions(connection, calendar):
            assert valid_from is not None
            if since is not None and valid_from <= since:
                begun = CalendarPart(since, name, number, text)
            elif until is None or valid_from < until:
                later.append(CalendarPart(Instant(valid_from), name, number, text))
        parts += [begun, *later]
    return parts


def _calendars_in_turn(connection: sqlite3.Connection, ticket: Ticket) -> list[tuple[Instant | None, bytes, str, str]]:
    """Each calendar of the ticket's contracts with the instant from which it counts: its id, name and first text."""
    told = [retargeting(*row) for row in connection.execute(RETARGETINGS, (ticket.id,))]
    held = that_hold(told, ticket.opened_at)
    since: list[Instant | None] = [None, *(one.at for one in held)]
    contracts = [*(one.was for one in held), ticket.contract_version]
    found: list[tuple[Instant | None, bytes, str, str]] = []
    for begins, contract_version in zip(since, contracts, strict=True):
        calendar = connection.execute(CALENDAR_OF, (contract_version,)).fetchone()
        if calendar is None:
            continue
        if found and found[-1][0] == begins:
            # Two at one time: the former was in force for no time.
            found.pop()
        if not found or found[-1][1] != calendar[0]:
            found.append((begins if found else None, *calendar))
    return found


def terms_pinned_at(connection: sqlite3.Connection, ticket: Ticket) -> Instant:
    """The instant whose policy version holds: the ticket's opening, or what its last retargeting says."""
    found = connection.execute(PINNED_AT, (ticket.id,)).fetchone()
    return ticket.opened_at if found is None else Instant(json.loads(found[0])["pinned_at"])


def _closing_days_text(connection: sqlite3.Connection, site: EntityId | None) -> str:
    if site is None:
        return ""
    found = connection.execute(CLOSING_DAYS, (site,)).fetchone()
    return found[0] if found else ""


def policy_at(connection: sqlite3.Connection, contract_version: bytes | None, pinned_at: Instant) -> Policy | None:
    """The policy of a contract version, in its own version in force at an instant."""
    found = connection.execute(CONTRACT_TERMS, (contract_version,)).fetchone()
    if found is None:
        return None
    policy, body, _calendar, _body = found
    return _policy([body, *(one.body for one in later_versions(connection, policy) if one.begins_by(pinned_at))][-1])


@lru_cache(maxsize=512)
def _policy(body: str) -> Policy:
    return Policy.from_document(json.loads(body))


@lru_cache(maxsize=512)
def hours_of(body: str, changes: Changes = (), closing_days: str = "") -> Hours:
    """A calendar's open time from its texts; kept, because a calendar lays out its hours only once.

    `body` is in force from ever until the first of `changes`; `closing_days` is a site's column.
    """
    closing = closing_days_in(closing_days)
    first = _laid_over(body, closing)
    if not changes:
        return first
    return CalendarVersions(first, tuple((Instant(since), _laid_over(text, closing)) for since, text in changes))


def _laid_over(body: str, closing: ClosingDays) -> Calendar:
    calendar = Calendar.from_document(json.loads(body))
    return calendar.with_closing_days(*closing) if any(closing) else calendar


def closing_days_in(text: str) -> ClosingDays:
    """The days in a site's column; a text that is no JSON closes nothing."""
    try:
        return read_closing_days(json.loads(text or "[]"))
    except (ValueError, RecursionError):
        return read_closing_days(())
