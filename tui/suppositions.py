"""What if, as typed: `priority 1`, `answered 15:00`, `waits tomorrow 9:00`, `policy Gold`, `closed 16:00`."""

from __future__ import annotations

import re

from core.clock import Instant
from core.clock_shown import PolicyCalled
from core.errors import DomainError
from core.queue import PRIORITIES
from core.what_if import AnsweredAt, ClosedAt, CustomerWritesAt, PriorityIs, Supposition, WaitsUntil
from tui.presenters.typed_times import parse_time

FORMS = ("priority 1", "policy NAME", "answered", "customer", "waits", "closed 15:00")
PARTY = re.compile(r"(?:for\s+)?(customer|vendor|contractor|part|us)\b\s*")


def read_suppositions(text: str, now: Instant, zone: str) -> tuple[Supposition | PolicyCalled, ...]:
    """What is supposed together, parts parted by commas; a DomainError tells the forms that are known.

    Times are those of `typed_times`, or `now`; without one it is now, but for waits, which may name a party.
    """
    parts = [part.strip() for part in re.split(r"[,;]", text) if part.strip()]
    if not parts:
        raise _unknown(text)
    return tuple(_read(part, now, zone) for part in parts)


def _unknown(text: str) -> DomainError:
    return DomainError("supposition.unknown", text=text, known=list(FORMS))


def _read(part: str, now: Instant, zone: str) -> Supposition | PolicyCalled:
    name, _, value = re.sub(r"\s*[=:]\s*|\s+", " ", part, count=1).partition(" ")
    name, value = name.lower(), value.strip()
    if name in ("policy", "contract") and value:
        return PolicyCalled(value)
    value = value.lower()
    if name in ("priority", "prio", "p") or re.fullmatch(r"p\d", name):
        priority = (value or name).removeprefix("p")
        if priority.isdecimal() and int(priority) in PRIORITIES:
            return PriorityIs(int(priority))
    elif name in ("waits", "wait", "paused"):
        return _wait(part, value, now, zone)
    at = _time(value, now, zone)
    if at is not None and name in ("answered", "answer", "we"):
        return AnsweredAt(at)
    if at is not None and name in ("customer", "asked"):
        return CustomerWritesAt(at)
    if at is not None and name in ("closed", "close", "resolved"):
        return ClosedAt(at)
    raise _unknown(part)


def _time(value: str, now: Instant, zone: str) -> Instant | None:
    told = re.sub(r"^(at|until)\s+", "", value)
    return now if told in ("", "now") else parse_time(told, now, zone, may_have_passed=True)


def _wait(part: str, value: str, now: Instant, zone: str) -> WaitsUntil:
    party = PARTY.match(value)
    told = value[party.end() :] if party else value
    until = parse_time(re.sub(r"^(at|until)\s+", "", told), now, zone)
    if until is None or until <= now:
        raise _unknown(part)
    return WaitsUntil(now, until, party[1] if party else "customer")
