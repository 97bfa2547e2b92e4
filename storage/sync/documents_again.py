"""After a restore of the hub: documents that say more than its log now has, fetched again as it has them now.

A record is folded on from its document by operations behind the document's number. Those numbers are given anew after a
restore, so a document of before would hide whatever gets one of them.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from core.ids import EntityId
from core.state_document import VERSION
from storage.hub.connecting import HubError
from storage.sync.base_documents import base_cursor, forget_documents, take_documents
from storage.sync.joined import Cursor

if TYPE_CHECKING:
    from storage.sync.session import KeptDocument, Session

ASKED_AT_ONCE = 5000
MOST_AGAIN = 20_000
"""Documents kept in memory until all are there; who needs more is better off with a new file."""


class Again(NamedTuple):
    """Records of a stream whose documents go, and what the hub has for them."""

    stream: str
    records: Sequence[EntityId]
    documents: Sequence[KeptDocument]


def fetch_again(reading: sqlite3.Connection, session: Session, epoch: bytes, stream: str, common: Cursor) -> Again:
    """Documents of what had come folded further than `common`, where this desk's log and the hub's part.

    HubError `hub.log_cut` where the hub has none that reach to where the log of this desk begins.
    """
    found = reading.execute("SELECT id FROM base_document WHERE stream = ? AND seq > ?", (stream, common.seq))
    records = [EntityId(row[0]) for row in found]
    if not records:
        return Again(stream, (), ())
    folded = session.folded(epoch, stream)
    reaches = folded.doc_version == VERSION and folded.cursor.seq >= base_cursor(reading, stream).seq
    if not reaches or len(records) > MOST_AGAIN:
        raise HubError("hub.log_cut", reason=f"documents reach to {folded.cursor.seq} only")
    documents: list[KeptDocument] = []
    for begin in range(0, len(records), ASKED_AT_ONCE):
        documents += session.documents_of(epoch, stream, records[begin : begin + ASKED_AT_ONCE])
    return Again(stream, records, documents)


def take_again(connection: sqlite3.Connection, again: Again) -> None:
    """Fold these records from what the hub has now, inside a transaction, which fails where that is unfit."""
    from storage.sync.refold import refold

    forget_documents(connection, again.records)
    if unfit := take_documents(connection, again.stream, again.documents):
        raise HubError("hub.log_cut", reason=f"{len(unfit)} documents cannot be read")
    # What was made after the backup has no document there: all of its log is here, or comes back.
    for record in set(again.records) - {document.id for document in again.documents}:
        refold(connection, record)
