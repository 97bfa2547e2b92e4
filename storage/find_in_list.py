"""Finding in a list that is longer than what the screen has in memory: some thousands of rows at a time."""

from __future__ import annotations

import sqlite3
from typing import Any

from core.finding import FindInList, FoundInList
from core.pages import BACKWARD, FORWARD
from core.row_text import sought_words
from storage.filter_sql import prepare_once
from storage.lists import Listed, listed, queue_row

_SAID = "t.number || ' ' || t.subject || ' ' || COALESCE(c.name, '') || ' ' || COALESCE(p.name, '')"
_PLACE = (
    " || ' ' || COALESCE(k.name, '') || ' ' || COALESCE(s.name, '')"
    " || ' ' || COALESCE(NULLIF(e.inventory_number, ''), e.serial, '')"
)
_FOLDED = "CASE WHEN said GLOB '*[^ -~]*' THEN folded(said) ELSE lower(said) END"


def find_in_list(connection: sqlite3.Connection, request: FindInList) -> FoundInList:
    """The first row with every word, of the rows after the anchor; the texts are those of `core.row_text.said_by`."""
    prepare_once(connection)
    anchor, direction = request.rows.anchor, request.rows.direction
    rows = listed(connection, request.rows)
    where, bound = rows.beyond(anchor, direction)
    excerpt, source = rows.source
    said = _SAID + (_PLACE if rows.with_place else "")
    walked = f"FROM {source} WHERE {where} ORDER BY {rows.order(direction)}"
    words = sought_words(request.words)
    holds = " AND ".join(f"instr({_FOLDED}, ?) > 0" for _word in words) or "1"
    query = f"SELECT * FROM (SELECT {said} AS said, {excerpt}, {rows.keys} {walked} LIMIT ?) WHERE {holds} LIMIT 1"
    found = connection.execute(query, [*bound, request.most, *words]).fetchone()
    if found is not None:
        row = queue_row(found[1:], rows.with_place)
        return FoundInList(row, _passed(connection, rows, anchor, row.key, direction))
    last = f"SELECT {rows.keys} {walked} LIMIT 1 OFFSET ?"
    return FoundInList(None, request.most, connection.execute(last, [*bound, request.most - 1]).fetchone())


def _passed(
    connection: sqlite3.Connection, rows: Listed, anchor: tuple[Any, ...] | None, found: tuple[Any, ...], direction: str
) -> int:
    """How many rows lie after the anchor up to the one found."""
    where, bound = rows.beyond(anchor, direction)
    turned = Listed(rows.columns, where, bound, rows.is_reversed, rows.table)
    before, values = turned.beyond(found, FORWARD if direction == BACKWARD else BACKWARD)
    (count,) = connection.execute(f"SELECT count(*) FROM {rows.table} WHERE {before}", values).fetchone()
    return int(count) + 1
