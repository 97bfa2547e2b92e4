"""The second line of a hub: where a function forgets to ask for a right, no row of a foreign stream passes.

Each story takes a check out of a function of its own database, as an administrator's mistake or ours would.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from storage.hub.running import Hub
from tests.storage.hub_story import BEGINNING, Sender, hub_log
from tests.support.hub_server import HubServer

EVERYTHING_IS_ALLOWED = (
    "CREATE OR REPLACE FUNCTION lampboard.right_in(p_stream integer) RETURNS text LANGUAGE sql STABLE"
    " AS $$ SELECT 'write' $$"
)
NO_RIGHT = "m.rights IS NULL OR m.rights = 'read'"
"""What `hub_push` asks of a login before it takes an operation."""

A_DOCUMENT = (
    "INSERT INTO lampboard.doc (stream, id, entity, is_hot, sort, folded_seq, body, gone)"
    " SELECT s.id, '{one}', 'record', true, 0, 1, '{{}}', false FROM lampboard.stream s WHERE s.name = '{stream}'"
)
ONE = "00000000-0000-7000-8000-000000000001"


@pytest.fixture
def hub(hub_server: HubServer) -> str:
    """A hub with a board that Boris alone may see, a document and an operation of it, and no check of rights."""
    name = hub_server.hub("anna", "boris")
    with hub_server.admin(name) as admin, Hub(hub_server.url(name)) as opened:
        admin.execute("INSERT INTO lampboard.stream (id, name) VALUES (7, 'board')")
        opened.grant("boris", "board", "write")
        boris = Sender(hub_server, name, "boris", 2)
        boris.push(boris.operation(stream="board"), boris.operation())
        boris.session.close()
        for stream in ("board", "shared"):
            admin.execute(A_DOCUMENT.format(one=ONE, stream=stream).encode())
        admin.execute(EVERYTHING_IS_ALLOWED.encode())
        ((judged,),) = admin.execute("SELECT pg_get_functiondef('lampboard.judged'::regproc)").fetchall()
        assert NO_RIGHT in judged
        admin.execute(judged.replace(NO_RIGHT, "false").encode())
    return name


@pytest.fixture
def anna(hub_server: HubServer, hub: str) -> Iterator[Sender]:
    sender = Sender(hub_server, hub, "anna", 1)
    yield sender
    sender.session.close()


def test_no_operation_of_a_foreign_stream_is_read(anna: Sender) -> None:
    assert anna.session.pull(anna.welcome.epoch, "board", BEGINNING) == []
    assert len(anna.session.pull(anna.welcome.epoch, "shared", BEGINNING)) == 1


def test_no_document_of_a_foreign_stream_is_read(anna: Sender) -> None:
    epoch, session = anna.welcome.epoch, anna.session
    assert session.documents(epoch, "board", hot=True) == []
    assert session.documents_of(epoch, "board", [anna.person]) == []
    assert session.folded(epoch, "board").hot == 0
    assert len(session.documents(epoch, "shared", hot=True)) == 1


def test_nothing_is_written_into_a_foreign_stream(hub_server: HubServer, hub: str, anna: Sender) -> None:
    before = hub_log(hub_server, hub)
    with pytest.raises(Exception, match="row-level security"):
        anna.push(anna.operation(stream="board"))
    assert hub_log(hub_server, hub) == before


def test_who_may_only_read_writes_nothing(hub_server: HubServer, hub: str, anna: Sender) -> None:
    with Hub(hub_server.url(hub)) as opened:
        opened.revoke("anna", "shared", "write")
    with pytest.raises(Exception, match="row-level security"):
        anna.push(anna.operation())


def test_who_may_not_keep_writes_no_document(hub_server: HubServer, hub: str, anna: Sender) -> None:
    for check in ("kept_stream(p_stream text) RETURNS integer", "check_lease(p_console uuid) RETURNS void"):
        body = "SELECT 1" if "integer" in check else "SELECT"
        with hub_server.admin(hub) as admin:
            admin.execute(f"DROP FUNCTION lampboard.{check.partition(' RETURNS')[0]} CASCADE".encode())
            admin.execute(f"CREATE FUNCTION lampboard.{check} LANGUAGE sql AS $$ {body} $$".encode())
    with hub_server.admin(hub) as admin:
        admin.execute("ALTER FUNCTION lampboard.kept_stream(text) OWNER TO lampboard_owner")
        admin.execute("ALTER FUNCTION lampboard.check_lease(uuid) OWNER TO lampboard_owner")
        seq, chain = admin.execute("SELECT seq, chain FROM lampboard.op WHERE stream = 1").fetchall()[0]
    with (
        psycopg.connect(hub_server.url(hub, "anna"), autocommit=True) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security"),
    ):
        connection.execute(
            "SELECT lampboard.hub_keep(%s, %s, 'shared', %s::jsonb, %s, %s, 1, false)",
            (anna.welcome.epoch.hex(), anna.console.hex(), _documents(), seq, chain),
        )


def _documents() -> str:
    return f'[{{"id": "{ONE[:-1]}9", "entity": "record", "is_hot": true, "sort": 0, "body": "", "gone": false}}]'


def test_who_runs_the_hub_sees_all_of_it_without_being_a_superuser(hub_server: HubServer, hub: str) -> None:
    with hub_server.admin(hub) as admin:
        admin.execute(
            b"DO $$ BEGIN CREATE ROLE steward LOGIN CREATEROLE; EXCEPTION WHEN duplicate_object THEN NULL; END $$"
        )
        admin.execute("GRANT lampboard_owner TO steward")
    with Hub(hub_server.url(hub, "steward")) as opened:
        streams = {stream["name"]: stream["head"] for stream in opened.status()["streams"]}
    assert streams == {"board": 1, "shared": 1}


def test_every_table_with_rows_of_streams_has_a_second_line(hub_server: HubServer, hub: str) -> None:
    query = (
        "SELECT c.relname, c.relrowsecurity AND c.relforcerowsecurity FROM pg_class c"
        " JOIN pg_namespace s ON s.oid = c.relnamespace WHERE s.nspname = 'lampboard' AND c.relkind = 'r'"
    )
    with hub_server.admin(hub) as admin:
        held: dict[str, Any] = dict(admin.execute(query.encode()).fetchall())
    assert {name for name, is_held in held.items() if is_held} == {"op", "doc", "refused"}
