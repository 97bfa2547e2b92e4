"""A filtered queue lists the tickets that the filter asks for, all of them, in the order of the list."""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.clock import Instant
from core.finding import FilterValues
from core.ids import EntityId
from core.pages import BACKWARD, FORWARD, QueueCounts, QueuePage, Rows
from core.query import QueryError
from core.query_fields import FIELDS
from core.query_tree import Choice, FieldTest, Tree, written
from core.queue import ALL_OPEN, EVERYTHING, SCOPES, SORTS, View
from core.text import fold
from storage.engine import open_file
from storage.reads import answer
from tests.core.queries import trees
from tests.storage.slow_filter import facts, meets
from tests.support.fixed import NOON
from tests.support.worlds import world

NOW = Instant(NOON // 1000)
ZONE = "Europe/Warsaw"
NAMED = [
    "company.name",
    "company.country",
    "site.name",
    "contact.name",
    "equipment.serial",
    "model.name",
    "person.name",
    "team.name",
    "ticket.category",
    "ticket.fault_code",
    "ticket.number",
    "ticket.stage",
    "ticket.subject",
    "contract.number",
    "contract_version.grade",
    "territory.name",
]


class Desk(NamedTuple):
    """A desk to read, what is known of its tickets, and who has most of them."""

    connection: sqlite3.Connection
    facts: dict[bytes, dict[str, Any]]
    person: EntityId
    team: EntityId

    def __repr__(self) -> str:
        return "a desk of 300 tickets"


@pytest.fixture(scope="module")
def desk() -> Iterator[Desk]:
    connection = open_file(world(300), read_only=True)
    query = (
        "SELECT p.id, p.team FROM person p JOIN ticket t ON t.owner = p.id"
        " WHERE t.queue_rank < 4 AND p.zone = ? GROUP BY p.id ORDER BY count(*) DESC"
    )
    person, team = connection.execute(query, (ZONE,)).fetchone()
    yield Desk(connection, facts(connection), person, team)
    connection.close()


def texts_of_the_world() -> list[str]:
    """Names, codes and parts of them, as the made-up desk has them."""
    connection = open_file(world(300), read_only=True)
    found = set()
    for table, column in (one.split(".") for one in NAMED):
        for (text,) in connection.execute(f"SELECT DISTINCT {column} FROM {table} WHERE {column} <> '' LIMIT 25"):
            found |= {text, text[:3], text[1:3].upper(), text.split()[-1]}
    connection.close()
    return sorted(one for one in found if one.strip())


def every_row(desk: Desk, view: View, limit: int, direction: str = FORWARD) -> list[EntityId]:
    """The whole list, window after window."""
    found: list[EntityId] = []
    anchor = None
    while True:
        page: Rows = answer(desk.connection, QueuePage(view, anchor, direction, limit, NOW))
        rows = [row.id for row in page.rows]
        found = found + rows if direction == FORWARD else rows + found
        if not page.rows or (page.at_end if direction == FORWARD else page.at_start):
            return found
        anchor = page.rows[-1 if direction == FORWARD else 0].key


def wanted(desk: Desk, tree: Tree, unfiltered: View) -> list[EntityId]:
    """What the slow reading leaves of the list."""
    rows = every_row(desk, unfiltered, 1_000)
    return [id_ for id_ in rows if meets(tree, desk.facts[id_], desk.person, ZONE, NOW)]


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(trees(st.sampled_from(texts_of_the_world())), st.sampled_from(SCOPES), st.sampled_from(SORTS), st.booleans())
def test_random_filters_leave_what_a_slow_reading_of_every_row_leaves(
    desk: Desk, tree: Tree, scope: str, sort: str, is_reversed: bool
) -> None:
    view = View(scope, sort, is_reversed, desk.person, desk.team, written(tree))
    left = wanted(desk, tree, view._replace(filter=""))
    assert every_row(desk, view, 1_000) == left
    assert every_row(desk, view, 7) == left
    assert every_row(desk, view, 7, BACKWARD) == left


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(trees(st.sampled_from(texts_of_the_world())), st.sampled_from(SCOPES))
def test_counts_of_a_filter_are_those_of_its_rows(desk: Desk, tree: Tree, scope: str) -> None:
    view = View(scope, person=desk.person, team=desk.team, filter=written(tree))
    left = [desk.facts[id_] for id_ in wanted(desk, tree, view._replace(filter=""))]
    running = [row["queue_key"] - NOW for row in left if row["queue_rank"] == 0]
    counts = answer(desk.connection, QueueCounts(view, NOW))
    due = sum(0 <= seconds < 1800 for seconds in running)
    assert counts == (len(left), sum(seconds < 0 for seconds in running), due, False)


def test_the_filter_of_the_console_design_finds_something(desk: Desk) -> None:
    view = View(ALL_OPEN, person=desk.person, filter="p:1,2 co:a sla:<1d")
    assert answer(desk.connection, QueuePage(view, now=NOW)).rows


def test_a_filter_that_cannot_be_read_is_refused(desk: Desk) -> None:
    with pytest.raises(QueryError):
        answer(desk.connection, QueuePage(View(filter="p:one"), now=NOW))


@pytest.mark.parametrize(("field", "name"), [("co", "company"), ("eq", "equipment"), ("contact", "contact")])
def test_a_name_that_few_have_leads_to_its_tickets_by_an_index(desk: Desk, field: str, name: str) -> None:
    column = "serial" if name == "equipment" else "name"
    (text,) = desk.connection.execute(f"SELECT {column} FROM {name} WHERE {column} <> '' LIMIT 1").fetchone()
    view = View(EVERYTHING, person=desk.person, filter=written(FieldTest(field, (Choice("=", text),))))
    said: list[str] = []
    desk.connection.set_trace_callback(said.append)
    rows = answer(desk.connection, QueuePage(view, now=NOW)).rows
    desk.connection.set_trace_callback(None)
    page = next(one for one in said if one.startswith("SELECT t.id"))
    plan = [row[3] for row in desk.connection.execute("EXPLAIN QUERY PLAN " + page)]
    assert [line for line in plan if line.startswith("SCAN t")] == []
    assert rows or field != "co"


@pytest.mark.parametrize(("scope", "sort"), list(itertools.product(SCOPES, SORTS)))
def test_a_free_filter_walks_the_list_in_its_order_and_sorts_nothing(desk: Desk, scope: str, sort: str) -> None:
    said: list[str] = []
    desk.connection.set_trace_callback(said.append)
    answer(desk.connection, QueuePage(View(scope, sort, False, desk.person, desk.team, "-repeat:yes cat:e"), now=NOW))
    desk.connection.set_trace_callback(None)
    page = next(one for one in said if one.startswith("SELECT t.id"))
    plan = [row[3] for row in desk.connection.execute("EXPLAIN QUERY PLAN " + page)]
    assert [line for line in plan if "TEMP B-TREE FOR ORDER BY" in line] == []


@pytest.mark.parametrize(
    ("field", "table", "column"),
    [
        ("co", "company", "name"),
        ("owner", "person", "name"),
        ("grade", "contract_version", "grade"),
        ("eq", "model", "name"),
    ],
)
def test_values_offered_begin_with_what_was_typed_before_others_hold_it(
    desk: Desk, field: str, table: str, column: str
) -> None:
    names = {fold(name) for (name,) in desk.connection.execute(f"SELECT {column} FROM {table} WHERE archived = 0")}
    typed = min(names)[:2]
    found = [fold(name) for name in answer(desk.connection, FilterValues(field, typed.upper(), 200))]
    if field == "eq":
        found = [name for name in found if name in names]
    beginning = sorted(name for name in names if name.startswith(typed))
    assert found[: len(beginning)] == beginning
    assert sorted(found) == sorted(name for name in names if typed in name)


@pytest.mark.parametrize("field", [field.name for field in FIELDS])
def test_every_field_may_be_asked_for_its_values(desk: Desk, field: str) -> None:
    assert len(answer(desk.connection, FilterValues(field, "", 3))) <= 3
