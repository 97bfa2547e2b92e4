"""What two people did to one thing without knowing of each other, kept until somebody settles it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any, NamedTuple

from core.clock import Instant
from core.ids import EntityId
from core.operations.envelope import Stamp

FIELD, OWNER, STAGE, CLOSED_UNSEEN, VERSION, ARCHIVED_ACTIVE = (
    "field",
    "owner",
    "stage",
    "closed_unseen",
    "version",
    "archived_active",
)
"""Kinds: a field of a record or ticket, two owners, two stages, work on what was closed, two versions of a document or
contract for one time, a record that was archived while something was added to it."""

LATER, IN_ORDER, FIRST_HOLDS, NOT_LEGAL, STAYS_CLOSED, BOTH_STAND = (
    "later",
    "in_order",
    "first_holds",
    "not_legal",
    "stays_closed",
    "both_stand",
)
"""Rules by which one side was applied: the later by the hub's time, the later in the hub's log, the first in it, the
other's move is none from where the ticket stands, what is closed stays closed, nothing was taken out."""


class Writer(NamedTuple):
    """The operation that last set a field and what it set it to (as in payloads); `at` is when that counts from."""

    stamp: Stamp
    value: Any
    at: Instant


class Side(NamedTuple):
    """One of the two: its operation with the number in the hub's log, by whom, when, and the value, as in payloads."""

    console: bytes
    n: int
    seq: int
    author: EntityId
    at: Instant
    value: Any


@dataclass(frozen=True, slots=True)
class Conflict:
    """`applied` is what holds, `other` what its author had wanted; `before` is what both had seen, where that is known.

    `entity` and `record` say where, `field` what: a field of the record, or one of a ticket (`core.merging`). It is
    open until `settled_by` somebody, whose operation is named by its console and number.
    """

    id: EntityId
    kind: str
    entity: str
    record: EntityId
    field: str
    before: Any
    applied: Side
    other: Side
    rule: str
    settled_by: Side | None = None

    @property
    def is_open(self) -> bool:
        """Whether nobody has settled it yet."""
        return self.settled_by is None


def side_of(stamp: Stamp, value: Any, at: Instant | None = None) -> Side:
    """The side that an operation took."""
    return Side(stamp.console, stamp.n, stamp.seq, stamp.author, stamp.at if at is None else at, value)


def conflict_id(stamp: Stamp, field: str) -> EntityId:
    """The id that every console gives to what an operation met at a field."""
    told = stamp.operation_id + field.encode("utf-8", "surrogatepass")
    return EntityId(hashlib.sha256(told).digest()[:16])


def knows(later: Stamp, earlier: Stamp | Side) -> bool:
    """Whether the author of one operation had seen the other: on the same console, or in what was read from the hub."""
    if later.console == earlier.console:
        return earlier.n < later.n
    return 0 < earlier.seq <= later.seen
