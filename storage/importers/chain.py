"""The end of the desk's log while an import adds to it: every operation hashed and chained, as the row that keeps it.

The bytes that are the same for a whole import are laid out once; `Envelope.hash` says what is hashed and in what order,
and the import's tests hold every row to it.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from core.clock import HybridClock
from core.ids import EntityId
from core.operations.envelope import SCHEMA_VERSION, SHARED_STREAM, canonical_json

STAGED = ("txn", "entity", "id", "kind", "payload")
"""What is known of an operation before its place in the log is."""
LINKED = ("n", "base", "hlc", "prev", "hash")
"""The columns that `LogChain.add` answers; `LogChain.constant` has those that are alike for all."""


class LogChain:
    """Where the desk's log stands, and where it will stand with what is added."""

    def __init__(self, began: tuple[Any, ...], author: EntityId, now_ms: int) -> None:
        self.began = began
        self._console, self.last_n, self.last_hash, last_hlc = began
        self._hlc = HybridClock(last_hlc)
        self._now_ms = now_ms
        self.constant = {
            "console": self._console,
            "stream": SHARED_STREAM,
            "schema_v": SCHEMA_VERSION,
            "author": author,
            "state": "local",
        }
        self._before_n = _measured(self._console)
        self._stream = _measured(SHARED_STREAM.encode())
        self._at_end = _measured(str(SCHEMA_VERSION).encode()) + _measured(author)
        self._kinds: dict[str, tuple[bytes, bytes, bytes, bytes]] = {}

    @property
    def last_hlc(self) -> int:
        """The stamp of the last operation."""
        return self._hlc.last

    def add(self, txn: bytes, entity: str, entity_id: bytes, kind: str, payload: bytes) -> tuple[Any, ...]:
        """Chain an operation; nothing was known of its entity before, so its base is empty."""
        known = self._kinds.get(kind)
        if known is None:
            base = canonical_json({kind: None})
            parts = _measured(entity.encode()), _measured(kind.encode()), _measured(base), base
            known = self._kinds[kind] = parts
        measured_entity, measured_kind, measured_base, base = known
        prev, n, hlc = self.last_hash, self.last_n + 1, self._hlc.tick(self._now_ms)
        hashed = (
            _measured(prev),
            self._before_n,
            _measured(b"%d" % n),
            _measured(txn),
            self._stream,
            measured_entity,
            _measured(entity_id),
            measured_kind,
            _measured(payload),
            measured_base,
            _measured(b"%d" % hlc),
            self._at_end,
        )
        self.last_n, self.last_hash = n, sha256(b"".join(hashed)).digest()
        return n, base, hlc, prev, self.last_hash


def _measured(part: bytes) -> bytes:
    """A part with its length before it, as it is hashed."""
    return len(part).to_bytes(4, "big") + part
