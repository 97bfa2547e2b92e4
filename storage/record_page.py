"""One record of master data whole, and records to choose from by what was typed: never more than a list can show."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import Any, NamedTuple

from core.ids import EntityId
from core.record_fields import FIELDS, ON_ONE_FORM, OWNERS, REFERENCE
from core.record_rules import record_name
from core.record_shown import FindRecords, RecordLine, RecordPage, RecordShown
from core.text import fold
from storage.master_rows import load_record

PARTS_SHOWN = 20
LOOKED_THROUGH = 10_000
"""Rows whose names are folded one by one when no name holds the text as it was typed."""


class Searched(NamedTuple):
    """How records of an entity are found: `name` and `detail` are SQL, `columns` are looked through."""

    name: str
    columns: tuple[str, ...]
    detail: str = "''"
    of_company: str = ""
    """The condition that keeps those of one company."""


SEARCHED = {
    "calendar": Searched("e.name", ("e.name",)),
    "company": Searched("e.name", ("e.name",), "trim(e.kind || ' ' || e.tier || ' ' || e.country)"),
    "contact": Searched(
        "e.name",
        ("e.name", "e.phone", "e.email"),
        "trim(e.phone || ' ' || e.email)",
        # One by one and last: most rows are left out by their text already.
        "EXISTS (SELECT 1 FROM affiliation a WHERE a.contact = e.id AND +a.company = :company AND a.archived = 0)",
    ),
    "contract": Searched(
        "e.number",
        ("e.number",),
        "COALESCE((SELECT name FROM company WHERE id = e.company), '')",
        "e.company = :company",
    ),
    "equipment": Searched(
        "COALESCE(NULLIF(e.inventory_number, ''), e.serial)",
        ("e.inventory_number", "e.serial", "e.place"),
        "trim(COALESCE((SELECT name FROM model WHERE id = e.model), '') || ' ' || e.serial || ' ' || e.place)",
        "e.company = :company",
    ),
    "model": Searched("e.name", ("e.name", "e.maker"), "trim(e.maker || ' ' || e.category)"),
    "person": Searched("e.name", ("e.name",), "COALESCE((SELECT name FROM team WHERE id = e.team), '')"),
    "policy": Searched("e.name", ("e.name",)),
    "site": Searched("e.name", ("e.name", "e.address"), "e.address", "e.company = :company"),
    "team": Searched("e.name", ("e.name",)),
    "territory": Searched("e.name", ("e.name",), "e.zone"),
}


def record_page(connection: sqlite3.Connection, request: RecordPage) -> RecordShown | None:
    """The record with its parts; None for an unknown one."""
    fields = load_record(connection, request.entity, request.record)
    if fields is None:
        return None
    second = ON_ONE_FORM.get(request.entity)
    parts = _parts(connection, second, request.record) if second else ()
    return _shown(connection, request.entity, request.record, fields, parts)


def _shown(
    connection: sqlite3.Connection,
    entity: str,
    record: EntityId,
    fields: dict[str, Any],
    parts: tuple[RecordShown, ...] = (),
) -> RecordShown:
    names = {}
    for field in FIELDS.get(entity, ()):
        value = fields.get(field.name)
        if field.kind == REFERENCE and value:
            names[value] = _name_of(connection, field.refers_to, bytes.fromhex(value))
    into = fields.pop("merged_into", None)
    merged_into = _name_of(connection, entity, bytes.fromhex(into)) if into else ""
    name = record_name(entity, fields)
    return RecordShown(entity, record, name, fields, names, bool(fields.get("archived")), merged_into, parts)


def _parts(connection: sqlite3.Connection, entity: str, owner: EntityId) -> tuple[RecordShown, ...]:
    order = "valid_from DESC" if entity == "contract_version" else "until IS NOT NULL, since DESC"
    rows = connection.execute(
        f"SELECT id FROM {entity} WHERE {OWNERS[entity]} = ? AND archived = 0 ORDER BY {order}, id LIMIT ?",
        (owner, PARTS_SHOWN),
    ).fetchall()
    parts = []
    for (part,) in rows:
        fields = load_record(connection, entity, part)
        assert fields is not None
        parts.append(_shown(connection, entity, part, fields))
    return tuple(parts)


def _name_of(connection: sqlite3.Connection, entity: str, record: bytes) -> str:
    found = connection.execute(f"SELECT {SEARCHED[entity].name} FROM {entity} e WHERE e.id = ?", (record,)).fetchone()
    return found[0] if found else ""


def find_records(connection: sqlite3.Connection, request: FindRecords) -> tuple[RecordLine, ...]:
    """Those called exactly so first, then those whose name begins with the text, then those that hold it anywhere."""
    text = request.text.strip()
    rows = list(_holding(connection, request, text))
    if len(rows) < request.limit and text:
        known = {row[0] for row in rows}
        rows += [row for row in _folded_alike(connection, request, text) if row[0] not in known]
    wanted = fold(text)
    rows.sort(key=lambda row: (bool(row[3]), _rank(fold(row[1]), wanted)))
    return tuple(RecordLine(EntityId(row[0]), row[1], row[2], bool(row[3])) for row in rows[: request.limit])


def _rank(folded: str, wanted: str) -> int:
    return 0 if folded == wanted else 1 if folded.startswith(wanted) else 2


def _holding(connection: sqlite3.Connection, request: FindRecords, text: str) -> Iterable[tuple[Any, ...]]:
    """Rows one of whose columns holds the text in one of its usual cases: SQLite folds only ASCII by itself."""
    searched = SEARCHED[request.entity]
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    cases = [escaped]
    if not text.isascii():
        cases = list(dict.fromkeys((escaped, escaped.lower(), escaped.upper(), escaped.title())))
    tests = [f"{column} LIKE :text{place} ESCAPE '\\'" for column in searched.columns for place in range(len(cases))]
    values: dict[str, Any] = {f"text{place}": f"%{case}%" for place, case in enumerate(cases)}
    if not text:
        # Any of them: to sort a hundred thousand for a list of twenty helps nobody.
        return connection.execute(*_query(request, "1", "", {"limit": request.limit}))
    exact = f"{searched.name} = :exact"
    values |= {"exact": text, "begin": f"{escaped}%", "limit": request.limit}
    # Exact names and beginnings are not to fall behind the limit.
    order = f"{exact} DESC, {searched.name} LIKE :begin ESCAPE '\\' DESC, {searched.name}"
    return connection.execute(*_query(request, f"({' OR '.join(tests)})", order, values))


def _folded_alike(connection: sqlite3.Connection, request: FindRecords, text: str) -> Iterable[tuple[Any, ...]]:
    """The same with diacritics not counted, among the first rows of the table."""
    wanted = fold(text)
    query = _query(request, "1", "", {"limit": LOOKED_THROUGH})
    found = 0
    for row in connection.execute(*query):
        if wanted in fold(row[1]):
            yield row
            found += 1
            if found >= request.limit:
                return


def _query(request: FindRecords, test: str, order: str, values: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    searched = SEARCHED[request.entity]
    tests = [test]
    if request.company is not None and searched.of_company:
        tests.append(searched.of_company)
        values = {**values, "company": request.company}
    if not request.with_archived:
        tests.append("e.archived = 0")
    ordered = f" ORDER BY {order}" if order else ""
    query = (
        f"SELECT e.id, {searched.name}, {searched.detail}, e.archived FROM {request.entity} e"
        f" WHERE {' AND '.join(tests)}{ordered} LIMIT :limit"
    )
    return query, values
