"""A desk's file that another takes the place of: nobody else is in it meanwhile, and it is kept beside."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path

from storage.engine import StoreError, explain_folder
from storage.safekeeping.whole_file import SIDE_FILES, sync_folder

BEFORE = ".before"


@contextmanager
def folder_explained(path: Path) -> Iterator[None]:
    """What the folder of `path` does not allow, as a StoreError."""
    try:
        yield
    except OSError as error:
        raise explain_folder(error, path) from error


def take_the_place(building: Path, path: Path, old: sqlite3.Connection | None) -> Path | None:
    """The old file gets another name beside, the new one its own; there is a desk under that name at any moment.

    Answers the other name: one that no file has had before, as only that one may have what was done in it. Without an
    `old` file it is None. StoreError `store.exists` where a desk came to be meanwhile.
    """
    if old is not None:
        _fold_log(old, path)
    before = _free_name(path)
    if old is not None:
        # The same file under two names is what a killed process left.
        before.unlink(missing_ok=True)
        os.link(path, before)
    elif path.exists():
        raise StoreError("store.exists", path=str(path))
    for end in SIDE_FILES:
        # A log that is left belongs to the old file, broken or gone; SQLite would take it for the new one's.
        with suppress(FileNotFoundError):
            path.with_name(path.name + end).rename(before.with_name(before.name + end))
    building.replace(path)
    sync_folder(path.parent)
    return before if old is not None else None


def _fold_log(old: sqlite3.Connection, path: Path) -> None:
    """What is in its log goes into the file, so that nothing under its name is left to be taken for the new file's."""
    try:
        if old.in_transaction:
            old.execute("COMMIT")
        old.execute("PRAGMA journal_mode = DELETE").fetchone()
    except sqlite3.DatabaseError:
        # A broken file cannot; nobody else can use it either.
        old.close()
        return
    # Of this change itself: whoever holds a file alone leaves it lying, though it is done with.
    path.with_name(f"{path.name}-journal").unlink(missing_ok=True)


def _free_name(path: Path) -> Path:
    names = (path.with_name(f"{path.name}{BEFORE}{f'-{n}' if n > 1 else ''}") for n in count(1))
    return next(name for name in names if not name.exists() or (path.exists() and name.samefile(path)))
