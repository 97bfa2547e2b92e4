"""What the hub refused is done again as a new act that undo knows, and a mail that left leaves no second time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core.commands import OpenTicket, PostEntry, RecordDelivery, SetPriority, Undo
from core.delivery import FAILED, HANDED, HANDING, QUEUED
from core.errors import DomainError
from core.ids import EntityId
from storage.desk import OpenDesk
from storage.hub.running import Hub
from storage.sync.refused_work import refused_operations, resend
from tests.storage.desk_story import WAIT_SECONDS, begin
from tests.storage.hub_story import Console, of_story, opened, sync_as_the_right_goes
from tests.support.hub_server import HubServer


@pytest.fixture
def anna(tmp_path: Path, hub_server: HubServer) -> Iterator[Console]:
    """A desk that has joined and synced; replies wait for a mail command."""
    console = of_story(begin(tmp_path / "anna.db"), hub_server, hub_server.hub("anna"))
    console.desk.close()
    console.desk = OpenDesk(console.path, console.clock, console.new_id, has_mail_command=True)
    console.join()
    console.sync()
    yield console
    console.desk.close()


def sent(anna: Console) -> EntityId:
    """A ticket that the hub has."""
    ticket = opened(anna)
    anna.sync()
    return ticket


def refuse(anna: Console) -> list[int]:
    """Sync while the right to write is gone; the numbers of what was refused."""
    with Hub(anna.server.url(anna.hub)) as hub:
        refused = sorted(sync_as_the_right_goes(anna).refused)
        hub.grant("anna", "shared", "write")
    return refused


def again(anna: Console, n: int) -> Any:
    def job(connection: Any) -> Any:
        return resend(connection, anna.clock, anna.new_id, anna.person, n, has_mail_command=True)

    return anna.desk.write(job).result(WAIT_SECONDS)


def deliveries(anna: Console) -> list[str]:
    with anna.look() as seen:
        return [row[0] for row in seen.execute("SELECT delivery FROM entry WHERE kind = 'message'")]


def test_an_act_that_was_refused_counts_again_once_it_is_done_again(anna: Console) -> None:
    ticket = sent(anna)
    anna.act(SetPriority(ticket, 1))
    (n,) = refuse(anna)
    priority = "SELECT priority FROM ticket WHERE id = ?"
    assert anna.value(priority, ticket) == 3
    again(anna, n)
    assert anna.value(priority, ticket) == 1
    assert anna.sync().sent == 1
    anna.act(Undo())
    assert anna.value(priority, ticket) == 3


def test_an_act_of_several_operations_is_done_again_whole(anna: Console) -> None:
    company = EntityId(anna.value("SELECT id FROM company"))
    ticket = anna.act(OpenTicket("No dial tone", company, 1, text="Dead since noon")).touched[0]
    refused = refuse(anna)
    assert anna.value("SELECT count(*) FROM ticket WHERE id = ?", ticket) == 0
    again(anna, refused[-1])
    assert anna.value("SELECT subject FROM ticket WHERE id = ?", ticket) == "No dial tone"
    with anna.look() as seen:
        assert {one.settled for one in refused_operations(seen)} == {"resent"}
    assert anna.sync().refused == {}


def test_what_no_longer_fits_is_not_done_again_and_stays_refused(anna: Console) -> None:
    ticket = sent(anna)
    anna.act(PostEntry(ticket, "note", "Wrong"))
    anna.act(Undo())
    posted, hidden = refuse(anna)
    with pytest.raises(DomainError):
        again(anna, hidden)
    assert anna.value("SELECT settled FROM refused WHERE n = ?", hidden) == ""
    again(anna, posted)


@pytest.mark.parametrize(
    ("steps", "stands"),
    [((), QUEUED), ((HANDING,), FAILED), ((HANDING, HANDED), HANDED)],
    ids=["still_waiting", "in_the_commands_hands", "taken_by_the_command"],
)
def test_a_reply_that_may_have_left_waits_for_no_second_mail(
    anna: Console, steps: tuple[str, ...], stands: str
) -> None:
    ticket = sent(anna)
    anna.act(PostEntry(ticket, "message", "We are on our way"))
    entry = EntityId(anna.value("SELECT id FROM entry WHERE kind = 'message'"))
    for delivery in steps:
        anna.act(RecordDelivery(ticket, entry, delivery))
    first, *_deliveries = refuse(anna)
    assert deliveries(anna) == []
    again(anna, first)
    assert deliveries(anna) == [stands]
