"""A desk joins a hub: it becomes known there, remembers it, and gets its first block of ticket numbers."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

from core.clock import Clock, instant
from core.ids import EntityId
from storage.engine import open_file
from storage.hub.connecting import HubError
from storage.sync.joined import join, stands
from storage.sync.leaving import check_may_join
from storage.sync.numbers import BLOCK, keep_block
from storage.sync.session import Session, Welcome

if TYPE_CHECKING:
    from storage.desk import OpenDesk


def join_hub(desk: OpenDesk, clock: Clock, session: Session, url: str, person: EntityId) -> Welcome:
    """Join the hub of `session` as the login that opened it; HubError for a desk that belongs to another hub."""
    stood = stands(desk.path)
    if stood.hub is not None and stood.hub.url != url:
        raise HubError("hub.joined_already", url=stood.hub.url)
    welcome = session.join(stood.console, person)
    connection = open_file(desk.path, read_only=True)
    try:
        check_may_join(connection, welcome.epoch)
    finally:
        connection.close()
    first = session.lease(welcome.epoch, stood.console, BLOCK, stood.last_number)
    now = instant(clock.now_ms())

    def remember(file: sqlite3.Connection) -> None:
        join(file, url, welcome.epoch, welcome.login, welcome.person, now)
        keep_block(file, first, BLOCK)

    desk.write(remember).result()
    return welcome
