"""From operations to a state: the whole log of one entity, or one act that is done here and now."""

from __future__ import annotations

from collections.abc import Iterable

from core.merging import merge
from core.operations.envelope import Envelope
from core.operations.kinds import decode
from core.operations.operation import Operation, State


def fold(state: State, envelopes: Iterable[Envelope]) -> State:
    """The state after `envelopes` of one console, in their order."""
    for envelope in envelopes:
        state = merge(state, decode(envelope.kind, envelope.payload), envelope.stamp)
    return state


def accept(state: State, operation: Operation, envelope: Envelope) -> State:
    """The state after an operation made here and now; raises DomainError when it does not fit."""
    operation.validate(state)
    return operation.apply(state, envelope.stamp)
