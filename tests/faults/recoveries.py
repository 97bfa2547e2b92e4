"""Files made anew that are killed on the way, hubs put back to an old backup, and files that exist twice."""

from __future__ import annotations

import multiprocessing
import os
import random
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from multiprocessing.connection import Connection
from pathlib import Path

from core.ids import IdMaker
from storage.hub.connecting import HubError
from storage.hub.running import Hub
from storage.sync.keeper_session import KeeperSession
from storage.sync.keeping import Keeper
from storage.sync.new_file import make_anew
from storage.sync.session import Session
from tests.faults.desks import Desks, Seat, SkewedClock, desks, make_noise, noise
from tests.faults.result import Row
from tests.storage.desk_story import copy_desk
from tests.support.hub_server import HubServer

RECORDS = 400
PIECE = 50
LATEST_SECONDS = 0.25
"""About as long as a file takes that is made anew of so many records."""
TURNS_A_HUB = 8
"""A hub believes ten times an hour that it was restored."""


def killed_bootstraps(server: HubServer, kills: int) -> list[Row]:
    """A file is made anew from documents and killed on the way; then it is done to the end."""
    chance, broken, missing, ends = random.Random(11), 0, 0, 0
    with desks(server) as made:
        _write_down(made)
        for turn in range(kills):
            made.anna.note(made.ticket, f"unsent {turn}")
            before = made.anna.notes()
            made.anna.desk.close()
            ends += _killed_on_the_way(made, chance.random() * LATEST_SECONDS)
            made.anna.reopen()
            broken += not made.anna.is_whole()
            missing += (before - made.anna.notes()).total()
        made.anna.desk.close()
        make_anew(made.anna.path, made.anna.clock, _ids(), lambda url: Session(made.url(made.anna)))
        made.anna.reopen()
        is_alike = made.are_alike()
        left = sorted(path.name for path in made.folder.glob("*.unfinished*"))
        doubled = made.doubled(made.boris)
        lost = sum(f"unsent {turn}" not in made.boris.notes() for turn in range(kills))
    found = f"{lost + missing} lost, {doubled} doubled, {broken} broken files, {ends} were done before"
    is_fine = is_alike and not (lost or missing or doubled or broken or left) and ends < max(kills, 2)
    return [Row("kill -9 mid-bootstrap", f"{kills} kills, {RECORDS} records", found, is_fine)]


def _write_down(made: Desks) -> None:
    """Much that everybody knows, and a keeper's documents of it."""
    with noise(made, 41) as sender:
        for _piece in range(RECORDS // PIECE):
            make_noise(sender, PIECE)
    with Hub(made.server.url(made.hub)) as hub:
        hub.grant("boris", "shared", "keep")
    url = made.url(made.boris)
    keeper = Keeper(made.boris.desk, made.boris.clock, lambda hub: KeeperSession(url))
    try:
        assert keeper.look().documents > RECORDS
    finally:
        keeper.close()


def _ids() -> IdMaker:
    return IdMaker(SkewedClock().now_ms, os.urandom)


def make_it_anew(path: str, url: str, told: Connection) -> None:
    """In a process of its own: it tells when it begins and, should it come to that, that it is done."""
    told.send("begins")
    make_anew(Path(path), SkewedClock(), _ids(), lambda _url: Session(url))
    told.send("done")


def _killed_on_the_way(made: Desks, seconds: float) -> bool:
    """Whether it was done before."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.faults.dying_console", "tests.faults.recoveries", "psycopg"])
    heard, told = context.Pipe(duplex=False)
    values = (str(made.anna.path), made.url(made.anna), told)
    process = context.Process(target=make_it_anew, args=values, daemon=True)
    process.start()
    told.close()
    with closing(heard):
        assert heard.recv() == "begins"
        time.sleep(seconds)
        process.kill()
        process.join(10)
        try:
            return bool(heard.recv() == "done")
        except EOFError:
            return False


def restored_hubs(server: HubServer, times: int) -> list[Row]:
    """The hub is put back to before what both had sent and read; every second time one finds that before it is said."""
    lost, doubled, apart, missed = 0, 0, 0, 0
    for begin in range(0, times, TURNS_A_HUB):
        turns = range(begin, min(begin + TURNS_A_HUB, times))
        with desks(server) as made:
            for turn in turns:
                backup = server.backup(made.hub)
                made.anna.note(made.ticket, f"first {turn}")
                made.boris.note(made.ticket, f"second {turn}")
                made.sync(made.anna, made.boris, made.anna)
                made.anna.note(made.ticket, f"unsent {turn}")
                server.restore(made.hub, backup)
                server.drop(backup)
                missed += turn % 2 == 0 and not _is_found(made)
                with Hub(server.url(made.hub)) as hub:
                    hub.restored()
                apart += not made.are_alike()
            wanted = {f"{name} {turn}" for name in ("first", "second", "unsent") for turn in turns}
            lost += sum(len(wanted - set(seat.notes())) for seat in (made.anna, made.boris))
            doubled += made.doubled(made.anna, made.boris)
            apart += not made.is_dense()
    found = f"{lost} lost, {doubled} doubled, {apart} times not alike, {missed} times not found by a console"
    return [
        Row("hub restored from an old backup", f"{times} restores", found, not (lost or doubled or apart or missed))
    ]


def _is_found(made: Desks) -> bool:
    """Whether a console that finds the hub put back sends nothing and says so."""
    try:
        made.sync(made.anna)
    except HubError as error:
        return error.code == "hub.restored_untold"
    return False


def copied_desks(server: HubServer, times: int) -> list[Row]:
    """Two copies of one file are used in turn, and a file is put back to an old state."""
    chance, apart, wanted = random.Random(12), 0, set[str]()
    with desks(server) as made:
        for turn in range(times):
            with _copy(made.anna, made.folder / f"copy-{turn}.db") as copy:
                both = [made.anna, copy]
                for place, seat in enumerate((*both, *both)):
                    seat.note(made.ticket, f"copy {turn} {place}")
                    wanted.add(f"copy {turn} {place}")
                    if chance.random() < 0.5:
                        made.sync(seat)
                chance.shuffle(both)
                made.sync(*both)
                apart += not made.are_alike() or copy.sync(made.url(copy)).state != made.sync(made.anna).state
            with _copy(made.anna, made.folder / f"old-{turn}.db") as old:
                made.anna.note(made.ticket, f"later {turn}")
                made.sync(made.anna)
                # The newer file is gone: this one is opened from now on.
                made.anna.desk.close()
                old.note(made.ticket, f"old {turn}")
                wanted |= {f"later {turn}", f"old {turn}"}
                made.sync(old)
                old.desk.close()
                made.anna.path = old.path
                made.anna.reopen()
            apart += not made.are_alike()
        lost = sum(len(wanted - set(seat.notes())) for seat in (made.anna, made.boris))
        doubled = made.doubled(made.anna, made.boris)
    found = f"{lost} lost, {doubled} doubled of {len(wanted)}, {apart} times not alike"
    return [Row("laptop clone / old copy", f"{times} of each", found, not (lost or doubled or apart))]


@contextmanager
def _copy(seat: Seat, path: Path) -> Iterator[Seat]:
    """The file as it stands, at another place, and somebody at it."""
    copy_desk(seat.path, path)
    made = Seat(path, seat.login, seat.person)
    try:
        yield made
    finally:
        made.desk.close()
