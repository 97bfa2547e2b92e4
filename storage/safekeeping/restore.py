"""A desk put back from a backup or an export: built and looked through beside, then it takes the desk's place.

Whatever stops it leaves the desk as it was. What the desk had is kept beside; work that the file does not have is given
up only by who said so.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from core.clock import Clock
from core.errors import DomainError
from storage.attachments import named_files, put
from storage.checkpoint import checkpoint
from storage.engine import StoreError, check_kind, check_library, explain, held_alone, open_file
from storage.outbox import count_queued
from storage.safekeeping.backup import copy_into
from storage.safekeeping.build_from_lines import build_from_lines
from storage.safekeeping.export_file import unreadable
from storage.safekeeping.export_lines import Tell
from storage.safekeeping.failed import KeepingFailed
from storage.safekeeping.files_along import Files, bring, coming_in, is_whole
from storage.safekeeping.files_in import TakeFile
from storage.safekeeping.newer_work import NewerWork, newer_work
from storage.safekeeping.strange_triggers import drop_a_keepers, strange_triggers
from storage.safekeeping.tables import RESTORED
from storage.safekeeping.taking_place import folder_explained, take_the_place
from storage.safekeeping.verified import Verified, verify
from storage.safekeeping.whole_file import UNFINISHED, check_not_itself, hold_alone, sweep
from storage.sync.raw_pages import MAGIC

KEEP = "INSERT INTO desk_state (name, body) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET body = excluded.body"


class WouldLose(DomainError):
    """The desk has what the file has not, and nobody said that it may be put aside."""

    def __init__(self, lost: NewerWork) -> None:
        super().__init__("keeping.newer_work")
        self.lost = lost


class Restored(NamedTuple):
    """What is there now, the file that was there before (None for none), and what that one alone has.

    `waiting` replies waited for the mail command; `hub` is the address of the hub that the desk has joined, or empty;
    `files` are those of tickets.
    """

    now: Verified
    before: Path | None
    lost: NewerWork
    waiting: int
    hub: str
    files: Files


def restore(
    path: Path, file: Path, clock: Clock, *, is_sure: bool = False, tell: Tell = lambda done, total: None
) -> Restored:
    """Put the desk at `path` back from `file`. WouldLose unless the file has all that the desk has, or `is_sure`.

    Files of tickets come from the export, or from `attachments` beside the file; what is missing does not stop it.
    KeepingFailed and StoreError for a file that cannot be used, a desk that is open elsewhere, a full disk.
    """
    building = path.with_name(path.name + UNFINISHED)
    fill = build_from_lines if _is_export(path, file) else _copy
    with folder_explained(path):
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        with _alone(path), _held_or_absent(path) as (old, unreadable_here):
            with folder_explained(path):
                sweep(building)
            try:
                with coming_in(path) as new_files:
                    fill(file, building, _taker(path, new_files), tell)
                    return _exchange(path, file, building, old, unreadable_here, clock, new_files, is_sure=is_sure)
            finally:
                with suppress(OSError):
                    sweep(building)
    finally:
        with suppress(OSError):
            # The folder of a desk that did not come to be.
            path.parent.rmdir()


def _is_export(path: Path, file: Path) -> bool:
    """Whether the file holds lines; KeepingFailed for one that cannot be read, or is the desk itself."""
    try:
        with file.open("rb") as opened:
            begins = opened.read(len(MAGIC))
        check_not_itself(path, file)
    except OSError as error:
        raise unreadable(file, error) from error
    return begins != MAGIC


def _taker(path: Path, new_files: set[str]) -> TakeFile:
    """Puts a file of an export beside the desk, unless it is there."""

    def take(digest: str, pieces: Iterator[bytes]) -> None:
        if not is_whole(path, digest):
            put(path, digest, pieces)
            new_files.add(digest)

    return take


def _copy(file: Path, building: Path, _take_file: TakeFile, tell: Tell) -> None:
    """The pages of a backup, or of any file of a desk, which stays as it is."""
    check_library()
    try:
        uri = f"{file.absolute().as_uri()}?mode=ro"
        with closing(sqlite3.connect(uri, uri=True, isolation_level=None)) as source:
            check_kind(source, file)
            building.touch(0o600)
            copy_into(source, building, tell)
    except OSError as error:
        raise KeepingFailed("keeping.unreadable", path=str(file), reason=str(error)) from error
    except sqlite3.DatabaseError as error:
        told = explain(error, building)
        if told.code in ("store.disk_full", "store.disk_failed"):
            raise told from error
        raise KeepingFailed("keeping.backup_broken", path=str(file), reason=str(error)) from error
    except StoreError as error:
        if error.code == "store.foreign":
            raise KeepingFailed("keeping.unknown_file", path=str(file)) from error
        raise


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Nobody else puts a desk into this folder meanwhile, also where there is none that could be held."""
    with folder_explained(path):
        folder = os.open(path.parent, os.O_RDONLY)
    try:
        hold_alone(folder, path)
        yield
    finally:
        os.close(folder)


@contextmanager
def _held_or_absent(path: Path) -> Iterator[tuple[sqlite3.Connection | None, str]]:
    """The desk that is there, with nobody else in it, and why it cannot be read; None where there is none."""
    if not path.exists():
        yield None, ""
        return
    reason = ""
    try:
        # Brings a desk of an older program to the present schema, so that it can be compared.
        open_file(path).close()
    except StoreError as error:
        reason = str(error.facts.get("reason", error.code))
    with held_alone(path) as old:
        yield old, reason


def _exchange(
    path: Path,
    file: Path,
    building: Path,
    old: sqlite3.Connection | None,
    unreadable_here: str,
    clock: Clock,
    new_files: set[str],
    *,
    is_sure: bool,
) -> Restored:
    try:
        with closing(open_file(building)) as new:
            # Pages of the file that are mapped would count as memory of ours.
            new.execute("PRAGMA mmap_size = 0")
            drop_a_keepers(new)
            if strange := strange_triggers(new):
                raise KeepingFailed("keeping.backup_broken", path=str(file), reason=f"no desk has a {strange[0]}")
            now = verify(new, file)
            lost = NewerWork(unreadable=unreadable_here)
            if old is not None and not unreadable_here:
                lost = newer_work(old, new)
            if lost and not is_sure:
                raise WouldLose(lost)
            # Replies that waited then may have been sent since (storage/outbox.py).
            new.execute(KEEP, (RESTORED, str(clock.now_ms())))
            hub = new.execute("SELECT url FROM hub").fetchone()
            files = bring(file, path, named_files(new), new_files)
    except sqlite3.DatabaseError as error:
        raise explain(error, building) from error
    except StoreError as error:
        if error.code != "store.broken":
            raise
        raise KeepingFailed("keeping.backup_broken", path=str(file), reason=error.facts["reason"]) from error
    waiting = count_queued(building)
    checkpoint(building)
    with folder_explained(path):
        before = take_the_place(building, path, old)
    return Restored(now, before, lost, waiting, hub[0] if hub else "", files)
