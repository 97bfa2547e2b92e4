"""What the hub promises whoever talks to it: numbers without holes, each operation once, authors it knows, refusals."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields
from itertools import count
from typing import Any

import pytest

from core.ids import EntityId
from core.operations.envelope import Envelope, canonical_json
from storage.hub.running import Hub
from storage.sync.incoming import check_arrivals
from storage.sync.joined import Cursor
from storage.sync.session import Session
from tests.storage.hub_story import BEGINNING, Sender, code_of, hub_log, hub_refused
from tests.support.fixed import NOON
from tests.support.hub_server import HubServer

PUSHERS, PUSHES = 8, 12
DAY_MS = 86_400_000


@pytest.fixture
def hub(hub_server: HubServer) -> str:
    return hub_server.hub("anna", "boris")


@pytest.fixture
def anna(hub_server: HubServer, hub: str) -> Iterator[Sender]:
    sender = Sender(hub_server, hub, "anna", 1)
    yield sender
    sender.session.close()


@pytest.fixture
def boris(hub_server: HubServer, hub: str) -> Iterator[Sender]:
    sender = Sender(hub_server, hub, "boris", 2)
    yield sender
    sender.session.close()


def everything(sender: Sender) -> list[Any]:
    """The whole stream, read page by page and checked as a console checks it."""
    cursor, read = BEGINNING, []
    while arrivals := sender.session.pull(sender.welcome.epoch, "shared", cursor):
        cursor = check_arrivals(cursor, arrivals)
        read += arrivals
    return read


def test_eight_who_push_at_once_get_numbers_without_holes_and_a_reader_misses_none(
    hub_server: HubServer,
) -> None:
    logins = [f"pusher{place}" for place in range(PUSHERS)]
    hub = hub_server.hub(*logins)
    senders = [Sender(hub_server, hub, login, place + 1) for place, login in enumerate(logins)]
    reader = Session(hub_server.url(hub, logins[0]))
    ended = threading.Event()
    seen: list[tuple[bytes, int]] = []

    def push(sender: Sender) -> None:
        for push in range(PUSHES):
            sender.push(*(sender.operation() for _operation in range(1 + push % 3)))

    def read() -> None:
        cursor = BEGINNING
        while True:
            is_last = ended.is_set()
            arrivals = reader.pull(senders[0].welcome.epoch, "shared", cursor)
            cursor = check_arrivals(cursor, arrivals)
            seen.extend((one.envelope.console, one.envelope.n) for one in arrivals)
            if is_last and not arrivals:
                return

    reading = threading.Thread(target=read)
    reading.start()
    with ThreadPoolExecutor(PUSHERS) as pool:
        list(pool.map(push, senders))
    ended.set()
    reading.join()
    for session in (reader, *(sender.session for sender in senders)):
        session.close()
    log = hub_log(hub_server, hub)
    assert [row[0] for row in log] == list(range(1, len(log) + 1))
    assert sorted(seen) == sorted((sender.console, n) for sender in senders for n in range(1, sender.n + 1))
    assert len(seen) == len(log) == len(set(seen))


def test_a_push_whose_answer_was_lost_is_pushed_again_and_changes_nothing(
    hub_server: HubServer, hub: str, anna: Sender
) -> None:
    ops = [anna.operation(), anna.operation(kind="ticket.eaten"), anna.operation()]
    answer = anna.push(*ops)
    before = hub_log(hub_server, hub)
    assert anna.push(*ops) == answer
    assert hub_log(hub_server, hub) == before
    assert hub_refused(hub_server, hub) == {2: "kind_unknown"}


def test_a_push_that_begins_before_what_the_hub_has_adds_what_is_new(
    hub_server: HubServer, hub: str, anna: Sender
) -> None:
    first, second, third = anna.operation(), anna.operation(), anna.operation()
    anna.push(first, second)
    assert anna.push(first, second, third).last_n == 3
    assert [row[2] for row in hub_log(hub_server, hub)] == [1, 2, 3]


def test_a_gap_is_refused_and_nothing_of_the_push_is_kept(hub_server: HubServer, hub: str, anna: Sender) -> None:
    anna.operation()
    assert code_of(anna.push, anna.operation()) == "hub.gap"
    assert hub_log(hub_server, hub) == []


def test_an_operation_that_does_not_follow_on_the_last_is_refused(
    hub_server: HubServer, hub: str, anna: Sender
) -> None:
    anna.push(anna.operation())
    assert code_of(anna.push, anna.operation(prev=bytes([7]) * 32)) == "hub.console_copied"
    assert len(hub_log(hub_server, hub)) == 1


def test_another_operation_under_a_number_that_was_given_is_refused(anna: Sender) -> None:
    anna.push(anna.operation())
    anna.n, anna.last_hash = 0, bytes(32)
    assert code_of(anna.push, anna.operation(base=b'{"name":null}')) == "hub.console_copied"


def test_the_author_is_who_logged_in_whatever_the_operation_says(
    hub_server: HubServer, hub: str, anna: Sender, boris: Sender
) -> None:
    boris.push(boris.operation(author=anna.person))
    assert [row[4] for row in hub_log(hub_server, hub)] == [boris.person]
    assert [one.author for one in everything(anna)] == [boris.person]


def test_nobody_pushes_for_the_console_of_another(anna: Sender, boris: Sender) -> None:
    anna.push(anna.operation())
    boris.console, boris.n, boris.last_hash = anna.console, anna.n, anna.last_hash
    assert code_of(boris.push, boris.operation()) == "hub.no_right"


def test_a_login_that_joined_as_one_colleague_stays_that_colleague(
    hub_server: HubServer, hub: str, anna: Sender
) -> None:
    again = anna.session.join(bytes([9]) * 16, EntityId(bytes([8]) * 16))
    assert again.person == anna.person


def test_a_colleague_has_one_login(anna: Sender, hub_server: HubServer, hub: str) -> None:
    other = Session(hub_server.url(hub, "boris"))
    assert code_of(other.join, bytes([9]) * 16, anna.person) == "hub.person_taken"
    other.close()


POISON: dict[str, dict[str, Any]] = {
    "kind_unknown": {"kind": "ticket.eaten"},
    "schema_newer": {"schema_v": 99},
    "schema_older": {"schema_v": 0},
    "no_right": {"stream": "board"},
    "too_large": {"payload": canonical_json({"text": "x" * 5000})},
    "malformed": {"payload": b"[1]"},
}


@pytest.mark.parametrize("reason", sorted(POISON))
def test_a_poisoned_operation_is_kept_apart_and_the_next_ones_pass(
    hub_server: HubServer, hub: str, anna: Sender, reason: str
) -> None:
    with hub_server.admin(hub) as admin:
        admin.execute("UPDATE lampboard.hub_meta SET largest_payload = 4000")
    answer = anna.push(anna.operation(), anna.operation(**POISON[reason]), anna.operation())
    assert (answer.last_n, answer.refused) == (3, {2: reason})
    assert [row[2] for row in hub_log(hub_server, hub)] == [1, 3]
    assert hub_refused(hub_server, hub) == {2: reason}


@pytest.mark.parametrize("payload", [b"", b"{", b'"text"', b'{"a":1} x', b'{"a":"\\ud8"}', b"NaN", b"null"])
def test_a_payload_that_is_no_document_does_not_stop_the_queue(anna: Sender, payload: bytes) -> None:
    answer = anna.push(anna.operation(payload=payload), anna.operation())
    assert (answer.last_n, answer.refused) == (2, {1: "malformed"})


class Rehashed(Envelope):
    """An operation whose hash is that of something else."""

    @property
    def hash(self) -> bytes:
        return bytes([3]) * 32


def test_an_operation_changed_after_it_was_hashed_is_refused(anna: Sender) -> None:
    honest = anna.operation()
    changed = Rehashed(**{field.name: getattr(honest, field.name) for field in fields(honest)})
    anna.last_hash = changed.hash
    assert anna.push(changed, anna.operation()).refused == {1: "hash_wrong"}


def test_an_act_of_which_something_is_refused_is_refused_whole(hub_server: HubServer, hub: str, anna: Sender) -> None:
    act = bytes([77]) * 16
    ops = [anna.operation(txn=act), anna.operation(txn=act, kind="ticket.eaten"), anna.operation(txn=act)]
    answer = anna.push(*ops, anna.operation())
    assert answer.refused == {1: "with_another", 2: "kind_unknown", 3: "with_another"}
    assert [row[2] for row in hub_log(hub_server, hub)] == [4]


def test_a_refused_operation_is_kept_whole(hub_server: HubServer, hub: str, anna: Sender) -> None:
    poison = anna.operation(kind="ticket.eaten")
    anna.push(poison)
    with hub_server.admin(hub) as admin:
        payloads = admin.execute("SELECT convert_from(payload, 'UTF8') FROM lampboard.refused").fetchall()
    assert payloads == [(poison.payload.decode(),)]


def test_the_bytes_of_a_payload_come_out_as_they_went_in(anna: Sender) -> None:
    payload = canonical_json({"b": "Łąki \U0001f4a1 \\u0000 \u0001 สวัสดี", "a": [1.5, 1e300, True, None]})
    anna.push(anna.operation(payload=payload))
    assert [one.envelope.payload for one in everything(anna)] == [payload]


def test_another_epoch_is_answered_by_a_refusal(anna: Sender) -> None:
    anna.welcome = anna.welcome._replace(epoch=bytes(16))
    assert code_of(anna.push, anna.operation()) == "hub.other_epoch"
    assert code_of(anna.session.pull, anna.welcome.epoch, "shared", BEGINNING) == "hub.other_epoch"


def test_an_act_is_read_whole_however_little_is_asked_for(hub_server: HubServer, hub: str, anna: Sender) -> None:
    act = bytes([77]) * 16
    anna.push(anna.operation(), *(anna.operation(txn=act) for _one in range(5)), anna.operation())
    with hub_server.admin(hub) as admin:
        admin.execute("SET SESSION AUTHORIZATION anna")
        query = "SELECT n FROM lampboard.hub_pull(%s, 'shared', 1, (%s::bytea), 2)"
        chain = everything(anna)[0].chain
        read = admin.execute(query, (anna.welcome.epoch.hex(), chain)).fetchall()
    assert [n for (n,) in read] == [2, 3, 4, 5, 6]


def test_one_who_may_only_read_reads_and_does_not_write(hub_server: HubServer, hub: str, anna: Sender) -> None:
    anna.push(anna.operation())
    with Hub(hub_server.url(hub)) as running:
        running.grant("carol", "shared", "read")
    carol = Sender(hub_server, hub, "carol", 3)
    assert carol.push(carol.operation()).refused == {1: "no_right"}
    assert len(everything(carol)) == 1
    carol.session.close()


def test_one_whose_right_was_taken_reads_nothing_more(hub_server: HubServer, hub: str, anna: Sender) -> None:
    anna.push(anna.operation())
    with Hub(hub_server.url(hub)) as running, hub_server.admin(hub) as admin:
        admin.execute("INSERT INTO lampboard.stream (id, name) VALUES (2, 'north')")
        running.grant("anna", "north", "read")
        running.revoke("anna", "shared", "read")
    assert code_of(everything, anna) == "hub.no_right"


@pytest.mark.parametrize("off_by", [-30 * DAY_MS, 0, 30 * DAY_MS], ids=["a_month_slow", "right", "a_month_fast"])
def test_the_time_of_an_operation_is_the_hubs_whatever_the_consoles_clock_shows(anna: Sender, off_by: int) -> None:
    heads = anna.session.heads(anna.welcome.epoch, anna.console)
    shown = (heads.hub_time >> 16) + off_by
    an_hour_ago = (shown - 3_600_000) << 16
    anna.push(anna.operation(hlc=an_hour_ago), anna.operation(hlc=shown << 16), now_ms=shown)
    told = [((one.eff >> 16) - (heads.hub_time >> 16)) / 1000 for one in everything(anna)]
    assert told == [pytest.approx(-3600, abs=5), pytest.approx(0, abs=5)]


def test_an_operation_is_later_than_what_its_author_had_seen(anna: Sender, boris: Sender) -> None:
    anna.push(anna.operation(hlc=NOON << 16))
    seen = everything(boris)[0].eff
    # His clock lags behind: by it he answered before she asked.
    base = canonical_json({"@hub": seen})
    boris.push(boris.operation(hlc=(NOON - DAY_MS) << 16, base=base))
    hers, his = everything(anna)
    assert his.eff > hers.eff


def test_a_consoles_operations_keep_their_order_in_a_storm_of_one_millisecond(anna: Sender) -> None:
    anna.push(*(anna.operation() for _one in range(50)))
    effs = [one.eff for one in everything(anna)]
    assert effs == sorted(set(effs))


def test_a_log_that_was_tampered_with_is_not_taken_in(hub_server: HubServer, hub: str, anna: Sender) -> None:
    anna.push(anna.operation(), anna.operation())
    with hub_server.admin(hub) as admin:
        admin.execute("UPDATE lampboard.op SET author = gen_random_uuid() WHERE seq = 1")
    assert code_of(everything, anna) == "hub.log_broken"


def test_a_cursor_in_another_past_is_refused(anna: Sender) -> None:
    anna.push(anna.operation(), anna.operation())
    for cursor in (Cursor(1, bytes([5]) * 32), Cursor(7, bytes([5]) * 32)):
        assert code_of(anna.session.pull, anna.welcome.epoch, "shared", cursor) == "hub.log_differs"


def test_a_cursor_before_the_floor_is_told_so(hub_server: HubServer, hub: str, anna: Sender) -> None:
    anna.push(anna.operation(), anna.operation())
    with hub_server.admin(hub) as admin:
        admin.execute("DELETE FROM lampboard.op WHERE seq = 1")
        admin.execute("UPDATE lampboard.stream SET floor_seq = 1")
    assert code_of(everything, anna) == "hub.log_cut"


def test_no_number_is_leased_twice_and_none_below_what_a_console_gave(anna: Sender, boris: Sender) -> None:
    given = count()
    first = anna.session.lease(anna.welcome.epoch, anna.console, 50, 200)
    with ThreadPoolExecutor(2) as pool:
        blocks = list(
            pool.map(
                lambda sender: [
                    sender.session.lease(sender.welcome.epoch, sender.console, 50, next(given)) for _one in range(5)
                ],
                (anna, boris),
            )
        )
    firsts = sorted([first, *blocks[0], *blocks[1]])
    assert firsts == [201 + 50 * place for place in range(11)]


def test_a_push_in_a_snapshot_of_before_is_refused(hub_server: HubServer, hub: str, anna: Sender) -> None:
    anna.session._connection.execute("SET default_transaction_isolation = 'repeatable read'")
    assert code_of(anna.push, anna.operation()) == "hub.refused_call"


def test_a_console_learns_which_of_its_operations_the_hub_has_also_of_those_that_were_refused(anna: Sender) -> None:
    fine, *poison = anna.operation(), anna.operation(kind="ticket.eaten"), anna.operation(kind="ticket.drunk")
    anna.push(fine, *poison)
    told = anna.session.hashes_of(anna.welcome.epoch, anna.console, [1, 2, 3, 4])
    assert told == {one.n: one.hash for one in (fine, *poison)}
