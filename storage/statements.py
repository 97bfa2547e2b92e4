"""The text of statements that write rows, made from the schema once: to put one together for every act costs more than
the act."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from functools import cache
from typing import Any

from sqlalchemy import bindparam
from sqlalchemy.dialects import sqlite

from storage import schema

_DIALECT = sqlite.dialect(paramstyle="named")


@cache
def upsert_of(table: str, names: tuple[str, ...]) -> str:
    """Rows with these columns are added, or take the place of those with the same key."""
    target = schema.metadata.tables[table]
    keys = [column.name for column in target.primary_key]
    statement = sqlite.insert(target).values({name: bindparam(name) for name in names})
    changes = {name: statement.excluded[name] for name in names if name not in keys}
    return str(statement.on_conflict_do_update(index_elements=keys, set_=changes).compile(dialect=_DIALECT))


@cache
def insert_of(table: str, names: tuple[str, ...]) -> str:
    """Rows with these columns are added."""
    statement = sqlite.insert(schema.metadata.tables[table]).values({name: bindparam(name) for name in names})
    return str(statement.compile(dialect=_DIALECT))


def first_row(connection: sqlite3.Connection, query: str, *values: Any) -> Mapping[str, Any] | None:
    """The first row of a query by column names; None where it has none."""
    cursor = connection.execute(query, values)
    row = cursor.fetchone()
    return None if row is None else dict(zip([told[0] for told in cursor.description], row, strict=True))
