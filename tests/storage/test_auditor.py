"""The auditor finds what should not be there, each thing by its own name, and nothing on a desk that is whole."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import pytest

from core.commands import MoveStage
from core.ids import EntityId
from storage.auditor import REFERENCES, Finding, audit_rows
from storage.schema import metadata
from storage.sync.auditing import audit_documents, audit_log
from storage.sync.session import Session
from tests.storage.desk_story import Story
from tests.storage.hub_story import Console, opened
from tests.storage.keeper_story import Three, hub_of, keeper_of
from tests.support.hub_server import HubServer

NOBODY = b"n" * 16


def found(story: Story) -> list[Finding]:
    with closing(story.look()) as seen:
        return list(audit_rows(seen))


def spoilt(story: Story, *statements: str) -> list[Finding]:
    """What is found after somebody wrote past all checks."""

    def run(connection: Any) -> None:
        for statement in statements:
            connection.execute(statement)

    story.desk.write(run).result(10)
    return found(story)


@pytest.fixture
def desk(story: Story) -> Story:
    story.open_ticket(text="It jams")
    return story


def test_nothing_is_found_on_a_desk_that_is_whole(desk: Story) -> None:
    closed = desk.open_ticket("Lift")
    desk.act(MoveStage(closed, "closed"))
    assert found(desk) == []


def test_a_name_of_nothing_is_found(desk: Story) -> None:
    (one,) = spoilt(desk, f"UPDATE ticket SET owner = x'{NOBODY.hex()}'")
    assert (one.check, one.table, one.told, one.other) == ("dangling", "ticket", "owner", NOBODY.hex())


def test_what_belongs_to_something_that_is_gone_is_found(desk: Story) -> None:
    told = {(one.check, one.table, one.told) for one in spoilt(desk, "DELETE FROM ticket")}
    assert told == {("parent_missing", "entry", "ticket"), ("parent_missing", "ticket_reporter", "ticket")}


def test_a_version_of_no_document_is_found(desk: Story) -> None:
    (one,) = spoilt(
        desk,
        "INSERT INTO document_version (id, document, kind, number, valid_from)"
        f" VALUES (x'{NOBODY.hex()}', x'{NOBODY.hex()}', 'calendar', 2, 0)",
    )
    assert (one.check, one.table) == ("parent_missing", "document_version")


def test_a_clock_that_outlives_its_ticket_is_found(desk: Story) -> None:
    closed = desk.open_ticket("Lift")
    desk.act(MoveStage(closed, "closed"))
    told = spoilt(desk, f"DELETE FROM entry WHERE ticket = x'{closed.hex()}' AND code = 'ticket.staged'")
    assert {one.check for one in told} == {"clock_runs"}
    assert {one.id for one in told} == {closed.hex()}


@pytest.mark.parametrize(
    ("table", "fields", "twin"),
    [
        ("company", "name", "'  ZAKLADY laki '"),
        ("contract", "number, company", "'k-1', company"),
    ],
)
def test_what_was_entered_twice_is_found_however_it_is_written(desk: Story, table: str, fields: str, twin: str) -> None:
    told = spoilt(desk, f"INSERT INTO {table} (id, {fields}) SELECT x'{NOBODY.hex()}', {twin} FROM {table}")
    assert [(one.check, one.table) for one in told] == [("twice", table)]
    assert NOBODY.hex() in (told[0].id, told[0].other)


def test_a_serial_is_found_twice_only_within_one_model(desk: Story) -> None:
    piece = "INSERT INTO equipment (id, company, model, serial) SELECT x'{}', c.id, x'{}', 'S-1' FROM company c"
    ids = [bytes([n]) * 16 for n in range(1, 6)]
    models = [f"INSERT INTO model (id, name) VALUES (x'{one.hex()}', 'M')" for one in ids[:2]]
    told = spoilt(
        desk,
        *models,
        piece.format(ids[2].hex(), ids[0].hex()),
        piece.format(ids[3].hex(), ids[1].hex()),
        piece.format(ids[4].hex(), ids[1].hex()),
    )
    assert [(one.check, one.id, one.other) for one in told] == [("twice", ids[3].hex(), ids[4].hex())]


def test_every_field_that_names_a_row_is_looked_at() -> None:
    known = {(one.table, one.field) for one in REFERENCES}
    tables = {"affiliation", "call_back", "company", "contract", "contract_version", "entry", "equipment", "person"}
    for table in tables | {"site", "ticket", "ticket_reporter"}:
        for column in metadata.tables[table].columns:
            is_id = str(column.type) == "BLOB" and column.name != "id"
            assert not is_id or (table, column.name) in known, (table, column.name)


# On a hub.


@contextmanager
def session_of(console: Console) -> Iterator[Session]:
    with closing(Session(console.url)) as session:
        yield session


def audited(console: Console, sample: int | None = None) -> list[Finding]:
    with console.look() as seen, session_of(console) as session:
        hub = hub_of(console)
        return [
            *audit_log(seen, session, hub, "shared"),
            *audit_documents(seen, session, hub, "shared", sample=sample),
        ]


@pytest.fixture
def written_down(three: Three) -> tuple[Console, EntityId]:
    """Anna's desk and a ticket of hers, after a keeper wrote everything down."""
    anna, kate, _karl = three
    ticket = opened(anna)
    anna.sync()
    keeper_of(kate).look()
    anna.sync()
    return anna, ticket


def spoil_hub(server: HubServer, console: Console, statement: str) -> None:
    with server.admin(console.hub) as admin:
        admin.execute(statement.encode())


def test_a_hub_that_hangs_together_has_nothing_to_be_found(written_down: tuple[Console, EntityId]) -> None:
    assert audited(written_down[0]) == []


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE lampboard.op SET payload = convert_to('{}', 'UTF8') WHERE seq = 3",
        "UPDATE lampboard.op SET author = gen_random_uuid() WHERE seq = 3",
        "UPDATE lampboard.op SET eff = eff + 1 WHERE seq = 3",
        "UPDATE lampboard.op SET seen = seen + 1 WHERE seq = 3",
        "UPDATE lampboard.op SET chain = sha256('x') WHERE seq = 3",
        "DELETE FROM lampboard.op WHERE seq = 3",
    ],
)
def test_a_log_that_was_changed_is_found_where_it_was(
    written_down: tuple[Console, EntityId], hub_server: HubServer, change: str
) -> None:
    anna, _ticket = written_down
    spoil_hub(hub_server, anna, change)
    (one,) = audited(anna)
    assert (one.check, one.told) == ("log_broken", "shared 3")


def test_a_log_whose_end_was_cut_off_is_found(written_down: tuple[Console, EntityId], hub_server: HubServer) -> None:
    anna, _ticket = written_down
    spoil_hub(hub_server, anna, "DELETE FROM lampboard.op WHERE seq = (SELECT max(seq) FROM lampboard.op)")
    assert "log_broken" in {one.check for one in audited(anna)}


def test_a_document_that_does_not_say_what_the_log_says_is_found(
    written_down: tuple[Console, EntityId], hub_server: HubServer
) -> None:
    anna, ticket = written_down
    spoil_hub(
        hub_server,
        anna,
        "UPDATE lampboard.doc SET body = convert_to(replace(convert_from(body, 'UTF8'), 'Printer', 'Plotter'), 'UTF8')"
        f" WHERE id = '{ticket.hex()}' AND substring(body FROM 1 FOR 1) = '{{'",
    )
    spoil_hub(
        hub_server,
        anna,
        "UPDATE lampboard.doc a SET body = b.body FROM lampboard.doc b"
        f" WHERE a.id = '{ticket.hex()}' AND b.id <> a.id AND substring(a.body FROM 1 FOR 1) <> '{{'",
    )
    (one,) = audited(anna)
    assert (one.check, one.id) == ("document_differs", ticket.hex())


def test_a_document_that_cannot_be_read_and_one_that_is_missing_are_found(
    written_down: tuple[Console, EntityId], hub_server: HubServer
) -> None:
    anna, ticket = written_down
    spoil_hub(hub_server, anna, f"UPDATE lampboard.doc SET body = 'torn' WHERE id = '{ticket.hex()}'")
    (company,) = (anna.value("SELECT id FROM company"),)
    spoil_hub(hub_server, anna, f"DELETE FROM lampboard.doc WHERE id = '{company.hex()}'")
    assert {(one.check, one.id) for one in audited(anna)} == {
        ("document_unfit", ticket.hex()),
        ("document_missing", company.hex()),
    }


def test_a_document_of_a_record_that_was_touched_since_is_left_to_the_keeper(
    written_down: tuple[Console, EntityId],
) -> None:
    anna, ticket = written_down
    anna.act(MoveStage(ticket, "active"))
    anna.sync()
    assert audited(anna) == []
