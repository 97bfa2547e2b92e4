"""What the hub said of an operation, read back as the stamp that the fold sees."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core.ids import EntityId
from core.operations.envelope import Stamp
from storage.sync.wire import seen_in

STAMPED = "SELECT o.console, o.n, o.hlc, o.author, o.base, s.author, s.eff, s.seq, s.seen"
"""The columns of `stamp_of`, of an operation `o` and its stamp `s`, which may be missing."""


def stamp_of(row: Sequence[Any]) -> Stamp:
    """The stamp in a row of `STAMPED`; of an operation that the hub does not have, what it says itself."""
    console, n, hlc, said_author, base, author, eff, seq, seen = row
    if author is None:
        return Stamp(console, n, hlc, EntityId(said_author), seen=seen_in(base))
    return Stamp(console, n, hlc, EntityId(author), eff, seq, seen)
