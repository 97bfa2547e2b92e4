"""Calendars and policies with their versions as plain reads, and what hangs on each."""

from __future__ import annotations

import sqlite3
from typing import NamedTuple

from core.documents import DOCUMENT_KINDS, FIRST_NUMBER
from core.ids import EntityId
from core.text import fold


class Version(NamedTuple):
    """A version in force from `valid_from` (None: from ever) until the next one; `body` is JSON text."""

    number: int
    valid_from: int | None
    body: str
    note: str = ""


class Document(NamedTuple):
    """A calendar or policy; `versions` in the order in which they come into force.

    `newest_number` also counts versions that were taken back; `contracts` and `open_tickets` hang on it now.
    """

    id: EntityId
    kind: str
    name: str
    versions: tuple[Version, ...]
    newest_number: int
    contracts: int
    open_tickets: int

    def at(self, instant: int) -> Version:
        """The version in force at an instant."""
        return [one for one in self.versions if one.valid_from is None or one.valid_from <= instant][-1]

    def after(self, instant: int) -> Version | None:
        """The version that comes into force next after an instant."""
        return next((one for one in self.versions if one.valid_from is not None and one.valid_from > instant), None)


def documents(connection: sqlite3.Connection) -> list[Document]:
    """Every calendar and policy of the desk by kind and name."""
    return [
        _document(connection, kind, *row)
        for kind in DOCUMENT_KINDS
        for row in connection.execute(f"SELECT id, name, body FROM {kind} WHERE archived = 0 ORDER BY name, id")
    ]


def documents_called(connection: sqlite3.Connection, kind: str, name: str) -> list[Document]:
    """Those with exactly this name or this id in hex, else those with the same folded name."""
    rows = connection.execute(f"SELECT id, name, body FROM {kind} WHERE archived = 0 ORDER BY name, id").fetchall()
    found = [row for row in rows if name in (row[1], row[0].hex())] or [
        row for row in rows if fold(row[1]) == fold(name)
    ]
    return [_document(connection, kind, *row) for row in found]


def _document(connection: sqlite3.Connection, kind: str, id_: EntityId, name: str, body: str) -> Document:
    later = connection.execute(
        "SELECT number, valid_from, body, note FROM document_version WHERE document = ? AND archived = 0"
        " ORDER BY valid_from, number, id",
        (id_,),
    ).fetchall()
    (newest,) = connection.execute("SELECT max(number) FROM document_version WHERE document = ?", (id_,)).fetchone()
    (contracts,) = connection.execute(
        "SELECT count(DISTINCT v.contract) FROM contract_version v JOIN contract k ON k.id = v.contract"
        f" WHERE v.{kind} = ? AND v.archived = 0 AND k.archived = 0",
        (id_,),
    ).fetchone()
    (open_tickets,) = connection.execute(
        "SELECT count(*) FROM ticket WHERE queue_rank < 4"
        f" AND contract_version IN (SELECT id FROM contract_version WHERE {kind} = ?)",
        (id_,),
    ).fetchone()
    versions = (Version(FIRST_NUMBER, None, body), *(Version(*row) for row in later))
    return Document(id_, kind, name, versions, newest or FIRST_NUMBER, contracts, open_tickets)
