"""What was promised for a ticket: the policy version it is pinned to, and the calendar in all its versions with the
closing days of the ticket's site laid over it."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from core.calendar import Calendar, CalendarVersions
from core.clock import Instant
from core.clock_runs import Hours
from core.ids import EntityId
from core.sla import Policy
from core.ticket import Ticket

CONTRACT_TERMS = (
    "SELECT v.policy, p.body, v.calendar, c.body FROM contract_version v JOIN policy p ON p.id = v.policy"
    " JOIN calendar c ON c.id = v.calendar WHERE v.id = ?"
)
VERSIONS = (
    "SELECT document, valid_from, body FROM document_version WHERE document IN (?, ?) AND archived = 0"
    " ORDER BY document, valid_from, number, id"
)
CLOSING_DAYS = "SELECT closing_days FROM site WHERE id = ?"
PINNED_AT = (
    "SELECT data FROM entry WHERE ticket = ? AND code = 'ticket.retargeted' AND hidden = 0"
    " ORDER BY at DESC, id DESC LIMIT 1"
)

Changes = tuple[tuple[int, str], ...]
"""Later versions of a document as `(valid_from, body)`, in the order in which they come into force."""

LEAP_YEAR = 2024
_MONTH_DAY = re.compile(r"([0-9]{2})-([0-9]{2})")


class ClosingDays(NamedTuple):
    """A site's days without work: dates as ordinals and days of every year, with what they are called."""

    dates: dict[int, str]
    yearly: dict[tuple[int, int], str]


class Terms(NamedTuple):
    """Policy and open time of a ticket; both None where nothing was promised."""

    policy: Policy | None = None
    hours: Hours | None = None


NO_TERMS = Terms()


def terms_of(connection: sqlite3.Connection, ticket: Ticket) -> Terms:
    """What holds for `ticket`, from the rows of its contract version, documents and site."""
    found = connection.execute(CONTRACT_TERMS, (ticket.contract_version,)).fetchone()
    if found is None:
        return NO_TERMS
    policy, policy_body, calendar, calendar_body = found
    changes: dict[bytes, list[tuple[int, str]]] = {}
    for document, valid_from, body in connection.execute(VERSIONS, (policy, calendar)):
        changes.setdefault(document, []).append((valid_from, body))
    if policy in changes:
        pinned_at = terms_pinned_at(connection, ticket)
        policy_body = [policy_body, *(body for since, body in changes[policy] if since <= pinned_at)][-1]
    closing_days = _closing_days_text(connection, ticket.site)
    return Terms(_policy(policy_body), hours_of(calendar_body, tuple(changes.get(calendar, ())), closing_days))


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
    later = connection.execute(VERSIONS, (policy, policy)).fetchall()
    return _policy([body, *(text for _document, since, text in later if since <= pinned_at)][-1])


@lru_cache(maxsize=512)
def _policy(body: str) -> Policy:
    return Policy.from_document(json.loads(body))


@lru_cache(maxsize=512)
def hours_of(body: str, changes: Changes = (), closing_days: str = "") -> Hours:
    """A calendar's open time from its texts; kept, because a calendar lays out its hours only once.

    `body` is in force from ever until the first of `changes`; `closing_days` is a site's column.
    """
    closing = read_closing_days(closing_days)
    first = _laid_over(body, closing)
    if not changes:
        return first
    return CalendarVersions(first, tuple((Instant(since), _laid_over(text, closing)) for since, text in changes))


def _laid_over(body: str, closing: ClosingDays) -> Calendar:
    calendar = Calendar.from_document(json.loads(body))
    return calendar.with_closing_days(*closing) if any(closing) else calendar


def read_closing_days(text: str) -> ClosingDays:
    """The dates (ordinals) and the days of every year in a site's closing days, each with what it is called.

    A list of `"YYYY-MM-DD"`, `"MM-DD"` or `{"date": ..., "name": ...}` as JSON; what is none of these closes nothing,
    because an imported site may say anything here.
    """
    dates: dict[int, str] = {}
    yearly: dict[tuple[int, int], str] = {}
    for told in _listed(text):
        day, name = (told.get("date"), str(told.get("name", ""))) if isinstance(told, dict) else (told, "")
        if not isinstance(day, str):
            continue
        try:
            if found := _MONTH_DAY.fullmatch(day):
                every = date(LEAP_YEAR, int(found[1]), int(found[2]))
                yearly[every.month, every.day] = name
            else:
                dates[date.fromisoformat(day).toordinal()] = name
        except ValueError:
            continue
    return ClosingDays(dates, yearly)


def _listed(text: str) -> Iterable[object]:
    if not text:
        return ()
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return ()
    return found if isinstance(found, list) else ()
