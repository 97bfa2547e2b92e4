"""Conflicts between two records: what was archived while somebody added to it, and two versions of one contract.

They follow from the logs of both records, whichever of them is looked at, so that every console finds the same ones.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import replace

from core.conflicts import (
    ARCHIVED_ACTIVE,
    BOTH_STAND,
    STAYS_CLOSED,
    VERSION,
    Conflict,
    conflict_id,
    knows,
    side_of,
)
from core.ids import EntityId
from core.operations.conflict_settled import ConflictSettled
from core.operations.envelope import Envelope, Stamp
from core.operations.operation import Operation
from core.operations.record_archived import RecordArchived
from core.operations.records_merged import RecordsMerged
from storage.sync.base_documents import made_by
from storage.sync.stamps import STAMPED, stamp_of

Taken = list[tuple[Operation, Stamp]]
"""A record's operations with their stamps, in the order of the fold."""

ADDED = (
    f"{STAMPED}, o.kind FROM operation o LEFT JOIN stamp s ON s.console = o.console AND s.n = o.n"
    " WHERE o.id = ? AND o.kind IN ('ticket.opened', 'record.added') AND o.state <> 'refused'"
)
CHILDREN = {
    "company": (
        "SELECT id FROM ticket WHERE company = ?1 AND archived = 0"
        " UNION ALL SELECT id FROM site WHERE company = ?1 AND archived = 0"
        " UNION ALL SELECT id FROM equipment WHERE company = ?1 AND archived = 0"
        " UNION ALL SELECT id FROM contract WHERE company = ?1 AND archived = 0"
        " UNION ALL SELECT id FROM affiliation WHERE company = ?1 AND archived = 0"
    ),
    "site": (
        "SELECT t.id FROM site h JOIN ticket t ON t.company = h.company WHERE h.id = ?1 AND t.site = h.id"
        " AND t.archived = 0 UNION ALL SELECT e.id FROM site h JOIN equipment e ON e.company = h.company"
        " WHERE h.id = ?1 AND e.site = h.id AND e.archived = 0"
    ),
    "equipment": "SELECT id FROM ticket WHERE equipment = ?1 AND archived = 0",
    "contract": "SELECT id FROM contract_version WHERE contract = ?1 AND archived = 0",
    "contact": (
        "SELECT ticket FROM ticket_reporter WHERE contact = ?1"
        " UNION ALL SELECT id FROM affiliation WHERE contact = ?1 AND archived = 0"
    ),
}
"""What may have been added to a record while somebody took it off the desk."""
ASKED_AT_ONCE = 500
AN_ID = re.compile(rb'"([0-9a-f]{32})"')
VERSIONED = "contract_version"
NOTHING = "SELECT id FROM ticket WHERE id = ?1 AND 0"
OTHER_VERSIONS = (
    "SELECT v.id, v.valid_from, v.valid_until FROM contract_version v"
    " WHERE v.contract = (SELECT contract FROM contract_version WHERE id = ?) AND v.id <> ? AND v.archived = 0"
)


def across_records(connection: sqlite3.Connection, record: EntityId, taken: Taken) -> list[Conflict]:
    """The conflicts that a record of master data has with others, settled ones among them."""
    found = [*_archived_active(connection, record, taken), *_two_versions(connection, record, taken)]
    return [_as_settled(conflict, taken) for conflict in found]


def archived_parents(connection: sqlite3.Connection, added: Iterable[Envelope]) -> list[EntityId]:
    """Records off the desk that what was added names: the addition may be news to whoever archived them."""
    named: set[bytes] = set()
    for one in added:
        named |= {bytes.fromhex(told.decode()) for told in AN_ID.findall(one.payload)} - {one.id}
    found: set[EntityId] = set()
    ids = sorted(named)
    for begin in range(0, len(ids), ASKED_AT_ONCE):
        some = ids[begin : begin + ASKED_AT_ONCE]
        places = ", ".join("?" * len(some))
        for table in CHILDREN:
            query = f"SELECT id FROM {table} WHERE archived = 1 AND id IN ({places})"
            found |= {EntityId(row[0]) for row in connection.execute(query, some)}
    return sorted(found)


def _archived_active(connection: sqlite3.Connection, record: EntityId, taken: Taken) -> Iterator[Conflict]:
    last = [one for one in taken if isinstance(one[0], RecordArchived | RecordsMerged)][-1:]
    for operation, stamp in last:
        if not isinstance(operation, RecordArchived) or not operation.archived:
            return
        children = connection.execute(CHILDREN.get(operation.entity, NOTHING), (record,)).fetchall()
        for (added,) in children:
            made = _made(connection, added)
            if made is None:
                continue
            other, kind = made
            if knows(other, stamp) or knows(stamp, other):
                continue
            field = f"archived:{added.hex()}"
            sides = side_of(stamp, {"archived": True}), side_of(other, {"kind": kind, "id": added.hex()})
            id_ = conflict_id(other, field + record.hex())
            yield Conflict(id_, ARCHIVED_ACTIVE, operation.entity, record, field, None, *sides, STAYS_CLOSED)


def _two_versions(connection: sqlite3.Connection, record: EntityId, taken: Taken) -> Iterator[Conflict]:
    if not any(getattr(operation, "entity", VERSIONED) == VERSIONED for operation, _stamp in taken):
        return
    mine = connection.execute(
        "SELECT valid_from, valid_until FROM contract_version WHERE id = ? AND archived = 0", (record,)
    ).fetchone()
    if mine is None or not taken:
        return
    stamp = taken[0][1]
    for version, valid_from, valid_until in connection.execute(OTHER_VERSIONS, (record, record)).fetchall():
        made = _made(connection, version)
        if made is None or not _overlap(mine, (valid_from, valid_until)):
            continue
        other, _kind = made
        # Told at the one that came later into the log.
        if knows(stamp, other) or knows(other, stamp) or _place(other) > _place(stamp):
            continue
        sides = (
            side_of(stamp, {"version": record.hex(), "valid_from": mine[0]}),
            side_of(other, {"version": version.hex(), "valid_from": valid_from}),
        )
        field = f"version:{version.hex()}"
        yield Conflict(conflict_id(stamp, field), VERSION, "contract_version", record, field, None, *sides, BOTH_STAND)


def _made(connection: sqlite3.Connection, record: bytes) -> tuple[Stamp, str] | None:
    """The operation by which a record began, also where that came folded."""
    row = connection.execute(ADDED, (record,)).fetchone()
    return made_by(connection, EntityId(record)) if row is None else (stamp_of(row[:-1]), row[-1])


def _overlap(one: tuple[int, int | None], other: tuple[int, int | None]) -> bool:
    return (one[1] is None or other[0] < one[1]) and (other[1] is None or one[0] < other[1])


def _place(stamp: Stamp) -> tuple[bool, int, int]:
    return stamp.seq == 0, stamp.seq, stamp.n


def _as_settled(conflict: Conflict, taken: Taken) -> Conflict:
    """The conflict as it stands after what was done on the record since."""
    for operation, stamp in taken:
        if isinstance(operation, ConflictSettled) and operation.conflict == conflict.id:
            conflict = replace(conflict, settled_by=side_of(stamp, None) if operation.is_settled else None)
        elif isinstance(operation, RecordArchived) and knows(stamp, conflict.other) and knows(stamp, conflict.applied):
            conflict = replace(conflict, settled_by=side_of(stamp, {"archived": operation.archived}))
    return conflict
