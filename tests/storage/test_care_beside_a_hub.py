"""Files and purges on desks that have to do with a hub: what travels, what does not, and what the hub is told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from core.attachments import Attached, standing
from core.clock import Instant, instant
from core.commands import AddAttachment, AddRecord, ChangeRecord, OpenTicket, PostEntry, RemoveAttachment
from core.errors import NotFound, Refused
from core.ids import EntityId
from core.pages import TicketPage
from core.personal_marks import PURGED_NAME
from storage.attachments import take_in, verified
from storage.desk import OpenDesk
from storage.health import OK, look_at_file
from storage.purging.purge import holds_any, purge
from storage.purging.subject import subject_of
from storage.sync.leaving import leave
from tests.storage.desk_story import WAIT_SECONDS, begin, check_chain
from tests.storage.hub_story import Console, empty_console, hub_refused, of_story, opened, settle
from tests.support.hub_server import HubServer

NAME = "Zofia Wójcicka-Żmuda"


@pytest.fixture
def apart(hub_server: HubServer, tmp_path: Path) -> Iterator[tuple[Console, Console]]:
    """Anna's desk and Boris's in folders of their own; neither has joined."""
    for name in ("anna", "boris"):
        (tmp_path / name).mkdir()
    hub = hub_server.hub("anna", "boris")
    anna = of_story(begin(tmp_path / "anna" / "desk.db"), hub_server, hub)
    boris = empty_console(tmp_path / "boris" / "desk.db", hub_server, hub, "boris", seed=2)
    yield anna, boris
    for console in (anna, boris):
        console.desk.close()


def zofia_calls(console: Console) -> tuple[EntityId, EntityId]:
    """A contact who was entered, changed, and named in a ticket."""
    zofia = console.new_id()
    console.act(AddRecord("contact", {"name": NAME, "email": "zofia@huta.example"}, zofia))
    console.act(ChangeRecord("contact", zofia, {"phone": "+48 32 555 77 01"}))
    company = EntityId(console.value("SELECT id FROM company"))
    ticket = console.act(OpenTicket(f"{NAME} waits", company, 3, reporters=(zofia,))).touched[0]
    console.act(PostEntry(ticket, "note", f"ring {NAME} at 32 555 77 01"))
    return zofia, ticket


def purged(console: Console, contact: EntityId) -> Console:
    """The console with its desk opened again after the purge."""
    console.desk.close()
    with console.look() as seen:
        subject = subject_of(seen, contact)
    purge(console.path, console.clock, console.new_id, console.person, subject, console.path.parent / "no")
    return replace(console, desk=OpenDesk(console.path, console.clock, console.new_id))


def files(console: Console, ticket: EntityId) -> tuple[Attached, ...]:
    return standing(console.desk.page_now(TicketPage(ticket, 100, Instant(0))).entries)


def test_what_was_purged_before_joining_never_reaches_the_hub_and_everything_else_does(
    apart: tuple[Console, Console], hub_server: HubServer
) -> None:
    anna, boris = apart
    zofia, ticket = zofia_calls(anna)
    anna = purged(anna, zofia)
    with anna.look() as seen:
        last_n = check_chain(seen)
    anna.join()
    boris.join()
    assert anna.sync().sent == last_n
    boris.sync()
    settle(anna, boris)
    assert hub_refused(hub_server, anna.hub) == {}
    assert anna.rows() == boris.rows()
    assert boris.value("SELECT name FROM contact WHERE id = ?", zofia) == PURGED_NAME
    assert boris.value("SELECT archived FROM contact WHERE id = ?", zofia) == 1
    assert boris.value("SELECT subject FROM ticket WHERE id = ?", ticket) == f"{PURGED_NAME} waits"
    boris.desk.close()
    assert not any(holds_any(one, ["Wójcicka".encode(), b"555 77 01"]) for one in boris.path.parent.iterdir())
    with hub_server.admin(anna.hub) as connection:
        query = "SELECT count(*) FROM lampboard.op WHERE position(%s::bytea in payload) > 0"
        assert connection.execute(query, ("Wójcicka".encode(),)).fetchone() == (0,)
    anna.desk.close()


def test_a_desk_that_has_joined_is_refused_before_anything_is_written(apart: tuple[Console, Console]) -> None:
    anna, boris = apart
    zofia, _ticket = zofia_calls(anna)
    anna.join()
    settle(anna)
    before = anna.rows()
    with pytest.raises(Refused, match=r"purge.joined"):
        purged(anna, zofia)
    assert anna.rows() == before
    boris.desk.close()


def test_a_desk_that_left_a_hub_is_purged_keeps_the_hashes_the_hub_knows_and_joins_again(
    apart: tuple[Console, Console],
) -> None:
    anna, boris = apart
    zofia, ticket = zofia_calls(anna)
    for console in (anna, boris):
        console.join()
    settle(anna, boris)
    anna.desk.write(lambda file: leave(file, anna.new_id(), instant(anna.clock.now_ms()))).result(WAIT_SECONDS)
    anna.act(PostEntry(ticket, "note", f"{NAME} rang again"))
    with anna.look() as seen:
        hashes = "SELECT o.n, o.hash FROM operation o JOIN stamp s ON s.console = o.console AND s.n = o.n ORDER BY o.n"
        known = seen.execute(hashes).fetchall()
    anna = purged(anna, zofia)
    with anna.look() as seen:
        assert seen.execute(hashes).fetchall() == known
        assert seen.execute("SELECT count(*) FROM purged_operation").fetchone()[0] == 4
        assert {one.level for one in look_at_file(seen, is_full=True)} == {OK}
    assert not any(holds_any(one, ["Wójcicka".encode()]) for one in anna.path.parent.iterdir())
    anna.join()
    settle(anna, boris)
    # The hub and Boris keep what they had been sent; what Anna says of it since is known to both.
    assert boris.value("SELECT count(*) FROM entry WHERE text = ?", f"{PURGED_NAME} rang again") == 1
    assert boris.value("SELECT archived FROM contact WHERE id = ?", zofia) == 1
    assert anna.value("SELECT name FROM contact WHERE id = ?", zofia) == PURGED_NAME
    anna.desk.close()


def test_the_line_of_a_file_travels_and_the_file_stays_where_it_is(
    apart: tuple[Console, Console], hub_server: HubServer
) -> None:
    anna, boris = apart
    ticket = opened(anna)
    plan = anna.path.parent / "plan.pdf"
    plan.write_bytes(b"%PDF-1.7 a plan")
    taken = take_in(anna.path, plan)
    anna.act(AddAttachment(ticket, "plan.pdf", taken.size, taken.media_type, taken.digest))
    for console in (anna, boris):
        console.join()
    settle(anna, boris)
    assert hub_refused(hub_server, anna.hub) == {}
    assert [(one.name, one.digest) for one in files(boris, ticket)] == [("plan.pdf", taken.digest)]
    with pytest.raises(NotFound, match=r"attachment.not_here"):
        verified(boris.path, taken.digest)
    boris.act(RemoveAttachment(ticket, files(boris, ticket)[0].entry, "plan.pdf"))
    settle(boris, anna)
    assert files(anna, ticket) == ()
    assert anna.rows() == boris.rows()
    assert verified(anna.path, taken.digest).read_bytes() == b"%PDF-1.7 a plan"


def test_a_file_that_came_to_a_ticket_closed_meanwhile_goes_back_for_a_look(apart: tuple[Console, Console]) -> None:
    from core.commands import MoveStage

    anna, boris = apart
    ticket = opened(anna)
    for console in (anna, boris):
        console.join()
    settle(anna, boris)
    anna.act(MoveStage(ticket, "closed"))
    boris.act(AddAttachment(ticket, "late.pdf", 3, "application/pdf", "ab" * 32))
    settle(anna, boris)
    assert anna.rows() == boris.rows()
    assert anna.value("SELECT kind FROM conflict WHERE is_open = 1") == "closed_unseen"
