"""Records of master data between their rows and the fields of payloads, and what rules look up in them."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from typing import Any

from core.ids import EntityId
from core.operations.operation import Record
from core.operations.record_added import FIELDS
from core.phones import dialled
from core.record_rules import Period
from storage.caller_index import CONTACT
from storage.merging import sort_by_name, write_merge
from storage.rebuild import begin_rebuild

LISTS = frozenset(("other_phones", "skills", "rights"))
FLAGS = frozenset(("may_order", "may_approve", "archived"))
NUMBERS_TOLD = 5


def load_record(connection: sqlite3.Connection, entity: str, record: bytes) -> dict[str, Any] | None:
    """The fields of a record as in payloads, with `merged_into` where it was merged; None when there is none."""
    if entity not in FIELDS:
        return None
    cursor = connection.execute(
        f'SELECT e.*, m."into" AS merged_into FROM {entity} e LEFT JOIN merged_record m ON m.record = e.id'
        " WHERE e.id = ?",
        (record,),
    )
    row = cursor.fetchone()
    if row is None:
        return None
    return record_fields(dict(zip((column[0] for column in cursor.description), row, strict=True)))


def record_fields(row: Mapping[str, Any]) -> dict[str, Any]:
    """What `record_row` made a row of: ids as hex, lists as lists, flags as booleans."""
    fields: dict[str, Any] = {}
    for name, value in row.items():
        if isinstance(value, bytes):
            fields[name] = value.hex()
        elif name in LISTS:
            fields[name] = json.loads(value) if value else []
        elif name in FLAGS:
            fields[name] = bool(value)
        else:
            fields[name] = value
    return fields


def write_partly(connection: sqlite3.Connection, record: Record, row: dict[str, Any]) -> None:
    """Give some fields of a row other values, and what follows from them; `row` has followed references."""
    begin_rebuild(connection, record)
    key = bytes.fromhex(record.fields["id"])
    if "merged_into" in row:
        write_merge(connection, record.entity, key, row.pop("merged_into"))
    named = [name for name in row if name != "id"]
    values = [_empty(record.entity, name) if row[name] is None else row[name] for name in named]
    changes = ", ".join(f"{name} = ?" for name in named)
    connection.execute(f"UPDATE {record.entity} SET {changes} WHERE id = ?", (*values, key))
    if record.entity == "company" and "name" in row:
        sort_by_name(connection, key)


def _empty(entity: str, name: str) -> Any:
    """What a field that says nothing keeps: an empty text where its column takes no NULL."""
    from storage.schema import metadata

    column = metadata.tables[entity].columns[name]
    return None if column.nullable else 0 if name in FLAGS else ""


def periods_of(connection: sqlite3.Connection, contract: bytes) -> list[Period]:
    """The versions of a contract that are on the desk."""
    rows = connection.execute(
        "SELECT id, valid_from, valid_until FROM contract_version WHERE contract = ? AND archived = 0 ORDER BY 2",
        (contract,),
    )
    return [Period(EntityId(row[0]), row[1], row[2]) for row in rows]


def contacts_with_number(connection: sqlite3.Connection, number: str) -> list[tuple[EntityId, str]]:
    """Contacts on the desk one of whose numbers this is, however each is written."""
    rows = connection.execute(
        "SELECT DISTINCT k.id, k.name FROM find_key f JOIN find_record r ON r.n = f.record"
        " JOIN contact k ON k.id = r.id WHERE f.key = ? AND r.kind = ? AND k.archived = 0 LIMIT ?",
        (f"n{dialled(number)}", CONTACT, NUMBERS_TOLD),
    )
    return [(EntityId(row[0]), row[1]) for row in rows]


TWICE = {
    "contact": (
        "SELECT a.id FROM affiliation a WHERE a.contact = ?1 AND a.archived = 0 AND EXISTS (SELECT 1 FROM affiliation b"
        " WHERE b.contact = ?2 AND b.company = a.company AND b.archived = 0 AND (b.until IS NULL) = (a.until IS NULL))"
    ),
    "company": (
        "SELECT a.id FROM affiliation a WHERE a.company = ?1 AND a.archived = 0 AND EXISTS (SELECT 1 FROM affiliation b"
        " WHERE b.company = ?2 AND b.contact = a.contact AND b.archived = 0 AND (b.until IS NULL) = (a.until IS NULL))"
    ),
}


def affiliations_twice(connection: sqlite3.Connection, entity: str, record: bytes, into: bytes) -> list[EntityId]:
    """What would stand twice once the two are merged: the same contact at the same company."""
    if entity not in TWICE:
        return []
    return [EntityId(row[0]) for row in connection.execute(TWICE[entity], (record, into))]
