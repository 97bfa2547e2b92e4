"""What a desk's file has at all: asked once for all records of a transaction, as most files have none of most of it."""

from __future__ import annotations

import sqlite3
from functools import cached_property

from storage.merging import is_any_merged


class FileHolds:
    """Answers that hold until the transaction writes such a thing itself; whoever does says so."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    @cached_property
    def any_lost(self) -> bool:
        """Operations that a restored hub has lost."""
        return self._has("lost_stamp")

    @cached_property
    def any_base(self) -> bool:
        """Records that came folded."""
        return self._has("base_document")

    @cached_property
    def any_set_aside(self) -> bool:
        """Operations that could not be folded."""
        return self._has("quarantine")

    @cached_property
    def any_conflict(self) -> bool:
        """Conflicts, settled ones among them."""
        return self._has("conflict")

    @cached_property
    def any_alias(self) -> bool:
        """Other names of records."""
        return self._has("external_id")

    @cached_property
    def any_merged(self) -> bool:
        """Records that became one."""
        return is_any_merged(self._connection)

    def _has(self, table: str) -> bool:
        return bool(self._connection.execute(f"SELECT EXISTS (SELECT 1 FROM {table})").fetchone()[0])
