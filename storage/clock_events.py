"""A ticket's timeline as its clocks read it: the one place where entries become clock events."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from core.clock import Instant
from core.clock_runs import ANSWERED, ASKED, OPENED, POLICY, PRIORITY, STAGE, Cause, ClockEvent, Retarget
from core.policy import Policy
from core.retargetings import Retargeting, that_hold
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
    ticket: Ticket, rows: Sequence[Row], policy_at: PolicyAt | None = None, names: Names | None = None
) -> list[ClockEvent]:
    """The opening and what follows in rows of `CLOCK_ENTRIES`; with `names` each event tells where it comes from."""
    events = [ClockEvent(ticket.opened_at, OPENED, stage="new")]
    retargeted: dict[bytes, Retarget] | None = None
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
            if retargeted is None:
                retargeted = {} if policy_at is None else _retargets(ticket, rows, policy_at)
            if entry in retargeted:
                events.append(ClockEvent(Instant(at), POLICY, source=source, change=retargeted[entry]))
        elif direction == TO_CUSTOMER:
            events.append(ClockEvent(Instant(at), ANSWERED, source=source))
        elif at > ticket.opened_at:
            # The words a ticket was opened with are its beginning, not a question on it.
            events.append(ClockEvent(Instant(at), ASKED, source=source))
    return events


def retargeting(entry: bytes, at: int, data: str) -> Retargeting:
    """What an entry `ticket.retargeted` tells."""
    facts = json.loads(data)
    was, contract_version = _id(facts["was"]), _id(facts["contract_version"])
    return Retargeting(entry, Instant(at), was, contract_version, Instant(facts["pinned_at"]))


def _retargets(ticket: Ticket, rows: Sequence[Row], policy_at: PolicyAt) -> dict[bytes, Retarget]:
    """From which policy to which, by the entries that hold."""
    found = {}
    pinned_at = ticket.opened_at
    told = [retargeting(row[4], row[0], row[3]) for row in rows if row[1] == "ticket.retargeted"]
    for one in that_hold(told, pinned_at):
        before = policy_at(one.was, pinned_at)
        pinned_at = one.pinned_at
        found[one.entry] = Retarget(policy_before=before, policy=policy_at(one.contract_version, pinned_at))
    return found


def _id(text: str | None) -> bytes | None:
    return bytes.fromhex(text) if text else None
