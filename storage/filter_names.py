"""Names that a filter asks for by a fragment: which records they are, and how those lead to tickets.

A few records lead to their tickets by an index; of many, each row of the list is asked by itself. What was looked up
is kept until a record of the desk changes: folding sixty thousand names costs more than any page of the list.
"""

from __future__ import annotations

import sqlite3
from typing import NamedTuple

from core.query_tree import IS, Choice
from core.text import fold

MOST_LED_BY = 200
"""Records found up to which their tickets are reached by index."""
MOST_LISTED = 2_000
"""Records found up to which they are named in the statement."""
MOST_WITH_WORDS = 1_000
"""Tickets looked up for a text."""
MOST_KEPT = 200
"""Looked-up names kept for a file; beyond, all are forgotten."""


class Condition(NamedTuple):
    """SQL that is true, false or NULL for a row of `ticket t`, and the values bound in it."""

    sql: str
    values: tuple[object, ...] = ()


class Names(NamedTuple):
    """A field of names: SQL for the ids of records that `{match}`, and the columns that are matched, any of them.

    `reached` says of a ticket that it is one of `{ids}`, by the index `led_by` where there is one; `asked` says the
    same of one row by itself; `lacking` that it has none.
    """

    columns: tuple[str, ...]
    records: str
    reached: str
    asked: str
    lacking: str
    led_by: str = ""
    most_listed: int = MOST_LISTED


def _held(column: str, table: str, name: str, *, index: str = "", lacking: str = "") -> Names:
    """The names of records whose id stands in a column of the ticket."""
    return Names(
        (f"x.{name}",),
        f"SELECT x.id FROM {table} x WHERE {{match}}",
        f"{column} IN ({{ids}})",
        f"EXISTS (SELECT 1 FROM {table} x WHERE x.id = {column} AND {{match}})",
        lacking or f"{column} IS NULL",
        index,
    )


def _without(column: str, table: str, having: str) -> str:
    return f"NOT EXISTS (SELECT 1 FROM {table} x WHERE x.id = {column} AND {having})"


_CONTRACT = "FROM contract_version x JOIN contract k ON k.id = x.contract WHERE"
_TERRITORY = "FROM territory y JOIN site x ON x.territory = y.id WHERE"
NAMES = {
    "co": _held("t.company", "company", "name", index="ticket_by_company"),
    "site": _held("t.site", "site", "name"),
    "owner": _held("t.owner", "person", "name"),
    "team": _held("t.team", "team", "name"),
    "grade": _held(
        "t.contract_version",
        "contract_version",
        "grade",
        lacking=_without("t.contract_version", "contract_version", "x.grade <> ''"),
    ),
    "country": _held("t.company", "company", "country", lacking=_without("t.company", "company", "x.country <> ''")),
    "territory": Names(
        ("y.name",),
        f"SELECT x.id {_TERRITORY} {{match}}",
        "t.site IN ({ids})",
        f"EXISTS (SELECT 1 {_TERRITORY} x.id = t.site AND {{match}})",
        _without("t.site", "site", "x.territory IS NOT NULL"),
    ),
    "contract": Names(
        ("k.number",),
        f"SELECT x.id {_CONTRACT} {{match}}",
        "t.contract_version IN ({ids})",
        f"EXISTS (SELECT 1 {_CONTRACT} x.id = t.contract_version AND {{match}})",
        "t.contract_version IS NULL",
        "ticket_by_contract",
    ),
    "contact": Names(
        ("x.name",),
        "SELECT x.id FROM contact x WHERE {match}",
        "t.id IN (SELECT r.ticket FROM ticket_reporter r WHERE r.contact IN ({ids}))",
        "EXISTS (SELECT 1 FROM ticket_reporter r JOIN contact x ON x.id = r.contact WHERE r.ticket = t.id AND {match})",
        "NOT EXISTS (SELECT 1 FROM ticket_reporter r WHERE r.ticket = t.id)",
        "sqlite_autoindex_ticket_1",
        MOST_LED_BY,
    ),
    "eq": Names(
        ("x.serial", "x.inventory_number", "model"),
        "SELECT x.id FROM equipment x WHERE {match}",
        "t.equipment IN ({ids})",
        "EXISTS (SELECT 1 FROM equipment x WHERE x.id = t.equipment AND {match})",
        "t.equipment IS NULL",
        "ticket_by_equipment",
    ),
}


def matched(column: str, choice: Choice) -> Condition:
    """The text of a column has, or with `IS` is, what the choice says, folded on both sides."""
    # Most names are plain ASCII, which SQLite folds twenty times as fast as a function of ours.
    text = f"CASE WHEN {column} GLOB '*[^ -~]*' THEN folded({column}) ELSE lower({column}) END"
    if choice.how == IS:
        return Condition(f"{text} = ?", (fold(choice.value),))
    return Condition(f"instr({text}, ?) > 0", (fold(choice.value),))


def joined(conditions: list[Condition], word: str) -> Condition:
    """Several conditions with a word between them, in brackets."""
    if len(conditions) == 1:
        return conditions[0]
    values = tuple(value for condition in conditions for value in condition.values)
    return Condition("(" + word.join(condition.sql for condition in conditions) + ")", values)


def asked(field: str, choice: Choice) -> Condition:
    """Each row asked by itself whether it has a name."""
    names = NAMES[field]
    match = _match(names, choice)
    return Condition(names.asked.format(match=match.sql), match.values)


def reached(field: str, ids: tuple[bytes, ...]) -> Condition:
    """The tickets of these records."""
    if not ids:
        # Not `IN ()`: SQLite takes that for a constant, drops the rest of the condition, and finds the index unfit.
        return Condition("?", (0,))
    return Condition(NAMES[field].reached.format(ids=", ".join("?" * len(ids))), ids)


def _match(names: Names, choice: Choice) -> Condition:
    return joined([_matched_name(column, choice) for column in names.columns], " OR ")


def _matched_name(column: str, choice: Choice) -> Condition:
    if column != "model":
        return matched(column, choice)
    model = matched("m.name", choice)
    # Looked up once, not beside each of hundreds of thousands.
    return Condition(f"x.model IN (SELECT m.id FROM model m WHERE {model.sql})", model.values)


class _Kept:
    """What was looked up in a file, and how far its log was then."""

    def __init__(self) -> None:
        self.seen = 0
        self.found: dict[tuple[str, Choice], tuple[bytes, ...] | None] = {}
        self.words: dict[tuple[str, bool], tuple[tuple[bytes, ...], bool]] = {}


_kept: dict[str, _Kept] = {}


def few(connection: sqlite3.Connection, field: str, choice: Choice) -> tuple[bytes, ...] | None:
    """The records that a choice names, None when they are too many to be named in a statement."""
    found = _kept_of(connection).found
    if (field, choice) in found:
        return found[field, choice]
    names = NAMES[field]
    match = _match(names, choice)
    query = f"{names.records.format(match=match.sql)} LIMIT {names.most_listed + 1}"
    ids = tuple(id_ for (id_,) in connection.execute(query, match.values))
    if len(found) >= MOST_KEPT:
        found.clear()
    found[field, choice] = ids if len(ids) <= names.most_listed else None
    return ids if len(ids) <= names.most_listed else None


def tickets_with(connection: sqlite3.Connection, text: str, *, open_only: bool) -> tuple[tuple[bytes, ...], bool]:
    """The newest tickets that hold every word of a text, and whether these are all of them."""
    from storage.search import matching_tickets

    words = _kept_of(connection).words
    if (text, open_only) not in words:
        if len(words) >= MOST_KEPT:
            words.clear()
        found = matching_tickets(connection, text, at_most=MOST_WITH_WORDS, open_only=open_only)
        words[text, open_only] = tuple(found.tickets), found.is_all
    return words[text, open_only]


def _kept_of(connection: sqlite3.Connection) -> _Kept:
    """What is known of this file's names, emptied when its log tells of a record that was added or changed since."""
    path = connection.execute("PRAGMA database_list").fetchone()[2]
    kept = _kept.setdefault(path, _Kept())
    (last,) = connection.execute("SELECT COALESCE(max(rowid), 0) FROM operation").fetchone()
    if last != kept.seen:
        kept.words = {}
        query = "SELECT 1 FROM operation WHERE rowid > ? AND entity <> 'ticket' LIMIT 1"
        if last < kept.seen or connection.execute(query, (kept.seen,)).fetchone():
            kept.found = {}
        kept.seen = last
    return kept
