"""A console's talk with its hub: each function it may call is one transaction there."""

from __future__ import annotations

import os
import socket
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from core.clock import COUNTER_BITS
from core.ids import EntityId
from core.operations.envelope import SCHEMA_VERSION, Envelope
from storage.hub.connecting import HubError, connect, explained
from storage.sync.joined import Cursor
from storage.sync.wire import Arrival, arrival_of, parts_of

QUIET_SECONDS = 45.0
"""So long may a hub say nothing at all; at no statement of a console does it work longer."""

OPS_A_PULL = 1000
DOCUMENTS_A_PAGE = 500

PUSH = (
    b"SELECT lampboard.hub_push(%s, %s, %s, %s, %s::uuid[], %s::text[], %s::text[], %s::uuid[], %s::text[],"
    b" %s::bytea[], %s::bytea[], %s::bigint[], %s::integer[], %s::bytea[], %s::bytea[], %s::uuid[])"
)
PULL = (
    b"SELECT seq, console, n, txn, entity, id, kind, payload, base, hlc, schema_v, prev, hash, said_author, author,"
    b" eff, seen, chain FROM lampboard.hub_pull(%s, %s, %s, %s, %s)"
)

DOCUMENTS = b"SELECT id, entity, folded_seq, gone, body FROM lampboard.hub_documents(%s, %s, %s, %s, %s)"
DOCUMENTS_OF = b"SELECT id, entity, folded_seq, gone, body FROM lampboard.hub_documents_of(%s, %s, %s)"


class Welcome(NamedTuple):
    """Who the hub says one is: the person a login speaks for stays the one it first joined with.

    `epochs` are all that the hub knows of itself, `epoch` the last of them.
    """

    epoch: bytes
    login: str
    person: EntityId
    epochs: frozenset[bytes]


class Heads(NamedTuple):
    """Where the hub stands: what it has of this console, and the streams it may read with their last numbers.

    `chains` holds the chain at each of these numbers, where the log has one. Streams in `kept` it may also write down
    as a keeper; what is in `read_only` it may not write.
    """

    last_n: int
    last_hash: bytes
    hub_time: int
    streams: dict[str, int]
    chains: dict[str, bytes]
    kept: tuple[str, ...] = ()
    read_only: frozenset[str] = frozenset()


class PushAnswer(NamedTuple):
    """What became of a push: how far the hub has the console's log, and what it refused, by number with a reason."""

    last_n: int
    last_hash: bytes
    refused: dict[int, str]


class Folded(NamedTuple):
    """How far a keeper has written a stream down: the number, the chain there, and how many documents there are."""

    cursor: Cursor
    doc_version: int
    hot: int
    cold: int


class KeptDocument(NamedTuple):
    """A document as the hub has it: `body` is for `core.state_document`, and as of `folded_seq`.

    It is believed no further than that module and the caller check it.
    """

    id: EntityId
    entity: str
    folded_seq: int
    is_gone: bool
    body: bytes


class Session:
    """One connection; made anew by the caller when the line was lost."""

    def __init__(self, url: str, *, password: str | None = None, quiet_seconds: float = QUIET_SECONDS) -> None:
        self._connection = connect(url, password=password)
        self._connection.quiet_seconds = quiet_seconds

    def close(self) -> None:
        """Hang up."""
        self._connection.close()

    def cut(self) -> None:
        """Break the line off from another thread: a call that waits for its answer ends with `hub.line_lost`."""
        try:
            with socket.socket(fileno=os.dup(self._connection.fileno())) as line:
                line.shutdown(socket.SHUT_RDWR)
        except _no_line():
            # It was hung up, or the other side did it first.
            return

    def join(self, console: bytes, person: bytes) -> Welcome:
        """Make a console known under this login."""
        told = self._ask(b"SELECT lampboard.hub_join(%s, %s)", _uuid(console), _uuid(person))
        with _understood():
            person = EntityId(uuid.UUID(told["person"]).bytes)
            epochs = frozenset(uuid.UUID(one).bytes for one in told["epochs"])
            return Welcome(uuid.UUID(told["epoch"]).bytes, told["role"], person, epochs)

    def heads(self, epoch: bytes, console: bytes) -> Heads:
        """Where the hub stands now; HubError when it takes no operations of this program's age."""
        told = self._ask(b"SELECT lampboard.hub_heads(%s, %s)", _uuid(epoch), _uuid(console))
        with _understood():
            if max(int(told["schema_min_push"]), int(told["schema_min_pull"])) > SCHEMA_VERSION:
                raise HubError("hub.console_too_old")
            streams = {str(name): int(stands["head"]) for name, stands in sorted(told["streams"].items())}
            chains = {str(name): bytes.fromhex(at["chain"]) for name, at in told["streams"].items() if at["chain"]}
            hub_time = int(told["hub_ms"]) << COUNTER_BITS
            rights = {name: told["streams"][name].get("rights") for name in streams}
            kept = tuple(name for name in streams if rights[name] == "keep")
            read_only = frozenset(name for name in streams if rights[name] == "read")
            last_n, last_hash = int(told["last_n"]), bytes.fromhex(told["last_hash"])
            return Heads(last_n, last_hash, hub_time, streams, chains, kept, read_only)

    def push(self, epoch: bytes, console: bytes, now_ms: int, envelopes: Sequence[Envelope]) -> PushAnswer:
        """Hand over operations of this console, dense from the first; what the hub has already it passes over."""
        told = self._ask(PUSH, _uuid(epoch), _uuid(console), envelopes[0].n, now_ms, *parts_of(envelopes))
        with _understood():
            refused = {int(n): str(reason) for n, reason in told["refused"].items()}
            return PushAnswer(int(told["last_n"]), bytes.fromhex(told["last_hash"]), refused)

    def pull(self, epoch: bytes, stream: str, cursor: Cursor) -> list[Arrival]:
        """What follows on `cursor` in a stream, some whole acts of it; empty at its head."""
        values = (_uuid(epoch), stream, cursor.seq, cursor.chain, OPS_A_PULL)
        return [arrival_of(stream, row) for row in self._rows(PULL, *values)]

    def lease(self, epoch: bytes, console: bytes, count: int, highest: int) -> int:
        """The first of `count` ticket numbers that nobody else gets."""
        query = b"SELECT lampboard.hub_lease(%s, %s, %s, %s)"
        with _understood():
            return int(self._ask(query, _uuid(epoch), _uuid(console), count, highest))

    def chains_at(self, epoch: bytes, stream: str, seqs: Sequence[int]) -> dict[int, bytes]:
        """The chain of a stream at those of some numbers that are in the log, 10,000 at most."""
        query = b"SELECT seq, chain FROM lampboard.hub_chain_at(%s, %s, %s)"
        return dict(self._rows(query, _uuid(epoch), stream, list(seqs)))

    def hashes_of(self, epoch: bytes, console: bytes, numbers: Sequence[int]) -> dict[int, bytes]:
        """Hashes of those of some operations of an own console that the hub has, 10,000 at most."""
        query = b"SELECT n, hash FROM lampboard.hub_hashes_of(%s, %s, %s)"
        return dict(self._rows(query, _uuid(epoch), _uuid(console), list(numbers)))

    def restored_found(self, epoch: bytes, console: bytes, stream: str, cursor: Cursor) -> bytes:
        """Tell the hub that it once had something else at `cursor`; the epoch that is in force then.

        HubError `hub.restored_untold` where it did and this login is not one to begin an epoch.
        """
        query = b"SELECT lampboard.hub_restored_found(%s, %s, %s, %s, %s)"
        with _understood():
            found: bytes = self._ask(query, _uuid(epoch), _uuid(console), stream, *cursor).bytes
            return found

    def folded(self, epoch: bytes, stream: str) -> Folded:
        """How far the documents of a stream go."""
        told = self._ask(b"SELECT lampboard.hub_folded(%s, %s)", _uuid(epoch), stream)
        with _understood():
            cursor = Cursor(int(told["folded_seq"]), bytes.fromhex(told["chain"]))
            return Folded(cursor, int(told["doc_version"]), int(told["hot"]), int(told["cold"]))

    def documents(self, epoch: bytes, stream: str, *, hot: bool, after: EntityId | None = None) -> list[KeptDocument]:
        """The documents that follow on the one of record `after`, in the order to take them in; empty at the end."""
        values = (_uuid(epoch), stream, hot, None if after is None else _uuid(after), DOCUMENTS_A_PAGE)
        return self._documents(DOCUMENTS, *values)

    def documents_of(self, epoch: bytes, stream: str, records: Sequence[EntityId]) -> list[KeptDocument]:
        """The documents of single records, at most five thousand."""
        return self._documents(DOCUMENTS_OF, _uuid(epoch), stream, [_uuid(record) for record in records])

    def _documents(self, query: bytes, *values: object) -> list[KeptDocument]:
        rows = self._rows(query, *values)
        if any(tuple(map(type, row)) != (bytes, str, int, bool, bytes) or len(row[0]) != 16 for row in rows):
            raise HubError("hub.refused_call", reason="a document that is none")
        return [KeptDocument(EntityId(row[0]), *row[1:]) for row in rows]

    def _ask(self, query: bytes, *values: object) -> Any:
        return self._rows(query, *values)[0][0]

    def _rows(self, query: bytes, *values: object) -> list[Any]:
        import psycopg

        # Twice: whatever psycopg writes as text grows on the way.
        self._connection.sent_bytes = 2 * _size(values)
        try:
            return self._connection.execute(query, values).fetchall()
        except psycopg.Error as error:
            raise explained(error) from error


def _size(value: object) -> int:
    """Bytes of what is handed over, as far as there may be many."""
    if isinstance(value, bytes | str):
        return len(value)
    return sum(map(_size, value)) if isinstance(value, list | tuple) else 0


def _no_line() -> tuple[type[Exception], ...]:
    import psycopg

    return (psycopg.Error, OSError)


@contextmanager
def _understood() -> Iterator[None]:
    """A server that is no hub of ours may answer anything."""
    try:
        yield
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise HubError("hub.refused_call", reason=f"an answer that is none: {error}") from error


def _uuid(value: bytes) -> uuid.UUID:
    return uuid.UUID(bytes=bytes(value))
