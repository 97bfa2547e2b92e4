"""What lists show, in plain SQL: windows by keyset and excerpts; what the first frame waits for and no more.

Every query here has an index that fits; the predicates of partial indexes are literals.
"""

from __future__ import annotations

import json
import sqlite3
from typing import Any, NamedTuple

from core.ids import EntityId
from core.pages import (
    BACKWARD,
    CallDrafts,
    CompanyTickets,
    Counts,
    KeptCall,
    Owed,
    OwedCounts,
    People,
    PersonLine,
    QueueCounts,
    QueuePage,
    QueueRow,
    Rows,
    RowsById,
)
from core.queue import DUE_SOON_SECONDS, EVERYTHING, TEAM, View
from storage.queue_sql import EXCERPT, EXCERPT_JOINS, SORT_COLUMNS, listed_from, scope_condition

MOST_BOUND = 500
"""Ids bound in one statement; SQLite's own limit is far above, its plan gets no better."""


class Listed(NamedTuple):
    """A list as SQL: its sort columns, what its rows must meet, whether it is turned round, and where they are."""

    columns: tuple[str, ...]
    condition: str
    values: list[Any]
    is_reversed: bool
    table: str
    with_place: bool = False

    @property
    def keys(self) -> str:
        """The columns of a row's key."""
        return ", ".join(f"t.{column}" for column in self.columns)

    def is_descending(self, direction: str) -> bool:
        """Whether keys fall in that direction of the list."""
        return self.is_reversed != (direction == BACKWARD)

    def beyond(self, anchor: tuple[Any, ...] | None, direction: str) -> tuple[str, list[Any]]:
        """What rows after the anchor (or before it) meet, and the values bound."""
        if anchor is None:
            return self.condition, list(self.values)
        comparison = "<" if self.is_descending(direction) else ">"
        marks = ", ".join("?" * len(self.columns))
        return f"{self.condition} AND ({self.keys}) {comparison} ({marks})", [*self.values, *anchor]

    def order(self, direction: str) -> str:
        """The order in that direction."""
        turn = "DESC" if self.is_descending(direction) else "ASC"
        return ", ".join(f"t.{column} {turn}" for column in self.columns)

    @property
    def source(self) -> tuple[str, str]:
        """The columns of an excerpt, and the tables that they are in."""
        more, joins = _place_columns() if self.with_place else ("", "")
        return EXCERPT + more, f"{self.table}{EXCERPT_JOINS}{joins}"


def listed(connection: sqlite3.Connection, request: QueuePage | CompanyTickets) -> Listed:
    """The list that a window is asked of; QueryError for a filter that cannot be read."""
    if isinstance(request, CompanyTickets):
        condition = "t.company = ? AND t.archived = 0"
        return Listed(("opened_at", "id"), condition, [request.company], True, "ticket t", True)
    view = request.view
    if view.filter:
        from storage.filtered_queue import narrowed

        table, condition, values, _is_short = narrowed(connection, view, request.now)
    else:
        condition, values = _scope(view)
        table = listed_from(view.scope, view.sort)
    return Listed(SORT_COLUMNS[view.sort], condition, values, view.is_reversed, table)


def queue_page(connection: sqlite3.Connection, request: QueuePage | CompanyTickets) -> Rows:
    """A window of the queue in the order of its view, or of a company's tickets, newest first, with who and where."""
    rows = listed(connection, request)
    where, bound = rows.beyond(request.anchor, request.direction)
    excerpt, source = rows.source
    order = rows.order(request.direction)
    query = f"SELECT {excerpt}, {rows.keys} FROM {source} WHERE {where} ORDER BY {order} LIMIT ?"
    found = connection.execute(query, [*bound, request.limit + 1]).fetchall()
    is_last = len(found) <= request.limit
    page = [queue_row(row, rows.with_place) for row in found[: request.limit]]
    if request.direction == BACKWARD:
        page.reverse()
        return Rows(tuple(page), is_last, request.anchor is None)
    return Rows(tuple(page), request.anchor is None, is_last)


def _scope(view: View) -> tuple[str, list[Any]]:
    return scope_condition(view.scope, view.person, view.team)


def _place_columns() -> tuple[str, str]:
    more = (
        ", COALESCE(k.name, ''), COALESCE(s.name, ''),"
        " COALESCE(NULLIF(e.inventory_number, ''), e.serial, '') AS equipment_name"
    )
    joins = (
        " LEFT JOIN ticket_reporter r ON r.ticket = t.id AND r.place = 0 LEFT JOIN contact k ON k.id = r.contact"
        " LEFT JOIN site s ON s.id = t.site LEFT JOIN equipment e ON e.id = t.equipment"
    )
    return more, joins


def queue_row(row: tuple[Any, ...], with_place: bool = False) -> QueueRow:
    """The excerpt in a row of `EXCERPT`, perhaps with a place, and its key in the list."""
    place = row[18:21] if with_place else ("", "", "")
    key = row[21:] if with_place else row[18:]
    # By place, not by name: a list makes hundreds of these, and naming twenty-two fields costs as much as the query.
    texts = (*row[:4], row[4] or "", *row[5:9], row[9] or "")
    return QueueRow._make((*texts, *row[10:13], bool(row[13]), bool(row[14]), *row[15:18], *place, key))


def rows_by_id(connection: sqlite3.Connection, request: RowsById) -> tuple[QueueRow, ...]:
    """Excerpts of the tickets named, without their place in a list."""
    rows: list[QueueRow] = []
    for start in range(0, len(request.tickets), MOST_BOUND):
        part = request.tickets[start : start + MOST_BOUND]
        marks = ", ".join("?" * len(part))
        query = f"SELECT {EXCERPT} FROM ticket t{EXCERPT_JOINS} WHERE t.id IN ({marks}) AND t.archived = 0"
        rows += [queue_row(row) for row in connection.execute(query, part)]
    return tuple(rows)


def queue_counts(connection: sqlite3.Connection, request: QueueCounts) -> Counts:
    """How many rows the view has; breached and due among its open ones."""
    if request.view.filter:
        from storage.filtered_queue import filtered_counts

        return filtered_counts(connection, request.view, request.now)
    condition, values = _scope(request.view)
    total = _total(connection, request.view, condition, values)
    lit = f"SELECT count(*) FROM ticket t WHERE {condition} AND t.queue_rank = 0 AND t.queue_key"
    (breached,) = connection.execute(f"{lit} < ?", [*values, request.now]).fetchone()
    due = f"{lit} >= ? AND t.queue_key < ?"
    (due_soon,) = connection.execute(due, [*values, request.now, request.now + DUE_SOON_SECONDS]).fetchone()
    return Counts(total, breached, due_soon)


def _total(connection: sqlite3.Connection, view: View, condition: str, values: list[Any]) -> int:
    if view.scope == EVERYTHING:
        return _count_everything(connection)
    # Named, because for a team the planner would rather skip through the index of owners: ten times slower.
    index = " INDEXED BY ticket_by_urgency" if view.scope == TEAM else ""
    (count,) = connection.execute(f"SELECT count(*) FROM ticket t{index} WHERE {condition}", values).fetchone()
    return int(count)


def _count_everything(connection: sqlite3.Connection) -> int:
    # Tickets are archived, never deleted, so row ids have no holes; counting a million rows would take 20 ms each time.
    (known,) = connection.execute("SELECT COALESCE(max(rowid), 0) FROM ticket").fetchone()
    (archived,) = connection.execute("SELECT count(*) FROM ticket WHERE queue_rank = 5").fetchone()
    return int(known - archived)


def owed(connection: sqlite3.Connection, request: Owed) -> OwedCounts:
    """Failed replies that were neither sent again nor taken back; promised calls that stand and are due."""
    query = (
        "SELECT (SELECT count(*) FROM entry WHERE delivery = 'failed' AND person = ?1 AND hidden = 0),"
        " (SELECT count(*) FROM call_back INDEXED BY call_back_standing WHERE is_dropped = 0 AND person = ?1"
        " AND due_at <= ?2)"
    )
    return OwedCounts(*connection.execute(query, (request.person, request.now)).fetchone())


def queue_row_of(connection: sqlite3.Connection, ticket: EntityId) -> QueueRow | None:
    """A ticket as an excerpt, None when there is none."""
    query = f"SELECT {EXCERPT} FROM ticket t{EXCERPT_JOINS} WHERE t.id = ?"
    found = connection.execute(query, (ticket,)).fetchone()
    return None if found is None else queue_row(found)


def call_drafts(connection: sqlite3.Connection, request: CallDrafts) -> tuple[KeptCall, ...]:
    """Calls that are not saved; their ids rise with the time at which they began."""
    query = "SELECT about, body FROM draft WHERE person = ? AND kind = 'call' ORDER BY about"
    return tuple(KeptCall(*row) for row in connection.execute(query, (request.person,)))


OPEN_OF_PERSON = "(SELECT count(*) FROM ticket t WHERE t.owner = p.id AND t.queue_rank < 4)"


def people(connection: sqlite3.Connection, request: People) -> tuple[PersonLine, ...]:
    """Colleagues by name, each with the open tickets that are theirs."""
    rows = connection.execute(
        "SELECT p.id, p.name, p.team, COALESCE(m.name, ''), p.skills,"
        f" {OPEN_OF_PERSON if request.with_counts else 0}"
        " FROM person p LEFT JOIN team m ON m.id = p.team WHERE p.archived = 0 ORDER BY p.name"
    )
    return tuple(
        PersonLine(id_, name, team, team_name, open_count, tuple(json.loads(skills or "[]")))
        for id_, name, team, team_name, skills, open_count in rows
    )
