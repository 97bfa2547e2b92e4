"""What a desk has to offer for a field of a filter while its value is typed."""

from __future__ import annotations

import sqlite3

from core.finding import FilterValues
from core.text import LAST_SIGN, fold
from storage.filter_sql import prepare_once

# Stages and fault codes are those of open tickets: all years would be read for seconds.
_FOUND = "SELECT DISTINCT {column} AS name FROM {table} WHERE {column} <> ''{more}"
_OPEN = " AND queue_rank < 4"
_HERE = " AND archived = 0"
_VALUES = {
    "co": _FOUND.format(column="name", table="company", more=_HERE),
    "site": _FOUND.format(column="name", table="site", more=_HERE),
    "contact": _FOUND.format(column="name", table="contact", more=_HERE),
    "owner": _FOUND.format(column="name", table="person", more=_HERE),
    "team": _FOUND.format(column="name", table="team", more=_HERE),
    "territory": _FOUND.format(column="name", table="territory", more=_HERE),
    "country": _FOUND.format(column="country", table="company", more=_HERE),
    "contract": _FOUND.format(column="number", table="contract", more=_HERE),
    "grade": _FOUND.format(column="grade", table="contract_version", more=_HERE),
    "eq": _FOUND.format(column="name", table="model", more=_HERE),
    "stage": _FOUND.format(column="stage", table="ticket", more=_OPEN),
    "cat": _FOUND.format(column="category", table="model", more=_HERE),
    "fault": _FOUND.format(column="fault_code", table="ticket", more=_OPEN),
}
_BY_BEGINNING = {
    "no": "SELECT number FROM ticket WHERE number >= ? AND number < ? ORDER BY number DESC LIMIT ?",
    "eq": "SELECT serial FROM equipment WHERE serial >= ? AND serial < ? ORDER BY serial LIMIT ?",
}


def filter_values(connection: sqlite3.Connection, request: FilterValues) -> tuple[str, ...]:
    """Names that begin with what was typed, folded, then those that hold it; both in order."""
    prepare_once(connection)
    wanted = fold(request.typed)
    names = _VALUES.get(request.field, "")
    if request.with_archived:
        names = names.removesuffix(_HERE)
    found: list[str] = []
    if names:
        query = (
            f"SELECT name FROM ({names}) WHERE instr(folded(name), ?) > 0"
            " ORDER BY instr(folded(name), ?) > 1, folded(name) LIMIT ?"
        )
        found = [name for (name,) in connection.execute(query, (wanted, wanted, request.limit))]
    if request.field in _BY_BEGINNING and request.typed:
        # Serials and numbers are written in capitals, and an index finds only what is written alike.
        begins = request.typed.upper()
        rows = connection.execute(_BY_BEGINNING[request.field], (begins, begins + LAST_SIGN, request.limit))
        found += [name for (name,) in rows]
    return tuple(dict.fromkeys(found))[: request.limit]
