"""Sync runs beside the keys: what is done on one console stands on the other, and nobody has to ask for it."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from typing import cast

from core.commands import OpenTicket
from core.errors import DomainError
from core.operations.envelope import Envelope
from core.sync_shown import SyncShown, SyncStands
from storage.desk import OpenDesk
from storage.hub.running import Hub
from storage.reads import answer
from storage.sync.beside import Beside, Times
from storage.sync.joined import Joined, joined
from storage.sync.leading import Leading, lock_path
from storage.sync.once import Pace, Report
from storage.sync.session import Heads, PushAnswer, Session
from tests.storage.hub_story import Console, nobody_there, open_session, opened, subjects
from tests.support.worlds import ROOT

QUICK = Times(
    in_use=0.05,
    idle=0.05,
    offline_first=0.02,
    offline_longest=0.1,
    stopped=30.0,
    gathering=0.02,
    tick=0.01,
    following=0.05,
)
WAIT_SECONDS = 20.0

HOLDS_THE_LOCK = """
import sys, time
from pathlib import Path
from storage.sync.leading import Leading
assert Leading(Path(sys.argv[1])).take()
print("held", flush=True)
time.sleep(60)
"""


@contextmanager
def syncing(
    console: Console,
    opens: Callable[[Joined], Session] = open_session,
    *,
    times: Times = QUICK,
    pace: Pace | None = None,
    heard: list[Report | DomainError] | None = None,
) -> Iterator[Beside]:
    """The console with its sync running."""
    told: list[Report | DomainError] = [] if heard is None else heard
    options = {} if pace is None else {"pace": pace}
    beside = Beside(console.desk, console.clock, opens, told.append, times=times, **options)
    beside.start()
    try:
        yield beside
    finally:
        beside.stop(WAIT_SECONDS)


def soon(is_so: Callable[[], object]) -> None:
    until = time.monotonic() + WAIT_SECONDS
    while not is_so():
        assert time.monotonic() < until, "it never came"
        time.sleep(0.01)


def stands(console: Console) -> SyncShown:
    with console.look() as seen:
        found: SyncShown | None = answer(seen, SyncStands())
    assert found is not None
    return found


def test_what_is_done_on_one_console_stands_on_the_other_without_anybody_asking(anna: Console, boris: Console) -> None:
    with syncing(anna), syncing(boris):
        opened(anna, "From Anna")
        opened(boris, "From Boris")
        soon(lambda: "From Anna" in subjects(boris) and "From Boris" in subjects(anna))
        soon(lambda: stands(anna).unsent == stands(boris).unsent == 0)


def test_an_act_is_sent_at_once_and_not_with_the_next_look(anna: Console) -> None:
    with syncing(anna, times=QUICK._replace(in_use=60.0)):
        soon(lambda: stands(anna).synced_at)
        opened(anna)
        soon(lambda: stands(anna).unsent == 0)


def test_an_act_of_another_console_of_the_desk_is_sent_by_the_one_that_syncs(anna: Console) -> None:
    other = OpenDesk(anna.path, anna.clock, anna.new_id)
    try:
        with syncing(anna, times=QUICK._replace(in_use=60.0)):
            soon(lambda: stands(anna).synced_at)
            other.submit(OpenTicket("From the other", None, 3), anna.person).result(WAIT_SECONDS)
            soon(lambda: stands(anna).unsent == 0)
    finally:
        other.close()


class CountingSession(Session):
    """A session that counts how often the hub was looked at."""

    looks = 0

    def heads(self, epoch: bytes, console: bytes) -> Heads:
        type(self).looks += 1
        return super().heads(epoch, console)


def test_a_look_at_a_hub_where_nothing_moved_writes_nothing(anna: Console) -> None:
    class Counting(CountingSession):
        looks = 0

    with syncing(anna, lambda hub: Counting(hub.url)), anna.look() as seen:
        soon(lambda: Counting.looks > 2)
        before, looks = seen.execute("PRAGMA data_version").fetchone(), Counting.looks
        soon(lambda: Counting.looks > looks + 5)
        assert seen.execute("PRAGMA data_version").fetchone() == before


def test_of_two_consoles_on_one_desk_one_syncs_and_the_other_takes_over(anna: Console) -> None:
    with syncing(anna) as first:
        soon(lambda: first.is_leading)
        with syncing(anna) as second:
            time.sleep(4 * QUICK.following)
            assert first.is_leading and not second.is_leading
            first.stop()
            soon(lambda: second.is_leading)


def test_the_lock_of_a_killed_console_is_free(anna: Console) -> None:
    argv = [sys.executable, "-c", HOLDS_THE_LOCK, str(anna.path)]
    other = subprocess.Popen(argv, cwd=ROOT, stdout=subprocess.PIPE)
    assert other.stdout is not None and other.stdout.readline() == b"held\n"
    mine = Leading(anna.path)
    assert not mine.take()
    other.kill()
    other.communicate()
    soon(mine.take)
    assert lock_path(anna.path).stat().st_mode & 0o777 == 0o600
    mine.leave()


def test_a_console_that_does_not_lead_syncs_when_it_is_asked(anna: Console) -> None:
    leading = Leading(anna.path)
    assert leading.take()
    with syncing(anna) as follower:
        opened(anna)
        follower.ask()
        soon(lambda: stands(anna).unsent == 0)
    leading.leave()


def test_a_line_that_is_down_is_told_since_when_and_noted_once(anna: Console) -> None:
    is_down = [True]
    with syncing(anna, lambda hub: nobody_there(hub) if is_down else open_session(hub)):
        opened(anna)
        soon(lambda: anna.value("SELECT coalesce(max(times), 0) FROM sync_log") > 2)
        trouble = stands(anna).trouble
        assert trouble is not None and (trouble.code, trouble.is_offline) == ("hub.no_server", True)
        assert stands(anna).unsent > 0
        assert anna.value("SELECT count(*) FROM sync_log WHERE error <> ''") == 1
        is_down.clear()
        soon(lambda: stands(anna).trouble is None)
        soon(lambda: stands(anna).unsent == 0)


def test_a_right_that_was_taken_stops_the_sync_until_it_is_given_back_and_asked_for(anna: Console) -> None:
    with Hub(anna.server.url(anna.hub)) as hub:
        hub.revoke("anna", "shared", "read")
        heard: list[Report | DomainError] = []
        with syncing(anna, heard=heard) as beside:
            soon(lambda: heard)
            trouble = stands(anna).trouble
            assert trouble is not None and (trouble.code, trouble.is_offline) == ("hub.no_right", False)
            time.sleep(0.3)
            assert len(heard) == 1, "it is not tried again by itself so soon"
            hub.grant("anna", "shared", "write")
            beside.ask()
            soon(lambda: stands(anna).trouble is None)


def test_a_hub_that_answers_nonsense_is_told_and_does_not_end_the_sync(anna: Console) -> None:
    class Lying(Session):
        def heads(self, epoch: bytes, console: bytes) -> Heads:
            streams = cast("dict[str, int]", {"shared": "many"})
            return super().heads(epoch, console)._replace(streams=streams)

    lies = [True]
    with syncing(anna, lambda hub: Lying(hub.url) if lies else open_session(hub)) as beside:
        soon(lambda: (told := stands(anna).trouble) is not None and told.code == "hub.fault")
        lies.clear()
        beside.ask()
        soon(lambda: stands(anna).trouble is None)


def test_closing_waits_for_no_answer_of_the_hub(anna: Console) -> None:
    # Who looks at what others wait for sees one moment of it for a whole transaction: hence two connections.
    with anna.server.admin(anna.hub) as onlooker, anna.server.admin(anna.hub) as admin, admin.transaction():
        admin.execute("SELECT 1 FROM lampboard.stream FOR UPDATE")
        with syncing(anna) as beside:
            opened(anna)
            waiting = "SELECT count(*) FROM pg_stat_activity WHERE usename = 'anna' AND wait_event_type = 'Lock'"
            soon(lambda: onlooker.execute(waiting).fetchone() == (1,))
            began_at = time.monotonic()
            beside.stop()
            assert time.monotonic() - began_at < 0.5
    assert anna.value("SELECT count(*) FROM sync_log WHERE error <> ''") == 0
    assert anna.sync().unsent == 0


def test_what_comes_in_is_taken_in_by_whole_acts_in_small_pieces(anna: Console, boris: Console) -> None:
    for number in range(6):
        opened(anna, f"Ticket {number}")
    anna.sync()
    steps: list[int] = []
    with closing(sqlite3.connect(boris.path)) as file, syncing(boris, pace=Pace(1, 1, 1, 0.02)):
        while "Ticket 5" not in subjects(boris):
            (seq,) = file.execute("SELECT max(seq) FROM hub_cursor").fetchone()
            (tickets,) = file.execute("SELECT count(*) FROM ticket").fetchone()
            steps += [tickets] if tickets not in steps else []
            assert seq is not None
            time.sleep(0.002)
    assert len(steps) > 3, steps


def test_nothing_is_sent_before_the_person_lets_it_and_what_others_did_is_read(anna: Console, boris: Console) -> None:
    opened(boris, "From Boris")
    boris.sync()
    with closing(sqlite3.connect(anna.path, isolation_level=None)) as file:
        file.execute("UPDATE hub SET is_paused = 1")
    with syncing(anna):
        opened(anna)
        soon(lambda: "From Boris" in subjects(anna))
        time.sleep(0.2)
        assert stands(anna).unsent > 0 and stands(anna).is_paused
    assert anna.sync().unsent == 0
    assert not stands(anna).is_paused


def test_a_hub_that_is_left_meanwhile_is_left_alone(anna: Console) -> None:
    with syncing(anna) as beside:
        soon(lambda: beside.is_leading)
        with closing(sqlite3.connect(anna.path, isolation_level=None)) as file:
            file.execute("DELETE FROM hub")
        soon(lambda: not beside.is_leading)
    with anna.look() as seen:
        assert joined(seen) is None and answer(seen, SyncStands()) is None


def test_refusals_of_an_answer_that_was_lost_are_learned_by_the_next_round(anna: Console) -> None:
    opened(anna)

    class LosesAnswers(Session):
        def push(self, epoch: bytes, here: bytes, now_ms: int, envelopes: Sequence[Envelope]) -> PushAnswer:
            with Hub(anna.server.url(anna.hub)) as hub:
                hub.revoke("anna", "shared", "write")
            super().push(epoch, here, now_ms, envelopes)
            raise DomainError("hub.line_lost", reason="cut")

    with syncing(anna, lambda hub: LosesAnswers(hub.url)):
        soon(lambda: stands(anna).trouble)
    assert set(anna.sync().refused.values()) <= {"no_right", "with_another"} and stands(anna).refused > 0
