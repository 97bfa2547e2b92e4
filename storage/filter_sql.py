"""A filter as SQL over `ticket t`: what it says as a condition with bound values, and the index that leads to its rows.

Every condition counts NULL as "no", also under a denial.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import NamedTuple

from core.clock import Instant
from core.query_fields import CLASSES, LATE, MISSED, YES
from core.query_times import day_bounds, span_seconds
from core.query_tree import (
    ABOVE,
    AT_LEAST,
    AT_MOST,
    BELOW,
    HAS,
    IS,
    ME,
    NOTHING,
    Both,
    Choice,
    FieldTest,
    Not,
    Tree,
    Words,
    together,
)
from core.queue import BREACHED, DUE, DUE_SOON_SECONDS, KEPT, NO_PROMISE, WAITS
from core.stages import CLOSED
from core.text import fold
from storage.filter_names import MOST_LED_BY, NAMES, Condition, asked, few, joined, matched, reached, tickets_with


class Seat(NamedTuple):
    """Who asks, in which zone their days begin, and when."""

    person: bytes | None
    zone: str
    now: Instant
    is_open_only: bool = False
    """Only open tickets are listed: closed ones need not be looked up."""


def prepare_once(connection: sqlite3.Connection) -> None:
    """Teach a connection the function that conditions fold names with."""
    try:
        connection.execute("SELECT folded('')")
    except sqlite3.OperationalError:
        connection.create_function("folded", 1, _folded, deterministic=True)


def _folded(text: object) -> str:
    return fold(text) if isinstance(text, str) else ""


def compiled(connection: sqlite3.Connection, tree: Tree, seat: Seat) -> tuple[Condition, str]:
    """The condition of a filter, and the index that leads to its tickets, empty where none does."""
    compiler = _Compiler(connection, seat)
    leading = (compiler.leading_index(part) for part in together(tree) if isinstance(part, FieldTest))
    return compiler.condition(tree), next((index for index in leading if index), "")


def is_open_only(tree: Tree) -> bool:
    """True for a filter that only open tickets can meet."""
    tests = [part for part in together(tree) if isinstance(part, FieldTest) and part.field in _IS_OPEN_ONLY]
    return any(all(map(_IS_OPEN_ONLY[test.field], test.choices)) for test in tests)


_IS_OPEN_ONLY: dict[str, Callable[[Choice], bool]] = {
    "sla": lambda choice: choice.how != HAS or choice.value in (BREACHED, DUE, WAITS),
    "class": lambda choice: choice.value in CLASSES[:CLOSED],
}

_TEXTS = {"cat": "t.category", "fault": "t.fault_code", "no": "t.number"}
_PLAIN = {
    "stage": "t.stage",
    "type": "t.request_type",
    "channel": "t.channel",
    "p": "t.priority",
    "reporters": "t.reporter_count",
}
_MOMENTS = {"age": "t.opened_at", "opened": "t.opened_at", "closed": "t.closed_at"}
_RUNS = "t.queue_rank = 0"
_LAMPS = {
    BREACHED: f"({_RUNS} AND t.queue_key < ?)",
    DUE: f"({_RUNS} AND t.queue_key >= ? AND t.queue_key < ?)",
    WAITS: "t.queue_rank = 1",
    KEPT: "(t.queue_rank = 2 OR (t.queue_rank >= 4 AND t.sla_state <> 3 AND t.sla_missed = 0))",
    LATE: "(t.queue_rank >= 4 AND t.sla_state <> 3 AND t.sla_missed = 1)",
    MISSED: "t.sla_missed = 1",
    NO_PROMISE: "(t.queue_rank = 3 OR (t.queue_rank >= 4 AND t.sla_state = 3))",
}


class _Compiler:
    def __init__(self, connection: sqlite3.Connection, seat: Seat) -> None:
        self._connection = connection
        self._seat = seat

    def condition(self, tree: Tree) -> Condition:
        """The SQL of a filter; values in the order of their question marks."""
        if isinstance(tree, Not):
            part = self.condition(tree.part)
            return Condition(f"NOT IFNULL({part.sql}, 0)", part.values)
        if isinstance(tree, Words):
            return words_condition(self._connection, tree.text, open_only=self._seat.is_open_only)
        if isinstance(tree, FieldTest):
            ids = self._few(tree)
            if ids is not None:
                return reached(tree.field, ids)
            return joined([self._choice(tree.field, choice) for choice in tree.choices], " OR ")
        return joined([self.condition(part) for part in tree.parts], " AND " if isinstance(tree, Both) else " OR ")

    def leading_index(self, test: FieldTest) -> str:
        """The index by which a test reaches its tickets, empty when it names too much or there is none."""
        index = NAMES[test.field].led_by if test.field in NAMES else ""
        ids = self._few(test) if index else None
        return index if ids and len(ids) <= MOST_LED_BY else ""

    def _few(self, test: FieldTest) -> tuple[bytes, ...] | None:
        """All records that a test names, as one list: an index is not followed through an OR of lists."""
        if test.field not in NAMES or any(choice.how not in (HAS, IS) for choice in test.choices):
            return None
        found = [few(self._connection, test.field, choice) for choice in test.choices]
        ids = tuple(dict.fromkeys(id_ for one in found if one is not None for id_ in one))
        return None if None in found or len(ids) > NAMES[test.field].most_listed else ids

    def _choice(self, field: str, choice: Choice) -> Condition:
        if choice.how == NOTHING:
            return Condition(f"{_TEXTS[field]} = ''" if field in _TEXTS else NAMES[field].lacking)
        if choice.how == ME:
            return Condition("t.owner = ?", (self._seat.person,))
        if field in NAMES:
            ids = few(self._connection, field, choice)
            return asked(field, choice) if ids is None else reached(field, ids)
        if field in _TEXTS:
            return matched(_TEXTS[field], choice)
        if field in _PLAIN:
            is_number = choice.value.isdigit()
            how = "=" if choice.how in (HAS, IS) else choice.how
            return Condition(f"{_PLAIN[field]} {how} ?", (int(choice.value) if is_number else choice.value,))
        if field in _MOMENTS:
            return self._moment(_MOMENTS[field], choice)
        if field == "sla":
            return self._lamp(choice)
        if field == "class":
            return Condition("t.stage_class = ?", (CLASSES.index(choice.value) if choice.value in CLASSES else -1,))
        assert field == "repeat"
        return Condition("t.is_repeat = ?", (int(choice.value == YES),))

    def _lamp(self, choice: Choice) -> Condition:
        now = self._seat.now
        if choice.how != HAS:
            return Condition(f"({_RUNS} AND t.queue_key {choice.how} ?)", (now + _seconds(choice),))
        sql = _LAMPS[choice.value]
        return Condition(sql, (now, now + DUE_SOON_SECONDS)[: sql.count("?")])

    def _moment(self, column: str, choice: Choice) -> Condition:
        if span_seconds(choice.value) is not None:
            # A span is an age: less than seven days ago is later than that moment.
            turned = {BELOW: ">", AT_MOST: ">=", ABOVE: "<", AT_LEAST: "<="}[choice.how]
            return Condition(f"{column} {turned} ?", (self._seat.now - _seconds(choice),))
        begins, ends = day_bounds(choice.value, self._seat.now, self._seat.zone)
        if choice.how == HAS:
            return Condition(f"({column} >= ? AND {column} < ?)", (begins, ends))
        if choice.how in (BELOW, AT_LEAST):
            return Condition(f"{column} {choice.how} ?", (begins,))
        return Condition(f"{column} {'<' if choice.how == AT_MOST else '>='} ?", (ends,))


def _seconds(choice: Choice) -> int:
    seconds = span_seconds(choice.value)
    assert seconds is not None
    return seconds


def words_condition(connection: sqlite3.Connection, text: str, *, open_only: bool) -> Condition:
    """Text without a field: the tickets whose subject, number or notes hold every word of it.

    Of a text that very many hold only the newest are looked up; of the older ones the subject is asked.
    """
    ids, is_all = tickets_with(connection, text, open_only=open_only)
    looked_up = Condition(f"t.id IN ({', '.join('?' * len(ids))})", ids) if ids else Condition("?", (0,))
    return looked_up if is_all else joined([looked_up, matched("t.subject", Choice(HAS, text))], " OR ")
