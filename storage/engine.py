"""Connections to a desk's file: what is checked before it is opened, pragmas, and the sentences when it cannot be."""

from __future__ import annotations

import errno
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from core.errors import DomainError

SCHEMA_NUMBER = 13
APPLICATION_ID = 0x4C414D50
"""`LAMP`: marks the file as a desk, so that another program's database is never touched."""

OLDEST_SQLITE = (3, 37, 0)
BUSY_MILLISECONDS = 5_000
HOLD_MILLISECONDS = 500
MMAP_BYTES = 2 << 30


class StoreError(DomainError):
    """The desk's file cannot be used; the code says why, the sentence what to do."""


def check_library() -> None:
    """Refuse an SQLite that has no STRICT tables."""
    if sqlite3.sqlite_version_info < OLDEST_SQLITE:
        raise StoreError("store.sqlite_too_old", version=sqlite3.sqlite_version)


def open_file(path: Path, *, read_only: bool = False) -> sqlite3.Connection:
    """A connection to an existing desk, checked: ours, whole enough to read, not newer than this program.

    A desk of an older program is brought to the present schema first, also for reading.
    """
    check_library()
    try:
        path.stat()
    except FileNotFoundError as error:
        raise StoreError("store.missing", path=str(path)) from error
    except OSError as error:
        raise StoreError("store.not_writable", path=str(path), reason=error.strerror) from error
    try:
        connection = _connect(path, read_only)
        try:
            if check_kind(connection, path) < SCHEMA_NUMBER:
                _migrate(path)
            if not read_only:
                _write_ahead(connection)
        except BaseException:
            connection.close()
            raise
    except sqlite3.DatabaseError as error:
        raise _explain(error, path) from error
    return connection


def create_file(path: Path, schema: int = SCHEMA_NUMBER) -> sqlite3.Connection:
    """A connection to a new desk with the newest schema, or an older one; the file is readable by its owner only."""
    check_library()
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError as error:
        raise StoreError("store.exists", path=str(path)) from error
    except OSError as error:
        raise explain_folder(error, path) from error
    try:
        connection = _connect(path, False)
        connection.execute("PRAGMA page_size = 8192")
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute("PRAGMA journal_mode = WAL")
        from storage.migrations import SCRIPTS, migrate

        migrate(connection, stop_before=(*SCRIPTS, None)[schema])
    except sqlite3.DatabaseError as error:
        path.unlink(missing_ok=True)
        raise _explain(error, path) from error
    return connection


@contextmanager
def held_alone(path: Path) -> Iterator[sqlite3.Connection]:
    """The file with nobody else in it and a transaction begun; StoreError `store.open_elsewhere` else.

    It need not be whole.
    """
    if not path.exists():
        raise StoreError("store.missing", path=str(path))
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        connection.execute(f"PRAGMA busy_timeout = {HOLD_MILLISECONDS}")
        try:
            connection.execute("PRAGMA locking_mode = EXCLUSIVE")
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.DatabaseError as error:
            if explain(error, path).code == "store.busy":
                raise StoreError("store.open_elsewhere", path=str(path)) from error
        yield connection
    finally:
        connection.close()


def _connect(path: Path, read_only: bool) -> sqlite3.Connection:
    mode = "ro" if read_only else "rw"
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}",
        uri=True,
        isolation_level=None,
        check_same_thread=False,
        cached_statements=256,
    )
    try:
        connection.execute(f"PRAGMA busy_timeout = {BUSY_MILLISECONDS}")
        connection.execute(f"PRAGMA mmap_size = {MMAP_BYTES}")
        if not read_only:
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA foreign_keys = ON")
    except BaseException:
        # A broken file fails here already, and must not stay open for who looks at it next.
        connection.close()
        raise
    return connection


def _write_ahead(connection: sqlite3.Connection) -> None:
    """A backup, or a file that was put aside, has left this mode; a desk that may only be read keeps what it has."""
    with suppress(sqlite3.OperationalError):
        connection.execute("PRAGMA journal_mode = WAL").fetchone()


def _migrate(path: Path) -> None:
    """Change the file on a connection of its own: the one that asked may only read."""
    from storage.migrations import migrate

    connection = _connect(path, False)
    try:
        migrate(connection)
    finally:
        connection.close()


def check_kind(connection: sqlite3.Connection, path: Path) -> int:
    """The file's schema number; StoreError for a file that is no desk, broken off, or newer than this program."""
    (application_id,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if application_id != APPLICATION_ID:
        raise StoreError("store.foreign", path=str(path))
    if version > SCHEMA_NUMBER:
        raise StoreError("store.newer", path=str(path), found=version, known=SCHEMA_NUMBER)
    if version < 1:
        raise StoreError("store.unfinished", path=str(path))
    connection.execute("SELECT only FROM store").fetchone()
    return int(version)


def _explain(error: sqlite3.DatabaseError, path: Path) -> StoreError:
    """What SQLite said, as a code of ours."""
    name = getattr(error, "sqlite_errorname", "") or ""
    reason = str(error)
    if name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")) or "malformed" in reason:
        return StoreError("store.broken", path=str(path), reason=reason)
    # The index beside the log found no room.
    if name.startswith(("SQLITE_FULL", "SQLITE_IOERR_SHMSIZE")):
        return StoreError("store.disk_full", path=str(path))
    if name.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM")):
        return StoreError("store.not_writable", path=str(path), reason=reason)
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return StoreError("store.busy", path=str(path))
    if name.startswith("SQLITE_CONSTRAINT"):
        return StoreError("store.rule_broken", path=str(path), reason=reason)
    if name.startswith("SQLITE_IOERR"):
        return StoreError("store.disk_failed", path=str(path), reason=reason)
    return StoreError("store.broken", path=str(path), reason=reason)


def explain(error: sqlite3.DatabaseError, path: Path) -> StoreError:
    """The same for an error that came later than opening."""
    return _explain(error, path)


def explain_folder(error: OSError, path: Path) -> StoreError:
    """The same for what the folder of the file at `path` does not allow."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return StoreError("store.disk_full", path=str(path))
    return StoreError("store.not_writable", path=str(path), reason=error.strerror)
