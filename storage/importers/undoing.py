"""Taking a whole import back, and bringing it back: ordinary acts in the log, a slice a transaction.

Nothing is ever deleted: what an import made is archived, as everything else on a desk that is taken back, and on a desk
with a hub that travels as every act does. What somebody has worked on since, and what still belongs to something that
stands, is left. A run that is stopped goes on where it was when it is asked for again.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from core.clock import Clock
from core.handlers.plan import Plan, Step, Title
from core.ids import EntityId, IdMaker
from core.operations.record_archived import RecordArchived
from core.operations.ticket_archived import TicketArchived
from storage.engine import open_file
from storage.importers.coming import COMING, STANDING, UNDONE, Turn
from storage.importers.failed import ImportFailed
from storage.merging import REFERENCES

AT_ONCE = 50
NUMBERS_TOLD = 8
TICKET = "ticket"
RECORDS = (
    *("affiliation", "contract_version", "contract", "equipment", "site"),
    *("contact", "model", "person", "team", "company"),
)
"""In the order in which they go: nothing before what belongs to it."""

NAMED_BY = {**REFERENCES, "contract_version": ((TICKET, "contract_version"),)}
"""Where a record that stands is named."""

OF_TICKETS = ("ticket_reporter", "call_back")
NOT_WORK = (
    *("ticket.imported", "ticket.archived", "ticket.numbered", "sla.announced"),
    *("record.added", "record.archived"),
)
WORKED_ON = (
    "SELECT DISTINCT m.id FROM import_made m JOIN operation o ON o.id = m.id AND o.state <> 'refused'"
    f" WHERE m.batch = ? AND o.kind NOT IN ({', '.join(repr(kind) for kind in NOT_WORK)})"
)
USED_AFFILIATIONS = (
    "SELECT a.id FROM affiliation a JOIN ticket_reporter r ON r.contact = a.contact"
    " JOIN ticket t ON t.id = r.ticket AND t.archived = 0 AND t.company = a.company"
)
STANDS = (
    "SELECT m.id FROM import_made m JOIN {entity} e ON e.id = m.id AND e.archived = 0"
    " WHERE m.batch = ? AND m.entity = '{entity}' ORDER BY m.id"
)
TAKEN_BACK = "SELECT id FROM import_made WHERE batch = ? AND entity = ? AND is_undone = 1 ORDER BY id"

Write = Callable[[Callable[[sqlite3.Connection], int]], Future[Any]]
Watch = Callable[[int, int], None]
"""Told how many of how many are done."""


class Undone(NamedTuple):
    """How many tickets and records were taken back, or brought back; how many were left as they are."""

    tickets: int
    records: int
    left_tickets: int = 0
    left_records: int = 0


def undo_import(
    path: Path,
    write: Write,
    n: int,
    *,
    author: EntityId,
    clock: Clock,
    new_id: IdMaker,
    leave_worked_on: bool = False,
    watch: Watch | None = None,
) -> Undone:
    """Take back import `n`: its tickets, then the records that nothing on the desk needs any more.

    ImportFailed when there is none, or where somebody worked on its tickets since and they are not to be left alone.
    """
    with _held(path, n) as (reading, state):
        worked_on = {row[0] for row in reading.execute(WORKED_ON, (n,))}
        tickets = _standing(reading, n, TICKET)
        worked = [ticket for ticket in tickets if ticket in worked_on]
        if worked and not leave_worked_on:
            told = ", ".join(_numbers(reading, worked[:NUMBERS_TOLD]))
            raise ImportFailed("import.worked_on", n=n, count=len(worked), numbers=told)
        act = _Act(write, n, author, clock, new_id, watch, is_archived=True)
        act.begin(UNDONE)
        (act.total,) = reading.execute("SELECT count(*) FROM import_made WHERE batch = ?", (n,)).fetchone()
        done = act.take(TICKET, [ticket for ticket in tickets if ticket not in worked_on])
        records = left = 0
        for entity in RECORDS:
            standing = _standing(reading, n, entity)
            needed = worked_on | _needed(reading, entity)
            going = [record for record in standing if record not in needed]
            records += act.take(entity, going)
            left += len(standing) - len(going)
        if state == UNDONE and not done and not records:
            raise ImportFailed("import.undone_already", n=n)
        return Undone(done, records, len(worked), left)


def redo_import(
    path: Path,
    write: Write,
    n: int,
    *,
    author: EntityId,
    clock: Clock,
    new_id: IdMaker,
    watch: Watch | None = None,
) -> Undone:
    """Bring back what `undo_import` took; what a person archived stays archived."""
    with _held(path, n) as (reading, state):
        (total,) = reading.execute(
            "SELECT count(*) FROM import_made WHERE batch = ? AND is_undone = 1", (n,)
        ).fetchone()
        if state == STANDING and not total:
            raise ImportFailed("import.stands_already", n=n)
        act = _Act(write, n, author, clock, new_id, watch, is_archived=False)
        act.begin(STANDING)
        act.total = total
        records = 0
        for entity in reversed(RECORDS):
            records += act.take(entity, [row[0] for row in reading.execute(TAKEN_BACK, (n, entity))])
        return Undone(act.take(TICKET, [row[0] for row in reading.execute(TAKEN_BACK, (n, TICKET))]), records)


class _Act:
    """The acts of one undo or redo, so many entities in each."""

    def __init__(
        self,
        write: Write,
        n: int,
        author: EntityId,
        clock: Clock,
        new_id: IdMaker,
        watch: Watch | None,
        *,
        is_archived: bool,
    ) -> None:
        self._write = write
        self._n = n
        self._author = author
        self._clock = clock
        self._new_id = new_id
        self._watch = watch
        self._is_archived = is_archived
        self._done = 0
        self.total = 0

    def begin(self, state: str) -> None:
        """From here on it counts as undone, or as standing; what is left to do is done by another run as well."""

        def note(file: sqlite3.Connection) -> int:
            return file.execute("UPDATE import_batch SET state = ? WHERE n = ?", (state, self._n)).rowcount

        self._write(note).result()

    def take(self, entity: str, ids: Sequence[bytes]) -> int:
        """Archive them, or bring them back; answers how many that was about."""
        count = 0
        for some in _slices(ids):
            done: int = self._write(partial(self._slice, entity=entity, ids=some)).result()
            count += done
            self._done += len(some)
            if self._watch is not None:
                self._watch(self._done, self.total)
        return count

    def _slice(self, file: sqlite3.Connection, entity: str, ids: Sequence[bytes]) -> int:
        from storage.unit_of_work import UnitOfWork

        is_archived = self._is_archived
        marks = ", ".join("?" * len(ids))
        # Others work meanwhile: what is as it should be already stays untouched.
        query = f"SELECT id FROM {entity} WHERE archived <> ? AND id IN ({marks}) ORDER BY id"
        found = [EntityId(row[0]) for row in file.execute(query, (int(is_archived), *ids))]
        if found:
            steps = tuple(Step(one, self._operation(entity, one)) for one in found)
            unit = UnitOfWork(file, self._clock, self._new_id, self._author, has_mail_command=False)
            title = Title("import.undone") if is_archived else Title("import.redone")
            unit.carry_out(Plan(title, steps, reversible=False), _remember_nothing)
        done: Sequence[bytes] = found if is_archived else ids
        file.executemany(
            f"UPDATE import_made SET is_undone = {is_archived:d} WHERE batch = {self._n:d} AND id = ?",
            [(one,) for one in done],
        )
        return len(found)

    def _operation(self, entity: str, record: EntityId) -> TicketArchived | RecordArchived:
        if entity == TICKET:
            return TicketArchived(self._is_archived)
        return RecordArchived(entity, record, self._is_archived)


@contextmanager
def _held(path: Path, n: int) -> Iterator[tuple[sqlite3.Connection, str]]:
    """A connection to read, the state of import `n`, and the turn to import, so that nothing comes in meanwhile."""
    turn = Turn(path)
    turn.take()
    try:
        with closing(open_file(path, read_only=True)) as reading:
            query = "SELECT state, EXISTS (SELECT 1 FROM import_made WHERE batch = n) FROM import_batch WHERE n = ?"
            row = reading.execute(query, (n,)).fetchone()
            if row is None or row[0] == COMING:
                raise ImportFailed("import.unknown", n=n)
            if not row[1]:
                raise ImportFailed("import.made_unknown", n=n)
            yield reading, row[0]
    finally:
        turn.leave()


def _standing(reading: sqlite3.Connection, n: int, entity: str) -> list[bytes]:
    return [row[0] for row in reading.execute(STANDS.format(entity=entity), (n,))]


def _needed(reading: sqlite3.Connection, entity: str) -> set[bytes]:
    """Records that something standing names."""
    if entity == "affiliation":
        return {row[0] for row in reading.execute(USED_AFFILIATIONS)}
    needed: set[bytes] = set()
    for table, field in NAMED_BY[entity]:
        stands = (
            f"JOIN ticket t ON t.id = x.ticket AND t.archived = 0 WHERE x.{field} IS NOT NULL"
            if table in OF_TICKETS
            else f"WHERE x.{field} IS NOT NULL AND x.archived = 0"
        )
        needed |= {row[0] for row in reading.execute(f"SELECT DISTINCT x.{field} FROM {table} x {stands}")}
    return needed


def _numbers(reading: sqlite3.Connection, tickets: Sequence[bytes]) -> Iterator[str]:
    for ticket in tickets:
        yield reading.execute("SELECT number FROM ticket WHERE id = ?", (ticket,)).fetchone()[0]


def _slices(ids: Sequence[bytes]) -> Iterator[Sequence[bytes]]:
    for first in range(0, len(ids), AT_ONCE):
        yield ids[first : first + AT_ONCE]


def _remember_nothing(*_act: object) -> None:
    """It is undone as a whole by a verb, not by the next `u`."""
