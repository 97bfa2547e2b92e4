"""A purge: what it would erase, the one transaction in which it does, and the file afterwards made free of old bytes.

Rows and log are rewritten in one transaction, so that a purge that is cut off has done nothing. What SQLite keeps of
old rows in free pages and in its write-ahead log goes in a second step, the sweep; until it is done the file says so,
and the sweep can be done again.
"""

from __future__ import annotations

import mmap
import os
import shutil
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from core.clock import Clock, instant
from core.errors import Refused
from core.handlers.plan import Plan, Step, Title
from core.ids import EntityId, IdMaker
from core.operations.person_purged import PersonPurged
from core.personal_marks import Marks
from core.phones import dialled
from core.text import fold
from storage.caller_index import refresh
from storage.engine import StoreError, explain, held_alone, open_file
from storage.purging.rewrite import Rewrite
from storage.purging.subject import Subject
from storage.text_index import forget_all, index_some
from storage.unit_of_work import UnitOfWork

ROOM_TIMES = 2.2
"""So many times its own size a file needs beside it while it is made clean: a copy, and the log of copying it back."""

FINAL = "UPDATE action SET state = 'final' WHERE txn IN (SELECT txn FROM operation WHERE id = ?)"
OLD_FILES = ("{name}.before*", "{name}.unfinished*")
SHORTEST_SOUGHT = 4
"""Shorter words stand in any file of some size by chance."""


class Foreseen(NamedTuple):
    """What a purge would do: rows by table, operations among them, old files of the desk that it takes away."""

    places: dict[str, int]
    old_files: tuple[Path, ...]
    reports: tuple[Path, ...]
    left_hub: str
    """The hub that this desk had joined once, which knows what it was sent; empty where there was none."""


class Purged(NamedTuple):
    """What a purge did: rows by table, files taken away; `found` are files in which a mark still stands."""

    places: dict[str, int]
    removed: tuple[Path, ...]
    found: tuple[Path, ...]


def check_may_purge(connection: sqlite3.Connection) -> None:
    """Refused on a desk that has joined a hub: the others would keep what is erased here."""
    row = connection.execute("SELECT url FROM hub").fetchone()
    if row is not None:
        raise Refused("purge.joined", url=row[0])


def foresee(connection: sqlite3.Connection, path: Path, subject: Subject, reports: Path) -> Foreseen:
    """What there is to erase; nothing is written. `reports` is the folder of crash reports."""
    sought = needles(subject.own)
    left = connection.execute("SELECT url FROM hub_left ORDER BY left_at DESC LIMIT 1").fetchone()
    places = dict(Rewrite(connection, subject).places())
    told = tuple(one for one in _files_in(reports) if holds_any(one, sought))
    return Foreseen(places, tuple(_old_files(path)), told, left[0] if left else "")


def purge(path: Path, clock: Clock, new_id: IdMaker, author: EntityId, subject: Subject, reports: Path) -> Purged:
    """Erase the person on the desk at `path`, which nobody else may have open.

    Refused with `purge.no_room` where the disk has no room to make the file clean; a StoreError
    `store.open_elsewhere` while another console is there. Whatever stops it before its end is told by `unswept`.
    """
    _check_room(path)
    with _alone(path) as connection:
        places = _erase(connection, clock, new_id, author, subject)
    removed = list(finish(path))
    for report in [one for one in _files_in(reports) if holds_any(one, needles(subject.own))]:
        report.unlink(missing_ok=True)
        removed.append(report)
    return Purged(places, tuple(removed), still_found(path, subject.own))


def unswept(connection: sqlite3.Connection) -> int:
    """How many purges have erased their rows and not yet the file's old bytes."""
    (count,) = connection.execute("SELECT count(*) FROM purge WHERE is_swept = 0").fetchone()
    return int(count)


def finish(path: Path) -> Sequence[Path]:
    """Make the file at `path` free of old bytes and take its old copies away; answers those."""
    _check_room(path)
    # The copy that SQLite makes is as personal as the file, and needs as much room: it lies in the same folder.
    os.environ["SQLITE_TMPDIR"] = str(path.parent)
    with _alone(path) as connection:
        rows = _row_numbers(connection)
        connection.execute("VACUUM")
        connection.execute("BEGIN IMMEDIATE")
        if _row_numbers(connection) != rows:
            # Full text goes by row numbers.
            _index_again(connection)
        connection.execute("UPDATE purge SET is_swept = 1")
        connection.execute("COMMIT")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    old = list(_old_files(path))
    for one in old:
        one.unlink(missing_ok=True)
    return old


def needles(marks: Marks) -> tuple[bytes, ...]:
    """What a byte search looks for: each mark as it was written, and as indexes keep it."""
    found: dict[str, None] = {}
    for text in (*marks.names, *marks.addresses):
        found |= dict.fromkeys((text, fold(text), text.casefold(), text.upper()))
    for number in marks.numbers:
        found |= dict.fromkeys((number, dialled(number), dialled(number)[::-1]))
    return tuple(one.encode() for one in found if len(one) >= SHORTEST_SOUGHT)


def still_found(path: Path, marks: Marks) -> tuple[Path, ...]:
    """Files of the desk's folder in which any mark stands, byte by byte."""
    sought = needles(marks)
    return tuple(one for one in _files_in(path.parent) if holds_any(one, sought))


def holds_any(path: Path, sought: Iterable[bytes]) -> bool:
    """Whether any of these stands in a file."""
    with suppress(OSError), path.open("rb") as file:
        if os.fstat(file.fileno()).st_size:
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
                return any(content.find(one) >= 0 for one in sought)
    return False


@contextmanager
def _alone(path: Path) -> Iterator[sqlite3.Connection]:
    # Of this program and whole, and brought to the present schema.
    open_file(path).close()
    try:
        with held_alone(path) as connection:
            # Held it stays: the lock is let go of only when the file is closed.
            connection.execute("COMMIT")
            connection.execute("PRAGMA secure_delete = ON")
            connection.execute("PRAGMA synchronous = FULL")
            yield connection
    except sqlite3.DatabaseError as error:
        raise explain(error, path) from error


def _erase(
    connection: sqlite3.Connection, clock: Clock, new_id: IdMaker, author: EntityId, subject: Subject
) -> dict[str, int]:
    """Rewrite the rows and say in the log that it was done, in one transaction."""
    connection.execute("BEGIN IMMEDIATE")
    check_may_purge(connection)
    rewrite = Rewrite(connection, subject)
    places = rewrite.write()
    for contact in subject.contacts:
        # What was rewritten cannot be taken back.
        connection.execute(FINAL, (contact,))
    operations = places["operation"]
    steps = [Step(one, PersonPurged(one, operations)) for one in subject.contacts]
    steps = steps or [Step(new_id(), PersonPurged(None, operations))]
    plan = Plan(Title("person.purged"), tuple(steps), reversible=False)
    UnitOfWork(connection, clock, new_id, author, has_mail_command=False).carry_out(plan, _remember_nothing)
    connection.execute(
        "INSERT INTO purge (at, records, operations, places) VALUES (?, ?, ?, ?)",
        (instant(clock.now_ms()), len(subject.contacts), operations, places.total()),
    )
    refresh(connection)
    # What was deleted stays in its segments until they are made again.
    connection.execute("INSERT INTO find_part (find_part) VALUES ('rebuild')")
    if rewrite.are_texts_touched:
        _index_again(connection)
    connection.execute("COMMIT")
    return dict(places)


def _remember_nothing(connection: sqlite3.Connection, plan: Plan, txn: EntityId, author: EntityId, now: int) -> None:
    """There is nothing to take back."""


def _index_again(connection: sqlite3.Connection) -> None:
    """Full text, made from the rows as they are: it is only ever added to, and tells what a text once said."""
    forget_all(connection)
    index_some(connection)
    for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE name = 'sqlite_stat4'").fetchall():
        connection.execute(f"DELETE FROM {name}")


def _row_numbers(connection: sqlite3.Connection) -> list[tuple[int, ...]]:
    query = "SELECT count(*), COALESCE(max(rowid), 0), COALESCE(sum(rowid), 0) FROM {}"
    return [connection.execute(query.format(table)).fetchone() for table in ("ticket", "entry")]


def _check_room(path: Path) -> None:
    with suppress(FileNotFoundError):
        size = sum(one.stat().st_size for one in (path, path.with_name(path.name + "-wal")) if one.exists())
        free = shutil.disk_usage(path.parent).free
        if free < size * ROOM_TIMES:
            raise StoreError("purge.no_room", path=str(path), megabytes=int(size * ROOM_TIMES) // 1_000_000 + 1)


def _old_files(path: Path) -> Iterator[Path]:
    for pattern in OLD_FILES:
        yield from sorted(path.parent.glob(pattern.format(name=path.name)))


def _files_in(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    return sorted(one for one in folder.rglob("*") if one.is_file() and not one.name.endswith("-shm"))
