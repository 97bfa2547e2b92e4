"""The demo world as a whole: an empty demo desk becomes the desk of an invented service firm, made from a seed.

It is made without operations: a demo desk can be made again at any time and never joins a hub.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from random import Random

from core.clock import Instant
from core.errors import DomainError
from core.ids import IdMaker
from storage.caller_index import refresh
from storage.demo.batch import Batch
from storage.demo.firms import Cast, Founding
from storage.demo.grades import DAY, GRADE_BODIES
from storage.demo.names import PEOPLE
from storage.demo.plan import Plan, plan_tickets
from storage.demo.telling import Teller
from storage.rows import dump
from storage.text_index import index_some

TICKETS_PER_BATCH = 2_000
BULK_FROM = 10_000
"""From this many tickets on indexes are built after the load."""
BRIEF_FROM = 50_000
"""From this many tickets on those long closed are told briefly: some five entries each."""
BRIEF_AFTER_DAYS = 45
NEWEST_NUMBER = 104_259
"""The number a small demo desk has reached."""

Progress = Callable[[int, int], None]


def fill(
    connection: sqlite3.Connection,
    *,
    tickets: int,
    seed: int,
    now: Instant,
    progress: Progress | None = None,
) -> None:
    """Fill the empty demo desk behind `connection`; equal arguments give equal rows, byte for byte.

    The connection must be the file's only one; a file whose filling was broken off is to be thrown away.
    `progress` hears how many of how many tickets are written.
    Raises DomainError `demo.not_empty` for a desk that is not a demo or holds tickets already.
    """
    _check(connection)
    is_bulk = tickets >= BULK_FROM
    connection.execute("PRAGMA synchronous = OFF")
    if is_bulk:
        connection.execute("PRAGMA journal_mode = OFF")
        connection.execute("PRAGMA cache_size = -300000")
    connection.execute("BEGIN IMMEDIATE")
    try:
        indexes = _drop_indexes(connection) if is_bulk else []
        _write(connection, tickets, seed, now, progress)
        for statement in indexes:
            connection.execute(statement)
        refresh(connection)
        index_some(connection)
    except BaseException:
        # A full disk ends the transaction by itself.
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")
    connection.execute("PRAGMA analysis_limit = 1000")
    connection.execute("ANALYZE")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()


def _check(connection: sqlite3.Connection) -> None:
    (is_demo,) = connection.execute("SELECT is_demo FROM store").fetchone()
    (is_filled,) = connection.execute("SELECT EXISTS (SELECT 1 FROM ticket)").fetchone()
    if not is_demo or is_filled:
        raise DomainError("demo.not_empty")


def _write(connection: sqlite3.Connection, tickets: int, seed: int, now: Instant, progress: Progress | None) -> None:
    rng = Random(seed)  # noqa: S311 - a demo must be repeatable, not secret.
    since = now - _days_told(tickets) * DAY
    batch = Batch(connection)
    cast = Founding(batch, rng, since, now).found(max(24, tickets // 50), _people_count(tickets))
    plan = plan_tickets(cast, rng, tickets, since, now)
    first_number = max(1, NEWEST_NUMBER + 1 - tickets)
    _tell(Teller(batch, cast, rng, now, first_number), plan, now, progress)
    _grades(batch, IdMaker(lambda: since * 1000, rng.randbytes))
    _sit_down(connection, cast, first_number + tickets - 1)


def _tell(teller: Teller, plan: Plan, now: Instant, progress: Progress | None) -> None:
    total = len(plan.opened_at)
    brief_before = now - BRIEF_AFTER_DAYS * DAY if total >= BRIEF_FROM else 0
    for place in range(total):
        teller.tell(plan, place, plan.opened_at[place] < brief_before)
        if (place + 1) % TICKETS_PER_BATCH == 0 or place + 1 == total:
            teller.batch.write()
            if progress is not None:
                progress(place + 1, total)


def _grades(batch: Batch, new_id: IdMaker) -> None:
    for grade, body in GRADE_BODIES.items():
        batch.add("grade", new_id(), grade, dump(body))
    batch.write()


def _sit_down(connection: sqlite3.Connection, cast: Cast, last_number: int) -> None:
    connection.execute("UPDATE store SET person = ?, last_number = ?", (cast.people[0].id, last_number))


def _days_told(tickets: int) -> int:
    """Fourteen months for a small desk, three years for a busy one, five for a large one."""
    return 425 if tickets <= 5_000 else 3 * 365 if tickets <= 100_000 else 5 * 365


def _people_count(tickets: int) -> int:
    return min(len(PEOPLE), 12 + tickets // 2_500)


def _drop_indexes(connection: sqlite3.Connection) -> list[str]:
    """Drop what can be built faster afterwards; answers the statements that build it."""
    found = connection.execute(
        "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL ORDER BY name"
    ).fetchall()
    for name, _ in found:
        connection.execute(f"DROP INDEX {name}")
    return [statement for _, statement in found]
