"""Where the hub's log and what this desk has read of it part: the highest number at which both have the same chain."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from storage.hub.connecting import HubError
from storage.sync.base_documents import BEGINNING, base_cursor
from storage.sync.joined import Cursor, cursor_of
from storage.sync.wire import chained

if TYPE_CHECKING:
    from storage.sync.session import Session

SAMPLED = 1000
"""A chain is kept once in so many operations."""

ASKED_AT_ONCE = 5000

STAMPED = (
    "SELECT s.seq, o.hash, s.author, s.eff, s.seen FROM stamp s"
    " JOIN operation o ON o.console = s.console AND o.n = s.n WHERE s.stream = ? AND s.seq > ? AND s.seq <= ?"
    " ORDER BY s.seq"
)


def keep_sample(connection: sqlite3.Connection, stream: str, at: Cursor) -> None:
    """Keep the chain at the end of a pull, unless one is kept close before it."""
    connection.execute(
        "INSERT OR IGNORE INTO chain_sample (stream, seq, chain) SELECT ?1, ?2, ?3 WHERE NOT EXISTS"
        f" (SELECT 1 FROM chain_sample WHERE stream = ?1 AND seq > ?2 - {SAMPLED} AND seq <= ?2)",
        (stream, *at),
    )


def common_part(connection: sqlite3.Connection, session: Session, epoch: bytes, stream: str) -> Cursor:
    """The end of what both have; the beginning where they have nothing in common.

    HubError `hub.log_cut` where that lies before what came to this desk as documents.
    """
    cursor = cursor_of(connection, stream)
    samples = connection.execute("SELECT seq, chain FROM chain_sample WHERE stream = ? ORDER BY seq", (stream,))
    base = base_cursor(connection, stream)
    points = [base, *(Cursor(*row) for row in samples if base.seq < row[0] < cursor.seq), cursor]
    low = _highest_alike(session, epoch, stream, points) or BEGINNING
    if low.seq < base.seq:
        raise HubError("hub.log_cut", reason=f"this desk begins after operation {base.seq}")
    high = next((point.seq for point in points if point.seq > low.seq), low.seq)
    walked = _walk(connection, stream, low, high)
    while chunk := _chunk(walked):
        found = _highest_alike(session, epoch, stream, chunk)
        if found != chunk[-1]:
            return found or low
        low = found
    return low


def _highest_alike(session: Session, epoch: bytes, stream: str, points: Sequence[Cursor]) -> Cursor | None:
    """The highest of some points, in rising order, that the hub has as well: what is before it is alike too."""
    for end in range(len(points), 0, -ASKED_AT_ONCE):
        asked = points[max(end - ASKED_AT_ONCE, 0) : end]
        told = session.chains_at(epoch, stream, [point.seq for point in asked])
        for point in reversed(asked):
            if told.get(point.seq) == point.chain:
                return point
    return None


def _walk(connection: sqlite3.Connection, stream: str, low: Cursor, high: int) -> Iterator[Cursor]:
    """The chain at every number after `low`, computed from what the desk has."""
    seq, chain = low
    for row in connection.execute(STAMPED, (stream, low.seq, high)):
        if row[0] != seq + 1:
            return
        seq, chain = row[0], chained(chain, *row)
        yield Cursor(seq, chain)


def _chunk(walked: Iterator[Cursor]) -> list[Cursor]:
    return [point for _place, point in zip(range(ASKED_AT_ONCE), walked, strict=False)]
