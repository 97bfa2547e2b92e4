"""What two people did to one record at the same time and nobody is asked about, because both stand."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from typing import Any

from core.conflicts import Conflict, Side, knows
from core.ids import EntityId
from core.operations.envelope import Stamp
from core.review_shown import Merged
from storage.sync.conflict_rows import conflicts_of

OPERATIONS = (
    "SELECT o.console, o.n, o.hlc, COALESCE(s.author, o.author), COALESCE(s.eff, 0), COALESCE(s.seq, 0),"
    " COALESCE(s.seen, 0), o.kind, o.payload, o.base FROM operation o"
    " LEFT JOIN stamp s ON s.console = o.console AND s.n = o.n"
    " WHERE o.id = ? AND o.state <> 'refused' ORDER BY s.seq IS NULL, s.seq, o.n"
)
NOBODYS_WORK = frozenset(("conflict.settled", "delivery.recorded", "sla.announced"))
"""What the desk writes of itself, and what is said of conflicts."""

TOLD = 6
FIRST_WORDS = 120


def merged_unasked(connection: sqlite3.Connection, conflict: Conflict) -> tuple[tuple[Merged, ...], int]:
    """Operations that one side did without knowing of the other's, the latest few in order, and how many in all."""
    differing = {side[:2] for one in conflicts_of(connection, conflict.record).values() for side in _sides(one)}
    rows = [(_stamp(row), *row[7:9]) for row in connection.execute(OPERATIONS, (conflict.record,)).fetchall()]
    stamps = {(stamp.console, stamp.n): stamp for stamp, _kind, _payload in rows}
    ends = [stamps.get(side[:2]) for side in (conflict.applied, conflict.other)]
    found = [
        Merged(stamp.author, stamp.at, kind, _first_words(kind, payload))
        for stamp, kind, payload in rows
        if kind not in NOBODYS_WORK
        and (stamp.console, stamp.n) not in differing
        and any(_is_unseen(stamp, end, other) for end, other in (ends, ends[::-1]))
    ]
    return tuple(found[-TOLD:]), len(found)


def _sides(conflict: Conflict) -> Iterator[Side]:
    yield conflict.applied
    yield conflict.other


def _is_unseen(stamp: Stamp, end: Stamp | None, other: Stamp | None) -> bool:
    """Whether it was done at the console of one end, and neither it nor the other end knew of the other."""
    if end is None or other is None or end.console == other.console or stamp.console != end.console:
        return False
    return not knows(stamp, other) and not knows(other, stamp)


def _stamp(row: tuple[Any, ...]) -> Stamp:
    console, n, hlc, author, eff, seq, seen, _kind, _payload, base = row
    if not seq:
        seen = json.loads(base).get("@seen", 0)
    return Stamp(console, n, hlc, EntityId(author), eff, seq, seen)


def _first_words(kind: str, payload: bytes) -> str:
    try:
        told = json.loads(payload)
        if kind == "entry.posted":
            return str(told["text"])[:FIRST_WORDS]
        if kind == "ticket.staged":
            return str(told["to"]["stage"])
        return ", ".join(told["changes"]) if kind == "record.changed" else ""
    except (ValueError, TypeError, KeyError):
        # Set aside by the fold, and still in the log.
        return ""
