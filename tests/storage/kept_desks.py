"""Desks with everything on them that a desk can have, and how they are exported and put back."""

from __future__ import annotations

import gzip
import hashlib
import json
import random
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from core.commands import AddAttachment, AssignTicket, MergeRecords, PostEntry, SetPriority, SettleConflict, Undo
from core.ids import EntityId
from storage.attachments import take_in
from storage.desk import OpenDesk
from storage.drafts import keep_draft, remember
from storage.importers.run import run_import
from storage.safekeeping.export_lines import export_lines
from storage.safekeeping.restore import Restored, restore
from tests.storage.fixtures.import_desk import SMALL_SERVICE_DESK
from tests.storage.hub_story import Console, opened, settle
from tests.support.fixed import NOON, FixedClock, ids_from
from tests.support.worlds import copy_of, world

STRANGE = "Zakłady Łąki \x1b[31m \x85 \u202e ช่างซ่อม 'quoted' \"twice\" \\ \n=1+1 \U0001f527"

PHOTO = random.Random(6).randbytes(900_000)
"""More than goes into one line."""


def exported(path: Path) -> bytes:
    """The desk as lines."""
    parts: list[bytes] = []
    export_lines(path, parts.append)
    return b"".join(parts)


def put_back(path: Path, file: Path, *, is_sure: bool = False) -> Restored:
    """The desk from a file."""
    return restore(path, file, FixedClock(NOON + 3_600_000), is_sure=is_sure)


def sealed(lines: list[bytes], missing: int = 0) -> bytes:
    """Lines with a last one that fits, as somebody writes it who wants them to be taken."""
    whole = b"".join(lines)
    files = len({line[9:73] for line in lines if line.startswith(b'{"file":')})
    end = {"lines": len(lines), "sha256": hashlib.sha256(whole).hexdigest(), "files": files, "missing": missing}
    return whole + json.dumps({"end": end}, separators=(",", ":")).encode() + b"\n"


def busy_demo(folder: Path) -> Path:
    """A made-up firm where somebody works, with another desk's log beside it."""
    path = copy_of(world(300), folder)
    clock = FixedClock(NOON + 60_000)
    desk = OpenDesk(path, clock, ids_from(5, clock), has_mail_command=True)
    with closing(sqlite3.connect(path)) as seen:
        (person,) = seen.execute("SELECT person FROM store").fetchone()
        tickets = [EntityId(row[0]) for row in seen.execute("SELECT id FROM ticket WHERE queue_rank < 4 LIMIT 5")]
        companies = [EntityId(row[0]) for row in seen.execute("SELECT id FROM company LIMIT 2")]
    me = EntityId(person)
    for ticket in tickets:
        desk.submit(PostEntry(ticket, "note", STRANGE), me).result(10)
    desk.submit(PostEntry(tickets[0], "message", "We are on our way."), me).result(10)
    desk.submit(AssignTicket(tickets[1], me, None), me)
    desk.submit(MergeRecords("company", companies[0], companies[1]), me)
    desk.submit(PostEntry(tickets[2], "note", "a slip"), me).result(10)
    desk.submit(Undo(), me).result(10)
    (folder / "photo.bin").write_bytes(PHOTO)
    taken = take_in(path, folder / "photo.bin")
    desk.submit(AddAttachment(tickets[3], "photo.bin", taken.size, taken.media_type, taken.digest), me).result(10)
    desk.write(lambda connection: keep_draft(connection, me, "reply", tickets[3], STRANGE, NOON // 1000)).result(10)
    desk.write(lambda connection: remember(connection, "place", '{"view": "mine"}')).result(10)
    desk.close()
    author, new_id = me, ids_from(6, clock)
    run_import(path, "service-desk-log", SMALL_SERVICE_DESK, author=author, clock=clock, new_id=new_id)
    return path


def joined_desk(two: tuple[Console, Console]) -> Path:
    """Anna's desk on a hub, with conflicts that were settled and one that is open, and work that was not sent."""
    anna, boris = two
    tickets = [opened(anna, f"Ticket {number}") for number in range(3)]
    settle(anna, boris)
    for ticket in tickets:
        anna.act(SetPriority(ticket, 1))
        boris.act(SetPriority(ticket, 2))
    settle(anna, boris)
    with anna.look() as seen:
        rows = seen.execute("SELECT id FROM conflict WHERE is_open = 1 ORDER BY id").fetchall()
    assert len(rows) == 3
    for (conflict,) in rows[:-1]:
        anna.act(SettleConflict(EntityId(conflict), takes_other=True))
    settle(anna, boris)
    anna.act(PostEntry(tickets[0], "note", STRANGE))
    opened(anna, "Not sent yet")
    anna.desk.close()
    return anna.path


def rewritten(whole: bytes, change: Callable[[list[bytes]], object]) -> bytes:
    """The same lines but for a change, with a last one that fits."""
    lines = whole.splitlines(keepends=True)[:-1]
    change(lines)
    return sealed(lines)


def zipped(whole: bytes) -> bytes:
    """Gzipped."""
    return gzip.compress(whole, 1)


def line_of(table: str, lines: list[bytes]) -> int:
    """Where the first row of a table stands, from 0."""
    return next(place for place, line in enumerate(lines) if line.startswith(f'{{"table":"{table}",'.encode()))


def with_field(lines: list[bytes], table: str, field: str, value: Any) -> int:
    """Give the first row of a table another value; answers the number of its line, from 1."""
    place = line_of(table, lines)
    row = json.loads(lines[place])
    row[field] = value
    lines[place] = json.dumps(row, separators=(",", ":"), ensure_ascii=True).encode() + b"\n"
    return place + 1
