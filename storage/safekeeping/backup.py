"""A backup: the desk's file as it is at one moment, copied while consoles go on working, and looked through."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from storage.attachments import named_files
from storage.engine import explain, open_file
from storage.safekeeping.export_lines import Tell
from storage.safekeeping.files_along import Files, bring
from storage.safekeeping.verified import verify
from storage.safekeeping.whole_file import check_not_itself, whole_file

PAGES_AT_ONCE = 2000


class BackedUp(NamedTuple):
    """What is in the backup, as `Verified` has it, and the files beside it."""

    tickets: int
    operations: int
    newest_ms: int
    files: Files


def back_up(path: Path, file: Path, *, replaces: bool = False, tell: Tell = lambda done, total: None) -> BackedUp:
    """Copy the desk at `path` to `file`, which is there whole and looked through, or not at all.

    The copy is one file without a log beside it, so that it can be read where nothing may be written.
    Files of tickets come into `attachments` beside it, for all backups of that folder; those that a backup copied
    before it failed stay there for the next.
    """
    check_not_itself(path, file)
    with whole_file(file, replaces=replaces) as building, closing(open_file(path, read_only=True)) as desk:
        try:
            # One moment for all steps; else each act of a console would begin the copy anew.
            desk.execute("BEGIN")
            desk.execute("SELECT only FROM store").fetchone()
            copy_into(desk, building, tell)
            with closing(sqlite3.connect(building, isolation_level=None)) as copy:
                return BackedUp(*verify(copy, path), bring(path, file, named_files(copy), set()))
        except sqlite3.DatabaseError as error:
            told = explain(error, file)
            raise told if told.code != "store.broken" else explain(error, path) from error


def copy_into(desk: sqlite3.Connection, building: Path, tell: Tell) -> None:
    """Copy every page of an open desk into the file at `building` and leave it on the disk, in no need of a log."""
    desk.execute("PRAGMA mmap_size = 0")
    with closing(sqlite3.connect(building, isolation_level=None)) as copy:
        copy.execute("PRAGMA synchronous = OFF")
        desk.backup(copy, pages=PAGES_AT_ONCE, progress=lambda _status, left, total: tell(total - left, total))
        copy.execute("PRAGMA journal_mode = DELETE").fetchone()
    opened = os.open(building, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
