"""Records that are called the same as one that is being written, by the index that callers are found by."""

from __future__ import annotations

import sqlite3

from core.caller_words import MOST_TOKENS, compact, words_of
from core.ids import EntityId
from core.record_doubts import Namesake
from storage.caller_index import KIND_NAMES, LONGEST_NAME, LONGEST_WORD, numbers_of_kind, records_with

LOOKED_AT = 50
"""More of the same name than this say no more than one."""

_CALLED = {
    "company": "SELECT e.name, '', '' FROM company e WHERE e.id = ? AND e.archived = 0",
    "contact": "SELECT e.name, '', '' FROM contact e WHERE e.id = ? AND e.archived = 0",
    "contract": "SELECT e.number, c.name, '' FROM contract e LEFT JOIN company c ON c.id = e.company"
    " WHERE e.id = ? AND e.archived = 0",
    "equipment": "SELECT e.serial, c.name, coalesce(lower(hex(e.model)), '') FROM equipment e"
    " LEFT JOIN company c ON c.id = e.company WHERE e.id = ? AND e.archived = 0",
}


def namesakes(
    connection: sqlite3.Connection, entity: str, called: str, company: EntityId | None = None
) -> list[Namesake]:
    """Companies and contacts (of `company`) of that name, equipment of that serial, contracts of that number."""
    has_number = entity in ("contract", "equipment")
    wanted = (compact(called[:LONGEST_NAME]),) if has_number else words_of(called[:LONGEST_NAME])
    words = sorted({word[:LONGEST_WORD] for word in wanted if word}, key=len, reverse=True)[:MOST_TOKENS]
    found = []
    for id_ in _candidates(connection, entity, [("n" if has_number else "w") + word for word in words], company):
        row = connection.execute(_CALLED[entity], (id_,)).fetchone()
        if row is not None and ((compact(row[0]),) if has_number else words_of(row[0])) == wanted:
            found.append(Namesake(EntityId(id_), row[0], row[1] or _name_of(connection, company), row[2]))
    return found


def _candidates(connection: sqlite3.Connection, entity: str, keys: list[str], company: EntityId | None) -> list[bytes]:
    if not keys:
        return []
    source, bound = records_with(keys)
    where, values = ("", ()) if company is None else (" AND r.company = ?", (company,))
    rows = connection.execute(
        f"SELECT DISTINCT r.id FROM ({source}) k CROSS JOIN find_record r ON r.n = k.record"
        f" WHERE k.record >= ? AND k.record < ?{where} LIMIT ?",
        (*bound, *numbers_of_kind(KIND_NAMES.index(entity)), *values, LOOKED_AT),
    )
    return [row[0] for row in rows]


def _name_of(connection: sqlite3.Connection, company: EntityId | None) -> str:
    row = connection.execute("SELECT name FROM company WHERE id = ?", (company,)).fetchone()
    return "" if row is None else str(row[0])


def companies_of(connection: sqlite3.Connection, contact: EntityId) -> list[EntityId]:
    """Where a contact is now."""
    query = "SELECT company FROM affiliation WHERE contact = ? AND archived = 0 AND until IS NULL"
    return [EntityId(row[0]) for row in connection.execute(query, (contact,))]
