"""A keeper writes down what the log says, one keeper at a time, and whoever reads it has what a console folded."""

from __future__ import annotations

import threading
from contextlib import closing
from typing import Any

import pytest

from core.commands import ChangeRecord, MoveStage, OpenTicket, PostEntry, SetPriority
from core.ids import EntityId
from core.state_document import StateDocument, settled, unpacked
from storage.hub.connecting import HubError
from storage.hub.running import Hub
from storage.sync.documents_kept import HOT_SECONDS
from storage.sync.joined import Cursor, cursor_of
from storage.sync.keeper_session import KeeperSession, Written
from storage.sync.keeping import Keeper
from storage.sync.refold import stamped_state
from storage.sync.session import KeptDocument, Session
from tests.storage.hub_story import Console, Sender, code_of, opened, settle
from tests.storage.keeper_story import Three, hub_of, ids_of, keeper_of, open_keeper_session, reporting
from tests.support.hub_server import HubServer

EVERY_RECORD = "SELECT DISTINCT id FROM operation ORDER BY id"
OTHER = b"o" * 16


def documents_for(console: Console, *, hot: bool = True) -> list[KeptDocument]:
    """Every document as that console reads them, page by page."""
    found: list[KeptDocument] = []
    with closing(Session(console.url)) as session:
        while page := session.documents(
            hub_of(console).epoch, "shared", hot=hot, after=found[-1].id if found else None
        ):
            found += page
    return found


def states(console: Console) -> dict[EntityId, Any]:
    """Every record as that console's log has it."""
    with console.look() as seen:
        return {EntityId(row[0]): settled(stamped_state(seen, EntityId(row[0]))) for row in seen.execute(EVERY_RECORD)}


def read(documents: list[KeptDocument]) -> dict[EntityId, StateDocument]:
    return {one.id: unpacked(one.body) for one in documents}


def test_what_a_keeper_writes_down_is_what_every_console_has_folded(three: Three) -> None:
    anna, kate, _karl = three
    ticket = opened(anna)
    anna.act(PostEntry(ticket, "note", "Spoke to the porter"))
    anna.sync()
    kept = keeper_of(kate).look()
    documents = documents_for(anna)
    assert {one: document.state for one, document in read(documents).items()} == states(anna)
    assert kept.documents == len(documents)


def test_only_what_was_touched_is_written_again(three: Three) -> None:
    anna, kate, _karl = three
    ticket = opened(anna)
    anna.sync()
    keeper = keeper_of(kate)
    keeper.look()
    anna.act(SetPriority(ticket, 1))
    anna.sync()
    kept = keeper.look()
    assert kept.documents == 1
    assert read(documents_for(anna))[ticket].state.the_ticket().priority == 1
    assert keeper.look().sync is None


def test_what_a_keeper_has_not_sent_itself_is_not_written_down(three: Three) -> None:
    anna, kate, _karl = three
    ticket = opened(anna)
    settle(anna, kate)
    kate.act(SetPriority(ticket, 1))
    with kate.look() as seen:
        assert stamped_state(seen, ticket).the_ticket().priority == 3
    assert kate.value("SELECT priority FROM ticket WHERE id = ?", ticket) == 1


def test_documents_say_how_far_they_go_and_the_chain_there(three: Three) -> None:
    anna, kate, _karl = three
    opened(anna)
    anna.sync()
    keeper_of(kate).look()
    anna.sync()
    with anna.look() as seen, closing(Session(anna.url)) as session:
        folded = session.folded(hub_of(anna).epoch, "shared")
        assert folded.cursor == cursor_of(seen, "shared")
    assert (folded.hot, folded.cold) == (len(documents_for(anna)), 0)


def test_where_a_ticket_was_opened_in_the_log_is_written_down_with_it(three: Three) -> None:
    anna, kate, _karl = three
    ticket = opened(anna)
    anna.sync()
    keeper_of(kate).look()
    anna.sync()
    (deed,) = read(documents_for(anna))[ticket].deeds
    assert (deed.kind, deed.payload) == ("ticket.opened", None)
    assert deed.stamp.seq == anna.value(
        "SELECT s.seq FROM stamp s JOIN operation o ON o.console = s.console AND o.n = s.n"
        " WHERE o.id = ? AND o.kind = 'ticket.opened'",
        ticket,
    )


def test_master_data_comes_before_tickets_and_those_come_newest_first(three: Three) -> None:
    anna, kate, _karl = three
    tickets = []
    for subject in ("Printer", "Lift", "Crane"):
        anna.clock.forward(seconds=60)
        tickets.append(opened(anna, subject))
    anna.sync()
    keeper_of(kate).look()
    order = [(one.entity, one.id) for one in documents_for(anna)]
    assert [one for entity, one in order if entity == "ticket"] == tickets[::-1]
    assert [entity for entity, _one in order] == ["record"] * (len(order) - 3) + ["ticket"] * 3


def test_a_ticket_closed_long_ago_is_cold_and_one_that_cools_is_told_with_the_next_parcel(
    three: Three, hub_server: HubServer
) -> None:
    anna, kate, _karl = three
    closed, still_open = opened(anna, "Old"), opened(anna, "Open")
    anna.act(MoveStage(closed, "closed"))
    anna.sync()
    keeper = keeper_of(kate)
    keeper.look()
    assert closed in read(documents_for(anna))
    with hub_server.admin(anna.hub) as admin:
        (until,) = admin.execute("SELECT hot_until FROM lampboard.doc WHERE hot_until IS NOT NULL").fetchone() or (0,)
        changed_at = anna.value("SELECT changed_at FROM ticket WHERE id = ?", closed)
        assert until == pytest.approx((changed_at + HOT_SECONDS) * 1000)
        admin.execute("UPDATE lampboard.doc SET hot_until = 1 WHERE hot_until IS NOT NULL")
    anna.act(SetPriority(still_open, 1))
    anna.sync()
    keeper.look()
    assert [one.id for one in documents_for(anna, hot=False)] == [closed]
    assert closed not in read(documents_for(anna))


def test_single_documents_are_read_by_their_ids(three: Three) -> None:
    anna, kate, _karl = three
    ticket = opened(anna)
    anna.sync()
    keeper_of(kate).look()
    with closing(Session(anna.url)) as session:
        found = session.documents_of(hub_of(anna).epoch, "shared", [ticket, EntityId(OTHER)])
    assert [one.id for one in found] == [ticket]


def test_a_page_ends_before_it_is_too_large_to_hold(three: Three) -> None:
    anna, kate, _karl = three
    keeper_of(kate).look()
    hub = hub_of(kate)
    with kate.look() as seen, closing(open_keeper_session(hub)) as session:
        here, console = cursor_of(seen, "shared"), kate.value("SELECT console FROM store")
        large = [
            Written(EntityId(bytes([n]) * 16), "ticket", False, None, n, bytes(3 << 20), False) for n in range(1, 4)
        ]
        session.keep(hub.epoch, console, "shared", large, here, is_whole=False)
        assert len(session.documents(hub.epoch, "shared", hot=False)) == 2
    assert [one.id[0] for one in documents_for(anna, hot=False)] == [1, 2, 3]


# Who may write.


def a_document(text: bytes = b"{}") -> Written:
    return Written(EntityId(OTHER), "record", True, None, 0, text, False)


def body_of(console: Console) -> bytes:
    with closing(Session(console.url)) as session:
        (found,) = session.documents_of(hub_of(console).epoch, "shared", [EntityId(OTHER)])
    return found.body


def kept_by(console: Console, document: Written, cursor: Cursor | None = None) -> None:
    hub = hub_of(console)
    with console.look() as seen, closing(open_keeper_session(hub)) as session:
        here = cursor or cursor_of(seen, "shared")
        session.keep(hub.epoch, console.value("SELECT console FROM store"), "shared", [document], here, is_whole=True)


def leased(console: Console, seconds: int = 60) -> bool:
    hub = hub_of(console)
    with closing(open_keeper_session(hub)) as session:
        return session.lease_keeping(hub.epoch, console.value("SELECT console FROM store"), seconds).is_held


def test_nobody_writes_documents_without_the_lease(three: Three) -> None:
    _anna, kate, karl = three
    assert code_of(kept_by, kate, a_document()) == "hub.not_the_keeper"
    assert leased(kate)
    kept_by(kate, a_document())
    assert code_of(kept_by, karl, a_document()) == "hub.not_the_keeper"


def test_nobody_without_the_right_leases_or_writes_documents_or_rows(three: Three) -> None:
    anna, kate, _karl = three
    assert code_of(leased, anna) == "hub.no_right"
    assert leased(kate)
    assert code_of(kept_by, anna, a_document()) == "hub.no_right"
    hub, console = hub_of(anna), anna.value("SELECT console FROM store")
    with closing(KeeperSession(anna.url)) as session:
        assert code_of(session.report, hub.epoch, console, "team", [], []) == "hub.no_right"


def test_a_right_to_keep_that_was_taken_back_leaves_the_right_to_write(three: Three, hub_server: HubServer) -> None:
    _anna, kate, _karl = three
    with Hub(hub_server.url(kate.hub)) as admin:
        admin.revoke("kate", "shared", "keep")
    assert code_of(leased, kate) == "hub.no_right"
    kate.act(OpenTicket("Lift stuck", None))
    assert kate.sync().refused == {}


def test_documents_of_another_log_are_refused(three: Three) -> None:
    _anna, kate, _karl = three
    assert leased(kate)
    with kate.look() as seen:
        here = cursor_of(seen, "shared")
    assert code_of(kept_by, kate, a_document(), Cursor(here.seq, bytes(32))) == "hub.log_differs"
    assert code_of(kept_by, kate, a_document(), Cursor(here.seq + 1, here.chain)) == "hub.log_differs"


def test_an_older_document_never_replaces_a_newer_one(three: Three) -> None:
    anna, kate, karl = three
    opened(anna)
    settle(anna, kate)
    assert leased(kate)
    kept_by(kate, a_document(b"newer"))
    assert leased(kate, 0) is False
    assert leased(karl)
    kept_by(karl, a_document(b"older"))
    assert body_of(anna) == b"newer"


def test_a_second_keeper_waits_and_takes_over_when_the_first_ends(three: Three) -> None:
    anna, kate, karl = three
    first, second = keeper_of(kate), keeper_of(karl)
    assert first.look().other is None
    opened(anna)
    anna.sync()
    waiting = second.look()
    assert waiting.other == kate.value("SELECT console FROM store")
    assert 0 < waiting.seconds_left <= 90
    assert waiting.documents == 0
    first.close()
    assert second.look().documents == 1
    second.close()


def test_a_keeper_that_died_is_followed_when_its_lease_ends(three: Three, hub_server: HubServer) -> None:
    _anna, kate, karl = three
    keeper_of(kate).look()
    second = keeper_of(karl)
    assert second.look().other is not None
    with hub_server.admin(kate.hub) as admin:
        admin.execute("UPDATE lampboard.keeper_lease SET until = clock_timestamp()")
    assert second.look().other is None


def test_two_keepers_at_once_leave_the_documents_that_one_leaves(three: Three) -> None:
    anna, kate, karl = three
    stopping, failed = threading.Event(), []

    def run(console: Console) -> None:
        keeper = keeper_of(console)
        while not stopping.is_set():
            try:
                keeper.look()
                # Both want it again and again.
                keeper.close()
            except HubError as error:
                # Turns of ninety seconds are given up at once here: one may end in the middle of the other's work.
                if error.code not in ("hub.not_the_keeper", "hub.met_another"):
                    failed.append(error)
                    return

    threads = [threading.Thread(target=run, args=(console,)) for console in (kate, karl)]
    for thread in threads:
        thread.start()
    for round_ in range(8):
        ticket = opened(anna, f"Lift {round_}")
        anna.act(PostEntry(ticket, "note", "Ordered a part"))
        anna.sync(tries=6)
    stopping.set()
    for thread in threads:
        thread.join()
    assert failed == []
    keeper_of(kate).look()
    anna.sync()
    assert {one: document.state for one, document in read(documents_for(anna)).items()} == states(anna)


def test_a_hub_of_an_older_keeper_is_written_down_anew(three: Three, hub_server: HubServer) -> None:
    _anna, kate, _karl = three
    keeper = keeper_of(kate)
    everything = keeper.look().documents
    with hub_server.admin(kate.hub) as admin:
        admin.execute("UPDATE lampboard.folded SET doc_version = 0")
    assert keeper.look().documents == everything


def test_an_operation_of_no_program_of_ours_stops_no_keeper(three: Three, hub_server: HubServer) -> None:
    anna, kate, _karl = three
    company = ids_of(anna, "SELECT id FROM company")[0]
    hostile = Sender(hub_server, anna.hub, "karl", 9)
    for kind, payload in (
        ("record.changed", b'{"changes":{"name":{"now":[[]],"was":7}},"entity":"company","record":"%s"}'),
        ("record.added", b'{"archived":7,"entity":"company","fields":{"name":{}},"record":"%s"}'),
        ("record.added", b"{}"),
    ):
        told = payload.replace(b"%s", company.hex().encode())
        hostile.push(hostile.operation(id=company, kind=kind, payload=told))
    hostile.session.close()
    anna.act(ChangeRecord("company", company, {"tier": "gold"}, {"tier": ""}))
    anna.sync()
    assert keeper_of(kate).look().other is None
    assert len(documents_for(anna)) == len(ids_of(anna, EVERY_RECORD))


def look_again(keeper: Keeper) -> None:
    """A look after the server has cut every line."""
    with pytest.raises(HubError) as cut:
        keeper.look()
    assert cut.value.is_passing
    assert keeper.look().other is None


def test_a_keeper_finds_back_to_a_hub_that_was_restored_and_goes_on(three: Three) -> None:
    anna, kate, _karl = three
    keeper = keeper_of(kate)
    opened(anna)
    anna.sync()
    keeper.look()
    backup = anna.server.backup(anna.hub)
    late = opened(anna, "Made after the backup")
    anna.sync()
    look_again(keeper)
    anna.server.restore(anna.hub, backup)
    with Hub(anna.server.url(anna.hub)) as hub:
        hub.restored()
    anna.sync()
    look_again(keeper)
    anna.act(SetPriority(late, 1))
    anna.sync()
    keeper.look()
    assert read(documents_for(anna))[late].state.the_ticket().priority == 1
    assert {one: document.state for one, document in read(documents_for(anna)).items()} == states(anna)
    assert reporting(anna.server, anna.hub, "ticket", "priority") == [(1,), (3,)]


def test_a_keeper_that_looks_while_the_hub_is_restored_does_not_end(three: Three) -> None:
    anna, kate, _karl = three
    keeper = keeper_of(kate)
    ticket = opened(anna)
    anna.sync()
    keeper.look()
    with Hub(anna.server.url(anna.hub)) as hub:
        hub.restored()
    anna.act(SetPriority(ticket, 2))
    anna.sync()
    looks: list[Any] = []
    stopping = threading.Event()

    def looked(kept: Any) -> None:
        looks.append(kept)
        stopping.set()

    keeper.run(stopping, looked, look_seconds=0.01)
    assert read(documents_for(anna))[ticket].state.the_ticket().priority == 2
    assert looks[0].sync.notices
