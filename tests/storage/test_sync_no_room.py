"""Where the disk is full, here or on the hub: nothing half taken in, nothing lost, and it goes on by itself."""

from __future__ import annotations

import sqlite3

import pytest

from core.commands import OpenTicket
from core.errors import DomainError
from core.pages import People
from storage.hub.connecting import HubError
from storage.sync.once import Round
from tests.storage.hub_story import Console, open_session, opened

LONG = "x" * 3000

NO_ROOM = """
CREATE FUNCTION lampboard.no_room() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100'; END $$;
CREATE TRIGGER no_room BEFORE INSERT ON lampboard.op EXECUTE FUNCTION lampboard.no_room();
"""


def limit_pages(console: Console, more: int | None) -> None:
    """Let the file of a desk grow by so many pages more; None lifts that."""

    def limit(file: sqlite3.Connection) -> None:
        (count,) = file.execute("PRAGMA page_count").fetchone()
        file.execute(f"PRAGMA max_page_count = {2**30 if more is None else count + more}")

    console.desk.write(limit).result(20)


def test_a_pull_that_finds_no_room_takes_in_nothing_and_goes_on_when_there_is_some(
    anna: Console, boris: Console
) -> None:
    for turn in range(30):
        anna.act(OpenTicket(f"Matter {turn}", None, 3, text=LONG))
    anna.sync()
    before, cursor = boris.rows(), boris.value("SELECT seq FROM hub_cursor")
    limit_pages(boris, 4)
    with pytest.raises(DomainError) as refused:
        boris.sync()
    assert refused.value.code == "store.disk_full"
    assert (boris.rows(), boris.value("SELECT seq FROM hub_cursor")) == (before, cursor)
    assert len(boris.desk.page_now(People())) > 0
    limit_pages(boris, None)
    boris.sync()
    assert boris.rows() == anna.rows()
    assert boris.value("PRAGMA integrity_check") == "ok"


def test_a_hub_without_room_loses_nothing_and_takes_it_when_there_is_some(anna: Console, boris: Console) -> None:
    opened(anna)
    with anna.server.admin(anna.hub) as admin:
        admin.execute(NO_ROOM)
    with pytest.raises(HubError) as refused:
        anna.sync()
    assert refused.value.code == "hub.no_room"
    assert refused.value.is_passing
    boris.sync()
    with anna.server.admin(anna.hub) as admin:
        admin.execute("DROP TRIGGER no_room ON lampboard.op")
    assert anna.sync().unsent == 0
    boris.sync()
    assert boris.rows() == anna.rows()


def test_a_push_is_tried_again_while_the_hub_has_no_room(anna: Console) -> None:
    opened(anna)
    with anna.server.admin(anna.hub) as admin:
        admin.execute(NO_ROOM)
    met: list[str] = []

    def somebody_makes_room(error: HubError, _seconds: float) -> None:
        met.append(error.code)
        with anna.server.admin(anna.hub) as admin:
            admin.execute("DROP TRIGGER IF EXISTS no_room ON lampboard.op")

    report = Round(anna.desk, anna.clock, open_session, somebody_makes_room, tries=3).run()
    assert met == ["hub.no_room"]
    assert report.unsent == 0
