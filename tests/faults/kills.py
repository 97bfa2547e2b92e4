"""Consoles that are killed in the middle of a command, a push or a pull."""

from __future__ import annotations

import random
import time

from core.commands import OpenTicket
from storage.hub.connecting import HubError
from tests.faults.desks import Desks, desks, make_noise, noise
from tests.faults.dying_console import MOMENTS, Dying
from tests.faults.result import Row
from tests.support.hub_server import HubServer

LATEST_SECONDS = 0.05
RECOVERY_SECONDS = 2.0
KILLS_A_TICKET = 20
NOISE = 60


def killed(server: HubServer, kills: int) -> list[Row]:
    """So many kills of each kind, at random moments up to 50 ms after it began."""
    with desks(server) as made:
        return [_killed_in(made, moment, kills) for moment in MOMENTS]


def _killed_in(made: Desks, moment: str, kills: int) -> Row:
    chance, saved, longest, broken, retold = random.Random(moment), list[str](), 0.0, 0, 0
    anna, url = made.anna, made.url(made.anna)
    with noise(made, 20 + MOMENTS.index(moment)) as sender:
        for turn in range(kills):
            if turn % KILLS_A_TICKET == 0:
                ticket = anna.act(OpenTicket(f"Matter {moment} {turn}", None, 3))
            make_noise(sender, NOISE if moment == "pull" else 1)
            anna.desk.close()
            dying = Dying(anna, ticket, url, f"{moment}-{turn}")
            # The first acts of a process wait for what it has to import.
            for _turn in range(chance.randint(2, 4) if moment == "command" else 1):
                dying.wait_for(moment)
            time.sleep(chance.random() * LATEST_SECONDS)
            saved += dying.kill()
            anna.reopen()
            broken += not anna.is_whole()
            began = time.perf_counter()
            retold += _recover(made)
            longest = max(longest, time.perf_counter() - began)
    is_alike = made.are_alike()
    elsewhere = made.boris.notes()
    lost = sum(text not in elsewhere for text in saved)
    doubled = made.doubled(anna, made.boris)
    is_fine = not (lost or doubled or broken) and is_alike and made.is_dense() and longest < RECOVERY_SECONDS
    found = f"{lost} lost, {doubled} doubled, {broken} broken files, recovered in {longest:.2f} s at most"
    return Row(f"kill -9 mid-{moment}", f"{kills} kills, {len(saved)} acts saved", found, is_fine)


def _recover(made: Desks) -> int:
    """The next process's first round; how often it had to be asked for."""
    for tried in range(5):
        try:
            made.sync(made.anna)
        except HubError as error:
            # Its connection may still stand on the hub: no more than three of a login do.
            if error.code not in ("hub.too_many", "hub.met_another"):
                raise
            time.sleep(0.05)
        else:
            return tried
    raise TimeoutError("no round came through")
