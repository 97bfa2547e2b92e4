"""Documents of what the hub's log touched, as a keeper's own rows and log have it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

from core.ids import EntityId
from core.operations.operation import State
from core.stages import CLOSED
from core.state_document import RECORD, TICKET, StateDocument, deeds_of, is_gone, packed, settled
from storage.sync.keeper_session import Written
from storage.sync.refold import UNFIT, stamped

HOT_SECONDS = 180 * 86_400
"""So long a ticket is hot after its last change; an open one always is."""

DOCUMENTS_AT_ONCE = 500
BYTES_AT_ONCE = 4 << 20
NEWEST_MS = 1 << 48

TOUCHED = (
    "SELECT DISTINCT o.id FROM stamp s JOIN operation o ON o.console = s.console AND o.n = s.n"
    " WHERE s.stream = ? AND s.seq > ? AND s.seq <= ? ORDER BY o.id"
)
IS_TICKET = (
    "SELECT 1 FROM operation WHERE id = ?1 AND entity = 'ticket'"
    " UNION SELECT 1 FROM base_document WHERE id = ?1 AND entity = 'ticket' LIMIT 1"
)


def touched(connection: sqlite3.Connection, stream: str, after: int, upto: int) -> list[EntityId]:
    """The records that the log is about from `after` to `upto`."""
    return [EntityId(row[0]) for row in connection.execute(TOUCHED, (stream, after, upto))]


def document_of(connection: sqlite3.Connection, record: EntityId) -> StateDocument:
    """What the log of this desk makes of a record."""
    state, taken = stamped(connection, record)
    is_ticket = connection.execute(IS_TICKET, (record,)).fetchone() is not None
    return StateDocument(TICKET if is_ticket else RECORD, record, settled(state), deeds_of(taken))


def written(connection: sqlite3.Connection, record: EntityId, now: int) -> Written | None:
    """The document of a record at `now` (in seconds); None for one that no program of ours can write down."""
    try:
        document = document_of(connection, record)
        body = packed(document)
    except UNFIT:
        return None
    is_ticket, state = document.entity == TICKET, document.state
    is_hot, hot_until = _warmth(state, now)
    return Written(
        record,
        document.entity,
        is_hot,
        hot_until,
        # Newest first, by an id's own time, which never changes.
        NEWEST_MS - int.from_bytes(record[:6], "big") if is_ticket else 0,
        body,
        is_gone(state),
    )


def in_parcels(documents: Iterator[Written | None]) -> Iterator[list[Written]]:
    """The documents in parcels of the size of a call."""
    parcel: list[Written] = []
    size = 0
    for one in documents:
        if one is None:
            continue
        if parcel and (len(parcel) >= DOCUMENTS_AT_ONCE or size + len(one.body) > BYTES_AT_ONCE):
            yield parcel
            parcel, size = [], 0
        parcel.append(one)
        size += len(one.body)
    if parcel:
        yield parcel


def _warmth(state: State, now: int) -> tuple[bool, int | None]:
    ticket = state.ticket
    if ticket is None or (ticket.stage_class != CLOSED and not ticket.archived):
        return True, None
    until = ticket.changed_at + HOT_SECONDS
    return until > now, min(until * 1000, 2**62)
