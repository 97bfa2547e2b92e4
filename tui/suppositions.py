"""What if, as typed: `priority 1`, `answered 15:00`, `waits tomorrow 9:00`, `policy Gold`, `closed 16:00`."""

from __future__ import annotations

import re

from core.clock import Instant
from core.errors import DomainError
from core.pages import PolicyCalled
from core.queue import PRIORITIES
from core.what_if import AnsweredAt, ClosedAt, CustomerWritesAt, PriorityIs, Supposition, WaitsUntil
from tui.presenters.typed_times import parse_time

FORMS = ("priority 1", "answered 15:00", "customer 15:00", "waits tomorrow 9:00", "policy NAME", "closed 16:00")


def read_suppositions(text: str, now: Instant, zone: str) -> tuple[Supposition | PolicyCalled, ...]:
    """What is supposed together, parts parted by commas; a DomainError tells the forms that are known."""
    parts = [part.strip() for part in re.split(r"[,;]", text) if part.strip()]
    if not parts:
        raise DomainError("supposition.unknown", text=text, known=list(FORMS))
    return tuple(_read(part, now, zone) for part in parts)


def _read(part: str, now: Instant, zone: str) -> Supposition | PolicyCalled:
    name, _, value = re.sub(r"\s*=\s*", " ", part, count=1).partition(" ")
    name, value = name.lower().removesuffix(":"), value.strip()
    if name in ("policy", "contract") and value:
        return PolicyCalled(value)
    if name in ("priority", "p") and value.lower().removeprefix("p").isdecimal():
        priority = int(value.lower().removeprefix("p"))
        if priority in PRIORITIES:
            return PriorityIs(priority)
    at = parse_time(re.sub(r"^(at|until)\s+", "", value), now, zone, may_have_passed=True)
    if at is not None:
        if name in ("answered", "answer", "we"):
            return AnsweredAt(at)
        if name in ("customer", "asked"):
            return CustomerWritesAt(at)
        if name in ("closed", "close", "resolved"):
            return ClosedAt(at)
        if name in ("waits", "wait", "paused") and at > now:
            return WaitsUntil(now, at)
    raise DomainError("supposition.unknown", text=part, known=list(FORMS))
