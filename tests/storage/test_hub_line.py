"""A line that is cut, slow or not the hub's own loses nothing, doubles nothing and ends in a sentence."""

from __future__ import annotations

import os
import random
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from core.commands import PostEntry
from storage.hub.connecting import HubError
from storage.sync.once import Report, Round
from storage.sync.session import Session
from tests.storage.hub_story import Console, Two, code_of, opened, times_in_log
from tests.support.certificates import Authority, NoCertificates
from tests.support.fault_proxy import Fate, FaultProxy, fault_proxy, of_function
from tests.support.hub_server import HubServer

NOTES = 6


@pytest.fixture
def line(hub_server: HubServer) -> Iterator[FaultProxy]:
    with fault_proxy(hub_server.address) as proxy:
        yield proxy


def sync_over(console: Console, line: FaultProxy, tries: int = 6) -> Report:
    url = line.url(console.hub, console.login)
    return Round(console.desk, console.clock, lambda hub: Session(url), tries=tries).run()


def once(*fates: Fate) -> Iterator[Fate]:
    yield from fates
    while True:
        yield Fate.PASS


def test_a_line_without_faults_is_no_other_than_none(two: Two, line: FaultProxy) -> None:
    anna, boris = two
    opened(anna)
    report = sync_over(anna, line)
    sync_over(boris, line)
    assert (report.retries, report.unsent) == (0, 0)
    assert boris.rows() == anna.rows()
    assert line.counted.connections == 2


def test_answers_that_are_lost_leave_every_effect_exactly_once(two: Two, line: FaultProxy) -> None:
    anna, boris = two
    ticket = opened(anna)
    chance = random.Random(3)
    line.fate = of_function("hub_push", lambda: Fate.LOSE_ANSWER if chance.random() < 0.5 else Fate.PASS)
    for number in range(NOTES):
        anna.act(PostEntry(ticket, "note", f"Note {number}"))
        sync_over(anna, line)
    boris.sync()
    assert line.counted.fates[Fate.LOSE_ANSWER] > 0
    counted = "SELECT count(*), count(DISTINCT text) FROM entry WHERE kind = 'note'"
    with boris.look() as seen:
        assert seen.execute(counted).fetchone() == (NOTES, NOTES)
    assert set(times_in_log(anna).values()) == {1}


@pytest.mark.parametrize("fate", [Fate.LOSE_REQUEST, Fate.CUT_REQUEST, Fate.LOSE_ANSWER, Fate.CUT_ANSWER, Fate.TWICE])
@pytest.mark.parametrize("function", ["hub_heads", "hub_push", "hub_pull", "hub_lease"])
def test_a_line_cut_in_the_middle_of_a_call_is_taken_up_again(
    two: Two, line: FaultProxy, function: str, fate: Fate
) -> None:
    anna, boris = two
    with boris.look() as seen:
        (left,) = seen.execute("SELECT sum(last - next + 1) FROM number_block").fetchone()
    for _number in range(left - 19):
        opened(boris)
    opened(anna)
    anna.sync()
    fates = once(fate, fate)
    line.fate = of_function(function, lambda: next(fates))
    report = sync_over(boris, line)
    assert report.retries == (0 if fate is Fate.TWICE else 2)
    assert line.counted.fates[fate] >= 1
    anna.sync()
    boris.sync()
    assert anna.rows() == boris.rows()


def test_a_slow_line_takes_its_time_and_nothing_else(two: Two, line: FaultProxy) -> None:
    anna, boris = two
    for _number in range(3):
        opened(anna)
    line.line.bytes_a_second = 60_000
    line.line.delay_seconds = 0.002
    began = time.monotonic()
    report = sync_over(anna, line)
    assert time.monotonic() - began > 0.1
    assert (report.retries, report.unsent) == (0, 0)
    boris.sync()
    assert boris.rows() == anna.rows()


def test_a_hub_that_stands_and_says_nothing_any_more_is_given_up(two: Two, line: FaultProxy) -> None:
    with closing(Session(line.url(two[0].hub, "anna"), quiet_seconds=0.5)) as session:
        with two[0].look() as seen:
            console, epoch = seen.execute("SELECT s.console, h.epoch FROM store s, hub h").fetchone()
        session.heads(epoch, console)
        line.line.is_half_open = True
        # A call that waits for ever would hang the tests.
        threading.Timer(10, line.cut).start()
        began = time.monotonic()
        with pytest.raises(HubError, match=r"no answer for") as refused:
            session.heads(epoch, console)
    assert refused.value.code == "hub.line_lost"
    assert time.monotonic() - began < 5


def test_a_hub_whose_answer_takes_long_but_moves_is_waited_for(two: Two, line: FaultProxy) -> None:
    anna, boris = two
    ticket = opened(anna)
    anna.act(PostEntry(ticket, "note", "A long story. " * 2000))
    anna.sync()
    line.line.bytes_a_second = 30_000
    began = time.monotonic()
    url = line.url(boris.hub, "boris")
    Round(boris.desk, boris.clock, lambda hub: Session(url, quiet_seconds=0.4), tries=1).run()
    assert time.monotonic() - began > 1.0
    assert boris.rows() == anna.rows()


def test_connections_that_are_reset_at_any_moment_are_made_again(two: Two, line: FaultProxy) -> None:
    anna, boris = two
    for number in range(8):
        ticket = opened(anna)
        anna.act(PostEntry(ticket, "note", f"Note {number}"))
        line.line.reset_share = 0.5
        sync_over(anna, line, tries=12)
    assert line.counted.resets > 0
    boris.sync()
    assert boris.rows() == anna.rows()


def test_a_hub_that_is_down_is_told_and_taken_up_when_it_is_back(two: Two, line: FaultProxy) -> None:
    anna, _boris = two
    opened(anna)
    line.line.is_down = True
    with pytest.raises(HubError) as refused:
        sync_over(anna, line, tries=2)
    assert refused.value.code == "hub.no_server"
    line.line.is_down = False
    assert sync_over(anna, line).unsent == 0


def test_every_standing_connection_can_be_cut_at_once(two: Two, line: FaultProxy) -> None:
    anna, _boris = two
    opened(anna)
    line.line.delay_seconds = 0.05
    threading.Timer(0.2, line.cut).start()
    report = sync_over(anna, line)
    assert (report.retries, report.unsent) == (1, 0)


def test_a_network_that_swallows_everything_is_found_out_soon_but_a_slow_one_is_left_alone(
    two: Two, line: FaultProxy
) -> None:
    session = Session(line.url(two[0].hub, "anna"))
    with socket.socket(fileno=os.dup(session._connection.fileno())) as own:
        tcp = socket.IPPROTO_TCP
        if not hasattr(socket, "TCP_USER_TIMEOUT"):
            pytest.skip("this system has no such limits")
        idle, pause, count = (
            own.getsockopt(tcp, one) for one in (socket.TCP_KEEPIDLE, socket.TCP_KEEPINTVL, socket.TCP_KEEPCNT)
        )
        assert idle + pause * count <= 30
        # Sixty-four kilobytes on the way at 2 kB a second are acknowledged after half a minute.
        assert 60_000 <= own.getsockopt(tcp, socket.TCP_USER_TIMEOUT) <= 120_000
    session.close()


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    try:
        return Authority(tmp_path_factory.mktemp("authority"))
    except NoCertificates as error:
        pytest.skip(str(error))


def greet(proxy: FaultProxy, hub: str, **options: str) -> None:
    Session(proxy.url(hub, "anna", **options)).close()


def test_a_hub_that_proves_who_it_is_is_spoken_with(two: Two, hub_server: HubServer, authority: Authority) -> None:
    anna, _boris = two
    opened(anna)
    with fault_proxy(hub_server.address, certificate=authority.server("127.0.0.1")) as proxy:
        url = proxy.url(anna.hub, "anna", sslrootcert=str(authority.root))
        report = Round(anna.desk, anna.clock, lambda hub: Session(url)).run()
    assert report.unsent == 0


@pytest.mark.parametrize("what", ["a certificate of another host", "an authority nobody knows", "no certificate"])
def test_a_hub_that_does_not_prove_who_it_is_is_not_spoken_with(
    hub_server: HubServer, authority: Authority, tmp_path: Path, what: str
) -> None:
    hub = hub_server.hub("anna", "boris")
    host = "db.example.org" if what == "a certificate of another host" else "127.0.0.1"
    root = Authority(tmp_path).root if what == "an authority nobody knows" else authority.root
    certificate = None if what == "no certificate" else authority.server(host)
    with fault_proxy(hub_server.address, certificate=certificate) as proxy:
        assert code_of(greet, proxy, hub, sslmode="verify-full", sslrootcert=str(root)) == "hub.not_certain"
        assert proxy.counted.requests == 0


def test_without_a_word_in_the_address_the_hub_has_to_prove_who_it_is(
    hub_server: HubServer, authority: Authority
) -> None:
    hub = hub_server.hub("anna", "boris")
    with fault_proxy(hub_server.address, certificate=authority.server("127.0.0.1")) as proxy:
        # No authority of the system's has signed it.
        assert code_of(greet, proxy, hub) == "hub.not_certain"
        greet(proxy, hub, sslrootcert=str(authority.root))
