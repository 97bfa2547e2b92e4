"""Identities: sixteen bytes that never carry meaning and are never reused."""

from __future__ import annotations

from collections.abc import Callable
from typing import NewType

EntityId = NewType("EntityId", bytes)


class IdMaker:
    """Makes UUIDv7 values (RFC 9562) in rising order from a clock in milliseconds and a source of random bytes."""

    def __init__(self, now_ms: Callable[[], int], random_bytes: Callable[[int], bytes]) -> None:
        self._now_ms = now_ms
        self._random_bytes = random_bytes
        self._last_ms = 0
        self._counter = 0

    def __call__(self) -> EntityId:
        now = max(self._now_ms(), self._last_ms)
        if now == self._last_ms:
            self._counter += 1
            if self._counter > 0xFFF:
                now += 1
                self._counter = 0
        else:
            self._counter = 0
        self._last_ms = now
        return layout(now, self._counter, self._random_bytes(8))


def layout(milliseconds: int, counter: int, tail: bytes) -> EntityId:
    """The bytes of a UUIDv7: 48 bits of time, 12 of counter, 62 of `tail` (eight bytes)."""
    head = (milliseconds & 0xFFFFFFFFFFFF).to_bytes(6, "big")
    middle = (0x7000 | (counter & 0xFFF)).to_bytes(2, "big")
    return EntityId(head + middle + bytes([0x80 | (tail[0] & 0x3F)]) + tail[1:8])


def derived(milliseconds: int, counter: int, *parts: bytes) -> EntityId:
    """An id that every console computes alike from what it stands for; sorts by `milliseconds`, then `counter`."""
    # Not at the top: the first frame derives no id, and this draws in a cryptographic library.
    import hashlib

    return layout(milliseconds, counter, hashlib.sha256(b"\0".join(parts)).digest()[:8])
