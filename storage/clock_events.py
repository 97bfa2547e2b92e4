"""A ticket's timeline as its clocks read it: the one place where entries become clock events."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from core.clock import Instant
from core.clock_runs import ANSWERED, ASKED, OPENED, POLICY, PRIORITY, STAGE, Cause, ClockEvent, Retarget
from core.policy import Policy
from core.ticket import Ticket
from core.timeline import TO_CUSTOMER

CLOCK_ENTRIES = (
    "SELECT at, code, direction, data, id, person, contact FROM entry WHERE ticket = ? AND hidden = 0"
    " AND (code IN ('ticket.staged', 'ticket.prioritised', 'ticket.retargeted')"
    " OR (direction = '>' AND kind IN ('message', 'call') AND delivery NOT IN ('not_sent', 'failed'))"
    " OR (direction = '<' AND kind = 'message')) ORDER BY at, id"
)
"""A reply that did not leave the desk answers nobody; what was said in a call was answered in it."""

Row = tuple[int, str, str, str, bytes, bytes | None, bytes | None]
Names = Mapping[bytes, str]
PolicyAt = Callable[[bytes | None, Instant], Policy | None]
"""The policy of a contract version whose own version is the one in force at an instant."""


def clock_events(
    ticket: Ticket, rows: Iterable[Row], policy_at: PolicyAt | None = None, names: Names | None = None
) -> list[ClockEvent]:
    """The opening and what follows in rows of `CLOCK_ENTRIES`; with `names` each event tells where it comes from."""
    events = [ClockEvent(ticket.opened_at, OPENED, stage="new")]
    pinned_at = ticket.opened_at
    for at, code, direction, data, entry, person, contact in rows:
        facts: dict[str, Any] = json.loads(data) if code else {}
        source = None
        if names is not None:
            source = Cause(entry, names.get(person or contact or b"", ""), facts.get("cause", ""))
        if code == "ticket.staged":
            stage, party = facts.get("to", ""), facts.get("party", "")
            stage_class = int(facts["stage_class"])
            events.append(ClockEvent(Instant(at), STAGE, stage_class, stage=stage, party=party, source=source))
        elif code == "ticket.prioritised":
            change = Retarget(priority_before=facts["was"], priority=facts["priority"])
            events.append(ClockEvent(Instant(at), PRIORITY, source=source, change=change))
        elif code == "ticket.retargeted":
            if policy_at is not None:
                was = policy_at(_id(facts["was"]), pinned_at)
                pinned_at = Instant(facts["pinned_at"])
                change = Retarget(policy_before=was, policy=policy_at(_id(facts["contract_version"]), pinned_at))
                events.append(ClockEvent(Instant(at), POLICY, source=source, change=change))
        elif direction == TO_CUSTOMER:
            events.append(ClockEvent(Instant(at), ANSWERED, source=source))
        elif at > ticket.opened_at:
            # The words a ticket was opened with are its beginning, not a question on it.
            events.append(ClockEvent(Instant(at), ASKED, source=source))
    return events


def _id(text: str | None) -> bytes | None:
    return bytes.fromhex(text) if text else None
