"""Records that were merged: references in the rows follow to the record that was kept, and back when it is undone.

The log keeps what was said, the rows show where it leads: a row's reference is the one in the log, followed through
`merged_record`. `moved_reference` keeps the log's own where the two differ, so that taking apart is exact, and so that
an operation that names a merged record, however late it comes, lands on the kept one.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import Any

from core.operations.operation import Record
from core.text import fold
from storage.rebuild import begin_rebuild

REFERENCES: dict[str, tuple[tuple[str, str], ...]] = {
    "company": (
        ("company", "parent"),
        ("site", "company"),
        ("affiliation", "company"),
        ("equipment", "company"),
        ("contract", "company"),
        ("ticket", "company"),
    ),
    "contact": (("affiliation", "contact"), ("call_back", "contact"), ("ticket_reporter", "contact")),
    "contract": (("contract_version", "contract"),),
    "equipment": (("equipment", "parent"), ("ticket", "equipment")),
    "model": (("equipment", "model"),),
    "person": (
        ("ticket", "owner"),
        ("call_back", "person"),
        ("company", "account_manager"),
        ("company", "deputy_manager"),
    ),
    "site": (("equipment", "site"), ("ticket", "site")),
    "team": (("person", "team"), ("ticket", "team")),
    "territory": (("site", "territory"),),
}
"""Where a record is named as what it is now. What somebody said or did stays with the name it was said under."""

FIELDS = {
    table: {field: entity for entity, named in REFERENCES.items() for where, field in named if where == table}
    for table in sorted({where for named in REFERENCES.values() for where, _field in named})
}
"""The same by table: which entity each of its fields names."""

LONGEST_CHAIN = 50


def is_any_merged(connection: sqlite3.Connection) -> bool:
    """True when references have to be followed at all."""
    return bool(connection.execute("SELECT EXISTS (SELECT 1 FROM merged_record)").fetchone()[0])


def kept_record(connection: sqlite3.Connection, record: bytes) -> bytes:
    """The record that `record` became, itself where it was never merged."""
    found = record
    for _step in range(LONGEST_CHAIN):
        row = connection.execute('SELECT "into" FROM merged_record WHERE record = ?', (found,)).fetchone()
        if row is None or row[0] == record:
            # Two consoles may have merged each into the other: then both stand for themselves.
            return found if row is None else record
        found = row[0]
    return record


def follow(connection: sqlite3.Connection, table: str, row: dict[str, Any], place: str = "") -> dict[str, Any]:
    """`row`, about to be written, with its references followed; `place` tells rows of one id apart."""
    followed = dict(row)
    key = row.get("ticket" if table == "ticket_reporter" else "id")
    for field in FIELDS.get(table, {}).keys() & row.keys():
        said = row[field]
        now = kept_record(connection, said) if said is not None else None
        kept = connection.execute(
            "SELECT was FROM moved_reference WHERE named_in = ? AND row = ? AND field = ?", (table, key, field + place)
        ).fetchone()
        followed[field] = None if now == key else now
        if kept is not None and kept_record(connection, kept[0]) == now:
            continue
        if kept is not None:
            connection.execute(
                "DELETE FROM moved_reference WHERE named_in = ? AND row = ? AND field = ?", (table, key, field + place)
            )
        if now != said:
            connection.execute(
                "INSERT INTO moved_reference (named_in, row, field, was) VALUES (?, ?, ?, ?)",
                (table, key, field + place, said),
            )
    return followed


def write_merge(connection: sqlite3.Connection, entity: str, record: bytes, into: bytes | None) -> None:
    """Let `record` lead to `into`, or with None stand for itself again, and follow every reference to it."""
    if into is None:
        connection.execute("DELETE FROM merged_record WHERE record = ?", (record,))
    else:
        connection.execute(
            'INSERT INTO merged_record (record, entity, "into") VALUES (?, ?, ?)'
            ' ON CONFLICT (record) DO UPDATE SET "into" = excluded."into"',
            (record, entity, into),
        )
    name = _sorted_as(connection, record if into is None else kept_record(connection, into))
    for table, field in REFERENCES[entity]:
        # With the company its name: each row of a large table is to be written once.
        also = {"company_sort": name} if (table, field) == ("ticket", "company") else {}
        if into is None:
            _lead_back(connection, table, field, record, also)
        else:
            _lead_on(connection, table, field, record, also)
    if entity == "site":
        begin_rebuild(connection, Record("site", {"id": (into or record).hex()}))


def _lead_on(connection: sqlite3.Connection, table: str, field: str, record: bytes, also: dict[str, str]) -> None:
    key, kept_field = _key_and_field(table, field)
    connection.execute(
        "INSERT OR IGNORE INTO moved_reference (named_in, row, field, was)"
        f" SELECT '{table}', {key}, {kept_field}, {field} FROM {table} WHERE {field} = ?",
        (record,),
    )
    kept = kept_record(connection, record)
    # Nothing is a part of itself.
    now = f"CASE {key} WHEN :now THEN NULL ELSE :now END" if field == "parent" else ":now"
    more = "".join(f", {name} = :{name}" for name in also)
    connection.execute(
        f"UPDATE {table} SET {field} = {now}{more} WHERE {field} = :record", {"now": kept, "record": record, **also}
    )


def _lead_back(connection: sqlite3.Connection, table: str, field: str, record: bytes, also: dict[str, str]) -> None:
    """Rows whose log names `record`, or what was merged into it, name it again."""
    key, kept_field = _key_and_field(table, field)
    more = "".join(f", {name} = :{name}" for name in also)
    where = f"{key} IN (SELECT m.row FROM moved_reference m WHERE m.was = :said AND m.named_in = '{table}'"
    if table == "ticket_reporter":
        where += (
            f") AND EXISTS (SELECT 1 FROM moved_reference m WHERE m.named_in = '{table}' AND m.row = {key}"
            f" AND m.field = {kept_field} AND m.was = :said)"
        )
    else:
        where += f" AND m.field = {kept_field})"
    for said in _all_that_lead_to(connection, record):
        values = {"now": record, "said": said, **also}
        connection.execute(f"UPDATE {table} SET {field} = :now{more} WHERE {where}", values)
    connection.execute(
        "DELETE FROM moved_reference WHERE was = ? AND named_in = ? AND substr(field, 1, ?) = ?",
        (record, table, len(field), field),
    )


def _key_and_field(table: str, field: str) -> tuple[str, str]:
    """In SQL: by what a row is named, and how its field is called in `moved_reference`."""
    if table == "ticket_reporter":
        return "ticket", f"'{field}' || place"
    return "id", f"'{field}'"


def _all_that_lead_to(connection: sqlite3.Connection, record: bytes) -> Iterable[bytes]:
    found, rest = [record], [record]
    while rest and len(found) < 10_000:
        into = rest.pop()
        merged = connection.execute('SELECT record FROM merged_record WHERE "into" = ?', (into,)).fetchall()
        new = [one for (one,) in merged if one not in found]
        found += new
        rest += new
    return found


def sort_by_name(connection: sqlite3.Connection, company: bytes) -> None:
    """The tickets of a company stand in the lists by what it is called now."""
    connection.execute(
        "UPDATE ticket SET company_sort = ?1 WHERE company = ?2 AND company_sort <> ?1",
        (_sorted_as(connection, company), company),
    )


def _sorted_as(connection: sqlite3.Connection, company: bytes) -> str:
    row = connection.execute("SELECT name FROM company WHERE id = ?", (company,)).fetchone()
    return fold(row[0])[:80] if row else ""
