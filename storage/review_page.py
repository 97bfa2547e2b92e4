"""Open conflicts with everything that names them, the most urgent first, and what is known beside one of them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from core.clock import Instant
from core.conflicts import ARCHIVED_ACTIVE, VERSION, Conflict
from core.documents import DOCUMENT_KINDS
from core.ids import EntityId
from core.queue import PRIORITIES
from core.review_shown import BesideShown, ConflictBeside, ConflictLine, ReviewPage, ReviewShown
from core.what_if import PriorityIs, what_if
from storage.lists import queue_row
from storage.queue_sql import EXCERPT, EXCERPT_JOINS
from storage.sync.conflict_rows import conflict_of, known_conflict

if TYPE_CHECKING:
    from core.clock_facts import Promise
    from core.restatements import Restatement

OPEN = (
    f"SELECT f.id, f.kind, f.entity, f.record, f.field, f.body, {EXCERPT} FROM conflict f"
    f" LEFT JOIN ticket t ON f.entity = 'ticket' AND t.id = f.record{EXCERPT_JOINS} WHERE f.is_open = 1"
    # Tickets by what their lamps say, then records, then what harms nobody while it waits.
    " ORDER BY f.kind IN (?, ?), f.entity <> 'ticket', t.queue_rank, t.queue_key, t.priority, f.at, f.id LIMIT ?"
)
LONGEST_NAME = 400
IDS_AT_ONCE = 500
_COMPANY = "COALESCE((SELECT k.name FROM company k WHERE k.id = e.company), '')"
_MODEL = "COALESCE((SELECT m.name FROM model m WHERE m.id = e.model), '')"
_NUMBER = f"trim(COALESCE(NULLIF(e.inventory_number, ''), e.serial) || ' ' || {_MODEL})"


class _Promises(NamedTuple):
    deadlines: dict[int, Promise]
    restated: tuple[Restatement, ...]


NO_PROMISES = _Promises({}, ())


class _Named(NamedTuple):
    """How a record is called and which company it belongs to, as SQL over its table `e`."""

    name: str
    company: str = "''"


RECORDS = {
    "company": _Named("e.name"),
    "site": _Named("e.name", _COMPANY),
    "territory": _Named("e.name"),
    "contact": _Named(
        "e.name",
        "COALESCE((SELECT k.name FROM affiliation a JOIN company k ON k.id = a.company WHERE a.contact = e.id"
        " AND a.archived = 0 ORDER BY a.until IS NOT NULL, a.since DESC, a.id LIMIT 1), '')",
    ),
    "affiliation": _Named("COALESCE((SELECT k.name FROM contact k WHERE k.id = e.contact), '')", _COMPANY),
    "equipment": _Named(_NUMBER, _COMPANY),
    "model": _Named("e.name"),
    "contract": _Named("e.number", _COMPANY),
    "contract_version": _Named(
        "trim(COALESCE((SELECT k.number FROM contract k WHERE k.id = e.contract), '') || ' ' || e.grade)",
        "COALESCE((SELECT f.name FROM contract k JOIN company f ON f.id = k.company WHERE k.id = e.contract), '')",
    ),
    "person": _Named("e.name"),
    "team": _Named("e.name"),
    **{kind: _Named("e.name") for kind in DOCUMENT_KINDS},
}
REFERRED_TO = {
    **{table: named.name for table, named in RECORDS.items()},
    "entry": "e.text",
    "ticket": "e.number || ' ' || e.subject",
}


def review_page(connection: sqlite3.Connection, request: ReviewPage) -> ReviewShown:
    """Open conflicts: those of tickets by how soon their promises break, then of records, then two versions."""
    rows = connection.execute(OPEN, (ARCHIVED_ACTIVE, VERSION, request.most)).fetchall()
    (in_all,) = connection.execute("SELECT count(*) FROM conflict WHERE is_open = 1").fetchone()
    lines = tuple(_line(connection, row) for row in rows)
    return ReviewShown(lines, in_all, names_of(connection, _mentioned(line.conflict for line in lines)))


def _line(connection: sqlite3.Connection, row: tuple[Any, ...]) -> ConflictLine:
    conflict = conflict_of(row[:6])
    if row[6] is not None:
        ticket = queue_row(row[6:])
        return ConflictLine(conflict, ticket, ticket.number, ticket.company_name)
    table = conflict.entity
    if table == "document":
        table = str(conflict.applied.value["kind"])
    return ConflictLine(conflict, None, *_called(connection, table, conflict.record))


def _called(connection: sqlite3.Connection, table: str, record: EntityId) -> tuple[str, str]:
    if table not in RECORDS:
        return "", ""
    named = RECORDS[table]
    query = (
        f"SELECT substr({named.name}, 1, {LONGEST_NAME}), substr({named.company}, 1, {LONGEST_NAME})"
        f" FROM {table} e WHERE e.id = ?"
    )
    found: tuple[str, str] | None = connection.execute(query, (record,)).fetchone()
    return found or ("", "")


def _mentioned(conflicts: Iterable[Conflict]) -> set[bytes]:
    """Every id in what was set and by whom."""
    found: set[bytes] = set()
    for one in conflicts:
        found |= {one.applied.author, one.other.author}
        for value in (one.before, one.applied.value, one.other.value, one.field.partition(":")[2]):
            found.update(_ids_in(value))
    return found


def _ids_in(value: Any) -> Iterator[bytes]:
    if isinstance(value, dict):
        for one in value.values():
            yield from _ids_in(one)
    elif isinstance(value, str) and len(value) == 32:
        try:
            yield bytes.fromhex(value)
        except ValueError:
            return


def names_of(connection: sqlite3.Connection, mentioned: Iterable[bytes]) -> dict[str, str]:
    """What people and things are called, by their ids in hex; an id that is nothing here is left out."""
    ids, names = sorted(mentioned), dict[str, str]()
    for start in range(0, len(ids), IDS_AT_ONCE):
        some = ids[start : start + IDS_AT_ONCE]
        marks = ", ".join("?" * len(some))
        for table, name in REFERRED_TO.items():
            query = f"SELECT e.id, substr({name}, 1, {LONGEST_NAME}) FROM {table} e WHERE e.id IN ({marks})"
            names.update((found.hex(), told) for found, told in connection.execute(query, some))
    return names


def conflict_beside(connection: sqlite3.Connection, request: ConflictBeside) -> BesideShown | None:
    """What would come of each side, and what others did to the same record that nobody is asked about."""
    conflict = known_conflict(connection, request.conflict)
    if conflict is None or not conflict.is_open:
        return None
    from storage.merged_unasked import merged_unasked

    promises = _promises(connection, conflict, request.now) if conflict.entity == "ticket" else NO_PROMISES
    merged, in_all = merged_unasked(connection, conflict)
    return BesideShown(*promises, merged, in_all, names_of(connection, {one.author for one in merged}))


def _promises(connection: sqlite3.Connection, conflict: Conflict, now: Instant) -> _Promises:
    """What would come of each priority, where that differs; what was said of the promises and is not so any more."""
    from core.restatements import restated
    from storage.clock_facts import announcements, clock_facts
    from storage.ticket_page import load_ticket

    known = connection.execute("SELECT 1 FROM ticket WHERE id = ?", (conflict.record,)).fetchone()
    if known is None:
        return NO_PROMISES
    ticket, _row = load_ticket(connection, conflict.record)
    said = announcements(connection, ticket)
    if conflict.field != "priority" and not said:
        return NO_PROMISES
    facts = clock_facts(connection, ticket, now)
    if facts is None:
        return NO_PROMISES
    deadlines: dict[int, Promise] = {}
    if conflict.field == "priority":
        asked = [one for one in (conflict.before, conflict.applied.value, conflict.other.value) if one in PRIORITIES]
        deadlines = {priority: what_if(facts, PriorityIs(priority)).promises[-1] for priority in asked}
    return _Promises(deadlines, restated(said, facts))
