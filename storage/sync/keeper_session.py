"""What a keeper says to its hub beside what every console says."""

from __future__ import annotations

import base64
import json
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from core.ids import EntityId
from core.state_document import VERSION
from storage.hub.connecting import explained
from storage.sync.joined import Cursor
from storage.sync.session import Session

KEEP = b"SELECT lampboard.hub_keep(%s, %s, %s, %s::jsonb, %s, %s, %s, %s)"
REPORT = b"SELECT lampboard.hub_report(%s, %s, %s, %s::jsonb, %s::jsonb, %s)"


class Lease(NamedTuple):
    """Whether this keeper may write, and for how long; else who does."""

    is_held: bool
    console: bytes
    seconds_left: float


class Written(NamedTuple):
    """A document as it is handed over; `hot_until` is in milliseconds, None for one that does not cool by itself."""

    id: EntityId
    entity: str
    is_hot: bool
    hot_until: int | None
    sort: int
    body: bytes
    is_gone: bool


class KeeperSession(Session):
    """A session of a login with the right to keep."""

    def lease_keeping(self, epoch: bytes, console: bytes, seconds: int) -> Lease:
        """Take, keep or, with 0 seconds, give back the one keeper's place, by the hub's clock."""
        told = self._ask(b"SELECT lampboard.hub_keep_lease(%s, %s, %s)", *_ids(epoch, console), seconds)
        left = (int(told["until_ms"]) - int(told["hub_ms"])) / 1000
        return Lease(bool(told["is_held"]), uuid.UUID(told["console"]).bytes, left)

    def keep(
        self,
        epoch: bytes,
        console: bytes,
        stream: str,
        documents: Sequence[Written],
        cursor: Cursor,
        *,
        is_whole: bool,
    ) -> None:
        """Hand over documents as of `cursor`; with `is_whole` the stream is written down up to there."""
        told = json.dumps([_document(one) for one in documents])
        self._ask(KEEP, *_ids(epoch, console), stream, told, *cursor, VERSION, is_whole)

    def report(
        self,
        epoch: bytes,
        console: bytes,
        table: str,
        keys: Sequence[str],
        rows: Sequence[dict[str, Any]],
        *,
        is_all: bool = False,
    ) -> None:
        """Replace rows of a reporting table: those with `keys` by `rows`, or all of them."""
        told = (json.dumps(list(keys)), json.dumps(list(rows), ensure_ascii=False))
        self._ask(REPORT, *_ids(epoch, console), table, *told, is_all)

    @contextmanager
    def at_once(self) -> Iterator[None]:
        """What is asked within is seen by others all together or not at all."""
        import psycopg

        try:
            with self._connection.transaction():
                yield
        except psycopg.Error as error:
            raise explained(error) from error


def _document(one: Written) -> dict[str, Any]:
    return {
        "id": one.id.hex(),
        "entity": one.entity,
        "is_hot": one.is_hot,
        "hot_until": one.hot_until,
        "sort": one.sort,
        "body": base64.b64encode(one.body).decode(),
        "gone": one.is_gone,
    }


def _ids(epoch: bytes, console: bytes) -> tuple[uuid.UUID, uuid.UUID]:
    return uuid.UUID(bytes=bytes(epoch)), uuid.UUID(bytes=bytes(console))
