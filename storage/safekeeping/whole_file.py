"""A file that is there whole or not at all: it is written under another name and gets its own when it is finished."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from storage.engine import explain_folder
from storage.safekeeping.failed import KeepingFailed

UNFINISHED = ".unfinished"
SIDE_FILES = ("-wal", "-shm", "-journal")


@contextmanager
def whole_file(path: Path, *, replaces: bool = False) -> Iterator[Path]:
    """The path to write at, of an empty file that only its owner may read.

    What a process that was killed has left under it is swept. KeepingFailed where there is a file already that is not
    to be replaced, or another process is at it; StoreError for a full disk or a folder that may not be written.
    """
    building = path.with_name(path.name + UNFINISHED)
    check_free(path, replaces=replaces)
    held = None
    try:
        held = os.open(building, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        hold_alone(held, path)
        # Whoever held it may just have finished, and given the file its own name.
        if not building.exists() or not os.path.samestat(building.stat(), os.fstat(held)):
            raise KeepingFailed("keeping.being_written", path=str(path))
        sweep(building, keeps_itself=True)
        os.ftruncate(held, 0)
        yield building
        os.fsync(held)
        check_free(path, replaces=replaces)
        building.replace(path)
        sync_folder(path.parent)
    except KeepingFailed as error:
        if error.code == "keeping.being_written" and held is not None:
            # It is the other one's.
            os.close(held)
            held = None
        raise
    except OSError as error:
        raise explain_folder(error, path) from error
    finally:
        if held is not None:
            sweep(building)
            os.close(held)


def check_not_itself(desk: Path, file: Path) -> None:
    """KeepingFailed where what is to be written or read is the desk's own file."""
    if desk.exists() and file.exists() and file.samefile(desk):
        raise KeepingFailed("keeping.itself", path=str(file))


def check_free(path: Path, *, replaces: bool) -> None:
    """KeepingFailed where something is that may not be written over."""
    if path.is_dir() or (path.exists() and not replaces):
        raise KeepingFailed("keeping.exists", path=str(path))


def sweep(building: Path, *, keeps_itself: bool = False) -> None:
    """Remove a file and what SQLite lays beside it."""
    ends = SIDE_FILES if keeps_itself else ("", *SIDE_FILES)
    for end in ends:
        with suppress(FileNotFoundError):
            building.with_name(building.name + end).unlink()


def sync_folder(folder: Path) -> None:
    """Let a new name in the folder outlive a power cut."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        # Some file systems cannot, and their names are safe without.
        with suppress(OSError):
            os.fsync(opened)
    finally:
        os.close(opened)


def hold_alone(held: int, path: Path) -> None:
    """Lock what is opened until it is closed; KeepingFailed naming `path` where another process has done so."""
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise KeepingFailed("keeping.being_written", path=str(path)) from error
    except OSError:
        # A file system without locks: then nobody is asked.
        return
