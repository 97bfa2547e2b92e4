"""Hubs that are stopped, run out of room, or are asked for what they must not do; consoles whose clocks are wrong."""

from __future__ import annotations

import random
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from core.commands import AddRecord, ArchiveRecord, ChangeRecord, SetPriority
from core.errors import DomainError
from core.operations.envelope import canonical_json
from storage.hub.connecting import HubError
from tests.faults.desks import Desks, Seat, desks
from tests.faults.result import Row
from tests.storage.hub_story import BEGINNING, Sender, hub_refused
from tests.support.hub_server import SETTINGS, HubServer, LocalServer, NoServer, wheel_programs
from tests.support.small_disks import NoDisk, filled, small_volume

CLEAN_SECONDS = 10.0
A_DAY_MS = 86_400_000


def restarted(local: LocalServer, restarts: int) -> list[Row]:
    """Stopped fast and at once, in turns, while two consoles write and sync."""
    with desks(local.server) as made:
        ended = threading.Event()
        written: dict[str, list[str]] = {"anna": [], "boris": []}
        works = [threading.Thread(target=_write_on, args=(made, seat, written, ended)) for seat in _both(made)]
        for work in works:
            work.start()
        longest = 0.0
        for number in range(restarts):
            time.sleep(1.0)
            local.stop(("fast", "immediate")[number % 2])
            time.sleep(0.2)
            local.start()
            began = time.perf_counter()
            before = {name: len(texts) for name, texts in written.items()}
            while any(len(written[name]) <= before[name] for name in written):
                time.sleep(0.02)
                if time.perf_counter() - began > CLEAN_SECONDS * 3:
                    break
            longest = max(longest, time.perf_counter() - began)
        ended.set()
        for work in works:
            work.join(60)
        is_alike = made.are_alike()
        notes = made.boris.notes()
        lost = sum(text not in notes for texts in written.values() for text in texts)
        doubled = made.doubled(made.boris)
    is_fine = is_alike and not lost and not doubled and longest < CLEAN_SECONDS
    found = f"{lost} lost, {doubled} doubled of {len(notes)}, both at work again {longest:.1f} s after at most"
    return [Row("hub restart (fast, immediate)", f"{restarts} restarts", found, is_fine)]


def _both(made: Desks) -> tuple[Seat, Seat]:
    return made.anna, made.boris


def _write_on(made: Desks, seat: Seat, written: dict[str, list[str]], ended: threading.Event) -> None:
    number = 0
    while not ended.is_set():
        text = f"{seat.login} {number}"
        seat.note(made.ticket, text)
        number += 1
        while not ended.is_set():
            with suppress(HubError):
                seat.sync(made.url(seat), tries=2)
                break
        written[seat.login].append(text)


def hub_without_room(notes: int) -> list[Row]:
    """The hub's data lie on a small volume that is filled; pushes wait, nothing is lost, and it goes on by itself."""
    fault = "disk full, hub"
    try:
        with small_volume(160) as folder:
            local = LocalServer(folder, wheel_programs(), (*SETTINGS, "min_wal_size = 32MB", "max_wal_size = 64MB"))
            local.start()
            try:
                with desks(local.server) as made:
                    return [_filled(made, folder, notes, fault)]
            finally:
                with suppress(NoServer):
                    local.stop("immediate")
    except NoDisk as error:
        return [Row(fault, "-", str(error), None)]


def _filled(made: Desks, folder: Path, notes: int, fault: str) -> Row:
    refused = 0
    with filled(folder, 1 << 16):
        for number in range(notes):
            # A long text: what is pushed needs a page of its own.
            made.anna.note(made.ticket, f"{number} " + "x" * 60_000)
            try:
                made.anna.sync(made.url(made.anna), tries=1)
            except HubError:
                refused += 1
    for _tried in range(50):
        with suppress(HubError):
            made.sync(made.anna)
            break
        time.sleep(0.2)
    is_alike = made.are_alike()
    there = sum(text.endswith("xx") for text in made.boris.notes())
    found = f"{refused} rounds put off, {there}/{notes} notes there after there was room"
    return Row(fault, f"{notes} notes", found, is_alike and refused > 0 and there == notes)


def wrong_clocks(server: HubServer, edits: int) -> list[Row]:
    """A month fast, a month slow, jumping back, and many acts in one millisecond."""
    with desks(server) as made:
        chance, broken, refused = random.Random(9), 0, 0
        company = made.anna.act(AddRecord("company", {"name": "Łąki", "kind": "customer"}))
        made.sync(made.anna, made.boris)
        for number in range(edits):
            skews = {made.anna: chance.choice((-30, 30, 0)), made.boris: chance.choice((-30, 30, 0))}
            for seat, days in skews.items():
                seat.clock.skew_ms = days * A_DAY_MS + chance.randint(-5000, 5000)
            first, second = chance.sample((made.anna, made.boris), 2)
            first.act(ChangeRecord("company", company, {"name": f"by the first {number}"}))
            refused += len(made.sync(first).refused)
            made.sync(second)
            # Who saw it changes it: whatever the clocks say, that is later.
            second.act(ChangeRecord("company", company, {"name": f"by the second {number}"}))
            refused += len(made.sync(second).refused)
            made.sync(first)
            names = {seat.value("SELECT name FROM company WHERE id = ?", company) for seat in skews}
            broken += names != {f"by the second {number}"}
        with server.admin(made.hub) as admin:
            unordered = admin.execute(
                "SELECT count(*) FROM lampboard.op a JOIN lampboard.op b ON b.stream = a.stream"
                " AND a.seq <= b.seen AND a.eff >= b.eff"
            ).fetchone()
        is_alike = made.are_alike()
    assert unordered is not None
    found = f"{broken} later edits lost, {unordered[0]} pairs out of order, {refused} refused"
    is_fine = is_alike and (broken, unordered[0], refused) == (0, 0, 0)
    return [Row("clock skew +-30 d, jumps", f"{edits} edits each", found, is_fine)]


def poisoned(server: HubServer, times: int) -> list[Row]:
    """Operations that are too large, forged, malformed or for another stream, among ones that are fine."""
    with desks(server) as made, server.admin(made.hub) as admin:
        admin.execute("UPDATE lampboard.hub_meta SET largest_payload = 4096")
        admin.execute("INSERT INTO lampboard.stream (id, name) VALUES (7, 'board')")
        sender = Sender(server, made.hub, "mallory", 71)
        bad: dict[str, dict[str, Any]] = {
            "too_large": {"payload": canonical_json({"x": "y" * 5000})},
            "kind_unknown": {"kind": "ticket.eaten"},
            "no_right": {"stream": "board"},
            "malformed": {"payload": b"[1]"},
            "schema_newer": {"schema_v": 99},
        }
        wanted: dict[int, str] = {}
        for number in range(times):
            reason = sorted(bad)[number % len(bad)]
            fine, poison = sender.operation(), sender.operation(**bad[reason])
            sender.push(fine, poison, sender.operation(author=made.anna.person))
            wanted[poison.n] = reason
        forged = admin.execute(
            "SELECT count(*) FROM lampboard.op o JOIN lampboard.console c ON c.id = o.console"
            " JOIN lampboard.login l ON l.role_name = c.role_name WHERE o.author <> l.person"
        ).fetchone()
        foreign = 0
        try:
            foreign = len(sender.session.pull(sender.welcome.epoch, "board", BEGINNING))
        except HubError as error:
            if error.code != "hub.no_right":
                raise
        sender.session.close()
        is_right = hub_refused(server, made.hub) == wanted
        is_alike = made.are_alike()
    assert forged is not None
    found = f"{len(wanted)} refused, {forged[0]} forged, {foreign} foreign rows read; the rest arrived"
    is_fine = is_right and is_alike and (forged[0], foreign) == (0, 0)
    return [Row("poison, oversize, forged, foreign stream", f"{times} of each third", found, is_fine)]


def parents_and_children(server: HubServer, times: int) -> list[Row]:
    """One archives a company while the other gives it a site or a ticket."""
    with desks(server) as made:
        chance, wedged = random.Random(11), 0
        for number in range(times):
            company = made.anna.act(AddRecord("company", {"name": f"Firm {number}", "kind": "customer"}))
            made.sync(made.anna, made.boris)
            made.anna.act(ArchiveRecord("company", company))
            made.boris.act(AddRecord("site", {"company": company.hex(), "name": f"Hall {number}"}))
            with suppress(DomainError):
                made.boris.act(SetPriority(made.ticket, chance.randint(1, 4)))
            for seat in chance.sample(_both(made), 2):
                try:
                    made.sync(seat)
                except HubError:
                    wedged += 1
        is_alike = made.are_alike()
        sites = made.anna.value("SELECT count(*) FROM site WHERE name LIKE 'Hall %'")
        aside = made.anna.value("SELECT count(*) FROM quarantine")
    found = f"{wedged} rounds aborted, {sites}/{times} children kept, {aside} set aside"
    is_fine = is_alike and (wedged, sites, aside) == (0, times, 0)
    return [Row("parent archived against child added", f"{times} times", found, is_fine)]
