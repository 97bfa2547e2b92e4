"""The one deterministic merge: operations in, the entity's state out."""

from __future__ import annotations

from collections.abc import Iterable

from core.operations.envelope import Envelope
from core.operations.kinds import decode
from core.operations.operation import Operation, State


def fold(state: State, envelopes: Iterable[Envelope]) -> State:
    """The state after `envelopes`, in their order."""
    for envelope in envelopes:
        state = decode(envelope.kind, envelope.payload).apply(state, envelope.stamp)
    return state


def accept(state: State, operation: Operation, envelope: Envelope) -> State:
    """The state after an operation made here and now; raises DomainError when it does not fit."""
    operation.validate(state)
    return operation.apply(state, envelope.stamp)
