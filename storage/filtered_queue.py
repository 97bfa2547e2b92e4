"""The queue under a filter: which rows, by which index, and how many."""

from __future__ import annotations

import sqlite3
from typing import NamedTuple

from core.clock import Instant
from core.pages import Counts
from core.query import parse
from core.queue import AGE, DUE_SOON_SECONDS, EVERYTHING, MINE, URGENCY, View
from storage.filter_sql import Seat, compiled, is_open_only, prepare_once
from storage.queue_sql import scope_condition

COUNTED_UP_TO = 1_000
"""Rows of all years are counted up to this many: an exact count of a free filter reads a million rows."""


class Narrowed(NamedTuple):
    """What stands behind FROM and WHERE, and the values bound; `is_short` when all of it can be counted."""

    table: str
    condition: str
    values: list[object]
    is_short: bool


def narrowed(connection: sqlite3.Connection, view: View, now: Instant) -> Narrowed:
    """The rows of a view under its filter; QueryError when the filter cannot be read."""
    condition, values = scope_condition(view.scope, view.person, view.team)
    tree = parse(view.filter)
    if tree is None:
        return Narrowed("ticket t", condition, values, view.scope != EVERYTHING)
    prepare_once(connection)
    is_open = view.scope != EVERYTHING
    if not is_open and is_open_only(tree):
        is_open, condition = True, f"t.queue_rank < 4 AND {condition}"
    asked, leading = compiled(connection, tree, Seat(view.person, _zone(connection, view.person), now, is_open))
    index = leading or _walked_index(view, is_open)
    table = f"ticket t INDEXED BY {index}"
    return Narrowed(table, f"{condition} AND {asked.sql}", [*values, *asked.values], is_open or leading != "")


def filtered_counts(connection: sqlite3.Connection, view: View, now: Instant) -> Counts:
    """How many rows the view has under its filter; breached and due among them."""
    rows = narrowed(connection, view, now)
    limit = "" if rows.is_short else f" LIMIT {COUNTED_UP_TO + 1}"
    query = f"SELECT count(*) FROM (SELECT 1 FROM {rows.table} WHERE {rows.condition}{limit})"
    (total,) = connection.execute(query, rows.values).fetchone()
    lit = (
        "SELECT count(CASE WHEN t.queue_key < ? THEN 1 END), count(CASE WHEN t.queue_key >= ? THEN 1 END)"
        " FROM {table} WHERE {condition} AND t.queue_rank = 0 AND t.queue_key < ?"
    )
    open_rows = narrowed(connection, view._replace(sort=URGENCY), now)
    values = [now, now, *open_rows.values, now + DUE_SOON_SECONDS]
    breached, due = connection.execute(
        lit.format(table=open_rows.table, condition=open_rows.condition), values
    ).fetchone()
    is_at_least = not rows.is_short and total > COUNTED_UP_TO
    return Counts(COUNTED_UP_TO if is_at_least else total, breached, due, is_at_least)


def _walked_index(view: View, is_open: bool) -> str:
    """The index in whose order rows are walked and asked; named, because a planner guesses at what a filter leaves."""
    if view.sort == URGENCY:
        return "ticket_by_owner" if view.scope == MINE else "ticket_by_urgency"
    name = "by_age" if view.sort == AGE else "by_company_name"
    return f"ticket_open_{name}" if is_open else f"ticket_{name}"


def _zone(connection: sqlite3.Connection, person: bytes | None) -> str:
    row = connection.execute("SELECT zone FROM person WHERE id = ?", (person,)).fetchone()
    return (row[0] if row else "") or "UTC"
