"""Operations on their way: as a push carries them, and as a pull brings them with what the hub said of each."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

from core.ids import EntityId
from core.operations.envelope import Envelope, canonical_json
from storage.hub.connecting import HubError

OPS_AT_ONCE = 500
BYTES_AT_ONCE = 1 << 20
"""A push takes whole acts until one of these is reached; an act larger than that goes alone."""

COLUMNS = "console, n, txn, stream, entity, id, kind, payload, base, hlc, schema_v, prev, author"
"""Of the local log, in the order of `Envelope`."""

ARRIVES_AS = (
    int,
    bytes,
    int,
    bytes,
    str,
    bytes,
    str,
    bytes,
    bytes,
    int,
    int,
    bytes,
    bytes,
    bytes,
    bytes,
    int,
    int,
    bytes,
)
NUMBERS = 2**63


class Arrival(NamedTuple):
    """An operation of the hub's log: its number in the stream, who really wrote it, and the hub's time of it.

    `seen` is the number up to which its author had read the log.
    """

    envelope: Envelope
    seq: int
    author: EntityId
    eff: int
    seen: int
    hash: bytes
    chain: bytes


def envelope_of(row: tuple[Any, ...]) -> Envelope:
    """The operation in a row of `COLUMNS`."""
    return Envelope(*row[:13])


def parts_of(envelopes: Sequence[Envelope]) -> tuple[list[Any], ...]:
    """Operations as `hub_push` reads them: a list for each of their parts, in its order."""
    return (
        [UUID(bytes=bytes(one.txn)) for one in envelopes],
        [one.stream for one in envelopes],
        [one.entity for one in envelopes],
        [UUID(bytes=bytes(one.id)) for one in envelopes],
        [one.kind for one in envelopes],
        [one.payload for one in envelopes],
        [one.base for one in envelopes],
        [one.hlc for one in envelopes],
        [one.schema_v for one in envelopes],
        [one.prev for one in envelopes],
        [one.hash for one in envelopes],
        [UUID(bytes=bytes(one.author)) for one in envelopes],
    )


def arrival_of(stream: str, row: tuple[Any, ...]) -> Arrival:
    """The operation in a row of `hub_pull`; HubError for a row that no hub of ours gives."""
    if tuple(map(type, row)) != ARRIVES_AS or not all(-NUMBERS <= one < NUMBERS for one in row if type(one) is int):
        raise HubError("hub.log_broken", seq="?")
    (
        seq,
        console,
        n,
        txn,
        entity,
        id_,
        kind,
        payload,
        base,
        hlc,
        schema_v,
        prev,
        hash_,
        said,
        author,
        eff,
        seen,
        chain,
    ) = row
    envelope = Envelope(
        console, n, txn, stream, entity, EntityId(id_), kind, payload, base, hlc, schema_v, prev, EntityId(said)
    )
    return Arrival(envelope, seq, EntityId(author), eff, seen, hash_, chain)


def chain_after(chain: bytes, arrival: Arrival) -> bytes:
    """The stream's chain with one more operation and what the hub stamped on it."""
    parts = (chain, _eight(arrival.seq), arrival.hash, arrival.author, _eight(arrival.eff), _eight(arrival.seen))
    return hashlib.sha256(b"".join(parts)).digest()


def seen_in(base: bytes) -> int:
    """The number of the hub's log up to which the author of an operation had read it, as the operation itself says."""
    try:
        seen = json.loads(base).get("@seen", 0)
    except (AttributeError, ValueError, RecursionError):
        return 0
    return seen if type(seen) is int and 0 <= seen < NUMBERS else 0


def is_canonical(payload: bytes) -> bool:
    """True for the one byte form of a JSON object."""
    try:
        document = json.loads(payload)
        return isinstance(document, dict) and canonical_json(document) == payload
    except (ValueError, RecursionError):
        return False


def _eight(number: int) -> bytes:
    return number.to_bytes(8, "big", signed=True)
