"""Operations on their way: as a push carries them, and as a pull brings them with what the hub said of each."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any, NamedTuple

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
WAS = "@was"
"""In a base: under which name the operation was first written, as `console:n`, where it was signed anew since."""

Name = tuple[bytes, int]
"""Console and number of an operation."""


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


def parts_of(envelopes: Sequence[Envelope]) -> tuple[str, ...]:
    """Operations as `hub_push` reads them: for each of their parts an array, as PostgreSQL writes one in text.

    Written here as a whole: a driver that turns element after element into a parameter takes three times as long.
    """
    return (
        _array([one.txn.hex() for one in envelopes]),
        _array([_quoted(one.stream) for one in envelopes]),
        _array([_quoted(one.entity) for one in envelopes]),
        _array([one.id.hex() for one in envelopes]),
        _array([_quoted(one.kind) for one in envelopes]),
        _array([_bytes(one.payload) for one in envelopes]),
        _array([_bytes(one.base) for one in envelopes]),
        _array([str(one.hlc) for one in envelopes]),
        _array([str(one.schema_v) for one in envelopes]),
        _array([_bytes(one.prev) for one in envelopes]),
        _array([_bytes(one.hash) for one in envelopes]),
        _array([one.author.hex() for one in envelopes]),
    )


def _array(elements: list[str]) -> str:
    return f"{{{','.join(elements)}}}"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _bytes(part: bytes) -> str:
    return f'"\\\\x{part.hex()}"'


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
    return chained(chain, arrival.seq, arrival.hash, arrival.author, arrival.eff, arrival.seen)


def chained(chain: bytes, seq: int, hash_: bytes, author: bytes, eff: int, seen: int) -> bytes:
    """The same from the single parts."""
    parts = (chain, _eight(seq), hash_, author, _eight(eff), _eight(seen))
    return hashlib.sha256(b"".join(parts)).digest()


def seen_in(base: bytes) -> int:
    """The number of the hub's log up to which the author of an operation had read it, as the operation itself says."""
    try:
        seen = json.loads(base).get("@seen", 0)
    except (AttributeError, ValueError, RecursionError):
        return 0
    return seen if type(seen) is int and 0 <= seen < NUMBERS else 0


def first_name(envelope: Envelope) -> Name:
    """Under which name an operation was first written, however often it was signed anew since."""
    return was_called(envelope.base) or (envelope.console, envelope.n)


def was_called(base: bytes) -> Name | None:
    """The name under which an operation that was signed anew was first written; None for any other."""
    try:
        console, _colon, n = json.loads(base)[WAS].partition(":")
        return bytes.fromhex(console), int(n)
    except (AttributeError, KeyError, TypeError, ValueError, RecursionError):
        return None


def canonical_document(payload: bytes) -> dict[str, Any] | None:
    """What a payload says; None for one that is not the one byte form of a JSON object."""
    try:
        document = json.loads(payload)
        return document if isinstance(document, dict) and canonical_json(document) == payload else None
    except (ValueError, RecursionError):
        return None


def _eight(number: int) -> bytes:
    return number.to_bytes(8, "big", signed=True)
