"""What the person who runs a hub may do: set it up, upgrade it, look at it, say who may read and write."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from storage.hub.connecting import HubError, connect, explained
from storage.hub.migrations import NEWEST

if TYPE_CHECKING:
    from psycopg import sql

OWNER, CONSOLES, READERS = "lampboard_owner", "lampboard_console", "lampboard_reader"
SCHEMAS = ("lampboard", "report")
RIGHTS = ("read", "write", "keep")
"""Each includes the ones before it."""
LOGIN_LIMITS = (
    "statement_timeout = '30s'",
    "idle_in_transaction_session_timeout = '10s'",
    # What a console was told is taken in has to outlive the server, whatever its configuration says.
    "synchronous_commit = 'on'",
)
CONNECTIONS = 3


class Hub:
    """A hub seen by its administrator."""

    def __init__(self, url: str, *, password: str | None = None) -> None:
        self._connection = connect(url, password=password)

    def __enter__(self) -> Hub:
        return self

    def __exit__(self, *_error: object) -> None:
        self._connection.close()

    @property
    def login(self) -> str:
        """As whom the administrator is here."""
        return str(self._row("SELECT session_user::text")[0])

    def init(self) -> None:
        """Make roles, schema and functions in an empty database; HubError where there is a hub already."""
        with _told(), self._connection.transaction():
            # Asked for with SHOW, a server that knows no encoding answers bytes.
            encoding = self._connection.info.parameter_status("server_encoding")
            if encoding != "UTF8":
                raise HubError("hub.encoding_wrong", found=encoding)
            if self._revision() is not None:
                raise HubError("hub.exists_already")
            self._make_room()
        self._migrate()

    def upgrade(self) -> tuple[str, str]:
        """Bring the schema to this program's; answers the revision before and after."""
        with _told():
            found = self._known_revision()
        if found != NEWEST:
            with _told(), self._connection.transaction():
                self._make_room()
            self._migrate()
        return found, NEWEST

    def status(self) -> dict[str, Any]:
        """Version, streams with their members, consoles and what was refused, as plain values."""
        with _told():
            # Before anything is done as the owner: a server that never had a hub has no such role.
            revision = self._known_revision()
        with _told(), self._as_owner():
            epoch, made_at = self._row("SELECT epoch::text, made_at FROM lampboard.hub_meta")
            streams = self._rows(
                "SELECT s.name, coalesce((SELECT max(o.seq) FROM lampboard.op o WHERE o.stream = s.id), 0),"
                " coalesce((SELECT jsonb_object_agg(m.role_name, m.rights) FROM lampboard.member m"
                " WHERE m.stream = s.id), '{}') FROM lampboard.stream s ORDER BY s.id"
            )
            consoles = self._rows(
                "SELECT c.id::text, c.role_name, c.last_n, c.last_push_at, (SELECT count(*) FROM lampboard.refused r"
                " WHERE r.console = c.id) FROM lampboard.console c ORDER BY c.joined_at, c.id"
            )
        return {
            "server": self._connection.info.server_version // 10_000,
            "revision": revision,
            "newest_revision": NEWEST,
            "epoch": epoch,
            "made_at": made_at.isoformat(),
            "streams": [{"name": name, "head": head, "members": members} for name, head, members in streams],
            "consoles": [
                {"id": one, "login": role, "last_n": n, "last_push_at": at and at.isoformat(), "refused": refused}
                for one, role, n, at, refused in consoles
            ],
        }

    def restored(self) -> dict[str, Any]:
        """Say that this hub was restored from a backup: an epoch begins, and ticket numbers leap.

        Answers the number at which the epoch began and the first ticket number that is leased from now on.
        """
        with _told():
            self._known_revision()
        with _told(), self._connection.transaction(), self._as_owner():
            (began,) = self._row("SELECT began FROM lampboard.begin_epoch('')")
            (last,) = self._row("SELECT max(last) FROM lampboard.number_block")
        return {"began": began, "next_number": last + 1}

    def grant(self, login: str, stream: str, rights: str, *, password: str | None = None) -> bool:
        """Let a login read or also write a stream; True when the login was made for it."""
        if login in (OWNER, CONSOLES, READERS):
            raise HubError("hub.no_login", login=login)
        with _told(), self._connection.transaction():
            self._known_revision()
            is_new = self._row("SELECT NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = %s)", login)[0]
            if is_new:
                self._run(f"CREATE ROLE {{}} LOGIN CONNECTION LIMIT {CONNECTIONS}", login)
            if password is not None:
                self._set_password(login, password)
            self._run(f"GRANT {CONSOLES} TO {{}}", login)
            if not self._runs_the_hub(login):
                self._limit(login)
            with self._as_owner():
                self._write(
                    "INSERT INTO lampboard.member (stream, role_name, rights) VALUES (%s, %s, %s)"
                    " ON CONFLICT (stream, role_name) DO UPDATE SET rights = excluded.rights",
                    self._stream(stream),
                    login,
                    rights,
                )
        return bool(is_new)

    def revoke(self, login: str, stream: str, rights: str) -> None:
        """Take a right back and what includes it; what it includes stays, and nothing without `read`."""
        with _told(), self._connection.transaction():
            self._known_revision()
            with self._as_owner():
                number = self._stream(stream)
                stood = self._rows(
                    "SELECT rights FROM lampboard.member WHERE stream = %s AND role_name = %s", number, login
                )
                # The group role stays: it is the server's, and other hubs on it may know the login.
                if not stood:
                    raise HubError("hub.not_a_member", login=login, stream=stream)
                left = RIGHTS[: min(RIGHTS.index(rights), RIGHTS.index(stood[0][0]) + 1)]
                where = "WHERE stream = %s AND role_name = %s"
                if left:
                    self._write(f"UPDATE lampboard.member SET rights = %s {where}", left[-1], number, login)
                else:
                    self._write(f"DELETE FROM lampboard.member {where}", number, login)

    def _runs_the_hub(self, login: str) -> bool:
        """Whether a login is an administrator's, whose statements may take long."""
        return bool(self._row("SELECT pg_has_role(%s::text, %s::text, 'member')", login, OWNER)[0])

    def _limit(self, login: str) -> None:
        """Also a login that was there before; one that this administrator may not change stays as it is."""
        from psycopg.errors import InsufficientPrivilege

        with contextlib.suppress(InsufficientPrivilege), self._connection.transaction():
            for limit in LOGIN_LIMITS:
                self._run(f"ALTER ROLE {{}} SET {limit}", login)

    def _set_password(self, login: str, password: str) -> None:
        # Hashed here: the statement may stand in the server's log.
        verifier = self._connection.pgconn.encrypt_password(password.encode(), login.encode(), b"scram-sha-256")
        self._run("ALTER ROLE {} PASSWORD {}", login, literal=verifier.decode())

    def _make_room(self) -> None:
        """Roles and schemas, where they are missing: the migrations' own role may not make them."""
        for role in (OWNER, CONSOLES, READERS):
            self._make_role(role)
        self._run("GRANT {} TO CURRENT_USER", OWNER)
        for schema in SCHEMAS:
            self._run("CREATE SCHEMA IF NOT EXISTS {} AUTHORIZATION {}", schema, OWNER)

    def _make_role(self, role: str) -> None:
        if self._row("SELECT NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = %s)", role)[0]:
            self._run("CREATE ROLE {} NOLOGIN", role)

    def _stream(self, name: str) -> int:
        found = self._rows("SELECT id FROM lampboard.stream WHERE name = %s", name)
        if not found:
            raise HubError("hub.no_stream", stream=name)
        return int(found[0][0])

    def _revision(self) -> str | None:
        if self._row("SELECT to_regclass('lampboard.schema_version')::text")[0] is None:
            return None
        with self._as_owner():
            found = self._rows("SELECT version_num FROM lampboard.schema_version")
        return found[0][0] if found else None

    def _known_revision(self) -> str:
        found = self._revision()
        if found is None:
            raise HubError("hub.not_a_hub")
        if found > NEWEST:
            raise HubError("hub.newer", found=found, known=NEWEST)
        return found

    def _migrate(self) -> None:
        try:
            from alembic import command
            from alembic.config import Config
        except ImportError as error:
            raise HubError("hub.extra_missing") from error
        import psycopg
        from sqlalchemy import create_engine
        from sqlalchemy.exc import DBAPIError
        from sqlalchemy.pool import StaticPool

        self._run("SET lock_timeout = '2s'")
        self._run("SET ROLE {}", OWNER)
        self._run("SET search_path = lampboard")
        # SQLAlchemy has to be the one who begins and ends.
        self._connection.autocommit = False
        engine = create_engine("postgresql+psycopg://", creator=lambda: self._connection, poolclass=StaticPool)
        config = Config()
        config.set_main_option("script_location", "storage.hub:migrations")
        try:
            with engine.connect() as connection:
                config.attributes["connection"] = connection
                command.upgrade(config, "head")
        except DBAPIError as error:
            raise explained(error.orig) if isinstance(error.orig, psycopg.Error) else error from error
        except psycopg.Error as error:
            raise explained(error) from error

    @contextlib.contextmanager
    def _as_owner(self) -> Iterator[None]:
        """As the owner of the tables, which administrators are members of."""
        self._run("SET ROLE {}", OWNER)
        yield
        self._run("RESET ROLE")

    def _run(self, statement: str, *names: str, literal: str | None = None) -> None:
        from psycopg import sql

        parts: list[sql.Composable] = [sql.Identifier(name) for name in names]
        if literal is not None:
            parts.append(sql.Literal(literal))
        self._connection.execute(sql.SQL(statement).format(*parts))

    def _write(self, statement: str, *values: object) -> int:
        return self._connection.execute(statement.encode(), values).rowcount

    def _rows(self, query: str, *values: object) -> list[Any]:
        return self._connection.execute(query.encode(), values or None).fetchall()

    def _row(self, query: str, *values: object) -> Any:
        return self._rows(query, *values)[0]


@contextlib.contextmanager
def _told() -> Iterator[None]:
    import psycopg

    try:
        yield
    except psycopg.Error as error:
        raise explained(error) from error
