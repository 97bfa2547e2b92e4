"""Calendars, policies, views and grades with their versions as plain reads, and what hangs on each."""

from __future__ import annotations

import sqlite3
from typing import NamedTuple

from core.documents import DOCUMENT_KINDS, FIRST_NUMBER, TERMS
from core.ids import EntityId
from core.text import fold

NEWEST = "SELECT max(number) FROM document_version WHERE document = ?"
LATER_VERSIONS = (
    "SELECT number, valid_from, body, note FROM document_version WHERE document = ? AND archived = 0"
    " ORDER BY valid_from, number, id"
)


class Version(NamedTuple):
    """A version in force from `valid_from` (None: from ever) until the next one; `body` is JSON text."""

    number: int
    valid_from: int | None
    body: str
    note: str = ""

    def begins_by(self, instant: int) -> bool:
        """Whether it has come into force at an instant."""
        return self.valid_from is None or self.valid_from <= instant


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
        return [one for one in self.versions if one.begins_by(instant)][-1]

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
    return [_document(connection, kind, *row) for row in rows_called(connection, kind, name)]


def rows_called(connection: sqlite3.Connection, kind: str, name: str) -> list[tuple[EntityId, str, str]]:
    """The same as id, name and first body."""
    rows = connection.execute(f"SELECT id, name, body FROM {kind} WHERE archived = 0 ORDER BY name, id").fetchall()
    found = [row for row in rows if name in (row[1], row[0].hex())]
    return found or [row for row in rows if fold(row[1]) == fold(name)]


def body_in_force(connection: sqlite3.Connection, document: bytes, first: str, instant: int) -> str:
    """The body of the version in force at an instant, of a document that was created as `first`."""
    return [first, *(one.body for one in later_versions(connection, document) if one.begins_by(instant))][-1]


def later_versions(connection: sqlite3.Connection, document: bytes) -> list[Version]:
    """The versions after the first, each with an instant, as they come into force; those taken back are left out."""
    return [Version(*row) for row in connection.execute(LATER_VERSIONS, (document,))]


def _document(connection: sqlite3.Connection, kind: str, id_: EntityId, name: str, body: str) -> Document:
    if kind not in TERMS:
        (newest,) = connection.execute(NEWEST, (id_,)).fetchone()
        versions = (Version(FIRST_NUMBER, None, body), *later_versions(connection, id_))
        return Document(id_, kind, name, versions, newest or FIRST_NUMBER, 0, 0)
    (newest,) = connection.execute(NEWEST, (id_,)).fetchone()
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
    versions = (Version(FIRST_NUMBER, None, body), *later_versions(connection, id_))
    return Document(id_, kind, name, versions, newest or FIRST_NUMBER, contracts, open_tickets)
