"""Rows of master data as a fold left them: only what differs is written, and what follows from it is noted."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from functools import cache
from typing import Any

from core.ids import EntityId
from core.operations.operation import Record
from storage.master_rows import FLAGS
from storage.merging import follow, sort_by_name, write_merge
from storage.rebuild import begin_rebuild
from storage.rows import record_row

Named = tuple[str, EntityId]
"""An entity of master data and a record's id."""


def write_records(
    connection: sqlite3.Connection, records: Iterable[Record], named: Iterable[Named], *, is_any_merged: bool
) -> None:
    """Bring the rows of `named` to what `records`, in their order, say; a record that says nothing has no row."""
    folded: dict[Named, dict[str, Any]] = {}
    for record in records:
        key = (record.entity, EntityId(bytes.fromhex(record.fields["id"])))
        folded[key] = {**folded.get(key, {}), **record.fields} if record.is_partial else dict(record.fields)
    for entity, one in sorted(named):
        fields = folded.get((entity, one))
        if fields is None:
            _delete(connection, entity, one)
        else:
            _write(connection, entity, one, fields, is_any_merged=is_any_merged)


def _delete(connection: sqlite3.Connection, entity: str, record: EntityId) -> None:
    _lead(connection, entity, record, None)
    connection.execute(f"DELETE FROM {entity} WHERE id = ?", (record,))


def _write(
    connection: sqlite3.Connection, entity: str, record: EntityId, fields: dict[str, Any], *, is_any_merged: bool
) -> None:
    merged_into = fields.pop("merged_into", None)
    row = {**_empty_row(entity), **{name: value for name, value in record_row(fields).items() if value is not None}}
    if is_any_merged:
        row = follow(connection, entity, row)
    names = list(row)
    found = connection.execute(f"SELECT {', '.join(names)} FROM {entity} WHERE id = ?", (record,)).fetchone()
    before = None if found is None else dict(zip(names, found, strict=True))
    if entity == "document_version" and before is not None and before["document"] != row["document"]:
        raise ValueError("it is a version of another document")
    if before is None:
        places = ", ".join("?" * len(names))
        connection.execute(f"INSERT INTO {entity} ({', '.join(names)}) VALUES ({places})", list(row.values()))
    elif changed := {name: value for name, value in row.items() if before[name] != value}:
        begin_rebuild(connection, Record(entity, {**fields, "id": record.hex()}))
        told = ", ".join(f"{name} = ?" for name in changed)
        connection.execute(f"UPDATE {entity} SET {told} WHERE id = ?", (*changed.values(), record))
    if entity == "document_version" and before is None:
        begin_rebuild(connection, Record(entity, fields))
    if entity == "company" and (before is None or before["name"] != row["name"]):
        sort_by_name(connection, record)
    if is_any_merged:
        _lead(connection, entity, record, None if merged_into is None else bytes.fromhex(merged_into))


def _lead(connection: sqlite3.Connection, entity: str, record: EntityId, into: bytes | None) -> None:
    """Let a record lead where its operations say, and to one place at a time."""
    row = connection.execute('SELECT "into" FROM merged_record WHERE record = ?', (record,)).fetchone()
    stands = row[0] if row else None
    if stands == into:
        return
    if stands is not None:
        write_merge(connection, entity, record, None)
    if into is not None:
        write_merge(connection, entity, record, into)


@cache
def _empty_row(entity: str) -> dict[str, Any]:
    """What the columns of a record hold of which nothing was said; copied by whoever uses it."""
    from storage.schema import metadata

    return {
        column.name: None if column.nullable else 0 if column.name in FLAGS else ""
        for column in metadata.tables[entity].columns
    }
