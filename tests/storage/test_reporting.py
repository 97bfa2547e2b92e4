"""Whoever asks questions of the hub's reporting tables finds there what stands on every desk, and nothing else."""

from __future__ import annotations

import json
import sqlite3
from datetime import datetime
from typing import Any

import psycopg
import pytest

from core.commands import AddRecord, ChangeRecord, MergeRecords, MoveStage, PostEntry, Undo
from core.ids import EntityId
from storage.schema import metadata
from storage.sync.report_rows import DOCUMENTS, FLAGS, INSTANTS, TABLES, columns_of
from storage.sync.state_hash import SHARED
from tests.storage.hub_story import Console, opened
from tests.storage.keeper_story import Three, ids_of, keeper_of, reporting
from tests.support.hub_server import HubServer

COLUMNS = (
    "SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_schema = 'report'"
    " ORDER BY table_name, ordinal_position"
)
READER = "bi"


def kept(console: Console, **how: bool) -> int:
    """How many rows a keeper wrote there."""
    keeper = keeper_of(console)
    rows = keeper.look(**how).rows
    keeper.close()
    return rows


def local(console: Console, table: str) -> list[tuple[Any, ...]]:
    """Rows of a console as a report should tell them."""
    names = columns_of(table)
    told = []
    with console.look() as seen:
        quoted = ", ".join(f'"{name}"' for name in names)
        for row in seen.execute(f"SELECT {quoted} FROM {table} ORDER BY 1"):
            told.append(tuple(_told(name, value) for name, value in zip(names, row, strict=True)))
    return told


def _told(name: str, value: Any) -> Any:
    if name in FLAGS:
        return value == 1
    if name in DOCUMENTS:
        return json.loads(value) if value else None
    return value.hex() if isinstance(value, bytes) else value


def plain(row: tuple[Any, ...]) -> tuple[Any, ...]:
    """A row of the hub as a console's: ids as hex, instants in seconds."""
    return tuple(
        int(value.timestamp()) if isinstance(value, datetime) else getattr(value, "hex", value) for value in row
    )


def test_every_table_that_consoles_share_has_the_same_columns_there(hub_server: HubServer) -> None:
    with hub_server.admin(hub_server.hub()) as connection:
        found: dict[str, list[tuple[str, str]]] = {}
        for table, column, kind in connection.execute(COLUMNS):
            found.setdefault(table, []).append((column, kind))
    assert sorted(found) == sorted(SHARED)
    for table, columns in found.items():
        assert tuple(name for name, _kind in columns) == columns_of(table)
        for name, kind in columns:
            assert (kind == "timestamp with time zone") == (name in INSTANTS)
            assert (kind == "boolean") == (name in FLAGS)
            assert (kind == "jsonb") == (name in DOCUMENTS)
            assert (kind == "uuid") == (str(metadata.tables[table].columns[name].type) == "BLOB")


def test_rows_for_reports_are_those_of_the_desk(three: Three, hub_server: HubServer) -> None:
    anna, kate, _karl = three
    ticket = opened(anna)
    anna.act(PostEntry(ticket, "note", "Spoke to the porter"))
    anna.act(MoveStage(ticket, "closed"))
    anna.sync()
    kept(kate)
    for table in TABLES:
        assert sorted(map(plain, reporting(hub_server, anna.hub, table)), key=repr) == sorted(
            local(anna, table), key=repr
        ), table


def test_what_changes_is_written_and_nothing_else(three: Three, hub_server: HubServer) -> None:
    anna, kate, _karl = three
    kept(kate)
    assert kept(kate) == 0
    company = ids_of(anna, "SELECT id FROM company")[0]
    anna.act(ChangeRecord("company", company, {"tier": "gold"}))
    anna.sync()
    assert kept(kate) == 1
    assert reporting(hub_server, anna.hub, "company", "tier") == [("gold",)]


def test_what_a_merge_leads_elsewhere_is_led_there_in_reports_too(three: Three, hub_server: HubServer) -> None:
    anna, kate, _karl = three
    ticket = opened(anna)
    (company,) = ids_of(anna, "SELECT id FROM company")
    other = EntityId(anna.act(AddRecord("company", {"name": "Zakłady Łąki SA"})).touched[0])
    anna.sync()
    kept(kate)
    anna.act(MergeRecords("company", company, other))
    anna.sync()
    kept(kate)
    found = {one.bytes: to.bytes for one, to in reporting(hub_server, anna.hub, "ticket", "id, company")}
    assert found == {ticket: other}
    assert [row[0].bytes for row in reporting(hub_server, anna.hub, "merged_record", "record")] == [company]


def test_a_text_that_its_author_took_back_is_in_no_report(three: Three, hub_server: HubServer) -> None:
    anna, kate, _karl = three
    ticket = opened(anna)
    anna.act(PostEntry(ticket, "note", "About somebody else"))
    anna.sync()
    kept(kate)
    anna.act(Undo())
    anna.sync()
    kept(kate)
    rows = reporting(hub_server, anna.hub, "entry", "kind, hidden, text")
    assert ("note", True, "") in rows
    assert not any("somebody" in text for _kind, _hidden, text in rows)


def test_reports_are_made_anew_on_demand(three: Three, hub_server: HubServer) -> None:
    anna, kate, _karl = three
    kept(kate)
    with hub_server.admin(anna.hub) as admin:
        admin.execute("UPDATE report.company SET name = 'spoilt'")
        admin.execute("INSERT INTO report.team (id, name) VALUES (gen_random_uuid(), 'ghosts')")
    assert kept(kate) == 0
    assert kept(kate, is_rebuilding=True) > 0
    assert [name for (name,) in reporting(hub_server, anna.hub, "company", "name")] == ["Zakłady Łąki"]
    assert "ghosts" not in [name for (name,) in reporting(hub_server, anna.hub, "team", "name")]


def test_a_keeper_that_takes_over_brings_what_it_saw_while_it_waited(three: Three, hub_server: HubServer) -> None:
    anna, kate, karl = three
    kept(karl)
    first = keeper_of(kate)
    first.look()
    opened(anna)
    anna.sync()
    waiting = keeper_of(karl)
    assert waiting.look().rows == 0
    first.close()
    assert waiting.look().rows > 0
    waiting.close()
    assert len(reporting(hub_server, anna.hub, "ticket")) == 1


def test_rows_that_no_program_of_ours_wrote_stop_no_report(three: Three, hub_server: HubServer) -> None:
    anna, kate, _karl = three
    ticket = opened(anna, "Lift")
    anna.sync()
    kept(kate)

    def spoil(file: sqlite3.Connection) -> None:
        file.execute("UPDATE ticket SET subject = 'a' || char(0) || 'b', opened_at = 1 << 60, extra = '{'")
        file.execute("UPDATE ticket SET company = x'01', priority = 1 << 40")
        file.execute('UPDATE entry SET data = \'{"x":"\\u0000\\ud800","y":Infinity}\'')
        file.execute("INSERT INTO team (id, name) VALUES (x'0102', 'short')")

    kate.desk.write(spoil).result(10)
    kept(kate)
    (row,) = reporting(hub_server, anna.hub, "ticket", "id, subject, opened_at, company, priority")
    assert row[0].bytes == ticket
    assert row[1:] == ("a\N{REPLACEMENT CHARACTER}b", None, None, 1 << 40)
    assert [data for (data,) in reporting(hub_server, anna.hub, "entry", "data")] == [
        {"x": "\N{REPLACEMENT CHARACTER}?", "y": None}
    ]


def test_only_a_table_for_reports_is_written_to(three: Three, hub_server: HubServer) -> None:
    _anna, kate, _karl = three
    keeper_of(kate).look()
    console = kate.value("SELECT console FROM store").hex()
    epoch = kate.value("SELECT epoch FROM hub").hex()
    with psycopg.connect(kate.url, autocommit=True) as connection:
        for table in ("op", "member", "lampboard.member", "ticket; DROP TABLE report.ticket", "pg_class"):
            with pytest.raises(psycopg.Error) as refused:
                connection.execute("SELECT lampboard.hub_report(%s, %s, %s, '[]', '[]', true)", (epoch, console, table))
            assert refused.value.sqlstate == "22023"


def test_a_reader_reads_reports_and_nothing_else(three: Three, hub_server: HubServer) -> None:
    anna, kate, _karl = three
    kept(kate)
    with hub_server.admin(anna.hub) as admin:
        admin.execute(
            f"DO $$ BEGIN CREATE ROLE {READER} LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$".encode()
        )
        admin.execute(f"GRANT lampboard_reader TO {READER}".encode())
    with psycopg.connect(hub_server.url(anna.hub, READER), autocommit=True) as connection:
        for table in TABLES:
            connection.execute(f"SELECT * FROM report.{table}".encode())
        for attempt in (
            "SELECT * FROM lampboard.op",
            "SELECT * FROM lampboard.doc",
            "DELETE FROM report.ticket",
            "UPDATE report.company SET name = ''",
            "INSERT INTO report.team (id) VALUES (gen_random_uuid())",
            "CREATE TABLE report.mine (n integer)",
            "SELECT lampboard.hub_folded(gen_random_uuid(), 'shared')",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(attempt.encode())
    with psycopg.connect(anna.url, autocommit=True) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("SELECT * FROM report.ticket")
