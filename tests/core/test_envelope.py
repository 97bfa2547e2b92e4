"""The chain of operations: whatever is changed in one shows itself in its hash."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.operations.envelope import FIRST_HASH, SCHEMA_VERSION, Envelope, canonical_json
from tests.core.examples import ANNA, BORIS, CONSOLE, TICKET
from tests.support.fixed import NOON

ENVELOPE = Envelope(
    console=CONSOLE,
    n=1,
    txn=bytes(range(16)),
    stream="shared",
    entity="ticket",
    id=TICKET,
    kind="ticket.prioritised",
    payload=b'{"priority":1,"was":3}',
    base=b'{"ticket.prioritised":null}',
    hlc=NOON << 16,
    schema_v=SCHEMA_VERSION,
    prev=FIRST_HASH,
    author=ANNA,
)
CHANGES: dict[str, Any] = {
    "console": bytes(16),
    "n": 2,
    "txn": bytes(16),
    "stream": "north",
    "entity": "record",
    "id": BORIS,
    "kind": "ticket.assigned",
    "payload": b'{"priority":2,"was":3}',
    "base": b'{"ticket.prioritised":1}',
    "hlc": (NOON << 16) + 1,
    "schema_v": SCHEMA_VERSION + 1,
    "prev": bytes([1]) * 32,
    "author": BORIS,
}


def test_the_hash_of_an_operation_is_the_same_for_ever() -> None:
    assert ENVELOPE.hash.hex() == "9f4e10b4ee118868494261a1a39983829ae7bfff92fc1cff6ff1fbbe289303f7"


def test_every_field_has_a_change_to_try() -> None:
    assert sorted(CHANGES) == sorted(field.name for field in fields(Envelope))


@pytest.mark.parametrize("name", sorted(CHANGES))
def test_a_change_in_any_field_changes_the_hash(name: str) -> None:
    assert replace(ENVELOPE, **{name: CHANGES[name]}).hash != ENVELOPE.hash


@given(st.text(max_size=8), st.text(max_size=8), st.integers(0, 8))
def test_letters_moved_from_one_field_to_the_next_change_the_hash(one: str, other: str, place: int) -> None:
    both = one + other
    moved = replace(ENVELOPE, stream=both[:place], entity=both[place:])
    told = replace(ENVELOPE, stream=one, entity=other)
    assert (moved.hash == told.hash) == ((moved.stream, moved.entity) == (told.stream, told.entity))


def test_an_operation_knows_when_and_by_whom_it_was_done() -> None:
    assert (ENVELOPE.stamp.at, ENVELOPE.stamp.author) == (NOON // 1000, ANNA)
    assert ENVELOPE.stamp.operation_id == CONSOLE + (1).to_bytes(8, "big")


def test_a_document_has_one_form_whatever_order_it_was_put_together_in() -> None:
    assert canonical_json({"b": 1, "a": "ż"}) == canonical_json({"a": "ż", "b": 1}) == '{"a":"ż","b":1}'.encode()


def test_what_is_no_number_is_not_written() -> None:
    with pytest.raises(ValueError, match="JSON"):
        canonical_json({"a": float("nan")})
