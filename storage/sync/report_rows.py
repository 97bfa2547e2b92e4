"""Rows as reporting tables hold them, and which of them have changed since a keeper last wrote them."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any, NamedTuple

from storage.sync.state_hash import SHARED

TABLES = tuple(table for table in SHARED if table != "external_id")
LEFT_OUT = frozenset(("queue_rank", "queue_key", "sla_clock", "sla_state", "sla_warnings", "company_sort", "is_repeat"))
"""What each console computes for itself, for its own screen."""

INSTANTS = frozenset(
    (
        "at",
        "changed_at",
        "closed_at",
        "commissioned_at",
        "due_at",
        "opened_at",
        "paid_until",
        "since",
        "until",
        "valid_from",
        "valid_until",
        "waiting_until",
        "warranty_until",
    )
)
FLAGS = frozenset(("archived", "hidden", "is_dropped", "is_open", "may_approve", "may_order", "sla_missed"))
DOCUMENTS = frozenset(("body", "data", "other_phones", "rights", "skills"))
KEYS = {"ticket_reporter": "ticket", "merged_record": "record"}
"""By which column rows are replaced, where it is not their id."""

ID_BYTES = 16
ROWS_AT_ONCE = 1000
KEYS_AT_ONCE = 500
STALE = "SELECT name, key FROM report_stale WHERE n <= ? ORDER BY name"
EARLIEST, LATEST = -62_135_596_800, 253_402_300_799
"""The instants that a calendar of four-digit years has."""


class Parcel(NamedTuple):
    """Rows of a table that take the place of those with `keys`."""

    table: str
    keys: list[str]
    rows: list[dict[str, Any]]


@cache
def columns_of(table: str) -> tuple[str, ...]:
    """The columns of a reporting table, in their order."""
    from storage.schema import metadata

    return tuple(column.name for column in metadata.tables[table].columns if column.name not in LEFT_OUT)


def watch_rows(connection: sqlite3.Connection) -> bool:
    """From now on note every row that changes, and that all are to be written; False where that was so already."""
    (is_watched,) = connection.execute(
        "SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND name GLOB 'report_of_*'"
    ).fetchone()
    if is_watched == 3 * len(TABLES):
        return False
    for table in TABLES:
        key = KEYS.get(table, "id")
        for event, rows in (("INSERT", ("new",)), ("DELETE", ("old",)), (_update_of(table), ("old", "new"))):
            name = f"report_of_{table}_{event[:6].lower()}"
            connection.execute(f"DROP TRIGGER IF EXISTS {name}")
            connection.execute(
                f"CREATE TRIGGER {name} AFTER {event} ON {table}"
                f" BEGIN {' '.join(_noting(table, f'{row}.{key}') for row in rows)} END"
            )
    connection.execute("INSERT OR REPLACE INTO report_stale (name, key, n) VALUES ('', x'', 1)")
    return True


def write_all_again(connection: sqlite3.Connection) -> None:
    """The hub's tables are older than what was written into them: where rows are watched, all are to be written."""
    watched = "SELECT 1 FROM sqlite_master WHERE type = 'trigger' AND name GLOB 'report_of_*' LIMIT 1"
    if connection.execute(watched).fetchone() is not None:
        connection.execute("INSERT OR REPLACE INTO report_stale (name, key, n) VALUES ('', x'', 1)")


def is_all_stale(connection: sqlite3.Connection) -> bool:
    """Whether the tables have to be written from the beginning: rows changed while nobody watched."""
    return connection.execute("SELECT 1 FROM report_stale WHERE name = ''").fetchone() is not None


def newest_mark(connection: sqlite3.Connection) -> int:
    """The newest of the marks on rows that changed; 0 where there is none."""
    return int(connection.execute("SELECT COALESCE(max(n), 0) FROM report_stale").fetchone()[0])


def forget_marks(connection: sqlite3.Connection, upto: int) -> None:
    """What was marked up to there has been written."""
    connection.execute("DELETE FROM report_stale WHERE n <= ?", (upto,))


def changed_rows(connection: sqlite3.Connection, upto: int) -> Iterator[Parcel]:
    """What was marked up to there, as it stands now; a row that is gone leaves its key alone."""
    marked: dict[str, list[bytes]] = {}
    for name, key in connection.execute(STALE, (upto,)):
        marked.setdefault(name, []).append(key)
    for table, keys in marked.items():
        for start in range(0, len(keys), KEYS_AT_ONCE):
            some = keys[start : start + KEYS_AT_ONCE]
            places = ", ".join("?" * len(some))
            where = f"WHERE {KEYS.get(table, 'id')} IN ({places})"
            keys_told = [key.hex() for key in some if len(key) == ID_BYTES]
            yield Parcel(table, keys_told, list(_rows(connection, table, where, some)))


def all_rows(connection: sqlite3.Connection, table: str) -> Iterator[Parcel]:
    """Every row of a table, in parcels without keys; one at least, though it be empty."""
    parcel: list[dict[str, Any]] = []
    for row in _rows(connection, table, "", []):
        parcel.append(row)
        if len(parcel) == ROWS_AT_ONCE:
            yield Parcel(table, [], parcel)
            parcel = []
    yield Parcel(table, [], parcel)


def _rows(connection: sqlite3.Connection, table: str, where: str, values: list[bytes]) -> Iterator[dict[str, Any]]:
    names = columns_of(table)
    quoted = ", ".join(f'"{name}"' for name in names)
    for row in connection.execute(f"SELECT {quoted} FROM {table} {where}", values):
        told = {name: _told(name, value) for name, value in zip(names, row, strict=True)}
        if told[KEYS.get(table, "id")] is None:
            continue
        if table == "entry" and told["hidden"]:
            # Its author took it back; it is for no report.
            told["text"] = ""
        yield told


def _update_of(table: str) -> str:
    quoted = ", ".join(f'"{name}"' for name in columns_of(table))
    return f"UPDATE OF {quoted}"


def _noting(table: str, key: str) -> str:
    # Not INSERT OR REPLACE: inside a trigger the conflict clause of the outer statement would hold.
    return (
        f"DELETE FROM report_stale WHERE name = '{table}' AND key = {key};"
        f" INSERT INTO report_stale (name, key, n)"
        f" VALUES ('{table}', {key}, (SELECT COALESCE(max(n), 0) + 1 FROM report_stale));"
    )


def _told(name: str, value: Any) -> Any:
    for names, tell in TELLERS.items():
        if name in names:
            return tell(value)
    if isinstance(value, bytes):
        # Who writes the log may say what they like; a column of ids takes ids.
        return value.hex() if len(value) == ID_BYTES else None
    return _clean(value)


def _instant(value: Any) -> str | None:
    if type(value) is not int or not EARLIEST <= value <= LATEST:
        return None
    return datetime.fromtimestamp(value, UTC).isoformat()


def _flag(value: Any) -> bool:
    return bool(value)


def _document(value: Any) -> Any:
    try:
        return _clean(json.loads(value)) if value else None
    except (ValueError, RecursionError):
        return None


def _clean(value: Any) -> Any:
    """Values that PostgreSQL takes: its texts hold no NUL and no half of a character, its numbers are finite."""
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, float):
        return value if value == value and abs(value) != float("inf") else None
    if isinstance(value, Mapping):
        return {_text(name): _clean(one) for name, one in value.items()}
    return [_clean(one) for one in value] if isinstance(value, list) else value


def _text(value: str) -> str:
    return value.replace("\0", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode()


TELLERS: dict[frozenset[str], Callable[[Any], Any]] = {INSTANTS: _instant, FLAGS: _flag, DOCUMENTS: _document}
