"""A ticket's clocks explained line by line, and under suppositions; computed where it is read."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from core.clock_facts import ClockFacts
from core.clock_shown import ClockPage, ClockShown, PolicyCalled, Supposed
from core.errors import DomainError
from core.ledger import ledger
from core.policy import KINDS, Policy
from core.queue import PRIORITIES
from core.restatements import restated
from core.sla import clock_of
from core.stage_clocks import attribution, stage_clocks
from core.stages import CLOSED
from core.text import fold
from core.warning_levels import warnings
from core.what_if import PriorityIs, Supposition, UnderPolicy, WaitsUntil, what_if
from storage.clock_facts import announcements, clock_facts, named_policies
from storage.lists import queue_row_of
from storage.ticket_page import contract_called, load_ticket

DAY_SECONDS = 86_400

Suppositions = tuple[Supposition | PolicyCalled, ...]


def clock_page(connection: sqlite3.Connection, request: ClockPage) -> ClockShown | None:
    """Why the deadlines of a ticket are where they are; None for no ticket."""
    row = queue_row_of(connection, request.ticket)
    if row is None:
        return None
    ticket, _columns = load_ticket(connection, request.ticket)
    contract = " ".join(contract_called(connection, ticket.contract_version)[1:]).strip()
    facts = clock_facts(connection, ticket, request.now)
    if facts is None:
        return ClockShown(row, contract, (), (), (), None, (), ())
    ledgers = tuple(one for one in (ledger(kind, facts) for kind in KINDS) if one.promise.started_at is not None)
    happened = facts.as_of(facts.now)
    clocks = [clock_of(kind, happened.story, facts.priority, facts.policy, facts.hours) for kind in KINDS]
    warned = tuple(level for clock in clocks for level in warnings(clock, facts.policy, facts.hours))
    policies = named_policies(connection, request.now)
    usual = _usual(facts, policies, is_open=row.stage_class != CLOSED)
    asked = dict.fromkeys([*request.supposing, *usual])
    supposed = tuple(_supposed(facts, policies, asked))
    said = announcements(connection, ticket)
    return ClockShown(
        row, contract, ledgers, warned, stage_clocks(facts), attribution(facts), restated(said, facts), supposed
    )


def _usual(facts: ClockFacts, policies: dict[str, Policy], *, is_open: bool) -> Iterable[Suppositions]:
    for priority in PRIORITIES:
        if priority != facts.priority:
            yield (PriorityIs(priority),)
    for name, policy in sorted(policies.items()):
        if policy != facts.policy:
            yield (PolicyCalled(name),)
    if is_open:
        yield (WaitsUntil(facts.now, type(facts.now)(facts.now + DAY_SECONDS)),)


def _supposed(facts: ClockFacts, policies: dict[str, Policy], asked: Iterable[Suppositions]) -> Iterable[Supposed]:
    for suppositions in asked:
        told: list[Supposition] = []
        named: list[Supposition | PolicyCalled] = []
        for one in suppositions:
            at = getattr(one, "at", None)
            if at is not None and at < facts.events[0].at:
                raise DomainError("supposition.before_opening")
            if isinstance(one, PolicyCalled):
                policy = _policy_called(one.name, policies)
                told.append(UnderPolicy(policies[policy]))
                named.append(PolicyCalled(policy))
            else:
                told.append(one)
                named.append(one)
        yield Supposed(tuple(named), what_if(facts, *told))


def _policy_called(name: str, policies: dict[str, Policy]) -> str:
    """The policy of that name, or the only one that begins so; case and accents do not count."""
    wanted = fold(name)
    found = [known for known in policies if fold(known) == wanted] or [
        known for known in policies if fold(known).startswith(wanted)
    ]
    if name in policies:
        return name
    if len(found) != 1:
        raise DomainError("policy.unknown", name=name, known=sorted(policies))
    return found[0]
