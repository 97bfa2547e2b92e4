"""What was supposed, in words."""

from __future__ import annotations

from core.clock_shown import PolicyCalled, Supposed
from core.text import plain
from core.what_if import AnsweredAt, ClosedAt, CustomerWritesAt, PriorityIs, UnderPolicy, WaitsUntil
from tui.presenters.ledger_words import day_time
from tui.presenters.sentences import party_word
from tui.words import _


def supposition_words(supposed: Supposed, zone: str) -> str:
    """Everything that was supposed together."""
    return ", ".join(_supposition(one, zone) for one in supposed.suppositions)


def _supposition(one: object, zone: str) -> str:
    match one:
        case PriorityIs(priority):
            return _("priority P{priority}").format(priority=priority)
        case PolicyCalled(name):
            return _("policy {name}").format(name=plain(name, 60))
        case UnderPolicy(policy):
            return _("policy {name}").format(name=plain(policy.name, 60))
        case AnsweredAt(at):
            return _("we answer {at}").format(at=day_time(at, zone))
        case CustomerWritesAt(at):
            return _("customer writes {at}").format(at=day_time(at, zone))
        case WaitsUntil(_at, until, "customer"):
            return _("waits until {until}").format(until=day_time(until, zone))
        case WaitsUntil(_at, until, party):
            return _("waits for {party} until {until}").format(party=party_word(party), until=day_time(until, zone))
        case ClosedAt(at):
            return _("closed {at}").format(at=day_time(at, zone))
    return str(one)
