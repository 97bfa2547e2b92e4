"""The merge is one function: the same operations in the same order make the same ticket everywhere."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import ChangedMeanwhile
from core.fold import accept, fold
from core.operations.entry_posted import EntryPosted
from core.operations.envelope import SCHEMA_VERSION, Envelope
from core.operations.kinds import encode
from core.operations.operation import Operation, State
from core.operations.ticket_opened import TicketOpened
from core.operations.ticket_prioritised import TicketPrioritised
from tests.core.examples import ANNA, CONSOLE, ENTRY, NOW, TICKET, any_of, fitting, states
from tests.support.fixed import NOON

KINDS = ("ticket.assigned", "ticket.prioritised", "ticket.staged", "ticket.archived", "entry.hidden", "entry.posted")


def enveloped(operation: Operation, n: int) -> Envelope:
    hlc = (NOON + n) << 16
    payload = encode(operation)
    return Envelope(
        CONSOLE,
        n,
        TICKET,
        "shared",
        operation.ENTITY,
        TICKET,
        operation.KIND,
        payload,
        b"{}",
        hlc,
        SCHEMA_VERSION,
        b"",
        ANNA,
    )


def as_kept(state: State) -> State:
    """What of a state becomes rows; who wrote it last is for the merge alone."""
    return replace(state, writers={}, conflicts={})


@given(st.data(), states(), st.lists(st.sampled_from(KINDS), max_size=5))
def test_what_was_accepted_one_by_one_is_what_the_log_folds_to(data: Any, start: State, kinds: list[str]) -> None:
    state, log = start, []
    for n, kind in enumerate(kinds, 1):
        operation = data.draw(fitting(kind, state))
        envelope = enveloped(operation, n)
        state = accept(state, operation, envelope)
        log.append(envelope)
    assert as_kept(fold(start, log)) == as_kept(state)
    assert as_kept(fold(fold(start, log[:2]), log[2:])) == as_kept(state)


@given(any_of["ticket.opened"])
def test_a_log_without_its_beginning_in_memory_begins_from_nothing(opened: TicketOpened) -> None:
    folded = fold(State(), [enveloped(opened, 1), enveloped(EntryPosted("note", "#", "hello"), 2)])
    assert folded.the_ticket().number == opened.number
    assert [entry.text for entry in folded.entries] == ["", "hello"]


def test_what_is_created_has_the_same_id_wherever_it_is_folded() -> None:
    log = [enveloped(TicketOpened(TICKET, "T-1", "printer", None), 1), enveloped(EntryPosted("note", "#", "hello"), 2)]
    assert list(fold(State(), log).known_entries) == list(fold(State(), log).known_entries)
    assert len(fold(State(), log).known_entries) == 2
    elsewhere = [replace(envelope, console=ENTRY) for envelope in log]
    assert not set(fold(State(), log).known_entries) & set(fold(State(), elsewhere).known_entries)


def test_an_operation_that_does_not_fit_is_not_accepted_and_changes_nothing() -> None:
    state = fold(State(), [enveloped(TicketOpened(TICKET, "T-1", "printer", None), 1)])
    late = TicketPrioritised(1, 2)
    with pytest.raises(ChangedMeanwhile):
        accept(state, late, enveloped(late, 2))
    assert (state.the_ticket().priority, state.the_ticket().opened_at) == (3, NOW)
