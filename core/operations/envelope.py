"""What every operation carries: identity, place in the chain, time and author. Frozen from version 1."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from core.clock import Instant, stamp_ms
from core.ids import EntityId

SCHEMA_VERSION = 1
SHARED_STREAM = "shared"
"""The stream that every record of a desk is in."""
FIRST_HASH = bytes(32)


@dataclass(frozen=True, slots=True)
class Envelope:
    """One operation as it is stored and, later, sent.

    Its id is (`console`, `n`): the console's UUID and a number that is dense from 1. `txn` groups what one act wrote.
    `base` is canonical JSON naming, for each field set, the operation the author saw there; `hash` is taken over
    `prev` and everything else, so a copied store shows itself by a chain that does not fit.
    """

    console: bytes
    n: int
    txn: bytes
    stream: str
    entity: str
    id: EntityId
    kind: str
    payload: bytes
    base: bytes
    hlc: int
    schema_v: int
    prev: bytes
    author: EntityId

    @property
    def hash(self) -> bytes:
        """SHA-256 over every part, each with its length before it so that no two envelopes read alike."""
        parts = (
            self.prev,
            self.console,
            str(self.n).encode(),
            self.txn,
            self.stream.encode(),
            self.entity.encode(),
            self.id,
            self.kind.encode(),
            self.payload,
            self.base,
            str(self.hlc).encode(),
            str(self.schema_v).encode(),
            self.author,
        )
        return hashlib.sha256(b"".join([len(part).to_bytes(4, "big") + part for part in parts])).digest()

    @property
    def stamp(self) -> Stamp:
        """What an operation's effect may read of its envelope."""
        return Stamp(self.console, self.n, self.hlc, self.author)


@dataclass(frozen=True, slots=True)
class Stamp:
    """Who did it and when; the same on every console that applies the operation.

    `eff` is the hub's time of it as a hybrid stamp and `seq` its number there; both are 0 while no hub has taken it in,
    and the author's clock is believed. `seen` is the number up to which its author had read the hub's log.
    """

    console: bytes
    n: int
    hlc: int
    author: EntityId
    eff: int = 0
    seq: int = 0
    seen: int = 0

    @property
    def at(self) -> Instant:
        """The whole second of the act."""
        return Instant(stamp_ms(self.eff or self.hlc) // 1000)

    @property
    def operation_id(self) -> bytes:
        """The operation's id as bytes, for deriving the ids of what it creates."""
        return self.console + self.n.to_bytes(8, "big")


def canonical_json(document: Any) -> bytes:
    """One byte form per value: sorted keys, no blanks, UTF-8; hashes are taken over it."""
    return json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()
