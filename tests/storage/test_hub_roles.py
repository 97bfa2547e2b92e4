"""Every table and every function of a hub, tried by everybody who has no right to it.

Both lists are read from the catalogue: what a later migration adds is tried without a word here, and has to be closed.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from typing import Any, NamedTuple

import psycopg
import pytest
from psycopg import sql

from core.operations.envelope import canonical_json
from storage.hub.connecting import HubError
from storage.hub.running import Hub
from storage.sync.session import Session
from tests.storage.hub_story import BEGINNING, Sender, hub_log, hub_refused
from tests.support.fixed import NOON
from tests.support.hub_server import HubServer

WRONG = ("nobody_yet", "other_stream", "only_reads", "somebody_else", "stranger", "lampboard_reader")
"""Known and without a right, with a right elsewhere, who may read only, who has another console, unknown to the hub,
and who may read the reporting tables."""

TABLES = (
    "SELECT c.relname FROM pg_class c JOIN pg_namespace s ON s.oid = c.relnamespace"
    " WHERE s.nspname = 'lampboard' AND c.relkind IN ('r', 'v', 'm', 'p', 'S', 'f') ORDER BY 1"
)
COLUMNS = (
    "SELECT c.relname, a.attname FROM pg_class c JOIN pg_namespace s ON s.oid = c.relnamespace JOIN pg_attribute a"
    " ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped WHERE s.nspname = 'lampboard'"
    " AND c.relkind IN ('r', 'v', 'm', 'p') ORDER BY 1, 2"
)
FUNCTIONS = (
    "SELECT p.proname, p.proargnames[1:p.pronargs], ARRAY(SELECT format_type(t, NULL) FROM unnest(p.proargtypes) t),"
    " has_function_privilege('lampboard_console', p.oid, 'EXECUTE') FROM pg_proc p"
    " JOIN pg_namespace s ON s.oid = p.pronamespace WHERE s.nspname = 'lampboard' ORDER BY 1"
)
OPEN_TABLES_OF_READER = "SELECT has_table_privilege('lampboard_reader', %s::regclass, 'SELECT')"
ATTEMPTS = (
    "SELECT * FROM lampboard.{}",
    "SELECT count(*) FROM lampboard.{}",
    "INSERT INTO lampboard.{} DEFAULT VALUES",
    "DELETE FROM lampboard.{}",
    "TRUNCATE lampboard.{}",
    "LOCK TABLE lampboard.{}",
    "COPY lampboard.{} TO STDOUT",
    "CREATE TRIGGER spy AFTER INSERT ON lampboard.{} EXECUTE FUNCTION suppress_redundant_updates_trigger()",
    "ALTER TABLE lampboard.{} DISABLE ROW LEVEL SECURITY",
    "DROP TABLE lampboard.{}",
)
READS = ("SELECT", "COPY")
READING = {"hub_pull", "hub_chain_at", "hub_folded", "hub_documents", "hub_documents_of"}
"""What everybody may call who may read the stream."""

CLOSED = {"42501", "LB001", "LB005"}
"""No right, not this login's console, not this login's person."""


class Function(NamedTuple):
    """A function of the schema: what it takes, and whether consoles may call it."""

    name: str
    names: list[str]
    types: list[str]
    is_open: bool


class House(NamedTuple):
    """A hub with everybody in it."""

    server: HubServer
    hub: str
    anna: Sender
    tables: list[str]
    functions: list[Function]


@pytest.fixture(scope="module")
def house(hub_server: HubServer) -> Iterator[House]:
    name = hub_server.hub("anna")
    with hub_server.admin(name) as admin:
        admin.execute("INSERT INTO lampboard.stream (id, name) VALUES (7, 'board')")
        with Hub(hub_server.url(name)) as hub:
            for login, stream, rights in (
                ("nobody_yet", "shared", "read"),
                ("other_stream", "board", "write"),
                ("only_reads", "shared", "read"),
                ("somebody_else", "shared", "write"),
            ):
                hub.grant(login, stream, rights)
            hub.revoke("nobody_yet", "shared", "read")
        roles = {one for (one,) in admin.execute("SELECT rolname FROM pg_roles")}
        if "stranger" not in roles:
            admin.execute("CREATE ROLE stranger LOGIN")
        tables = [one for (one,) in admin.execute(TABLES)]
        functions = [Function(*row) for row in admin.execute(FUNCTIONS)]
    anna = Sender(hub_server, name, "anna", 1)
    anna.push(anna.operation(), anna.operation())
    yield House(hub_server, name, anna, tables, functions)
    anna.session.close()


def as_role(house: House, role: str) -> psycopg.Connection[Any]:
    """A connection with the rights of a role; one that cannot log in is taken on by the administrator."""
    with house.server.admin(house.hub) as admin:
        row = admin.execute("SELECT rolcanlogin FROM pg_roles WHERE rolname = %s", (role,)).fetchone()
    assert row is not None, f"this hub has no {role}"
    if row[0]:
        return psycopg.connect(house.server.url(house.hub, role), autocommit=True)
    connection = house.server.admin(house.hub)
    connection.execute(sql.SQL("SET SESSION AUTHORIZATION {}").format(sql.Identifier(role)))
    return connection


def value_for(house: House, name: str, type_name: str) -> Any:
    """What a call is tried with: what would work for Anna."""
    known: dict[str, Any] = {
        "p_epoch": uuid.UUID(bytes=house.anna.welcome.epoch),
        "p_console": uuid.UUID(bytes=house.anna.console),
        "p_person": uuid.UUID(bytes=bytes(house.anna.person)),
        "p_stream": "shared" if type_name == "text" else 1,
        "p_after": 0,
        "p_chain": bytes(32),
        "p_most": 10,
        "p_first_n": house.anna.n + 1,
        "p_now_ms": NOON,
        "p_count": 1,
        "p_highest": 0,
    }
    plain = {"uuid": uuid.UUID(int=1), "bigint": 1, "integer": 1, "bytea": b"", "text": "", "jsonb": "{}"}
    return [] if type_name.endswith("[]") else known.get(name, plain.get(type_name))


def call(house: House, connection: psycopg.Connection[Any], function: Function) -> list[Any]:
    places = sql.SQL(", ").join(sql.SQL("%s::" + one) for one in function.types)
    names = function.names or [""] * len(function.types)
    values = [value_for(house, name, kind) for name, kind in zip(names, function.types, strict=True)]
    query = sql.SQL("SELECT * FROM lampboard.{}({})").format(sql.Identifier(function.name), places)
    return connection.execute(query, values).fetchall()


def test_there_is_something_to_try(house: House) -> None:
    assert len(house.tables) >= 10
    assert {one.name for one in house.functions if one.is_open} >= {"hub_join", "hub_heads", "hub_push", "hub_pull"}
    assert any(not one.is_open for one in house.functions)


@pytest.mark.parametrize("role", ["anna", *WRONG])
def test_nobody_reaches_a_table(house: House, role: str) -> None:
    # Who may look into the schema is told that a view is no table before it is told of rights.
    no_such_thing = {"42809"} if role == "lampboard_reader" else set()
    with closing(as_role(house, role)) as connection:
        for table in house.tables:
            may_read = role == "lampboard_reader" and _reader_may(house, table)
            for attempt in ATTEMPTS:
                if may_read and attempt.startswith(READS):
                    continue
                with pytest.raises(psycopg.Error) as refused, connection.transaction():
                    connection.execute(sql.SQL(attempt).format(sql.Identifier(table)))
                assert refused.value.sqlstate in CLOSED | no_such_thing, (attempt, table)


def _reader_may(house: House, table: str) -> bool:
    with house.server.admin(house.hub) as admin:
        row = admin.execute(OPEN_TABLES_OF_READER, (f"lampboard.{table}",)).fetchone()
    return bool(row and row[0])


SECRETS = ("op", "console", "login", "member", "refused", "hub_meta", "number_block")


def test_who_reads_the_reporting_tables_reads_no_log_and_no_right(house: House) -> None:
    assert [table for table in SECRETS if _reader_may(house, table)] == []


def test_no_column_is_open_that_its_table_is_not(house: House) -> None:
    with house.server.admin(house.hub) as admin:
        for table, column in admin.execute(COLUMNS).fetchall():
            query = "SELECT has_column_privilege('lampboard_console', %s::regclass, %s, 'SELECT, INSERT, UPDATE')"
            assert admin.execute(query, (f"lampboard.{table}", column)).fetchone() == (False,), (table, column)


@pytest.mark.parametrize("role", WRONG)
def test_every_function_is_closed_to_who_has_no_right(house: House, role: str) -> None:
    with closing(as_role(house, role)) as connection:
        for function in house.functions:
            if function.is_open and _is_meant_for(role, function.name):
                continue
            told = "it was done"
            try:
                with connection.transaction():
                    call(house, connection, function)
            except psycopg.Error as error:
                told = error.sqlstate or str(error)
            assert told in CLOSED, (function.name, told)


def _is_meant_for(role: str, function: str) -> bool:
    """Reading is meant for those who may read; all else is tried with Anna's console, which is nobody else's."""
    return function in READING and role in ("only_reads", "somebody_else")


def test_the_public_has_no_right_at_all(house: House) -> None:
    query = (
        "SELECT has_schema_privilege('stranger', 'lampboard', 'USAGE'),"
        " has_schema_privilege('stranger', 'lampboard', 'CREATE')"
    )
    with house.server.admin(house.hub) as admin:
        assert admin.execute(query).fetchone() == (False, False)


def test_nothing_that_was_tried_left_a_trace(house: House) -> None:
    assert len(hub_log(house.server, house.hub)) == 2
    assert hub_refused(house.server, house.hub) == {}


def test_a_forged_author_is_never_the_author(house: House, hub_server: HubServer) -> None:
    sender = Sender(hub_server, house.hub, "somebody_else", 9)
    with closing(sender.session):
        sender.push(sender.operation(author=house.anna.person), sender.operation(author=house.anna.person))
        arrivals = sender.session.pull(sender.welcome.epoch, "shared", BEGINNING)
    by_console = {bytes(one.author) for one in arrivals if one.envelope.console == sender.console}
    assert by_console == {bytes(sender.person)}


POISON: dict[str, dict[str, Any]] = {
    "a_text_that_never_ends": {"payload": canonical_json({"x": "y" * 9000})},
    "a_base_that_never_ends": {"base": canonical_json({"x": "y" * 9000})},
    "a_list_where_an_object_belongs": {"payload": b"[]"},
    "no_json_at_all": {"payload": b"{"},
    "a_kind_that_is_none": {"kind": "ticket'; DROP TABLE lampboard.op; --"},
    "a_stream_that_is_none": {"stream": "nowhere"},
    "a_stream_of_others": {"stream": "board"},
    "a_time_before_all_time": {"hlc": -1},
    "knowledge_that_is_no_number": {"base": b'{"@seen":"many"}'},
    "a_hub_time_that_is_no_number": {"base": b'{"@hub":[]}'},
    "a_newer_schema": {"schema_v": 2_000_000},
    "an_older_schema": {"schema_v": 0},
    "an_entity_of_another_kind": {"entity": "ticket"},
    "knowledge_of_what_is_not_there_yet": {"base": b'{"@seen":-5}'},
}


@pytest.mark.parametrize("poison", sorted(POISON))
def test_poison_is_refused_alone_and_the_queue_moves_on(hub_server: HubServer, poison: str) -> None:
    hub = hub_server.hub("anna", "boris")
    with hub_server.admin(hub) as admin:
        admin.execute("UPDATE lampboard.hub_meta SET largest_payload = 8192")
        admin.execute("INSERT INTO lampboard.stream (id, name) VALUES (7, 'board')")
    anna = Sender(hub_server, hub, "anna", 1)
    with closing(anna.session):
        answer = anna.push(anna.operation(), anna.operation(**POISON[poison]), anna.operation())
        again = anna.push(anna.operation())
    assert list(answer.refused) == [2] and answer.last_n == 3
    assert again.refused == {} and again.last_n == 4
    assert [row[2] for row in hub_log(hub_server, hub)] == [1, 3, 4]
    hub_server.drop(hub)


def test_nobody_knows_of_what_was_not_written_yet(hub_server: HubServer) -> None:
    hub = hub_server.hub("anna", "boris")
    anna, boris = Sender(hub_server, hub, "anna", 1), Sender(hub_server, hub, "boris", 2)
    with closing(anna.session), closing(boris.session):
        epoch = str(uuid.UUID(bytes=anna.welcome.epoch))
        claim = canonical_json({"@epoch": epoch, "@seen": 1_000_000})
        anna.push(anna.operation(base=claim))
        boris.push(boris.operation())
        (first, _second) = boris.session.pull(boris.welcome.epoch, "shared", BEGINNING)
    assert first.seen < first.seq, "nobody has seen what comes after"
    hub_server.drop(hub)


def test_another_logins_console_is_spoken_for_by_nobody(house: House, hub_server: HubServer) -> None:
    epoch, console = house.anna.welcome.epoch, house.anna.console
    for role in ("only_reads", "somebody_else", "other_stream"):
        with closing(Session(hub_server.url(house.hub, role))) as session:
            asked: list[Callable[[], object]] = [
                partial(session.heads, epoch, console),
                partial(session.lease, epoch, console, 1, 0),
                partial(session.join, console, house.anna.person),
            ]
            for ask in asked:
                with pytest.raises(HubError) as refused:
                    ask()
                assert refused.value.code in ("hub.no_right", "hub.person_taken")
