"""Whether a hub's log hangs together, and whether its documents say what the log says; seen from a desk that has it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

from core.errors import DomainError
from core.ids import EntityId
from core.operations.envelope import FIRST_HASH
from core.state_document import unpacked
from storage.auditor import Finding
from storage.hub.connecting import HubError
from storage.sync.documents_kept import document_of
from storage.sync.incoming import check_arrivals
from storage.sync.joined import Cursor, Joined, cursor_of
from storage.sync.session import KeptDocument, Session

LOG_BROKEN, LOG_DIFFERS = "log_broken", "log_differs"
DOCUMENT_MISSING, DOCUMENT_DIFFERS, DOCUMENT_UNFIT = "document_missing", "document_differs", "document_unfit"
SAMPLE = 2000
"""So many documents of each kind, hot and cold, are compared unless all are asked for."""

LAST_SEQ = (
    "SELECT max(s.seq) FROM operation o JOIN stamp s ON s.console = o.console AND s.n = o.n"
    " WHERE o.id = ? AND s.stream = ?"
)


def audit_log(connection: sqlite3.Connection, session: Session, hub: Joined, stream: str) -> Iterator[Finding]:
    """Read a stream from its beginning, and check every number, hash and link of the chain, and that it is ours."""
    cursor, here = Cursor(0, FIRST_HASH), cursor_of(connection, stream)
    try:
        while arrivals := session.pull(hub.epoch, stream, cursor):
            for arrival in arrivals:
                cursor = check_arrivals(cursor, [arrival])
                if cursor.seq == here.seq and cursor.chain != here.chain:
                    yield Finding(LOG_DIFFERS, "op", "", f"{stream} {cursor.seq}")
    except HubError as error:
        if error.code != "hub.log_broken":
            raise
        yield Finding(LOG_BROKEN, "op", "", f"{stream} {cursor.seq + 1}")
        return
    if cursor.seq < here.seq:
        yield Finding(LOG_BROKEN, "op", "", f"{stream} {cursor.seq + 1}")


def audit_documents(
    connection: sqlite3.Connection, session: Session, hub: Joined, stream: str, *, sample: int | None = SAMPLE
) -> Iterator[Finding]:
    """Compare documents with the fold of this desk, which has read the log that far at least."""
    folded = session.folded(hub.epoch, stream).cursor
    here = cursor_of(connection, stream)
    if not folded.seq or folded.seq > here.seq:
        return
    seen: set[EntityId] = set()
    is_all = True
    for is_hot in (True, False):
        count, after = 0, None
        while page := session.documents(hub.epoch, stream, hot=is_hot, after=after):
            for kept in page:
                seen.add(kept.id)
                yield from _compared(connection, stream, kept)
            after, count = page[-1].id, count + len(page)
            if sample is not None and count >= sample:
                is_all = False
                break
    if is_all:
        yield from _missing(connection, stream, folded, seen)


def _compared(connection: sqlite3.Connection, stream: str, kept: KeptDocument) -> Iterator[Finding]:
    (last,) = connection.execute(LAST_SEQ, (kept.id, stream)).fetchone()
    if last is None or last > kept.folded_seq:
        # It was touched since; the keeper writes it anew.
        return
    try:
        document = unpacked(kept.body)
    except DomainError as error:
        yield Finding(DOCUMENT_UNFIT, kept.entity, kept.id.hex(), str(error))
        return
    if document != document_of(connection, kept.id):
        yield Finding(DOCUMENT_DIFFERS, kept.entity, kept.id.hex(), f"{stream} {kept.folded_seq}")


def _missing(connection: sqlite3.Connection, stream: str, folded: Cursor, seen: set[EntityId]) -> Iterator[Finding]:
    query = (
        "SELECT DISTINCT o.id, o.entity FROM stamp s JOIN operation o ON o.console = s.console AND o.n = s.n"
        " WHERE s.stream = ? AND s.seq <= ? AND o.entity <> 'conflict' ORDER BY o.id"
    )
    for record, entity in connection.execute(query, (stream, folded.seq)):
        if record not in seen:
            yield Finding(DOCUMENT_MISSING, entity, record.hex(), stream)
