"""Records as a keeper had folded them: where the log of this desk begins for each, and how they come in."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from core.errors import DomainError
from core.ids import EntityId
from core.operations.envelope import FIRST_HASH, Stamp
from core.operations.kinds import KINDS
from core.operations.operation import State
from core.state_document import Deed, StateDocument, unpacked
from storage.sync.joined import Cursor

if TYPE_CHECKING:
    from storage.sync.session import KeptDocument

BEGINNING = Cursor(0, FIRST_HASH)
RETARGETED = "ticket.retargeted"
OPENINGS = ("ticket.opened", "ticket.imported")


class Made(NamedTuple):
    """The operation by which a record began, of which a document keeps nothing but its kind."""

    KIND: str


class Base(NamedTuple):
    """A record as of a number of the hub's log, with those of its operations that are looked at again."""

    seq: int
    state: State
    deeds: tuple[tuple[Any, Stamp], ...] = ()


class History(NamedTuple):
    """How many documents of how many are here."""

    done: int
    total: int


NOTHING = Base(0, State())


def base_of(connection: sqlite3.Connection, record: EntityId) -> Base:
    """What a record is folded on from; nothing where all of its log is here."""
    row = connection.execute("SELECT seq, body FROM base_document WHERE id = ?", (record,)).fetchone()
    if row is None:
        return NOTHING
    known = unpacked(row[1])
    return Base(row[0], known.state, tuple((_operation(deed), deed.stamp) for deed in known.deeds))


def made_by(connection: sqlite3.Connection, record: EntityId) -> tuple[Stamp, str] | None:
    """The operation by which a record began that came folded: its stamp and kind."""
    deeds = base_of(connection, record).deeds
    return next(((stamp, operation.KIND) for operation, stamp in deeds if isinstance(operation, Made)), None)


def _operation(deed: Deed) -> Any:
    return Made(deed.kind) if deed.payload is None else KINDS[deed.kind].from_document(deed.payload)


def base_cursor(connection: sqlite3.Connection, stream: str) -> Cursor:
    """Where the log of this desk begins."""
    row = connection.execute("SELECT seq, chain FROM base_stream WHERE stream = ?", (stream,)).fetchone()
    return BEGINNING if row is None else Cursor(*row)


def history(connection: sqlite3.Connection) -> History | None:
    """How far documents have come; None where nothing is left to come."""
    row = connection.execute("SELECT sum(done), sum(total) FROM base_stream WHERE is_whole = 0").fetchone()
    return None if row[1] is None else History(row[0], max(row[0], row[1]))


def begin_stream(connection: sqlite3.Connection, stream: str, at: Cursor, total: int) -> None:
    """The log of a stream begins at `at`; `total` documents stand for what was before."""
    connection.execute("INSERT INTO base_stream (stream, seq, chain, total) VALUES (?, ?, ?, ?)", (stream, *at, total))
    connection.execute("INSERT INTO hub_cursor (stream, seq, chain) VALUES (?, ?, ?)", (stream, *at))


def take_documents(connection: sqlite3.Connection, stream: str, documents: Sequence[KeptDocument]) -> list[EntityId]:
    """Take documents in and fold on from them; answers those that cannot be read, of which nothing is taken."""
    from storage.sync.across_records import met_by_documents
    from storage.sync.refold import refold_all

    unfit = []
    taken, states = [], []
    for document in documents:
        try:
            known = _vetted(document)
        except DomainError:
            unfit.append(document.id)
            continue
        if _keep(connection, stream, document, known):
            taken.append(document.id)
            states.append(known.state)
    refold_all(connection, taken)
    # Whatever order they come in, conflicts between two records are found when the second is there.
    refold_all(connection, met_by_documents(connection, states))
    return unfit


def forget_documents(connection: sqlite3.Connection, records: Iterable[EntityId]) -> None:
    """What a restored hub had folded further than its log now goes."""
    connection.executemany("DELETE FROM base_document WHERE id = ?", [(record,) for record in records])


def waiting_for_documents(connection: sqlite3.Connection, stream: str) -> list[EntityId]:
    """Records that operations here speak of and that came neither with the log nor as a document."""
    if connection.execute("SELECT 1 FROM base_stream WHERE stream = ?", (stream,)).fetchone() is None:
        return []
    query = (
        "SELECT DISTINCT q.about FROM quarantine q JOIN operation o ON o.console = q.console AND o.n = q.n"
        " WHERE o.stream = ? AND NOT EXISTS (SELECT 1 FROM base_document b WHERE b.id = q.about) LIMIT 5000"
    )
    return [EntityId(row[0]) for row in connection.execute(query, (stream,))]


def note_page(connection: sqlite3.Connection, stream: str, page: Sequence[KeptDocument]) -> None:
    """How far the history of a stream has come; an empty page ends it."""
    if not page:
        connection.execute("UPDATE base_stream SET is_whole = 1 WHERE stream = ?", (stream,))
        return
    connection.execute(
        "UPDATE base_stream SET after_id = ?, done = done + ? WHERE stream = ?", (page[-1].id, len(page), stream)
    )


def _vetted(document: KeptDocument) -> StateDocument:
    known = unpacked(document.body)
    if known.id != document.id or known.entity != document.entity:
        raise DomainError("state_document.unfit", reason="it is about another record than it says")
    return known


def _keep(connection: sqlite3.Connection, stream: str, document: KeptDocument, known: StateDocument) -> bool:
    """False for one that is older than what is here."""
    opened = next((deed.stamp for deed in known.deeds if deed.kind in OPENINGS), None)
    opened_seq, opened_n = (0, 0) if opened is None else (opened.seq, opened.n)
    was_retargeted = any(entry.code == RETARGETED for entry in known.state.known_entries.values())
    return (
        connection.execute(
            "INSERT INTO base_document (id, stream, entity, seq, opened_seq, opened_n, was_retargeted, body)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET seq = excluded.seq,"
            " opened_seq = excluded.opened_seq, opened_n = excluded.opened_n,"
            " was_retargeted = excluded.was_retargeted, body = excluded.body WHERE excluded.seq >= base_document.seq",
            (
                document.id,
                stream,
                document.entity,
                document.folded_seq,
                opened_seq,
                opened_n,
                int(was_retargeted),
                document.body,
            ),
        ).rowcount
        > 0
    )
