"""What a person is shown before the work of a desk goes to a hub for the first time."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from typing import NamedTuple

from core.ids import EntityId
from storage.caller_index import refresh
from storage.namesakes import companies_of, namesakes

MINE = "o.console = (SELECT console FROM store) AND o.n > (SELECT sent_n FROM hub) AND o.state = 'local'"
ENTITY = "CASE WHEN o.kind LIKE 'record.%' THEN json_extract(CAST(o.payload AS TEXT), '$.entity') ELSE '' END"
COUNTS = f"SELECT o.kind, {ENTITY}, count(*) FROM operation o WHERE {MINE} GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2"
OPENED = (
    "SELECT json_extract(CAST(o.payload AS TEXT), CASE o.kind WHEN 'ticket.opened' THEN '$.number' ELSE"
    f" '$.ticket.number' END), t.number FROM operation o JOIN ticket t ON t.id = o.id WHERE {MINE}"
    " AND o.kind IN ('ticket.opened', 'ticket.imported') ORDER BY o.n"
)
ADDED = (
    f"SELECT o.id, json_extract(CAST(o.payload AS TEXT), '$.entity') FROM operation o WHERE {MINE}"
    " AND o.kind = 'record.added' ORDER BY o.n"
)
CALLED = {"company": "name", "contact": "name", "contract": "number", "equipment": "serial"}


class Twin(NamedTuple):
    """A record of this desk that is called the same as one the hub has."""

    entity: str
    id: EntityId
    name: str
    of_hub: EntityId


class ToSend(NamedTuple):
    """How many operations of which kind (with the entity of master data), which ticket numbers become others because
    the hub has them already, and what may be there twice."""

    counts: tuple[tuple[str, str, int], ...]
    renumbered: tuple[tuple[str, str], ...]
    twins: tuple[Twin, ...]

    @property
    def operations(self) -> int:
        """All of them."""
        return sum(count for _kind, _entity, count in self.counts)


def to_send(connection: sqlite3.Connection, slice_of_index: Callable[[], bool]) -> ToSend:
    """Everything that was not sent yet, seen beside what was read; `slice_of_index` brings the look-up up to date."""
    while slice_of_index():
        pass
    counts = tuple((kind, entity or "", count) for kind, entity, count in connection.execute(COUNTS))
    numbers = connection.execute(OPENED).fetchall()
    renumbered = tuple((was, now) for was, now in numbers if was != now)
    return ToSend(counts, renumbered, tuple(_twins(connection)))


def index_slice(connection: sqlite3.Connection) -> bool:
    """A piece of what names are looked up by; True while there is more."""
    return refresh(connection, 0.05)


def _twins(connection: sqlite3.Connection) -> Iterator[Twin]:
    added = connection.execute(ADDED).fetchall()
    mine = {bytes(one) for one, _entity in added}
    for id_, entity in added:
        if entity not in CALLED:
            continue
        row = connection.execute(
            f"SELECT {CALLED[entity]} FROM {entity} WHERE id = ? AND archived = 0", (id_,)
        ).fetchone()
        if row is None or not row[0]:
            continue
        for other in namesakes(connection, entity, row[0]):
            if bytes(other.id) in mine or not _is_of_hub(connection, other.id):
                continue
            if entity != "contact" or _may_be_one(connection, EntityId(id_), other.id):
                yield Twin(entity, EntityId(id_), row[0], other.id)
                break


def _is_of_hub(connection: sqlite3.Connection, record: EntityId) -> bool:
    query = "SELECT 1 FROM operation o JOIN stamp s ON s.console = o.console AND s.n = o.n WHERE o.id = ? LIMIT 1"
    return connection.execute(query, (record,)).fetchone() is not None


def _may_be_one(connection: sqlite3.Connection, one: EntityId, other: EntityId) -> bool:
    """Two of a name at companies of a name, or with a number in common; two John Smiths elsewhere are two."""
    if _numbers(connection, one) & _numbers(connection, other):
        return True
    theirs = {_name(connection, company) for company in companies_of(connection, other)}
    return any(_name(connection, company) in theirs for company in companies_of(connection, one))


def _name(connection: sqlite3.Connection, company: EntityId) -> str:
    row = connection.execute("SELECT name FROM company WHERE id = ?", (company,)).fetchone()
    return "" if row is None else str(row[0]).casefold()


def _numbers(connection: sqlite3.Connection, contact: EntityId) -> set[str]:
    digits, others = connection.execute(
        "SELECT phone_digits, other_phones FROM contact WHERE id = ?", (contact,)
    ).fetchone()
    try:
        more = json.loads(others) if others else []
    except ValueError:
        more = []
    return {digits, *("".join(filter(str.isdigit, str(one))) for one in more)} - {""}
