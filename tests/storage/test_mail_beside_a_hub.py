"""Beside a hub the keeper alone sends mail, each reply once, also where two are at it or the line breaks."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core.clock import Instant
from core.commands import AddRecord, PostEntry, SendAgain, Undo
from core.delivery import FAILED, HANDED, HANDING, INTERRUPTED, QUEUED
from core.errors import DomainError
from core.ids import EntityId
from core.pages import TicketPage
from storage.desk import OpenDesk
from storage.hub.connecting import HubError
from storage.outbox import INTERRUPTED_SECONDS, Outbox, count_queued
from storage.sync.keeping import Keeper
from storage.sync.leaving import leave
from storage.sync.once import Round
from tests.storage.hub_story import Console, opened, settle
from tests.storage.keeper_story import Postbox, Three, ids_of, keeper_of
from tui.presenters.sentences import what_was_done
from tui.presenters.ticket_page import delivery_sentence


@pytest.fixture
def postbox(tmp_path: Path) -> Postbox:
    return Postbox(tmp_path / "mails")


def replied(console: Console, text: str = "We are on our way.") -> EntityId:
    """A reply to a customer with an address, written there; answers its id."""
    contact = console.act(AddRecord("contact", {"name": "Ewa Nowak", "email": "ewa@example.com"})).touched[0]
    ticket = opened(console)
    console.act(PostEntry(ticket, "message", text, contact))
    return EntityId(console.value("SELECT id FROM entry WHERE ticket = ? AND kind = 'message'", ticket))


def delivery(console: Console, reply: EntityId) -> str:
    return str(console.value("SELECT delivery FROM entry WHERE id = ?", reply))


def test_a_console_that_has_joined_sends_nothing_itself(three: Three, postbox: Postbox) -> None:
    anna, _kate, _karl = three
    reply = replied(anna)
    anna.clock.forward(seconds=3600)
    Outbox(anna.desk, anna.path, anna.clock, postbox.command).look()
    assert (postbox.mails(), delivery(anna, reply)) == ([], QUEUED)


def test_a_console_that_has_joined_queues_replies_without_a_mail_command_of_its_own(three: Three) -> None:
    anna, _kate, _karl = three
    assert delivery(anna, replied(anna)) == QUEUED


def test_a_reply_on_its_way_is_shown_as_waiting_for_the_keeper(three: Three) -> None:
    anna, _kate, _karl = three
    replied(anna)
    (ticket,) = ids_of(anna, "SELECT id FROM ticket")
    page = anna.desk.page_now(TicketPage(ticket))
    (reply,) = (entry for entry in page.entries if entry.kind == "message")
    assert delivery_sentence(reply) == "waits for the keeper of the hub, who sends it"


def test_the_act_says_that_its_reply_waits_for_the_keeper(three: Three) -> None:
    anna, _kate, _karl = three
    replied(anna)
    (ticket,) = ids_of(anna, "SELECT id FROM ticket")
    title = anna.act(PostEntry(ticket, "message", "We are there.")).title
    told = what_was_done(title, Instant(anna.clock.now_ms() // 1000), "UTC")
    assert told.endswith("saved, waits for the keeper of the hub. u takes it back until then")


def test_leaving_a_console_tells_of_no_reply_that_the_keeper_sends(three: Three) -> None:
    anna, _kate, _karl = three
    replied(anna)
    assert count_queued(anna.path) == 0


def test_the_keeper_sends_what_was_written_on_a_console(three: Three, postbox: Postbox) -> None:
    anna, kate, _karl = three
    reply = replied(anna)
    anna.sync()
    keeper_of(kate, postbox).look()
    anna.sync()
    assert len(postbox.mails()) == 1
    assert "ewa@example.com" in postbox.mails()[0]
    assert delivery(anna, reply) == HANDED


def test_a_desk_that_left_sends_what_it_writes_from_then_on_and_nothing_that_the_keeper_has(
    three: Three, postbox: Postbox
) -> None:
    anna, kate, _karl = three
    replied(anna, "Before")
    settle(anna, kate)
    anna.desk.write(lambda connection: leave(connection, anna.new_id(), 0)).result(10)
    anna.desk.close()
    anna.desk = OpenDesk(anna.path, anna.clock, anna.new_id, has_mail_command=True)
    reply = replied(anna, "After")
    anna.clock.forward(seconds=3600)
    Outbox(anna.desk, anna.path, anna.clock, postbox.command).look()
    assert len(postbox.mails()) == 1
    assert delivery(anna, reply) == HANDED
    keeper_of(kate, postbox).look()
    assert len(postbox.mails()) == 2


def test_a_reply_taken_back_before_the_keeper_claims_it_is_not_sent(three: Three, postbox: Postbox) -> None:
    anna, kate, _karl = three
    replied(anna)
    anna.act(Undo())
    anna.sync()
    keeper_of(kate, postbox).look()
    assert postbox.mails() == []


def unleased(keeper: Keeper) -> Outbox:
    """The outbox of a keeper, to be run without asking whose turn it is."""
    outbox = keeper._outbox
    assert outbox is not None
    return outbox


def look_at_once(kate: Console, karl: Console, postbox: Postbox) -> None:
    """Both keep as if each had the turn, and look at the same time."""
    threads = [threading.Thread(target=unleased(keeper_of(console, postbox)).look) for console in (kate, karl)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_two_keepers_that_claim_one_reply_at_once_send_it_once(
    three: Three, postbox: Postbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna, kate, karl = three
    reply = replied(anna)
    settle(anna, kate, karl)
    # Both have claimed it before either has heard of the other.
    both_claimed = threading.Barrier(2)
    ask = Keeper._holds

    def meet_and_ask(keeper: Keeper, one: Any) -> bool:
        both_claimed.wait(10)
        return ask(keeper, one)

    monkeypatch.setattr(Keeper, "_holds", meet_and_ask)
    look_at_once(kate, karl, postbox)
    monkeypatch.undo()
    settle(anna, kate, karl)
    assert len(postbox.mails()) == 1
    assert [delivery(console, reply) for console in (anna, kate, karl)] == [HANDED] * 3


def test_many_replies_and_two_keepers_without_turns_are_as_many_mails(three: Three, postbox: Postbox) -> None:
    anna, kate, karl = three
    replies = [replied(anna, f"Reply {n}") for n in range(6)]
    settle(anna, kate, karl)
    look_at_once(kate, karl, postbox)
    settle(anna, kate, karl)
    assert len(postbox.mails()) == len(replies)
    assert {delivery(anna, reply) for reply in replies} == {HANDED}


def test_a_claim_is_given_up_where_the_first_one_failed_meanwhile(three: Three, tmp_path: Path) -> None:
    anna, kate, karl = three
    reply = replied(anna)
    settle(anna, kate, karl)
    refusing = Outbox(kate.desk, kate.path, kate.clock, ("false",), grace_seconds=0, holds=keeper_of(kate)._holds)
    box = Postbox(tmp_path / "second")
    claimed = threading.Event()
    keeper = keeper_of(karl)

    def late(one: Any) -> bool:
        refusing.look()
        kate.sync()
        claimed.set()
        return keeper._holds(one)

    Outbox(karl.desk, karl.path, karl.clock, box.command, grace_seconds=0, holds=late).look()
    settle(anna, kate, karl)
    assert claimed.is_set()
    assert box.mails() == []
    assert delivery(anna, reply) == FAILED


def test_while_the_line_is_down_a_claimed_reply_waits_and_is_sent_once_afterwards(
    three: Three, postbox: Postbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna, kate, _karl = three
    reply = replied(anna)
    settle(anna, kate)
    keeper = keeper_of(kate, postbox)

    def broken(_round: Round) -> None:
        raise HubError("hub.line_lost", reason="cut")

    monkeypatch.setattr(Round, "exchange", broken)
    with pytest.raises(HubError):
        unleased(keeper).look()
    assert (postbox.mails(), delivery(kate, reply)) == ([], HANDING)
    kate.clock.forward(seconds=2 * INTERRUPTED_SECONDS)
    monkeypatch.undo()
    keeper.look()
    keeper.look()
    assert len(postbox.mails()) == 1
    settle(anna, kate)
    assert delivery(anna, reply) == HANDED


def test_a_keeper_that_died_with_a_claim_leaves_the_reply_to_people(three: Three, postbox: Postbox) -> None:
    anna, kate, karl = three
    reply = replied(anna)
    settle(anna, kate)

    def die(_one: Any) -> bool:
        raise HubError("hub.line_lost", reason="gone")

    dying = Outbox(kate.desk, kate.path, kate.clock, postbox.command, grace_seconds=0, holds=die)
    with pytest.raises(DomainError):
        dying.look()
    settle(kate, karl, anna)
    follower = keeper_of(karl, postbox)
    follower.look()
    assert delivery(karl, reply) == HANDING
    follower._hub_clock._clock = Later(karl, INTERRUPTED_SECONDS + 1)
    unleased(follower).look()
    settle(karl, anna)
    assert postbox.mails() == []
    assert delivery(anna, reply) == FAILED
    assert INTERRUPTED in str(anna.value("SELECT data FROM entry WHERE id = ?", reply))
    ticket = EntityId(anna.value("SELECT ticket FROM entry WHERE id = ?", reply))
    anna.act(SendAgain(ticket, reply, FAILED, INTERRUPTED))
    anna.sync()
    follower.look()
    assert len(postbox.mails()) == 1


class Later:
    """A console's clock as it will stand in a while."""

    def __init__(self, console: Console, seconds: int) -> None:
        self._now: Callable[[], int] = console.clock.now_ms
        self._seconds = seconds

    def now_ms(self) -> int:
        return self._now() + self._seconds * 1000
