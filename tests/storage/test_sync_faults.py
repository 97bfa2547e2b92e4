"""What goes wrong between a console and its hub loses nothing, doubles nothing and stops nobody."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from core.commands import PostEntry, SetPriority
from core.errors import DomainError
from core.operations.envelope import canonical_json
from storage.engine import open_file
from storage.hub.connecting import HubError
from storage.hub.running import Hub
from storage.sync import incoming, outgoing
from storage.sync.joined import Joined, cursor_of, joined
from storage.sync.once import Round
from storage.sync.session import Session
from tests.storage.desk_story import WAIT_SECONDS
from tests.storage.hub_story import (
    BEGINNING,
    Console,
    Kept,
    Sender,
    empty_console,
    hub_log,
    keep,
    nobody_there,
    open_session,
    opened,
    two_desks,
)
from tests.support.hub_server import HubServer
from tests.support.worlds import ROOT

IN_THE_MIDDLE = """
import sys, time
from pathlib import Path
from storage.engine import open_file
from storage.sync import incoming
from storage.sync.joined import cursor_of, joined
from storage.sync.session import Session

connection = open_file(Path(sys.argv[1]))
hub = joined(connection)
session = Session(hub.url)
before = cursor_of(connection, "shared")
arrivals = session.pull(hub.epoch, "shared", before)
connection.execute("BEGIN IMMEDIATE")
assert incoming.take_in(connection, "shared", before, arrivals, 0)
print(len(arrivals), flush=True)
time.sleep(60)
"""


@pytest.fixture(scope="module")
def kept(hub_server: HubServer, tmp_path_factory: pytest.TempPathFactory) -> Kept:
    """Anna's desk, joined and synced, and Boris's, which has joined and read nothing; Mallory may join as well."""
    anna, boris = two_desks(tmp_path_factory.mktemp("kept"), hub_server)
    with Hub(hub_server.url(anna.hub)) as hub:
        hub.grant("mallory", "shared", "write")
    anna.join()
    boris.join()
    anna.sync()
    return keep(anna, boris)


def test_a_console_killed_between_rows_and_cursor_has_neither(anna: Console, boris: Console) -> None:
    argv = [sys.executable, "-c", IN_THE_MIDDLE, str(boris.path)]
    dying = subprocess.Popen(argv, cwd=ROOT, stdout=subprocess.PIPE)
    assert dying.stdout is not None
    assert int(dying.stdout.readline()) > 0
    dying.kill()
    dying.communicate()
    assert boris.value("SELECT count(*) FROM company") == 0
    assert boris.value("SELECT count(*) FROM hub_cursor") == 0
    boris.sync()
    anna.sync()
    assert boris.rows() == anna.rows()


def test_what_is_read_a_second_time_is_not_taken_in_again(anna: Console, boris: Console) -> None:
    boris.sync()
    before = boris.rows()
    session = Session(boris.url)
    with boris.look() as seen:
        hub = joined(seen)
    assert hub is not None
    late = session.pull(hub.epoch, "shared", BEGINNING)
    session.close()

    def again(connection: Any) -> bool:
        return incoming.take_in(connection, "shared", BEGINNING, late, 0)

    assert boris.desk.write(again).result(WAIT_SECONDS) is False
    assert boris.rows() == before


def test_work_that_was_not_sent_stands_on_top_of_what_came_in(anna: Console, boris: Console) -> None:
    ticket = opened(anna)
    anna.sync()
    boris.sync()
    anna.act(SetPriority(ticket, 1))
    anna.sync()
    boris.act(PostEntry(ticket, "note", "Not sent yet"))
    session = Session(boris.url)
    with boris.look() as seen:
        hub, cursor = joined(seen), cursor_of(seen, "shared")
    assert hub is not None
    arrivals = session.pull(hub.epoch, "shared", cursor)
    session.close()
    boris.desk.write(lambda one: incoming.take_in(one, "shared", cursor, arrivals, 0)).result(WAIT_SECONDS)
    with boris.look() as seen:
        assert len(outgoing.next_push(seen, hub.sent_n)) == 1
    assert boris.value("SELECT priority FROM ticket WHERE id = ?", ticket) == 1
    assert boris.value("SELECT count(*) FROM entry WHERE text = 'Not sent yet'") == 1


def test_a_line_that_is_cut_is_taken_up_again_and_nothing_is_sent_twice(anna: Console) -> None:
    opened(anna)
    cut: list[HubError] = []

    def session_that_is_cut_once(hub: Joined) -> Session:
        session = open_session(hub)
        if not cut:
            with anna.server.admin(anna.hub) as admin:
                admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'anna'")
        return session

    report = Round(anna.desk, anna.clock, session_that_is_cut_once, lambda error, seconds: cut.append(error), 4).run()
    assert [error.code for error in cut] == ["hub.line_lost"] and report.retries == 1
    numbers = [row[2] for row in hub_log(anna.server, anna.hub)]
    assert numbers == list(range(1, len(numbers) + 1))


def test_a_hub_that_cannot_be_reached_is_said_to_be_so_and_the_desk_goes_on(anna: Console) -> None:
    with pytest.raises(HubError) as refused:
        Round(anna.desk, anna.clock, nobody_there, tries=2).run()
    assert refused.value.code == "hub.no_server"
    opened(anna)
    assert anna.sync().unsent == 0


def test_an_answer_that_never_came_is_made_good_by_the_next_round(anna: Console) -> None:
    ticket = opened(anna)
    with anna.look() as seen:
        hub = joined(seen)
        assert hub is not None
        (console,) = seen.execute("SELECT console FROM store").fetchone()
        sent = outgoing.next_push(seen, hub.sent_n)
    session = Session(anna.url)
    session.push(hub.epoch, console, anna.clock.now_ms(), sent)
    session.close()
    report = anna.sync()
    assert (report.sent, report.unsent) == (0, 0)
    assert anna.value("SELECT count(*) FROM operation WHERE id = ? AND state = 'acked'", ticket) == 1


HOSTILE: dict[str, dict[str, Any]] = {
    "an_act_on_a_ticket_that_is_not_there": {
        "entity": "ticket",
        "kind": "ticket.prioritised",
        "payload": canonical_json({"priority": 1, "was": 3}),
    },
    "a_field_that_is_a_statement": {
        "payload": canonical_json(
            {"entity": "team", "record": "{id}", "fields": {"name = 'x', archived": "y"}, "archived": False}
        ),
    },
    "a_table_that_is_no_record": {
        "payload": canonical_json({"entity": "store", "record": "{id}", "fields": {"desk": "x"}, "archived": False}),
    },
    "a_record_under_the_name_of_another": {
        "payload": canonical_json({"entity": "team", "record": "00" * 16, "fields": {}, "archived": False}),
    },
    "a_number_where_a_text_belongs": {
        "payload": canonical_json({"entity": "team", "record": "{id}", "fields": {"zone": 7}, "archived": False}),
    },
    "an_id_that_is_none": {
        "payload": canonical_json(
            {"entity": "site", "record": "{id}", "fields": {"company": "xyz"}, "archived": False}
        ),
    },
    "a_payload_without_its_parts": {"payload": b"{}"},
    "a_payload_written_otherwise": {"payload": b'{ "entity": "team" }'},
    "a_ticket_that_is_somebody_elses": {
        "entity": "ticket",
        "kind": "ticket.imported",
        "payload": canonical_json(
            {
                "entries": [],
                "ticket": {
                    "id": "11" * 16,
                    "number": "T-1",
                    "subject": "x",
                    "company": None,
                    "opened_at": 1,
                    "changed_at": 1,
                },
            }
        ),
    },
}


@pytest.mark.parametrize("kind", sorted(HOSTILE))
def test_what_cannot_be_folded_is_set_aside_and_the_rest_arrives(anna: Console, kind: str) -> None:
    mallory = Sender(anna.server, anna.hub, "mallory", 6)
    changes = dict(HOSTILE[kind])
    changes["payload"] = changes["payload"].replace(b"{id}", (b"%16d" % 1).hex().encode())
    answer = mallory.push(mallory.operation(**changes), mallory.operation())
    mallory.session.close()
    assert answer.refused == {}
    before = anna.rows()
    report = anna.sync()
    after = anna.rows()
    assert (report.received, report.set_aside) == (2, 1)
    assert {table for table in after if after[table] != before[table]} == {"team"}
    assert len(after["team"]) == len(before["team"]) + 1


def test_a_desk_with_something_set_aside_is_worked_on_as_before(anna: Console) -> None:
    ticket = opened(anna)
    anna.sync()
    mallory = Sender(anna.server, anna.hub, "mallory", 6)
    mallory.push(
        mallory.operation(entity="ticket", kind="ticket.staged", id=ticket, payload=b"{}"),
        mallory.operation(entity="ticket", kind="entry.hidden", id=ticket, payload=b'{"hidden":true}'),
    )
    mallory.session.close()
    assert anna.sync().set_aside == 2
    anna.act(SetPriority(ticket, 1))
    assert anna.sync().refused == {}
    assert anna.value("SELECT priority FROM ticket WHERE id = ?", ticket) == 1


def test_a_desk_that_joined_no_hub_says_so(tmp_path: Path, hub_server: HubServer) -> None:
    console = empty_console(tmp_path / "desk.db", hub_server, "nowhere", "anna", seed=4)
    with pytest.raises(DomainError) as refused:
        console.sync()
    console.desk.close()
    assert refused.value.code == "hub.not_joined"


def test_taking_in_keeps_the_file_whole(anna: Console, boris: Console) -> None:
    for subject in ("Printer jams", "No dial tone"):
        opened(anna, subject)
    anna.sync()
    boris.sync()
    connection = open_file(boris.path, read_only=True)
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()
