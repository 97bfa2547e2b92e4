"""The bytes of attachments: files in a folder beside the desk, each called by the SHA-256 of what is in it.

A file is written under another name, hashed on the way, and gets its own name when it is whole and on the disk. Two of
one content are one file. What is read is hashed again, so that a file that was altered is never taken for the one that
was attached. Nothing here is ever run: files can be read by their owner and no more.
"""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import sqlite3
import stat
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, NamedTuple

from core.attachments import ADDED, HEAD_BYTES, REMOVED, attached_in, is_digest, media_type_of, name_to_open, standing
from core.errors import NotFound, Refused
from core.timeline import Entry
from storage.engine import StoreError, explain_folder
from storage.rows import ENTRY_COLUMNS, entry_of

MOST_BYTES = 100_000_000
AT_ONCE = 1 << 20
UNFINISHED = ".taking-"
OPENED = "opened"
STALE_SECONDS = 24 * 3600
OPEN_WITHOUT_WAITING = os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
"""A pipe or a device is asked what it is, not waited for."""


class Taken(NamedTuple):
    """A file that is in the folder now: its SHA-256 in hex, its size, and what its content says it is."""

    digest: str
    size: int
    media_type: str


class Kept(NamedTuple):
    """How the folder stands beside the rows; sizes in bytes. `altered` is empty where no hash was computed."""

    number: int
    size: int
    missing: tuple[str, ...]
    altered: tuple[str, ...]
    unused: tuple[str, ...]
    unused_size: int


class Named(NamedTuple):
    """Hashes that tickets name: `every`, in order, also of files taken off since; `standing` of those that were not."""

    every: tuple[str, ...]
    standing: frozenset[str]


def folder_of(desk: Path) -> Path:
    """Where the attachments of the desk at `desk` lie, or those of a backup of it."""
    return desk.with_name("attachments")


def take_in(desk: Path, source: Path, most_bytes: int = MOST_BYTES) -> Taken:
    """Copy a file into the folder; Refused for what is no file, is empty or too large, StoreError without room."""
    folder = folder_of(desk)
    with _source(source) as reading, _explained(desk):
        folder.mkdir(mode=0o700, exist_ok=True)
        sweep(folder)
        unfinished = _unfinished(folder)
        try:
            taken = _copied(reading, unfinished, source, most_bytes)
            _give_name(unfinished, folder / taken.digest)
        finally:
            unfinished.unlink(missing_ok=True)
    return taken


def put(desk: Path, digest: str, pieces: Iterable[bytes]) -> None:
    """Write a file that comes in pieces from elsewhere; Refused where it is not the one with that hash.

    Its name outlives a power cut when the folder was synced.
    """
    folder = folder_of(desk)
    hashed = hashlib.sha256()
    with _explained(folder):
        folder.mkdir(mode=0o700, exist_ok=True)
        unfinished = _unfinished(folder)
        try:
            with _new_file(unfinished) as writing:
                for piece in pieces:
                    hashed.update(piece)
                    writing.write(piece)
                writing.flush()
                os.fsync(writing.fileno())
            if hashed.hexdigest() != digest:
                raise Refused("attachment.altered", path=str(folder / digest))
            unfinished.replace(folder / digest)
        finally:
            unfinished.unlink(missing_ok=True)


@contextmanager
def opened_alone(desk: Path, digest: str) -> Iterator[BinaryIO]:
    """The file with that hash, not yet verified; NotFound where it is not here, Refused for what can be none of ours.

    The folder may be one that came from elsewhere: no link is followed, no pipe waited for.
    """
    path = folder_of(desk) / digest
    try:
        number = os.open(path, OPEN_WITHOUT_WAITING | os.O_NOFOLLOW)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise NotFound("attachment.not_here") from error
    except OSError as error:
        raise Refused("attachment.altered", path=str(path)) from error
    with os.fdopen(number, "rb") as reading:
        found = os.fstat(number)
        if not stat.S_ISREG(found.st_mode) or found.st_size > MOST_BYTES:
            raise Refused("attachment.altered", path=str(path))
        yield reading


def verified(desk: Path, digest: str) -> Path:
    """The file with that hash; NotFound where it is not on this machine, Refused where it is another one by now."""
    path = folder_of(desk) / digest
    if not is_digest(digest) or not path.is_file() or path.is_symlink():
        raise NotFound("attachment.not_here")
    if _hashed(path) != digest:
        raise Refused("attachment.altered", path=str(path))
    return path


def save(desk: Path, digest: str, to: Path) -> None:
    """A copy under a name of the person's own; nothing is written over."""
    found = verified(desk, digest)
    try:
        with found.open("rb") as reading, _new_file(to) as writing:
            shutil.copyfileobj(reading, writing, AT_ONCE)
    except FileExistsError as error:
        raise Refused("attachment.in_the_way", path=str(to)) from error
    except OSError as error:
        raise explain_folder(error, to) from error


def copy_to_open(desk: Path, digest: str, name: str, media_type: str) -> Path:
    """A copy for another program: called by what it is, read by its owner alone, never the file itself."""
    found = verified(desk, digest)
    with _explained(desk):
        sweep(folder_of(desk))
        folder = folder_of(desk) / OPENED / digest[:16]
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        copy = folder / name_to_open(name, media_type)
        copy.unlink(missing_ok=True)
        with found.open("rb") as reading, _new_file(copy) as writing:
            shutil.copyfileobj(reading, writing, AT_ONCE)
        copy.chmod(0o400)
    return copy


def erase(desk: Path, connection: sqlite3.Connection, digest: str) -> bool:
    """Delete the bytes, unless another ticket names them; False where they stay."""
    if len([one for one in named(connection) if one == digest]) > 1:
        return False
    (folder_of(desk) / digest).unlink(missing_ok=True)
    shutil.rmtree(folder_of(desk) / OPENED / digest[:16], ignore_errors=True)
    return True


def named(connection: sqlite3.Connection) -> Iterator[str]:
    """The hash of every file that any line of any ticket says was attached; also of those taken off since."""
    for entry in _lines(connection):
        attached = attached_in(entry) if entry.code == ADDED else None
        if attached is not None:
            yield attached.digest


def named_files(connection: sqlite3.Connection) -> Named:
    """What has to lie beside a desk with these rows."""
    entries = list(_lines(connection))
    attached = (attached_in(entry) for entry in entries if entry.code == ADDED)
    every = tuple(sorted({one.digest for one in attached if one is not None}))
    return Named(every, frozenset(one.digest for one in standing(entries)))


def _lines(connection: sqlite3.Connection) -> Iterator[Entry]:
    query = f"SELECT {ENTRY_COLUMNS} FROM entry WHERE code IN (?, ?) AND hidden = 0"
    for row in connection.execute(query, (ADDED, REMOVED)):
        # Rows of a file from elsewhere may hold anything.
        with suppress(ValueError, RecursionError):
            entry = entry_of(row)
            if isinstance(entry.data, dict):
                yield entry


def kept(desk: Path, connection: sqlite3.Connection, *, is_full: bool) -> Kept:
    """How the folder stands: what is missing and what nobody names; in full also what was altered."""
    known = set(named(connection))
    wanted = {one.digest for one in standing(_lines(connection))}
    folder = folder_of(desk)
    here = {one.name: one.stat().st_size for one in folder.iterdir() if is_digest(one.name)} if folder.is_dir() else {}
    unused = tuple(sorted(here.keys() - known))
    altered = tuple(one for one in sorted(here) if _hashed(folder / one) != one) if is_full else ()
    return Kept(
        len(here),
        sum(here.values()),
        tuple(sorted(wanted - here.keys())),
        altered,
        unused,
        sum(here[one] for one in unused),
    )


def forget_all(desk: Path) -> None:
    """Delete the folder with everything in it, where the desk itself is erased."""
    shutil.rmtree(folder_of(desk), ignore_errors=True)


@contextmanager
def _source(source: Path) -> Iterator[BinaryIO]:
    try:
        number = os.open(source, OPEN_WITHOUT_WAITING)
    except FileNotFoundError as error:
        raise NotFound("attachment.no_file", path=str(source)) from error
    except OSError as error:
        raise Refused("attachment.unreadable", path=str(source), reason=error.strerror) from error
    if not stat.S_ISREG(os.fstat(number).st_mode):
        os.close(number)
        raise Refused("attachment.no_regular_file", path=str(source))
    with os.fdopen(number, "rb") as reading:
        yield reading


def _copied(reading: BinaryIO, unfinished: Path, source: Path, most_bytes: int) -> Taken:
    digest, size, head = hashlib.sha256(), 0, b""
    with _new_file(unfinished) as writing:
        while piece := _read(reading, source):
            head = head or piece[:HEAD_BYTES]
            size += len(piece)
            if size > most_bytes:
                raise Refused("attachment.too_large", path=str(source), megabytes=most_bytes // 1_000_000)
            digest.update(piece)
            writing.write(piece)
        writing.flush()
        os.fsync(writing.fileno())
    if not size:
        raise Refused("attachment.empty", path=str(source))
    return Taken(digest.hexdigest(), size, media_type_of(head))


def _read(reading: BinaryIO, source: Path) -> bytes:
    try:
        return reading.read(AT_ONCE)
    except OSError as error:
        raise Refused("attachment.unreadable", path=str(source), reason=error.strerror) from error


def _new_file(path: Path) -> BinaryIO:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    return os.fdopen(os.open(path, flags, 0o600), "wb")


def _unfinished(folder: Path) -> Path:
    return folder / f"{UNFINISHED}{os.getpid()}-{time.monotonic_ns()}"


def _give_name(unfinished: Path, path: Path) -> None:
    """The same bytes under their name: also over a file of that name which is no longer what it says."""
    unfinished.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _hashed(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


def sweep(folder: Path) -> None:
    """Take away what was broken off, and copies that were opened a day ago."""
    before = time.time() - STALE_SECONDS
    for one in (*folder.glob(f"{UNFINISHED}*"), *folder.glob(f"{OPENED}/*/*")):
        with suppress(OSError):
            if one.lstat().st_mtime < before:
                one.unlink()
    for one in folder.glob(f"{OPENED}/*"):
        with suppress(OSError):
            one.rmdir()


@contextmanager
def _explained(desk: Path) -> Iterator[None]:
    try:
        yield
    except StoreError:
        raise
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise StoreError("store.disk_full", path=str(desk)) from error
        raise explain_folder(error, desk) from error
