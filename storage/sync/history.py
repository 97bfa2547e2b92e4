"""What a keeper had folded comes in page by page, beside the work: closed tickets after everything that is in use."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from core.ids import EntityId
from storage.caller_index import refresh_few
from storage.sync.base_documents import note_page, take_documents, waiting_for_documents

if TYPE_CHECKING:
    from storage.sync.session import KeptDocument, Session

PAGES_A_ROUND = 4
"""So that what is done meanwhile is sent in between."""

LEFT = "SELECT after_id FROM base_stream WHERE stream = ? AND is_whole = 0"


class Portion(NamedTuple):
    """The next documents of a stream: those of `records`, else the page behind `after`; `pages_left` in this round."""

    stream: str
    records: tuple[EntityId, ...]
    after: EntityId | None
    pages_left: int

    def ask(self, epoch: bytes) -> Callable[[Session], list[KeptDocument]]:
        """What the hub is asked."""
        if self.records:
            return lambda session: session.documents_of(epoch, self.stream, self.records)
        return lambda session: session.documents(epoch, self.stream, hot=False, after=self.after)

    def take(self, documents: Sequence[KeptDocument]) -> Callable[[sqlite3.Connection], list[EntityId]]:
        """What is done with the answer, in one transaction; answers what could not be read."""

        def run(connection: sqlite3.Connection) -> list[EntityId]:
            unfit = take_documents(connection, self.stream, documents)
            if not self.records:
                note_page(connection, self.stream, documents)
            refresh_few(connection)
            return unfit

        return run

    def next(self, reading: sqlite3.Connection) -> Portion | None:
        """The one after this."""
        return _page(reading, self.stream, self.pages_left - (not self.records))


def streaming_in(reading: sqlite3.Connection, stream: str) -> Portion | None:
    """The first portion of a round; None where everything is here."""
    records = waiting_for_documents(reading, stream)
    if records:
        return Portion(stream, tuple(records), None, PAGES_A_ROUND)
    return _page(reading, stream, PAGES_A_ROUND)


def _page(reading: sqlite3.Connection, stream: str, pages_left: int) -> Portion | None:
    row = reading.execute(LEFT, (stream,)).fetchone() if pages_left else None
    return None if row is None else Portion(stream, (), row[0], pages_left)
