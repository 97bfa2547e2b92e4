"""Who may do what on a hub: a console calls what is meant for it and no more; who runs it is told what is wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any, ClassVar

import keyring
import psycopg
import pytest
from keyring.backend import KeyringBackend

from storage.hub.connecting import HubError, check_version, connect, is_certain, keep_password, parts_of
from storage.hub.migrations import NEWEST
from storage.hub.running import Hub
from storage.sync.session import Session
from tests.storage.hub_story import Sender, code_of, hub_log
from tests.support.hub_server import KEYED, NOWHERE, HubServer

OPEN_FUNCTIONS = {
    "hub_join",
    "hub_heads",
    "hub_push",
    "hub_pull",
    "hub_lease",
    "hub_keep_lease",
    "hub_keep",
    "hub_folded",
    "hub_documents",
    "hub_documents_of",
    "hub_report",
    "hub_restored_found",
    "hub_chain_at",
    "hub_hashes_of",
}
FUNCTIONS = (
    "SELECT p.proname, has_function_privilege('anna', p.oid, 'EXECUTE') FROM pg_proc p"
    " JOIN pg_namespace s ON s.oid = p.pronamespace WHERE s.nspname = 'lampboard'"
)
ATTEMPTS = (
    "CREATE TABLE lampboard.mine (n integer)",
    "CREATE FUNCTION lampboard.hub_push() RETURNS integer LANGUAGE sql AS 'SELECT 1'",
    "SET ROLE lampboard_owner",
    "SET SESSION AUTHORIZATION boris",
    "ALTER FUNCTION lampboard.hub_heads(uuid, uuid) SECURITY INVOKER",
    "CREATE ROLE mine",
    "GRANT lampboard_console TO boris",
)


@pytest.fixture(scope="module")
def hub(hub_server: HubServer) -> str:
    return hub_server.hub("anna", "boris")


@pytest.fixture
def as_anna(hub_server: HubServer, hub: str) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(hub_server.url(hub, "anna"), autocommit=True) as connection:
        yield connection


@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_a_console_makes_nothing_and_becomes_nobody_else(as_anna: psycopg.Connection[Any], attempt: str) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        as_anna.execute(attempt.encode())


def test_a_console_calls_the_functions_that_are_meant_for_it_and_no_other(hub_server: HubServer, hub: str) -> None:
    with hub_server.admin(hub) as admin:
        may = dict(admin.execute(FUNCTIONS).fetchall())
    assert {name for name, is_open in may.items() if is_open} == OPEN_FUNCTIONS
    assert len(may) > len(OPEN_FUNCTIONS)


def test_tables_and_functions_belong_to_one_who_cannot_log_in(hub_server: HubServer, hub: str) -> None:
    query = (
        "SELECT DISTINCT r.rolname, r.rolcanlogin, r.rolsuper, r.rolbypassrls FROM pg_class c"
        " JOIN pg_namespace s ON s.oid = c.relnamespace JOIN pg_roles r ON r.oid = c.relowner"
        " WHERE s.nspname = 'lampboard' UNION SELECT r.rolname, r.rolcanlogin, r.rolsuper, r.rolbypassrls"
        " FROM pg_proc p JOIN pg_namespace s ON s.oid = p.pronamespace JOIN pg_roles r ON r.oid = p.proowner"
        " WHERE s.nspname = 'lampboard'"
    )
    with hub_server.admin(hub) as admin:
        assert admin.execute(query.encode()).fetchall() == [("lampboard_owner", False, False, False)]


def test_a_temporary_table_of_the_caller_is_not_taken_for_one_of_the_hub(
    hub_server: HubServer, as_anna: psycopg.Connection[Any], hub: str
) -> None:
    with Hub(hub_server.url(hub)) as opened, hub_server.admin(hub) as admin:
        admin.execute("INSERT INTO lampboard.stream (id, name) VALUES (7, 'board') ON CONFLICT DO NOTHING")
        opened.grant("boris", "board", "write")
    sender = Sender(hub_server, hub, "anna", 1)
    sender.session.close()
    as_anna.execute("CREATE TEMPORARY TABLE member (stream integer, role_name text, rights text)")
    as_anna.execute("INSERT INTO member VALUES (7, 'anna', 'write')")
    as_anna.execute("SET search_path = pg_temp, lampboard, public")
    with pytest.raises(psycopg.Error) as refused:
        as_anna.execute("SELECT * FROM hub_pull(%s, 'board', 0, '', 10)", (sender.welcome.epoch.hex(),))
    assert refused.value.sqlstate == "LB001"


def test_a_login_without_a_right_joins_nothing(hub_server: HubServer, hub: str) -> None:
    with Hub(hub_server.url(hub)) as opened:
        opened.grant("dora", "shared", "read")
        opened.revoke("dora", "shared", "read")
    with closing(Session(hub_server.url(hub, "dora"))) as session:
        assert code_of(lambda: session.join(bytes(16), bytes(16))) == "hub.no_right"


def test_a_login_whose_last_right_was_taken_does_nothing_more_there_and_all_it_did_elsewhere(
    hub_server: HubServer,
) -> None:
    here, elsewhere = hub_server.hub("erik"), hub_server.hub("erik")
    sender, other = Sender(hub_server, here, "erik", 1), Sender(hub_server, elsewhere, "erik", 1)
    with Hub(hub_server.url(here)) as opened:
        opened.revoke("erik", "shared", "read")
    epoch = sender.welcome.epoch
    assert code_of(lambda: sender.push(sender.operation())) == "hub.no_right"
    assert code_of(lambda: sender.session.heads(epoch, sender.console)) == "hub.no_right"
    assert code_of(lambda: sender.session.lease(epoch, sender.console, 50, 0)) == "hub.no_right"
    assert other.push(other.operation()).refused == {}
    for one in (sender, other):
        one.session.close()


def test_status_tells_members_consoles_and_what_was_refused(hub_server: HubServer) -> None:
    name = hub_server.hub("anna")
    sender = Sender(hub_server, name, "anna", 1)
    sender.push(sender.operation(), sender.operation(kind="ticket.eaten"))
    sender.session.close()
    with Hub(hub_server.url(name)) as opened:
        told = opened.status()
    assert told["streams"] == [{"name": "shared", "head": 1, "members": {"anna": "write"}}]
    assert [(one["login"], one["last_n"], one["refused"]) for one in told["consoles"]] == [("anna", 2, 1)]
    assert told["revision"] == NEWEST


def test_a_hub_is_set_up_once(hub_server: HubServer, hub: str) -> None:
    with Hub(hub_server.url(hub)) as opened:
        assert code_of(opened.init) == "hub.exists_already"
        assert opened.upgrade() == (NEWEST, NEWEST)
    assert hub_log(hub_server, hub) == []


def test_a_hub_of_a_newer_program_is_left_alone(hub_server: HubServer) -> None:
    name = hub_server.hub()
    with hub_server.admin(name) as admin:
        admin.execute("UPDATE lampboard.schema_version SET version_num = '9999'")
    with Hub(hub_server.url(name)) as opened:
        assert code_of(opened.upgrade) == "hub.newer"


def test_a_hub_is_set_up_by_one_who_may_make_roles_but_is_no_superuser(hub_server: HubServer) -> None:
    name = hub_server.database()
    with hub_server.admin(name) as admin:
        # The roles of other hubs on this server were made by somebody else, who let this one use them.
        admin.execute("CREATE ROLE founder LOGIN CREATEROLE")
        admin.execute(f"GRANT CREATE ON DATABASE {name} TO founder".encode())
        if admin.execute("SELECT 1 FROM pg_roles WHERE rolname = 'lampboard_owner'").fetchone():
            admin.execute("GRANT lampboard_owner, lampboard_console TO founder WITH ADMIN OPTION")
    with Hub(hub_server.url(name, "founder")) as opened:
        opened.init()
        opened.grant("founders_first", "shared", "write")
        assert opened.status()["streams"][0]["members"] == {"founders_first": "write"}


def running(url: str, work: Callable[[Hub], Any]) -> Any:
    with Hub(url) as hub:
        return work(hub)


WRONG: dict[str, Callable[[HubServer, str], Any]] = {
    "hub.not_a_hub": lambda server, hub: running(server.url("postgres"), Hub.status),
    "hub.no_stream": lambda server, hub: running(server.url(hub), lambda one: one.grant("anna", "south", "write")),
    "hub.no_login": lambda server, hub: running(
        server.url(hub), lambda one: one.grant("lampboard_owner", "shared", "read")
    ),
    "hub.not_a_member": lambda server, hub: running(
        server.url(hub), lambda one: one.revoke("nobody", "shared", "write")
    ),
    "hub.rights_missing": lambda server, hub: running(server.url(hub, "anna"), Hub.status),
    "hub.no_database": lambda server, hub: connect(server.url("nowhere")),
    "hub.login_refused": lambda server, hub: connect(server.url(hub, "never_heard_of")),
    "hub.no_server": lambda server, hub: connect(NOWHERE),
    "hub.url_wrong": lambda server, hub: connect("https://example.org/hub"),
    "hub.url_has_password": lambda server, hub: connect("postgresql://anna:secret@db.example.org/desk"),
}


@pytest.mark.parametrize("code", sorted(WRONG))
def test_whoever_runs_a_hub_is_told_what_is_wrong(hub_server: HubServer, hub: str, code: str) -> None:
    assert code_of(lambda: WRONG[code](hub_server, hub)) == code


@pytest.mark.parametrize("role", ["lampboard_owner", "lampboard_console", "lampboard_reader"])
def test_a_role_of_the_hubs_own_is_nobodys_login(hub_server: HubServer, hub: str, role: str) -> None:
    assert code_of(lambda: running(hub_server.url(hub), lambda one: one.grant(role, "shared", "write"))) == (
        "hub.no_login"
    )
    assert role not in opened_members(hub_server, hub)


def test_a_server_that_never_had_a_hub_says_that_there_is_none(hub_server: HubServer) -> None:
    with hub_server.admin("postgres") as admin:
        admin.execute("ALTER ROLE lampboard_owner RENAME TO not_there_yet")
        try:
            assert code_of(lambda: running(hub_server.url("postgres"), Hub.status)) == "hub.not_a_hub"
        finally:
            admin.execute("ALTER ROLE not_there_yet RENAME TO lampboard_owner")


def test_setting_up_without_the_rights_for_it_leaves_nothing_behind(hub_server: HubServer, hub: str) -> None:
    name = hub_server.database()
    assert code_of(lambda: running(hub_server.url(name, "anna"), Hub.init)) == "hub.rights_missing"
    with hub_server.admin(name) as admin:
        assert admin.execute("SELECT 1 FROM pg_namespace WHERE nspname = 'lampboard'").fetchone() is None


def test_a_database_that_cannot_hold_every_name_is_refused(hub_server: HubServer) -> None:
    for encoding in ("LATIN1", "SQL_ASCII"):
        name = f"of_{encoding.lower()}"
        with hub_server.admin("postgres") as admin:
            admin.execute(f"CREATE DATABASE {name} ENCODING '{encoding}' LOCALE 'C' TEMPLATE template0".encode())
        with pytest.raises(HubError) as refused:
            running(hub_server.url(name), Hub.init)
        assert (refused.value.code, refused.value.facts) == ("hub.encoding_wrong", {"found": encoding})


@pytest.mark.parametrize(("version", "is_fine"), [(140_012, False), (150_000, True), (180_004, True)])
def test_a_server_older_than_fifteen_is_refused(version: int, is_fine: bool) -> None:
    if is_fine:
        check_version(version)
    else:
        assert code_of(lambda: check_version(version)) == "hub.server_too_old"


def test_a_password_in_an_address_is_never_told_again() -> None:
    for address in ("postgresql://anna:hidden@db/desk", "mysql://anna:hidden@db/desk", "anna:hidden@db"):
        with pytest.raises(HubError) as refused:
            parts_of(address)
        assert "hidden" not in str(refused.value)


def test_a_line_over_a_network_is_verified_unless_the_address_says_otherwise() -> None:
    assert is_certain("postgresql://anna@db.example.org/desk")
    assert is_certain("postgresql://anna@/desk?host=/run/postgresql")
    assert not is_certain("postgresql://anna@db.example.org/desk?sslmode=require")


LIMITS = ["idle_in_transaction_session_timeout=10s", "statement_timeout=30s", "synchronous_commit=on"]


def test_a_login_that_was_there_before_gets_the_limits_of_one_that_is_let_in(hub_server: HubServer, hub: str) -> None:
    with hub_server.admin(hub) as admin, Hub(hub_server.url(hub)) as opened:
        for login in ("early", "chief"):
            admin.execute(f"CREATE ROLE {login} LOGIN".encode())
        admin.execute(b"GRANT lampboard_owner TO chief")
        for login in ("early", "chief"):
            assert opened.grant(login, "shared", "write") is False
        query = b"SELECT rolname, rolconfig FROM pg_roles WHERE rolname IN ('early', 'chief', 'postgres')"
        found = dict(admin.execute(query).fetchall())
    assert sorted(found["early"]) == LIMITS
    # Who runs the hub upgrades it, which may take longer.
    assert found["chief"] is None


def test_a_login_that_the_administrator_may_not_change_is_let_in_all_the_same(hub_server: HubServer, hub: str) -> None:
    with hub_server.admin(hub) as admin:
        admin.execute(b"CREATE ROLE steward LOGIN CREATEROLE")
        admin.execute(b"GRANT lampboard_owner TO steward")
        admin.execute(b"GRANT lampboard_console TO steward WITH ADMIN OPTION")
        admin.execute(b"CREATE ROLE foreign_made LOGIN")
        has_own_roles_only = admin.info.server_version >= 160_000
        with Hub(hub_server.url(hub, "steward")) as opened:
            opened.grant("foreign_made", "shared", "read")
        query = b"SELECT rolconfig FROM pg_roles WHERE rolname = 'foreign_made'"
        ((found,),) = admin.execute(query).fetchall()
        status = opened_members(hub_server, hub)
    assert (found is None) is has_own_roles_only
    assert status["foreign_made"] == "read"


def opened_members(server: HubServer, hub: str) -> dict[str, str]:
    with Hub(server.url(hub)) as opened:
        members: dict[str, str] = opened.status()["streams"][0]["members"]
        return members


def test_a_password_given_to_a_login_lets_it_in_and_stands_in_no_log(
    hub_server: HubServer, hub: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with hub_server.admin(hub) as admin:
        admin.execute("ALTER ROLE postgres SET log_statement = 'all'")
    with Hub(hub_server.url(hub)) as opened:
        opened.grant(KEYED, "shared", "write", password="correct horse battery")
    with hub_server.admin(hub) as admin:
        admin.execute("ALTER ROLE postgres RESET log_statement")
    monkeypatch.setenv("PGPASSWORD", "correct horse battery")
    Session(hub_server.url(hub, KEYED)).close()
    monkeypatch.setenv("PGPASSWORD", "wrong")
    assert code_of(lambda: Session(hub_server.url(hub, KEYED))) == "hub.login_refused"
    monkeypatch.delenv("PGPASSWORD")
    Session(hub_server.url(hub, KEYED), password="correct horse battery").close()
    log = hub_server.log()
    assert "ALTER ROLE" in log and "horse" not in log


class Drawer(KeyringBackend):
    """A keyring of this test's own, as any that a machine may have."""

    priority = 1
    kept: ClassVar[dict[tuple[str, str], str]] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


def test_a_password_kept_in_the_keyring_is_found_there(hub_server: HubServer, hub: str) -> None:
    with Hub(hub_server.url(hub)) as opened:
        opened.grant(KEYED, "shared", "write", password="correct horse battery")
    url, before = hub_server.url(hub, KEYED), keyring.get_keyring()
    # That package tells no types of its functions.
    keyring.set_keyring(Drawer())  # type: ignore[no-untyped-call]
    try:
        assert code_of(lambda: connect(url)) == "hub.login_refused"
        assert keep_password(url, "correct horse battery")
        connect(url).close()
    finally:
        keyring.set_keyring(before)
